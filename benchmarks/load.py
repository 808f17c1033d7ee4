"""Several people at once: how long each waits, and what the server holds in memory."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from websockets.exceptions import ConnectionClosed

from benchmarks.client import Answer, Visitor, visit
from benchmarks.measure import Effort, Entry, single, spread_of
from benchmarks.serving import Server, resident_mebibytes, serve
from pages.ui.samples import samples
from pages.ui.session import MAX_SIGMA
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
QUERY = "model=efficientnet_lite0&fit=squash"


@dataclass(frozen=True, slots=True)
class Action:
    """What a visitor did and how long it took."""

    kind: str
    answer: Answer


Act = Callable[[Visitor, np.random.Generator], Answer]
_ACTS: dict[str, tuple[float, Act]] = {
    "photo": (0.2, lambda visitor, generator: visitor.choose_photo(str(generator.choice(list(samples()))))),
    "class": (0.3, lambda visitor, generator: visitor.choose_class(int(generator.integers(5)))),
    "sigma": (
        0.5,
        lambda visitor, generator: visitor.move_sigma(float(generator.integers(int(2 * MAX_SIGMA) + 1)) / 2),
    ),
}


def measure_load(effort: Effort) -> Iterator[Entry]:
    """1, 4 and 16 sessions that explore, each looking a second between actions; then 500 actions in all."""
    stages, in_all = ((1, 2), 40) if effort.quick else (SESSIONS, IN_ALL)
    with tempfile.TemporaryDirectory() as folder, serve(ROOT / "dashboard.py", Path(folder)) as server:
        visitors = [_open(server)]
        yield _tell_memory("at rest, one session open", resident_mebibytes(server.process))
        done = 0
        for seed, sessions in enumerate(stages):
            if more := sessions - len(visitors):
                before = resident_mebibytes(server.process)
                visitors += [_open(server) for _ in range(more)]
                yield _tell_memory(
                    "each added session",
                    max(0.0, resident_mebibytes(server.process) - before) / more,
                    f"mean of {more}, each with the page open",
                )
            actions, seconds = _explore(visitors, ACTIONS, PAUSE, seed)
            done += len(actions)
            yield from _tell(f"sessions: {sessions}, each looks about a second between actions", actions, seconds)
        busy = visitors[:4]
        actions, seconds = _explore(busy, -(-max(0, in_all - done) // len(busy)), (0, 0), len(stages))
        done += len(actions)
        yield from _tell(f"sessions: {len(busy)}, none ever looks", actions, seconds)
        yield _tell_memory(f"after {done} actions", resident_mebibytes(server.process))
        for visitor in visitors:
            visitor.connection.close()


def _open(server: Server) -> Visitor:
    visitor = visit(server.address, QUERY)
    visitor.open_saliency()
    return visitor


def _explore(
    visitors: Sequence[Visitor], count: int, pause: tuple[float, float], seed: int
) -> tuple[list[Action], float]:
    """All visitors at once, each `count` actions unless time runs out: what they did, and the seconds it took."""
    begun = time.monotonic()

    def explore(visitor: Visitor, generator: np.random.Generator) -> list[Action]:
        actions: list[Action] = []
        kinds, shares = list(_ACTS), [share for share, _ in _ACTS.values()]
        with suppress(ConnectionClosed, TimeoutError):  # what was done until then counts
            while len(actions) < count and time.monotonic() - begun < STAGE_SECONDS:
                time.sleep(generator.uniform(*pause))
                kind = str(generator.choice(kinds, p=shares))
                actions.append(Action(kind, _ACTS[kind][1](visitor, generator)))
        return actions

    generators = np.random.default_rng(seed).spawn(len(visitors))
    with ThreadPoolExecutor(len(visitors)) as pool:
        actions = [action for done in pool.map(explore, visitors, generators) for action in done]
    return actions, time.monotonic() - begun


def _tell(case: str, actions: Sequence[Action], seconds: float) -> Iterator[Entry]:
    for kind in _ACTS:
        answers = [action.answer for action in actions if action.kind == kind]
        if not answers:
            continue
        milliseconds = [1000 * answer.seconds for answer in answers]
        sent = float(np.median([answer.size for answer in answers])) / 1024
        yield Entry("load", case, f"another {kind}", "ms", spread_of(milliseconds), note=f"{sent:,.0f} KiB sent")
        slow = single(float(np.quantile(milliseconds, 0.95)))
        yield Entry("load", case, f"another {kind}, 95th percentile", "ms", slow, note=f"of {len(answers)}")
    if actions:
        yield Entry("load", case, "actions in a second, all together", "", single(len(actions) / seconds))


def _tell_memory(who: str, mebibytes: float, note: str = "") -> Entry:
    return Entry("load", "memory of the server", who, "MiB", single(mebibytes), note=note)
