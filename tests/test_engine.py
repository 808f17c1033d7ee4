"""The engine gives the stock module's answers, whatever of its fast ways works, on the device asked for."""

import copy
import logging
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import saliency_core as core
from saliency_core.engine.device import VARIABLE, choose_device
from saliency_core.engine.engine import Engine, Forward
from saliency_core.engine.folding import fold
from saliency_core.engine.inputs import normalise
from saliency_core.engine.packing import PackedConvolution
from saliency_core.engine.prepared import prepare
from saliency_core.models.vision import resnet50
from saliency_core.photos.frame import Box
from tests.conftest import small_classifier

OpenSample = Callable[[str], core.Photo]
SAMPLE = Path(__file__).parents[2] / "shared" / "imagenet-sample"
CPU = torch.device("cpu")
MAP_TOLERANCE = 0.02
"""Root mean square difference of two gradients, as a share of their own. Rounding flips single
activations that lie on the kink of a ReLU, and the pixels that they see change with them."""


def _trained(module: nn.Module) -> nn.Module:
    """Normalisations with statistics as if the module had been trained, so that folding has work to do."""
    generator = torch.Generator().manual_seed(3)
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean = torch.randn(layer.num_features, generator=generator) * 0.1
            layer.running_var = torch.rand(layer.num_features, generator=generator) + 0.5
    return module.eval().requires_grad_(False)


def _random_frame(side: int) -> core.Frame:
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    return core.Frame(pixels, Box(0, 0, side, side), (side, side))


@pytest.fixture
def resnet() -> core.Classifier:
    """A small ResNet50 of seeded weights."""
    torch.manual_seed(0)
    return small_classifier(_trained(resnet50()), 96, 1000)


def _stock_answers(classifier: core.Classifier, frame: core.Frame, target: int) -> tuple[np.ndarray, np.ndarray]:
    """Logits and gradient of the stock module, by torch alone."""
    inputs = normalise(frame.pixels[None], classifier.preset).requires_grad_()
    logits = classifier.module(inputs)
    (gradient,) = torch.autograd.grad(logits[0, target], inputs)
    return logits[0].detach().numpy(), gradient[0].numpy()


def _agree(classifier: core.Classifier, frame: core.Frame) -> tuple[float, float]:
    """Checks predictions; returns how far the maps lie apart: root mean square, and the worst pixel's share of the
    map's maximum."""
    explanation = core.explain(classifier, frame)
    logits, gradient = _stock_answers(classifier, frame, explanation.target)
    np.testing.assert_allclose(explanation.prediction.logits, logits, atol=1e-4 * float(np.abs(logits).max()))
    assert [guess.index for guess in explanation.prediction.top(5)] == np.argsort(-logits, kind="stable")[:5].tolist()
    difference = explanation.values - gradient
    maps = [np.abs(values).max(axis=0) for values in (explanation.values, gradient)]
    worst = float(np.abs(maps[0] - maps[1]).max() / maps[1].max())
    return float(np.sqrt(np.mean(difference**2) / np.mean(gradient**2))), worst


def test_the_offline_model_answers_as_the_stock_one(
    classifier: core.Classifier, sample_photo: OpenSample, manifest: dict[str, Any]
) -> None:
    apart = [_agree(classifier, core.frame_photo(sample_photo(name), classifier)) for name in manifest]
    print(f"\nmaps of {len(apart)} photos: {max(rms for rms, _ in apart):.4f} RMS, worst pixel {max(apart)[1]:.3f}")
    assert max(rms for rms, _ in apart) <= MAP_TOLERANCE


@pytest.mark.slow
@pytest.mark.skipif(not SAMPLE.is_dir(), reason="the larger sample of photos is not beside the project")
def test_the_offline_model_answers_as_the_stock_one_on_more_photos(classifier: core.Classifier) -> None:
    """What docs/performance.md says of how far maps lie apart. A single pixel may lie anywhere, as its gradient jumps
    where an activation flips; so it does between single and double precision of the stock module."""
    paths = sorted(SAMPLE.glob("*.jpg"))[::12]
    photos = [core.decode_photo(path.read_bytes()) for path in paths]
    apart = [_agree(classifier, core.frame_photo(photo, classifier)) for photo in photos]
    worst, largest = [share for _, share in apart], max(rms for rms, _ in apart)
    print(f"\n{len(apart)} maps: {largest:.3f} RMS, worst pixel {np.median(worst):.3f} (median) to {max(worst):.3f}")
    assert len(apart) >= 20
    assert largest <= 0.03
    assert np.median(worst) <= 0.01


def test_resnet50_answers_as_the_stock_one(resnet: core.Classifier) -> None:
    rms, _ = _agree(resnet, _random_frame(96))
    assert rms <= MAP_TOLERANCE
    layers = list(resnet.engine.prepared.module.modules())
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in layers)


def test_the_stock_module_is_left_as_it_was() -> None:
    torch.manual_seed(0)
    module = _trained(resnet50())
    layers, state = [type(layer) for layer in module.modules()], copy.deepcopy(module.state_dict())
    classifier = small_classifier(module, 64, 1000)
    core.explain(classifier, _random_frame(64))
    assert classifier.module is module
    assert [type(layer) for layer in module.modules()] == layers
    for name, value in module.state_dict().items():
        assert torch.equal(value, state[name]), name


def test_hooks_on_the_stock_module_do_not_meet_the_engine(resnet: core.Classifier) -> None:
    seen: list[nn.Module] = []
    handle = resnet.module.register_forward_hook(lambda module, _inputs, _output: seen.append(module))
    core.classify(resnet, _random_frame(96))
    assert not seen
    handle.remove()


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

    module = Twice().eval().requires_grad_(False)
    inputs = torch.randn(1, 3, 8, 8)
    with torch.no_grad():
        expected = module(inputs)
        folded = copy.deepcopy(module)
        fold(folded, 8)
        torch.testing.assert_close(folded(inputs), expected)


def test_explain_is_classify_and_the_gradient(classifier: core.Classifier, sample_photo: OpenSample) -> None:
    frame = core.frame_photo(sample_photo("koala"), classifier)
    explanation = core.explain(classifier, frame)
    assert explanation.target == core.classify(classifier, frame).top(1)[0].index
    np.testing.assert_allclose(explanation.prediction.logits, core.classify(classifier, frame).logits, atol=1e-4)
    again = core.explain(classifier, frame, explanation.target).values
    np.testing.assert_allclose(explanation.values, again, atol=1e-6)


def _raise(*_: object, **__: object) -> torch.Tensor:
    raise RuntimeError("no such operator")


def _return_zeros(inputs: torch.Tensor, weight: torch.Tensor, *_: object) -> torch.Tensor:
    return torch.zeros(len(inputs), weight.shape[0], *inputs.shape[2:])


OPERATORS = ("_convolution_pointwise", "_convolution_transpose_pointwise", "_reorder_convolution_transpose_weight")


@pytest.mark.parametrize("way", [_raise, _return_zeros], ids=["raise", "answer otherwise"])
@pytest.mark.parametrize("operator", OPERATORS)
def test_without_torchs_private_operators_answers_are_the_same_and_the_log_says_so(
    resnet: core.Classifier,
    operator: str,
    way: Callable[..., torch.Tensor],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    frame, regions = _random_frame(96), [core.Region(10, 20, 30, 40)]
    if not any(isinstance(layer, PackedConvolution) for layer in resnet.engine.prepared.module.modules()):
        pytest.skip("convolutions are not packed on this processor")
    expected = core.run_experiment(resnet, frame, regions, n_controls=20)
    monkeypatch.setattr(torch.ops.mkldnn, operator, way)
    with caplog.at_level(logging.WARNING, "saliency_core"):
        plain = replace(resnet)
    assert len(caplog.records) == 1
    assert "without packed convolutions" in caplog.text
    assert not any(isinstance(layer, PackedConvolution) for layer in plain.engine.prepared.module.modules())
    found = core.run_experiment(plain, frame, regions, n_controls=20)
    assert _agree(plain, frame)[0] <= MAP_TOLERANCE
    np.testing.assert_allclose(found.controls.hidden, expected.controls.hidden, atol=1e-5)
    assert found.verdict.claim is expected.verdict.claim


def test_a_torch_without_the_private_names_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(torch._C._nn, "mkldnn_reorder_conv2d_weight")
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    plain = small_classifier(module, 16, 4)
    _agree(plain, _random_frame(16))


def test_a_model_whose_steps_cannot_be_read_is_given_whole_frames() -> None:
    class Depends(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.convolution = nn.Conv2d(3, 3, 3)

        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            outputs: torch.Tensor = self.convolution(inputs)
            return (outputs if float(outputs.sum()) > 0 else -outputs).mean(dim=(2, 3))

    classifier = small_classifier(Depends(), 24, 3)
    assert classifier.engine.prepared.plan is None
    frame = _random_frame(24)
    experiment = core.run_experiment(classifier, frame, [core.Region(2, 2, 8, 8)], n_controls=10)
    for placement, probability in zip(experiment.placements, experiment.controls.hidden, strict=True):
        alone = core.classify(classifier, core.hide(frame, placement))
        assert alone.probabilities[experiment.target] == pytest.approx(float(probability), abs=1e-5)


def test_a_model_that_cannot_be_tried_beforehand_is_run_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    class Picky(nn.Module):
        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            if len(inputs) > 1:
                raise ValueError("one at a time")
            return inputs.mean(dim=(2, 3))

    with caplog.at_level(logging.WARNING, "saliency_core"):
        prepared = prepare(Picky().eval(), 8, CPU)
    assert prepared.plan is None
    assert "run as it is" in caplog.text


class TestDevices:
    def test_auto_takes_the_first_that_is_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv(VARIABLE, raising=False)
        monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
        assert choose_device() == torch.device("cpu")
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
        assert choose_device() == torch.device("mps")
        monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
        assert choose_device() == torch.device("cuda")
        assert choose_device("cuda:1") == torch.device("cuda:1")
        with pytest.raises(core.RequestError, match="no device 'cuda:2'"):
            choose_device("cuda:2")

    def test_the_variable_is_asked_where_no_argument_is_given(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(VARIABLE, "cpu")
        monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
        assert choose_device() == torch.device("cpu")
        assert choose_device("cuda") == torch.device("cuda")
        monkeypatch.setenv(VARIABLE, "")
        assert choose_device() == torch.device("cuda")

    @pytest.mark.parametrize("name", ["gpu", "cuda:x", "tpu", "meta", "cpu:1", "", 3, None, ["cpu"]])
    def test_a_wrong_device_is_refused_in_a_sentence(self, name: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
        with pytest.raises(core.RequestError, match=r"Use auto"):
            choose_device(name)

    def test_a_wrong_variable_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(VARIABLE, "gpu")
        with pytest.raises(core.RequestError, match=f"'gpu'.*Set {VARIABLE} to auto"):
            core.load_classifier("efficientnet_lite0")
        assert core.load_classifier("efficientnet_lite0", device="cpu").engine.device == CPU

    def test_on_another_device_a_plain_copy_is_run(self) -> None:
        """The only device here is the CPU, so that way is taken by hand."""
        torch.manual_seed(0)
        module = _trained(resnet50())
        prepared = prepare(module, 64, torch.device("meta"))
        assert prepared.plan is None
        assert any(isinstance(layer, nn.BatchNorm2d) for layer in prepared.module.modules())
        assert {parameter.device.type for parameter in prepared.module.parameters()} == {"meta"}
        assert {parameter.device.type for parameter in module.parameters()} == {"cpu"}


class Hungry(nn.Module):
    """A linear model that fits the CPU's memory alone."""

    def __init__(self, limit: int = 10**9) -> None:
        super().__init__()
        self.limit = limit
        self.weights = nn.Parameter(torch.randn(3, 3, 8, 8, generator=torch.Generator().manual_seed(0)))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """f32 [n, 3, 8, 8] -> f32 [n, 3]."""
        if inputs.device.type != "cpu" or len(inputs) > self.limit:
            raise torch.OutOfMemoryError("out of memory")
        return torch.einsum("nchw,kchw->nk", inputs, self.weights)


def test_where_a_devices_memory_runs_out_the_cpu_answers(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    preset = core.MODELS["resnet50"].preset
    plain = Engine(Hungry(), replace(preset, crop=8), "cpu")
    # The only other device here is torch's "meta", for which it knows no autocast.
    monkeypatch.setattr("saliency_core.engine.engine.choose_device", lambda _: torch.device("meta"))
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: nullcontext())
    frame = _random_frame(8).pixels
    placements = [(core.Region(0, 0, 5, 5),), (core.Region(1, 2, 3, 4),)]

    def attribute(forward: Forward, inputs: torch.Tensor) -> torch.Tensor:
        (gradient,) = torch.autograd.grad(forward(inputs).sum(), inputs)
        return gradient

    asked: list[Callable[[Engine], Any]] = [
        lambda engine: engine.logits(frame[None]),
        lambda engine: engine.attribute(frame, None, attribute)[1],
        lambda engine: engine.hide_in(frame).logits(np.zeros_like(frame), placements),
    ]
    for ask in asked:
        caplog.clear()
        engine = Engine(Hungry(), replace(preset, crop=8))
        assert (engine.device.type, engine.left) == ("meta", None)
        with caplog.at_level(logging.WARNING, "saliency_core"):
            np.testing.assert_allclose(ask(engine), ask(plain), rtol=1e-4, atol=1e-4)
        assert (engine.device, engine.left) == (CPU, torch.device("meta"))
        assert "The memory of meta ran out" in caplog.text


def test_where_the_cpus_memory_runs_out_a_sentence_says_so() -> None:
    engine = Engine(Hungry(limit=3), replace(core.MODELS["resnet50"].preset, crop=8), "cpu")
    frame = _random_frame(8).pixels
    engine.logits(np.stack([frame] * 3))
    with pytest.raises(core.SaliencyError, match="too little memory"):
        engine.logits(np.stack([frame] * 4))
    assert engine.device == CPU


def test_answers_come_back_as_numpy_on_the_host(resnet: core.Classifier) -> None:
    engine: Engine = resnet.engine
    frame = _random_frame(96).pixels
    logits = engine.logits(np.stack([frame, frame]))
    placements = [(core.Region(0, 0, 5, 5),), (core.Region(90, 3, 6, 9),)]
    for answer in (logits, engine.hide_in(frame).logits(np.zeros_like(frame), placements)):
        assert answer.shape == (2, 1000)
        assert answer.dtype == np.float32
