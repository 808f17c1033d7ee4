"""A copy of a module, prepared to give the same answers in less time, each way tried before it is used."""

import copy
import logging
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from saliency_core.engine.folding import fold
from saliency_core.engine.incremental import IncrementalPass
from saliency_core.engine.packing import pack
from saliency_core.engine.plan import Plan, read_plan
from saliency_core.engine.simplifying import simplify

_log = logging.getLogger(__name__)

FOLDED_APART, PACKED_APART = 0.05, 0.005
"""How far answers may lie from those they are compared with: the root mean square of the difference, as a share of
theirs. Folding rounds, and rounding flips single activations that lie on the kink of a ReLU: up to 0.02 was seen of
gradients. Packed convolutions add the same numbers in another order."""
_FRAMES = 2
"""Convolutions are packed in one way for a single frame and in another for several."""
WAYS: tuple[tuple[str, Callable[[nn.Module, int], None], float], ...] = (
    ("folded layers", lambda module, side: fold(simplify(module), side), FOLDED_APART),
    ("packed convolutions", pack, PACKED_APART),
)
"""What is done to a copy of a module, in this order, and how far its answers may then lie from those before."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A module that is ready to be run.

    module: in eval mode, parameters frozen, on its device.
    plan: its steps, for incremental passes; None where frames are given whole.
    """

    module: nn.Module
    plan: Plan | None


def prepare(module: nn.Module, side: int, device: torch.device, plain: bool = False) -> Prepared:
    """A copy of the module, made faster where that is known to leave its answers as they are.

    side: height and width of its input, in pixels.
    device: where it is to run. On the CPU, normalisations are folded into convolutions, channels lie last,
        convolutions are packed and hidden regions are computed incrementally; each is left out, with a line in
        the log, where it fails or answers otherwise on a random frame.
    plain: whether none of it is tried, for a module that is soon given up: trying takes as long as some passes.
    """
    copied = copy.deepcopy(module).to(device, torch.float32).eval().requires_grad_(False)
    if plain or device.type != "cpu":
        return Prepared(copied, None)
    inputs = torch.rand(_FRAMES, 3, side, side, generator=torch.Generator().manual_seed(0), dtype=torch.float32) * 2 - 1
    try:
        expected = _answers(copied, inputs)
    except Exception as error:  # a model that cannot take a random frame, or has no gradient: as it is
        _log.warning("The model is run as it is, since it cannot be tried beforehand: %s", error)
        return Prepared(copied, None)
    best = copied
    for way, make, limit in WAYS:
        tried = _try(way, make, best, side, inputs, expected, limit)
        if tried is not None:
            best, expected = tried
    return Prepared(best, _try_plan(best, inputs))


Answers = tuple[torch.Tensor, torch.Tensor]
"""Logits f32 [n, classes] of all frames, and the gradient f32 [1, 3, side, side] for the first."""


def _answers(module: nn.Module, inputs: torch.Tensor) -> Answers:
    leaf = inputs[:1].clone().requires_grad_()
    with torch.enable_grad():
        single: torch.Tensor = module(leaf)
        (gradient,) = torch.autograd.grad(single[0].max(), leaf)
    return torch.cat([single.detach(), module(inputs)]), gradient


def _try(
    way: str,
    make: Callable[[nn.Module, int], None],
    module: nn.Module,
    side: int,
    inputs: torch.Tensor,
    expected: Answers,
    limit: float,
) -> tuple[nn.Module, Answers] | None:
    """A copy of the module changed by `make`, and its answers; None, with a line in the log, if it fails."""
    changed = copy.deepcopy(module)
    try:
        make(changed, side)
        answers = _answers(changed, inputs)
    except Exception as error:  # private operators of torch's may be missing, or want other arguments
        _log.warning("Models are run without %s, which fail here: %s", way, error)
        return None
    apart = max(distance(found, wanted) for found, wanted in zip(answers, expected, strict=True))
    if not apart <= limit:
        _log.warning("Models are run without %s, which answer otherwise here: %.2g apart", way, apart)
        return None
    return changed, answers


def distance(found: torch.Tensor, expected: torch.Tensor) -> float:
    """Root mean square of the difference, as a share of what is expected; not a number if any is not."""
    return float((found - expected).square().mean().sqrt() / expected.square().mean().sqrt().clamp_min(1e-30))


def _try_plan(module: nn.Module, inputs: torch.Tensor) -> Plan | None:
    """The module's plan, if it gives the second frame for the first with all but a corner changed."""
    plan = read_plan(module)
    if plan is None:
        return None
    side = inputs.shape[-1]
    window = max(1, side // 4)
    corners = [(0, 0), (side - window, side // 3)]
    changed = inputs[:1].repeat(len(corners), 1, 1, 1)
    patches = torch.stack([inputs[1, :, top : top + window, left : left + window] for top, left in corners])
    for frame, patch, (top, left) in zip(changed, patches, corners, strict=True):
        frame[:, top : top + window, left : left + window] = patch
    try:
        apart = distance(IncrementalPass(module, plan, inputs[:1])(patches, corners), module(changed))
    except Exception as error:
        _log.warning("Hidden regions are not computed incrementally, which fails here: %s", error)
        return None
    if not apart <= PACKED_APART:
        _log.warning("Hidden regions are not computed incrementally, which answers otherwise: %.2g apart", apart)
        return None
    return plan
