"""A folder of photos to audit: what each is labelled, what is boxed on it, and what was left out."""

from dataclasses import dataclass
from pathlib import Path

from saliency_core.audit.annotations import Annotations, read_annotations
from saliency_core.audit.boxes import Box, LeftOut
from saliency_core.audit.labels import find_labels
from saliency_core.audit.listing import list_folder

__all__ = ["AuditFolder", "Box", "Item", "LeftOut", "read_folder"]


@dataclass(frozen=True, slots=True)
class Item:
    """A photo's file, with what people said of it.

    name: its path within the folder, in posix form.
    label: what it is a photo of, in the folder's words; None if nobody said.
    boxes: things on it, on the upright photo.
    """

    path: Path
    name: str
    label: str | None = None
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditFolder:
    """A folder's photos in the order of their names, and what in it is not used.

    left_out: files that are no photos, or cannot be opened; of photos in `items`, boxes and labels that cannot be used.
    """

    items: tuple[Item, ...]
    left_out: tuple[LeftOut, ...] = ()


def read_folder(folder: Path | str, labels: Path | str | None = None, boxes: str | None = "auto") -> AuditFolder:
    """A folder's photos with their labels and boxes; of photos with boxes the headers are opened, of others nothing.

    labels: None for the names of the folders that the photos lie in, or else a CSV file in the folder; a CSV file with
        the columns file and label; "index" for the number that a photo's name begins with (870_tricycle.jpg); "boxes"
        for what its boxes are called, where that is one name.
    boxes: "voc", "coco", "yolo" or "csv"; "auto" for the format that is there; None for no boxes.

    Raises RequestError where there is no such folder, no photo in it, no such labels, or no such boxes, or where there
    are boxes in several formats.
    """
    listing = list_folder(Path(folder))
    annotations = Annotations({}) if boxes is None else read_annotations(listing, boxes)
    labelling = find_labels(listing, labels, annotations.boxes)
    items = tuple(
        Item(listing.folder / name, name, labelling.found.get(name), annotations.boxes.get(name, ()))
        for name in listing.photos
        if name not in annotations.unreadable
    )
    unused = (
        LeftOut(name, "It is neither a photo nor a file of labels or boxes that were read.")
        for name in listing.others
        if name not in annotations.files and name != labelling.file
    )
    left_out = (*listing.left_out, *unused, *annotations.left_out, *labelling.left_out)
    return AuditFolder(items, tuple(sorted(dict.fromkeys(left_out), key=lambda each: (each.name, each.reason))))
