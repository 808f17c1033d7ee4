"""A module's plan: its steps, and how each follows windows on its input."""

import logging
import math
import operator
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import fx, nn
from torch.nn.functional import max_pool2d

from saliency_core.engine.packing import ACTIVATIONS, PackedConvolution
from saliency_core.engine.windows import SlidingWindow, Span, Windows, sliding_windows

_log = logging.getLogger(__name__)

LARGEST_SHARE = 0.75
"""If a window covers more of a layer's output, the whole output is computed: bookkeeping costs more. Between
0.65 and 0.85 the share made no difference that could be measured."""


Changed = tuple[torch.Tensor, Span, Span]
Step = Callable[..., Changed | None]
"""From a step's input Windows to the window of its output that changes; None where that would be too large."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A module's steps in order.

    steps: how windows are followed through a step, for steps where they can be.
    sums: additions that may write their result over their first operand.
    """

    module: nn.Module
    graph: fx.Graph
    steps: dict[fx.Node, Step]
    sums: frozenset[fx.Node]


class _Reader(fx.Tracer):
    """Reads in one thread. torch.fx patches the calls of all modules while it reads; those that other threads make
    meanwhile are passed on."""

    def __init__(self) -> None:
        super().__init__()
        self._thread = threading.get_ident()

    def call_module(
        self, m: nn.Module, forward: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:  # noqa: ANN401
        if threading.get_ident() != self._thread:
            return forward(*args, **kwargs)
        return super().call_module(m, forward, args, kwargs)

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict[str, Any]) -> Any:  # noqa: ANN401
        if threading.get_ident() != self._thread:
            return attr_val
        return super().getattr(attr, attr_val, parameter_proxy_cache)

    def is_leaf_module(self, layer: nn.Module, name: str) -> bool:
        whole = isinstance(layer, PackedConvolution) or not list(layer.children())
        return whole or super().is_leaf_module(layer, name)


_IDLE = (nn.Identity, nn.Dropout)
_POINT_BY_POINT = (nn.ReLU, nn.ReLU6, nn.Hardswish, nn.SiLU, nn.BatchNorm2d)
_ADDING = (operator.add, operator.iadd, torch.add)


_reading = threading.Lock()
"""torch.fx's patches of two readers at once would undo each other in the wrong order."""


def read_plan(module: nn.Module) -> Plan | None:
    """A module's plan; None if what it does depends on what it is given."""
    try:
        with _reading:
            graph = _Reader().trace(module)
    except Exception as error:  # whatever a module does when what it is given is no tensor yet
        _log.info("Hidden regions are given as whole frames, since the module's steps cannot be read: %s", error)
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
    """A packed convolution with the activation that follows it."""

    layer: PackedConvolution
    activation: type[nn.Module] = nn.Identity

    def __call__(self, inputs: torch.Tensor, padded: bool = False) -> torch.Tensor:
        return self.layer.forward_packed(inputs, padded, self.activation)


def _shorten(node: fx.Node, layer: nn.Module) -> None:
    """Leave out a step that does nothing, or that the packed convolution before it can apply itself."""
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
    """Whether a value is a sliding layer's output, hence a tensor of its own, that only one step reads."""
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
    """The step of a layer with a sliding window.

    padded: the layer, of an input that has been padded with `border`.
    sizes: its kernel, stride, padding and dilation, each one number or two.
    """
    return partial(_slide, padded, *sliding_windows(*map(_pair, sizes)), border)


def _pair(size: int | Sequence[int]) -> Sequence[int]:
    return (size, size) if isinstance(size, int) else size


def _go_point_by_point(layer: nn.Module, windows: Windows) -> Changed:
    return layer(windows.patches), windows.rows, windows.columns


def _pad(padding: tuple[int, int, int, int], windows: Windows) -> Changed:
    left, right, top, bottom = padding
    return windows.patches, windows.rows.padded(top, bottom), windows.columns.padded(left, right)


def _slide(
    padded: Callable[[torch.Tensor], torch.Tensor],
    down: SlidingWindow,
    across: SlidingWindow,
    border: float,
    windows: Windows,
) -> Changed | None:
    rows, columns = windows.rows.affected_outputs(down), windows.columns.affected_outputs(across)
    if _too_large(rows, columns):
        return None
    seen = windows.crop(
        windows.rows.receptive_field(rows, down), windows.columns.receptive_field(columns, across), border
    )
    return padded(seen), rows, columns


def _add(add: Callable[[torch.Tensor, torch.Tensor], torch.Tensor], *windows: Windows) -> Changed | None:
    if len(windows) != 2 or windows[0].shape != windows[1].shape:
        return None
    first, second = windows
    rows, columns = first.rows.union(second.rows), first.columns.union(second.columns)
    if _too_large(rows, columns):
        return None
    return add(first.crop(rows, columns), second.crop(rows, columns)), rows, columns


def _too_large(rows: Span, columns: Span) -> bool:
    return rows.length * columns.length > LARGEST_SHARE * rows.size * columns.size
