"""The last step: what the tour has found out about the model in use, and what it has not."""

from collections.abc import Iterator, Sequence
from itertools import chain

import saliency_core as core
from pages.ui import compute
from pages.ui.tour.scenes import SIGMA, Note, Scene, Words, as_it_is, best_guess, map_of, subject_of
from pages.ui.tour.trials import PARTS, Trial, Trials, follow
from saliency_core.masking.claims import ALPHA, RARE
from saliency_core.models.prediction import Guess
from saliency_core.text import cut, join_words, percent

LIMITS = (
    "Not learnt: whether its answers are right, how it does on other photos, or that the other parts do not matter."
)


def conclude(classifier: core.Classifier) -> Scene:
    """One more photo, of an animal that the model may never have learnt, and what all trials say together."""
    subject = subject_of(classifier, "hedgehog")
    target = best_guess(subject)
    prediction = compute.prediction(subject).prediction
    learnt = any("hedgehog" in label.lower() for label in classifier.categories)
    trials = follow(classifier, PARTS)
    first = next(trials)

    def words() -> Iterator[Words]:
        for found in chain([first], trials):
            tried = [trial for trial in found if trial is not None]
            waiting = [trial for trial in tried if not trial.over]
            yield Words(
                (
                    _tell_progress(tried) if waiting else _tell_found(found, classifier.title),
                    _tell_unlearnt(prediction.top(1)[0], learnt),
                    LIMITS,
                ),
                () if waiting else (_tell_chance(tried),),
                not waiting,
            )

    pictures = (
        as_it_is(subject, "A hedgehog"),
        map_of(subject, target, SIGMA, f"Map for “{cut(prediction.categories[target])}”"),
    )
    return Scene("What this tells, and what it does not", pictures, (subject,), words(), prediction, target)


def _tell_found(found: Trials, title: str) -> str:
    """What was learnt about this model."""
    tried = [trial for trial in found if trial is not None]
    apart = [trial.part.name for trial in tried if trial.claim in RARE]
    if not tried:
        return f"Nothing was learnt about {title}: the model sees none of the parts that this tour hides."
    hidden = f"Of {len(tried)} parts that this tour hid from {title}"
    if not apart:
        return f"{hidden}, none was set apart from random places."
    were = "was" if len(apart) == 1 else "were"
    return f"{hidden}, {len(apart)} {were} set apart from random places: {join_words(apart)}."


def _tell_unlearnt(best: Guess, learnt: bool) -> str:
    """What the model makes of a hedgehog."""
    said = f"“{cut(best.label)}”, {percent(best.probability)} sure"
    if learnt:
        return f"This is a hedgehog, and it says {said}."
    return f"This is a hedgehog, a name that it has never learnt: it says {said}."


def _tell_progress(tried: Sequence[Trial]) -> str:
    done = sum(trial.over for trial in tried)
    return f"Comparing the parts that this tour hid with random places: {done} of {len(tried)} …"


def _tell_chance(tried: Sequence[Trial]) -> Note:
    """What the count is worth."""
    return Note(
        "How much that is.",
        f"A part placed at random is set apart at most {ALPHA:.0%} of the time: of {len(tried)}, at most "
        f"{ALPHA * len(tried):.2g} on average. A part, above all a large one, can matter without being "
        "set apart. All were hidden in black; another fill may say otherwise.",
    )
