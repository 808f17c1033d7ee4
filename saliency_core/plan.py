"""A module's steps, and what each makes of windows on its input."""

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import torch
from torch import fx, nn
from torch.nn.functional import max_pool2d

from saliency_core.packing import ACTIVATIONS, PackedConvolution
from saliency_core.windows import Span, Stride, Windows, strides

LARGEST_SHARE = 0.75
"""A window that covers more of a layer's output is not worth its bookkeeping: the whole is computed. Between
0.65 and 0.85 the share made no difference that could be measured."""


Changed = tuple[torch.Tensor, Span, Span]
Step = Callable[..., Changed | None]
"""From the Windows that a step is given to what they become, or None where they would be too large."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A module's steps one after the other.

    steps: what those make of windows that can be followed.
    sums: those that may write what they make over the first of what they add.
    """

    module: nn.Module
    graph: fx.Graph
    steps: dict[fx.Node, Step]
    sums: frozenset[fx.Node]


class _Reader(fx.Tracer):
    def is_leaf_module(self, layer: nn.Module, name: str) -> bool:
        whole = isinstance(layer, PackedConvolution) or not list(layer.children())
        return whole or super().is_leaf_module(layer, name)


_IDLE = (nn.Identity, nn.Dropout)
_POINT_BY_POINT = (nn.ReLU, nn.ReLU6, nn.Hardswish, nn.SiLU, nn.BatchNorm2d)
_ADDING = (operator.add, operator.iadd, torch.add)


@lru_cache(maxsize=4)  # as many as there are models in use
def read_plan(module: nn.Module) -> Plan | None:
    """A module's plan; None if what it does depends on what it is given. While it is read, all modules' calls
    go through the reader: no other thread may run one."""
    try:
        graph = _Reader().trace(module)
    except Exception:  # whatever a module does when what it is given is no tensor yet
        return None
    for node in graph.nodes:
        if node.op == "call_module":
            _shorten(node, module.get_submodule(str(node.target)))
    steps = {node: step for node in graph.nodes if (step := _step(node, module)) is not None}
    sums = frozenset(node for node in steps if node.target in _ADDING and _is_own(node.args[0], steps))
    steps.update({node: partial(_add, operator.iadd) for node in sums})
    return Plan(module, graph, steps, sums)


@dataclass(frozen=True, slots=True, eq=False)
class _Packed:
    """A packed convolution and the activation that follows it, in one step."""

    layer: PackedConvolution
    activation: type[nn.Module] = nn.Identity

    def __call__(self, inputs: torch.Tensor, padded: bool = False) -> torch.Tensor:
        return self.layer.ahead(inputs, padded, self.activation)


def _shorten(node: fx.Node, layer: nn.Module) -> None:
    """Leave a step out that does nothing, or that the one before it can do as well."""
    before = node.args[0] if node.args else None
    if isinstance(layer, PackedConvolution):
        node.op, node.target = "call_function", _Packed(layer)
        return
    if not isinstance(before, fx.Node):
        return
    if not isinstance(layer, _IDLE):
        packed = before.target
        if not isinstance(packed, _Packed) or packed.activation is not nn.Identity or len(before.users) > 1:
            return
        if type(layer) not in ACTIVATIONS:
            return
        before.target = replace(packed, activation=type(layer))
    node.replace_all_uses_with(before)
    node.graph.erase_node(node)


def _is_own(value: object, steps: dict[fx.Node, Step]) -> bool:
    """Whether a sliding layer made a value, which is then a new tensor, and only one step is given it."""
    return isinstance(value, fx.Node) and len(value.users) == 1 and getattr(steps.get(value), "func", None) is _slide


def _step(node: fx.Node, module: nn.Module) -> Step | None:
    if isinstance(node.target, _Packed):
        layer = node.target.layer
        convolve = partial(node.target, padded=True)
        return _sliding(convolve, layer.kernel_size, layer.stride, layer.padding, layer.dilation)
    if node.op == "call_module":
        return _step_of(module.get_submodule(str(node.target)))
    if node.target in _ADDING and not node.kwargs:
        return partial(_add, node.target)
    if node.target is torch.conv2d and not node.kwargs:  # by a layer that pads in a way of its own
        return _step_of_function(node, module)
    return None


def _step_of_function(convolution: fx.Node, module: nn.Module) -> Step | None:
    given: list[Any] = []
    for each in convolution.args[1:]:
        if not isinstance(each, fx.Node):
            given.append(each)
        elif each.op == "get_attr":
            given.append(operator.attrgetter(str(each.target))(module))
    if len(given) != 6:  # some are left to their defaults, or made as the module goes
        return None
    weight, bias, stride, padding, dilation, groups = given
    convolve = partial(torch.conv2d, weight=weight, bias=bias, stride=stride, dilation=dilation, groups=groups)
    return _sliding(convolve, weight.shape[2:], stride, padding, dilation)


def _step_of(layer: nn.Module) -> Step | None:
    if isinstance(layer, _POINT_BY_POINT):
        return partial(_go_point_by_point, layer)
    if isinstance(layer, nn.ZeroPad2d):
        return partial(_pad, layer.padding)
    if type(layer) is nn.Conv2d and layer.padding_mode == "zeros" and not isinstance(layer.padding, str):
        how = {"stride": layer.stride, "dilation": layer.dilation, "groups": layer.groups}
        convolve = partial(torch.conv2d, weight=layer.weight, bias=layer.bias, **how)
        return _sliding(convolve, layer.kernel_size, layer.stride, layer.padding, layer.dilation)
    if isinstance(layer, nn.MaxPool2d) and not layer.ceil_mode and not layer.return_indices:
        pool = partial(max_pool2d, kernel_size=layer.kernel_size, stride=layer.stride, dilation=layer.dilation)
        return _sliding(pool, layer.kernel_size, layer.stride, layer.padding, layer.dilation, border=-math.inf)
    return None


def _sliding(padded: Callable[[torch.Tensor], torch.Tensor], *sizes: Any, border: float = 0.0) -> Step:  # noqa: ANN401
    """The step of a layer whose every output sees a neighbourhood of its input.

    padded: the layer, of an input that has been padded with `border`.
    sizes: its kernel, stride, padding and dilation, each one number or two.
    """
    return partial(_slide, padded, *strides(*map(_pair, sizes)), border)


def _pair(size: int | Sequence[int]) -> Sequence[int]:
    return (size, size) if isinstance(size, int) else size


def _go_point_by_point(layer: nn.Module, windows: Windows) -> Changed:
    return layer(windows.patches), windows.rows, windows.columns


def _pad(padding: tuple[int, int, int, int], windows: Windows) -> Changed:
    left, right, top, bottom = padding
    return windows.patches, windows.rows.padded(top, bottom), windows.columns.padded(left, right)


def _slide(
    padded: Callable[[torch.Tensor], torch.Tensor], down: Stride, across: Stride, border: float, windows: Windows
) -> Changed | None:
    rows, columns = windows.rows.shown_in(down), windows.columns.shown_in(across)
    if _too_large(rows, columns):
        return None
    seen = windows.look(windows.rows.seen_for(rows, down), windows.columns.seen_for(columns, across), border)
    return padded(seen), rows, columns


def _add(add: Callable[[torch.Tensor, torch.Tensor], torch.Tensor], *windows: Windows) -> Changed | None:
    if len(windows) != 2 or windows[0].shape != windows[1].shape:
        return None
    first, second = windows
    rows, columns = first.rows.united(second.rows), first.columns.united(second.columns)
    if _too_large(rows, columns):
        return None
    return add(first.look(rows, columns), second.look(rows, columns)), rows, columns


def _too_large(rows: Span, columns: Span) -> bool:
    return rows.length * columns.length > LARGEST_SHARE * rows.size * columns.size
