"""Passes through windows give what whole passes give, whatever the module and wherever the windows lie."""

import copy
import threading
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

import saliency_core as core
from saliency_core.engine.incremental import IncrementalPass
from saliency_core.engine.packing import pack
from saliency_core.engine.plan import _slide, read_plan
from saliency_core.engine.prepared import Prepared, prepare
from saliency_core.engine.windows import SlidingWindow, Span, Windows
from saliency_core.masking.controls import run_controls
from saliency_core.masking.placements import place_controls
from saliency_core.models.vision import resnet50
from saliency_core.photos.fills import Fill
from saliency_core.photos.frame import Box
from tests.conftest import small_classifier

OpenSample = Callable[[str], core.Photo]
SIDE = 40


class Residual(nn.Module):
    """What a module does to its input, added to the input."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        outputs: torch.Tensor = self.inner(inputs)
        outputs += inputs
        return outputs


class Reuses(nn.Module):
    """A sum whose first part is needed once more, and an activation of what is."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.activation = _convolution(3, padding=1), nn.ReLU()

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        part = self.first(inputs)
        outputs: torch.Tensor = (part + inputs) * part + self.activation(part)
        return outputs


class AddsUnlike(nn.Module):
    """Sums that are larger than their first part, weighed, or of a number."""

    def __init__(self) -> None:
        super().__init__()
        self.rows, self.all, self.one = nn.Conv2d(3, 3, (SIDE, 1)), _convolution(padding=1), _convolution(1)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        outputs: torch.Tensor = self.rows(inputs) + inputs
        weighed: torch.Tensor = torch.add(self.all(outputs), outputs, alpha=2)
        total: torch.Tensor = weighed + (self.one(inputs) + 1)
        return total


class WritesOver(nn.Module):
    """An activation that is not known to be followed, and writes over what it is given."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return inputs.mul_(2).sub_(1)


class DependsOnTheFrame(nn.Module):
    """What it does cannot be read beforehand."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return inputs.relu() if inputs.mean() > 0 else inputs


def _convolution(kernel: int = 3, **settings: int) -> nn.Conv2d:
    return nn.Conv2d(3, 3, kernel, **settings)  # type: ignore[arg-type]


def _loud() -> nn.Conv2d:
    """A convolution of which many outputs are larger than 6."""
    convolution = _convolution()
    with torch.no_grad():
        convolution.weight *= 30
    return convolution


MODULES: dict[str, Callable[[], nn.Module]] = {
    "one pixel": lambda: _convolution(1),
    "one pixel in steps": lambda: _convolution(1, stride=2),
    "padded": lambda: _convolution(3, padding=1),
    "not padded": lambda: _convolution(5),
    "padded too much": lambda: _convolution(3, padding=4),
    "in steps": lambda: _convolution(7, stride=2, padding=3),
    "in steps larger than it sees": lambda: _convolution(2, stride=3),
    "spread out": lambda: _convolution(3, dilation=3, padding=3),
    "in groups": lambda: _convolution(3, groups=3, padding=1),
    "pooled": lambda: nn.MaxPool2d(3, 2, 1),
    "pooled, padded unevenly": lambda: nn.Sequential(nn.ZeroPad2d((0, 1, 2, 0)), nn.MaxPool2d(2)),
    "several": lambda: nn.Sequential(
        _convolution(3, stride=2, padding=1),
        nn.ReLU(True),
        nn.MaxPool2d(3, 2, 1),
        _convolution(3, padding=1),
        nn.SiLU(),
    ),
    "normalised": lambda: nn.Sequential(_convolution(3, padding=1), nn.BatchNorm2d(3), nn.Dropout(), nn.Identity()),
    "one activation after another": lambda: nn.Sequential(_loud(), nn.Identity(), nn.ReLU6(), nn.ReLU()),
    "no activation after one": lambda: nn.Sequential(_convolution(), nn.ReLU(), nn.Identity(), _convolution()),
    "residual": lambda: nn.Sequential(Residual(_convolution(3, padding=1)), Residual(_convolution(5, padding=2))),
    "a sum of itself": lambda: Residual(nn.Identity()),
    "a sum whose part is needed again": Reuses,
    "sums of what is not alike": AddsUnlike,
    "unknown steps": lambda: nn.Sequential(_convolution(3, padding=1), nn.Softplus(), _convolution(3)),
    "unknown steps that write over": lambda: nn.Sequential(_convolution(3), WritesOver(), _convolution(3)),
    "not to be read": lambda: nn.Sequential(_convolution(3), DependsOnTheFrame()),
}
WINDOWS = {
    "corners": (8, 9, [(0, 0), (0, SIDE - 9), (SIDE - 8, 0), (SIDE - 8, SIDE - 9)]),
    "inside": (5, 6, [(13, 17), (20, 3), (1, 30)]),
    "a pixel": (1, 1, [(0, 39), (21, 20)]),
    "large": (33, 30, [(2, 7), (7, 10)]),
    "all of it": (SIDE, SIDE, [(0, 0)]),
}


def _module(name: str) -> nn.Module:
    torch.manual_seed(0)
    module = MODULES[name]().eval().requires_grad_(False)
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean = torch.tensor([1.0, 2.0, 3.0])
    return module


def _whole(known: torch.Tensor, patches: torch.Tensor, corners: list[tuple[int, int]]) -> torch.Tensor:
    frames = known.repeat(len(patches), 1, 1, 1)
    for frame, patch, (top, left) in zip(frames, patches, corners, strict=True):
        frame[:, top : top + patch.shape[1], left : left + patch.shape[2]] = patch
    return frames


@pytest.mark.parametrize("way", ["as it is", "held by another", "packed"])
@pytest.mark.parametrize("name", MODULES)
def test_passes_through_windows_are_passes_over_whole_frames(name: str, way: str) -> None:
    module, generator = _module(name), torch.Generator().manual_seed(1)
    if way != "as it is":  # a layer is then a step by itself, and otherwise seen through
        module = nn.Sequential(module)
    if way == "packed":
        pack(module, SIDE)
    known = torch.randn(1, 3, SIDE, SIDE, generator=generator) - 1  # mostly negative: no border is a maximum
    run = IncrementalPass(module, read_plan(module), known)
    for _ in range(2):  # the second time much is known already
        for height, width, corners in WINDOWS.values():
            patches = torch.randn(len(corners), 3, height, width, generator=generator) - 1
            expected = module(_whole(known, patches, corners))
            torch.testing.assert_close(run(patches, corners), expected)


@pytest.mark.parametrize("name", MODULES)
def test_a_patch_of_the_frame_itself_changes_nothing(name: str) -> None:
    module = _module(name)
    known = torch.randn(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(
        IncrementalPass(module, read_plan(module), known)(known[:, :, 3:9, 5:25], [(3, 5)]), module(known.clone())
    )


@pytest.mark.parametrize("sizes", [(3, 1, 1), (7, 2, 3), (1, 2, 0), (2, 3, 0), (5, 1, 4)])
def test_windows_affect_those_outputs_that_depend_on_them(sizes: tuple[int, int, int]) -> None:
    window = SlidingWindow(*sizes)
    size = 23
    for length in (1, 4, 11):
        for start in range(size - length + 1):
            found = Span(size, length, (start,)).affected_outputs(window)
            firsts = [output * window.stride - window.padding for output in range(found.size)]
            seeing = [
                output
                for output, first in enumerate(firsts)
                if first < start + length and first + window.extent > start
            ]
            assert found.size == (size + 2 * window.padding - window.extent) // window.stride + 1
            assert set(seeing) <= set(range(found.starts[0], found.starts[0] + found.length))
            assert 0 <= found.starts[0] <= found.size - found.length


def test_only_what_a_window_changes_is_computed() -> None:
    sizes: list[tuple[int, ...]] = []

    module = (
        nn.Sequential(_convolution(3, padding=1), nn.ReLU(), _convolution(3, padding=1)).eval().requires_grad_(False)
    )
    convolve = torch.conv2d

    def watch(inputs: torch.Tensor, *rest: object, **settings: object) -> torch.Tensor:
        sizes.append(tuple(inputs.shape))
        return convolve(inputs, *rest, **settings)  # type: ignore[call-overload, no-any-return]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "conv2d", watch)
        plan = read_plan(module)
        run = IncrementalPass(module, plan, torch.randn(1, 3, SIDE, SIDE))
        for _ in range(2):
            run(torch.randn(2, 3, 6, 8), [(4, 5), (10, 20)])
    assert sizes == [(2, 3, 10, 12), (2, 3, 12, 14)] * 2


def test_a_window_looks_beyond_itself_and_beyond_the_picture() -> None:
    known = torch.arange(16.0).view(1, 1, 4, 4)
    windows = Windows(torch.full((1, 1, 2, 2), -1.0), Span(4, 2, (1,)), Span(4, 2, (2,)), lambda: known)
    seen = windows.crop(Span(4, 3, (0,)), Span(4, 4, (1,)), border=9)
    assert seen[0, 0].tolist() == [[1, 2, 3, 9], [5, -1, -1, 9], [9, -1, -1, 9]]
    assert windows.whole()[0, 0, 3].tolist() == [12, 13, 14, 15]


def test_windows_can_be_followed_through_every_convolution_of_the_shipped_models(
    classifier: core.Classifier,
) -> None:
    for plan, convolutions in ((classifier.engine.prepared.plan, 49), (_prepared_resnet50(64).plan, 53)):
        assert plan is not None
        steps = [step for step in plan.steps.values() if getattr(step, "func", None) is _slide]
        assert len(steps) >= convolutions


def _prepared_resnet50(side: int) -> Prepared:
    torch.manual_seed(0)
    return prepare(resnet50().eval(), side, torch.device("cpu"))


def test_a_prepared_resnet50_answers_the_same() -> None:
    prepared = _prepared_resnet50(96)
    module = prepared.module
    known = torch.randn(1, 3, 96, 96)
    run = IncrementalPass(module, prepared.plan, known)
    for corners in ([(0, 0), (60, 50)], [(33, 21)]):
        patches = torch.randn(len(corners), 3, 30, 40)
        with torch.no_grad():
            expected = module(_whole(known, patches, corners))
        torch.testing.assert_close(run(patches, corners), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("fill", core.FILLS)
def test_hidden_regions_on_a_real_photo_get_the_probabilities_of_hidden_frames(
    classifier: core.Classifier, sample_photo: OpenSample, fill: Fill
) -> None:
    frame = core.frame_photo(sample_photo("koala"), classifier)
    target = core.classify(classifier, frame).top(1)[0].index
    regions = [core.Region(10, 20, 50, 30), core.Region(100, 120, 20, 60)]
    for count in (1, 2):
        placements = place_controls(frame.side, regions[:count], 7)
        found = run_controls(classifier, frame, placements, fill, target, seed=3)
        for change, shares in ((core.hide, found.hidden), (core.keep_only, found.kept)):
            changed = [change(frame, placement, fill, seed=3) for placement in placements]
            expected = [core.classify(classifier, each).probabilities[target] for each in changed]
            np.testing.assert_allclose(shares, expected, atol=1e-5)


def test_passes_leave_the_module_and_the_frame_as_they_were() -> None:
    module = _module("several")
    before = copy.deepcopy(module.state_dict())
    known = torch.randn(1, 3, SIDE, SIDE)
    copied = known.clone()
    IncrementalPass(module, read_plan(module), known)(torch.zeros(1, 3, 5, 5), [(2, 2)])
    assert torch.equal(known, copied)
    for name, value in module.state_dict().items():
        assert torch.equal(value, before[name])


def test_impossible_regions_are_refused_in_a_sentence() -> None:
    classifier = small_classifier(nn.Sequential(_convolution(3), nn.AdaptiveAvgPool2d(1), nn.Flatten()), SIDE, 3)
    frame = core.Frame(np.zeros((SIDE, SIDE, 3), np.uint8), Box(0, 0, SIDE, SIDE), (SIDE, SIDE))
    for region in (core.Region(-1, 0, 5, 5), core.Region(0, 0, SIDE + 1, 5), core.Region(0, 0, 0, 5)):
        with pytest.raises(core.RequestError, match="region"):
            run_controls(classifier, frame, [(region,)], "black", 0)


def test_a_plan_is_read_while_another_thread_runs_a_module() -> None:
    """torch.fx patches all modules' calls while it reads."""
    other, inputs = nn.Sequential(_convolution(3), nn.ReLU()).eval(), torch.randn(1, 3, SIDE, SIDE)
    with torch.no_grad():
        expected = other(inputs)
    stop, wrong, runs = threading.Event(), [], []

    def run_on() -> None:
        while not stop.is_set():
            try:
                with torch.no_grad():
                    runs.append(torch.equal(other(inputs), expected))
            except Exception as error:
                wrong.append(error)

    thread = threading.Thread(target=run_on)
    thread.start()
    try:
        plans = [read_plan(_module(name)) for _ in range(20) for name in MODULES]
    finally:
        stop.set()
        thread.join()
    assert not wrong
    assert runs
    assert all(runs)
    assert any(plan is not None for plan in plans)
