"""The examination of a model, one check after the other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from saliency_core.models.classifier import Classifier
from saliency_core.packages import package_versions
from saliency_core.passport import photos as labelled_photos
from saliency_core.passport.answers import ANSWERS, COMPANY, REPEATS, UNIT
from saliency_core.passport.declared import CLASSES, KEYS, NUMBERS
from saliency_core.passport.finding import Finding, Outcome, Passport
from saliency_core.passport.gradients import GRADIENT_REACHES
from saliency_core.passport.hooks import HOOKS
from saliency_core.passport.probe import Check, Probe, make_probe
from saliency_core.passport.running import METHODS, SPEED
from saliency_core.text import cut

CHECKS: tuple[Check, ...] = (
    KEYS,
    NUMBERS,
    ANSWERS,
    CLASSES,
    UNIT,
    GRADIENT_REACHES,
    REPEATS,
    COMPANY,
    HOOKS,
    METHODS,
    SPEED,
)
"""In the order in which they are made, and told."""
_SHARE_OF_PHOTOS = 0.7
"""How much of the time photos take, roughly."""

Progress = Callable[[float, str], object]
"""Called with the share done, in [0, 1], and what is being done, as in "Asking it twice"."""


@dataclass(frozen=True, slots=True)
class Step:
    """What comes next: the share done so far, in [0, 1], and what is being done."""

    share: float
    doing: str


def examine(
    classifier: Classifier,
    photos: Path | None = None,
    progress: Progress | None = None,
) -> Passport:
    """Examine a model: whether it can be believed to be what it was declared to be, and what works with it.

    photos: a folder of labelled photos, see read_labelled(); ten will do.
    progress: told of each step before it is made.

    A module that raises or misbehaves is a finding, never an error.
    """
    passport: Passport | None = None
    for step in examination(classifier, photos):
        if isinstance(step, Passport):
            passport = step
        elif progress is not None:
            progress(step.share, step.doing)
    assert passport is not None  # examination() ends with it
    return passport


def examination(classifier: Classifier, photos: Path | None = None) -> Iterator[Step | Passport]:
    """examine(), step by step: each Step before what it names is done, at last the Passport. Whoever shares the model
    with others can let them have their turn in between."""
    whole = 1.0 if photos is None else 1 - _SHARE_OF_PHOTOS
    findings: list[Finding] = []
    yield Step(0.0, "Making a copy")
    probe = make_probe(classifier)
    answers = True
    for place, check in enumerate(CHECKS):
        yield Step(whole * (place + 1) / (len(CHECKS) + 1), check.doing)
        outcome = (
            _look(check, probe)
            if answers or not check.asks
            else Outcome("not tried", "The model gives no answers that could be looked at.")
        )
        if check is ANSWERS:
            answers = outcome.status != "failed"
        findings.append(_finding(check.key, check.title, outcome))
    photos_outcome = Outcome(
        "not tried",
        "No labelled photos were given. With some, wrong input settings can be found; ten can do, thirty are better.",
    )
    if photos is not None and _fits(findings):
        yield Step(whole, labelled_photos.DOING)
        for stage in labelled_photos.examine_photos(classifier, photos):
            if isinstance(stage, Outcome):
                photos_outcome = stage
            else:
                yield Step(whole + stage * (1 - whole), labelled_photos.DOING)
    elif photos is not None:
        photos_outcome = Outcome("not tried", "Answers or class names are not in order; right answers cannot be told.")
    findings.append(_finding(labelled_photos.KEY, labelled_photos.TITLE, photos_outcome))
    yield issue(classifier, tuple(findings))


def issue(classifier: Classifier, findings: tuple[Finding, ...]) -> Passport:
    """A passport of today for a model."""
    return Passport(
        classifier.name,
        classifier.title,
        classifier.weights.origin,
        classifier.weights.sha256,
        date.today().isoformat(),
        tuple(package_versions().items()),
        findings,
    )


def refuse(name: str, title: str, error: Exception) -> Passport:
    """A passport for a model that could not be loaded."""
    finding = Finding("loading", "Loading", "failed", str(error))
    return Passport(name, title, "", "", date.today().isoformat(), tuple(package_versions().items()), (finding,))


def _look(check: Check, probe: Probe) -> Outcome:
    try:
        return check.examine(probe)
    except Exception as error:  # whatever a person's module does that no check foresaw
        return Outcome(
            "failed",
            f"This could not be examined: the model fails with {type(error).__name__}.",
            (("error", cut(str(error), 200)),),
        )


def _fits(findings: list[Finding]) -> bool:
    wrong = {finding.key for finding in findings if finding.status == "failed"}
    return not wrong & {ANSWERS.key, CLASSES.key}


def _finding(key: str, title: str, outcome: Outcome) -> Finding:
    return Finding(key, title, outcome.status, outcome.sentence, outcome.details)
