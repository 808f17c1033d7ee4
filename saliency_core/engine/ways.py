"""Which of the ways to run a module faster apply to one."""

from dataclasses import dataclass

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from saliency_core.engine.packing import PackedConvolution
from saliency_core.engine.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Ways:
    """What was done to a module, read off what became of it.

    folded: batch normalisations that were folded into the convolution before them; packed: packed convolutions.
    incremental: whether hidden regions may be computed incrementally.
    """

    folded: int
    packed: int
    incremental: bool


def read_ways(module: nn.Module, prepared: Prepared) -> Ways:
    """How a module was prepared."""
    folded = _count(module, _BatchNorm) - _count(prepared.module, _BatchNorm)
    return Ways(folded, _count(prepared.module, PackedConvolution), prepared.plan is not None)


def _count(module: nn.Module, kind: type[nn.Module]) -> int:
    return sum(isinstance(layer, kind) for layer in module.modules())
