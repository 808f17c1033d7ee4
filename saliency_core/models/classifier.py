"""A loaded model, and what it says of frames."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from saliency_core.engine.engine import Engine
from saliency_core.errors import ModelError, RequestError, SaliencyError, WeightsError
from saliency_core.models.fitting import Loading
from saliency_core.models.model import Model, Output
from saliency_core.models.networks import LogOfProbabilities
from saliency_core.models.prediction import Prediction, make_prediction
from saliency_core.models.registry import MODELS, find_model
from saliency_core.models.weights import Progress, Weights
from saliency_core.photos.frame import Frame, Preset, require_frame


@dataclass(frozen=True, slots=True, eq=False)
class Classifier:
    """A loaded model, shared by all who ask it: nothing may change its state.

    It pickles: one of MODELS by its name and its weights' digest, any other with its module.

    module: f32 [n, 3, side, side] normalised -> f32 [n, classes] logits; the stock module, in eval mode, on the CPU.
    preset: how it wants its input.
    categories: the classes' names, in the order of the logits.
    weights: where its weights came from.
    device: where it is run, see choose_device().
    output: what the network itself gives; of probabilities, the module gives the logarithm, so that softmax gives them
        back.
    loading: how the weights fitted the module; None if it was made otherwise.
    plain: whether the engine runs the module as it is, which saves the time that making it faster takes.
    engine: runs a copy of the module on the device.
    """

    name: str
    title: str
    module: nn.Module = field(repr=False)
    preset: Preset
    categories: Sequence[str] = field(repr=False)
    weights: Weights
    device: str = "auto"
    output: Output = "logits"
    loading: Loading | None = None
    plain: bool = False
    engine: Engine = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "engine", Engine(self.module, self.preset, self.device, self.plain))

    def __reduce__(self) -> tuple[Any, ...]:
        if self.name in MODELS:
            return _load_again, (self.name, self.weights, self.device)
        settings = self.name, self.title, self.module, self.preset, self.categories, self.weights, self.device
        return Classifier, (*settings, self.output, self.loading, self.plain)

    def __deepcopy__(self, memo: dict[int, Any]) -> "Classifier":
        return replace(self, module=copy.deepcopy(self.module, memo))


def load_classifier(name: str = "resnet50", progress: Progress | None = None, device: str = "auto") -> Classifier:
    """Load a built-in or declared model, its weights verified.

    ResNet50's weights come from torch's hub cache, else from its hub (98 MB; `progress` is called
    with the share done); EfficientNet-Lite0's from an installed package; a declared model's from its own file.

    device: "auto", "cpu", "cuda", "cuda:1", "mps"; see choose_device(). With "auto", a declaration's own counts.

    Raises RequestError for an unknown name or a device that is not there, ModelError where the declaration cannot be
    used, WeightsUnreachableError where weights must be downloaded and cannot be, WeightsError where they are damaged
    or belong to another model.
    """
    return load_model(name, find_model(name), progress, device)


def load_model(name: str, model: Model, progress: Progress | None = None, device: str = "auto") -> Classifier:
    """Load a model, whether or not it is among those that can be chosen by name. Raises what load_classifier() does."""
    path, weights = model.source.fetch(progress)
    categories = model.categories()
    with torch.inference_mode(mode=False):
        module = _build(model)
        loading = model.fill(module, path, model.title)
        if model.output == "probabilities":
            module = LogOfProbabilities(module)
        if model.declared:  # of the others it is known
            _check_answer(module, model, len(categories))
    device = model.device if device == "auto" else device
    return Classifier(name, model.title, module, model.preset, categories, weights, device, model.output, loading)


def _build(model: Model) -> nn.Module:
    """The module without weights, in eval mode, single precision whatever torch's default is.

    Raises ModelError if it cannot be built.
    """
    try:
        module = model.build()
    except SaliencyError:
        raise
    except Exception as error:  # somebody's own code, or options that a library does not take
        raise ModelError(
            f"{model.title} cannot be built: {_first_line(error)} Check its architecture and options."
        ) from error
    return module.to(torch.float32).eval().requires_grad_(False)


def _check_answer(module: nn.Module, model: Model, classes: int) -> None:
    """Raise ModelError unless the module takes a frame and gives one score a class."""
    side = model.preset.crop
    try:
        with torch.no_grad():
            answer = module(torch.zeros(1, 3, side, side))
    except Exception as error:  # whatever the network is made of
        raise ModelError(
            f"{model.title} cannot take a frame of {side} x {side} pixels: {_first_line(error)} Check size, or give "
            "the architecture its size in options, such as { image_size = 64 }."
        ) from error
    if not torch.is_tensor(answer):
        raise ModelError(
            f"{model.title} answers with a {type(answer).__name__} instead of a tensor. Name a function as its "
            "architecture whose module returns the logits alone."
        )
    if answer.shape != (1, classes):
        raise ModelError(
            f"{model.title} answers with {list(answer.shape)} for one frame, where {classes} class names want "
            f"[1, {classes}]. Check classes and the architecture."
        )


def _first_line(error: Exception) -> str:
    line = next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(".")
    return f"{line[:200]}."


def _load_again(name: str, weights: Weights, device: str) -> Classifier:
    """A pickled classifier, by its name.

    Raises WeightsError if the weights found here are others.
    """
    classifier = load_classifier(name, device=device)
    if classifier.weights.sha256 != weights.sha256:
        raise WeightsError(
            f"The weights of {classifier.title} on this machine are not those that the classifier was saved with. "
            f"Put the file from {weights.origin} in their place."
        )
    return classifier


def classify(classifier: Classifier, frame: Frame) -> Prediction:
    """What the classifier says of a frame.

    Raises RequestError if it is no frame of the classifier's size.
    """
    return classify_all(classifier, [frame])[0]


def classify_all(classifier: Classifier, frames: Sequence[Frame]) -> tuple[Prediction, ...]:
    """What the classifier says of frames, in one batch.

    Raises RequestError if one is no frame of the classifier's size.
    """
    for frame in frames:
        check_frame(classifier, frame)
    if not frames:
        return ()
    logits = classifier.engine.logits(np.stack([frame.pixels for frame in frames]))
    return tuple(make_prediction(row, classifier.categories) for row in logits)


def check_frame(classifier: Classifier, frame: Frame) -> None:
    """Raise RequestError unless `frame` is a Frame of the classifier's size."""
    if not isinstance(classifier, Classifier):
        raise RequestError(f"This needs a Classifier, not a {type(classifier).__name__}; load_classifier() loads one.")
    require_frame(frame)
    if frame.side != classifier.preset.crop:
        raise RequestError(
            f"{classifier.title} looks at frames of {classifier.preset.crop} x {classifier.preset.crop} pixels, "
            f"not {frame.side} x {frame.side}; frame_photo() makes one of a photo."
        )
