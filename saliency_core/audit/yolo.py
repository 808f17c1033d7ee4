"""Boxes from YOLO's text files: one a photo, a line a box, centre and size as shares of the photo."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from saliency_core.audit.boxes import Drawn, LeftOut
from saliency_core.audit.listing import Listing
from saliency_core.audit.reading import as_number, read_text
from saliency_core.errors import RequestError
from saliency_core.text import cut

_LISTS = ("classes.txt", "obj.names", "_darknet.labels", "predefined_classes.txt")
_FLOW = re.compile(r"""(?:"[^"]*"|'[^']*'|[^,"'])+""")
_BLOCK = re.compile(r"(?:[ \t]*(?:#.*)?\n|[ \t]+\S.*(?:\n|$)|-.*(?:\n|$))*")
_ITEM = re.compile(r"""\s*(?:-|["']?([0-9]{1,6})["']?\s*:)?\s*("[^"]*"|'[^']*'|[^#,]*)""")
"""What YAML's `names:` may look like: in brackets, on lines of its own, and one of them, with its number or without."""


def find_files(listing: Listing) -> tuple[str, ...]:
    """The folder's YOLO files: those called like a photo that begin with a box or are empty, and the one with the
    classes' names last; none if all are empty."""
    texts = {name: _read(listing, name) for name in listing.others if _may_be(listing, name)}
    found = [name for name, text in texts.items() if not text.strip() or _parse(text.strip().splitlines()[0])]
    if not any(texts[name].strip() for name in found):
        return ()
    return (*found, *(name for name in listing.others if _is_list(name) and _read_names(listing, name)))


def read_files(listing: Listing, files: Sequence[str]) -> Iterator[Drawn | LeftOut]:
    """The boxes in YOLO's files, and what of them cannot be used; a class without a name is called "class 3"."""
    lists = [_read_names(listing, name) for name in files if _is_list(name)]
    names = lists[0] if lists else {}
    if any(each != names for each in lists):
        raise RequestError(
            f"In {listing.folder} several files name YOLO's classes, each differently; keep the one that is right."
        )
    for file in files:
        photos = () if _is_list(file) else listing.find(_stem(file))
        if len(photos) > 1:
            yield LeftOut(file, "Several photos have its name.")
        for line in _read(listing, file).splitlines() if len(photos) == 1 else ():
            found = _parse(line)
            if found is None and line.strip():
                yield LeftOut(photos[0], f"A line of {file} is not a box: {cut(line)}.")
            elif found is not None:
                kind, (x, y, width, height) = found
                edges = x - width / 2, y - height / 2, x + width / 2, y + height / 2
                yield Drawn(photos[0], names.get(kind, f"class {kind}"), edges, shares=True)


def _may_be(listing: Listing, name: str) -> bool:
    return name.lower().endswith(".txt") and not _is_list(name) and bool(listing.find(_stem(name)))


def _is_list(name: str) -> bool:
    path = PurePosixPath(name.lower())
    return path.name in _LISTS or path.suffix in (".yaml", ".yml")


def _stem(name: str) -> str:
    return str(PurePosixPath(name).with_suffix(""))


def _read(listing: Listing, name: str) -> str:
    try:
        return read_text(listing.folder / name)
    except RequestError:
        return "?"


def _parse(line: str) -> tuple[int, tuple[float, float, float, float]] | None:
    """A line's class and centre and size, with or without a confidence; None for all else."""
    numbers = [as_number(each) for each in line.split()[:7]]
    known = [each for each in numbers if each is not None]
    if len(known) != len(numbers) or len(known) not in (5, 6) or not 0 <= known[0] < 1e6 or known[0] % 1:
        return None
    return int(known[0]), (known[1], known[2], known[3], known[4])


def _read_names(listing: Listing, name: str) -> dict[int, str]:
    """The classes' names by their numbers: a line each, or YAML's `names:` as a list or by number, in brackets or on
    lines of its own. Anything else gives none."""
    text = _read(listing, name)
    if PurePosixPath(name.lower()).suffix not in (".yaml", ".yml"):
        return {place: named for place, line in enumerate(text.splitlines()) if (named := cut(line, 200))}
    head = re.search(r"^names[ \t]*:[ \t]*(.*)$", text, re.MULTILINE)
    if head is None:
        return {}
    after = text[head.start(1) :]
    if after.startswith(("[", "{")):
        items = _FLOW.findall(after[1:].partition("]" if after[0] == "[" else "}")[0])
    else:
        block = _BLOCK.match(after.partition("\n")[2])
        items = block[0].splitlines() if block else []
    names: dict[int, str] = {}
    for item in items:
        found = _ITEM.match(item)
        if found and (named := cut(found[2].strip().strip("\"'"), 200)):
            names[int(found[1]) if found[1] else len(names)] = named
    return names
