"""What sessions share: each result is made once and kept for everyone, and whatever runs a model waits for its turn.

Results are kept by digests and the few settings that matter, never by the arrays themselves; they are read-only. All of
them together take CAPACITY bytes at most.
"""

import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar, cast

import torch

from pages.ui import allocator, metrics, waiting
from pages.ui.background import Background
from pages.ui.keeping import Keeper
from pages.ui.turns import Turns
from pages.ui.works import Works

CAPACITY = 200 * 2**20
LONGEST_QUEUE = 32
LEFT_WORKS = 6
"""So many computations in steps that were stopped or left can go on where they were; others begin anew."""

Result = TypeVar("Result")

_keeper = Keeper(CAPACITY)
_works: Works[object] = Works(LEFT_WORKS)
_queues: dict[torch.device, Turns] = {}
"""One for each device: models on different devices need not wait for each other."""
metrics.watch("kept_bytes", "Bytes of results in memory.", lambda: _keeper.size)
metrics.watch(
    "queue_length",
    "Sessions that wait for a model, with those whose turn it is.",
    lambda: sum(each.length() for each in list(_queues.values())),
)
behind = Background()
"""Does what no page waits for."""


def find(key: Hashable) -> tuple[object] | None:
    """What is kept under a key, as a tuple of one; None for nothing."""
    return _keeper.find(key)


def keep(key: Hashable, make: Callable[[], Result]) -> Result:
    """A result that needs no turn, made once and kept with the others."""
    return _keeper.get(key, make)


def put(key: Hashable, result: object) -> None:
    """Keep a result, in place of what is kept under its key."""
    _keeper.keep(key, result)


def ask(device: torch.device, key: Hashable, make: Callable[[], Result]) -> Result:
    """A kept result, or one made when it is this session's turn. While it waits, the page says so; a change of the
    page ends the waiting, so that only the last of many quick changes is computed."""
    found = _keeper.find(key)
    if found is None:
        with turn(device):
            return _keeper.get(key, lambda: _timed(key, make))
    return cast("Result", found[0])


def steps(device: torch.device, key: Hashable, begin: Callable[[], Iterator[Result]]) -> Iterator[Result]:
    """What a computation in steps yields; its last step is the result, which is kept; from then on it alone is
    yielded.

    Each step waits for its turn, so that other sessions get theirs in between, and is done once: sessions that ask for
    the same share the steps. A computation that is left goes on where it was.
    """
    drawn: object = None
    spent = 0.0
    with _works.at(key):
        while (found := _keeper.find(key)) is None:
            with turn(device):
                if _keeper.find(key) is not None:  # others have ended it meanwhile
                    continue
                asked = time.monotonic()
                step = _works.step(key, lambda: _with_end(begin()))
                spent += time.monotonic() - asked
                if isinstance(step, _End):
                    _works.end(key)
                    _keeper.keep(key, step.result)
                    metrics.answered(key, spent)
                    found = (step.result,)
                    break
            drawn = step
            yield cast("Result", step)
    if found[0] is not drawn:
        yield cast("Result", found[0])


@contextmanager
def turn(device: torch.device, on_wait: Callable[[int], object] = waiting.tell) -> Iterator[None]:
    """Wait for this session's turn on a device, and hold it for the block. While it waits, the page says so."""
    with _queues.setdefault(device, Turns(LONGEST_QUEUE)).take(on_wait):
        if on_wait is waiting.tell:
            waiting.clear()
        try:
            yield
        finally:
            allocator.give_back_soon()


def _timed(key: Hashable, make: Callable[[], Result]) -> Result:
    begun = time.monotonic()
    result = make()
    metrics.answered(key, time.monotonic() - begun)
    return result


def forget() -> None:
    """Let go of everything; for tests."""
    behind.forget()
    _keeper.forget()
    _works.forget()


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
