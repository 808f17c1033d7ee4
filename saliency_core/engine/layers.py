"""A module's layers whose outputs have places on the frame, and what one of them gives."""

import threading
from dataclasses import dataclass
from math import isqrt

import torch
from torch import nn

MOST_EXTRA_TOKENS = 8
"""Tokens before those of the places: for the class, for distillation, registers."""


@dataclass(frozen=True, slots=True)
class Layers:
    """A module's layers whose outputs have places.

    names: in the order in which they are done; last: the last one whose places the logits react to; None without any.
    """

    names: tuple[str, ...]
    last: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """What a layer gave for one frame.

    logits: f32 [classes], of that pass.
    target: index of the class asked about.
    activations: f32 [channels, height, width], the layer's output by places, on the host.
    gradients: f32 as activations, of the class's logit by them.
    """

    logits: torch.Tensor
    target: int
    activations: torch.Tensor
    gradients: torch.Tensor


def by_places(output: torch.Tensor) -> torch.Tensor | None:
    """A layer's output for one frame as [channels, height, width]; None if it has no places.

    A frame is square, so its places are, too: channels first or last, or a row of tokens after at most
    MOST_EXTRA_TOKENS others, of which there are as few as possible.
    """
    if output.dim() == 4:
        first, last = output.shape[2] == output.shape[3], output.shape[1] == output.shape[2]
        if first and output.shape[2] > 1:
            return output[0]
        return output[0].permute(2, 0, 1) if last and output.shape[1] > 1 else None
    if output.dim() == 3:
        count, channels = output.shape[1:]
        for extra in range(min(MOST_EXTRA_TOKENS, count - 2) + 1):
            side = isqrt(count - extra)
            if side > 1 and side * side == count - extra:
                return output[0, extra:].T.reshape(channels, side, side)
    return None


def find_layers(module: nn.Module, inputs: torch.Tensor) -> Layers:
    """The layers of a module whose outputs have places, tried on f32 [1, 3, side, side], gradients being on.

    Of layers that give tokens, only normalisations count: what lies between them, such as queries and keys, is no map
    of the frame. In a transformer that reads its answer off one token, the other tokens of the last layers change
    nothing, so the last layer is the last one to whose places some logit reacts.
    """
    names = {layer: name for name, layer in module.named_modules() if name}
    found: dict[str, None] = {}

    def watch(layer: nn.Module, _inputs: tuple[torch.Tensor, ...], output: object) -> None:
        if not torch.is_tensor(output) or by_places(output) is None:
            return
        if output.dim() == 4 or "norm" in type(layer).__name__.lower():
            found.pop(names[layer], None)  # a layer that is run twice has its place where it is run last
            found[names[layer]] = None

    handles = [layer.register_forward_hook(watch) for layer in names]
    try:
        with torch.no_grad():
            module(inputs)
    finally:
        for handle in handles:
            handle.remove()
    last = next((name for name in reversed(found) if _matters(module, inputs, name)), None)
    return Layers(tuple(found), last)


def _matters(module: nn.Module, inputs: torch.Tensor, name: str) -> bool:
    """Whether the largest logit reacts to any place of a layer."""
    try:
        return bool(watch_layer(module, inputs.detach().requires_grad_(), name, None).gradients.any())
    except RuntimeError:  # what is cut off from the logits has no gradient
        return False


def watch_layer(module: nn.Module, inputs: torch.Tensor, name: str, target: int | None) -> Watched:
    """What a layer gives when the module looks at f32 [1, 3, side, side], gradients being on.

    name: of a layer whose output has places, the last one of several.
    target: index of the class; None for the largest logit.
    """
    given: list[torch.Tensor] = []
    mine = threading.get_ident()

    def watch(_layer: nn.Module, _inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> torch.Tensor | None:
        if threading.get_ident() != mine:  # the module is shared, and others may be asking it just now
            return None
        given.append(output)
        return output.clone()  # the next layer may write over what it is given

    handle = module.get_submodule(name).register_forward_hook(watch)
    try:
        logits: torch.Tensor = module(inputs)[0]
    finally:
        handle.remove()
    index = int(logits.argmax()) if target is None else target
    (gradient,) = torch.autograd.grad(logits[index], given[-1])
    activations, gradients = by_places(given[-1].detach()), by_places(gradient)
    if activations is None or gradients is None:
        raise RuntimeError(f"The output of the layer {name} has no places.")
    return Watched(logits.detach().cpu(), index, activations.cpu(), gradients.cpu())
