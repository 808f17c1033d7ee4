"""What an audit says of all of its classes together, in sentences."""

from collections.abc import Sequence

from saliency_core.audit.summary import LEAST_PHOTOS
from saliency_core.audit.summary_file import Told
from saliency_core.audit.words import Word
from saliency_core.text import cut, join_words

_SAID = {
    Word.NEEDS: ("needs its object", "need their object"),
    Word.GETS_BY: ("mostly gets by without its object", "mostly get by without their object"),
    Word.BACKGROUND: (
        "is mostly named by the background alone",
        "are mostly named by the background alone",
    ),
    Word.NEITHER: (
        "is mostly named neither by the background alone nor by the object alone",
        "are mostly named neither by the background alone nor by the object alone",
    ),
    Word.CHANCE: ("is not told apart from chance", "are not told apart from chance"),
}
_NAMED = 3
"""So many classes are called by their names."""


def tell_classes(classes: Sequence[Told]) -> tuple[str, ...]:
    """How many classes can be judged, and how many of these there are of each word; a sentence a word."""
    if not classes:
        return ("No photo was measured.",)
    judged = [each for each in classes if each.summary.ranked]
    if not any(each.summary.judged for each in classes):
        return ("No object was hidden, so nothing can be said of what the answers need.",)
    if not judged:
        return (
            f"No class has the {LEAST_PHOTOS} photos that it takes to say more than numbers: see how many each has.",
        )
    few = len(classes) - len(judged)
    begin = f"{_count(len(judged))} can be judged" + (
        f"; the other {few:,} {'has' if few == 1 else 'have'} fewer than {LEAST_PHOTOS} photos on which an object was "
        "hidden."
        if few
        else "."
    )
    told = []
    for word, (one, several) in _SAID.items():
        found = [f"“{cut(each.summary.label)}”" for each in judged if each.word is word]
        if found:
            more = [f"{len(found) - _NAMED:,} more"] if len(found) > _NAMED else []
            told.append(f"{join_words([*found[:_NAMED], *more])} {one if len(found) == 1 else several}.")
    return begin, *told


def _count(classes: int) -> str:
    return "One class" if classes == 1 else f"{classes:,} classes"
