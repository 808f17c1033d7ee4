"""The sample photos that come with the dashboard."""

import hashlib
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from saliency_core.masking.sentences import Declared
from saliency_core.text import cut

FOLDER = Path(__file__).parents[2] / "assets" / "photos"


@dataclass(frozen=True, slots=True)
class ObjectBox:
    """A named thing on a photo; edges as shares of its width and height, in [0, 1].

    declared: what it is to the model's answer: the object, a part of it, or something else.
    """

    what: str
    declared: Declared
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Source:
    """Where a photo comes from.

    sample: the sample's short name; empty for a photo of the person's own.
    title: what to call it.
    credit: author and licence in one line; empty for a photo of the person's own.
    digest: hexadecimal sha256 of `data`, by which results are kept.
    boxes: what is on a sample.
    shows: what it is a photo of, such as "a koala"; empty where that is not known.
    classes: names of ImageNet's classes that are right; none where it has none for what is shown.
    data: the file's bytes; empty for somebody's own photo that a link is about and that is not here, of whose digest
        only the first digits are known then.
    """

    sample: str
    title: str
    credit: str
    digest: str
    boxes: tuple[ObjectBox, ...] = ()
    shows: str = ""
    classes: tuple[str, ...] = ()
    data: bytes = field(default=b"", repr=False, compare=False)

    @property
    def is_here(self) -> bool:
        """Whether there is a photo to look at."""
        return bool(self.data)

    @property
    def object_box(self) -> ObjectBox | None:
        """The object, or the first thing that has a name; None for a photo of the person's own."""
        return next((box for box in self.boxes if box.declared == "object"), next(iter(self.boxes), None))


LONGEST_NAME = 100
"""Of a file's name, that is: of what is shown of it."""


def own_photo(name: str, data: bytes) -> Source:
    """A photo of the person's own, by its file's name and content."""
    return Source("", cut(name, LONGEST_NAME), "", hashlib.sha256(data).hexdigest(), data=data)


@cache
def samples() -> dict[str, Source]:
    """All samples by their short names, in the manifest's order."""
    manifest = json.loads((FOLDER / "manifest.json").read_text())
    required = manifest["attribution_required"]
    return {
        entry["id"]: Source(
            sample=entry["id"],
            title=entry["title"],
            credit=required.get(entry["id"], f"{entry['author']}, {entry['licence']}"),
            digest=entry["sha256"],
            boxes=tuple(ObjectBox(box["what"], box["is"], *box["box"]) for box in entry["boxes"]),
            shows=entry.get("shows", ""),
            classes=tuple(entry.get("classes", ())),
            data=(FOLDER / entry["file"]).read_bytes(),
        )
        for entry in manifest["photos"]
    }
