"""A folder of labelled photos: one folder a class, as torchvision's ImageFolder wants it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from saliency_core.errors import RequestError
from saliency_core.models.class_names import imagenet_categories
from saliency_core.photos.formats import SUFFIXES
from saliency_core.photos.photo import Photo, open_photo


@dataclass(frozen=True, slots=True)
class LabelledPhoto:
    """A photo's file and the classes that are right for it, by their indexes: two classes may have one name."""

    path: Path
    targets: tuple[int, ...]

    def open(self) -> Photo:
        """The photo.

        Raises PhotoError if it cannot be read.
        """
        return open_photo(self.path)


@dataclass(frozen=True, slots=True)
class LabelledFolder:
    """What a folder holds.

    photos: those whose folder is called like a class, in the order of their names.
    unknown: folders with photos that are called like none.
    """

    photos: tuple[LabelledPhoto, ...]
    unknown: tuple[str, ...] = ()


def read_labelled(folder: Path, categories: Sequence[str]) -> LabelledFolder:
    """The photos of a folder with a subfolder for each class.

    A subfolder is called like the class (capitals do not matter, underscores and hyphens are spaces), like the part of
    its name before a comma, by its synset (n01440764) where the classes are ImageNet's, or by the class's index.

    Raises RequestError where there is no such folder, or none of its subfolders is a class with photos.
    """
    if not folder.is_dir():
        raise RequestError(f"There is no folder {folder}; name one that has a subfolder of photos for each class.")
    names = _name_classes(categories)
    photos: list[LabelledPhoto] = []
    unknown: list[str] = []
    for inside in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
        files = sorted(path for path in inside.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
        targets = _find(inside.name, names, len(categories))
        if files and not targets:
            unknown.append(inside.name)
        photos.extend(LabelledPhoto(file, targets) for file in files if targets)
    if not photos:
        raise RequestError(
            f"No subfolder of {folder} is called like one of the model's classes and has photos in it. "
            "Put the photos of each class into a folder with its name."
        )
    return LabelledFolder(tuple(photos), tuple(unknown))


def choose(photos: Sequence[LabelledPhoto], most: int, seed: int = 0) -> tuple[LabelledPhoto, ...]:
    """At most so many of the photos, at random, each class as often as it can."""
    random = np.random.default_rng(seed)
    waiting: dict[tuple[int, ...], list[LabelledPhoto]] = defaultdict(list)
    for index in random.permutation(len(photos)):
        waiting[photos[index].targets].append(photos[index])
    chosen: list[LabelledPhoto] = []
    while waiting and len(chosen) < most:
        for targets in list(waiting):
            if len(chosen) < most:
                chosen.append(waiting[targets].pop())
            if not waiting[targets]:
                del waiting[targets]
    return tuple(chosen)


def _name_classes(categories: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """All that a class may be called, each with the indexes of the classes called so."""
    whole: dict[str, list[int]] = defaultdict(list)
    short: dict[str, list[int]] = defaultdict(list)
    for index, category in enumerate(categories):
        whole[_plain(category)].append(index)
        short[_plain(category.split(",")[0])].append(index)
    names = {name: tuple(indexes) for name, indexes in {**short, **whole}.items() if name}
    if tuple(categories) == imagenet_categories():
        names |= {synset: (index,) for index, synset in enumerate(imagenet_synsets())}
    return names


def _find(folder: str, names: dict[str, tuple[int, ...]], classes: int) -> tuple[int, ...]:
    plain = _plain(folder)
    if plain in names:
        return names[plain]
    return (int(plain),) if plain.isascii() and plain.isdecimal() and int(plain) < classes else ()


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").replace("-", " ").lower().split())


@cache
def imagenet_synsets() -> tuple[str, ...]:
    """WordNet's numbers of ImageNet's classes, in their order."""
    return tuple(Path(__file__).with_name("imagenet_synsets.txt").read_text(encoding="ascii").split())
