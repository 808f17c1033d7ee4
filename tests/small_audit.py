"""A small audit that another process runs: python -m tests.small_audit PHOTOS OUT prints a line a photo."""

import sys
from pathlib import Path

import torch
from PIL import Image
from torch import nn

from saliency_core.audit.measure import Settings
from saliency_core.audit.plan import Plan
from saliency_core.audit.planning import make_plan
from saliency_core.audit.run import run_audit
from saliency_core.models.classifier import Classifier
from saliency_core.models.weights import Weights
from saliency_core.photos.frame import Preset

SIDE = 32
CLASSES = ("red thing", "green thing", "blue thing")


class Brightest(nn.Module):
    """Each class's logit is the mean of one colour channel."""

    def __init__(self) -> None:
        super().__init__()
        self.strength = nn.Parameter(torch.tensor(6.0))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """f32 [n, 3, side, side] -> f32 [n, 3]."""
        return self.strength * inputs.mean(dim=(2, 3))


def small_classifier() -> Classifier:
    """Says which colour there is most of."""
    preset = Preset(SIDE, SIDE, Image.Resampling.BILINEAR, (0.5,) * 3, (0.5,) * 3)
    module = Brightest().eval().requires_grad_(False)
    return Classifier("small", "Small", module, preset, CLASSES, Weights("made here", "0" * 64), "cpu")


def plan_small(folder: Path, classifier: Classifier) -> Plan:
    """Labels by the first folder, boxes by a table; five photos a shard."""
    return make_plan(folder, classifier, settings=Settings(n_controls=19), per_shard=5)


if __name__ == "__main__":
    small = small_classifier()
    for progress in run_audit(plan_small(Path(sys.argv[1]), small), small, Path(sys.argv[2])):
        print(progress.done, flush=True)
