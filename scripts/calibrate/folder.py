"""A folder of photos, and the boxes that people drew on them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from saliency_core.errors import PhotoError, RequestError
from saliency_core.masking.placements import Edges
from saliency_core.photos.formats import SUFFIXES
from saliency_core.photos.photo import decode_photo

ANNOTATIONS = ("annotations", "Annotations")


@dataclass(frozen=True, slots=True)
class Boxes:
    """Rectangles on a photo that are hidden together, and what they are called."""

    what: str
    edges: tuple[Edges, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A photo's file, its name within the folder, and each thing on it that is boxed."""

    path: Path
    name: str
    things: tuple[Boxes, ...] = ()


def read_folder(folder: Path) -> tuple[Entry, ...]:
    """A folder's photos in the order of their names, those in folders within it too.

    Boxes come from a manifest.json in the folder (of its boxes those that are objects, each on its own), or
    else from Pascal VOC files, all objects of a photo together.

    Raises RequestError where there is no such folder, or no photo in it, or boxes cannot be read.
    """
    if not folder.is_dir():
        raise RequestError(f"There is no folder {folder}; name one that has photos in it.")
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not files:
        raise RequestError(f"There is no photo in {folder}; photos are files that end in {', '.join(SUFFIXES)}.")
    manifest = folder / "manifest.json"
    listed = read_manifest(manifest) if manifest.is_file() else {}
    return tuple(
        Entry(path, name, listed[name] if name in listed else _find_voc(path, folder))
        for path in files
        for name in (path.relative_to(folder).as_posix(),)
    )


def read_manifest(manifest: Path) -> dict[str, tuple[Boxes, ...]]:
    """The boxes of a manifest that are objects, by file: {"photos": [{"file": "a.jpg", "boxes": [{"what": "cup",
    "is": "object", "box": [left, top, right, bottom]}]}]}, edges as shares.

    Raises RequestError for anything else.
    """
    try:
        read = json.loads(manifest.read_text(encoding="utf-8"))
        entries: list[dict[str, Any]] = read["photos"] if isinstance(read, dict) else read
        return {
            str(entry["file"]): tuple(
                Boxes(str(box["what"]), (_as_edges(box["box"]),))
                for box in entry.get("boxes", ())
                if box["is"] == "object"
            )
            for entry in entries
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RequestError(
            f"{manifest} is no manifest of photos with boxes: each photo needs file and boxes, "
            "each box what, is and box (four shares)."
        ) from error


def read_voc(file: Path) -> tuple[Boxes, ...]:
    """All objects of a Pascal VOC file together; its pixels are counted from 1.

    Raises RequestError for anything else.
    """
    try:
        root = ElementTree.parse(file).getroot()
        width, height = (_number(root, f"size/{side}") for side in ("width", "height"))
        found = root.findall("object/bndbox")
        edges = tuple(
            _as_edges(
                (
                    (_number(box, "xmin") - 1) / width,
                    (_number(box, "ymin") - 1) / height,
                    _number(box, "xmax") / width,
                    _number(box, "ymax") / height,
                )
            )
            for box in found
        )
    except (ElementTree.ParseError, TypeError, ValueError, ZeroDivisionError) as error:
        raise RequestError(f"{file} is no Pascal VOC file: it needs size, and object/bndbox with edges.") from error
    names = sorted({name.text or "object" for name in root.findall("object/name")})
    return (Boxes(", ".join(names) or "object", edges),) if edges else ()


def sample(entries: Sequence[Entry], count: int | None, seed: int) -> tuple[Entry, ...]:
    """`count` entries at random, or all; a smaller sample of the same seed is the beginning of a larger one."""
    order = np.random.default_rng(seed).permutation(len(entries))
    return tuple(entries[index] for index in order[:count])


def leave_out(entries: Iterable[Entry], names: Iterable[str]) -> tuple[Entry, ...]:
    """The entries whose files are not called by one of the names, with or without their folders."""
    unwanted = set(names)
    return tuple(entry for entry in entries if not {entry.name, entry.path.name} & unwanted)


def leave_unreadable(entries: Iterable[Entry]) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """The entries whose photos can be decoded, and of each other one a sentence that says why not."""
    readable, problems = [], []
    for entry in entries:
        try:
            decode_photo(entry.path.read_bytes())
        except PhotoError as error:
            problems.append(f"{entry.name} is left out. {error}")
        else:
            readable.append(entry)
    return tuple(readable), tuple(problems)


def _find_voc(path: Path, folder: Path) -> tuple[Boxes, ...]:
    places = (path.parent, path.parent.parent, folder)
    files = [place / kind / f"{path.stem}.xml" for place in places for kind in ANNOTATIONS]
    return next((read_voc(file) for file in files if file.is_file()), ())


def _as_edges(values: Sequence[float]) -> Edges:
    left, top, right, bottom = (min(1.0, max(0.0, float(value))) for value in values)
    if left >= right or top >= bottom:
        raise ValueError(f"a box without area: {values}")
    return left, top, right, bottom


def _number(element: ElementTree.Element, path: str) -> float:
    return float(element.findtext(path) or "")
