"""Batches of images that equal one known image except in a window each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch


@dataclass(frozen=True, slots=True)
class SlidingWindow:
    """A layer's sliding window along one axis.

    extent: inputs that one output depends on, dilation included.
    stride: inputs from one output's window to the next one's.
    padding: inputs before the axis at which the first window begins.
    """

    extent: int
    stride: int
    padding: int

    def outputs(self, size: int) -> int:
        """The number of outputs for an axis of `size` inputs."""
        return (size + 2 * self.padding - self.extent) // self.stride + 1

    def remainder(self, size: int) -> int:
        """Inputs, padding included, after the last output's window."""
        return (size + 2 * self.padding - self.extent) % self.stride


def sliding_windows(
    kernel: Sequence[int], stride: Sequence[int], padding: Sequence[int], dilation: Sequence[int]
) -> tuple[SlidingWindow, SlidingWindow]:
    """The sliding windows of a layer along rows and columns; each size is given for both."""
    rows, columns = (
        SlidingWindow((length - 1) * spread + 1, far, pad)
        for length, far, pad, spread in zip(kernel, stride, padding, dilation, strict=True)
    )
    return rows, columns


@dataclass(frozen=True, slots=True)
class Span:
    """Windows along an axis of `size` elements: `length` elements from each of the starts on, one window an image."""

    size: int
    length: int
    starts: tuple[int, ...]

    def affected_outputs(self, window: SlidingWindow) -> "Span":
        """The outputs of a layer that depend on the windows."""
        size = window.outputs(self.size)
        # The most that a window can need wherever it lies, so that all of a batch have one shape.
        length = min((self.length + window.extent - 2) // window.stride + 1, size)
        firsts = (-((window.extent - 1 - window.padding - start) // window.stride) for start in self.starts)
        return Span(size, length, tuple(min(max(first, 0), size - length) for first in firsts))

    def receptive_field(self, outputs: "Span", window: SlidingWindow) -> "Span":
        """The inputs that windows on a layer's outputs depend on; they may reach into the padding."""
        starts = tuple(start * window.stride - window.padding for start in outputs.starts)
        return Span(self.size, (outputs.length - 1) * window.stride + window.extent, starts)

    def padded(self, before: int, after: int) -> "Span":
        """The same windows on an axis with so many more elements before and after."""
        return Span(self.size + before + after, self.length, tuple(start + before for start in self.starts))

    def union(self, other: "Span") -> "Span":
        """The smallest windows of one length that hold both."""
        pairs = list(zip(self.starts, other.starts, strict=True))
        length = max(max(own + self.length, its + other.length) - min(own, its) for own, its in pairs)
        return Span(self.size, length, tuple(min(own, its, self.size - length) for own, its in pairs))


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """A batch f32 [n, channels, rows.size, columns.size] of images that equal a known one except in a window each.

    patches: the windows' contents, f32 [n, channels, rows.length, columns.length], channels last.
    known: gives the known image, f32 [1, channels, rows.size, columns.size].
    """

    patches: torch.Tensor
    rows: Span
    columns: Span
    known: Callable[[], torch.Tensor]

    @property
    def shape(self) -> tuple[int, ...]:
        """The batch's shape."""
        return (*self.patches.shape[:2], self.rows.size, self.columns.size)

    def crop(self, rows: Span, columns: Span, border: float = 0.0) -> torch.Tensor:
        """The contents of other windows on the batch: f32 [n, channels, rows.length, columns.length].

        border: the value beyond the images.
        """
        if (rows, columns) == (self.rows, self.columns):
            return self.patches
        known = self.known()[0]
        cropped = torch.empty(
            (*self.patches.shape[:2], rows.length, columns.length),
            dtype=self.patches.dtype,
            device=self.patches.device,
            memory_format=torch.channels_last,
        )
        corners = zip(rows.starts, columns.starts, self.rows.starts, self.columns.starts, strict=True)
        for view, patch, (top, left, row, column) in zip(cropped, self.patches, corners, strict=True):
            if min(top, left) < 0 or top + rows.length > rows.size or left + columns.length > columns.size:
                view.fill_(border)
            _paste(known, view, -top, -left)
            _paste(patch, view, row - top, column - left)
        return cropped

    def whole(self) -> torch.Tensor:
        """The batch itself, every image whole."""
        rows, columns = (Span(span.size, span.size, (0,) * len(self.patches)) for span in (self.rows, self.columns))
        return self.crop(rows, columns)


def _paste(patch: torch.Tensor, canvas: torch.Tensor, top: int, left: int) -> None:
    """Copy the part of a patch f32 [channels, height, width] that lies on the canvas, its corner at `top`, `left`."""
    height, width = patch.shape[1:]
    canvas[:, max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)].copy_(
        patch[:, max(-top, 0) : max(canvas.shape[1] - top, 0), max(-left, 0) : max(canvas.shape[2] - left, 0)]
    )
