"""The only way from the pages to saliency_core's work: each result is made once and kept for everyone.

Results are kept by the photo's digest, the weights' digest and the few settings that matter, never by
the arrays themselves; they are read-only. All of them together take CAPACITY bytes at most. Whatever
runs the model waits for its turn.
"""

import gc
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar, cast

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray

import saliency_core as core
from pages.ui import waiting
from pages.ui.background import Background
from pages.ui.keeping import Keeper
from pages.ui.samples import Source
from pages.ui.turns import Turns
from pages.ui.works import Works
from saliency_core.evidence import randomise
from saliency_core.masking.experiment import Stage, Views, make_view
from saliency_core.masking.sentences import Declared
from saliency_core.methods import class_activation
from saliency_core.methods.attribution import Reduction, explanation_stages, reduce_channels
from saliency_core.methods.method import DEFAULT_OPTIONS, Explanation, Options
from saliency_core.methods.registry import DEFAULT_METHOD, find_method
from saliency_core.models.registry import find_model
from saliency_core.passport import examine
from saliency_core.passport.examine import Step
from saliency_core.passport.finding import Passport
from saliency_core.photos.fills import Fill, hide
from saliency_core.photos.frame import CropMode
from saliency_core.presentation import figures

CAPACITY = 400 * 2**20
LONGEST_QUEUE = 32
MODELS_IN_MEMORY = 4
"""More than these are not held at once: the one that was asked longest ago leaves."""
LEFT_WORKS = 4
"""So many long explanations that were stopped or left can go on where they were; others begin anew."""

LEFT_TESTS = 2
"""So many tests of maps that were left can go on where they were."""

Result = TypeVar("Result")

_keeper = Keeper(CAPACITY)
_works: Works[Explanation] = Works(LEFT_WORKS)
behind = Background()
"""Does what no page waits for."""
_tests: Works[object] = Works(LEFT_TESTS)
_queues: dict[torch.device, Turns] = {}
"""One for each device: models on different devices need not wait for each other."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """What is being looked at: a photo, by a model, in a crop mode."""

    source: Source
    classifier: core.Classifier
    crop_mode: CropMode

    def key(self) -> tuple[str, ...]:
        """What tells one subject from another."""
        model = self.classifier
        settings = f"{model.preset} {model.output}"  # a declaration may change while its weights stay
        return self.source.digest, model.name, model.weights.sha256, settings, self.crop_mode


@dataclass(frozen=True, slots=True, eq=False)
class Timed:
    """A prediction and the seconds that the model took for it."""

    prediction: core.Prediction
    seconds: float


def classifier(name: str) -> core.Classifier:
    """A model with its weights, one for all sessions; loaded anew once its declaration or its file has changed.

    Raises SaliencyError where load_classifier() does.
    """
    model = find_model(name)
    return _classifier(name, model.declared, model.source.stamp)


@st.cache_resource(max_entries=MODELS_IN_MEMORY, show_spinner="Loading the model …")
def _classifier(name: str, declared: str, stamp: object) -> core.Classifier:  # noqa: ARG001 (what it is known by)
    loaded = core.load_classifier(name)
    _freeze_gc_once(name)
    return loaded


def keep(key: Hashable, make: Callable[[], Result]) -> Result:
    """A result that needs no turn, made once and kept with the others."""
    return _keeper.get(key, make)


def photo(source: Source) -> core.Photo:
    """The decoded photo."""
    return _keeper.get(("photo", source.digest), lambda: core.decode_photo(source.data))


def picture(source: Source) -> NDArray[np.uint8]:
    """The photo at screen size."""
    return _keeper.get(("picture", source.digest), lambda: figures.display_photo(photo(source)))


def frame(subject: Subject) -> core.Frame:
    """What the model sees."""
    return _keeper.get(
        ("frame", subject.key()),
        lambda: core.frame_photo(photo(subject.source), subject.classifier, subject.crop_mode),
    )


def case_of(subject: Subject) -> core.Case:
    """What pictures and reports of the subject are about."""
    source = subject.source
    return core.Case(picture(source), source.title, source.credit, subject.classifier, frame(subject))


def prediction(subject: Subject) -> Timed:
    """What the model says."""

    def make() -> Timed:
        start = time.perf_counter()
        answer = core.classify(subject.classifier, frame(subject))
        return Timed(answer, time.perf_counter() - start)

    return ask_model(subject, ("prediction", subject.key()), make)


def layers(subject: Subject) -> tuple[str, ...]:
    """Names of the model's layers that class activation maps can look at."""
    model = subject.classifier
    key = ("layers", *subject.key()[1:4])
    return ask_model(subject, key, lambda: class_activation.layers(model))


def explanation(
    subject: Subject, target: int | None, method: str = DEFAULT_METHOD, options: Options = DEFAULT_OPTIONS
) -> Explanation:
    """What the model and a method say of a frame, for a class (None: its best guess); by the gradient, in one pass."""
    *_, whole = explanation_steps(subject, target, method, options)
    return whole


def explanation_steps(
    subject: Subject, target: int | None, method: str = DEFAULT_METHOD, options: Options = DEFAULT_OPTIONS
) -> Iterator[Explanation]:
    """explanation() step by step: what there is so far, and at last the whole.

    Each step waits for its turn, so that other sessions get theirs in between, and is done once: sessions that ask for
    the same share the steps. What has been done when a session leaves is kept, see explained_so_far().
    """
    best = ("best", subject.key())
    asked = target
    if target is None and (found := _keeper.find(best)) is not None:
        target = cast("int", found[0])
    key = _explanation_key(subject, target, method, options)
    while True:
        stage = _keeper.find(key) or _step(subject, key, target, method, options)
        yield (result := cast("Explanation", stage[0]))
        if result.share >= 1:
            break
    if asked is None:  # asking for this class by its number finds the same pass
        _keeper.keep(best, result.target)
        _keeper.keep(_explanation_key(subject, result.target, method, options), result)


def explained_so_far(subject: Subject, target: int, method: str, options: Options) -> Explanation | None:
    """What is kept of an explanation, whole or not; None for nothing."""
    key = _explanation_key(subject, target, method, options)
    found = _keeper.find(key) or _keeper.find(("so far", key))
    return None if found is None else cast("Explanation", found[0])


def reduced(subject: Subject, explained: Explanation, reduction: Reduction) -> core.Attribution:
    """The map of an explanation of the subject, whole or not, before smoothing."""
    return _keeper.get(
        ("attribution", *_map_key(subject, explained, reduction)), lambda: reduce_channels(explained, reduction)
    )


def contrasted(subject: Subject, explained: Explanation, minus: int, reduction: Reduction) -> core.Attribution:
    """The map of a whole explanation of the subject less that of another class, before smoothing."""

    def make() -> core.Attribution:
        other = explanation(subject, minus, explained.method, explained.options)
        return core.contrast(reduced(subject, explained, reduction), reduced(subject, other, reduction))

    return _keeper.get(("contrast", *_map_key(subject, explained, reduction), minus), make)


def smoothed(subject: Subject, explained: Explanation, reduction: Reduction, sigma: float) -> core.SaliencyMap:
    """The smoothed map of an explanation of the subject, whole or not."""
    return _keeper.get(
        ("saliency", *_map_key(subject, explained, reduction), sigma),
        lambda: core.smooth(reduced(subject, explained, reduction), sigma),
    )


def attribution(
    subject: Subject,
    target: int,
    reduction: Reduction,
    method: str = DEFAULT_METHOD,
    options: Options = DEFAULT_OPTIONS,
) -> core.Attribution:
    """The map before smoothing; another reduction does not run the model again."""
    return reduced(subject, explanation(subject, target, method, options), reduction)


def saliency(
    subject: Subject,
    target: int,
    reduction: Reduction,
    sigma: float,
    method: str = DEFAULT_METHOD,
    options: Options = DEFAULT_OPTIONS,
) -> core.SaliencyMap:
    """The smoothed map; another sigma does not run the model again."""
    return smoothed(subject, explanation(subject, target, method, options), reduction, sigma)


def find(key: Hashable) -> tuple[object] | None:
    """What is kept under a key, as a tuple of one, or None."""
    return _keeper.find(key)


def step_by_step(
    subject: Subject, key: Hashable, begin: Callable[[], Iterator[float | Result]]
) -> Iterator[float | Result]:
    """What a computation in steps yields; each step waits for its turn, so that other sessions get theirs. Its last
    step is kept, and alone is yielded once it is there. A computation that is left goes on where it was.

    key: under which it is kept.
    """
    while True:
        if (found := _keeper.find(key)) is not None:
            yield cast("Result", found[0])
            return
        with queue(subject.classifier.engine.device).take(waiting.tell):
            waiting.clear()
            if (found := _keeper.find(key)) is not None:  # others have ended it meanwhile
                continue
            step = _tests.step(key, lambda: _with_end(begin()))
            if isinstance(step, _End):
                _tests.end(key)
                _keeper.keep(key, step.result)
                yield cast("Result", step.result)
                return
        yield cast("float | Result", step)


def shuffled(subject: Subject, photos: tuple[core.Frame, ...], key: Hashable) -> core.Classifier:
    """The architecture that looks at a subject, with nothing learned: one for all sessions.

    photos: frames that it takes the range of its values from. key: what tells both from others.

    Raises SaliencyError where randomise.shuffled() does.
    """
    with queue(subject.classifier.engine.device).take(waiting.tell):
        waiting.clear()
        return _shuffled(subject.classifier, photos, key)


@st.cache_resource(max_entries=MODELS_IN_MEMORY, show_spinner=False)
def _shuffled(_of: core.Classifier, _photos: tuple[core.Frame, ...], key: Hashable) -> core.Classifier:  # noqa: ARG001
    return randomise.shuffled(_of, _photos)


def experiment(
    subject: Subject,
    regions: tuple[core.Region, ...],
    fill: Fill,
    target: int,
    seed: int,
    n_controls: int,
    compared: Sequence[Fill] = (),
    method: str = DEFAULT_METHOD,
    declared: Declared = "other",
    from_map: bool = False,
    only_kept: bool = False,
    options: Options = DEFAULT_OPTIONS,
) -> Iterator[Stage]:
    """The stages of a masking experiment, its maps made by a method. Each step that runs the model is done once,
    when it is this session's turn, so that others get theirs in between.

    only_kept: end before the first step that has not been done yet.
    """
    whole = ("original", _explanation_key(subject, target, method, options))
    if only_kept and _keeper.find(whole) is None:
        return

    def ask(step: Hashable, make: Callable[[], Result]) -> Result:
        key = _step_key(subject, regions, target, seed, method, options, step)
        if only_kept and _keeper.find(key) is None:
            raise _NotKeptError
        return ask_model(subject, key, make)

    original = _keeper.get(whole, lambda: make_view(frame(subject), explanation(subject, target, method, options)))
    with suppress(_NotKeptError):
        yield from core.experiment_stages(
            subject.classifier,
            frame(subject),
            regions,
            fill,
            target,
            n_controls,
            seed,
            compared,
            declared,
            from_map,
            original,
            ask,
        )


def hidden_prediction(
    subject: Subject,
    regions: tuple[core.Region, ...],
    fill: Fill,
    target: int,
    seed: int,
    method: str = DEFAULT_METHOD,
    options: Options = DEFAULT_OPTIONS,
) -> core.Prediction:
    """What the model says with regions hidden, for the moment: the answer of an experiment() that has been done, or
    one that is not kept, so that the many positions of a moving hand put out nothing that is of more use."""
    found = _keeper.find(_step_key(subject, regions, target, seed, method, options, ("views", fill)))
    if found is not None:
        return cast("Views", found[0]).hidden.prediction
    hidden = hide(frame(subject), regions, fill, seed)
    with queue(subject.classifier.engine.device).take(waiting.wait_silently):
        return core.classify(subject.classifier, hidden)


def examination(examined: core.Classifier, photos: Path | None = None) -> Iterator[Step | Passport]:
    """The examination of a model, step by step; each waits for its turn, so that other sessions get theirs."""
    steps = examine.examination(examined, photos=photos)
    end = object()
    while True:
        with queue(examined.engine.device).take(waiting.wait_silently):
            step = next(steps, end)
        if step is end:
            return
        yield cast("Step | Passport", step)


@st.cache_resource(show_spinner=False)
def unavailable() -> dict[str, str]:
    """Models whose weights could not be had, with the reason: remembered so that nobody waits twice."""
    return {}


def queue(device: torch.device) -> Turns:
    """Where sessions wait for their turn on a device."""
    return _queues.setdefault(device, Turns(LONGEST_QUEUE))


def forget() -> None:
    """Let go of every result and model; for tests."""
    behind.forget()
    _keeper.forget()
    _works.forget()
    _tests.forget()
    st.cache_resource.clear()


@cache
def _freeze_gc_once(brought_by: str) -> None:  # noqa: ARG001
    """Leave what libraries brought out of garbage collection, once for each thing that brings more: Streamlit
    collects after each run of a page, which takes a quarter of a second and finds none of it."""
    gc.collect()
    gc.freeze()


@dataclass(frozen=True, slots=True)
class _End:
    """Says that a computation is over."""

    result: object


def _with_end(steps: Iterator[object]) -> Iterator[object]:
    """All steps, and at last the last one again, as the end."""
    last: object = None
    for last in steps:
        yield last
    yield _End(last)


class _NotKeptError(Exception):
    """A step of an experiment has not been done yet."""


def _step_key(
    subject: Subject,
    regions: tuple[core.Region, ...],
    target: int,
    seed: int,
    method: str,
    options: Options,
    step: Hashable,
) -> Hashable:
    """Under which a step of an experiment is kept."""
    return "experiment", subject.key(), regions, target, seed, method, find_method(method).own(options), step


def _explanation_key(subject: Subject, target: int | None, method: str, options: Options) -> Hashable:
    """Under which an explanation is kept."""
    return "explanation", subject.key(), target, method, find_method(method).own(options)


def _map_key(subject: Subject, explained: Explanation, reduction: Reduction) -> tuple[Hashable, ...]:
    """What tells one map before smoothing from another."""
    return subject.key(), explained.target, explained.method, explained.options, explained.share, reduction


def _step(subject: Subject, key: Hashable, target: int | None, method: str, options: Options) -> tuple[object]:
    """One more step of an explanation, done when it is this session's turn; the whole, if others have done it
    meanwhile."""
    with queue(subject.classifier.engine.device).take(waiting.tell):
        waiting.clear()
        if (found := _keeper.find(key)) is not None:
            return found
        stage = _works.step(
            key, lambda: explanation_stages(subject.classifier, frame(subject), target, method, options)
        )
        if stage.share >= 1:
            _works.end(key)
            _keeper.keep(key, stage)
            _freeze_gc_once("the first map")
            return (stage,)
    before = _keeper.find(("so far", key))
    if before is None or cast("Explanation", before[0]).share < stage.share:
        _keeper.keep(("so far", key), stage)
    return (stage,)


def ask_model(subject: Subject, key: Hashable, make: Callable[[], Result]) -> Result:
    """A kept result, or one made when it is this session's turn. While it waits, the page says so; a
    change of the page ends the waiting, so that only the last of many quick changes is computed."""
    found = _keeper.find(key)
    if found is None:
        with queue(subject.classifier.engine.device).take(waiting.tell):
            waiting.clear()
            return _keeper.get(key, make)
    return cast("Result", found[0])
