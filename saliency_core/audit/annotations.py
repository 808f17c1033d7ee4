"""Boxes of a whole folder, in whichever of four formats they were saved."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from saliency_core.audit import coco, table, voc, yolo
from saliency_core.audit.boxes import Box, Drawn, LeftOut, place_boxes, read_header
from saliency_core.audit.listing import Listing, list_folder
from saliency_core.checks import one_of
from saliency_core.errors import PhotoError, RequestError
from saliency_core.text import join_words

Kind = Literal["voc", "coco", "yolo", "csv"]


@dataclass(frozen=True, slots=True)
class _Format:
    title: str
    find_files: Callable[[Listing], tuple[str, ...]]
    read_files: Callable[[Listing, Sequence[str]], Iterator[Drawn | LeftOut]]


_FORMATS: Mapping[Kind, _Format] = {
    "voc": _Format("Pascal VOC", voc.find_files, voc.read_files),
    "coco": _Format("COCO", coco.find_files, coco.read_files),
    "yolo": _Format("YOLO", yolo.find_files, yolo.read_files),
    "csv": _Format("CSV", table.find_files, table.read_files),
}
KINDS = ("auto", *_FORMATS)


@dataclass(frozen=True, slots=True, eq=False)
class Annotations:
    """A folder's boxes.

    boxes: by the photo's name; of photos that have any.
    files: what they were read from.
    unreadable: photos with boxes that cannot be opened.
    left_out: files, photos' boxes and single boxes that are not used.
    """

    boxes: Mapping[str, tuple[Box, ...]]
    files: frozenset[str] = frozenset()
    unreadable: frozenset[str] = frozenset()
    left_out: tuple[LeftOut, ...] = ()


def detect(folder: Path | Listing, boxes: str = "auto") -> tuple[Kind, tuple[str, ...]] | None:
    """The format of a folder's boxes, and the files that have them; None where there are none.

    boxes: the format to read; "auto" for the one that is there.

    Raises RequestError where there are several and none was chosen, and where the chosen one is not there.
    """
    one_of(boxes, "format of boxes", KINDS)
    listing = folder if isinstance(folder, Listing) else list_folder(folder)
    asked = [kind for kind in _FORMATS if boxes in ("auto", kind)]
    there = {kind: files for kind in asked if (files := _FORMATS[kind].find_files(listing))}
    if len(there) > 1:
        titles = join_words([_FORMATS[kind].title for kind in there])
        raise RequestError(f"{listing.folder} has boxes in several formats: {titles}. Choose one: {', '.join(there)}.")
    if not there and boxes != "auto":
        title = _FORMATS[cast("Kind", boxes)].title
        raise RequestError(f"{listing.folder} has no {title} boxes. Choose auto to read those that are there.")
    return next(iter(there.items()), None)


def read_annotations(listing: Listing, boxes: str = "auto") -> Annotations:
    """The boxes of a folder's photos, on the upright photo and clipped to it; opens the photos that have boxes.

    Raises RequestError where detect() does, and where YOLO's classes are named twice.
    """
    found = detect(listing, boxes)
    if found is None:
        return Annotations({})
    kind, files = found
    drawn: dict[str, list[Drawn]] = defaultdict(list)
    left_out: list[LeftOut] = []
    for each in _FORMATS[kind].read_files(listing, files):
        if isinstance(each, LeftOut):
            left_out.append(each)
        else:
            drawn[each.photo].append(each)
    placed: dict[str, tuple[Box, ...]] = {}
    unreadable: set[str] = set()
    for name, its in drawn.items():
        try:
            header = read_header(listing.folder / name)
        except PhotoError as error:
            unreadable.add(name)
            left_out.append(LeftOut(name, str(error)))
            continue
        on_photo, reasons = place_boxes(its, header)
        if on_photo:
            placed[name] = on_photo
        left_out.extend(LeftOut(name, reason) for reason in reasons)
    return Annotations(placed, frozenset(files), frozenset(unreadable), tuple(dict.fromkeys(left_out)))
