"""What an audit is going to measure: which photos, of each which class and boxes, with which model and settings."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from saliency_core.audit.boxes import LeftOut
from saliency_core.audit.measure import Settings
from saliency_core.masking.placements import Edges

PER_SHARD = 64
"""How many photos are put into one file."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked of a photo: one row of the result.

    target: a class's index; None for the model's best guess.
    what: what the boxes are called, "" without any; boxes: of that thing, which are hidden together.
    """

    target: int | None
    what: str = ""
    boxes: tuple[Edges, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """A photo that is going to be measured.

    name: its path within the folder; size: of its file, in bytes; label: in the folder's words, None without one.
    """

    name: str
    size: int
    label: str | None
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """By what an audit's numbers are, besides its photos: they may be others with any other.

    model, weights: its name, and its weights' sha256; preset: how it wants its input and what it gives, in words for
        comparing; device: that it is run on.
    version, packages: the library's own, and those of the packages that it computes with.
    per_shard: how many photos there are in a file.
    """

    model: str
    weights: str
    preset: str
    device: str
    settings: Settings
    seed: int
    version: str
    packages: Mapping[str, str]
    per_shard: int = PER_SHARD


@dataclass(frozen=True, slots=True)
class Plan:
    """What an audit is going to measure.

    folder: where the photos lie; title: the model's, for people; categories: its classes' names.
    photos: in the order of their names; found: how many could be, of which `photos` are some if a limit was given.
    left_out: what is not measured, or of photos that are what is not used, and why.
    unmatched: a sentence for each label and box's name that is none of the model's classes.
    mixed: the names of photos with boxes of classes of which nothing is asked of them.
    digest: of all that the numbers depend on, hexadecimal sha256.
    """

    folder: str
    title: str
    categories: tuple[str, ...]
    asked: Asked
    photos: tuple[Planned, ...]
    found: int
    left_out: tuple[LeftOut, ...] = ()
    unmatched: tuple[str, ...] = ()
    mixed: tuple[str, ...] = ()
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        numbers_by = repr((self.asked, self.photos, self.categories, *self.mixed))
        object.__setattr__(self, "digest", hashlib.sha256(numbers_by.encode()).hexdigest())

    def __hash__(self) -> int:
        return hash(self.digest)

    @property
    def shards(self) -> int:
        """How many files the rows are put into."""
        return -(-len(self.photos) // self.asked.per_shard)

    def shard(self, number: int) -> tuple[Planned, ...]:
        """The photos of one file, from 0."""
        start = number * self.asked.per_shard
        return self.photos[start : start + self.asked.per_shard]
