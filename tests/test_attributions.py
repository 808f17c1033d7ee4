"""Each method beside the mathematics that defines it, Captum's own, or a computation by hand."""

import copy
import re
from collections.abc import Callable

import numpy as np
import pytest
import torch
from captum.attr import GuidedBackprop, LayerGradCam, NoiseTunnel, Occlusion, Saliency
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import interpolate

import saliency_core as core
from saliency_core.engine.inputs import normalise
from saliency_core.engine.layers import by_places
from saliency_core.methods.class_activation import layers
from saliency_core.methods.contributions import COMPLETE, tell_completeness
from saliency_core.methods.occlusion import occlusion_windows
from saliency_core.methods.rise import explain_by_rise, random_masks
from saliency_core.models.vision import torchvision
from saliency_core.photos.fills import Fill, fill_pixels
from saliency_core.photos.frame import Box
from tests.conftest import small_classifier

OpenSample = Callable[[str], core.Photo]
SIDE = 16


class Quadratic(nn.Module):
    """Logits that are weighted sums of squares, plus a bias."""

    def __init__(self, weights: torch.Tensor) -> None:
        super().__init__()
        self.weights = nn.Parameter(weights)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return torch.einsum("nchw,kchw->nk", inputs.square(), self.weights) + 3


class Affine(nn.Module):
    """Logits that are weighted sums, plus a bias."""

    def __init__(self, weights: torch.Tensor, bias: torch.Tensor) -> None:
        super().__init__()
        self.weights, self.bias = nn.Parameter(weights), nn.Parameter(bias)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return torch.einsum("nchw,kchw->nk", inputs, self.weights) + self.bias


def random_weights() -> torch.Tensor:
    return torch.randn(3, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(4))


def random_frame(side: int = SIDE) -> core.Frame:
    pixels = np.random.default_rng(6).integers(0, 256, (side, side, 3), dtype=np.uint8)
    return core.Frame(pixels, Box(0, 0, side, side), (side, side))


@pytest.fixture(scope="module")
def affine() -> core.Classifier:
    return small_classifier(Affine(random_weights(), torch.tensor([1.0, -2.0, 0.5])), SIDE, 3)


@pytest.fixture(scope="module")
def quadratic() -> core.Classifier:
    return small_classifier(Quadratic(random_weights()), SIDE, 3)


@pytest.fixture
def koala(classifier: core.Classifier, sample_photo: OpenSample) -> core.Frame:
    return core.frame_photo(sample_photo("koala"), classifier)


def inputs_of(classifier: core.Classifier, frame: core.Frame) -> torch.Tensor:
    return normalise(frame.pixels[None], classifier.preset)


def test_smoothgrad_of_one_noiseless_copy_is_saliency(classifier: core.Classifier, koala: core.Frame) -> None:
    one = core.explain(classifier, koala, None, "smoothgrad", core.Options(copies=1, noise=0.0))
    plain = core.explain(classifier, koala)
    np.testing.assert_array_equal(one.values, plain.values)
    assert one.target == plain.target
    noisy = core.explain(classifier, koala, None, "smoothgrad", core.Options(copies=2))
    assert not np.allclose(noisy.values, plain.values)


def test_smoothgrad_averages_over_its_noise(quadratic: core.Classifier) -> None:
    """Of squares, the mean gradient over copies is that at the copies' mean, whatever the batches."""
    frame, options = random_frame(), core.Options(copies=7, noise=0.3, seed=5)
    inputs = inputs_of(quadratic, frame)[0]
    noise = torch.randn(7, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(5))
    copies = inputs + 0.3 * (inputs.max() - inputs.min()) * noise
    expected = 2 * random_weights()[1] * copies.mean(0)
    found = core.explain(quadratic, frame, 1, "smoothgrad", options)
    np.testing.assert_allclose(found.values, expected.numpy(), rtol=1e-4, atol=1e-5)
    assert found.detail == "7 copies with 30% noise"
    again = core.explain(quadratic, frame, 1, "smoothgrad", options)
    np.testing.assert_array_equal(found.values, again.values)


def test_smoothgrad_is_captums_noise_tunnel(quadratic: core.Classifier) -> None:
    """Both draw their noise alike; ours from a generator of its own, Captum's from torch's global one."""
    frame = random_frame()
    inputs = inputs_of(quadratic, frame)
    spread = 0.15 * float(inputs.max() - inputs.min())
    torch.manual_seed(0)
    expected = NoiseTunnel(Saliency(quadratic.module)).attribute(
        inputs.requires_grad_(), nt_type="smoothgrad", nt_samples=25, stdevs=spread, abs=False, target=1
    )
    found = core.explain(quadratic, frame, 1, "smoothgrad").values
    np.testing.assert_allclose(found, expected[0].numpy(), rtol=1e-3, atol=1e-5)


def test_input_x_gradient_of_an_affine_model_sums_to_the_logit_less_its_bias(affine: core.Classifier) -> None:
    for target, bias in enumerate((1.0, -2.0, 0.5)):
        found = core.explain(affine, random_frame(), target, "input_x_gradient")
        logit = float(found.prediction.logits[target])
        assert float(found.values.sum()) == pytest.approx(logit - bias, abs=1e-3)


@pytest.mark.parametrize("baseline", core.FILLS)
def test_integrated_gradients_of_squares_are_known(quadratic: core.Classifier, baseline: Fill) -> None:
    """Of w x^2, from b to x, each value is w (x^2 - b^2)."""
    frame = random_frame()
    paint = fill_pixels(frame, baseline, 0)
    end, start = (normalise(pixels[None], quadratic.preset)[0] for pixels in (frame.pixels, paint))
    expected = random_weights()[2] * (end.square() - start.square())
    found = core.explain(quadratic, frame, 2, "integrated_gradients", core.Options(baseline=baseline))
    np.testing.assert_allclose(found.values, expected.numpy(), rtol=1e-3, atol=1e-4)
    assert "They agree, as they should." in found.note
    assert found.detail == f"from {baseline}"


def test_integrated_gradients_are_complete(classifier: core.Classifier, koala: core.Frame) -> None:
    found = core.explain(classifier, koala, None, "integrated_gradients")
    blank = core.classify(classifier, core.hide(koala, core.Region(0, 0, 224, 224), "grey"))
    difference = float(found.prediction.logits[found.target] - blank.logits[found.target])
    assert float(found.values.sum()) == pytest.approx(difference, rel=COMPLETE)
    assert "They agree" in found.note


def test_what_is_not_complete_is_told() -> None:
    assert tell_completeness(4.0, 10.0, "black").endswith("do not: read this map with care.")
    assert "sum to 9.90; from black to the photo, the score changes by 10.00" in tell_completeness(9.9, 10.0, "black")
    assert "do not" in tell_completeness(0.5, 0.0, "black")


def _by_hooks(module: nn.Module, layer: str, inputs: torch.Tensor, target: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Activations and gradients of a layer, kept by plain hooks on the stock module."""
    kept: dict[str, torch.Tensor] = {}

    def keep(_layer: nn.Module, _inputs: object, output: torch.Tensor) -> None:
        kept["activations"] = output
        output.retain_grad()

    handle = module.get_submodule(layer).register_forward_hook(keep)
    with torch.enable_grad():
        module(inputs.clone().requires_grad_())[0, target].backward()
    handle.remove()
    gradient = kept["activations"].grad
    assert gradient is not None
    return kept["activations"].detach()[0], gradient[0]


def _enlarged(coarse: torch.Tensor, side: int) -> NDArray[np.float32]:
    enlarged: NDArray[np.float32] = interpolate(coarse[None, None], (side, side), mode="bilinear")[0, 0].numpy()
    return enlarged


def test_class_activation_maps_equal_a_computation_by_hooks(classifier: core.Classifier, koala: core.Frame) -> None:
    inputs = inputs_of(classifier, koala)
    for layer in ("_swish", "_blocks.10"):
        activations, gradients = _by_hooks(classifier.module, layer, inputs, 105)
        weights = gradients.flatten(1).mean(1)
        by_channel = torch.einsum("c,chw->hw", weights, activations).clamp(min=0)
        by_place = (gradients.clamp(min=0) * activations).sum(0).clamp(min=0)
        options = core.Options(layer=layer)
        for method, coarse in (("grad_cam", by_channel), ("layer_cam", by_place)):
            found = core.explain(classifier, koala, 105, method, options)
            expected = _enlarged(coarse, koala.side)
            np.testing.assert_allclose(found.values[0], expected, atol=0.01 * float(expected.max()))
            assert layer in found.detail


def test_grad_cam_is_captums(shapes: core.Classifier) -> None:
    frame = random_frame(shapes.preset.crop)
    assert shapes.engine.layers().last == "layer4"
    cam = LayerGradCam(shapes.module, shapes.module.get_submodule("layer4"))
    coarse = cam.attribute(inputs_of(shapes, frame).requires_grad_(), 1, relu_attributions=True)
    expected = _enlarged(coarse.detach()[0, 0], frame.side)
    found = core.explain(shapes, frame, 1, "grad_cam").values[0]
    np.testing.assert_allclose(found, expected, atol=0.01 * float(expected.max()))


def _transformer(pool: str) -> nn.Module:
    torch.manual_seed(0)
    module: nn.Module
    if pool == "token":
        module = torchvision.models.VisionTransformer(32, 8, 2, 2, 16, 32, num_classes=3)
        nn.init.normal_(module.get_submodule("heads.head").get_parameter("weight"))  # zeros have no gradient
    else:
        module = torchvision.models.SwinTransformer([4, 4], 8, [1, 1], [1, 2], [2, 2], num_classes=3)
    return module


@pytest.mark.parametrize(("pool", "last"), [("token", "encoder.layers.encoder_layer_1.ln_1"), ("mean", "permute")])
def test_transformers_have_a_layer_with_places(pool: str, last: str) -> None:
    """A class token's last layers change at no place; Swin's channels lie last until they are permuted."""
    classifier = small_classifier(_transformer(pool), 32, 3)
    assert classifier.engine.layers().last == last
    for method in ("grad_cam", "layer_cam"):
        found = core.explain(classifier, random_frame(32), 1, method)
        assert found.values.any()
        assert f"{last}, 4 x 4 places" in found.detail


def test_tokens_lie_row_by_row() -> None:
    rows = torch.arange(9.0).view(1, 9, 1)
    expected = torch.arange(9.0).view(1, 3, 3)
    for extra in range(3):
        tokens = torch.cat([torch.full((1, extra, 1), -1.0), rows], 1)
        found = by_places(tokens)
        assert found is not None
        torch.testing.assert_close(found, expected)
    assert by_places(torch.zeros(1, 512)) is None
    assert by_places(torch.zeros(1, 512, 1, 1)) is None
    channels_last = by_places(torch.zeros(1, 4, 4, 8))
    assert channels_last is not None
    assert channels_last.shape == (8, 4, 4)


def test_without_places_there_is_no_class_activation_map(affine: core.Classifier, classifier: core.Classifier) -> None:
    assert layers(affine) == ()
    with pytest.raises(core.RequestError, match="has no layer whose output has places on the photo"):
        core.explain(affine, random_frame(), 0, "grad_cam")
    with pytest.raises(core.RequestError, match=r"no layer called 'fc'.* Its last one is _swish"):
        core.explain(classifier, random_frame(224), 0, "grad_cam", core.Options(layer="fc"))


def _captums_occlusion(classifier: core.Classifier, frame: core.Frame, target: int, fill: Fill) -> NDArray[np.float32]:
    first = occlusion_windows(frame.side)[0]
    with torch.no_grad():
        values = Occlusion(classifier.module).attribute(
            inputs_of(classifier, frame),
            (3, first.height, first.width),
            (3, first.height // 2, first.width // 2),
            normalise(fill_pixels(frame, fill, 0)[None], classifier.preset),
            target,
            perturbations_per_eval=16,
        )
    found: NDArray[np.float32] = values[0, 0].numpy()
    return found


@pytest.mark.parametrize("side", [16, 23])
@pytest.mark.parametrize("fill", core.FILLS)
def test_occlusion_is_captums(side: int, fill: Fill) -> None:
    weights = torch.randn(3, 3, side, side, generator=torch.Generator().manual_seed(4))
    classifier, frame = small_classifier(Quadratic(weights), side, 3), random_frame(side)
    found = core.explain(classifier, frame, 1, "occlusion", core.Options(baseline=fill)).values[0]
    np.testing.assert_allclose(found, _captums_occlusion(classifier, frame, 1, fill), rtol=1e-3, atol=1e-3)


def test_occlusion_of_a_real_model_is_captums(classifier: core.Classifier, koala: core.Frame) -> None:
    found = core.explain(classifier, koala, 105, "occlusion", core.Options(baseline="black")).values[0]
    expected = _captums_occlusion(classifier, koala, 105, "black")
    np.testing.assert_allclose(found, expected, atol=0.01 * float(np.abs(expected).max()))


def test_rise_of_an_affine_model_is_unbiased(affine: core.Classifier) -> None:
    """With a cell for each pixel, the mean over many masks lies about the pixel's own part of the score."""
    frame = random_frame()
    part = random_weights()[0] * (
        inputs_of(affine, frame)[0] - normalise(fill_pixels(frame, "grey")[None], affine.preset)[0]
    )
    expected = part.sum(0).numpy()
    *_, found = explain_by_rise(affine, frame, 0, core.Options(seed=3), masks=4000, cells=SIDE)
    errors = found.values[0] - expected
    # A pixel's estimate carries the noise of all other pixels' parts: the sum of their squares, over the masks.
    noise = np.sqrt((np.square(expected).sum() - np.square(expected)) / 4000)
    assert np.sqrt(np.square(errors / noise).mean()) == pytest.approx(1, abs=0.15)
    assert abs((errors / noise).mean()) < 4 / SIDE
    assert np.corrcoef(found.values.ravel(), expected.ravel())[0, 1] > 0.9


def test_masks_show_half_of_every_pixel() -> None:
    masks = random_masks(2000, 30, 7, torch.Generator().manual_seed(1))
    assert masks.shape == (2000, 30, 30)
    assert masks.min() >= 0
    assert masks.max() <= 1 + 1e-6
    assert np.abs(masks.mean(0) - 0.5).max() < 0.05


@pytest.mark.parametrize("method", ["smoothgrad", "occlusion", "rise"])
def test_a_long_method_tells_what_there_is_so_far(affine: core.Classifier, method: str) -> None:
    stages = list(core.explanation_stages(affine, random_frame(), 1, method))
    shares = [stage.share for stage in stages]
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert re.search(r"\d of \d", stages[0].detail)
    assert not re.search(r"\d of \d", stages[-1].detail)
    assert all(stage.values.any() for stage in stages[1:])


def test_guided_backprop_is_captums(shapes: core.Classifier) -> None:
    frame = random_frame(shapes.preset.crop)
    module = _not_in_place(shapes.module)
    with pytest.warns(UserWarning, match="Setting backward hooks"):
        expected = GuidedBackprop(module).attribute(inputs_of(shapes, frame).requires_grad_(), 1)[0].numpy()
    found = core.explain(shapes, frame, 1, "guided_backprop").values
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-6)
    assert not np.allclose(found, core.explain(shapes, frame, 1).values)


def _not_in_place(module: nn.Module) -> nn.Module:
    """A copy whose ReLUs are not in place."""
    copied = copy.deepcopy(module)
    for layer in copied.modules():
        if isinstance(layer, nn.ReLU):
            layer.inplace = False
    return copied


def test_guided_backprop_knows_relu6_and_leaves_the_model_alone(classifier: core.Classifier, koala: core.Frame) -> None:
    before = core.explain(classifier, koala)
    found = core.explain(classifier, koala, None, "guided_backprop")
    assert not np.allclose(found.values, before.values)
    assert any(isinstance(layer, nn.ReLU6) for layer in classifier.module.modules())
    np.testing.assert_array_equal(core.explain(classifier, koala).values, before.values)
    np.testing.assert_allclose(found.prediction.logits, before.prediction.logits, atol=1e-3)


def test_guided_backprop_needs_relus(affine: core.Classifier) -> None:
    with pytest.raises(core.RequestError, match="has no ReLU layers"):
        core.explain(affine, random_frame(), 0, "guided_backprop")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"copies": 0}, "number of copies must be a whole number from 1"),
        ({"copies": 2.5}, "number of copies must be a whole number"),
        ({"noise": -0.1}, "noise must be between 0 and 1"),
        ({"baseline": "pink"}, "no baseline called 'pink'"),
        ({"seed": -1}, "seed"),
    ],
)
def test_impossible_options_are_refused(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(core.RequestError, match=told):
        core.Options(**wrong)  # type: ignore[arg-type]
