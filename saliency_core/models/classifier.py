"""A loaded model, and what it says of frames."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from saliency_core.checks import one_of
from saliency_core.engine.engine import Engine
from saliency_core.errors import RequestError, WeightsError
from saliency_core.models.prediction import Prediction, make_prediction
from saliency_core.models.registry import MODELS, Model
from saliency_core.models.weights import Progress, Weights, read_state
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
    engine: runs a copy of the module on the device.
    """

    name: str
    title: str
    module: nn.Module = field(repr=False)
    preset: Preset
    categories: Sequence[str] = field(repr=False)
    weights: Weights
    device: str = "auto"
    engine: Engine = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "engine", Engine(self.module, self.preset, self.device))

    def __reduce__(self) -> tuple[Any, ...]:
        if self.name in MODELS:
            return _load_again, (self.name, self.weights, self.device)
        settings = self.name, self.title, self.module, self.preset, self.categories, self.weights, self.device
        return Classifier, settings

    def __deepcopy__(self, memo: dict[int, Any]) -> "Classifier":
        return replace(self, module=copy.deepcopy(self.module, memo))


def load_classifier(name: str = "resnet50", progress: Progress | None = None, device: str = "auto") -> Classifier:
    """Load one of MODELS, its weights verified.

    ResNet50's weights come from torch's hub cache, else from its hub (98 MB; `progress` is called
    with the share done); EfficientNet-Lite0's from an installed package.

    device: "auto", "cpu", "cuda", "cuda:1", "mps"; see choose_device().

    Raises RequestError for an unknown name or a device that is not there, WeightsUnreachableError where weights
    must be downloaded and cannot be, WeightsError where they are damaged or belong to another model.
    """
    name = one_of(name, "model", MODELS)
    model = MODELS[name]
    path, weights = model.source.fetch(progress)
    with torch.inference_mode(mode=False):
        module = _build(model)
        try:
            module.load_state_dict(read_state(path))
        except (RuntimeError, TypeError, AttributeError) as error:
            raise WeightsError(
                f"The weights file {path} does not fit {model.title}. "
                "Replace it with the file that the model's authors publish."
            ) from error
    return Classifier(name, model.title, module, model.preset, model.categories(), weights, device)


def _build(model: Model) -> nn.Module:
    """The module without weights, in eval mode, single precision whatever torch's default is."""
    return model.build().to(torch.float32).eval().requires_grad_(False)


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
