"""The rule of a masking experiment's verdict, and its limits, in words: for pages, reports and the README."""

from collections.abc import Mapping

from saliency_core.masking.claims import ALPHA, LEAST_BELIEF, LEAST_CONTROLS, Claim
from saliency_core.masking.effects import HALF, LARGE_FACTOR
from saliency_core.photos.fills import Fill
from saliency_core.presentation.captions import FILL_NAMES
from saliency_core.text import begin, join_words, percent

EFFECTS = (
    "Hiding a part takes the answer away if its odds, p / (1 - p), fall to an eighth or less and less than "
    f"{HALF:.0%} of its probability is left. A part alone gives the answer if at least {HALF:.0%} of the probability "
    "is left. A part is set apart if, by hiding and keeping together (the odds from it alone, divided by the odds with "
    f"it hidden), at most {ALPHA:.0%} of random places of its shape do as well, the part counted with them. The first "
    "finding that fits is made:"
)
"""What counts as an effect, and as rare."""
assert LARGE_FACTOR == 8, "the words above say an eighth"

RULE: tuple[tuple[Claim, str], ...] = (
    (Claim.CARRIES, "hiding it takes the answer away, it alone gives it, and it is set apart"),
    (Claim.NEEDED, "hiding it takes the answer away, it is set apart, and by hiding alone, too"),
    (Claim.ENOUGH, "it alone gives the answer, it is set apart, and by keeping alone, too"),
    (Claim.LOST, "hiding it takes the answer away, but it is not set apart, or not by hiding alone"),
    (
        Claim.ENOUGH_NOT_NEEDED,
        "it alone gives the answer, hiding it does not take it away, and it is not set apart, or not by keeping alone",
    ),
    (
        Claim.NEITHER,
        "hiding it does not take the answer away, and it alone does not give it; most small places at random are so, "
        "hence this does not say what the answer rests on",
    ),
    (
        Claim.TOO_LITTLE,
        f"the class has less than {LEAST_BELIEF:.0%} to begin with, or there are fewer than {LEAST_CONTROLS} random "
        "places to compare with",
    ),
)
"""Each claim and when it is made; find_claim() is the rule."""

LIMITS: tuple[str, ...] = (
    "It is one photo, one model and one way of hiding; another of each may answer differently.",
    "The model has never learnt from photos with patches on them: part of any change is due to the patch.",
    "A part may be missed for what is in it or for its edges. And where two parts say the same, hiding "
    "either of them changes little, although the model uses both.",
    "A part that is not set apart from random places may still matter: large parts overlap most of the places of "
    "their shape, and are then hard to tell from them.",
)
"""What a masking experiment does not tell."""


def tell_fills(claims: Mapping[Fill, Claim]) -> str:
    """In one line, whether the claim depends on how pixels are hidden."""
    fills = {claim: [FILL_NAMES[fill] for fill in claims if claims[fill] is claim] for claim in claims.values()}
    if len(fills) == 1:
        return f"The finding is the same with every fill ({join_words(fills.popitem()[1])})."
    found = "; ".join(f"{join_words(names)}: {claim.value}" for claim, names in fills.items())
    return f"The finding changes with the fill, so it says something about the fill too. {begin(found)}."


def tell_mass(mass: float, area: float, label: str) -> str:
    """How much of a map a part holds, beside what says nothing.

    mass: see relevance_mass(); area: the share of the frame that the part covers.
    """
    return (
        f"The part holds {percent(mass)} of the saliency for “{label}” on {percent(area)} of the area (Wang et al. "
        "2020, arXiv:1910.01279). That is a share of the map, not of the score. A map that is the same everywhere "
        f"would give it {percent(area)}, but maps of other photos and plain edges often give an object more than its "
        "area, too, so more than that is no proof."
    )


def tell_tries(tries: int) -> str:
    """What it means that several comparisons have been made on one photo; empty for the first."""
    if tries < 2:
        return ""
    chance = 1 - (1 - ALPHA) ** tries
    return (
        f"One of {tries} comparisons made on this photo. Had all been of places at random, at least one would be set "
        f"apart by chance up to {chance:.0%} of the time."
    )
