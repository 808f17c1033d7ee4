"""What a declared model is built of: torchvision's networks, timm's, a transformers folder, or somebody's function.

Lazy: each of these libraries takes seconds to import, so only models that are built of one import it.
"""

import importlib
import inspect
import re
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from PIL import Image
from torch import nn

from saliency_core.checks import show
from saliency_core.errors import ModelError, WeightsError
from saliency_core.models.class_names import imagenet_categories, order_class_names
from saliency_core.models.fitting import Fill, Loading, tell_missing
from saliency_core.models.networks import LogitsAlone, innermost
from saliency_core.photos.frame import Preset
from saliency_core.plain import read_json

Options = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Architecture:
    """A network whose weights are yet to come.

    title: its name as people write it.
    build: makes the module for so many classes, with options of its own.
    preset: how it wants its input; None if that has to be declared.
    categories: the classes' names where they come with it, else None.
    weights: the file of weights that comes with it, and what puts it into the module; None if none does.
    published: the address of weights that its authors publish, and those weights' class names; None if there are none.
    """

    title: str
    build: Callable[[int, Options], nn.Module]
    preset: Preset | None = None
    categories: tuple[str, ...] | None = None
    weights: tuple[Path, Fill] | None = None
    published: tuple[str, tuple[str, ...]] | None = None


def find_architecture(name: str, folder: Path) -> Architecture:
    """The architecture that a declaration names.

    name: "torchvision:NAME", "timm:NAME", "transformers:FOLDER" or "your.module:function".
    folder: what relative paths, and modules, are looked for in.

    Raises ModelError, saying what to write instead, if there is none.
    """
    kind, _, rest = name.partition(":")
    if not rest:
        raise ModelError(
            f"{show(name)} names no architecture. Write torchvision:resnet18, timm:NAME, transformers:FOLDER or "
            "your.module:function."
        )
    if kind == "torchvision":
        return _of_torchvision(rest)
    if kind == "timm":
        return _of_timm(rest)
    if kind == "transformers":
        return _of_transformers(folder / rest)
    return _of_function(kind, rest, folder)


@cache
def torchvision_names() -> tuple[str, ...]:
    """The names of torchvision's classifiers."""
    from saliency_core.models.vision import torchvision

    return tuple(torchvision.models.list_models(module=torchvision.models))


@cache
def timm_names() -> tuple[str, ...]:
    """The names of timm's classifiers; none if timm is not installed."""
    return tuple(_import_extra("timm").list_models()) if find_spec("timm") else ()


def _of_torchvision(name: str) -> Architecture:
    from saliency_core.models.vision import torchvision

    if name not in torchvision_names():
        raise ModelError(_tell_unknown(name, "torchvision", torchvision_names()))

    def build(classes: int, options: Options) -> nn.Module:
        # These two would draw their weights by a slow way, and warn of it, unless told not to.
        drawn = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
        module: nn.Module = torchvision.models.get_model(
            name, weights=None, num_classes=classes, **{**drawn, **options}
        )
        return module

    weights = torchvision.models.get_model_weights(name).DEFAULT
    transforms = weights.transforms()
    preset = Preset(
        resize=transforms.resize_size[0],
        crop=transforms.crop_size[0],
        resampling=Image.Resampling[transforms.interpolation.name],
        mean=tuple(transforms.mean),
        std=tuple(transforms.std),
    )
    return Architecture(name, build, preset, published=(weights.url, tuple(weights.meta["categories"])))


def _of_timm(name: str) -> Architecture:
    timm = _import_extra("timm")
    try:
        found = timm.get_pretrained_cfg(name, allow_unregistered=True) if timm.is_model(name) else None
    except RuntimeError as error:  # a tag, which names weights, that the network does not have
        raise ModelError(f"{error} Leave out the tag, or name one that timm.list_pretrained() names.") from error
    if found is None:
        raise ModelError(_tell_unknown(name, "timm", timm_names()))

    def build(classes: int, options: Options) -> nn.Module:
        module: nn.Module = timm.create_model(name, pretrained=False, num_classes=classes, **options)
        return module

    settings = timm.data.resolve_data_config(pretrained_cfg=found.to_dict())
    side = settings["input_size"][-1]
    preset = Preset(
        resize=int(side / settings["crop_pct"]),
        crop=side,
        resampling=Image.Resampling[settings["interpolation"].upper()],
        mean=tuple(settings["mean"]),
        std=tuple(settings["std"]),
        crop_mode=settings["crop_mode"],
    )
    # Only a tag says which weights these are, and so which classes.
    tagged = "." in name and timm.data.infer_imagenet_subset(found) == "imagenet-1k"
    return Architecture(name, build, preset, imagenet_categories() if tagged else None)


def _of_transformers(folder: Path) -> Architecture:
    config = _read_json(folder / "config.json")
    if "auto_map" in config:
        raise ModelError(
            f"{folder.name} brings Python code of its own, which is not run. Name a function of yours that builds the "
            "network instead: your.module:function."
        )
    weights = folder / "model.safetensors"
    if not weights.exists():
        raise ModelError(
            f"{folder.name} has no model.safetensors. Save the model into one file: "
            'model.save_pretrained(FOLDER, max_shard_size="100GB")'
        )
    transformers = _import_extra("transformers")
    transformers.utils.logging.disable_progress_bar()  # else each loading draws one into the server's log
    known = {"local_files_only": True, "trust_remote_code": False}

    def build(classes: int, options: Options) -> nn.Module:
        settings = transformers.AutoConfig.from_pretrained(folder, **known, num_labels=classes, **options)
        return LogitsAlone(transformers.AutoModelForImageClassification.from_config(settings, trust_remote_code=False))

    def fill(module: nn.Module, path: Path, title: str) -> Loading:
        # The library itself: its newer releases call weights otherwise than the files that older ones have saved.
        try:
            loaded, found = transformers.AutoModelForImageClassification.from_pretrained(
                path.parent, **known, use_safetensors=True, output_loading_info=True
            )
            innermost(module).load_state_dict(loaded.state_dict())
        except Exception as error:  # whatever the library makes of a damaged file
            raise WeightsError(
                f"{path.parent.name}/{path.name} does not fit {title}. Save the model there again, and give one class "
                "name for each of its classes."
            ) from error
        if missing := sorted(found["missing_keys"]):
            raise WeightsError(tell_missing(path.name, title, missing, len(loaded.state_dict())))
        return Loading("", "", len(loaded.state_dict()), unexpected=tuple(sorted(found["unexpected_keys"])))

    names = config.get("id2label")
    categories = None if names is None else order_class_names(names, f"id2label in {folder.name}/config.json")
    try:
        preset = _transformers_preset(folder, config)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{show(folder.name)} has input settings that cannot be used. Save it again, with its image processor."
        ) from error
    return Architecture(folder.name, build, preset, categories, (weights, fill))


def _transformers_preset(folder: Path, config: Mapping[str, Any]) -> Preset:
    """The input settings in a folder's preprocessor_config.json, as the library's own processors read them."""
    said = _read_json(folder / "preprocessor_config.json")
    resized, cropped = _side(said.get("size")), _side(said.get("crop_size"))
    crops = bool(said.get("do_center_crop", False)) and cropped is not None
    crop = (cropped if crops else resized) or config.get("image_size") or 224
    resize = resized or crop
    if "crop_pct" in said and resize < 384:  # as ConvNeXT's processor does it
        crops, crop, resize = True, resize, int(resize / said["crop_pct"])
    scale = float(said.get("rescale_factor", 1 / 255)) * 255 if said.get("do_rescale", True) else 255.0
    plain = ((0.0,) * 3, (1.0,) * 3)
    mean, std = (said.get("image_mean"), said.get("image_std")) if said.get("do_normalize", True) else plain
    return Preset(
        resize=resize,
        crop=crop,
        resampling=Image.Resampling(said.get("resample", Image.Resampling.BILINEAR)),
        mean=_three(mean or (0.5,) * 3, scale),
        std=_three(std or (0.5,) * 3, scale),
        crop_mode="center" if crops else "squash",
    )


def _side(size: object) -> int | None:
    if isinstance(size, Mapping):
        return next((int(size[key]) for key in ("shortest_edge", "height") if key in size), None)
    return int(size) if isinstance(size, int) else None


def _three(values: Sequence[float], scale: float) -> tuple[float, float, float]:
    """Three numbers for pixels scaled to [0, 1], of three for pixels scaled to [0, scale]."""
    red, green, blue = (float(value) / scale for value in values)
    return red, green, blue


def _of_function(module: str, function: str, folder: Path) -> Architecture:
    """The function that the owner of the declaration has written, and that may therefore run."""

    def build(classes: int, options: Options) -> nn.Module:
        make = _import_function(module, function, folder)
        asked = {"num_classes": classes} if "num_classes" in inspect.signature(make).parameters else {}
        built = make(**asked, **options)
        if not isinstance(built, nn.Module):
            raise ModelError(f"{module}:{function} gives a {type(built).__name__}. Let it return a torch.nn.Module.")
        return built

    return Architecture(f"{module}:{function}", build)


def _import_function(module: str, function: str, folder: Path) -> Callable[..., object]:
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    try:
        found: Callable[..., object] = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, SyntaxError) as error:
        raise ModelError(
            f"There is no {module}:{function} ({error}). Put the module beside the declaration, or install it."
        ) from error
    if not callable(found):
        raise ModelError(f"{module}:{function} is no function. Name one that returns a torch.nn.Module.")
    return found


def _import_extra(name: str) -> Any:  # noqa: ANN401
    if find_spec(name) is None:
        raise ModelError(f"{name} is not installed. Install it: pip install {name}")
    import saliency_core.models.vision  # noqa: F401  (imports torchvision, which they need, wherever that can be done)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of deprecations inside these libraries
        return importlib.import_module(name)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        text = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise ModelError(
            f"{show(path.parent.name)} has no {path.name}. Name a folder that save_pretrained() of model and image "
            "processor has written."
        ) from error
    try:
        found = read_json(text)
    except ValueError as error:
        raise ModelError(f"{path.parent.name}/{path.name} is no JSON. Save it again.") from error
    if not isinstance(found, dict):
        raise ModelError(f"{path.parent.name}/{path.name} holds no settings. Save it again.")
    return found


def _tell_unknown(name: str, library: str, names: Sequence[str]) -> str:
    from difflib import get_close_matches

    alike = get_close_matches(re.sub(r"[^a-z0-9]+", "_", name.lower()), names, n=2, cutoff=0.5)
    hint = f" Did you mean {' or '.join(alike)}?" if alike else ""
    return f"{library} has no classifier called {show(name)}.{hint}"
