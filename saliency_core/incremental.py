"""Passes over frames that are one known frame but for a window: only what the window changes is computed.

A layer that looks at a neighbourhood turns a changed window into one a little larger; around it everything
is as the known frame has it. So the first layers, where a window is small beside the whole, cost a fraction
of what they cost otherwise, and once it has grown over most of the frame the pass goes on as any other. No
approximation: the same sums of the same numbers (Nakandala, Kumar and Papakonstantinou 2019, "Incremental and
approximate inference for faster occlusion-based deep CNN explanations", doi:10.1145/3299869.3319874).
"""

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
from saliency_core.windows import Span, Stride, Windows

LARGEST_SHARE = 0.75
"""A window that covers more of a layer's output is not worth its bookkeeping: the whole is computed. Between
0.65 and 0.85 the share made no difference that could be measured."""


class IncrementalPass:
    """A module's passes over frames that differ from a known one in a window each.

    What passes need to know of the known frame is computed with the first of them and kept: for ResNet50 some
    30 MB. A module whose steps cannot be read beforehand is given whole frames.

    module: in eval mode, frozen.
    known: f32 [1, channels, height, width], its input for the known frame.
    """

    def __init__(self, module: nn.Module, known: torch.Tensor) -> None:
        self._module = module
        self._frame = known.contiguous(memory_format=torch.channels_last)
        self._plan = _read(module)
        self._kept: dict[fx.Node, torch.Tensor] = {}

    def __call__(self, patches: torch.Tensor, corners: Sequence[tuple[int, int]]) -> torch.Tensor:
        """The module's output for the known frame with each of the patches in it.

        patches: f32 [n, channels, height, width], no larger than the frame.
        corners: row and column of each patch's first pixel; all of the patch must lie on the frame.
        """
        rows, columns = (
            Span(size, length, starts)
            for size, length, starts in zip(
                self._frame.shape[2:], patches.shape[2:], zip(*corners, strict=True), strict=True
            )
        )
        patches = patches.contiguous(memory_format=torch.channels_last)
        windows = Windows(patches, rows, columns, lambda: self._frame)
        outputs: torch.Tensor
        with torch.no_grad():
            if self._plan is not None:
                try:
                    outputs = _Following(self._plan, self._frame, self._kept).run(windows)
                except _UnknownError:
                    self._plan = None
                else:
                    return outputs
            outputs = self._module(windows.whole())
            return outputs


class _UnknownError(Exception):
    """What the known frame had somewhere is no longer there."""


_Changed = tuple[torch.Tensor, Span, Span]
_Step = Callable[..., _Changed | None]
"""From the Windows that a step is given to what they become, or None where they would be too large."""


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """A module's steps one after the other.

    steps: what those make of windows that can be followed.
    sums: those that may write what they make over the first of what they add.
    """

    module: nn.Module
    graph: fx.Graph
    steps: dict[fx.Node, _Step]
    sums: frozenset[fx.Node]


class _Following(fx.Interpreter):
    """One pass, in which values are Windows for as long as that is worth it.

    kept: what passes on this frame needed to know of it so far; what this one needs besides is added.
    """

    def __init__(self, plan: _Plan, frame: torch.Tensor, kept: dict[fx.Node, torch.Tensor]) -> None:
        super().__init__(plan.module, graph=plan.graph)
        self._plan, self._frame, self._kept = plan, frame, kept
        self._known: dict[fx.Node, torch.Tensor] | None = None

    def run_node(self, node: fx.Node) -> Any:  # noqa: ANN401
        windows = [self.env[each] for each in node.all_input_nodes if isinstance(self.env[each], Windows)]
        if windows and node in self._plan.steps:
            changed = self._plan.steps[node](*windows)
            if changed is not None:
                return Windows(*changed, partial(self._recall, node))
        args, kwargs = fx.node.map_arg((node.args, node.kwargs), lambda each: _whole(self.env[each]))
        shapes = [getattr(each, "shape", None) for each in args]
        in_place = node in self._plan.sums and shapes[0] == shapes[1]
        return getattr(self, node.op)(operator.iadd if in_place else node.target, args, kwargs)

    def _recall(self, node: fx.Node) -> torch.Tensor:
        """The known frame's own value."""
        if node not in self._kept:
            if self._known is None:
                remembering = _Remembering(self._plan)
                remembering.run(self._frame.clone())
                self._known = remembering.lasting()
            if node not in self._known:
                raise _UnknownError
            self._kept[node] = self._known[node]
        return self._kept[node]


def _whole(value: Any) -> Any:  # noqa: ANN401
    return value.whole() if isinstance(value, Windows) else value


class _Remembering(fx.Interpreter):
    """A pass whose values on the way can be asked for afterwards."""

    def __init__(self, plan: _Plan) -> None:
        super().__init__(plan.module, graph=plan.graph)
        self._values: dict[fx.Node, tuple[torch.Tensor, int]] = {}

    def run_node(self, node: fx.Node) -> Any:  # noqa: ANN401
        value = super().run_node(node)
        if isinstance(value, torch.Tensor):
            self._values[node] = value, value._version
        return value

    def lasting(self) -> dict[fx.Node, torch.Tensor]:
        """Those that no later step wrote over."""
        return {node: value for node, (value, version) in self._values.items() if value._version == version}


class _Reader(fx.Tracer):
    def is_leaf_module(self, layer: nn.Module, name: str) -> bool:
        return super().is_leaf_module(layer, name) or not list(layer.children())


_IDLE = (nn.Identity, nn.Dropout)
_POINT_BY_POINT = (nn.ReLU, nn.ReLU6, nn.Hardswish, nn.SiLU, nn.BatchNorm2d)
_ADDING = (operator.add, operator.iadd, torch.add)


@lru_cache(maxsize=4)  # as many as there are models in use
def _read(module: nn.Module) -> _Plan | None:
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
    return _Plan(module, graph, steps, sums)


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


def _is_own(value: object, steps: dict[fx.Node, _Step]) -> bool:
    """Whether a sliding layer made a value, which is then a new tensor, and only one step is given it."""
    return isinstance(value, fx.Node) and len(value.users) == 1 and getattr(steps.get(value), "func", None) is _slide


def _step(node: fx.Node, module: nn.Module) -> _Step | None:
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


def _step_of_function(convolution: fx.Node, module: nn.Module) -> _Step | None:
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


def _step_of(layer: nn.Module) -> _Step | None:
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


def _sliding(padded: Callable[[torch.Tensor], torch.Tensor], *sizes: Any, border: float = 0.0) -> _Step:  # noqa: ANN401
    """The step of a layer whose every output sees a neighbourhood of its input.

    padded: the layer, of an input that has been padded with `border`.
    sizes: its kernel, stride, padding and dilation, each one number or two.
    """
    rows, columns = (
        Stride((kernel - 1) * dilation + 1, step, padding)
        for kernel, step, padding, dilation in zip(*map(_pair, sizes), strict=True)
    )
    return partial(_slide, padded, rows, columns, border)


def _pair(size: int | Sequence[int]) -> Sequence[int]:
    return (size, size) if isinstance(size, int) else size


def _go_point_by_point(layer: nn.Module, windows: Windows) -> _Changed:
    return layer(windows.patches), windows.rows, windows.columns


def _pad(padding: tuple[int, int, int, int], windows: Windows) -> _Changed:
    left, right, top, bottom = padding
    return windows.patches, windows.rows.padded(top, bottom), windows.columns.padded(left, right)


def _slide(
    padded: Callable[[torch.Tensor], torch.Tensor], down: Stride, across: Stride, border: float, windows: Windows
) -> _Changed | None:
    rows, columns = windows.rows.shown_in(down), windows.columns.shown_in(across)
    if _too_large(rows, columns):
        return None
    seen = windows.look(windows.rows.seen_for(rows, down), windows.columns.seen_for(columns, across), border)
    return padded(seen), rows, columns


def _add(add: Callable[[torch.Tensor, torch.Tensor], torch.Tensor], *windows: Windows) -> _Changed | None:
    if len(windows) != 2 or windows[0].shape != windows[1].shape:
        return None
    first, second = windows
    rows, columns = first.rows.united(second.rows), first.columns.united(second.columns)
    if _too_large(rows, columns):
        return None
    return add(first.look(rows, columns), second.look(rows, columns)), rows, columns


def _too_large(rows: Span, columns: Span) -> bool:
    return rows.length * columns.length > LARGEST_SHARE * rows.size * columns.size
