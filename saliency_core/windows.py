"""Batches of pictures that are one known picture but for a window in each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch


@dataclass(frozen=True, slots=True)
class Stride:
    """How a layer goes along an axis: every output sees `reach` places, the first of them from `padding` places
    before the axis begins, each next one `step` places further on."""

    reach: int
    step: int
    padding: int

    def outputs(self, size: int) -> int:
        """How many there are for an axis of so many places."""
        return (size + 2 * self.padding - self.reach) // self.step + 1

    def left_over(self, size: int) -> int:
        """Places of such an axis, with its padding, that come after all that the last output sees."""
        return (size + 2 * self.padding - self.reach) % self.step


def strides(
    kernel: Sequence[int], step: Sequence[int], padding: Sequence[int], dilation: Sequence[int]
) -> tuple[Stride, Stride]:
    """How a layer with these sizes, each for rows and columns, goes along both axes."""
    rows, columns = (
        Stride((length - 1) * spread + 1, far, pad)
        for length, far, pad, spread in zip(kernel, step, padding, dilation, strict=True)
    )
    return rows, columns


@dataclass(frozen=True, slots=True)
class Span:
    """Windows along an axis of `size` places: `length` of them from each of the starts on."""

    size: int
    length: int
    starts: tuple[int, ...]

    def shown_in(self, stride: Stride) -> "Span":
        """The outputs of a layer that can differ if the windows do."""
        size = stride.outputs(self.size)
        # The most that a window can need wherever it lies, so that all of a batch stay alike.
        length = min((self.length + stride.reach - 2) // stride.step + 1, size)
        firsts = (-((stride.reach - 1 - stride.padding - start) // stride.step) for start in self.starts)
        return Span(size, length, tuple(min(max(first, 0), size - length) for first in firsts))

    def seen_for(self, outputs: "Span", stride: Stride) -> "Span":
        """What a layer sees of this axis for windows on its outputs; some of it may lie beyond, in the padding."""
        starts = tuple(start * stride.step - stride.padding for start in outputs.starts)
        return Span(self.size, (outputs.length - 1) * stride.step + stride.reach, starts)

    def padded(self, before: int, after: int) -> "Span":
        """The same windows on an axis with so many more places before and after."""
        return Span(self.size + before + after, self.length, tuple(start + before for start in self.starts))

    def united(self, other: "Span") -> "Span":
        """Windows around both."""
        pairs = list(zip(self.starts, other.starts, strict=True))
        length = max(max(own + self.length, its + other.length) - min(own, its) for own, its in pairs)
        return Span(self.size, length, tuple(min(own, its, self.size - length) for own, its in pairs))


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """A batch f32 [n, channels, rows.size, columns.size] of pictures that are as one known picture is, but for a
    window in each.

    patches: what the windows hold, f32 [n, channels, rows.length, columns.length], channels last.
    known: tells the known picture, f32 [1, channels, rows.size, columns.size].
    """

    patches: torch.Tensor
    rows: Span
    columns: Span
    known: Callable[[], torch.Tensor]

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the batch."""
        return (*self.patches.shape[:2], self.rows.size, self.columns.size)

    def look(self, rows: Span, columns: Span, border: float = 0.0) -> torch.Tensor:
        """What lies in other windows on the batch: f32 [n, channels, rows.length, columns.length].

        border: what lies beyond the pictures.
        """
        if (rows, columns) == (self.rows, self.columns):
            return self.patches
        known = self.known()[0]
        seen = torch.empty((*self.patches.shape[:2], rows.length, columns.length), memory_format=torch.channels_last)
        corners = zip(rows.starts, columns.starts, self.rows.starts, self.columns.starts, strict=True)
        for view, patch, (top, left, row, column) in zip(seen, self.patches, corners, strict=True):
            if min(top, left) < 0 or top + rows.length > rows.size or left + columns.length > columns.size:
                view.fill_(border)
            _paste(known, view, -top, -left)
            _paste(patch, view, row - top, column - left)
        return seen

    def whole(self) -> torch.Tensor:
        """The batch."""
        rows, columns = (Span(span.size, span.size, (0,) * len(self.patches)) for span in (self.rows, self.columns))
        return self.look(rows, columns)


def _paste(patch: torch.Tensor, canvas: torch.Tensor, top: int, left: int) -> None:
    """Put what fits of a patch f32 [channels, height, width] on a canvas, its first pixel at `top`, `left`."""
    height, width = patch.shape[1:]
    canvas[:, max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)].copy_(
        patch[:, max(-top, 0) : max(canvas.shape[1] - top, 0), max(-left, 0) : max(canvas.shape[2] - left, 0)]
    )
