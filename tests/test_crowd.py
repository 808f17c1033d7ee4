"""Twenty people at once, one who meets a fault among them; a queue that is full; an audit beside people."""

import io
import json
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.client import Answer, visit
from benchmarks.expected import MODEL, is_right
from benchmarks.serving import serve
from saliency_core.audit import process
from saliency_core.audit.plan_file import PLAN, read_heading
from scripts.browsing import ROOT
from tests.test_audit_run import draw_photos

pytestmark = pytest.mark.slow

PATIENCE = 120.0
PEOPLE = 20
FAULT = "fault.png"
FAULTY = f"""
from pages.ui import compute
if not hasattr(compute, "whole_photo"):
    compute.whole_photo = compute.photo
def photo(source):
    if source.title == "{FAULT}":
        raise RuntimeError("a fault in a page")
    return compute.whole_photo(source)
compute.photo = photo
"""
"""Put before the dashboard's script: whoever opens a file of that name meets a fault that nobody has foreseen."""
FILLED = """
import pathlib
from pages.ui import shared
from pages.ui.turns import Turns
if not hasattr(Turns, "whole_take"):
    Turns.whole_take = Turns.take
    def take(self, on_wait, full=pathlib.Path("{full}")):
        left = int(full.read_text() or 0) if full.exists() else None
        if left:
            full.write_text(str(left - 1))
        self.longest = -1 if left == 0 else shared.LONGEST_QUEUE
        return self.whole_take(on_wait)
    Turns.take = take
"""
"""Nobody more may wait for the model while there is a certain file, or after as many turns as it says."""
FULL = "Too many people are using the model right now. Try again in a minute."
STEPS = 60
"""An experiment has fewer."""
AUDITED = 600
SLOWER, LATE = 5.0, 3.0
"""An answer beside an audit may take so many times as long as without, or so many seconds, whichever is more."""


def wait(until: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not until():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


def draw_photo(generator: np.random.Generator) -> bytes:
    """A small picture of noise in large dots, which nobody has opened before."""
    dots = generator.integers(0, 256, (12, 16, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(dots).resize((128, 96), Image.Resampling.BICUBIC).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def generator() -> np.random.Generator:
    return np.random.default_rng(7)


def make_dashboard(folder: Path, before: str) -> Path:
    """The dashboard with some lines before its script."""
    for name in ("pages", "assets", "saliency_core"):
        (folder / name).symlink_to(ROOT / name)
    script = folder / "dashboard.py"
    script.write_text(before + (ROOT / "dashboard.py").read_text())
    return script


def test_each_of_twenty_gets_the_answer_to_its_own_photo_whatever_another_meets(
    tmp_path: Path, generator: np.random.Generator
) -> None:
    photos = [draw_photo(generator) for _ in range(PEOPLE)]
    with serve(make_dashboard(tmp_path, FAULTY), tmp_path) as server, ExitStack() as stack:
        visitors = [stack.enter_context(visit(server.address, MODEL, "squash", "cat")) for _ in range(PEOPLE + 1)]
        unlucky = visitors.pop()

        def open_own(each: int) -> Answer:
            return visitors[each].open_photo(f"{each}.png", photos[each])

        begun = time.monotonic()
        with ThreadPoolExecutor(PEOPLE + 1) as pool:
            failed = pool.submit(unlucky.open_photo, FAULT, draw_photo(generator))
            answers = list(pool.map(open_own, range(PEOPLE)))
        seconds = time.monotonic() - begun
        with pytest.raises(RuntimeError, match="a fault in a page"):
            failed.result()
        print(f"{PEOPLE} people, each with a photo: all have their answers after {seconds:.1f} s")
        assert len({answer.shown.picture for answer in answers}) == PEOPLE
        assert [is_right(answer) for answer in answers] == [True] * PEOPLE
        assert is_right(visitors[0].choose_class(2))
        assert is_right(unlucky.choose_photo("koala"))


def test_a_full_queue_says_so_and_takes_nothing_away(tmp_path: Path, generator: np.random.Generator) -> None:
    full, own = tmp_path / "full", draw_photo(generator)
    script = make_dashboard(tmp_path, FILLED.format(full=full))
    with serve(script, tmp_path) as server, visit(server.address, MODEL, "squash", "cat") as visitor:
        visitor.choose_photo("koala")
        visitor.choose_class(1)
        classes, link = list(visitor.classes), visitor.query
        full.touch()
        visitor.choose_class(2)
        assert visitor.told == [FULL]
        assert visitor.classes == classes
        assert is_right(visitor.choose_class(1)), "what was on screen is there again at once"
        assert not visitor.told
        assert visitor.query == link
        visitor.choose_class(2)
        assert visitor.told == [FULL]
        full.unlink()
        assert is_right(visitor.choose_class(2)), "the next try works"
        full.touch()
        visitor.open_photo("own.png", own)
        assert visitor.told == [FULL]
        full.unlink()
        assert is_right(visitor.open_saliency()), "an own photo that was turned away need not be sent again"


def test_a_queue_that_is_full_within_an_experiment_leaves_what_is_done(tmp_path: Path) -> None:
    full = tmp_path / "full"
    script, experiment = make_dashboard(tmp_path, FILLED.format(full=full)), "masking_experiment"
    link = f"model={MODEL}&crop_mode=squash&photo=koala&regions=10-20-40-30"
    begun = []
    with serve(script, tmp_path) as server, visit(server.address, MODEL, "squash", "koala") as visitor:
        for _ in range(STEPS):
            full.write_text("2")  # one for the answer beside the hand; the other one is kept, and the next try goes on
            visitor.go_to(experiment, link)
            if not visitor.told:
                break
            assert visitor.told == [FULL]
            begun.append("The other fills follow" in visitor.written)
    assert begun == sorted(begun)
    assert set(begun) == {False, True}, "a finding is shown before all of it is done"
    assert "The finding is the same with every fill" in visitor.written


@pytest.fixture
def audit(tmp_path: Path) -> Iterator[Path]:
    """Where an audit is written to; it ends with the test."""
    out = tmp_path / "audits" / "mine"
    yield out
    process.stop(out)


def test_answers_come_in_time_beside_an_audit(tmp_path: Path, audit: Path, generator: np.random.Generator) -> None:
    folder = draw_photos(tmp_path / "photos", AUDITED)
    classes = json.dumps({"red thing": "0", "green thing": "1", "blue thing": "2"})
    with serve(ROOT / "dashboard.py", tmp_path) as server, visit(server.address, MODEL, "squash", "cat") as visitor:

        def answer() -> float:
            """Seconds for a class whose map nobody has asked for before: the median of twelve."""
            seconds = []
            for _ in range(3):
                visitor.open_photo("own.png", draw_photo(generator))
                seconds += [visitor.choose_class(place).seconds for place in range(1, 5)]
            return statistics.median(seconds)

        answer()  # the first are slower
        alone = answer()
        process.begin([str(folder), "--model", MODEL, "--classes", classes, "--boxes", "none"], audit)
        wait(lambda: (audit / PLAN).exists() and process.count_done(audit, read_heading(audit)))
        beside = answer()
        assert process.state(audit).running
        assert is_right(visitor.choose_class(1))
    print(f"{alone:.2f} s alone, {beside:.2f} s beside an audit: {beside / alone:.1f} times")
    assert beside < max(SLOWER * alone, LATE)
