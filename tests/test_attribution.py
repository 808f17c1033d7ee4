"""Attribution: identities first, then the real model."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

import saliency_core as core
from saliency_core.engine.inputs import normalise
from saliency_core.photos.frame import Box
from tests.conftest import small_classifier

OpenSample = Callable[[str], core.Photo]


def _random_frame(side: int, seed: int = 0) -> core.Frame:
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    return core.Frame(pixels, Box(0, 0, side, side), (side, side))


@pytest.mark.parametrize("target", [0, 1, 2])
def test_a_linear_models_gradient_is_its_weights(linear: core.Classifier, target: int) -> None:
    weights = next(linear.module.parameters())[target].numpy()
    gradient = core.explain(linear, _random_frame(16), target).values
    np.testing.assert_array_equal(gradient, weights)
    np.testing.assert_array_equal(core.attribute(linear, _random_frame(16), target).values, np.abs(weights).max(axis=0))


def test_reductions_are_what_they_say(linear: core.Classifier) -> None:
    signed = next(linear.module.parameters())[1].numpy()
    magnitude = np.abs(signed)
    expected = {
        "max": magnitude.max(axis=0),
        "mean": magnitude.mean(axis=0),
        "l2": np.linalg.norm(magnitude, axis=0),
        "red": magnitude[0],
        "green": magnitude[1],
        "blue": magnitude[2],
        "signed": signed.sum(axis=0),
    }
    assert set(core.REDUCTIONS) == set(expected)
    for reduction in core.REDUCTIONS:
        values = core.attribute(linear, _random_frame(16), 1, reduction=reduction).values
        np.testing.assert_allclose(values, expected[reduction], rtol=1e-6)
        assert values.dtype == np.float32


def test_equals_a_gradient_taken_by_hand(classifier: core.Classifier, sample_photo: OpenSample) -> None:
    frame = core.frame_photo(sample_photo("espresso"), classifier)
    inputs = normalise(frame.pixels[None], classifier.preset).requires_grad_()
    (by_hand,) = torch.autograd.grad(classifier.engine.prepared.module(inputs)[0, 967], inputs)
    np.testing.assert_array_equal(core.explain(classifier, frame, 967).values, by_hand[0].numpy())


def test_resnet50_goes_the_same_way() -> None:
    from saliency_core.models.vision import resnet50

    torch.manual_seed(0)
    classifier = small_classifier(resnet50(), 64, 1000)
    frame = _random_frame(64)
    inputs = normalise(frame.pixels[None], classifier.preset).requires_grad_()
    (by_hand,) = torch.autograd.grad(classifier.engine.prepared.module(inputs)[0, 5], inputs)
    np.testing.assert_array_equal(core.explain(classifier, frame, 5).values, by_hand[0].numpy())


def test_is_the_slope_that_finite_differences_find(classifier: core.Classifier, sample_photo: OpenSample) -> None:
    """Moving the input a little along the gradient moves the logit by the gradient's length squared."""
    frame = core.frame_photo(sample_photo("cat"), classifier)
    gradient = torch.tensor(core.explain(classifier, frame, 285).values).double()
    module = classifier.engine.prepared.module
    inputs = normalise(frame.pixels[None], classifier.preset)
    step = 1e-3
    with torch.inference_mode():
        up = module(inputs + step * gradient.float())[0, 285]
        down = module(inputs - step * gradient.float())[0, 285]
    assert float(up - down) / (2 * step) == pytest.approx(float((gradient**2).sum()), rel=0.05)


def test_the_models_state_does_not_move(classifier: core.Classifier, sample_photo: OpenSample) -> None:
    """Neither the stock module's, nor that of the copy that is run."""
    modules = {"stock": classifier.module, "prepared": classifier.engine.prepared.module}

    def state() -> dict[str, torch.Tensor]:
        """Copies of all parameters and buffers, packed ones unpacked."""
        return {
            f"{which} {name}": value.to_dense() if value.is_mkldnn else value.clone()
            for which, module in modules.items()
            for name, value in module.state_dict().items()
        }

    before = state()
    frame = core.frame_photo(sample_photo("cat"), classifier)
    core.attribute(classifier, frame, 285)
    for module in modules.values():
        assert all(parameter.grad is None for parameter in module.parameters())
        assert not module.training
    for name, value in state().items():
        assert torch.equal(value, before[name]), name


@pytest.mark.parametrize("target", [-1, 3, 1000])
def test_a_class_that_does_not_exist_is_refused(linear: core.Classifier, target: int) -> None:
    with pytest.raises(core.RequestError, match="classes 0 to 2"):
        core.attribute(linear, _random_frame(16), target)


def test_an_unknown_reduction_is_refused(linear: core.Classifier) -> None:
    with pytest.raises(core.RequestError, match="max, mean"):
        core.attribute(linear, _random_frame(16), 0, reduction="median")  # type: ignore[arg-type]


def test_a_gradient_that_is_not_finite_is_refused() -> None:
    class Root(nn.Module):
        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            return (inputs * 0).sqrt().sum(dim=(2, 3))

    with pytest.raises(core.SaliencyError, match="no finite values"):
        core.attribute(small_classifier(Root(), 16, 3), _random_frame(16), 0)
