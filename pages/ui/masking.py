"""The masking experiment as the pages ask for it: step by step, each kept."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import suppress
from typing import TypeVar, cast

import saliency_core as core
from pages.ui import shared, waiting
from pages.ui.compute import Subject, explanation, explanation_key, frame
from saliency_core.masking.experiment import Stage, Views, make_view
from saliency_core.masking.sentences import Declared
from saliency_core.methods.method import DEFAULT_OPTIONS, Options
from saliency_core.methods.registry import DEFAULT_METHOD, find_method
from saliency_core.photos.fills import Fill, hide

Result = TypeVar("Result")


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
    whole = ("original", explanation_key(subject, target, method, options))
    if only_kept and shared.find(whole) is None:
        return

    def ask(step: Hashable, make: Callable[[], Result]) -> Result:
        key = _step_key(subject, regions, target, seed, method, options, step)
        if only_kept and shared.find(key) is None:
            raise _NotKeptError
        return shared.ask(subject.device, key, make)

    original = shared.keep(whole, lambda: make_view(frame(subject), explanation(subject, target, method, options)))
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
    found = shared.find(_step_key(subject, regions, target, seed, method, options, ("views", fill)))
    if found is not None:
        return cast("Views", found[0]).hidden.prediction
    hidden = hide(frame(subject), regions, fill, seed)
    with shared.turn(subject.device, waiting.wait_silently):
        return core.classify(subject.classifier, hidden)


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
