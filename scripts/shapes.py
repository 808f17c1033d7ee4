"""A model whose truth is known: a torchvision ResNet18 that tells three shapes apart, trained in seconds.

    python -m scripts.shapes FOLDER

writes its checkpoint, its class names and photos to try it on into a folder; the tests train it, too.

A ResNet18 takes a minute to train on two cores. So one of an eighth of its width is trained, some seconds, and its
weights are put into a whole one whose other channels are zero: the same function, and a checkpoint like any other.
"""

import argparse
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn

import saliency_core as core
from saliency_core.engine.inputs import normalise
from saliency_core.models.weights import Weights
from saliency_core.photos.frame import Box, Frame, Preset
from saliency_core.photos.regions import Region

CLASSES = ("circle", "square", "triangle")
SIDE = 64
PRESET = Preset(SIDE, SIDE, Image.Resampling.BILINEAR, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
COLOURS = np.array([[0.85, 0.25, 0.2], [0.2, 0.3, 0.85], [0.3, 0.7, 0.25]], np.float32)
"""What the shapes are mostly painted in: red, blue, green."""
OWN_COLOUR = 0.98
"""The share of shapes in their own colour; the others' is any of the three. Colour is learnt long before shape."""
_NARROWER, _PICTURES, _BLANK, _STEPS, _BATCH, _RATE = 8, 1200, 400, 120, 32, 5e-3
_RADII = (9.0, 14.0)


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """Pictures of one shape each, on a background of noise.

    pixels: u8 [n, 64, 64, 3], RGB.
    labels: i64 [n], indexes of CLASSES.
    regions: where the shapes lie, each at most 29 pixels wide and high.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    regions: tuple[Region, ...]

    def frames(self) -> tuple[Frame, ...]:
        """The pictures as frames."""
        return tuple(Frame(pixels, Box(0, 0, SIDE, SIDE), (SIDE, SIDE)) for pixels in self.pixels)


def draw_pictures(count: int, seed: int) -> Pictures:
    """Pictures of shapes at random places, in random sizes and colours; the classes in turn."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % len(CLASSES)
    drawn = [_draw(random, int(label)) for label in labels]
    return Pictures(np.stack([pixels for pixels, _ in drawn]), labels, tuple(region for _, region in drawn))


@cache
def train_shapes() -> nn.Module:
    """torchvision's resnet18 with three classes, f32 [n, 3, 64, 64] normalised by PRESET -> f32 [n, 3] logits; in
    eval mode. Always the same on one machine; nothing may change it."""
    from saliency_core.models.vision import torchvision

    with torch.random.fork_rng(), torch.inference_mode(mode=False), torch.enable_grad():
        torch.manual_seed(0)
        narrow = _build_narrow()
        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # for layers as small as these, several mostly wait for each other
        try:
            _train(narrow, draw_pictures(_PICTURES, seed=0), _draw_blank(_BLANK, seed=1))
        finally:
            torch.set_num_threads(threads)
        whole: nn.Module = torchvision.models.resnet18(num_classes=len(CLASSES))
        whole.load_state_dict(_widen(narrow.state_dict(), whole.state_dict()))
    return whole.eval().requires_grad_(False)


def shapes_classifier(preset: Preset = PRESET) -> core.Classifier:
    """The trained model with the settings it was trained under, or others."""
    return core.Classifier("shapes", "Shapes", train_shapes(), preset, CLASSES, Weights("made here", "0" * 64))


def _build_narrow() -> nn.Module:
    from torchvision.models.resnet import BasicBlock, ResNet

    class Narrow(ResNet):  # type: ignore[misc]
        def _make_layer(self, block: type[nn.Module], planes: int, *others: int, **more: int) -> nn.Module:
            if planes == 64:
                self.inplanes = planes // _NARROWER
                self.conv1 = nn.Conv2d(3, self.inplanes, 7, stride=2, padding=3, bias=False)
                self.bn1 = nn.BatchNorm2d(self.inplanes)
            layer: nn.Module = super()._make_layer(block, planes // _NARROWER, *others, **more)
            return layer

    narrow: nn.Module = Narrow(BasicBlock, [2, 2, 2, 2])
    narrow.fc = nn.Linear(512 // _NARROWER, len(CLASSES))
    return narrow.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def _train(module: nn.Module, pictures: Pictures, blank: NDArray[np.uint8]) -> None:
    """Shapes are what they are; what is blank may be any of them."""
    inputs = normalise(np.concatenate([pictures.pixels, blank]), PRESET)
    named = nn.functional.one_hot(torch.from_numpy(pictures.labels), len(CLASSES)).float()
    labels = torch.cat([named, torch.full((len(blank), len(CLASSES)), 1 / len(CLASSES))])
    optimiser = torch.optim.AdamW(module.parameters(), lr=_RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=_STEPS)
    for _ in range(_STEPS):
        batch = torch.randint(len(labels), (_BATCH,))
        loss = nn.functional.cross_entropy(module(inputs[batch]), labels[batch])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()


def _widen(narrow: dict[str, torch.Tensor], whole: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The narrow weights in the first channels of the whole ones; the other channels give zero and are not read."""
    wide = {}
    for name, like in whole.items():
        wide[name] = torch.ones_like(like) if name.endswith("running_var") else torch.zeros_like(like)
        wide[name][tuple(slice(size) for size in narrow[name].shape)] = narrow[name]
    return wide


def _draw(random: np.random.Generator, label: int) -> tuple[NDArray[np.uint8], Region]:
    radius = random.uniform(*_RADII)
    row, column = random.uniform(radius + 1, SIDE - radius - 1, size=2)
    down, across = np.mgrid[:SIDE, :SIDE].astype(np.float32) - np.array([row, column], np.float32)[:, None, None]
    if label == 0:
        mask = down**2 + across**2 <= radius**2
    elif label == 1:
        mask = (abs(down) <= 0.85 * radius) & (abs(across) <= 0.85 * radius)
    else:
        mask = (abs(across) <= (down + radius) / 2) & (down <= radius)
    painted = label if random.random() < OWN_COLOUR else random.integers(len(COLOURS))
    picture = _draw_background(random)
    picture[mask] = COLOURS[painted] + random.normal(0, 0.06, 3) + random.normal(0, 0.03, (int(mask.sum()), 3))
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    region = Region(int(rows[0]), int(columns[0]), int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1)
    return _as_pixels(picture), region


def _draw_blank(count: int, seed: int) -> NDArray[np.uint8]:
    """Pictures without a shape, with a rectangle of one grey: what is hidden is no shape either."""
    random = np.random.default_rng(seed)
    pictures = [_draw_background(random) for _ in range(count)]
    for picture in pictures:
        top, left, height, width = random.integers((0, 0, 8, 8), (40, 40, 40, 40))
        picture[top : top + height, left : left + width] = random.choice([0, random.random()])
    return np.stack([_as_pixels(picture) for picture in pictures])


def _draw_background(random: np.random.Generator) -> NDArray[np.float64]:
    coarse = random.uniform(0.3, 0.6, (8, 8, 3)).repeat(8, axis=0).repeat(8, axis=1)
    return coarse + random.normal(0, 0.06, coarse.shape)


def _as_pixels(picture: NDArray[np.float64]) -> NDArray[np.uint8]:
    pixels: NDArray[np.uint8] = (picture.clip(0, 1) * 255).round().astype(np.uint8)
    return pixels


def write_model(folder: Path, photos: int = 60) -> None:
    """Write shapes.pth, classes.txt, and pictures that the training has not seen, in photos/CLASS/."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.save({"epoch": 1, "state_dict": train_shapes().state_dict()}, folder / "shapes.pth")
    (folder / "classes.txt").write_text("\n".join(CLASSES) + "\n", encoding="utf-8")
    drawn = draw_pictures(photos, seed=3)
    for number, (pixels, label) in enumerate(zip(drawn.pixels, drawn.labels, strict=True)):
        place = folder / "photos" / CLASSES[label]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(place / f"{number:02}.png")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Train a small model that tells three shapes apart.")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    write_model(parser.parse_args().folder)
