"""When a map passes a test, fails it, or neither."""

from math import comb
from typing import Literal

from saliency_core.evidence.classes import ClassEvidence
from saliency_core.evidence.removal import RemovalEvidence
from saliency_core.evidence.steadiness import Steadiness
from saliency_core.evidence.untrained import Untrained
from saliency_core.masking.claims import LEAST_BELIEF

Outcome = Literal["passed", "failed", "inconclusive"]

LEAST_CONTROLS = 9
"""With fewer controls, a map that is one of them would beat all the others more than one time in ten."""
LEAST_PHOTOS = 20
CLASS_MARGIN = 0.1
"""How much less alike another class's map has to be than the same class's under slight noise."""
ALIKE_EVERYWHERE = 0.1
"""Below this distance the maps of different photos are as good as the same."""


def removal_outcome(evidence: RemovalEvidence, name: str) -> Outcome:
    """Of removing pixels, on one photo:

    1. "inconclusive" if the class has less than LEAST_BELIEF to begin with, so that there is no answer to take away,
       or if there are fewer than LEAST_CONTROLS controls.
    2. "passed" if the map beats every control by the mean gain over the fills, and also under more than half of them.
    3. "failed" if it beats no more than half of its controls.
    4. Otherwise "inconclusive".
    """
    beaten = evidence.beats(name)
    if belief(evidence, name) < LEAST_BELIEF or beaten.of < LEAST_CONTROLS:
        return "inconclusive"
    if beaten.all and 2 * len(beaten.fills) > beaten.of_fills:
        return "passed"
    return "failed" if 2 * beaten.count <= beaten.of else "inconclusive"


def belief(evidence: RemovalEvidence, name: str) -> float:
    """The target's probability with nothing removed."""
    return float(next(iter(evidence.maps[name].values())).most_first[0])


def untrained_outcome(untrained: Untrained) -> Outcome:
    """Of the network with shuffled weights: "passed" if its map is "different", "failed" if it is "alike", otherwise
    "inconclusive"; see Untrained.claim.

    To pass is necessary, and cannot rank methods: maps of noise would pass too (Binder et al. 2023,
    arXiv:2211.12486).
    """
    claims: dict[str, Outcome] = {"different": "passed", "alike": "failed"}
    return claims.get(untrained.claim, "inconclusive")


def class_outcome(evidence: ClassEvidence) -> Outcome:
    """Of other classes, by rank correlation with the map:

    1. "passed" if the maps of the second and of the random class are both less alike than all those of the same
       class under slight noise, by CLASS_MARGIN.
    2. "failed" if one of them is at least as alike as the least alike of those: another class then changes the map no
       more than noise that nobody sees.
    3. Otherwise "inconclusive".
    """
    closest, noisy = closest_class(evidence), least_noisy(evidence)
    if closest >= noisy:
        return "failed"
    return "passed" if closest <= noisy - CLASS_MARGIN else "inconclusive"


def closest_class(evidence: ClassEvidence) -> float:
    """The rank correlation of the other class's map that is more alike."""
    others = [evidence.second, *([evidence.random] if evidence.random else [])]
    return max(other.similarity.spearman for other in others)


def least_noisy(evidence: ClassEvidence) -> float:
    """The least rank correlation of the same class's maps under slight noise."""
    return min(each.spearman for each in evidence.noisy)


def steadiness_outcome(steadiness: Steadiness) -> Outcome:
    """Of tiny changes of the photo, beside how far other photos' maps lie from the map in the same measure:

    1. "inconclusive" if there are no other photos' maps, or if the nearest lies closer than ALIKE_EVERYWHERE: a map
       that is the same for every photo is steady, and that means nothing.
    2. "failed" if the tiny changes move the map as far as the nearest of them.
    3. "passed" if they move it at most half as far; otherwise "inconclusive".
    """
    nearest = min(steadiness.others, default=0.0)
    if nearest < ALIKE_EVERYWHERE:
        return "inconclusive"
    if steadiness.sensitivity >= nearest:
        return "failed"
    return "passed" if steadiness.sensitivity <= nearest / 2 else "inconclusive"


def outcome_over_photos(passed: int, failed: int, of: int) -> Outcome:
    """Of a test over many photos, of which a map passed some and failed some: "passed" or "failed" if it did so on
    clearly more than half of at least LEAST_PHOTOS photos, by an exact binomial test at 2.5% on each side; otherwise
    "inconclusive".
    """
    if of >= LEAST_PHOTOS and _chance(passed, of) <= 0.025:
        return "passed"
    return "failed" if of >= LEAST_PHOTOS and _chance(failed, of) <= 0.025 else "inconclusive"


def _chance(count: int, of: int) -> float:
    """How likely at least `count` of so many are, if each is as likely as not."""
    return float(sum(comb(of, each) for each in range(count, of + 1)) / 2**of)
