"""A long day: people who come, explore, open photos of their own and leave; what the server holds meanwhile."""

import io
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.client import Answer, Visitor, visit
from benchmarks.expected import MODEL, is_right
from benchmarks.load import ACTS
from benchmarks.measure import Effort, Entry, single
from benchmarks.serving import Held, look_at, serve
from pages.ui import allocator
from pages.ui.samples import samples
from scripts.browsing import ROOT

SESSIONS = 16
LOOKS = 12
"""Times that the server is looked at while people are there."""
STAY = (5, 40)
"""Actions of one visit, uniformly at random; who leaves makes room for another."""
PAUSE = (0.5, 1.5)
"""Seconds before the next action, uniformly at random."""
OWN_SHARE = 0.1
"""Of actions that open a photo of one's own."""
CHECKED_SHARE = 0.02
"""Of answers that are compared with the library's: doing so takes the processor from the server."""
KEPT = 120.0
"""Seconds for which Streamlit keeps a session that was left (server.disconnectedSessionTTL)."""


@dataclass(slots=True)
class Day:
    """What has happened so far; many threads add to it."""

    visits: int = 0
    actions: int = 0
    checked: int = 0
    wrong: int = 0
    failures: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def measure_day(effort: Effort) -> Iterator[Entry]:
    """Sixteen people for effort.minutes; nobody in the end."""
    minutes = 0.5 if effort.quick else effort.minutes
    with tempfile.TemporaryDirectory() as folder, serve(ROOT / "dashboard.py", Path(folder)) as server:
        yield from spend_day(server.address, server.process, SESSIONS, 60 * minutes, LOOKS)


def spend_day(address: str, process: int, sessions: int, seconds: float, looks: int) -> Iterator[Entry]:
    """People at a server for so long: what it holds before, while they are there, and after they have left."""
    day, over = Day(), threading.Event()
    case = f"{sessions} people for {seconds / 60:.3g} minutes"
    with visit(address, MODEL, "squash", "cat"):
        pass
    yield from _tell(case, "at rest", look_at(process), "one person was there")
    begun = time.monotonic()
    with ThreadPoolExecutor(sessions) as pool:
        people = [pool.submit(_come_and_go, address, day, over, seed) for seed in range(sessions)]
        for look in range(1, looks + 1):
            over.wait(max(0.0, begun + look * seconds / looks - time.monotonic()))
            note = f"{day.visits} visits, {day.actions} actions so far"
            yield from _tell(case, f"after {look * seconds / looks / 60:.3g} min", look_at(process), note)
        over.set()
    for person in people:
        person.result()
    yield from _tell(case, "all have left", look_at(process), f"just now, after {day.actions} actions")
    let_go(address, KEPT)
    yield from _tell(
        case, "all are let go of", look_at(process), f"{KEPT:g} s after that, and two more have come and gone"
    )
    note = f"of {day.checked} that were compared with the library's, byte by byte"
    yield Entry("day", case, "wrong answers", "", single(day.wrong), note=note)
    note = "; ".join(sorted(set(day.failures)))[:300]
    yield Entry("day", case, "visits that failed", "", single(len(day.failures)), note=note)


def let_go(address: str, kept: float) -> None:
    """Wait until Streamlit lets go of all who have left: after so many seconds, and only as the next one leaves."""
    time.sleep(kept + 1)
    for _ in range(2):  # what the first one lets go of is collected after a run of the second
        with visit(address, MODEL, "squash", "cat"):
            pass
    time.sleep(2 * allocator.AFTER)


def own_photo(generator: np.random.Generator) -> bytes:
    """A JPEG file that nobody has opened before: a part of a sample, with a grain of its own."""
    names = list(samples())
    picture = Image.open(io.BytesIO(samples()[str(generator.choice(names))].data)).convert("RGB")
    left, top = (int(generator.integers(side // 4)) for side in picture.size)
    part = np.asarray(picture.crop((left, top, picture.width, picture.height)))
    grain = generator.integers(0, 8, part.shape, np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(np.minimum(part, 255 - grain) + grain).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def _come_and_go(address: str, day: Day, over: threading.Event, seed: int) -> None:
    generator = np.random.default_rng(seed)
    while not over.is_set():
        try:
            with visit(address, MODEL, "squash", str(generator.choice(list(samples())))) as visitor:
                day.visits += 1
                _stay(visitor, day, over, generator)
        except Exception as error:  # noqa: PERF203 (whatever it is, it is told, and the next person comes)
            with day.lock:
                day.failures.append(f"{type(error).__name__}: {error}")
            over.wait(1)


def _stay(visitor: Visitor, day: Day, over: threading.Event, generator: np.random.Generator) -> None:
    kinds, shares = list(ACTS), [share for share, _ in ACTS.values()]
    for number in range(int(generator.integers(*STAY))):
        if over.wait(generator.uniform(*PAUSE)):
            return
        if generator.random() < OWN_SHARE:
            answer: Answer = visitor.open_photo(f"{number}.jpg", own_photo(generator))
        else:
            answer = ACTS[str(generator.choice(kinds, p=shares))][1](visitor, generator)
        checked = generator.random() < CHECKED_SHARE
        wrong = checked and not is_right(answer)
        with day.lock:
            day.actions += 1
            day.checked += checked
            day.wrong += wrong


def _tell(case: str, when: str, held: Held, note: str) -> Iterator[Entry]:
    yield Entry("day", case, f"{when}: memory", "MiB", single(held.mebibytes), note=f"{note}; most {held.peak:.0f}")
    yield Entry("day", case, f"{when}: threads", "", single(held.threads))
    yield Entry("day", case, f"{when}: file handles", "", single(held.handles))
