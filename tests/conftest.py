"""What the tests share: the offline model, the sample photos, and a linear model whose saliency is known."""

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import pages.ui  # noqa: F401  (says how torch is to be run, before it is loaded)

# isort: split
import torch
from PIL import Image
from torch import nn

import saliency_core as core
from pages.ui.background import Background
from saliency_core.models.weights import Weights
from saliency_core.photos.frame import Preset
from scripts.shapes import Pictures, draw_pictures, shapes_classifier
from tests.claims import Claims, expected_claims

# Nobody's own models and audits are to be met by the tests, nor by the servers that they start.
_OWN = Path(tempfile.mkdtemp(prefix="models-"))
(_OWN / "models.toml").touch()
os.environ |= {
    "SALIENCY_MODELS": str(_OWN / "models.toml"),
    "SALIENCY_KEPT_MODELS": str(_OWN / "data" / "models"),
    "SALIENCY_AUDITS": str(_OWN / "data" / "audits"),
}

PHOTOS = Path(__file__).parents[1] / "assets" / "photos"
ARTICLE = Path(__file__).parents[2] / "shared" / "seed" / "photos"


@pytest.fixture(autouse=True)
def _nothing_behind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages begin no work behind them, which would come to its end in the middle of some later test."""
    if "behind" not in request.keywords:
        monkeypatch.setattr(Background, "begin", lambda *_: None)


@pytest.fixture(scope="session")
def classifier() -> core.Classifier:
    """The model that works without a network: a real one, trained on ImageNet."""
    return core.load_classifier("efficientnet_lite0")


@pytest.fixture(scope="session")
def manifest() -> dict[str, dict[str, Any]]:
    """The sample photos' manifest, by their short names."""
    entries = json.loads((PHOTOS / "manifest.json").read_text())["photos"]
    return {entry["id"]: entry for entry in entries}


@pytest.fixture(scope="session")
def sample_photo(manifest: dict[str, dict[str, Any]]) -> Callable[[str], core.Photo]:
    """Opens a sample photo by its short name."""

    def open_sample(name: str) -> core.Photo:
        return core.decode_photo((PHOTOS / manifest[name]["file"]).read_bytes())

    return open_sample


@pytest.fixture(scope="session")
def shapes() -> core.Classifier:
    """A ResNet18 that tells circles, squares and triangles apart, trained here: some seconds, once."""
    return shapes_classifier()


@pytest.fixture(scope="session")
def shape_pictures() -> Pictures:
    """Pictures of shapes that the model has not seen, ten a class."""
    return draw_pictures(30, seed=2)


@pytest.fixture(scope="session")
def tour_claims(classifier: core.Classifier, manifest: dict[str, dict[str, Any]]) -> Claims:
    """What each step of the guided tour must say."""
    return expected_claims(classifier, manifest, "center")


class Linear(nn.Module):
    """Logits that are weighted sums of the input, so that every gradient is a row of weights."""

    def __init__(self, weights: torch.Tensor) -> None:
        super().__init__()
        self.weights = nn.Parameter(weights)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """f32 [n, 3, side, side] -> f32 [n, classes]."""
        return torch.einsum("nchw,kchw->nk", inputs, self.weights)


def small_classifier(module: nn.Module, side: int, classes: int) -> core.Classifier:
    """A classifier around any small module."""
    preset = Preset(side, side, Image.Resampling.BILINEAR, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    names = tuple(f"class {index}" for index in range(classes))
    module.eval().requires_grad_(False)
    return core.Classifier("small", "Small", module, preset, names, Weights("made here", "0" * 64))


@pytest.fixture
def linear() -> core.Classifier:
    """A linear classifier of three classes on frames of 16 pixels."""
    generator = torch.Generator().manual_seed(1)
    return small_classifier(Linear(torch.randn(3, 3, 16, 16, generator=generator)), 16, 3)
