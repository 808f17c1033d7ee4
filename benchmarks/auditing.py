"""An audit against the engine's passes that it needs, and its memory and time over thousands of photos."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn

import saliency_core as core
from benchmarks.measure import Effort, Entry, single, take_turns, tell_turns
from benchmarks.models import load_pairs
from benchmarks.photos import SAMPLE
from saliency_core.audit.measure import Settings
from saliency_core.audit.planning import make_plan
from saliency_core.audit.run import run_audit
from saliency_core.engine.engine import Attribute, Engine, HiddenFrames, Result
from saliency_core.models.weights import Weights
from saliency_core.photos.frame import Preset
from saliency_core.photos.photo import Pixels
from saliency_core.photos.regions import Placement

PHOTOS, QUICK_PHOTOS = 8, 4
MANY, QUICK_MANY, STEPS = 5000, 40, 10
SAMPLES = SAMPLE, SAMPLE.with_name("hedgehog.jpg")
SMALL = 32
CLASSES = "red", "green", "blue"


def measure_audit(effort: Effort) -> Iterator[Entry]:
    """An audit of a few photos on EfficientNet-Lite0, and one of thousands of small ones on a tiny network."""
    with tempfile.TemporaryDirectory() as folder:  # first, while no larger model lies in memory
        yield from _measure_growth(Path(folder), QUICK_MANY if effort.quick else MANY)
    with tempfile.TemporaryDirectory() as folder:
        yield from _measure_cost(Path(folder), effort.for_long())


def _measure_cost(folder: Path, effort: Effort) -> Iterator[Entry]:
    pair = load_pairs()[-1]
    photos = QUICK_PHOTOS if effort.quick else PHOTOS
    _draw_samples(folder / "photos", pair.ours, photos)
    settings = Settings(n_controls=19) if effort.quick else Settings()
    plan, numbers = make_plan(folder / "photos", pair.ours, settings=settings), count()

    def audit(classifier: core.Classifier = pair.ours) -> None:
        for _ in run_audit(plan, classifier, folder / f"out{next(numbers)}"):
            pass

    recorder = _Recorder(pair.ours.engine)
    recorded = replace(pair.ours)
    object.__setattr__(recorded, "engine", recorder)
    audit(recorded)

    def passes() -> None:
        for run in recorder.runs:
            run()

    spent: dict[str, list[float]] = {"passes": [], "ours": []}

    def timed(name: str, run: Callable[[], None]) -> Callable[[], None]:
        def measured() -> None:
            start = time.process_time()
            run()
            spent[name].append(time.process_time() - start)

        return measured

    case = f"{photos} photos with boxes, {settings.n_controls} random places, {pair.title}"
    notes = {
        "passes": f"the same {recorder.frames} frames through the engine, and nothing else",
        "ours": "photos opened, framed and told of, files written",
    }
    seconds = take_turns({"passes": timed("passes", passes), "ours": timed("ours", audit)}, effort)
    yield from tell_turns("audit", case, seconds, notes)
    turns = len(seconds["ours"])
    yield from tell_turns("audit", f"{case}, processor time", {name: each[-turns:] for name, each in spent.items()})


class _Recorder(Engine):
    """An engine that keeps what it is asked for, to be asked again."""

    def __init__(self, engine: Engine) -> None:
        self.__dict__ |= engine.__dict__
        self.runs: list[Callable[[], object]] = []
        self.frames = 0

    def ask(self, frames: int, run: Callable[[], Result]) -> Result:
        """What is asked for, now and whenever it is asked again."""
        self.runs.append(run)
        self.frames += frames
        return run()

    def logits(self, frames: Pixels, preset: Preset | None = None) -> NDArray[np.float32]:
        """As the engine's."""
        return self.ask(len(frames), partial(super().logits, frames, preset))

    def attribute(
        self, frame: Pixels, target: int | None, attribute: Attribute, module: nn.Module | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """As the engine's."""
        return self.ask(1, partial(super().attribute, frame, target, attribute, module))

    def hide_in(self, frame: Pixels) -> HiddenFrames:
        """As the engine's."""
        return _RecordedFrames(self, frame)


class _RecordedFrames(HiddenFrames):
    def __init__(self, recorder: _Recorder, frame: Pixels) -> None:
        self._recorder = recorder
        recorder.ask(1, partial(super().__init__, recorder, frame))

    def logits(self, paint: Pixels, placements: Sequence[Placement]) -> NDArray[np.float32]:
        """As HiddenFrames'."""
        return self._recorder.ask(len(placements), partial(super().logits, paint, placements))


def _draw_samples(folder: Path, classifier: core.Classifier, photos: int) -> None:
    """Two samples, trimmed a little more each time, in folders named as the model calls them, and a table of boxes."""
    lines = ["file,xmin,ymin,xmax,ymax"]
    for sample in SAMPLES:
        picture = Image.open(sample)
        best = core.classify(classifier, core.frame_photo(core.decode_photo(sample.read_bytes()), classifier, "squash"))
        for place in range(photos // len(SAMPLES)):
            name = f"{best.top(1)[0].label}/{place}.jpg"
            trimmed = picture.crop((4 * place, 4 * place, picture.width, picture.height))
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            trimmed.save(folder / name, quality=90)
            width, height = trimmed.size
            lines.append(f"{name},{width // 3},{height // 5},{2 * width // 3},{3 * height // 5}")
    (folder / "boxes.csv").write_text("\n".join(lines))


class _Tiny(nn.Module):
    """Each class's logit is how much of one colour there is."""

    def __init__(self) -> None:
        super().__init__()
        self.colours = nn.Conv2d(3, 3, 1, bias=False)
        self.colours.weight = nn.Parameter(6 * torch.eye(3)[..., None, None])

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """f32 [n, 3, side, side] -> f32 [n, 3]."""
        logits: torch.Tensor = self.colours(inputs).mean(dim=(2, 3))
        return logits


def _measure_growth(folder: Path, photos: int) -> Iterator[Entry]:
    preset = Preset(SMALL, SMALL, Image.Resampling.BILINEAR, (0.5,) * 3, (0.5,) * 3)
    module = _Tiny().eval().requires_grad_(False)
    tiny = core.Classifier("tiny", "Tiny", module, preset, CLASSES, Weights("made here", "0" * 64), "cpu")
    _draw_many(folder / "photos", photos)
    plan = make_plan(folder / "photos", tiny, settings=Settings(fills=("grey",), n_controls=19))
    step = photos // STEPS
    case = f"{photos:,} photos of 48 x 48 pixels, 19 random places, one fill, a network of one layer, processor time"
    begun, first = time.process_time(), 0.0
    for progress in run_audit(plan, tiny, folder / "out"):
        if progress.done and progress.done % step == 0 and progress.rate:
            taken, begun = time.process_time() - begun, time.process_time()
            first = first or taken
            who = f"photos {progress.done - step + 1:,} to {progress.done:,}"
            note = f"{_memory_mib():.0f} MiB in use"
            yield Entry("audit", case, who, "ms a photo", single(1000 * taken / step), single(taken / first), note)
    taken = time.process_time() - begun
    note = f"{_memory_mib():.0f} MiB in use"
    yield Entry("audit", case, "all in one summary", "ms a photo", single(1000 * taken / photos), None, note)


def _draw_many(folder: Path, photos: int) -> None:
    """A square of each class's colour on noise, in folders called so, and a table of boxes."""
    lines, random = ["file,xmin,ymin,xmax,ymax"], np.random.default_rng(0)
    for place in range(photos):
        channel = place % len(CLASSES)
        name = f"{CLASSES[channel]}/{place:05}.png"
        pixels = random.integers(90, 110, (48, 48, 3), np.uint8)
        top, left = random.integers(32, size=2).tolist()
        pixels[top : top + 16, left : left + 16] = 255 * (np.arange(3) == channel)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / name)
        lines.append(f"{name},{left},{top},{left + 16},{top + 16}")
    (folder / "boxes.csv").write_text("\n".join(lines))


def _memory_mib() -> float:
    """What of this process lies in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
