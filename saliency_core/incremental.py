"""Passes over frames that are one known frame but for a window: only what the window changes is computed.

A layer that looks at a neighbourhood turns a changed window into one a little larger; around it everything
is as the known frame has it. So the first layers, where a window is small beside the whole, cost a fraction
of what they cost otherwise, and once it has grown over most of the frame the pass goes on as any other. No
approximation: the same sums of the same numbers (Nakandala, Kumar and Papakonstantinou 2019, "Incremental and
approximate inference for faster occlusion-based deep CNN explanations", doi:10.1145/3299869.3319874).
"""

import operator
from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import fx, nn

from saliency_core.plan import Plan, read_plan
from saliency_core.windows import Span, Windows


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
        self._plan = read_plan(module)
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


class _Following(fx.Interpreter):
    """One pass, in which values are Windows for as long as that is worth it.

    kept: what passes on this frame needed to know of it so far; what this one needs besides is added.
    """

    def __init__(self, plan: Plan, frame: torch.Tensor, kept: dict[fx.Node, torch.Tensor]) -> None:
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

    def __init__(self, plan: Plan) -> None:
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
