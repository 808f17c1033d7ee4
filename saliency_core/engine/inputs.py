"""Frames as a module's input."""

import torch

from saliency_core.photos.frame import Preset
from saliency_core.photos.photo import Pixels

_CPU = torch.device("cpu")


def normalise(frames: Pixels, preset: Preset, device: torch.device = _CPU) -> torch.Tensor:
    """Frames as a module's input: u8 [n, side, side, 3] -> f32 [n, 3, side, side], on the device.

    The same operations in the same order as torchvision's evaluation transforms, so that on the CPU the result
    equals theirs bit for bit. Channels lie in the order that the preset names.
    """
    # A frame's pixels lie channels last already, which is how the prepared modules like them.
    scaled = torch.tensor(frames, device=device).permute(0, 3, 1, 2).to(torch.float32) / 255
    mean, std = (
        torch.tensor(values, dtype=torch.float32, device=device).view(-1, 1, 1) for values in (preset.mean, preset.std)
    )
    return to_rgb(scaled.sub_(mean).div_(std), preset)


def to_rgb(values: torch.Tensor, preset: Preset) -> torch.Tensor:
    """A value per pixel and channel, [n, 3, side, side], from the model's order of channels to red, green and blue,
    or the other way round."""
    return values.flip(1) if preset.channels == "bgr" else values
