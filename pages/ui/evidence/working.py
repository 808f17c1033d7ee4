"""What the evidence on a map is computed from: the only place that asks for it, one step a turn, each kept."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import saliency_core as core
from pages.ui import compute, shared
from pages.ui.compute import Subject
from pages.ui.samples import samples
from saliency_core.evidence.classes import ClassEvidence, class_stages
from saliency_core.evidence.controls import Control, Values, make_controls
from saliency_core.evidence.filmstrip import Filmstrip, filmstrip_stages
from saliency_core.evidence.remaking import add_noise
from saliency_core.evidence.removal import RemovalEvidence, removal_stages
from saliency_core.evidence.similarity import spearman
from saliency_core.evidence.steadiness import Steadiness, steadiness_stages
from saliency_core.evidence.untrained import Untrained, compare_untrained
from saliency_core.methods.attribution import Reduction, fit_reduction, reduce_channels
from saliency_core.methods.method import DEFAULT_OPTIONS, Options
from saliency_core.methods.registry import find_method
from saliency_core.methods.smoothing import smooth
from saliency_core.photos.fills import Fill

OTHERS = 4
"""Maps of other photos that a map is compared with."""
CALIBRATION = 6
"""Photos that shuffled weights take the range of their values from."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A map that is asked about: a class's, by a method, before smoothing.

    reduction: how its channels become one value.
    options: what the method is told.
    """

    subject: Subject
    target: int
    method: str
    reduction: Reduction
    options: Options = DEFAULT_OPTIONS

    def key(self, *more: Hashable) -> Hashable:
        """What tells it from others."""
        return "evidence", self.subject.key(), self.target, self.method, self.reduction, self.options, *more

    def attribution(self) -> core.Attribution:
        """The map before smoothing."""
        return compute.attribution(self.subject, self.target, self.reduction, self.method, self.options)

    def saliency(self, sigma: float) -> core.SaliencyMap:
        """The map, smoothed."""
        return compute.saliency(self.subject, self.target, self.reduction, sigma, self.method, self.options)


def question(
    subject: Subject, target: int, method: str, magnitude: Reduction, options: Options = DEFAULT_OPTIONS
) -> Question:
    """A question about a class's map; magnitude: of methods that leave it to choose."""
    row = find_method(method)
    return Question(subject, target, method, fit_reduction(method, magnitude), row.own(options))


def explain_slowly(asked: Question) -> Iterator[float]:
    """Makes the map that is asked about, if it is not kept: the share done after each step of a long method."""
    for stage in compute.explanation_steps(asked.subject, asked.target, asked.method, asked.options):
        yield stage.share


def others(asked: Question) -> tuple[Question, ...]:
    """The same question about other photos, each about its own best guess."""
    subject = asked.subject
    sources = [each for each in samples().values() if each.digest != subject.source.digest][:OTHERS]
    beside = [replace(subject, source=each) for each in sources]
    return tuple(replace(asked, subject=each, target=best_guess(each)) for each in beside)


def best_guess(subject: Subject) -> int:
    """The class that a model finds most likely."""
    return compute.prediction(subject).prediction.best()


def other_maps(asked: Question, sigma: float) -> tuple[Values, ...]:
    """The maps of other photos, smoothed."""
    return tuple(each.saliency(sigma).values for each in others(asked))


def null_of(asked: Question, sigma: float) -> tuple[float, ...]:
    """How like the map is to those of other photos, by rank."""
    own = asked.saliency(sigma).values
    key = asked.key("null", sigma)
    return shared.keep(key, lambda: tuple(spearman(own, each) for each in other_maps(asked, sigma)))


def controls(asked: Question, sigma: float) -> tuple[Control, ...]:
    """What a map is compared with at a sigma; the maps of other photos are made if need be."""
    unsmoothed = other_maps(asked, 0.0)
    frame = compute.frame(asked.subject)
    return shared.keep(asked.key("controls", sigma), lambda: make_controls(frame, sigma, unsmoothed))


def remove(
    subject: Subject,
    target: int,
    maps: Mapping[str, Values],
    compared: Mapping[str, Sequence[Control]],
    fills: Sequence[Fill],
    key: Hashable,
) -> Iterator[RemovalEvidence]:
    """removal_stages() in turns. key: what tells these maps and controls from others."""
    whole = "removal", subject.key(), target, tuple(fills), key
    if (found := shared.find(whole)) is not None:
        yield cast("RemovalEvidence", found[0])
        return

    def ask(step: Hashable, make: Callable[[], object]) -> object:
        return shared.ask(subject.device, ("removed", subject.key(), target, step), make)

    frame, stage = compute.frame(subject), None
    for stage in removal_stages(subject.classifier, frame, target, maps, compared, fills, ask=ask):
        yield stage
    shared.put(whole, stage)


def shuffled_subject(subject: Subject) -> Subject:
    """The same photo, seen by the same architecture with nothing learned."""
    every = list(samples().values())
    chosen = every[:CALIBRATION]
    if any(each.digest == subject.source.digest for each in chosen):  # not of the photo that is asked about
        chosen = every[CALIBRATION : 2 * CALIBRATION]
    frames = tuple(compute.frame(replace(subject, source=each)) for each in chosen)
    _, *model = subject.key()
    key = *model, tuple(each.sample for each in chosen)
    with_nothing = compute.shuffled(subject, frames, key)
    return replace(subject, classifier=with_nothing)


@dataclass(frozen=True, slots=True, eq=False)
class Ingredients:
    """The maps, before smoothing, from which it is told whether an untrained network would give the same.

    own: the map in question; untrained: of the same network with its weights shuffled; noisy: of the photo under
        slight noise; others: of other photos.
    """

    own: core.Attribution
    untrained: core.Attribution
    noisy: core.Attribution
    others: tuple[core.Attribution, ...]


def gather(asked: Question) -> Iterator[float | Ingredients]:
    """Makes the maps for compare_with_untrained(), for all sigmas: the share done, and at last the maps."""
    if (found := gathered(asked)) is not None:
        yield found
        return
    own = asked.attribution()
    yield 0.1
    beside = []
    for each in others(asked):
        beside.append(each.attribution())
        yield 0.1 + 0.1 * len(beside)
    noisy = noisy_map(asked)
    yield 0.6
    nothing_learned = replace(asked, subject=shuffled_subject(asked.subject))
    yield 0.8
    made = Ingredients(own, nothing_learned.attribution(), noisy, tuple(beside))
    yield shared.keep(asked.key("ingredients"), lambda: made)


def gathered(asked: Question) -> Ingredients | None:
    """What gather() has made, if it is kept."""
    found = shared.find(asked.key("ingredients"))
    return None if found is None else cast("Ingredients", found[0])


def compare_with_untrained(asked: Question, made: Ingredients, sigma: float) -> Untrained:
    """The map beside that of the same network with its weights shuffled; the model is not asked."""

    def make() -> Untrained:
        own, untrained, noisy, *beside = (
            smooth(each, sigma).values for each in (made.own, made.untrained, made.noisy, *made.others)
        )
        return compare_untrained(own, untrained, beside, noisy)

    return shared.keep(asked.key("untrained", sigma), make)


def noisy_map(asked: Question) -> core.Attribution:
    """The map of the photo under slight noise, before smoothing."""
    subject = asked.subject

    def make() -> core.Attribution:
        noisy = add_noise(compute.frame(subject))
        return reduce_channels(
            core.explain(subject.classifier, noisy, asked.target, asked.method, asked.options), asked.reduction
        )

    return shared.ask(subject.device, asked.key("noisy"), make)


def calibration(subject: Subject) -> tuple[core.Frame, ...]:
    """Frames of other photos."""
    sources = [each for each in samples().values() if each.digest != subject.source.digest][:CALIBRATION]
    return tuple(compute.frame(replace(subject, source=each)) for each in sources)


def films(asked: Mapping[str, Question], sigma: float) -> Iterator[float | Filmstrip]:
    """The filmstrips of several maps, by their methods: those that are kept, then all others at once, since to shuffle
    the network takes longer than most maps do."""
    found = {method: shared.find(each.key("filmstrip", sigma)) for method, each in asked.items()}
    for kept in found.values():
        if kept is not None:
            yield cast("Filmstrip", kept[0])
    missing = {method: asked[method] for method, kept in found.items() if kept is None}
    if not missing:
        return
    subject = next(iter(missing.values())).subject
    frame, trained = compute.frame(subject), {method: each.saliency(sigma) for method, each in missing.items()}
    for stage in shared.steps(
        subject.device,
        ("filmstrips", *(each.key(sigma) for each in missing.values())),
        lambda: filmstrip_stages(subject.classifier, frame, trained, calibration(subject)),
    ):
        if isinstance(stage, Filmstrip) and stage.share >= 1:
            for method, each in missing.items():
                one = Filmstrip({method: stage.trained[method]}, {method: stage.pictures[method]})
                shared.put(each.key("filmstrip", sigma), one)
        yield stage


def compare_classes(asked: Question, sigma: float) -> Iterator[float | ClassEvidence]:
    """The map beside those of other classes."""
    subject, frame = asked.subject, compute.frame(asked.subject)
    saliency = asked.saliency(sigma)
    return shared.steps(
        subject.device,
        asked.key("classes", sigma),
        lambda: class_stages(subject.classifier, frame, saliency, asked.options),
    )


def shake(asked: Question, sigma: float) -> Iterator[float | Steadiness]:
    """What tiny changes of the photo do to the map."""
    subject, frame = asked.subject, compute.frame(asked.subject)
    saliency, beside = asked.saliency(sigma), other_maps(asked, sigma)
    return shared.steps(
        subject.device,
        asked.key("steadiness", sigma),
        lambda: steadiness_stages(subject.classifier, frame, saliency, asked.options, others=beside),
    )
