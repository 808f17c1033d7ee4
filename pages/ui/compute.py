"""The only cached wrappers around saliency_core.

Everything is kept by the photo's digest, the model's name and the few settings that matter, never
by the arrays themselves. Results are shared by all sessions and read-only. The caches' bounds, at
their largest entries: photos 4 x 150 MB, pictures for the screen 32 x 3 MB, frames 256 x 0.15 MB,
gradients 256 x 0.6 MB, maps 512 x 0.2 MB, masked views 128 x 1.1 MB.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

import saliency_core as core
from pages.ui.samples import Source


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """What is being looked at: a photo, by a model, through a fit."""

    source: Source
    classifier: core.Classifier
    fit: core.Fit

    def key(self) -> tuple[str, str, str]:
        """What tells one subject from another."""
        return self.source.digest, self.classifier.weights.sha256, self.fit


@dataclass(frozen=True, slots=True, eq=False)
class Timed:
    """A prediction and the seconds that the model took for it."""

    prediction: core.Prediction
    seconds: float


_BY_KEY: dict[str | type[Any], Callable[[Any], Any]] = {
    Subject: Subject.key,
    Source: lambda source: source.digest,
}


@st.cache_resource(max_entries=len(core.MODELS), show_spinner="Loading the model …")
def classifier(name: str) -> core.Classifier:
    """A model with its weights, one for all sessions."""
    return core.load_classifier(name)


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=_BY_KEY)
def photo(source: Source) -> core.Photo:
    """The decoded photo."""
    return core.decode_photo(source.data)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=_BY_KEY)
def picture(source: Source) -> NDArray[np.uint8]:
    """The photo at screen size."""
    return core.display_photo(photo(source))


@st.cache_resource(max_entries=256, show_spinner=False, hash_funcs=_BY_KEY)
def frame(subject: Subject) -> core.Frame:
    """What the model sees."""
    return core.frame_photo(photo(subject.source), subject.classifier, subject.fit)


@st.cache_resource(max_entries=256, show_spinner=False, hash_funcs=_BY_KEY)
def prediction(subject: Subject) -> Timed:
    """What the model says."""
    seen = frame(subject)
    start = time.perf_counter()
    answer = core.classify(subject.classifier, seen)
    return Timed(answer, time.perf_counter() - start)


@st.cache_resource(max_entries=256, show_spinner=False, hash_funcs=_BY_KEY)
def _gradient(subject: Subject, target: int) -> NDArray[np.float32]:
    return core.gradient(subject.classifier, frame(subject), target)


@st.cache_resource(max_entries=512, show_spinner=False, hash_funcs=_BY_KEY)
def saliency(subject: Subject, target: int, reduction: core.Reduction, sigma: float) -> core.SaliencyMap:
    """The smoothed map; another sigma or reduction does not run the model again."""
    raw = core.reduce_channels(_gradient(subject, target), target, reduction)
    return core.smooth(raw, sigma)


@st.cache_resource(max_entries=128, show_spinner=False, hash_funcs=_BY_KEY)
def views(subject: Subject, regions: tuple[core.Region, ...], fill: core.Fill, target: int, seed: int) -> core.Views:
    """The quick part of a masking experiment."""
    return core.run_views(subject.classifier, frame(subject), regions, fill, target, seed)


@st.cache_resource(max_entries=2048, show_spinner=False, hash_funcs=_BY_KEY)
def controls(
    subject: Subject,
    placements: tuple[tuple[core.Region, ...], ...],
    fill: core.Fill,
    target: int,
    seed: int,
) -> NDArray[np.float32]:
    """The target's probability under some of the random placements; called with a few at a time, so
    that a page can show how far it is."""
    return core.run_controls(subject.classifier, frame(subject), placements, fill, target, seed)


@st.cache_resource(show_spinner=False)
def unavailable() -> dict[str, str]:
    """Models whose weights could not be had, with the reason: remembered so that nobody waits twice."""
    return {}
