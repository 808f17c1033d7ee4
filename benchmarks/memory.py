"""What a server with one model holds in memory: idle, and after each of the heaviest things that one person does."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.client import Visitor, visit
from benchmarks.day import own_photo
from benchmarks.expected import MODEL
from benchmarks.measure import Effort, Entry, single
from benchmarks.photos import synthesise_photo
from benchmarks.serving import forget_peak, look_at, serve
from scripts.browsing import ROOT

MEGAPIXELS = 50.0
OWN_PHOTOS = 30
_LINK = f"model={MODEL}&crop_mode=squash&photo=koala"


def measure_memory(effort: Effort) -> Iterator[Entry]:
    """One person after another, each a session of their own; the command's client is another process."""
    megapixels = 2 if effort.quick else MEGAPIXELS
    largest = synthesise_photo(megapixels)
    few = 3 if effort.quick else OWN_PHOTOS

    def open_own(visitor: Visitor) -> None:
        generator = np.random.default_rng(0)
        for number in range(few):
            visitor.open_photo(f"{number}.jpg", own_photo(generator))

    steps: dict[str, Callable[[Visitor], object]] = {
        "idle, one person has been there": lambda visitor: visitor.choose_class(1),
        f"a photo of {megapixels:g} megapixels": lambda visitor: visitor.open_photo("large.jpg", largest),
        "a masking experiment under four fills": lambda visitor: visitor.go_to(
            "masking_experiment", f"{_LINK}&regions=30-20-40-30"
        ),
        "the page Evidence": lambda visitor: visitor.go_to("evidence", _LINK),
        f"{few} photos of their own": open_own,
    }
    with tempfile.TemporaryDirectory() as folder, serve(ROOT / "dashboard.py", Path(folder)) as server:
        for name, step in steps.items():
            forget_peak(server.process)
            with visit(server.address, MODEL, "squash", "koala") as visitor:
                step(visitor)
            held = look_at(server.process)
            yield Entry("memory", "one model", name, "MiB", single(held.mebibytes), note=f"at most {held.peak:.0f}")
