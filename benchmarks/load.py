"""Several people at once: how long each waits, and what the server holds in memory."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from websockets.exceptions import ConnectionClosed

import saliency_core as core
from benchmarks.client import Answer, Visitor, visit
from benchmarks.expected import MODEL, is_right
from benchmarks.measure import Effort, Entry, single, spread_of, tell_turns
from benchmarks.serving import Server, look_at, serve
from pages.ui import session
from pages.ui.samples import samples
from saliency_core.photos.frame import CropMode
from scripts.browsing import ROOT

SESSIONS = (1, 4, 16)
ACTIONS = 12
"""Of each session."""
IN_ALL = 500
"""Actions after which memory is looked at again."""
STAGE_SECONDS = 90.0
"""After so long nobody does anything more, however many actions were meant."""
PAUSE = (0.5, 1.5)
"""Seconds that a person looks before the next action, uniformly at random."""
ROUNDS = 4
"""Classes that each session asks for where all ask in the same moment."""


@dataclass(frozen=True, slots=True)
class Action:
    """What a visitor did and what came of it."""

    kind: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Told:
    """What several visitors did.

    failures: answers that never came. seconds: that it took them.
    """

    actions: list[Action]
    failures: int
    seconds: float


Act = Callable[[Visitor, np.random.Generator], Answer]
ACTS: dict[str, tuple[float, Act]] = {
    "photo": (0.2, lambda visitor, generator: visitor.choose_photo(str(generator.choice(list(samples()))))),
    "class": (0.3, lambda visitor, generator: visitor.choose_class(int(generator.integers(5)))),
    "sigma": (
        0.5,
        lambda visitor, generator: visitor.move_sigma(float(generator.integers(int(2 * session.MAX_SIGMA) + 1)) / 2),
    ),
}


def measure_load(effort: Effort) -> Iterator[Entry]:
    """Sessions that ask in the same moment; sessions that explore, each looking a second between actions;
    then a few without a pause until there were 500 actions in all."""
    yield from _measure_queue(effort)
    stages, in_all, pause = ((1, 2), 40, (0.0, 0.0)) if effort.quick else (SESSIONS, IN_ALL, PAUSE)
    with _serve() as server, ExitStack() as stack:

        def open_page() -> Visitor:
            return stack.enter_context(visit(server.address, MODEL, "squash", session.DEFAULT_SAMPLE))

        visitors = [open_page()]
        yield _tell_memory("at rest, one session open", look_at(server.process).mebibytes)
        done = 0
        for seed, sessions in enumerate(stages):
            if more := sessions - len(visitors):
                before = look_at(server.process).mebibytes
                visitors += [open_page() for _ in range(more)]
                yield _tell_memory(
                    "each added session",
                    max(0.0, look_at(server.process).mebibytes - before) / more,
                    f"mean of {more}, each with the page open",
                )
            told = _explore(visitors, ACTIONS, pause, seed)
            done += len(told.actions)
            yield from _tell(f"sessions: {sessions}, each looks about a second between actions", told)
        busy = visitors[:4]
        told = _explore(busy, -(-max(0, in_all - done) // len(busy)), (0, 0), len(stages))
        done += len(told.actions)
        yield from _tell(f"sessions: {len(busy)}, none ever looks", told)
        yield _tell_memory(f"after {done} actions", look_at(server.process).mebibytes)


def _measure_queue(effort: Effort) -> list[Entry]:
    """Each session has a photo of its own and asks for classes that nobody has asked for, so each answer
    takes a pass of the model; what counts is when the last of them has its answer."""
    subjects: Iterator[tuple[str, CropMode]] = (
        (photo, crop_mode) for crop_mode in core.CROP_MODES for photo in samples()
    )
    seconds: dict[str, list[float]] = {}
    wrong = count = 0
    with _serve() as server:
        for sessions in SESSIONS[: 2 if effort.quick else None]:
            name = f"{sessions} sessions, the last answer / {sessions}" if sessions > 1 else "1 session"
            seconds[name] = []
            with ExitStack() as stack:
                pages = [
                    visit(server.address, MODEL, crop_mode, photo) for photo, crop_mode in islice(subjects, sessions)
                ]
                visitors = [stack.enter_context(page) for page in pages]
                pool = stack.enter_context(ThreadPoolExecutor(sessions))
                for place in range(1, 1 + ROUNDS):
                    answers = list(pool.map(partial(Visitor.choose_class, place=place), visitors))
                    seconds[name].append(max(answer.seconds for answer in answers) / sessions)
                    wrong += sum(not is_right(answer) for answer in answers)
                    count += len(answers)
    case = "each asks for a class of a photo of its own, all in one moment"
    return [*tell_turns("load", case, seconds), _tell_wrong(case, wrong, count)]


@contextmanager
def _serve() -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder, serve(ROOT / "dashboard.py", Path(folder)) as server:
        yield server


def _explore(visitors: Sequence[Visitor], count: int, pause: tuple[float, float], seed: int) -> Told:
    """All visitors at once, each `count` actions unless time runs out."""
    begun = time.monotonic()

    def explore(visitor: Visitor, generator: np.random.Generator) -> Told:
        actions: list[Action] = []
        kinds, shares = list(ACTS), [share for share, _ in ACTS.values()]
        try:
            while len(actions) < count and time.monotonic() - begun < STAGE_SECONDS:
                time.sleep(generator.uniform(*pause))
                kind = str(generator.choice(kinds, p=shares))
                actions.append(Action(kind, ACTS[kind][1](visitor, generator)))
        except (ConnectionClosed, TimeoutError):
            return Told(actions, 1, 0)
        return Told(actions, 0, 0)

    generators = np.random.default_rng(seed).spawn(len(visitors))
    with ThreadPoolExecutor(len(visitors)) as pool:
        told = list(pool.map(explore, visitors, generators))
    actions = [action for each in told for action in each.actions]
    return Told(actions, sum(each.failures for each in told), time.monotonic() - begun)


def _tell(case: str, told: Told) -> Iterator[Entry]:
    for kind in ACTS:
        answers = [action.answer for action in told.actions if action.kind == kind]
        if not answers:
            continue
        milliseconds = [1000 * answer.seconds for answer in answers]
        sent = float(np.median([answer.size for answer in answers])) / 1024
        yield Entry("load", case, f"another {kind}", "ms", spread_of(milliseconds), note=f"{sent:,.0f} KiB sent")
        slow = single(float(np.quantile(milliseconds, 0.95)))
        yield Entry("load", case, f"another {kind}, 95th percentile", "ms", slow, note=f"of {len(answers)}")
    if told.actions:
        rate = single(len(told.actions) / told.seconds)
        yield Entry("load", case, "actions in a second, all together", "", rate)
    wrong = sum(not is_right(action.answer) for action in told.actions)
    yield _tell_wrong(case, wrong + told.failures, len(told.actions) + told.failures)


def _tell_wrong(case: str, wrong: int, count: int) -> Entry:
    note = f"of {count}; right is byte by byte the photo and the map that the library makes of what was asked for"
    return Entry("load", case, "answers that failed or were wrong", "", single(wrong), note=note)


def _tell_memory(who: str, mebibytes: float, note: str = "") -> Entry:
    return Entry("load", "memory of the server", who, "MiB", single(mebibytes), note=note)
