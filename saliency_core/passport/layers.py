"""What a module's layers are given and give in one pass: those without layers inside, in the order of their calls."""

from collections.abc import Callable, Iterator

import torch
from torch import nn

Note = Callable[[str, object, object], None]
"""Called with a layer's name, its inputs and its output."""


def leaves(module: nn.Module) -> dict[str, nn.Module]:
    """The layers that have none inside, by their names."""
    return {name: layer for name, layer in module.named_modules() if name and not list(layer.children())}


def watch(layers: dict[str, nn.Module], run: Callable[[], object], note: Note) -> None:
    """Run something, and note what each of the layers is given and gives, as it is called.

    Raises what `run` raises.
    """

    def hook(name: str) -> Callable[[nn.Module, object, object], None]:
        return lambda _layer, inputs, output: note(name, inputs, output)

    handles = [layer.register_forward_hook(hook(name)) for name, layer in layers.items()]
    try:
        run()
    finally:
        for handle in handles:
            handle.remove()


def tensors(value: object) -> Iterator[torch.Tensor]:
    """The tensors in what a layer is given or gives."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from tensors(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from tensors(each)


def find_difference(module: nn.Module, run: Callable[[], object]) -> str:
    """Where two runs of the same begin to differ, in words such as "in “drop”" or "between “conv” and “head”"; empty if
    that cannot be told."""
    first, second = _sum_up(module, run), _sum_up(module, run)
    before = ""
    for (name, given, gave), (again, given_again, gave_again) in zip(first, second, strict=False):
        if name != again:
            return ""
        if given != given_again:
            return f"between “{before}” and “{name}”" if before else f"before “{name}”"
        if gave != gave_again:
            return f"in “{name}”"
        before = name
    return f"after “{before}”" if before else ""


def _sum_up(module: nn.Module, run: Callable[[], object]) -> list[tuple[str, list[float], list[float]]]:
    noted: list[tuple[str, list[float], list[float]]] = []
    watch(leaves(module), run, lambda name, inputs, output: noted.append((name, _digest(inputs), _digest(output))))
    return noted


def _digest(value: object) -> list[float]:
    """Numbers that differ if tensors differ, as good as always."""
    numbers = [tensor.detach().to("cpu", torch.float64).flatten() for tensor in tensors(value)]
    return [float(each @ torch.arange(1, len(each) + 1, dtype=torch.float64)) for each in numbers]
