"""Whole things: whether the model looks at the one that people would look at, and whether it alone is enough."""

from collections.abc import Iterator
from itertools import chain

import saliency_core as core
from pages.ui.tour.scenes import Scene, Words, as_it_is, subject_of
from pages.ui.tour.trials import COFFEE, CUP, ROCKET, Trial, follow, tell_cropped
from saliency_core.masking.claims import ALPHA, Claim
from saliency_core.masking.effects import p_value
from saliency_core.masking.sentences import count_places, tell_keeping_by_chance
from saliency_core.text import begin, percent

_RIGHT_THING = {
    Claim.CARRIES: "yes: {name} carries the answer “{label}”, as few places of its shape do.",
    Claim.NEEDED: "yes: “{label}” needs {name} more than nearly any other place of its shape.",
    Claim.ENOUGH: "in part: {name} alone is enough for “{label}”, as few places are; whether it is needed is open.",
    Claim.LOST: "that is open: without {name} “{label}” is gone, but so it is without other places.",
    Claim.ENOUGH_NOT_NEEDED: "that is open: {name} alone gives “{label}”, but so do other places.",
    Claim.NEITHER: "that is open: hiding {name} does not count as taking “{label}” away, nor is {name} alone enough.",
    Claim.TOO_LITTLE: "that is open: there is too little to judge by.",
}
"""What a claim answers to whether the model looks at the right thing."""


def look_for_the_thing(classifier: core.Classifier) -> Scene:
    """A whole cup and a whole rocket, hidden."""
    parts, whats = (CUP, ROCKET), ("espresso", "rocket")
    trials = follow(classifier, parts)
    first = next(trials)
    pictures = []
    for what, trial in zip(whats, first, strict=True):
        if trial is not None:
            pictures.append(as_it_is(trial.subject, f"The {what}", trial.region))
            pictures.append(trial.hidden(f"{begin(trial.part.name.removeprefix('the '))} hidden"))

    def words() -> Iterator[Words]:
        for found in chain([first], trials):
            yield Words(
                tuple(f"For the {what}, {_tell_thing(trial)}" for what, trial in zip(whats, found, strict=True)),
                tuple(note for trial in found if trial is not None for note in trial.note()),
                all(trial is None or trial.over for trial in found),
            )

    subjects = tuple(subject_of(classifier, part.sample) for part in parts)
    return Scene("Is it looking at the right thing?", tuple(pictures), subjects, words())


def keep_only(classifier: core.Classifier) -> Scene:
    """The coffee alone, and the whole cup."""
    parts = (COFFEE, CUP)
    trials = follow(classifier, parts)
    first = next(trials)
    subject = subject_of(classifier, CUP.sample)
    kept = (trial.kept(f"Only {trial.part.name}") for trial in first if trial is not None)

    def words() -> Iterator[Words]:
        for coffee, cup in chain([first], trials):
            if coffee is None or cup is None:
                yield Words((tell_cropped(COFFEE if coffee is None else CUP),))
                continue
            yield Words(
                (
                    f"From the coffee alone, “{cup.label}” gets {percent(coffee.evidence.kept)}; from the whole cup "
                    f"alone, {percent(cup.evidence.kept)} (as it is: {percent(cup.evidence.original)}).",
                    _tell_alone(cup) if cup.over else cup.tell_progress(),
                    "The rest is black. The model has never learnt from such photos: part of any change comes of it.",
                ),
                cup.note(),
                cup.over,
            )

    return Scene("Is the object alone enough?", (as_it_is(subject, "The photo as it is"), *kept), (subject,), words())


def _tell_thing(trial: Trial | None) -> str:
    """Whether the model looks at the right thing on one photo, to stand after "For the espresso, "."""
    if trial is None:
        return "that cannot be told here, as it is cropped away. Fit the photo another way to try it."
    if trial.claim is None:
        progress = trial.tell_progress()
        return progress[:1].lower() + progress[1:]
    return _RIGHT_THING[trial.claim].format(name=trial.part.name, label=trial.label)


def _tell_alone(trial: Trial) -> str:
    """Whether a part alone is enough, beside random places alone."""
    evidence = trial.evidence
    if not evidence.enough[0]:
        return "So alone it does not give the answer: less than half of the probability is left."
    if p_value(evidence.gain) <= ALPHA:
        return f"So alone it is enough, as few places are. {tell_keeping_by_chance(evidence)}"
    count, are = count_places(int(evidence.enough[1:].sum()), "is", "are")
    return f"So alone it is enough; of {len(evidence.controls_kept)} random places of its shape, {count} {are}, too."
