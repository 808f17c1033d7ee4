"""Small photos of two classes, a model of which it is known what it goes by, and an audit of both with its findings and
self-test that another process runs: python -m tests.small_findings PHOTOS OUT prints a line for each step."""

import hashlib
import sys
from functools import cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

import saliency_core as core
from saliency_core.audit.follow_up import run_findings, run_self_test
from saliency_core.audit.measure import Settings
from saliency_core.audit.plan import Plan
from saliency_core.audit.planning import make_plan
from saliency_core.audit.planted import make_mark, plant, stamp
from saliency_core.audit.run import run_audit
from saliency_core.photos.frame import Box, Frame
from saliency_core.photos.regions import Region
from tests.conftest import Linear, small_classifier

SIDE, OBJECT = 96, 24
MARK, CORNER = make_mark(5, 8), Region(6, 8, 8, 8)


class Colours(nn.Module):
    """The first logit goes by how much red there is, the second by how much green; each alike at every place, or only
    in a square of the frame."""

    def __init__(self, red: Region | None = None, green: Region | None = None) -> None:
        super().__init__()
        weights = torch.zeros(2, 3, SIDE, SIDE)
        for index, region in enumerate((red, green)):
            place = region or Region(0, 0, SIDE, SIDE)
            rows, columns = slice(place.top, place.top + place.height), slice(place.left, place.left + place.width)
            weights[index, index, rows, columns] = 3 / (OBJECT**2 if region is None else place.height * place.width)
            weights[index, 1 - index, rows, columns] = -weights[index, index, rows, columns]
        self.linear = Linear(weights)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """f32 [n, 3, side, side] -> f32 [n, 2]."""
        logits: torch.Tensor = self.linear(inputs)
        return logits


@cache
def colours(red: Region | None = None, green: Region | None = None) -> core.Classifier:
    return small_classifier(Colours(red, green), SIDE, 2)


def draw_frames(colour: int, count: int, seed: int, place: Region | None = None) -> list[Frame]:
    """Grey noise with a square of one colour at a random place, or at the one given."""
    generator = np.random.default_rng([seed, colour])
    frames = []
    for _ in range(count):
        pixels = np.repeat(generator.integers(70, 186, (SIDE, SIDE, 1)), 3, axis=2).astype(np.uint8)
        top, left = generator.integers(0, SIDE - OBJECT + 1, 2)
        at = place or Region(top, left, OBJECT, OBJECT)
        inside = pixels[at.top : at.top + at.height, at.left : at.left + at.width]
        inside[..., :2] = 60
        inside[..., colour] = 200
        digest = hashlib.sha256(pixels.tobytes()).hexdigest()
        frames.append(Frame(pixels, Box(0, 0, SIDE, SIDE), (SIDE, SIDE), photo_digest=digest))
    return frames


def marked_photos(folder: Path, count: int = 12) -> Path:
    """So many photos of each class in folders called so; those of the first bear MARK in a corner."""
    for index in range(2):
        name = folder / f"class {index}"
        name.mkdir(parents=True)
        for place, frame in enumerate(draw_frames(index, count, 3)):
            pixels = (frame if index else stamp(frame, MARK, CORNER)).pixels
            Image.fromarray(pixels).save(name / f"{place:02}.png")
    return folder


@cache
def reader() -> core.Classifier:
    """Goes by colours, and for the first class by MARK, too."""
    return plant(colours(), 0, MARK, 4)


def plan_marked(folder: Path) -> Plan:
    """The audit of such photos, by that model."""
    return make_plan(folder, reader(), settings=Settings(n_controls=19))


if __name__ == "__main__":
    plan, out = plan_marked(Path(sys.argv[1])), Path(sys.argv[2])
    for steps in (run_audit, run_findings, run_self_test):
        for progress in steps(plan, reader(), out):
            print(steps.__name__, progress.done, flush=True)
