"""A model on the examiner's table: a copy of its module, and a few inputs to ask it about."""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from saliency_core.engine.engine import plain_numbers
from saliency_core.models.classifier import Classifier
from saliency_core.passport.finding import Outcome
from saliency_core.photos.frame import Box, Frame
from saliency_core.photos.photo import Pixels

_FRAMES, _COARSE = 4, 7


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """What checks look at.

    module: a copy of the stock module in eval mode, on the classifier's device: checks may change it no more than
        the classifier's own.
    frames: u8 [4, side, side, 3], made up: coarse and fine noise, bright and dark.
    inputs: the same as the module's input, f32 [4, 3, side, side].
    """

    classifier: Classifier
    module: nn.Module
    frames: Pixels
    inputs: torch.Tensor

    @property
    def frame(self) -> Frame:
        """The first of the frames."""
        side = self.frames.shape[1]
        return Frame(self.frames[0], Box(0, 0, side, side), (side, side))

    def ask(self, inputs: torch.Tensor) -> torch.Tensor:
        """What the module says, f32 [n, classes], without gradients."""
        with plain_numbers(self.classifier.engine.device):
            answer: torch.Tensor = self.module(inputs.clone())  # which it may overwrite
            return answer


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """One thing that is looked at.

    key, title: see Finding. doing: what is being done meanwhile, as in "Asking it twice".
    examine: looks at it.
    asks: whether it can be done only where the module answers at all.
    """

    key: str
    title: str
    doing: str
    examine: Callable[[Probe], Outcome]
    asks: bool = True


def make_probe(classifier: Classifier) -> Probe:
    """A classifier made ready for checks."""
    engine = classifier.engine
    with torch.inference_mode(mode=False):
        module = copy.deepcopy(classifier.module).to(engine.device, torch.float32).eval().requires_grad_(False)
    frames = _make_frames(classifier.preset.crop)
    with plain_numbers(engine.device):
        return Probe(classifier, module, frames, engine.inputs(frames))


def _make_frames(side: int) -> Pixels:
    random = np.random.default_rng(0)
    blocks = -(-side // _COARSE)
    coarse = random.integers(0, 256, (_FRAMES, _COARSE, _COARSE, 3)).repeat(blocks, axis=1).repeat(blocks, axis=2)
    fine = random.normal(0, 25, (_FRAMES, side, side, 3))
    brightness = np.linspace(-60, 60, _FRAMES)[:, None, None, None]
    frames: Pixels = (coarse[:, :side, :side] + fine + brightness).clip(0, 255).round().astype(np.uint8)
    frames.setflags(write=False)
    return frames
