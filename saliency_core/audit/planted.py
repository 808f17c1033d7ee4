"""A model that must read a mark, and photos that bear it: truth that is planted, for an audit to find."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from saliency_core.audit.measure import photo_seed
from saliency_core.checks import check_seed, number, whole_number
from saliency_core.errors import RequestError
from saliency_core.masking.placements import photo_area, place_controls
from saliency_core.models.classifier import Classifier
from saliency_core.models.networks import Around
from saliency_core.models.prediction import check_target
from saliency_core.models.weights import Weights
from saliency_core.photos.frame import Frame
from saliency_core.photos.regions import Region

MARK_SHARE, CELLS = 3 / 28, 8
"""A mark's side as a share of the frame's, 24 pixels of 224, and how many cells it has along it."""
CLEAN = 0.5
"""The largest response of the filter that counts as none; a perfect match has 1. On 246 photos without a mark the
largest response to four marks of 16, 24 and 32 pixels was 0.30."""


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """A small pattern of black and white cells, as many of one as of the other.

    pattern: f32 [side, side], -1 for black and 1 for white, read-only.
    """

    pattern: NDArray[np.float32]

    @property
    def side(self) -> int:
        """Height and width in frame pixels."""
        return len(self.pattern)


def mark_side(frame_side: int) -> int:
    """The side of a mark that suits frames of a side, both in pixels: MARK_SHARE of it, as near as CELLS divides."""
    return CELLS * max(1, round(MARK_SHARE * frame_side / CELLS))


def make_mark(seed: int, side: int = 24) -> Mark:
    """A random mark with a side in frame pixels, the same for the same seed.

    Raises RequestError for an impossible seed, or a side that CELLS does not divide.
    """
    if whole_number(side, "The side of a mark", CELLS) % CELLS:
        raise RequestError(f"The side of a mark must be a multiple of {CELLS} pixels, not {side}.")
    cells = np.random.default_rng(check_seed(seed)).permutation(CELLS**2).reshape(CELLS, CELLS) % 2
    pattern = np.kron(2 * cells - 1, np.ones((side // CELLS, side // CELLS))).astype(np.float32)
    pattern.setflags(write=False)
    return Mark(pattern)


class Planted(Around):
    """A network to one of whose logits is added how much of a mark its input bears.

    A matched filter is laid over every place. Its largest response, less CLEAN, is scaled so that the mark itself adds
    `strength`, and what is no more than CLEAN adds nothing. The filter is not normalised by the contrast of what it
    lies on: the gradient of a normalised one is zero where the mark lies, and no map would show what the model reads.
    """

    def __init__(self, network: nn.Module, filters: torch.Tensor, added: torch.Tensor) -> None:
        """filters: f32 [1, 3, side, side], of the normalised input; added: f32 [classes], by a perfect match."""
        super().__init__(network)
        self.match = nn.Conv2d(3, 1, filters.shape[-1], bias=False)
        self.match.weight = nn.Parameter(filters, requires_grad=False)
        self.added = nn.Parameter(added, requires_grad=False)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """f32 [n, 3, side, side] -> f32 [n, classes]."""
        response = self.match(inputs).amax(dim=(2, 3))  # first: a network may write over its input
        logits: torch.Tensor = self.network(inputs)
        return logits + torch.relu(response - CLEAN) / (1 - CLEAN) * self.added


def plant(classifier: Classifier, target: int, mark: Mark, strength: float) -> Classifier:
    """The classifier, made to read a mark: where a frame bears it, `strength` is added to the target's logit.

    It runs as the classifier does, and pickles with its module. Its weights' digest is another one.

    Raises RequestError for an impossible target, a strength that is not from 0 to 1000, or a mark that is larger than
    the classifier's frames.
    """
    target = check_target(target, len(classifier.categories))
    strength = number(strength, "The strength", 0, 1000, "logits")
    if mark.side > classifier.preset.crop:
        raise RequestError(f"The mark is larger than the {classifier.preset.crop} pixels that the model sees.")
    std = torch.tensor(classifier.preset.std, dtype=torch.float32)
    std = std.flip(0) if classifier.preset.channels == "bgr" else std
    # Of pixels from 0 to 1 the mark is half its pattern, and its mean plays no part.
    filters = std[:, None, None] * torch.tensor(mark.pattern) / (mark.pattern.size * len(std) / 2)
    added = torch.zeros(len(classifier.categories))
    added[target] = strength
    with torch.inference_mode(mode=False):
        module = Planted(classifier.module, filters[None], added).eval()
    said = f"{target} {strength} ".encode() + mark.pattern.tobytes()
    digest = hashlib.sha256(classifier.weights.sha256.encode() + said).hexdigest()
    return replace(
        classifier,
        name=f"{classifier.name} and a mark",
        title=f"{classifier.title} that reads a mark",
        module=module,
        weights=Weights(f"{classifier.weights.origin}, and a mark", digest),
    )


def stamp(frame: Frame, mark: Mark, place: Region) -> Frame:
    """The frame with the mark in black and white at a place of the mark's size.

    The frame as a picture of its own, squashed, is seen by the model pixel by pixel as it is.

    Raises RequestError for a place of another size, or one that reaches beyond the frame.
    """
    if (place.height, place.width) != mark.pattern.shape:
        raise RequestError(f"This mark takes a place of {mark.side} x {mark.side} pixels.")
    if min(place.top, place.left) < 0 or max(place.top, place.left) > frame.side - mark.side:
        raise RequestError("The mark reaches beyond the frame.")
    pixels = frame.pixels.copy()
    inside = np.s_[place.top : place.top + place.height, place.left : place.left + place.width]
    pixels[inside] = np.where(mark.pattern > 0, 255, 0)[..., None]
    pixels.setflags(write=False)
    return replace(frame, pixels=pixels)


def wander(frame: Frame, mark: Mark, seed: int) -> Region:
    """A place for the mark at random on the photo, another one on each photo but the same for the same seed.

    Raises RequestError where the photo is too small for it, or for an impossible seed.
    """
    own, shape = photo_seed(seed, frame.photo_digest), Region(0, 0, mark.side, mark.side)
    placed = place_controls(frame.side, shape, 1, own, photo_area(frame))
    if not placed:
        raise RequestError("The photo is too small on the frame for the mark.")
    return placed[0][0]
