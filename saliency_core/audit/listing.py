"""What lies in a folder: its photos, its other files, and which photo a name in an annotation means."""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from saliency_core.audit.boxes import LeftOut
from saliency_core.errors import RequestError
from saliency_core.photos.formats import SUFFIXES
from saliency_core.text import cut

ANNOTATIONS = frozenset(
    {"annotation", "annotations", "annots", "bboxes", "label", "labels", "masks", "segmentationclass"}
    | {"segmentationobject", "xml", "xmls"}
)
"""Folders that hold what is said of photos, and no photos, in small letters."""
HOLDERS = ANNOTATIONS | {"data", "image", "images", "img", "imgs", "jpegimages", "photo", "photos"}
"""Folders that are called after what is in them, and after no class."""


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """A folder's files by their names, which are paths within it, in posix form and sorted.

    photos: files that end like a photo, opened by nobody yet.
    others: all other files.
    left_out: links that lead elsewhere, and what cannot be opened or named.
    called: photos by their own name, with and without what it ends in, without capitals.
    placed: the same, by their folders too.
    """

    folder: Path
    photos: tuple[str, ...]
    others: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    called: Mapping[str, list[str]]
    placed: Mapping[tuple[str, ...], list[str]]

    def find(self, written: str) -> tuple[str, ...]:
        """The photos that an annotation may mean by a path: those of that name in just these folders, or else in
        folders that do not speak against it. HOLDERS do not count, and what the path ends in may be missing."""
        path = PurePosixPath(written.replace("\\", "/"))
        folders, name = _bare(path), path.name.casefold()
        if exact := self.placed.get((*folders, name)):
            return tuple(exact)
        return tuple(each for each in self.called.get(name, ()) if _agree(_bare(PurePosixPath(each)), folders))

    def find_near(self, file: str, written: str) -> tuple[str, ...]:
        """The photos that a file in the folder may mean by a path: those from where it lies before those elsewhere."""
        return self.find(str(PurePosixPath(file).parent / written.replace("\\", "/"))) or self.find(written)


def miss(file: str, written: str, found: Sequence[str]) -> LeftOut:
    """What is said of a path in a file that is no photo's, or may be several photos'."""
    photos = "several photos are" if found else "no photo is"
    return LeftOut(cut(written, 200) or file, f"{cut(file, 80)} lists it, and {photos} called so.")


def list_folder(folder: Path) -> Listing:
    """A folder's files, those in folders within it too; hidden ones are passed over, links out of it not followed.

    Raises RequestError where there is no such folder, or no photo in it.
    """
    if not folder.is_dir():
        raise RequestError(f"There is no folder {folder}; name one that has photos in it.")
    photos: list[str] = []
    others: list[str] = []
    left_out: list[LeftOut] = []
    for name, reason in sorted(_walk(folder)):
        path = PurePosixPath(name)
        is_photo = path.suffix.lower() in SUFFIXES
        if not reason and is_photo and ANNOTATIONS & {each.casefold() for each in path.parts[:-1]}:
            reason = "It lies in a folder of annotations."
        if reason:
            left_out.append(LeftOut(name, reason))
        else:
            (photos if is_photo else others).append(name)
    if not photos:
        raise RequestError(f"There is no photo in {folder}; photos are files that end in {', '.join(SUFFIXES)}.")
    called, placed = defaultdict(list), defaultdict(list)
    for name in photos:
        path = PurePosixPath(name)
        for key in (path.name.casefold(), path.stem.casefold()):
            called[key].append(name)
            placed[(*_bare(path), key)].append(name)
    return Listing(folder, tuple(photos), tuple(others), tuple(left_out), dict(called), dict(placed))


def _walk(folder: Path) -> Iterator[tuple[str, str]]:
    """Names of files and, where they are left out, why; else an empty reason."""
    root = folder.resolve()
    waiting = [("", str(folder))]
    while waiting:
        within, place = waiting.pop()
        try:
            with os.scandir(place) as inside:
                entries = [each for each in inside if not each.name.startswith(".")]
        except OSError:
            yield within.rstrip("/"), "This folder cannot be opened."
            continue
        for entry in entries:
            name = within + entry.name
            written = name.encode("utf-8", "replace").decode()  # a name of other bytes could not be stored
            if entry.is_dir(follow_symlinks=False):
                waiting.append((f"{name}/", entry.path))
            else:
                yield written, _why_not(entry, root) if written == name else "Its name is not text in UTF-8."


def _why_not(entry: os.DirEntry[str], root: Path) -> str:
    try:
        if entry.is_symlink() and (entry.is_dir() or not Path(entry.path).resolve(strict=True).is_relative_to(root)):
            return "It is a link to a folder, or out of the folder, which is not followed."
        return "" if entry.is_file() else "It is not a file."
    except (OSError, RuntimeError):
        return "It is a link that leads nowhere."


def _bare(path: PurePosixPath) -> tuple[str, ...]:
    folders = (each.casefold() for each in path.parts[:-1])
    return tuple(each for each in folders if each not in HOLDERS and each not in ("/", "."))


def _agree(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether the shorter of two paths is the other's end."""
    shorter = min(len(one), len(other))
    return one[len(one) - shorter :] == other[len(other) - shorter :]
