"""What ours is compared with: what the libraries' front pages say, and one bare pass of the model."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import matplotlib
import numpy as np
import torch
from captum.attr import Saliency
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter
from torch import nn

from benchmarks.models import ModelPair
from saliency_core.photos.photo import Pixels
from saliency_core.presentation.figures import DISPLAY_SIDE

OPACITY = 0.6

Saliencies = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class NaiveAnswer:
    """What the naive way finds: the five best classes, the map before smoothing, the overlays."""

    best: tuple[tuple[int, float], ...]
    saliency: Saliencies
    overlays: tuple[Pixels, ...]


def open_naively(data: bytes) -> Image.Image:
    """A file as an RGB picture."""
    return Image.open(io.BytesIO(data)).convert("RGB")


def attribute_naively(pair: ModelPair, inputs: torch.Tensor, target: int) -> Saliencies:
    """Captum's saliency, f32 [side, side], the largest of the channels."""
    attribution: torch.Tensor = Saliency(pair.stock).attribute(inputs.requires_grad_(), target=target)
    values: Saliencies = attribution[0].max(dim=0).values.numpy()
    return values


def overlay_naively(picture: Image.Image, values: Saliencies) -> Pixels:
    """A map over the square of a picture that a centre crop keeps, about; matplotlib's colours."""
    square = round(min(picture.size) * 0.95)
    left, top = (picture.width - square) // 2, (picture.height - square) // 2
    enlarged = np.asarray(Image.fromarray(values).resize((square, square), Image.Resampling.BILINEAR))
    span = enlarged.max() - enlarged.min()
    colours = matplotlib.colormaps["magma"]((enlarged - enlarged.min()) / span)[..., :3]
    canvas = np.array(picture)
    part = canvas[top : top + square, left : left + square]
    part[:] = ((1 - OPACITY) * part + OPACITY * 255 * colours).astype(np.uint8)
    return canvas


def explain_naively(pair: ModelPair, data: bytes, sigmas: Sequence[float]) -> NaiveAnswer:
    """One photo from its bytes to overlays at screen size: a prediction, then Captum, then SciPy."""
    picture = open_naively(data)
    inputs = pair.transform(picture).unsqueeze(0)
    with torch.no_grad():
        probabilities = pair.stock(inputs).softmax(dim=1)[0]
    shares, indices = probabilities.topk(5)
    saliency = attribute_naively(pair, inputs, int(indices[0]))
    picture.thumbnail((DISPLAY_SIDE, DISPLAY_SIDE))
    overlays = tuple(overlay_naively(picture, gaussian_filter(saliency, sigma)) for sigma in sigmas)
    return NaiveAnswer(tuple(zip(indices.tolist(), shares.tolist(), strict=True)), saliency, overlays)


def make_pass(module: nn.Module, inputs: torch.Tensor, target: int) -> Callable[[], torch.Tensor]:
    """One bare forward and backward pass, ready to be run: the gradient of a logit by the input."""

    def run() -> torch.Tensor:
        leaf = inputs.detach().clone().requires_grad_()
        (slopes,) = torch.autograd.grad(module(leaf)[0, target], leaf)
        return slopes

    return run


def classify_barely(module: nn.Module, inputs: torch.Tensor, at_once: int) -> torch.Tensor:
    """Bare forward passes of inputs f32 [n, 3, side, side], so many at once: logits f32 [n, classes]."""
    with torch.inference_mode():
        return torch.cat([module(inputs[start : start + at_once]) for start in range(0, len(inputs), at_once)])
