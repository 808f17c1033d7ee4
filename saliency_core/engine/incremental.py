"""Incremental inference: recompute only what a changed window affects.

A convolution or pooling makes a changed window a little larger; around it the layer's output equals that for
the known frame. The first layers, where a window is small beside the whole, then cost a fraction of a whole
pass; once the window covers most of a layer's output, the rest of the pass is computed as usual. This is no
approximation: the same sums of the same numbers (Nakandala, Kumar and Papakonstantinou 2019, "Incremental and
approximate inference for faster occlusion-based deep CNN explanations", doi:10.1145/3299869.3319874).
"""

import operator
from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import fx, nn

from saliency_core.engine.plan import Plan
from saliency_core.engine.windows import Span, Windows


class IncrementalPass:
    """A module's passes over frames that differ from a known one in a window each.

    The known frame's activations are computed with the first pass and kept as far as passes need them: some 30 MB
    for ResNet50. A module without a plan is given whole frames.

    module: in eval mode, frozen.
    plan: its steps, by read_plan(); None if they cannot be read.
    known: f32 [1, channels, height, width], its input for the known frame.
    """

    def __init__(self, module: nn.Module, plan: Plan | None, known: torch.Tensor) -> None:
        self._module = module
        self._frame = known.contiguous(memory_format=torch.channels_last)
        self._plan = plan
        self._kept: dict[fx.Node, torch.Tensor] = {}

    def __call__(self, patches: torch.Tensor, corners: Sequence[tuple[int, int]]) -> torch.Tensor:
        """The module's output for the known frame with each patch put into it.

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
    """An activation of the known frame was overwritten by a later step."""


class _Following(fx.Interpreter):
    """One pass, in which values are Windows for as long as they are small enough.

    kept: the known frame's activations that passes have needed so far; this one adds those it needs besides.
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
        """The known frame's activation at a step."""
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
    """A pass that keeps its activations."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan.module, graph=plan.graph)
        self._values: dict[fx.Node, tuple[torch.Tensor, int]] = {}

    def run_node(self, node: fx.Node) -> Any:  # noqa: ANN401
        value = super().run_node(node)
        if isinstance(value, torch.Tensor):
            self._values[node] = value, value._version
        return value

    def lasting(self) -> dict[fx.Node, torch.Tensor]:
        """The activations that no later step wrote over in place; torch counts writes in `_version`."""
        return {node: value for node, (value, version) in self._values.items() if value._version == version}
