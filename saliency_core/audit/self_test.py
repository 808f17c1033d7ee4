"""Whether an audit finds what is there, tried with marks that the model is made to read: on the photos, and with the
model, that are audited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from saliency_core.audit.confirm import Finding, confirmed, find_then_confirm
from saliency_core.audit.measure import DEFAULT_SETTINGS, Settings
from saliency_core.audit.planted import make_mark, mark_side, plant, stamp, wander
from saliency_core.audit.suspicions import Array, look, split
from saliency_core.models.classifier import Classifier, classify_all
from saliency_core.photos.frame import Frame
from saliency_core.photos.regions import Region

TOP = 0.95
"""A map shows a mark where most of the mark lies higher than this share of the map."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What an audit made of one mark.

    seed: of the mark, its places, the halves and the random places; strength: in logits.
    wandering: whether the mark lay at another place on each photo.
    decides: of the other classes' photos that are not called the target, the share that are with the mark on them: 1
        where the mark alone makes the answer. None without such photos.
    on_maps: of the class's photos, the share whose map shows the mark, see TOP.
    suspected: whether a suspicion was the mark; confirmed: whether it was confirmed.
    others_confirmed: how many confirmed findings were something else than the mark.
    """

    seed: int
    strength: float
    wandering: bool
    decides: float | None
    on_maps: float
    suspected: bool
    confirmed: bool
    others_confirmed: int


@dataclass(frozen=True, slots=True)
class Twin:
    """What an audit made of the same photos without a mark, asked of a model that is made to read one.

    seed: as a trial's; suspected: how much was suspected, and so tested; confirmed: how much of it was confirmed.
    """

    seed: int
    suspected: int
    confirmed: int


@dataclass(frozen=True, slots=True)
class AtStrength:
    """What became of the marks of one strength.

    marks: how many there were; suspected, confirmed: of how many that is so.
    decides, on_maps: means of the trials'; decides is None where it is so in each.
    others_confirmed: of how many something else than the mark was confirmed.
    """

    strength: float
    marks: int
    suspected: int
    confirmed: int
    decides: float | None
    on_maps: float
    others_confirmed: int


def by_strength(trials: Sequence[Trial]) -> tuple[AtStrength, ...]:
    """What became of the marks at each strength, the weakest first."""
    strengths = sorted({each.strength for each in trials})
    return tuple(_sum_up([each for each in trials if each.strength == strength]) for strength in strengths)


def _sum_up(trials: Sequence[Trial]) -> AtStrength:
    deciding = [each.decides for each in trials if each.decides is not None]
    return AtStrength(
        strength=trials[0].strength,
        marks=len(trials),
        suspected=sum(each.suspected for each in trials),
        confirmed=sum(each.confirmed for each in trials),
        decides=float(np.mean(deciding)) if deciding else None,
        on_maps=float(np.mean([each.on_maps for each in trials])),
        others_confirmed=sum(each.others_confirmed > 0 for each in trials),
    )


def try_mark(
    classifier: Classifier,
    target: int,
    frames: Sequence[Frame],
    others: Sequence[Frame],
    strength: float,
    wandering: bool = False,
    settings: Settings = DEFAULT_SETTINGS,
    seed: int = 0,
) -> Trial:
    """What an audit makes of a mark that lies on all photos of a class and that the model is made to read.

    frames, others: as in find_then_confirm(), at least LEAST_PHOTOS of each.
    seed: of the mark, its places, the halves and the random places.

    Raises RequestError for an impossible target, strength or seed, or where a photo has no room for the mark.
    """
    mark = make_mark(seed, mark_side(classifier.preset.crop))
    planted = plant(classifier, target, mark, strength)
    (looked_at, tested), (others_looked_at, others_tested) = split(frames, seed), split(others, seed)

    def place(frame: Frame) -> Region:
        return wander(frame if wandering else looked_at[0], mark, seed)

    marked = [stamp(frame, mark, place(frame)) for frame in (*looked_at, *tested)]
    places = {frame.photo_digest: place(frame) for frame in marked}
    findings = find_then_confirm(planted, target, marked, (*others_looked_at, *others_tested), settings, seed)
    left = [_is_mark(each, places) for each in confirmed(findings)]
    before = classify_all(planted, others_tested)
    after = classify_all(planted, [stamp(frame, mark, place(frame)) for frame in others_tested])
    turned = [new.best() == target for old, new in zip(before, after, strict=True) if old.best() != target]
    return Trial(
        seed=seed,
        strength=strength,
        wandering=wandering,
        decides=float(np.mean(turned)) if turned else None,
        on_maps=float(
            np.mean([shows(look(planted, each, target, settings), places[each.photo_digest]) for each in marked])
        ),
        suspected=any(_is_mark(each, places) for each in findings),
        confirmed=any(left),
        others_confirmed=left.count(False),
    )


def try_without(
    classifier: Classifier,
    target: int,
    frames: Sequence[Frame],
    others: Sequence[Frame],
    strength: float,
    settings: Settings = DEFAULT_SETTINGS,
    seed: int = 0,
) -> Twin:
    """The clean twin of try_mark(): the same but that the mark lies on no photo, so that it cannot be found.

    What is confirmed then is by chance, or something that the model itself goes by on these photos.

    Raises RequestError for an impossible target, strength or seed.
    """
    planted = plant(classifier, target, make_mark(seed, mark_side(classifier.preset.crop)), strength)
    findings = find_then_confirm(planted, target, frames, others, settings, seed)
    return Twin(seed, len(findings), len(confirmed(findings)))


def _is_mark(finding: Finding, places: Mapping[str, Region]) -> bool:
    """Whether what was hidden holds the mark's middle on most of the photos."""
    return sum(_holds(each.region, places[each.digest]) for each in finding.hidden) > len(finding.hidden) / 2


def _holds(region: Region, mark: Region) -> bool:
    row, column = mark.top + mark.height / 2, mark.left + mark.width / 2
    down, across = row - region.top, column - region.left
    return 0 <= down <= region.height and 0 <= across <= region.width


def shows(ranks: Array, at: Region) -> bool:
    """Whether a map shows a mark, see TOP; ranks: of its values, as rank() gives them."""
    inside = ranks[at.top : at.top + at.height, at.left : at.left + at.width]
    return bool((inside > TOP).mean() > 0.5)
