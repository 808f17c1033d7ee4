"""What a module's layers are given and give when it looks at one frame."""

from collections.abc import Callable, Iterable

import torch
from torch import nn

Watch = Callable[[nn.Module, tuple[torch.Tensor, ...], torch.Tensor], None]


def watch_pass(module: nn.Module, side: int, layers: Iterable[nn.Module], watch: Watch) -> None:
    """Let the module look at a frame of zeros, f32 [1, 3, side, side]; `watch` is called with each of the
    layers, its inputs and its output, as it is run."""
    handles = [layer.register_forward_hook(watch) for layer in layers]
    try:
        with torch.no_grad():
            module(torch.zeros(1, 3, side, side, dtype=torch.float32))
    finally:
        for handle in handles:
            handle.remove()
