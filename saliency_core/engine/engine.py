"""Runs a module on a device, fast: NumPy arrays in, NumPy arrays out."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from saliency_core.engine.device import choose_device
from saliency_core.engine.incremental import IncrementalPass
from saliency_core.engine.inputs import normalise, to_rgb
from saliency_core.engine.layers import Layers, Watched, find_layers, watch_layer
from saliency_core.engine.prepared import Prepared, prepare
from saliency_core.errors import SaliencyError
from saliency_core.photos.frame import Preset
from saliency_core.photos.photo import Pixels
from saliency_core.photos.regions import Placement, covered, surround

_log = logging.getLogger(__name__)

Result = TypeVar("Result")
Forward = Callable[[torch.Tensor], torch.Tensor]
"""A module's pass: f32 [n, 3, side, side], normalised -> f32 [n, classes], logits."""
Attribute = Callable[[Forward, torch.Tensor], torch.Tensor]
"""A library's way from a pass of one logit and an input f32 [1, 3, side, side] to an attribution of that shape."""


class Engine:
    """Runs a module on a device.

    Frames are u8 [n, side, side, 3] and logits f32 [n, classes], both on the host. The module given is left as it
    is: what is run is a copy, prepared for the device. Safe to use from several threads.

    module: f32 [n, 3, side, side] normalised -> f32 [n, classes] logits.
    preset: how it wants its input.
    device: see choose_device(). If its memory runs out, the module is run on the CPU from then on.

    Raises RequestError for a device that is not there, and SaliencyError, from whatever is asked of it, if the CPU's
    memory runs out, too.
    """

    def __init__(self, module: nn.Module, preset: Preset, device: str = "auto") -> None:
        self.device = choose_device(device)
        self.left: torch.device | None = None  # the device whose memory ran out
        self._module, self._preset = module, preset
        self._layers: Layers | None = None
        self._leaving = threading.Lock()
        self.prepared: Prepared = self.on_device(self._prepare)

    def logits(self, frames: Pixels, preset: Preset | None = None) -> NDArray[np.float32]:
        """What the module says of frames: u8 [n, side, side, 3] -> f32 [n, classes], in one batch.

        preset: how to normalise them, to try another way than the module's own.
        """

        def ask() -> NDArray[np.float32]:
            with plain_numbers(self.device):
                logits: torch.Tensor = self.prepared.module(normalise(frames, preset or self._preset, self.device))
                return _to_host(logits)

        return self.on_device(ask)

    def attribute(
        self, frame: Pixels, target: int | None, attribute: Attribute, module: nn.Module | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Logits f32 [classes] and attribution f32 [3, side, side] of a frame u8 [side, side, 3].

        target: index of the class whose logit `attribute` is given; None for the largest.
        attribute: asks for the logit one or more times. The logits returned are those it first asked for, so
            that a method of one pass gives the prediction too.
        module: another one to ask, such as the stock module with some of its layers changed.
        """

        def ask() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
            passes: list[torch.Tensor] = []
            asked = self.prepared.module if module is None else module.to(self.device)

            def forward(inputs: torch.Tensor) -> torch.Tensor:
                logits: torch.Tensor = asked(inputs)
                passes.append(logits.detach())
                index = int(passes[0][0].argmax()) if target is None else target
                return logits[:, index]

            with plain_numbers(self.device, gradients=True):
                values = attribute(forward, self.inputs(frame[None]).requires_grad_())
                return _to_host(passes[0][0]), _to_host(to_rgb(values, self._preset)[0])

        return self.on_device(ask)

    def watch(self, frame: Pixels, target: int | None, layer: str) -> Watched:
        """What a layer gives for a frame u8 [side, side, 3], and how the logit of a class reacts to it.

        layer: its name, as module.named_modules() has it.
        """

        def ask() -> Watched:
            with plain_numbers(self.device, gradients=True):
                return watch_layer(self.prepared.module, self.inputs(frame[None]).requires_grad_(), layer, target)

        return self.on_device(ask)

    def layers(self) -> Layers:
        """Its layers whose outputs have places, found by one pass and kept."""
        if self._layers is None:
            inputs = torch.rand(1, 3, self._preset.crop, self._preset.crop, generator=torch.Generator().manual_seed(0))

            def ask() -> Layers:
                with plain_numbers(self.device, gradients=True):
                    return find_layers(self.prepared.module, inputs.to(self.device))

            self._layers = self.on_device(ask)
        return self._layers

    def mixed(self, frame: Pixels, paint: Pixels, shares: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the module says of mixtures of two frames u8 [side, side, 3]: f32 [n, classes], in one batch.

        shares: f32 [n, side, side], in [0, 1]: how much of `frame` there is at each pixel; the rest is `paint`.
        """

        def ask() -> NDArray[np.float32]:
            with plain_numbers(self.device):
                shown, painted = self.inputs(frame[None]), self.inputs(paint[None])
                # Normalising is linear, so mixing after it is the same as mixing before it.
                mixture = torch.lerp(painted, shown, torch.from_numpy(shares).to(self.device)[:, None])
                return _to_host(self.prepared.module(mixture.contiguous(memory_format=torch.channels_last)))

        return self.on_device(ask)

    def hide_in(self, frame: Pixels) -> "HiddenFrames":
        """One frame u8 [side, side, 3], ready to have many placements hidden in it."""
        return HiddenFrames(self, frame)

    def inputs(self, frames: Pixels) -> torch.Tensor:
        """Frames as the module's input, see normalise()."""
        return normalise(frames, self._preset, self.device)

    def on_device(self, ask: Callable[[], Result]) -> Result:
        """What `ask` gives, asked once more on the CPU if the device's memory runs out."""
        device = self.device
        try:
            return ask()
        except RuntimeError as error:
            if not _is_out_of_memory(error):
                raise
            if device.type == "cpu":
                raise SaliencyError(
                    "This machine has too little memory left for the model. Try again later, or ask a smaller model."
                ) from error
        self._leave(device)
        return ask()

    def _prepare(self) -> Prepared:
        with plain_numbers(self.device):
            return prepare(self._module, self._preset.crop, self.device)

    def _leave(self, device: torch.device) -> None:
        """Run the module on the CPU from now on, unless another thread has seen to it."""
        with self._leaving:
            if self.device == device:
                _log.warning("The memory of %s ran out: the model is run on the CPU from now on.", device)
                self.left, self.device = device, torch.device("cpu")
                self.prepared = self._prepare()


class HiddenFrames:
    """One frame with placements hidden in it; what all passes share is computed with the first."""

    def __init__(self, engine: Engine, frame: Pixels) -> None:
        self._engine, self._frame = engine, frame
        engine.on_device(self._begin)

    def _begin(self) -> None:
        """Make the frame ready on the engine's device, whichever that is now."""
        engine = self._engine
        self._device = engine.device
        with plain_numbers(engine.device):
            self._shown = engine.inputs(self._frame[None])
        self._pass = IncrementalPass(engine.prepared.module, engine.prepared.plan, self._shown)
        self._paint, self._painted = self._frame, self._shown

    def logits(self, paint: Pixels, placements: Sequence[Placement]) -> NDArray[np.float32]:
        """What the module says with each placement hidden: f32 [placements, classes], in one batch.

        paint: u8 [side, side, 3], what hidden pixels become; not changed between calls.

        Raises RequestError for an impossible region.
        """
        return self._engine.on_device(lambda: self._ask(paint, placements))

    def _ask(self, paint: Pixels, placements: Sequence[Placement]) -> NDArray[np.float32]:
        if self._device != self._engine.device:
            self._begin()
        with plain_numbers(self._engine.device):
            if paint is not self._paint:  # one batch after the other comes with the same paint
                self._paint, self._painted = paint, self._engine.inputs(paint[None])
            # Normalising goes pixel by pixel, so hiding after it is the same as hiding before it.
            shown, painted = self._shown[0], self._painted[0]
            side = shown.shape[1]
            boxes = [surround(placement) for placement in placements]
            height, width = max(box.height for box in boxes), max(box.width for box in boxes)
            corners = [(min(box.top, side - height), min(box.left, side - width)) for box in boxes]
            patches = []
            for placement, (top, left) in zip(placements, corners, strict=True):
                window = np.s_[..., top : top + height, left : left + width]
                inside = torch.from_numpy(covered(side, placement)[window]).to(shown.device)
                patches.append(torch.where(inside, painted[window], shown[window]))
            return _to_host(self._pass(torch.stack(patches), corners))


@contextmanager
def plain_numbers(device: torch.device, gradients: bool = False) -> Iterator[None]:
    """Single precision and gradients as asked for, whatever the caller's own settings are."""
    with (
        torch.inference_mode(mode=False),
        torch.set_grad_enabled(gradients),
        torch.autocast(device.type, enabled=False),
    ):
        yield


def _is_out_of_memory(error: RuntimeError) -> bool:
    """CUDA has an error of its own for it; MPS and the CPU say it in words."""
    words = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError) or "out of memory" in words or "can't allocate memory" in words


def _to_host(values: torch.Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = values.detach().to("cpu", torch.float32).contiguous().numpy()
    return array
