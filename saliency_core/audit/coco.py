"""Boxes from COCO's JSON files: x, y, width and height in pixels, of many photos in one file."""

import json
from collections.abc import Iterator, Mapping, Sequence

from saliency_core.audit.boxes import Drawn, LeftOut, Size
from saliency_core.audit.listing import Listing, miss
from saliency_core.audit.reading import as_number, read_text
from saliency_core.errors import RequestError
from saliency_core.text import cut

_KEYS = ('"images"', '"annotations"', '"bbox"')


def find_files(listing: Listing) -> tuple[str, ...]:
    """The folder's JSON files that speak of images, annotations and bbox."""
    return tuple(name for name in listing.others if name.lower().endswith(".json") and _speaks(listing, name))


def read_files(listing: Listing, files: Sequence[str]) -> Iterator[Drawn | LeftOut]:
    """The boxes in COCO's files, and what of them cannot be used; boxes around crowds are not."""
    for file in files:
        try:
            content = json.loads(read_text(listing.folder / file))
        except (RequestError, ValueError, RecursionError) as error:
            yield LeftOut(file, str(error) if isinstance(error, RequestError) else "It is not JSON that can be read.")
            continue
        if not isinstance(content, dict):
            yield LeftOut(file, "It is not an object with images and annotations.")
            continue
        photos: dict[str, tuple[str, Size | None] | None] = {}
        for image in _entries(content, "images"):
            written = image.get("file_name")
            name = written if isinstance(written, str) else ""
            found = listing.find_near(file, name)
            if len(found) != 1:
                yield miss(file, name, found)
            if identifier := _text(image.get("id")):
                photos[identifier] = (found[0], _read_size(image)) if len(found) == 1 else None
        names = {_text(each.get("id")): _text(each.get("name")) for each in _entries(content, "categories")}
        for entry in _entries(content, "annotations"):
            identifier = _text(entry.get("image_id"))
            if identifier not in photos:
                yield LeftOut(file, "It has boxes of images that it does not list.")
            elif photo := photos[identifier]:
                yield _read_entry(entry, *photo, names)


def _speaks(listing: Listing, name: str) -> bool:
    try:
        text = read_text(listing.folder / name)
    except RequestError:
        return False
    return all(key in text for key in _KEYS)


def _entries(content: Mapping[str, object], key: str) -> Iterator[Mapping[str, object]]:
    found = content.get(key)
    yield from (each for each in found if isinstance(each, dict)) if isinstance(found, list) else ()


def _text(value: object) -> str:
    """A name or an identifier, which some files write as a number here and in quotes there; empty if it is neither."""
    return cut(str(value), 200) if isinstance(value, str | int | float) else ""


def _read_entry(
    entry: Mapping[str, object], photo: str, size: Size | None, names: Mapping[str, str]
) -> Drawn | LeftOut:
    category = _text(entry.get("category_id"))
    what = names.get(category) or f"category {category}".strip()
    if entry.get("iscrowd") not in (None, 0, False):
        return LeftOut(photo, f"A box of “{cut(what)}” is around a crowd.")
    written = entry.get("bbox")
    numbers = [as_number(each) for each in written] if isinstance(written, list) else []
    edges = [each for each in numbers if each is not None]
    if len(numbers) != 4 or len(edges) != 4:
        return LeftOut(photo, f"A box of “{cut(what)}” is not four numbers.")
    left, top, width, height = edges
    return Drawn(photo, what, (left, top, left + width, top + height), size)


def _read_size(image: Mapping[str, object]) -> Size | None:
    width, height = as_number(image.get("width")), as_number(image.get("height"))
    return (width, height) if width and height else None
