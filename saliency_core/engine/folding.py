"""Batch normalisations folded into the convolutions before them."""

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from saliency_core.engine.watching import watch_pass


def fold(module: nn.Module, side: int) -> None:
    """Fold each batch normalisation of a module in eval mode into the convolution before it, and lay its
    weights channels last. Changes the module it is given.

    side: height and width of its input, in pixels.

    Folding is exact up to rounding (Jacob et al. 2018, arXiv:1712.05877, section 3.2); which pairs belong
    together is read off one pass, so that any architecture will do.
    """
    for convolution, normalisation in _pairs(module, side):
        fused = fuse_conv_bn_eval(convolution, normalisation)
        convolution.weight, convolution.bias = fused.weight, fused.bias
        _replace(module, normalisation, nn.Identity())
    module.requires_grad_(False)
    module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def _pairs(module: nn.Module, side: int) -> list[tuple[nn.Conv2d, nn.BatchNorm2d]]:
    """Each batch normalisation whose input is, as the very same tensor, a convolution's output."""
    made: dict[int, tuple[nn.Conv2d, torch.Tensor]] = {}
    pairs: list[tuple[nn.Conv2d, nn.BatchNorm2d]] = []
    uses: dict[nn.Module, int] = {}

    def watch(layer: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        uses[layer] = uses.get(layer, 0) + 1
        if isinstance(layer, nn.Conv2d):
            made[id(output)] = layer, output  # holding the tensor keeps its id from being used again
        elif isinstance(layer, nn.BatchNorm2d) and id(inputs[0]) in made:
            pairs.append((made[id(inputs[0])][0], layer))

    watched = [layer for layer in module.modules() if isinstance(layer, nn.Conv2d | nn.BatchNorm2d)]
    watch_pass(module, side, watched, watch)
    # A layer used twice stands before or after different partners.
    return [pair for pair in pairs if all(uses[layer] == 1 for layer in pair)]


def _replace(module: nn.Module, old: nn.Module, new: nn.Module) -> None:
    name = next(name for name, layer in module.named_modules() if layer is old)
    parent, _, leaf = name.rpartition(".")
    setattr(module.get_submodule(parent), leaf, new)
