"""The rule: which claim a masking experiment's numbers bear."""

from collections.abc import Callable
from enum import Enum

from saliency_core.masking.effects import Evidence, count_as_large, p_value

LEAST_BELIEF = 0.05
"""Below this probability there is no answer whose reasons could be looked for."""
ALPHA = 0.05
"""How often a region placed at random may, at most, get any of the RARE claims."""
LEAST_CONTROLS = 19
"""With fewer random places none could be rarer than ALPHA: 1 / (19 + 1) = 0.05."""


class Claim(Enum):
    """What an experiment found; the values are words for people."""

    CARRIES = "carries the answer"
    NEEDED = "needed"
    ENOUGH = "enough"
    LOST = "lost, but not set apart"
    ENOUGH_NOT_NEEDED = "enough, but not set apart"
    NEITHER = "neither needed nor enough"
    TOO_LITTLE = "too little to judge"


RARE = (Claim.CARRIES, Claim.NEEDED, Claim.ENOUGH)
"""The claims that set a part apart from random places."""


def is_jointly_rare(evidence: Evidence) -> bool:
    """Whether hiding and keeping together are as rare as ALPHA among the random places."""
    return p_value(evidence.joint) <= ALPHA


def find_claim(evidence: Evidence, is_rare: Callable[[Evidence], bool] = is_jointly_rare) -> Claim:
    """The rule, in order:

    1. The class has less than LEAST_BELIEF to begin with: too little to judge.
    2. Hiding the part does not take the answer away, and alone it does not give it: neither.
    3. There are fewer than LEAST_CONTROLS random places to compare with: too little to judge.
    4. Hiding and keeping together are as rare as ALPHA among the random places, which is the one test
       that any of the next three claims has to pass; so regions at random get one of them at most that often:
       a) both effects are there: the part carries the answer;
       b) hiding it takes the answer away, and as much is as rare as ALPHA: needed;
       c) alone it gives the answer, and as much is as rare as ALPHA: enough.
    5. Hiding it takes the answer away: lost, but not set apart.
    6. Alone it gives the answer, and hiding it does not take it away: enough, but not set apart.

    One gate before several questions is a fixed sequence of tests (Maurer, Hothorn & Lehmacher 1995). The gate is
    one sum of both effects, one question that can be told. The smallest of three p-values (min-p, Westfall & Young
    1993) would be as exact a gate; docs/calibration.md compares them.

    is_rare: the gate of 4, where another rule is compared with this one.
    """
    lost, enough = bool(evidence.lost[0]), bool(evidence.enough[0])
    if evidence.original < LEAST_BELIEF:
        return Claim.TOO_LITTLE
    if not lost and not enough:
        return Claim.NEITHER
    if len(evidence.controls_hidden) < LEAST_CONTROLS:
        return Claim.TOO_LITTLE
    if is_rare(evidence):
        if lost and enough and is_jointly_rare(evidence):
            return Claim.CARRIES
        if lost and p_value(evidence.loss) <= ALPHA:
            return Claim.NEEDED
        if enough and p_value(evidence.gain) <= ALPHA:
            return Claim.ENOUGH
    return Claim.LOST if lost else Claim.ENOUGH_NOT_NEEDED


def is_decided(evidence: Evidence, count: int) -> bool:
    """Whether the claim will be the same whatever the random places that are still to come, of `count` in all."""
    lost, enough = bool(evidence.lost[0]), bool(evidence.enough[0])
    if evidence.original < LEAST_BELIEF or not (lost or enough) or count < LEAST_CONTROLS:
        return True  # the random places play no part
    if len(evidence.controls_hidden) < LEAST_CONTROLS:
        return False
    tests = [evidence.joint]
    if lost != enough:
        tests.append(evidence.loss if lost else evidence.gain)
    return any((1 + count_as_large(effects)) / (1 + count) > ALPHA for effects in tests)
