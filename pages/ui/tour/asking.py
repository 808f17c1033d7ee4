"""A step in which the room guesses before it sees: a part is hidden, is the best guess still the same?

While the room thinks, the answer is computed; it is shown when somebody guesses or goes on.
"""

from collections.abc import Iterator
from itertools import chain

import saliency_core as core
from pages.ui import compute
from pages.ui.tour import guesses
from pages.ui.tour.guesses import Question
from pages.ui.tour.scenes import Scene, Words, as_it_is, subject_of
from pages.ui.tour.trials import Part, Trial, follow, region_of, tell_cropped
from saliency_core.masking.sentences import tell_hiding, tell_hiding_by_chance
from saliency_core.presentation.words import tell_sureness
from saliency_core.text import begin, cut, percent


def ask(classifier: core.Classifier, part: Part) -> Scene:
    """The question, or its answer, if that is shown."""
    subject = subject_of(classifier, part.sample)
    region = region_of(subject, part)
    prediction = compute.prediction(subject).prediction
    best = prediction.top(1)[0]
    headline = f"Hide {part.name}: still “{cut(best.label)}”?"
    picture = as_it_is(subject, "The photo as it is", region)
    if region is None:
        words = Words((tell_cropped(part),))
        return Scene(headline, (picture,), (subject,), iter([words]), prediction, best.index)
    question = Question((part, subject.key()), cut(best.label))
    if guesses.round_of(question).shown:
        trials = follow(classifier, [part])
        (first,) = next(trials)
        assert first is not None, "the part has a region"
        guesses.settle(question, first.stays)
        pictures = (picture, first.hidden(f"{begin(part.name)} hidden"))
        revealed = (_reveal(trial) for (trial,) in chain([(first,)], trials) if trial is not None)
        return Scene(headline, pictures, (subject,), revealed, first.views.hidden.prediction, best.index, question)
    told = _wait(
        Words(
            (
                tell_sureness(*prediction.top(2)),
                "Now guess before you see: what does it say when the outlined part is black?",
            )
        ),
        classifier,
        part,
    )
    return Scene(headline, (picture,), (subject,), told, prediction, best.index, question)


def _wait(words: Words, classifier: core.Classifier, part: Part) -> Iterator[Words]:
    """The words of a question; the answer is computed meanwhile."""
    yield words
    for _ in follow(classifier, [part]):
        pass


def _reveal(trial: Trial) -> Words:
    best = trial.views.hidden.prediction.top(1)[0]
    instead = "Still the best guess" if trial.stays else f"Now it says “{cut(best.label)}”, {percent(best.probability)}"
    by_chance = tell_hiding_by_chance(trial.evidence) if trial.over else trial.tell_progress()
    return Words(
        (f"{instead}. {tell_hiding(trial.part.name, trial.evidence, trial.label)}", by_chance),
        trial.note(),
        trial.over,
    )
