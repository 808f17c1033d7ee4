"""What each photo of a folder is a photo of, by its folder, a table, its name, or its boxes."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from saliency_core.audit.boxes import Box, LeftOut
from saliency_core.audit.listing import HOLDERS, Listing, miss
from saliency_core.audit.reading import find_column, read_table
from saliency_core.audit.table import ENDINGS, FILE, LABEL
from saliency_core.errors import RequestError
from saliency_core.photos.formats import SUFFIXES
from saliency_core.text import cut

_SPLIT = re.compile(r"(dev|eval|holdout|test|testing|train|training|val|valid|validation)[-_ ]?[0-9]*", re.IGNORECASE)
_INDEX = re.compile(r"[0-9]{1,6}(?![0-9])")


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Labels by the photo's name; of photos that have one.

    file: the name of the table they are from, if it lies in the folder.
    left_out: photos without one, of which a table or a name should have said it; rows without a photo.
    """

    found: Mapping[str, str]
    file: str | None = None
    left_out: tuple[LeftOut, ...] = ()


def find_labels(listing: Listing, labels: Path | str | None, boxes: Mapping[str, tuple[Box, ...]]) -> Labels:
    """Labels as read_folder() is told to find them.

    Raises RequestError for a table that is not there or is none.
    """
    if labels == "index":
        found = {name: index for name in listing.photos if (index := _read_index(name))}
        missing = (name for name in listing.photos if name not in found)
        return Labels(found, None, tuple(LeftOut(name, "Its name does not begin with an index.") for name in missing))
    if labels == "boxes":
        alone = {name: {box.what for box in its} for name, its in boxes.items()}
        return Labels({name: min(whats) for name, whats in alone.items() if len(whats) == 1})
    if labels is not None:
        return _read_labels(listing, _locate(listing, labels))
    if by_folder := _name_by_folder(listing.photos):
        return Labels(by_folder)
    told: dict[str, Labels] = {}
    for name in listing.others:
        if name.lower().endswith(ENDINGS) and _is_table(listing.folder / name):
            with suppress(RequestError):  # a table of something else
                told[name] = _read_labels(listing, listing.folder / name)
    if len(told) > 1:
        raise RequestError(f"{listing.folder} has several tables of labels: {', '.join(told)}. Choose one.")
    return next(iter(told.values()), Labels({}))


def _name_by_folder(names: Iterable[str]) -> dict[str, str]:
    """Each photo's first folder that is called after a class: not after what is in it (images), nor after a split
    (train) unless it lies beside others."""
    folders = {
        name: [each for each in PurePosixPath(name).parts[:-1] if each.casefold() not in HOLDERS] for name in names
    }
    while any(folders.values()) and all(_SPLIT.fullmatch(each[0]) for each in folders.values() if each):
        folders = {name: each[1:] for name, each in folders.items()}
    return {name: each[0] for name, each in folders.items() if each}


def _read_index(name: str) -> str | None:
    found = _INDEX.match(PurePosixPath(name).name)
    return str(int(found[0])) if found else None


def _locate(listing: Listing, labels: Path | str) -> Path:
    try:
        for path in (Path(labels), listing.folder / labels):
            if path.is_file():
                return path
    except (ValueError, OSError):  # a name that no file can have
        pass
    raise RequestError(f"There is no file {labels} with labels; name a CSV file, or use index or boxes.")


def _is_table(path: Path) -> bool:
    """Whether a table has a header with a file and a label, and no boxes."""
    try:
        rows = read_table(path, most=1)
    except RequestError:
        return False
    return bool(rows) and len(rows[0]) < 6 and None not in (find_column(rows[0], FILE), find_column(rows[0], LABEL))


def _read_labels(listing: Listing, path: Path) -> Labels:
    """The labels in a table with a column for files and one for labels: by its header, or else the first two."""
    try:
        rows = read_table(path)
    except RequestError as error:
        raise RequestError(f"The labels in {path} cannot be read. {error}") from error
    file, label = (find_column(rows[0] if rows else (), names) for names in (FILE, LABEL))
    has_header = file is not None and label is not None
    if not has_header:
        file, label = 0, 1
    name = path.relative_to(listing.folder).as_posix() if path.is_relative_to(listing.folder) else None
    told: dict[str, set[str]] = {}
    left_out: list[LeftOut] = []
    for place, row in enumerate(rows[has_header:]):
        written, says = (row[column] if column is not None and column < len(row) else "" for column in (file, label))
        photos = listing.find_near(name or "", written) if written else ()
        if len(photos) == 1:
            told.setdefault(photos[0], set()).update({cut(says, 200)} - {""})
        elif has_header or place or written.lower().endswith(SUFFIXES):  # else it is a header in words of its own
            left_out.append(miss(path.name, written, photos))
    if not any(told.values()):
        raise RequestError(f"{path} gives no photo of {listing.folder} a label; its columns must be file and label.")
    several = (LeftOut(each, f"{path.name} gives it several labels.") for each, its in told.items() if len(its) > 1)
    left_out.extend(several)
    found = {each: min(its) for each, its in told.items() if len(its) == 1}
    told_of = found.keys() | {each for each, its in told.items() if len(its) > 1}
    missing = (LeftOut(each, f"{path.name} gives it no label.") for each in listing.photos if each not in told_of)
    return Labels(found, name, (*left_out, *missing))
