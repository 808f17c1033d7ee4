"""What the pages know of a photo and a model: each result by the photo's digest, the weights' digest and the few
settings that matter; see shared.py for when it is made, and how long it is kept."""

import gc
import time
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast
from weakref import WeakSet

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray

import saliency_core as core
from pages.ui import metrics, shared, waiting
from pages.ui.samples import Source
from saliency_core.evidence import randomise
from saliency_core.methods import class_activation
from saliency_core.methods.attribution import Reduction, explanation_stages, reduce_channels
from saliency_core.methods.method import DEFAULT_OPTIONS, Explanation, Options
from saliency_core.methods.registry import DEFAULT_METHOD, find_method
from saliency_core.models.registry import find_model
from saliency_core.passport import examine
from saliency_core.passport.examine import Step
from saliency_core.passport.finding import Passport
from saliency_core.photos.frame import CropMode
from saliency_core.presentation import figures

MODELS_IN_MEMORY = 4
"""More than these are not held at once: the one that was asked longest ago leaves."""
_in_memory: WeakSet[torch.nn.Module] = WeakSet()
metrics.watch("models_in_memory", "Models that are loaded.", lambda: len(_in_memory))


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

    @property
    def device(self) -> torch.device:
        """Where the model runs."""
        return self.classifier.engine.device


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
    _in_memory.add(loaded.module)
    _freeze_gc_once(name)
    return loaded


def photo(source: Source) -> core.Photo:
    """The decoded photo."""
    return shared.keep(("photo", source.digest), lambda: core.decode_photo(source.data))


def picture(source: Source) -> NDArray[np.uint8]:
    """The photo at screen size."""
    return shared.keep(("picture", source.digest), lambda: figures.display_photo(photo(source)))


def frame(subject: Subject) -> core.Frame:
    """What the model sees."""
    return shared.keep(
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

    return shared.ask(subject.device, ("prediction", subject.key()), make)


def given_answer(subject: Subject) -> core.Prediction | None:
    """What the model has said already, in the pass for the gradient of its best guess; None if it is not kept."""
    best = shared.find(("best", subject.key()))
    found = best and shared.find(explanation_key(subject, cast("int", best[0]), DEFAULT_METHOD, DEFAULT_OPTIONS))
    return cast("Explanation", found[0]).prediction if found else None


def layers(subject: Subject) -> tuple[str, ...]:
    """Names of the model's layers that class activation maps can look at."""
    model = subject.classifier
    key = ("layers", *subject.key()[1:4])
    return shared.ask(subject.device, key, lambda: class_activation.layers(model))


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
    if target is None and (found := shared.find(best)) is not None:
        target = cast("int", found[0])
    key = explanation_key(subject, target, method, options)
    for stage in shared.steps(
        subject.device,
        key,
        lambda: explanation_stages(subject.classifier, frame(subject), target, method, options),
    ):
        if stage.share < 1:
            _keep_so_far(key, stage)
        yield stage
    _freeze_gc_once("the first map")
    if asked is None:  # asking for this class by its number finds the same pass
        shared.put(best, stage.target)
        shared.put(explanation_key(subject, stage.target, method, options), stage)


def _keep_so_far(key: Hashable, stage: Explanation) -> None:
    """Keep the part of an explanation that is there, unless more of it is kept."""
    before = shared.find(("so far", key))
    if before is None or cast("Explanation", before[0]).share < stage.share:
        shared.put(("so far", key), stage)


def explained_so_far(subject: Subject, target: int, method: str, options: Options) -> Explanation | None:
    """What is kept of an explanation, whole or not; None for nothing."""
    key = explanation_key(subject, target, method, options)
    found = shared.find(key) or shared.find(("so far", key))
    return None if found is None else cast("Explanation", found[0])


def reduced(subject: Subject, explained: Explanation, reduction: Reduction) -> core.Attribution:
    """The map of an explanation of the subject, whole or not, before smoothing."""
    return shared.keep(
        ("attribution", *_map_key(subject, explained, reduction)), lambda: reduce_channels(explained, reduction)
    )


def contrasted(subject: Subject, explained: Explanation, minus: int, reduction: Reduction) -> core.Attribution:
    """The map of a whole explanation of the subject less that of another class, before smoothing."""

    def make() -> core.Attribution:
        other = explanation(subject, minus, explained.method, explained.options)
        return core.contrast(reduced(subject, explained, reduction), reduced(subject, other, reduction))

    return shared.keep(("contrast", *_map_key(subject, explained, reduction), minus), make)


def smoothed(subject: Subject, explained: Explanation, reduction: Reduction, sigma: float) -> core.SaliencyMap:
    """The smoothed map of an explanation of the subject, whole or not."""
    return shared.keep(
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


def shuffled(subject: Subject, photos: tuple[core.Frame, ...], key: Hashable) -> core.Classifier:
    """The architecture that looks at a subject, with nothing learned: one for all sessions.

    photos: frames that it takes the range of its values from. key: what tells both from others.

    Raises SaliencyError where randomise.shuffled() does.
    """
    with shared.turn(subject.device):
        return _shuffled(subject.classifier, photos, key)


@st.cache_resource(max_entries=MODELS_IN_MEMORY, show_spinner=False)
def _shuffled(_of: core.Classifier, _photos: tuple[core.Frame, ...], key: Hashable) -> core.Classifier:  # noqa: ARG001
    return randomise.shuffled(_of, _photos)


def examination(examined: core.Classifier, photos: Path | None = None) -> Iterator[Step | Passport]:
    """The examination of a model, step by step; each waits for its turn, so that other sessions get theirs."""
    steps = examine.examination(examined, photos=photos)
    end = object()
    while True:
        with shared.turn(examined.engine.device, waiting.wait_silently):
            step = next(steps, end)
        if step is end:
            return
        yield cast("Step | Passport", step)


@st.cache_resource(show_spinner=False)
def unavailable() -> dict[str, str]:
    """Models whose weights could not be had, with the reason: remembered so that nobody waits twice."""
    return {}


def forget() -> None:
    """Let go of every result and model; for tests."""
    shared.forget()
    st.cache_resource.clear()


@cache
def _freeze_gc_once(brought_by: str) -> None:  # noqa: ARG001
    """Leave what libraries brought out of garbage collection, once for each thing that brings more: Streamlit
    collects after each run of a page, which takes a quarter of a second and finds none of it."""
    gc.collect()
    gc.freeze()


def explanation_key(subject: Subject, target: int | None, method: str, options: Options) -> Hashable:
    """Under which an explanation is kept."""
    return "explanation", subject.key(), target, method, find_method(method).own(options)


def _map_key(subject: Subject, explained: Explanation, reduction: Reduction) -> tuple[Hashable, ...]:
    """What tells one map before smoothing from another."""
    return subject.key(), explained.target, explained.method, explained.options, explained.share, reduction
