"""What an experiment found, in sentences: with its numbers, how many random places do the same, and no more."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from saliency_core.checks import one_of
from saliency_core.masking.claims import ALPHA, LEAST_BELIEF, LEAST_CONTROLS, Claim
from saliency_core.masking.effects import HALF, Evidence, count_as_large, p_value
from saliency_core.text import begin, percent

Declared = Literal["object", "part", "other"]
"""What a person says that the regions are: the object, a part of it, or something else."""
DECLARATIONS: tuple[Declared, ...] = ("object", "part", "other")

NOTABLE_CHANGE = 0.05
"""A probability that rises or falls by less is said to have stayed."""
LARGE_SHARE, LARGE_OVERLAP = 0.4, 0.5
"""A part that covers more of the frame than the first, or is covered by more than the second of random places of its
shape on average, can hardly be told from them."""

_NAMES: dict[Declared, str] = {"object": "the object", "part": "this part of the object", "other": "this part"}


def check_declared(declared: Declared) -> Declared:
    """One of DECLARATIONS.

    Raises RequestError for any other.
    """
    return one_of(declared, "declaration of what the regions are", DECLARATIONS)


@dataclass(frozen=True, slots=True)
class Part:
    """What was hidden, and what to call it.

    label: the class in question, cut to fit into a sentence.
    declared: only of a declared object is anything said of an object and its background.
    area_share: the share of the frame that it covers; overlap: the share of it that a random place covers on
        average; both in [0, 1].
    from_map: whether it was chosen by looking at a map of this photo.
    stays_best: whether the class is the best guess, as it is and with the part hidden.
    said: what the model says of the photo as it is, with its probability, where that is another class than the one
        in question: “zebra” (98%). Then no sentence calls the class the model's answer.
    """

    label: str = "this class"
    declared: Declared = "other"
    area_share: float = 0.0
    overlap: float = 0.0
    from_map: bool = False
    stays_best: bool = False
    said: str = ""

    @property
    def name(self) -> str:
        """As it stands within a sentence."""
        return _NAMES[self.declared]

    @property
    def answer(self) -> str:
        """The class where it is named in a sentence."""
        return f"“{self.label}”" if self.said else f"the answer “{self.label}”"

    @property
    def class_name(self) -> str:
        """The class in a sentence that has named it."""
        return f"“{self.label}”" if self.said else "the answer"

    @property
    def without(self) -> str:
        """What is left when it is hidden, as it stands after a number."""
        return "with only the background left" if self.declared == "object" else f"without {self.name}"


def tell_verdict(claim: Claim, evidence: Evidence, part: Part) -> str:
    """A claim with its numbers, in one to three sentences."""
    if claim is Claim.TOO_LITTLE:
        return _tell_too_little(evidence, part)
    return {
        Claim.CARRIES: _tell_carrying,
        Claim.NEEDED: _tell_need,
        Claim.ENOUGH: _tell_enough,
        Claim.LOST: _tell_loss,
        Claim.ENOUGH_NOT_NEEDED: _tell_also,
        Claim.NEITHER: _tell_neither,
    }[claim](evidence, part)


def tell_limits(claim: Claim, part: Part) -> tuple[str, ...]:
    """What stands beside a claim: that the class is not what the model says, that silence is not innocence where the
    test can find little, and that a part taken from the map is not one that was guessed."""
    limits = []
    if part.said:
        limits.append(f"“{part.label}” is not the model’s answer: of the photo as it is, it says {part.said}.")
    compared = claim in (Claim.LOST, Claim.ENOUGH_NOT_NEEDED)
    if compared and (part.area_share > LARGE_SHARE or part.overlap > LARGE_OVERLAP):
        limits.append(
            f"{begin(part.name)} covers {percent(part.area_share)} of what the model sees, and random places of its "
            f"shape overlap it by {percent(part.overlap)} on average, so this test can hardly tell it from them: "
            "finding no difference says little."
        )
    if part.from_map:
        limits.append("It was taken from a map of this photo, so this is no test of a guess made beforehand.")
    return tuple(limits)


def tell_hiding(what: str, evidence: Evidence, label: str) -> str:
    """One sentence on what hiding something, as people call it, did to a class called `label`."""
    before, after = percent(evidence.original), percent(evidence.hidden)
    how = _change(evidence)
    if how == "stays":
        return f"Hide {what}, and “{label}” is still at {after} (before: {before})."
    return f"Hide {what}, and “{label}” {how} from {before} to {after}."


def tell_hiding_by_chance(evidence: Evidence) -> str:
    """One sentence on how hiding compares with hiding random places, to stand after the class's probability."""
    if not evidence.controls_hidden:
        return "Not compared with random places."
    count, leaves = count_places(count_as_large(evidence.loss), "leaves", "leave")
    return f"Of {len(evidence.controls_hidden)} random places, hidden one at a time, {count} {leaves} as little."


def tell_keeping_by_chance(evidence: Evidence) -> str:
    """One sentence on how keeping only the part compares with keeping only random places, to stand after the class's
    probability."""
    if not evidence.controls_kept:
        return "Not compared with random places."
    count, leaves = count_places(count_as_large(evidence.gain), "leaves", "leave")
    return f"Of {len(evidence.controls_kept)} random places, kept alone, {count} {leaves} as much."


def count_places(count: int, one: str = "does", many: str = "do") -> tuple[str, str]:
    """So many places, and the form of a verb that goes with them: "none", "does"."""
    return str(count or "none"), one if count < 2 else many


def _tell_carrying(evidence: Evidence, part: Part) -> str:
    rivals, do = count_places(count_as_large(evidence.joint))
    losing, lose = count_places(int(evidence.lost[1:].sum()), "takes", "take")
    giving, give = count_places(int(evidence.enough[1:].sum()), "gives", "give")
    alone = "the object" if part.declared == "object" else "this part"
    return (
        f"{begin(part.name)} carries {part.answer}: {_tell_without(evidence, part)}, and {alone} alone "
        f"gives {percent(evidence.kept)}. By hiding and keeping together, {rivals} of {_tell_places(evidence)} {do} as "
        f"much; {losing} also {lose} {part.class_name} away when hidden, and {giving} {give} it alone."
    )


def _tell_need(evidence: Evidence, part: Part) -> str:
    rivals, take = count_places(count_as_large(evidence.loss), "takes", "take")
    return (
        f"{begin(part.answer)} needs {part.name} more than nearly any other place of its shape: "
        f"{_tell_without(evidence, part)}; of {_tell_places(evidence)}, hidden one at a time, {rivals} {take} as much. "
        f"Alone, {part.name} gives {percent(evidence.kept)}."
    )


def _tell_enough(evidence: Evidence, part: Part) -> str:
    before, _, kept = _numbers(evidence)
    rivals, give = count_places(count_as_large(evidence.gain), "gives", "give")
    return (
        f"{begin(part.name)} alone is enough for “{part.label}”, as few places of its shape are: it gives {kept} "
        f"(as it is: {before}); of {_tell_places(evidence)}, kept alone, {rivals} {give} as much. "
        f"{_tell_rest(evidence, part)}."
    )


def _tell_loss(evidence: Evidence, part: Part) -> str:
    before, hidden, kept = _numbers(evidence)
    rivals = _tell_rivals(evidence, evidence.loss, evidence.lost, "take", "it away")
    return (
        f"Hiding {part.name} takes {part.answer} away, from {before} to {hidden}, but that does not set it "
        f"apart: of {_tell_places(evidence)}, hidden one at a time, {rivals}. Alone, {part.name} gives {kept}."
    )


def _tell_also(evidence: Evidence, part: Part) -> str:
    before, _, kept = _numbers(evidence)
    rivals = _tell_rivals(evidence, evidence.gain, evidence.enough, "give", "it")
    elsewhere = ", so something else on the photo, or the fill, gives it too"
    return (
        f"{begin(part.name)} alone gives “{part.label}” {kept} (as it is: {before}), but that does not set it apart: "
        f"of {_tell_places(evidence)}, kept alone, {rivals}. "
        f"{_tell_rest(evidence, part)}{elsewhere if evidence.hidden >= HALF * evidence.original else ''}."
    )


def _tell_neither(evidence: Evidence, part: Part) -> str:
    before, _, kept = _numbers(evidence)
    less = ", not enough to count as taken away," if evidence.hidden < HALF * evidence.original else ","
    told = (
        f"“{part.label}” {_tell_change(evidence, part)} {part.without} (as it is: {before}){less} and {part.name} "
        f"alone does not give it ({kept})."
    )
    count = len(evidence.controls_hidden)
    if not count:
        return f"{told} This does not say what {part.class_name} rests on."
    alike = int((~evidence.lost[1:] & ~evidence.enough[1:]).sum())
    number, take = count_places(alike, "takes it away nor gives", "take it away nor give")
    so = f", so this does not say what {part.class_name} rests on." if 2 * alike > count else "."
    return f"{told} Of {_tell_places(evidence)}, {number} also neither {take} it alone{so}"


def _tell_too_little(evidence: Evidence, part: Part) -> str:
    before, hidden, kept = _numbers(evidence)
    if evidence.original < LEAST_BELIEF:
        return (
            f"The model gives “{part.label}” only {before} to begin with: too little to tell what it takes. "
            f"With {part.name} hidden it gives {hidden}, from {part.name} alone {kept}."
        )
    count = len(evidence.controls_hidden)
    compared = f"with only {count} random {'place' if count == 1 else 'places'}" if count else "with no random places"
    return (
        f"“{part.label}” is at {hidden} {part.without} (as it is: {before}), and at {kept} from {part.name} alone. "
        f"Whether that is rare cannot be said: it was compared {compared}, and it takes {LEAST_CONTROLS}."
    )


def _tell_rivals(
    evidence: Evidence, effects: NDArray[np.float64], large: NDArray[np.bool_], verb: str, what: str
) -> str:
    """Why an effect does not set a part apart: many random places have a large one too, or some as large a one, or
    it is hiding and keeping together that many do as well."""
    many = int(large[1:].sum())
    if many / len(large) > 2 * ALPHA:
        return f"{' '.join(count_places(many, f'{verb}s', verb))} {what} too"
    told = f"{' '.join(count_places(count_as_large(effects), f'{verb}s', verb))} as much"
    if p_value(effects) > ALPHA:
        return told
    rank = 1 + count_as_large(evidence.joint)
    return f"{told}, but by hiding and keeping together it ranks {rank} of {len(effects)}, and the rule asks for both"


def _tell_places(evidence: Evidence) -> str:
    return f"{len(evidence.controls_hidden)} random places of its shape"


def _tell_without(evidence: Evidence, part: Part) -> str:
    before, hidden, _ = _numbers(evidence)
    if part.declared == "object":
        return f"the background alone gives {hidden} (as it is: {before})"
    return f"without it, the probability falls from {before} to {hidden}"


def _tell_rest(evidence: Evidence, part: Part) -> str:
    """What is left of the class when the part is hidden."""
    return f"{begin(part.without)}, “{part.label}” {_tell_change(evidence, part)}"


def _tell_change(evidence: Evidence, part: Part) -> str:
    how = _change(evidence)
    best = " and stays the best guess" if part.stays_best and how == "falls" else ""
    return f"{'is still at' if how == 'stays' else how + ' to'} {percent(evidence.hidden)}{best}"


def _change(evidence: Evidence) -> Literal["falls", "stays", "rises"]:
    change = evidence.hidden - evidence.original
    if change <= -NOTABLE_CHANGE or evidence.hidden < HALF * evidence.original:
        return "falls"
    return "rises" if change >= NOTABLE_CHANGE else "stays"


def _numbers(evidence: Evidence) -> tuple[str, str, str]:
    return percent(evidence.original), percent(evidence.hidden), percent(evidence.kept)
