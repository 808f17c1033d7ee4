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
from saliency_core.methods.attribution import Reduction, reduce_channels
from saliency_core.methods.method import Explanation
from saliency_core.methods.registry import DEFAULT_METHOD
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

LEFT_TESTS = 2
"""So many tests of maps that were left can go on where they were."""

Result = TypeVar("Result")

_keeper = Keeper(CAPACITY)
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

    return _ask_model(subject, ("prediction", subject.key()), make)


def explanation(subject: Subject, target: int | None, method: str = DEFAULT_METHOD) -> Explanation:
    """What the model and a method say of a frame, for a class (None: its best guess); in one pass."""
    best = ("best", subject.key())
    if target is None and (found := _keeper.find(best)) is not None:
        target = cast("int", found[0])
    result = _ask_model(
        subject,
        ("explanation", subject.key(), target, method),
        lambda: core.explain(subject.classifier, frame(subject), target, method),
    )
    _freeze_gc_once("the first map")
    if target is None:  # asking for this class by its number finds the same pass
        _keeper.keep(best, result.target)
        _keeper.keep(("explanation", subject.key(), result.target, method), result)
    return result


def attribution(subject: Subject, target: int, reduction: Reduction, method: str = DEFAULT_METHOD) -> core.Attribution:
    """The map before smoothing; another reduction does not run the model again."""
    return _keeper.get(
        ("attribution", subject.key(), target, reduction, method),
        lambda: reduce_channels(explanation(subject, target, method), reduction),
    )


def saliency(
    subject: Subject, target: int, reduction: Reduction, sigma: float, method: str = DEFAULT_METHOD
) -> core.SaliencyMap:
    """The smoothed map; another sigma does not run the model again."""
    return _keeper.get(
        ("saliency", subject.key(), target, reduction, sigma, method),
        lambda: core.smooth(attribution(subject, target, reduction, method), sigma),
    )


def ask_model(subject: Subject, key: Hashable, make: Callable[[], Result]) -> Result:
    """A kept result of something that runs the model for at most some tenths of a second, or one that is made when it
    is this session's turn."""
    return _ask_model(subject, key, make)


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
) -> Iterator[Stage]:
    """The stages of a masking experiment, its maps made by a method. Each step that runs the model is done once,
    when it is this session's turn, so that others get theirs in between.

    only_kept: end before the first step that has not been done yet.
    """
    whole = ("original", subject.key(), target, method)
    if only_kept and _keeper.find(whole) is None:
        return

    def ask(step: Hashable, make: Callable[[], Result]) -> Result:
        key = _step_key(subject, regions, target, seed, method, step)
        if only_kept and _keeper.find(key) is None:
            raise _NotKeptError
        return _ask_model(subject, key, make)

    original = _keeper.get(whole, lambda: make_view(frame(subject), explanation(subject, target, method)))
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
) -> core.Prediction:
    """What the model says with regions hidden, for the moment: the answer of an experiment() that has been done, or
    one that is not kept, so that the many positions of a moving hand put out nothing that is of more use."""
    found = _keeper.find(_step_key(subject, regions, target, seed, method, ("views", fill)))
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
    subject: Subject, regions: tuple[core.Region, ...], target: int, seed: int, method: str, step: Hashable
) -> Hashable:
    """Under which a step of an experiment is kept."""
    return "experiment", subject.key(), regions, target, seed, method, step


def _ask_model(subject: Subject, key: Hashable, make: Callable[[], Result]) -> Result:
    """A kept result, or one made when it is this session's turn. While it waits, the page says so; a
    change of the page ends the waiting, so that only the last of many quick changes is computed."""
    found = _keeper.find(key)
    if found is None:
        with queue(subject.classifier.engine.device).take(waiting.tell):
            waiting.clear()
            return _keeper.get(key, make)
    return cast("Result", found[0])
