"""Models by declaration: models.toml, one table a model."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast, get_args

import tomlkit
from PIL import Image
from tomlkit.exceptions import TOMLKitError

from saliency_core.checks import show
from saliency_core.errors import ModelError, SaliencyError
from saliency_core.models.architectures import Architecture, find_architecture
from saliency_core.models.checkpoint import open_checkpoint
from saliency_core.models.class_names import order_class_names, read_class_names
from saliency_core.models.fitting import Fill, fill_from_checkpoint, fill_published
from saliency_core.models.model import BrokenModel, Model, Output
from saliency_core.models.weights import File, Hub
from saliency_core.photos.frame import CROP_MODES, Channels, Preset

HUB = "hub"
"""The checkpoint of an architecture whose authors publish one."""
KEYS = (
    "architecture",
    "checkpoint",
    "classes",
    "title",
    "about",
    "size",
    "resize",
    "crop_mode",
    "interpolation",
    "mean",
    "std",
    "channels",
    "output",
    "device",
    "options",
)
INTERPOLATIONS = tuple(each.name.lower() for each in Image.Resampling)
SIDES = 8, 4096
"""Sides of a frame, in pixels, that are taken for meant."""
_LARGEST = 200 * 1024
"""Bytes of a file of declarations, which take two seconds to read."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

Declaration = Mapping[str, Any]
Declared = dict[str, Model | BrokenModel]


def read_models(path: Path) -> Declared:
    """The models that a file declares, by their names.

    A table that cannot be used is a BrokenModel, and harms no other; so is the file itself, by its name, if it cannot
    be read. Relative paths are looked for in the file's folder. The file is read again once it has changed.
    """
    try:
        status = path.stat()
    except OSError:
        return {path.name: BrokenModel(path.name, f"There is no {path.name} where the models are declared.")}
    return dict(_read(path.resolve(), status.st_mtime_ns, status.st_size))


@lru_cache(maxsize=64)
def _read(path: Path, _changed: int, size: int) -> Declared:
    if size > _LARGEST:
        problem = f"{path.name} is larger than {_LARGEST // 1024} KB, which no list of models needs. Shorten it."
        return {path.name: BrokenModel(path.name, problem)}
    try:
        tables = tomlkit.parse(path.read_text(encoding="utf-8-sig")).unwrap()
    except (OSError, UnicodeDecodeError, TOMLKitError, RecursionError) as error:
        return {path.name: BrokenModel(path.name, f"{path.name} is no TOML: {error}. Mend it, or take it away.")}
    return {name: _read_table(name, table, path) for name, table in tables.items()}


def _read_table(name: str, table: object, path: Path) -> Model | BrokenModel:
    title = name
    try:
        if not isinstance(table, dict):
            raise ModelError(f"{name} stands outside of a table. Write it below a line such as [my-model].")
        if isinstance(table.get("title"), str):
            title = table["title"]
        if not _NAME.fullmatch(name):
            raise ModelError("A model's name has letters, digits, points and hyphens only. Say the rest in its title.")
        return declare(name, table, path.parent)
    except SaliencyError as error:
        return BrokenModel(title, f"{path.name}, [{name}]: {error}")


def declare(name: str, table: Declaration, folder: Path) -> Model:
    """The model that a declaration describes.

    name: what it is called where it gives no title; table: its keys, see KEYS; folder: what relative paths are looked
    for in.

    Raises ModelError, naming the key and what to write instead.
    """
    unknown = next((key for key in table if key not in KEYS), None)
    if unknown is not None:
        alike = get_close_matches(unknown, KEYS, n=1)
        hint = f"Did you mean {alike[0]}?" if alike else f"The keys are {', '.join(KEYS)}."
        raise ModelError(f"There is no key {show(unknown)}. {hint}")
    said = _text(table, "architecture")
    if said is None:
        raise ModelError("architecture is missing. Write torchvision:resnet18, for example.")
    architecture = find_architecture(said, folder)
    preset = _preset(table, architecture)
    options = table.get("options", {})
    if not isinstance(options, dict):
        raise ModelError("options must be a table, such as { dropout = 0.2 }.")
    title, checkpoint = _text(table, "title") or name, _text(table, "checkpoint")
    source, fill = _source(checkpoint, architecture, folder)
    categories = _categories(table, architecture, folder, source)
    return Model(
        title=title,
        about=_text(table, "about") or f"{architecture.title}, with weights of its own.",
        build=lambda: architecture.build(len(categories), options),
        preset=preset,
        source=source,
        categories=lambda: categories,
        fill=fill,
        output=_choice(table, "output", get_args(Output)) or "logits",
        device=_text(table, "device") or "auto",
        declared=json.dumps(table, default=str, sort_keys=True),
    )


def _source(checkpoint: str | None, architecture: Architecture, folder: Path) -> tuple[Hub | File, Fill]:
    if checkpoint == HUB:
        if architecture.published is None:
            raise ModelError("checkpoint = “hub” is for torchvision's networks. Name the file of weights instead.")
        return Hub(architecture.published[0]), fill_published
    if checkpoint is not None:
        path, fill = folder / checkpoint, cast("Fill", fill_from_checkpoint)
    elif architecture.weights is not None:
        path, fill = architecture.weights
    else:
        raise ModelError(
            "checkpoint is missing. Name the file of weights, or hub for those that torchvision publishes."
        )
    if not _is_file(path):
        raise ModelError(f"checkpoint: there is no file {show(checkpoint or path.name)}. Name one that is there.")
    return File(path), fill


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file can have, or a folder that may not be looked into
        return False


def _categories(table: Declaration, architecture: Architecture, folder: Path, source: Hub | File) -> tuple[str, ...]:
    said = table.get("classes")
    if isinstance(said, list):
        return order_class_names(said, "classes")
    if said is not None:
        return read_class_names(folder / (_text(table, "classes") or ""))
    if isinstance(source, Hub) and architecture.published is not None:
        return architecture.published[1]
    if architecture.categories is not None:
        return architecture.categories
    if isinstance(source, File) and (held := open_checkpoint(source.path).classes) is not None:
        return order_class_names(held, f"The list of classes in {source.path.name}")
    raise ModelError("classes is missing. Name a file with one class name a line, in the order of the training.")


def _preset(table: Declaration, architecture: Architecture) -> Preset:
    """How the input is wanted: as declared, else as it is known of the architecture."""
    known = architecture.preset
    if known is None:
        lacking = next((key for key in ("size", "mean", "std") if key not in table), None)
        if lacking is not None:
            raise ModelError(
                f"{lacking} is missing: a function says nothing of its input. Write what it was trained with, such as "
                "size = 224, mean = [0.485, 0.456, 0.406], std = [0.229, 0.224, 0.225]."
            )
        known = Preset(1, 1, Image.Resampling.BILINEAR, (0, 0, 0), (1, 1, 1))
    size = _side(table, "size") or known.crop
    resize = _side(table, "resize") or max(size, round(known.resize * size / known.crop))
    if resize < size:
        raise ModelError(f"resize = {resize} is smaller than size = {size}, which is cut out of it. Make it as large.")
    interpolation = _choice(table, "interpolation", INTERPOLATIONS)
    return replace(
        known,
        resize=resize,
        crop=size,
        resampling=Image.Resampling[interpolation.upper()] if interpolation else known.resampling,
        mean=_three(table, "mean", 0, 1) or known.mean,
        std=_three(table, "std", 1e-6, 10) or known.std,
        channels=_choice(table, "channels", get_args(Channels)) or known.channels,
        crop_mode=_choice(table, "crop_mode", CROP_MODES) or known.crop_mode,
    )


def _text(table: Declaration, key: str) -> str | None:
    value = table.get(key)
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise ModelError(f"{key} must be a text in quotation marks, not {show(value)}.")
    return value


def _choice(table: Declaration, key: str, choices: Sequence[str]) -> Any:  # noqa: ANN401
    value = table.get(key)
    if value is not None and value not in choices:
        raise ModelError(f"{key} must be one of {', '.join(choices)}, not {show(value)}.")
    return value


def _side(table: Declaration, key: Literal["size", "resize"]) -> int | None:
    value = table.get(key)
    least, most = SIDES
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most):
        raise ModelError(f"{key} must be a whole number of pixels from {least} to {most}, not {show(value)}.")
    return value


def _three(table: Declaration, key: str, least: float, most: float) -> tuple[float, float, float] | None:
    value = table.get(key)
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 3 or not all(_is_number(each) for each in value):
        raise ModelError(f"{key} must be three numbers, of red, green and blue, not {show(value)}.")
    if not all(least <= each <= most for each in value):
        raise ModelError(
            f"{key} = {show(value)} is not for pixels from 0 to 1. If it is for pixels from 0 to 255, divide it by 255."
        )
    red, green, blue = map(float, value)
    return red, green, blue


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
