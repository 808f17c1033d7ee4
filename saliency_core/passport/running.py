"""What runs: the methods, and how fast the model is here."""

import time
from collections.abc import Callable
from statistics import median

import numpy as np
import torch
from torch import nn

from saliency_core.engine.engine import Forward
from saliency_core.engine.ways import read_ways
from saliency_core.errors import SaliencyError
from saliency_core.methods.attribution import explanation_stages
from saliency_core.methods.method import Method
from saliency_core.methods.registry import methods
from saliency_core.passport.finding import Details, Outcome
from saliency_core.passport.probe import Check, Probe
from saliency_core.text import cut, join_words

_BATCH = 8
_REPEATS, _SECONDS = 5, 1.5
"""Passes that are timed, fewer if they take longer than this together."""


def check_methods(probe: Probe) -> Outcome:
    """Which of the registry's methods make a map of a made-up picture, and why the others do not."""
    told = [(method, *_try_method(probe, method)) for method in methods()]
    working = [method.title for method, reason, _ in told if not reason]
    details: Details = tuple((method.title, reason or "works") for method, reason, _ in told)
    if len(working) == len(told):
        return Outcome("passed", f"All methods work: {join_words(working)}.", details)
    refused = " ".join(f"“{method.title}” does not: {reason}" for method, reason, _ in told if reason)
    if not working:
        return Outcome("failed", f"No method works, so there are no maps. {refused}", details)
    surprising = any(unforeseen for _, _, unforeseen in told)
    return Outcome(
        "warning" if surprising else "passed",
        f"{len(working)} of {len(told)} methods work: {join_words(working)}. {refused}",
        details,
    )


def _try_method(probe: Probe, method: Method) -> tuple[str, bool]:
    """Why a method makes no map, empty if it does; and whether the library did not foresee it."""
    try:
        # Of a long one, its first step: it asks the model all that the rest does.
        values = next(explanation_stages(probe.classifier, probe.frame, None, method.key)).values
    except SaliencyError as error:
        return str(error), False
    except Exception as error:  # whatever a person's module raises
        return f"it needs {method.needs}, and fails with {type(error).__name__}: {cut(str(error), 120)}.", True
    if not np.isfinite(values).all():
        return "its values are not finite.", True
    return ("", False) if values.any() else ("its map is zero everywhere.", True)


def check_speed(probe: Probe) -> Outcome:
    """How many frames a second, how long a gradient takes, how much memory, and which fast ways apply."""
    engine, device = probe.classifier.engine, probe.classifier.engine.device
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    batch = np.repeat(probe.frames[:1], _BATCH, axis=0)

    def differentiate(forward: Forward, inputs: torch.Tensor) -> torch.Tensor:
        (gradient,) = torch.autograd.grad(forward(inputs).sum(), inputs, allow_unused=True)
        return torch.zeros_like(inputs) if gradient is None else gradient

    one = _time(lambda: engine.logits(probe.frames[:1]))
    many = _time(lambda: engine.logits(batch)) / _BATCH
    details: Details = (
        ("device", str(device)),
        ("frames a second, one at a time", round(1 / one, 1)),
        (f"frames a second, {_BATCH} together", round(1 / many, 1)),
    )
    told = f"On {device}, it looks at {_tell(1 / min(one, many))} pictures a second"
    try:
        gradient = _time(lambda: engine.attribute(probe.frames[0], None, differentiate))
    except RuntimeError:
        told = f"{told}."
    else:
        details = (*details, ("milliseconds a gradient", round(1000 * gradient, 1)))
        told = f"{told}; a gradient takes {_tell(1000 * gradient)} milliseconds."
    ways = read_ways(probe.classifier.module, engine.prepared)
    fast = [
        *([f"{ways.folded} normalisations folded"] if ways.folded else []),
        *([f"{ways.packed} convolutions packed"] if ways.packed else []),
        *(["hidden regions computed incrementally"] if ways.incremental else []),
    ]
    details = (
        *details,
        ("parameters, millions", round(sum(each.numel() for each in probe.module.parameters()) / 1e6, 3)),
        ("weights, MB", round(_bytes(probe.module) / 1e6, 2)),
        *((("peak memory on the device, MB", _peak(device)),) if device.type == "cuda" else ()),
        ("normalisations folded", ways.folded),
        ("convolutions packed", ways.packed),
        ("hidden regions computed incrementally", ways.incremental),
    )
    sped = f"Made faster: {join_words(fast)}." if fast else "It is run as it is: no way to make it faster applies."
    return Outcome("passed", f"{told} Its weights take {_tell(_bytes(probe.module) / 1e6)} MB. {sped}", details)


def _time(run: Callable[[], object]) -> float:
    """Seconds of one run, the median of some; the results are on the host, so that a device has done its work."""
    run()
    spent: list[float] = []
    while len(spent) < _REPEATS and sum(spent) < _SECONDS:
        begin = time.perf_counter()
        run()
        spent.append(time.perf_counter() - begin)
    return median(spent)


def _bytes(module: nn.Module) -> int:
    return sum(each.numel() * each.element_size() for each in (*module.parameters(), *module.buffers()))


def _peak(device: torch.device) -> float:
    return round(torch.cuda.max_memory_allocated(device) / 1e6, 1)


def _tell(number: float) -> str:
    return f"{number:.0f}" if number >= 10 else f"{number:.2g}"


METHODS = Check("methods", "Methods", "Making maps", check_methods)
SPEED = Check("speed", "Speed and memory", "Timing it", check_speed)
