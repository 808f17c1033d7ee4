"""Words of the pages alone; no Streamlit, no mathematics."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from saliency_core.models.prediction import Prediction
from saliency_core.text import cut, percent

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#|~$:&^!])")
_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?=@)", re.IGNORECASE)
_JOINER = "\u2060"
"""Has no width, and no line is broken at it: Streamlit makes links of addresses, escaped or not, unless something
parts them."""

COLOUR_MAP_NAMES = {
    "magma": "Magma (dark to bright)",
    "inferno": "Inferno",
    "plasma": "Plasma",
    "viridis": "Viridis",
    "cividis": "Cividis",
}


def as_text(text: str) -> str:
    """Text from anywhere, such as a file's name, as Markdown that shows it letter by letter; not for the start
    of a line, where more letters have a meaning."""
    return _MARKDOWN.sub(r"\\\1", _ADDRESS.sub(_JOINER, " ".join(text.split())))


@dataclass(frozen=True, slots=True)
class Answer:
    """What the answer line says and draws.

    name: the class in question; told: its probabilities in words; best: the best guess. Read one after the other
        they are a sentence.
    share: the probability with the regions hidden, the bar's length; mark: that of the photo as it is. In [0, 1].
    """

    name: str
    told: str
    best: str
    share: float
    mark: float


def tell_answer(original: Prediction, hidden: Prediction, target: int, seen: int, drawn: int) -> Answer:
    """What a model says of a class while regions are hidden.

    original: of the photo as it is; hidden: with the regions hidden, the same if there is none to hide.
    seen: how many regions lie where the model sees the photo; drawn: how many there are.
    """
    before, after, best = original.guess(target), hidden.guess(target), hidden.top(1)[0]
    if seen:
        parts = "this part" if seen == 1 else "these parts"
        told = f"{percent(after.probability)} with {parts} hidden ({percent(before.probability)} as it is)"
    elif drawn:
        told = f"{percent(before.probability)} as it is; the model does not see this part"
    else:
        told = f"{percent(before.probability)} with no part hidden"
    guess = f"best guess: “{cut(best.label)}” {percent(best.probability)}"
    return Answer(f"“{cut(before.label)}”", f": {told}", guess, after.probability, before.probability)


def tell_no_answer(reason: str) -> Answer:
    """Why there is no answer, in a sentence."""
    return Answer("", reason, "", 0, 0)


def tell_truth(shows: str, right: Sequence[str], prediction: Prediction) -> str:
    """Whether a model's best guess is right, as Markdown.

    shows: what the photo is known to show; empty if that is not known, and then nothing is told.
    right: names of the classes that are right.
    """
    if not shows:
        return ""
    names = list(prediction.categories)
    known = [prediction.guess(names.index(name)) for name in right if name in names]
    if prediction.top(1)[0].label in right:
        return f":material/check_circle: **Right.** The photo shows {shows}."
    told = f":material/cancel: **Wrong.** The photo shows {shows}"
    if not known:
        return f"{told}. None of the model’s {len(names):,} classes is that, so no answer could be right."
    best = max(known, key=lambda guess: guess.probability)
    place = f"place {prediction.rank(best.index):,} of {len(names):,}"
    return f"{told}; “{as_text(best.label)}” gets {percent(best.probability)}, {place}."
