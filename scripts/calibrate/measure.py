"""Passes: windows and boxes on photos hidden and kept, with random places of their shapes."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from saliency_core.masking.claims import LEAST_BELIEF
from saliency_core.masking.controls import run_controls
from saliency_core.masking.placements import N_CONTROLS, box_regions, photo_area, place_controls
from saliency_core.methods.attribution import explain, reduce_channels
from saliency_core.methods.measures import brightest_region
from saliency_core.models.classifier import Classifier
from saliency_core.photos.fills import Fill
from saliency_core.photos.frame import CropMode, Frame, frame_photo
from saliency_core.photos.photo import decode_photo
from saliency_core.photos.regions import Placement, Region, covered
from scripts.calibrate.cases import BOX, RANDOM, Case
from scripts.calibrate.folder import Entry

SIZES = (0.05, 0.14, 0.3, 0.5)
"""Shares of the photo's part of the frame."""
BRIGHTEST, OTHER, CENTRE = "brightest of its own map", "brightest of another photo's map", "centre"
KINDS = (RANDOM, BRIGHTEST, OTHER, CENTRE)
LARGEST_ASPECT = 2.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What is asked of each photo.

    label: only photos whose best guess is this class; None for all.
    windows, boxes: whether windows of SIZES and boxes are asked about.
    """

    crop_mode: CropMode = "center"
    fills: tuple[Fill, ...] = ("black",)
    n_controls: int = N_CONTROLS
    seed: int = 0
    label: str | None = None
    windows: bool = True
    boxes: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A photo as the model sees it, its best guess, and that class's map, f32 [side, side], nought off the photo."""

    name: str
    frame: Frame
    area: Region
    target: int
    label: str
    original: float
    values: NDArray[np.float32]


def measure(classifier: Classifier, entries: Sequence[Entry], settings: Settings) -> Iterator[list[Case]]:
    """The cases of each photo in turn; none of a photo whose best guess is another class than the one asked for.

    Of boxes there are none either where the best guess has less than LEAST_BELIEF: no claim could be made.
    The same seed draws the same windows and places on a photo, whatever else is in the folder.
    """
    other = _look(classifier, entries[-1], settings) if len(entries) > 1 else None
    for entry in entries:
        seen = _look(classifier, entry, settings)
        cases: list[Case] = []
        if settings.label in (None, seen.label):
            if settings.windows:
                cases += _ask_windows(classifier, seen, other, settings)
            if settings.boxes and seen.original >= LEAST_BELIEF:
                cases += _ask_boxes(classifier, seen, entry, settings)
        yield cases
        other = seen


def _look(classifier: Classifier, entry: Entry, settings: Settings) -> _Seen:
    frame = frame_photo(decode_photo(entry.path.read_bytes()), classifier, settings.crop_mode)
    explanation = explain(classifier, frame)
    best, area = explanation.prediction.top(1)[0], photo_area(frame)
    shown = covered(frame.side, area)
    values = np.where(shown, reduce_channels(explanation).values, np.float32(0))
    return _Seen(entry.name, frame, area, best.index, best.label, best.probability, values)


def _ask_windows(classifier: Classifier, seen: _Seen, other: _Seen | None, settings: Settings) -> Iterator[Case]:
    for size in SIZES:
        generator = _generator(settings.seed, f"{seen.name} {size}")
        drawn = draw_region(seen.area, size, generator)
        height, width = drawn.height, drawn.width
        windows = {
            RANDOM: drawn,
            BRIGHTEST: _move_into(brightest_region(seen.values, height, width), seen.area),
            CENTRE: Region(
                seen.area.top + (seen.area.height - height) // 2,
                seen.area.left + (seen.area.width - width) // 2,
                height,
                width,
            ),
        }
        if other is not None:
            windows[OTHER] = _move_into(brightest_region(other.values, height, width), seen.area)
        parts: dict[str, Placement] = {kind: (window,) for kind, window in windows.items()}
        yield from _ask(classifier, seen, "", size, parts, int(generator.integers(2**31)), settings)


def _ask_boxes(classifier: Classifier, seen: _Seen, entry: Entry, settings: Settings) -> Iterator[Case]:
    for thing in entry.things:
        regions = box_regions(seen.frame, thing.edges)
        if regions:
            size = float(covered(seen.frame.side, regions).mean())
            seed = int(_generator(settings.seed, f"{seen.name} {thing.what}").integers(2**31))
            yield from _ask(classifier, seen, thing.what, size, {BOX: regions}, seed, settings)


def _ask(
    classifier: Classifier,
    seen: _Seen,
    what: str,
    size: float,
    parts: dict[str, Placement],
    seed: int,
    settings: Settings,
) -> Iterator[Case]:
    """A case under each fill; parts are of one shape, so that they share their random places."""
    shape = next(iter(parts.values()))
    places = place_controls(seen.frame.side, shape, settings.n_controls, seed, seen.area)
    for fill in settings.fills:
        found = run_controls(classifier, seen.frame, [*parts.values(), *places], fill, seen.target, seed)
        hidden, kept = _shorten(found.hidden), _shorten(found.kept)
        yield Case(
            model=classifier.title,
            crop_mode=settings.crop_mode,
            fill=fill,
            photo=seen.name,
            label=seen.label,
            original=_shorten(np.array([seen.original], np.float32))[0],
            what=what,
            size=size,
            parts=dict(zip(parts, zip(hidden, kept, strict=True), strict=False)),
            hidden=hidden[len(parts) :],
            kept=kept[len(parts) :],
        )


def draw_region(area: Region, size: float, generator: np.random.Generator) -> Region:
    """A rectangle of a share of an area, uniformly at random within it; its height is between half and twice its
    width, evenly on a logarithmic scale (both in units of the area's own)."""
    aspect = LARGEST_ASPECT ** generator.uniform(-1, 1)
    height = min(area.height, max(1, round(area.height * sqrt(size * aspect))))
    width = min(area.width, max(1, round(area.width * sqrt(size / aspect))))
    top = area.top + int(generator.integers(area.height - height + 1))
    left = area.left + int(generator.integers(area.width - width + 1))
    return Region(top, left, height, width)


def _move_into(region: Region, area: Region) -> Region:
    """The nearest place within an area."""
    top = min(max(region.top, area.top), area.top + area.height - region.height)
    left = min(max(region.left, area.left), area.left + area.width - region.width)
    return Region(top, left, region.height, region.width)


def _generator(seed: int, name: str) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def _shorten(probabilities: NDArray[np.float32]) -> list[float]:
    """As numbers of nine digits, which single precision never needs more of."""
    return [float(f"{probability:.9g}") for probability in probabilities]
