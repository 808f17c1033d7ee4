"""Whether layers can be watched on the way back: torch's backward hooks and what is computed in place.

A backward hook on a layer makes views of what it is given and gives, and torch refuses to overwrite these (pytorch
issue 61519). Activations with inplace=True overwrite what they are given; code such as `x += shortcut` what a layer
gave.
"""

import copy

import torch
from torch import nn

from saliency_core.engine.engine import plain_numbers
from saliency_core.passport.finding import Details, Outcome
from saliency_core.passport.gradients import take_gradient
from saliency_core.passport.layers import leaves, tensors, watch
from saliency_core.passport.probe import Check, Probe
from saliency_core.text import join_words

_SHOWN = 3


def check_hooks(probe: Probe) -> Outcome:
    """Whether backward hooks work, on which layers, and whether a copy without in-place activations helps."""
    module = copy.deepcopy(probe.module)
    layers = leaves(module)
    if not layers:
        return Outcome("passed", "The model has no layers that a method could watch.")
    in_place = [name for name, layer in layers.items() if getattr(layer, "inplace", False) is True]
    works = _try_hooks(probe, module, list(layers.values())) is None
    if works:
        return Outcome(
            "passed", f"Backward hooks work on all {len(layers)} layers.", (("layers", len(layers)), ("in place", 0))
        )
    for name in in_place:
        layers[name].inplace = False  # type: ignore[assignment]
    overwritten = _overwritten(probe, module, layers)
    free = [layer for name, layer in layers.items() if name not in overwritten]
    error = _try_hooks(probe, module, free)
    details: Details = (
        ("layers", len(layers)),
        ("layers that work in place", len(in_place)),
        ("layers whose output is overwritten", len(overwritten)),
        *((f"overwritten {place}", name) for place, name in enumerate(overwritten[:_SHOWN], 1)),
    )
    copied = (
        f"Layers overwrite what they are given (inplace=True): {_list(in_place)}. Methods that watch layers must use "
        "a copy with inplace=False. "
        if in_place
        else ""
    )
    if error is not None:
        return Outcome(
            "warning",
            f"{copied}Backward hooks fail all the same: methods that watch layers on the way back, such as guided "
            "backpropagation, cannot work.",
            (*details, ("error", error)),
        )
    rest = (
        "The model's own code overwrites (as x += shortcut does) what some layers give, so that these cannot be "
        f"watched on the way back: {_list(overwritten)}. The other {len(free)} can."
        if overwritten
        else f"Then backward hooks work on all {len(layers)} layers."
    )
    return Outcome("passed", f"{copied}{rest}", details)


def _list(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return f"{', '.join(names[:_SHOWN])} and {more} more" if more > 0 else join_words(names)


def _try_hooks(probe: Probe, module: nn.Module, layers: list[nn.Module]) -> str | None:
    """Go forth and back with a hook on each of the layers; what torch says if that fails."""

    def leave(_layer: nn.Module, _by_inputs: object, _by_outputs: object) -> None:
        """Change nothing."""

    handles = [layer.register_full_backward_hook(leave) for layer in layers]
    try:
        take_gradient(module, probe.inputs[:1], probe)
    except RuntimeError as error:
        return next(iter(str(error).splitlines()), "")[:200]
    finally:
        for handle in handles:
            handle.remove()
    return None


def _overwritten(probe: Probe, module: nn.Module, layers: dict[str, nn.Module]) -> list[str]:
    """The layers whose output is changed after they gave it, by the count that torch keeps of changes."""
    given: list[tuple[str, torch.Tensor, int]] = []

    def note(name: str, _inputs: object, output: object) -> None:
        given.extend((name, tensor, tensor._version) for tensor in tensors(output))

    with plain_numbers(probe.classifier.engine.device):
        watch(layers, lambda: module(probe.inputs[:1].clone()), note)
    return list(dict.fromkeys(name for name, tensor, version in given if tensor._version != version))


HOOKS = Check("hooks", "Layers that methods may watch", "Hooking its layers", check_hooks)
