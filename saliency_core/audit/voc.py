"""Boxes from Pascal VOC files: one XML file a photo, edges in pixels that are counted from 1."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from xml.etree import ElementTree

from saliency_core.audit.boxes import Drawn, LeftOut, Size
from saliency_core.audit.listing import Listing
from saliency_core.audit.reading import as_number, read_text
from saliency_core.errors import RequestError
from saliency_core.text import cut

_BEGINNING = 4096


def find_files(listing: Listing) -> tuple[str, ...]:
    """The folder's Pascal VOC files: XML files that begin with an annotation."""
    return tuple(name for name in listing.others if name.lower().endswith(".xml") and _begins(listing, name))


def read_files(listing: Listing, files: Sequence[str]) -> Iterator[Drawn | LeftOut]:
    """The boxes in Pascal VOC files, and what of them cannot be used.

    A file belongs to the photo of its own name; what it calls the photo is often outdated.
    """
    for file in files:
        photos = listing.find(str(PurePosixPath(file).with_suffix("")))
        if len(photos) != 1:
            yield LeftOut(file, "Several photos have its name." if photos else "No photo has its name.")
            continue
        try:
            root = _parse(read_text(listing.folder / file))
        except RequestError as error:
            yield LeftOut(file, str(error))
            continue
        size = _read_size(root)
        for thing in root.findall("object"):
            yield _read_object(thing, photos[0], size)


def _begins(listing: Listing, name: str) -> bool:
    try:
        with (listing.folder / name).open("rb") as file:
            return b"<annotation" in file.read(_BEGINNING).replace(b"\0", b"")  # UTF-16's zeros
    except OSError:
        return False


def _parse(text: str) -> ElementTree.Element:
    """The root of an XML text without a document type: entities are declared there, and can grow without end.

    Raises RequestError for all else.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise RequestError("It declares a document type, which is not read for safety.")
    try:
        return ElementTree.fromstring(text)  # noqa: S314  (nothing to expand is left)
    except (ElementTree.ParseError, ValueError):
        raise RequestError("It is not XML that can be read.") from None


def _read_object(thing: ElementTree.Element, photo: str, size: Size | None) -> Drawn | LeftOut:
    what = cut(thing.findtext("name") or "", 200) or "object"
    left, top, right, bottom = (
        as_number(thing.findtext(f"bndbox/{edge}")) for edge in ("xmin", "ymin", "xmax", "ymax")
    )
    if left is None or top is None or right is None or bottom is None:
        return LeftOut(photo, f"A box of “{cut(what)}” lacks an edge, or one is not a number.")
    return Drawn(photo, what, (left - 1, top - 1, right, bottom), size)


def _read_size(root: ElementTree.Element) -> Size | None:
    """The size that is stated; some tools write 0 for one that they do not know."""
    width, height = (as_number(root.findtext(f"size/{side}")) for side in ("width", "height"))
    return (width, height) if width and height else None
