"""The only way from the pages to saliency_core's work: each result is made once and kept for everyone.

Results are kept by the photo's digest, the weights' digest and the few settings that matter, never by
the arrays themselves; they are read-only. All of them together take CAPACITY bytes at most. Whatever
runs the model waits for its turn.
"""

import gc
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TypeVar, cast

import numpy as np
import streamlit as st
from numpy.typing import NDArray

import saliency_core as core
from pages.ui.keeping import Keeper
from pages.ui.pictures import data_url
from pages.ui.samples import Source
from pages.ui.turns import Turns
from saliency_core.experiment import BATCH, Placement
from saliency_core.photo import Pixels

CAPACITY = 400 * 2**20
LONGEST_QUEUE = 32

Result = TypeVar("Result")

_keeper = Keeper(CAPACITY)
_turns = Turns(LONGEST_QUEUE)


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


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A picture and its data_url(): whoever keeps the one does not encode it anew either."""

    pixels: Pixels
    address: str


@st.cache_resource(max_entries=len(core.MODELS), show_spinner="Loading the model …")
def classifier(name: str) -> core.Classifier:
    """A model with its weights, one for all sessions."""
    with _turns.take(lambda _: None):  # it runs the model, and no other may run while its steps are read
        loaded = core.load_classifier(name)
    _spare_libraries(name)
    return loaded


def reserve_waiting() -> None:
    """Keep a place on the page for telling that the session waits for its turn. It is there whether or not
    there is anything to wait for: elements that come and go make the browser build all below them anew."""
    st.session_state["waiting"] = st.empty()


def photo(source: Source) -> core.Photo:
    """The decoded photo."""
    return _keeper.get(("photo", source.digest), lambda: core.decode_photo(source.data))


def picture(source: Source) -> NDArray[np.uint8]:
    """The photo at screen size."""
    return _keeper.get(("picture", source.digest), lambda: core.display_photo(photo(source)))


def frame(subject: Subject) -> core.Frame:
    """What the model sees."""
    return _keeper.get(
        ("frame", subject.key()),
        lambda: core.frame_photo(photo(subject.source), subject.classifier, subject.fit),
    )


def outlined(subject: Subject) -> Drawn:
    """The photo with the part that the model sees outlined."""
    return _draw("outlined", subject, core.outline)


def dimmed(subject: Subject) -> Drawn:
    """The photo with what the model does not see dimmed."""
    return _draw("dimmed", subject, core.dim_unseen)


def prediction(subject: Subject) -> Timed:
    """What the model says."""

    def make() -> Timed:
        start = time.perf_counter()
        answer = core.classify(subject.classifier, frame(subject))
        return Timed(answer, time.perf_counter() - start)

    return _ask_model(("prediction", subject.key()), make)


def explanation(subject: Subject, target: int | None) -> tuple[core.Prediction, NDArray[np.float32], int]:
    """What the model says, the gradient for a class (None: its best guess), and that class; in one pass."""
    best = ("best", subject.key())
    if target is None and (found := _keeper.find(best)) is not None:
        target = cast("int", found[0])
    result = _ask_model(
        ("explanation", subject.key(), target),
        lambda: core.explain(subject.classifier, frame(subject), target),
    )
    _spare_libraries("the first map")
    if target is None:  # so that asking for this class by its number finds the same pass
        _keeper.keep(best, result[2])
        _keeper.keep(("explanation", subject.key(), result[2]), result)
    return result


def saliency(subject: Subject, target: int, reduction: core.Reduction, sigma: float) -> core.SaliencyMap:
    """The smoothed map; another sigma or reduction does not run the model again."""
    return saliencies(subject, target, reduction, [sigma])[0]


def saliencies(
    subject: Subject, target: int, reduction: core.Reduction, sigmas: Sequence[float]
) -> list[core.SaliencyMap]:
    """saliency() for several sigmas, which takes less time than one after the other."""
    keys = {sigma: ("saliency", subject.key(), target, reduction, sigma) for sigma in sigmas}
    maps = {sigma: cast("core.SaliencyMap", found[0]) for sigma, key in keys.items() if (found := _keeper.find(key))}
    missing = [sigma for sigma in keys if sigma not in maps]
    if missing:
        _, slopes, _ = explanation(subject, target)
        attribution = core.reduce_channels(slopes, target, reduction)
        for sigma, smoothed in zip(missing, core.smooth_all(attribution, missing), strict=True):
            _keeper.keep(keys[sigma], smoothed)
            maps[sigma] = smoothed
    return [maps[sigma] for sigma in sigmas]


def views(subject: Subject, regions: tuple[core.Region, ...], fill: core.Fill, target: int, seed: int) -> core.Views:
    """The quick part of a masking experiment."""
    return _ask_model(
        ("views", subject.key(), regions, fill, target, seed),
        lambda: core.run_views(subject.classifier, frame(subject), regions, fill, target, seed),
    )


def controls(
    subject: Subject,
    placements: Sequence[Placement],
    fill: core.Fill,
    target: int,
    seed: int,
    progress: Callable[[float], object] | None = None,
) -> NDArray[np.float32]:
    """The target's probability under each random placement. A few at a time, so that others get their
    turn in between; `progress` is called with the share done after each few."""
    passes = cache(lambda: core.HiddenPasses(subject.classifier, frame(subject), fill, seed))
    parts = [np.empty(0, np.float32)]
    for start in range(0, len(placements), BATCH):
        few = tuple(placements[start : start + BATCH])
        parts.append(
            _ask_model(
                ("controls", subject.key(), few, fill, target, seed),
                partial(lambda some: passes().probabilities(some, target), few),
            )
        )
        if progress is not None:
            progress((start + len(few)) / len(placements))
    return np.concatenate(parts)


@st.cache_resource(show_spinner=False)
def unavailable() -> dict[str, str]:
    """Models whose weights could not be had, with the reason: remembered so that nobody waits twice."""
    return {}


def forget() -> None:
    """Let go of every result and model; for tests."""
    _keeper.forget()
    st.cache_resource.clear()


@cache
def _spare_libraries(brought_by: str) -> None:  # noqa: ARG001
    """Streamlit looks for garbage after each run of a page. Among all that torch and the like bring it
    finds none, and takes a quarter of a second; what is frozen is left out. Once for whatever brings more."""
    gc.collect()
    gc.freeze()


def _draw(what: str, subject: Subject, draw: Callable[[Pixels, core.Frame], Pixels]) -> Drawn:
    def make() -> Drawn:
        pixels = draw(picture(subject.source), frame(subject))
        return Drawn(pixels, data_url(pixels))

    return _keeper.get((what, subject.key()), make)


def _ask_model(key: Hashable, make: Callable[[], Result]) -> Result:
    """A kept result, or one made when it is this session's turn. While it waits, the page says so; a
    change of the page ends the waiting, so that only the last of many quick changes is computed."""
    found = _keeper.find(key)
    if found is None:
        place = st.session_state["waiting"]
        with _turns.take(lambda before: place.caption(f"Waiting for the model: {before} before you …")):
            place.empty()
            return _keeper.get(key, make)
    return cast("Result", found[0])
