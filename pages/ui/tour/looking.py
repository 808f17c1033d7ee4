"""What the model says, and what its maps tell of where it looks.

Sentences are chosen from computed values: none says that a number is large, small or changed before it has been
compared.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

import saliency_core as core
from pages.ui import compute
from pages.ui.compute import Subject
from pages.ui.tour.scenes import SIGMA, Scene, Words, as_it_is, best_guess, map_of, subject_of
from pages.ui.tour.trials import BRIGHTEST, GUITAR, Trial, evidence_of, follow, region_of, tell_cropped
from saliency_core.masking.claims import ALPHA, RARE, Claim
from saliency_core.masking.effects import p_value
from saliency_core.masking.sentences import tell_hiding, tell_hiding_by_chance
from saliency_core.methods.measures import relevance_mass
from saliency_core.models.prediction import Guess
from saliency_core.presentation.captions import CROP_MODE_CAPTIONS
from saliency_core.presentation.words import tell_sureness
from saliency_core.text import cut, percent

APART = 0.05
"""A region's own class must put so much more of its map there than another class does, to be told apart."""


def tell_guess(classifier: core.Classifier) -> Scene:
    """What the model says of a photo."""
    subject = subject_of(classifier, "cat")
    prediction = compute.prediction(subject).prediction
    words = Words(
        (
            tell_sureness(*prediction.top(2)),
            f"It has learnt {_count(len(classifier.categories))}, and always names one of them.",
            "How sure it is, is its own estimate: it can be sure and wrong.",
        )
    )
    photo = as_it_is(subject, subject.source.title)
    pictures = (replace(photo, caption=f"{photo.caption} {CROP_MODE_CAPTIONS[subject.crop_mode]}"),)
    return Scene("What does the machine see?", pictures, (subject,), iter([words]), prediction, best_guess(subject))


def show_map(classifier: core.Classifier) -> Scene:
    """What the score reacts to, and whether hiding where that is most does more than hiding anything.

    The share of a map that lies on the object would say little: a network of random weights scores as much. What
    does tell the bright from the rest is the model's answer with the brightest square hidden, beside random squares.
    """
    subject = subject_of(classifier, BRIGHTEST.sample)
    target = best_guess(subject)
    trials = follow(classifier, [BRIGHTEST])
    (first,) = next(trials)
    assert first is not None, "the map lies where the model sees the photo"
    pictures = (
        as_it_is(subject, "The photo as it is", first.region),
        map_of(subject, target, 0.0, "Map as computed", over=False),
        map_of(subject, target, SIGMA, "Map smoothed"),
        first.hidden("Brightest square hidden"),
    )
    words = (_tell_bright(trial) for (trial,) in chain([(first,)], trials) if trial is not None)
    return Scene("Where does it look?", pictures, (subject,), words)


def ask_about_each(classifier: core.Classifier) -> Scene:
    """Two classes, the map of each, and what each loses with the thing of one hidden."""
    subject = subject_of(classifier, GUITAR.sample)
    prediction = compute.prediction(subject).prediction
    asked = _choose_guesses(prediction, ("electric guitar", "drum"))
    trials = follow(classifier, [GUITAR])
    (first,) = next(trials)
    photo = as_it_is(subject, "The photo as it is", region_of(subject, GUITAR))
    maps = (map_of(subject, each.index, SIGMA, f"Map for “{cut(each.label)}”") for each in asked)
    hidden = () if first is None else (first.hidden("Guitar hidden"),)
    told = _tell_guesses(prediction, asked)

    def words() -> Iterator[Words]:
        for (trial,) in chain([(first,)], trials):
            if trial is None:
                yield Words((told, tell_cropped(GUITAR)))
                continue
            changes = (
                tell_hiding(what, evidence_of(trial.views, each.index), cut(each.label))
                for what, each in zip((GUITAR.name, "it"), asked, strict=False)
            )
            yield Words((told, _tell_shares(subject, asked, trial.region), " ".join(changes)), trial.note(), trial.over)

    return Scene("Two things in one photo: ask about each", (photo, *maps, *hidden), (subject,), words())


def _tell_bright(trial: Trial) -> Words:
    """What hiding the brightest square says of the map."""
    change = tell_hiding("the brightest square", trial.evidence, trial.label)
    by_chance = tell_hiding_by_chance(trial.evidence) if trial.over else trial.tell_progress()
    return Words(
        (
            "Bright: a small change of this pixel moves the score a lot. Dark: it hardly does.",
            f"{change} {by_chance}",
            _tell_apart(trial) if trial.over else "Is that more than at a place taken at random?",
        ),
        trial.note(),
        trial.over,
    )


def _tell_apart(trial: Trial) -> str:
    claim = trial.claim
    if claim in RARE:
        return "So here the bright square is set apart from random ones."
    if claim is Claim.TOO_LITTLE:
        return "So there is too little here to judge the map by."
    if p_value(trial.evidence.loss) <= ALPHA:
        return "So it takes more than nearly any random square; still, the rule does not set it apart."
    return "So it is not set apart from random ones: a map shows what the score reacts to, not what the answer needs."


def _tell_guesses(prediction: core.Prediction, asked: Sequence[Guess]) -> str:
    """The best guess, and what those asked about get."""
    best = prediction.top(1)[0]
    others = [f"“{cut(each.label)}” gets {percent(each.probability)}" for each in asked if each.index != best.index]
    told = f"The best guess is “{cut(best.label)}”, {percent(best.probability)} sure"
    return f"{told}; {' and '.join(others)}." if others else f"{told}."


def _tell_shares(subject: Subject, asked: Sequence[Guess], region: core.Region) -> str:
    """How much of each class's map lies on a region, and whether that tells the classes apart."""
    shares = [relevance_mass(compute.attribution(subject, each.index, "max").values, [region]) for each in asked]
    each = [f"{percent(share)} of the map for “{cut(one.label)}”" for share, one in zip(shares, asked, strict=True)]
    if len(asked) == 1:
        conclusion = "A model of one class has one map."
    elif shares[0] - shares[1] >= APART:
        conclusion = f"Here the maps differ, by {100 * (shares[0] - shares[1]):.0f} points."
    else:
        conclusion = "So the maps do not tell the two apart."
    return f"The guitar holds {' and '.join(each)}. {conclusion}"


def _choose_guesses(prediction: core.Prediction, labels: tuple[str, str]) -> tuple[Guess, ...]:
    """What the model says of two classes; of its best guesses, if it does not know both."""
    names = list(prediction.categories)
    if all(label in names for label in labels):
        return tuple(prediction.guess(names.index(label)) for label in labels)
    return prediction.top(2)


def _count(classes: int) -> str:
    return "one kind of thing" if classes == 1 else f"{classes:,} kinds of things"
