"""What one photo is a case of."""

from enum import Enum

from saliency_core.audit.rows import Row
from saliency_core.masking.claims import Claim


class Case(Enum):
    """What a photo is a case of; the values are words for people."""

    NEEDS = "needs its object"
    GETS_BY = "gets by without it"
    BACKGROUND = "only the background is enough"
    NEITHER = "neither"


def find_case(row: Row) -> Case | None:
    """What a photo is a case of; None where nothing was hidden on it, or the model says another class than the one in
    question to begin with. Otherwise, in order:

    1. Under each fill the class is still the best guess with the object hidden: only the background is enough if under
       no fill it is with only the object left, else it gets by without.
    2. Under each fill it no longer is, and the masking experiment finds that the object carries the answer or is
       needed, more than random places: it needs its object.
    3. Neither of both is shown: random places may do the same, or the fills disagree.

    One photo has the power to show need for about a quarter of objects: the third case is no sign of the contrary.
    """
    found = [hiding for _, hiding in row.hidings]
    if not found or not row.named:
        return None
    if all(each.hidden_named for each in found):
        return Case.GETS_BY if any(each.alone_named for each in found) else Case.BACKGROUND
    needed = {Claim.CARRIES.value, Claim.NEEDED.value}
    if all(not each.hidden_named and each.claim in needed for each in found):
        return Case.NEEDS
    return Case.NEITHER
