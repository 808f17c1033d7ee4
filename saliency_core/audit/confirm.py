"""What was suspected of a class, tested by hiding it on photos that it was not looked for on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from saliency_core.audit.chance import need_by_chance
from saliency_core.audit.measure import DEFAULT_SETTINGS, Settings, photo_seed
from saliency_core.audit.summary import LEAST_PHOTOS
from saliency_core.audit.suspicions import LEAST_SHARE, Suspicion, find_suspicions, split
from saliency_core.masking.controls import BATCH
from saliency_core.masking.effects import log_odds, share_less
from saliency_core.masking.placements import photo_area, place_controls
from saliency_core.models.classifier import Classifier, classify
from saliency_core.models.prediction import Prediction, make_prediction
from saliency_core.passport.rule import adjust
from saliency_core.photos.fills import fill_pixels
from saliency_core.photos.frame import Frame
from saliency_core.photos.regions import Region

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Hidden:
    """One photo with what is suspected hidden.

    digest: the photo's.
    region: the square that is hidden.
    need: the share of random places of its size whose hiding takes less of the class's odds, in [0, 1]; ties count
        half. Of a square at random it is 0.5 on average.
    named, still: whether the class is the best guess on the photo as it is, and with the square hidden.
    """

    digest: str
    region: Region
    need: float
    named: bool
    still: bool


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """What the test of one suspicion found.

    photos: how many it was tested on; hidden: those among them that show it. others: photos of other classes with the
    same place hidden, which takes from their best guesses; none of a pattern.
    p_value: see confirm(); before any correction, in (0, 1].
    """

    target: int
    suspicion: Suspicion
    photos: int
    hidden: tuple[Hidden, ...]
    others: tuple[Hidden, ...]
    p_value: float

    @property
    def need(self) -> float:
        """The mean over the photos that show it, at least one."""
        return float(np.mean([each.need for each in self.hidden]))


def find_then_confirm(
    classifier: Classifier,
    target: int,
    frames: Sequence[Frame],
    others: Sequence[Frame],
    settings: Settings = DEFAULT_SETTINGS,
    seed: int = 0,
) -> tuple[Finding, ...]:
    """What is suspected of a class on one half of its photos, tested on the other half; only what confirmed() leaves of
    it is a result. Nothing where there are fewer than LEAST_PHOTOS photos of the class, or of others.

    settings: of the map, the random places and the fill, which is the first.

    Raises RequestError for an impossible target or seed.
    """
    (looked_at, tested), (others_looked_at, others_tested) = split(frames, seed), split(others, seed)
    if min(len(looked_at) + len(tested), len(others_looked_at) + len(others_tested)) < LEAST_PHOTOS:
        return ()
    suspicions = find_suspicions(classifier, target, looked_at, others_looked_at, settings, seed)
    return confirm(classifier, target, tested, others_tested, suspicions, settings, seed)


def confirm(
    classifier: Classifier,
    target: int,
    frames: Sequence[Frame],
    others: Sequence[Frame],
    suspicions: Sequence[Suspicion],
    settings: Settings = DEFAULT_SETTINGS,
    seed: int = 0,
) -> tuple[Finding, ...]:
    """One finding a suspicion, tested on photos that it was not looked for on.

    The p-value says how likely hiding takes so much more from the class than hiding random places of the same photos
    does, if what is hidden is one of them (see need_by_chance()). Of a place, it must also be more than at the same
    place of other classes' photos (Mann & Whitney 1947, one-sided), and the larger p-value counts: in the middle, where
    things are, hiding takes more on any photo. Of a pattern on fewer than LEAST_SHARE of the photos it is 1.

    seed: of the random places, together with each photo's digest.

    Raises RequestError for an impossible target or seed.
    """
    if not suspicions:
        return ()
    own = [_hide(classifier, frame, target, suspicions, settings, seed) for frame in frames]
    places = [each if each.pattern is None else None for each in suspicions]
    other = [_hide(classifier, frame, None, places, settings, seed) for frame in others if any(places)]
    findings = []
    for index, suspicion in enumerate(suspicions):
        hidden, elsewhere = (tuple(each for row in rows if (each := row[index])) for rows in (own, other))
        p_value = _test(hidden, elsewhere, suspicion, len(frames), settings.n_controls)
        findings.append(Finding(target, suspicion, len(frames), hidden, elsewhere, p_value))
    return tuple(findings)


def confirmed(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings that chance does not explain, corrected for all that are given (Holm): if none is real, the chance
    that any is left is at most ALPHA. Give it those of all classes of an audit together."""
    corrected = adjust([each.p_value for each in findings])
    return tuple(each for each, p_value in zip(findings, corrected, strict=True) if p_value <= ALPHA)


def _test(
    hidden: Sequence[Hidden], others: Sequence[Hidden], suspicion: Suspicion, photos: int, n_controls: int
) -> float:
    from scipy.stats import mannwhitneyu  # lazy: takes most of a second to import

    needs, elsewhere = [each.need for each in hidden], [each.need for each in others]
    if not needs or len(needs) < LEAST_SHARE * photos:
        return 1.0
    by_chance = need_by_chance(needs, [n_controls] * len(needs))
    if suspicion.pattern is not None:
        return by_chance
    return max(by_chance, float(mannwhitneyu(needs, elsewhere, alternative="greater").pvalue)) if elsewhere else 1.0


def _hide(
    classifier: Classifier,
    frame: Frame,
    target: int | None,
    suspicions: Sequence[Suspicion | None],
    settings: Settings,
    seed: int,
) -> list[Hidden | None]:
    """What hiding each suspicion does on a photo; None where it is not on it. Their squares are of one size, so that
    random places serve them all."""
    squares = [each.find_in(frame) if each else None for each in suspicions]
    there = [square for square in squares if square]
    own_seed = photo_seed(seed, frame.photo_digest)
    controls = place_controls(frame.side, there[0], settings.n_controls, own_seed, photo_area(frame)) if there else ()
    if not controls:
        return [None] * len(suspicions)
    original = classify(classifier, frame)
    index = original.best(target)
    placements = [*((square,) for square in there), *controls]
    hidden, paint = classifier.engine.hide_in(frame.pixels), fill_pixels(frame, settings.fills[0], own_seed)
    answers: list[Prediction] = []
    for start in range(0, len(placements), BATCH):
        logits = hidden.logits(paint, placements[start : start + BATCH])
        answers += [make_prediction(row, classifier.categories) for row in logits]
    lost = -log_odds([float(each.probabilities[index]) for each in answers])
    by_chance, named = lost[len(there) :], original.best() == index
    found = (
        Hidden(frame.photo_digest, square, share_less(np.array([effect, *by_chance])), named, answer.best() == index)
        for square, effect, answer in zip(there, lost, answers, strict=False)
    )
    return [next(found) if square else None for square in squares]
