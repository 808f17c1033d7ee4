"""Small things that fuzzed readers need: a model, a network, an audit."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

from saliency_core.audit.confirm import Finding, Hidden
from saliency_core.audit.files import write_whole
from saliency_core.audit.findings import LookedInto, write_class, write_index
from saliency_core.audit.journal import Done
from saliency_core.audit.measure import Settings
from saliency_core.audit.overview import summary_json
from saliency_core.audit.plan import Asked, Plan, Planned, Target
from saliency_core.audit.plan_file import write_plan
from saliency_core.audit.rows import Hiding, Row
from saliency_core.audit.self_test import Trial, Twin
from saliency_core.audit.store import SUMMARY, read_audit, values_of, write_rows, write_shard
from saliency_core.audit.suspicions import Suspicion
from saliency_core.audit.trials import SelfTest, write_self_test
from saliency_core.masking.claims import Claim
from saliency_core.models.classifier import Classifier
from saliency_core.models.weights import Weights
from saliency_core.photos.frame import Preset
from saliency_core.photos.photo import Pixels
from saliency_core.photos.regions import Region

SIDE = 16
_CLASSES = ("cat", "dog", "cup")


class _Linear(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(1)
        self.weights = nn.Parameter(torch.randn(3, 3, SIDE, SIDE, generator=generator))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """f32 [n, 3, side, side] -> f32 [n, 3]."""
        return torch.einsum("nchw,kchw->nk", inputs, self.weights)


def linear_classifier() -> Classifier:
    """Three classes on frames of 16 pixels."""
    preset = Preset(SIDE, SIDE, Image.Resampling.BILINEAR, (0.5,) * 3, (0.5,) * 3)
    module = _Linear().eval().requires_grad_(False)
    return Classifier("small", "Small", module, preset, _CLASSES, Weights("made here", "0" * 64), "cpu")


def made_pixels() -> Pixels:
    """Noise, u8 [16, 16, 3]."""
    return np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)


def small_network() -> nn.Module:
    """A network with a few kilobytes of weights."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 3))


def write_small_audit(out: Path) -> None:
    """A finished audit of four photos in two shards, with its findings and its self-test."""
    asked = Asked("made", "0" * 64, "preset", "cpu", Settings(), 7, "1.0", {"torch": "2"}, 2)
    photos = tuple(
        Planned(f"{place:05}.jpg", 10, _CLASSES[place % 2], (Target(place % 2, "thing", ((0.0, 0.1, 0.5, 1.0),)),))
        for place in range(4)
    )
    plan = Plan("/photos", "Made up", _CLASSES, asked, photos, len(photos))
    (out / "shards").mkdir(parents=True)
    write_plan(out, plan)
    for number in range(plan.shards):
        done = [Done(each.name, (values_of(plan, each, each.targets[0], _row(each)),)) for each in plan.shard(number)]
        write_shard(out, plan, number, done)
    write_whole(out / SUMMARY, summary_json(read_audit(out)).encode())
    write_rows(out, plan)
    hidden = Hidden("0" * 64, Region(1, 2, 3, 4), 0.5, True, False)
    suspicion = Suspicion(Region(1, 2, 3, 4), np.ones((2, 2), np.float32))
    write_index(out, SIDE, 3, [1])
    write_class(out, LookedInto(1, 4, 4, (Finding(1, suspicion, 4, (hidden,), (hidden,), 0.5),)))
    trial, twin = Trial(7, 2.0, True, 0.5, 0.25, True, False, 0), Twin(7, 2, 0)
    write_self_test(out, SelfTest(1, 4, 4, (trial,), (twin,)))


def _row(photo: Planned) -> Row:
    hiding = Hiding(0.1, 0, False, 0.8, 0, True, 0.5, 0.25, 0.75, 0.5, 0.5, Claim.NEITHER.value)
    target = photo.targets[0].target
    assert target is not None
    return Row(
        digest=photo.name.rjust(64, "0"),
        width=100,
        height=80,
        target=target,
        target_probability=0.9,
        target_rank=1,
        right=True,
        predicted=target,
        probability=0.9,
        second=None,
        second_probability=None,
        brightness=0.5,
        sharpness=0.01,
        size=0.25,
        map_inside=0.4,
        edges_inside=0.3,
        centre_inside=0.35,
        places=39,
        hidings=(("grey", hiding), ("black", hiding)),
    )
