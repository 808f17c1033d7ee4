"""Whether a map can be believed: known answers on constructed models, then the real one."""

import pickle
from collections.abc import Callable, Hashable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.ndimage import correlate, gaussian_filter
from scipy.stats import spearmanr
from torch import nn

import saliency_core as core
from saliency_core.evidence.classes import ClassEvidence, class_stages
from saliency_core.evidence.controls import (
    Control,
    centred_gaussian,
    make_controls,
    other_maps,
    smoothed_noise,
    sobel_edges,
)
from saliency_core.evidence.curves import Remover, ranking, removal_curve, removed
from saliency_core.evidence.filmstrip import Filmstrip, filmstrip_stages
from saliency_core.evidence.randomise import STAGES, cascade, find_parts, shuffled
from saliency_core.evidence.remaking import add_noise, remake
from saliency_core.evidence.removal import RemovalEvidence, removal_stages
from saliency_core.evidence.road import SHARES, Road, impute, road_stages
from saliency_core.evidence.similarity import entropy, relative_rise, similarity, spearman, ssim
from saliency_core.evidence.steadiness import Steadiness, move, steadiness_stages
from saliency_core.evidence.untrained import Untrained, compare_untrained
from saliency_core.methods.gradient import differentiate
from saliency_core.methods.smoothing import SaliencyMap
from saliency_core.photos.frame import Box
from tests.conftest import PHOTOS, Linear, small_classifier

SIDE = 16
PATCH = np.s_[2:6, 9:13]


def make_frame(seed: int = 0, bright: bool = False, side: int = SIDE) -> core.Frame:
    """A frame of dark noise, or with a bright patch in it."""
    pixels = np.random.default_rng(seed).integers(0, 60, (side, side, 3), dtype=np.uint8)
    if bright:
        pixels[PATCH] = 240
    return core.Frame(pixels, Box(0, 0, side, side), (side, side))


def noise(seed: int, side: int = SIDE) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((side, side), np.float32)


def last(stages: Any) -> Any:
    *_, whole = stages
    return whole


@pytest.fixture(scope="module")
def reader() -> core.Classifier:
    """A model that reads one patch: the first class's score is its brightness, the second's is always 0."""
    weights = torch.zeros(2, 3, SIDE, SIDE)
    weights[(0, slice(None), *PATCH)] = 4 / 48
    return small_classifier(Linear(weights), SIDE, 2)


class Normalised(nn.Module):
    """A small network with batch normalisations, and with values far from those they were made for."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.below = nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU())
        self.above = nn.Sequential(nn.Conv2d(6, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU())
        self.last = nn.Linear(8, 4)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.add_(torch.randn(parameter.shape) * 0.3)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """f32 [n, 3, side, side] -> f32 [n, 4]."""
        scores: torch.Tensor = self.last(self.above(self.below(inputs)).mean((2, 3)))
        return scores


@pytest.fixture(scope="module")
def normalised() -> core.Classifier:
    return small_classifier(Normalised(), SIDE, 4)


CALIBRATION = [make_frame(seed, bright=True) for seed in range(20, 26)]


# Curves


def test_a_map_of_what_the_model_reads_gains_most_and_its_reverse_least(reader: core.Classifier) -> None:
    frame = make_frame(bright=True)
    patch = np.zeros((SIDE, SIDE), np.float32)
    patch[PATCH] = 1
    others = [noise(seed) for seed in range(30, 34)]
    controls = make_controls(frame, 1, others)
    tried = {"patch": patch, "reverse": -patch} | {f"random {seed}": noise(seed) for seed in range(4)}
    evidence = last(removal_stages(reader, frame, 0, tried, dict.fromkeys(tried, controls)))
    gains = {name: evidence.srg(name) for name in tried}
    every = [*gains.values(), *evidence.control_srgs("patch")]
    assert gains["patch"] == max(every)
    assert every.count(gains["patch"]) == 1
    assert gains["reverse"] == min(every) == -gains["patch"]
    assert every.count(gains["reverse"]) == 1
    assert gains["patch"] > 0.4
    beaten = evidence.beats("patch")
    assert (beaten.count, beaten.of, beaten.fills) == (10, 10, core.FILLS)
    assert (evidence.beats("reverse").count, evidence.beats("reverse").fills) == (0, ())


@pytest.mark.parametrize("fill", core.FILLS)
def test_a_map_of_one_value_gains_exactly_nothing(linear: core.Classifier, fill: Any) -> None:
    flat = ranking(np.full((16, 16), 0.3, np.float32))
    curves = removal_curve(linear, make_frame(), flat, fill, 1)
    assert curves.srg == 0.0
    assert np.array_equal(curves.most_first, curves.least_first)
    assert np.ptp(curves.most_first) > 0


def test_pixels_are_ranked_by_value_and_those_of_one_value_at_random_but_alike_both_ways() -> None:
    values = np.array([[0, 5, 0], [-3, 0, 0], [2, 0, 0]], np.float32)
    ranked = ranking(values, seed=1)
    assert ranked.most_first[:2].tolist() == [1, 6]
    assert ranked.most_first[-1] == 3
    assert ranked.least_first[0] == 3
    assert ranked.least_first[-2:].tolist() == [6, 1]
    assert ranked.most_first[2:-1].tolist() == ranked.least_first[1:-2].tolist()
    assert sorted(ranked.most_first.tolist()) == list(range(9))
    assert ranked.most_first.dtype == np.int64
    assert any(ranking(values, seed).most_first.tolist() != ranked.most_first.tolist() for seed in range(2, 6))
    for wrong in (np.zeros((2, 3), np.float32), np.full((2, 2), np.nan, np.float32)):
        with pytest.raises(core.RequestError, match="square map of finite values"):
            ranking(wrong)


def test_a_share_of_the_pixels_is_removed_in_the_rankings_order() -> None:
    frame, values = make_frame(bright=True), np.arange(256, dtype=np.float32).reshape(16, 16)
    ranked = ranking(values)
    top, low = (removed(frame, ranked, 0.25, "grey", most_first=most) for most in (True, False))
    assert (top.pixels[12:] == 128).all()
    assert np.array_equal(top.pixels[:12], frame.pixels[:12])
    assert (low.pixels[:4] == 128).all()
    assert np.array_equal(low.pixels[4:], frame.pixels[4:])
    assert np.array_equal(removed(frame, ranked, 0, "black").pixels, frame.pixels)
    assert not removed(frame, ranked, 1, "black").pixels.any()
    with pytest.raises(core.RequestError, match="between 0 and 1"):
        removed(frame, ranked, 1.2, "black")
    with pytest.raises(core.RequestError, match="9 pixels"):
        removed(frame, ranking(values[:3, :3]), 0.5, "black")


@pytest.mark.parametrize("steps", [2, 14, 40])
def test_curves_are_the_models_answers_to_the_frames_at_each_step(linear: core.Classifier, steps: int) -> None:
    frame, ranked = make_frame(), ranking(noise(1))
    curves = removal_curve(linear, frame, ranked, "noise", 2, steps, seed=5)
    assert np.allclose(curves.shares, np.arange(steps + 1) / steps)
    for found, most_first in ((curves.most_first, True), (curves.least_first, False)):
        frames = [removed(frame, ranked, share, "noise", most_first, 5) for share in curves.shares.tolist()]
        expected = [core.classify(linear, each).probabilities[2] for each in frames]
        assert np.allclose(found, expected, atol=1e-6)
    assert curves.most_area == pytest.approx(
        sum((a + b) / 2 for a, b in zip(curves.most_first, curves.most_first[1:], strict=False)) / steps
    )
    assert curves.srg == curves.least_area - curves.most_area


def test_both_ends_are_asked_about_once_for_all_rankings(linear: core.Classifier) -> None:
    asked: list[Hashable] = []

    def ask(step: Hashable, make: Callable[[], Any]) -> Any:
        asked.append(step)
        return make()

    remover = Remover(linear, make_frame(), 0, "black", ask=ask)
    curves = [remover.curves(ranking(noise(seed)), name=seed) for seed in range(3)]
    assert len(asked) == 1 + 3 * 2
    assert len(set(asked)) == len(asked)
    assert len({each.most_first[0] for each in curves}) == len({each.least_first[-1] for each in curves}) == 1


# Beside controls


def test_removal_goes_step_by_step_and_a_caller_may_keep_what_is_done(linear: core.Classifier) -> None:
    frame, kept = make_frame(), {}
    made: list[Hashable] = []

    def ask(step: Hashable, make: Callable[[], Any]) -> Any:
        if step not in kept:
            made.append(step)
            kept[step] = make()
        return kept[step]

    shared = Control("shared", "noise", noise(9))
    maps = {"one": noise(1), "two": noise(2)}
    controls = {"one": [shared, Control("own", "noise", noise(3))], "two": [shared]}
    stages = list(removal_stages(linear, frame, 0, maps, controls, ("black", "blur"), ask=ask))
    shares = [stage.share for stage in stages]
    assert shares == sorted(set(shares))
    assert shares[-1] == 1
    assert len(stages) == 4 * 2 * 2  # different maps, fills, batches
    assert np.isnan(stages[0].srg("one"))
    whole = stages[-1]
    assert [each.control.key for each in whole.controls["one"]] == ["shared", "own"]
    assert len(made) == 4 * 2 * 2 + 2
    again = last(removal_stages(linear, frame, 0, maps, controls, ("black", "blur"), ask=ask))
    assert len(made) == 4 * 2 * 2 + 2
    assert again.srg("one") == whole.srg("one")
    band = whole.band("one", "blur")
    curves = [each.curves["blur"] for each in whole.controls["one"]]
    assert np.array_equal(band[0, 1], np.minimum(curves[0].least_first, curves[1].least_first))
    assert np.array_equal(band[1, 0], np.maximum(curves[0].most_first, curves[1].most_first))


def test_a_map_does_not_beat_its_equal(linear: core.Classifier) -> None:
    own = noise(1)
    controls = [Control("same", "noise", own.copy())]
    evidence = last(removal_stages(linear, make_frame(), 0, {"own": own}, {"own": controls}))
    beaten = evidence.beats("own")
    assert (beaten.count, beaten.of, beaten.fills, beaten.all) == (0, 1, (), False)


def test_controls_know_nothing_and_are_as_smooth_as_the_map() -> None:
    frame, others = make_frame(bright=True), [noise(5), noise(6)]
    controls = make_controls(frame, 2.0, others, noises=3, seed=7)
    assert [control.key for control in controls] == [
        "centre",
        "edges",
        "noise 1",
        "noise 2",
        "noise 3",
        "other 1",
        "other 2",
    ]
    by_key = {control.key: control.values for control in controls}
    assert all(values.dtype == np.float32 and values.shape == (16, 16) for values in by_key.values())
    assert np.array_equal(by_key["other 2"], gaussian_filter(others[1], 2.0))
    assert np.array_equal(by_key["edges"], gaussian_filter(sobel_edges(frame), 2.0))
    assert np.array_equal(by_key["noise 2"], smoothed_noise(16, 8, 2.0))
    assert [values is by_key[key] for key, values in zip(["other 1", "other 2"], other_maps(controls), strict=True)]
    assert np.array_equal(make_controls(frame, 0, others)[-1].values, others[1])
    with pytest.raises(core.RequestError, match="16 x 16"):
        make_controls(frame, 2, [noise(1, 8)])


def test_the_centred_gaussian_is_a_quarter_of_the_side_wide() -> None:
    values = centred_gaussian(224)
    assert np.array_equal(values, values[::-1])
    assert np.array_equal(values, values.T)
    assert values[111, 111] == values.max()
    middle = values[112] / values[112].max()
    assert np.interp(56, np.arange(112) + 0.5, middle[112:]) == pytest.approx(np.exp(-0.5), abs=1e-3)


def test_edges_are_where_brightness_changes() -> None:
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:, 4:] = 200
    edges = sobel_edges(core.Frame(pixels, Box(0, 0, 8, 8), (8, 8)))
    assert edges[:, 3:5] == pytest.approx(800, rel=1e-5)
    assert not edges[:, :3].any()
    assert not edges[:, 5:].any()


# Shuffled weights


def test_shuffling_keeps_the_weights_sizes_and_leaves_the_original_alone(normalised: core.Classifier) -> None:
    before = {name: values.clone() for name, values in normalised.module.state_dict().items()}
    other = shuffled(normalised, CALIBRATION, seed=4)
    for name, values in normalised.module.state_dict().items():
        assert torch.equal(values, before[name])
    originals = dict(normalised.module.named_parameters())
    for name, parameter in other.module.named_parameters():
        assert torch.equal(parameter.flatten().sort().values, originals[name].flatten().sort().values)
        assert parameter.numel() < 2 or not torch.equal(parameter, originals[name])
        assert not parameter.requires_grad
    assert other.weights.sha256 != normalised.weights.sha256
    assert other.name not in core.MODELS
    assert other.name != normalised.name
    again, third = shuffled(normalised, CALIBRATION, seed=4), shuffled(normalised, CALIBRATION, seed=5)
    assert again.weights == other.weights != third.weights
    frame = make_frame(3)
    answers = [core.classify(each, frame).logits for each in (other, again, third)]
    assert np.array_equal(answers[0], answers[1])
    assert not np.allclose(answers[0], answers[2])


def test_a_shuffled_network_is_saved_with_its_weights_and_not_loaded_as_the_original(
    normalised: core.Classifier,
) -> None:
    other = replace(shuffled(normalised, CALIBRATION), plain=True)
    again = pickle.loads(pickle.dumps(other))
    assert again.plain
    assert again.weights == other.weights
    answers = [core.classify(each, make_frame()).logits for each in (other, again)]
    assert np.array_equal(answers[0], answers[1])


def test_recalibrated_normalisations_give_each_channel_mean_0_and_variance_1(normalised: core.Classifier) -> None:
    module = shuffled(normalised, CALIBRATION).module
    inputs = normalised.engine.inputs(np.stack([frame.pixels for frame in CALIBRATION]))
    seen: dict[str, torch.Tensor] = {}
    layers = {name: layer for name, layer in module.named_modules() if isinstance(layer, nn.BatchNorm2d)}
    for name, layer in layers.items():
        layer.register_forward_hook(lambda _layer, _given, found, name=name: seen.update({name: found}))
    module(inputs)
    assert len(layers) == 2
    for name, layer in layers.items():
        assert not layer.training
        assert layer.momentum == 0.1
        plain = (seen[name] - layer.bias.view(-1, 1, 1)) / layer.weight.view(-1, 1, 1)
        assert plain.mean((0, 2, 3)) == pytest.approx(0, abs=2e-3)
        assert plain.var((0, 2, 3)) == pytest.approx(1, abs=5e-3)


def test_shuffling_asks_for_several_frames_and_finite_answers(normalised: core.Classifier) -> None:
    with pytest.raises(core.RequestError, match="at least two photos"):
        shuffled(normalised, CALIBRATION[:1])
    endless = small_classifier(Linear(torch.full((2, 3, SIDE, SIDE), torch.inf)), SIDE, 2)
    with pytest.raises(core.SaliencyError, match="no finite answers"):
        shuffled(endless, CALIBRATION)


def test_a_cascade_goes_from_the_class_layer_down_to_everything(normalised: core.Classifier) -> None:
    originals = {name: each.clone() for name, each in normalised.module.named_parameters()}
    counts, shares = [], []
    for stage in cascade(normalised, CALIBRATION, seed=1):
        for name, parameter in stage.classifier.module.named_parameters():
            if not any(name.startswith(part) for part in stage.parts):
                assert torch.equal(parameter, originals[name])
        counts.append(len(stage.parts))
        shares.append(stage.share)
        assert stage.classifier.plain
        assert np.isfinite(core.classify(stage.classifier, make_frame()).logits).all()
    assert counts == [1, 2, 3, 4, 5]  # two convolutions, two normalisations, the last layer
    assert shares == [0.2, 0.4, 0.6, 0.8, 1.0]
    assert stage.title == "everything"
    assert stage.parts[0] == "last"
    for name, parameter in stage.classifier.module.named_parameters():
        assert not torch.equal(parameter, originals[name])
        assert torch.equal(parameter.flatten().sort().values, originals[name].flatten().sort().values)


def test_a_networks_parts_are_its_blocks_in_order() -> None:
    from saliency_core.models.vision import torchvision

    def parts(module: nn.Module) -> list[str]:
        names = [name for name, _ in module.named_parameters()]
        found = find_parts(names)
        assert [name for _, own in found for name in own] == names
        return [title for title, _ in found]

    assert parts(torchvision.models.resnet18()) == ["conv1", "bn1", "layer1", "layer2", "layer3", "layer4", "fc"]
    transformer = parts(
        torchvision.models.VisionTransformer(32, 16, num_layers=12, num_heads=2, hidden_dim=8, mlp_dim=8)
    )
    assert transformer[-1] == "heads"
    assert sum(part.startswith("encoder.layers.") for part in transformer) == 12
    assert parts(nn.Linear(2, 2)) == [""]


def test_a_long_cascade_has_few_stages_and_tells_what_is_shuffled() -> None:
    layers = [layer for _ in range(12) for layer in (nn.Conv2d(3, 3, 1), nn.ReLU())]
    deep = small_classifier(nn.Sequential(*layers, nn.Flatten(), nn.Linear(192, 2)), 8, 2)
    calibration = [make_frame(seed, side=8) for seed in range(3)]
    titles = [stage.title for stage in cascade(deep, calibration)]
    assert len(titles) == STAGES
    assert titles[0] == "the last layer"
    assert titles[1].startswith("the last ")
    assert titles[-1] == "everything"


class Ignoring(nn.Module):
    """A network whose answers come from no weight."""

    def __init__(self) -> None:
        super().__init__()
        self.idle = nn.Parameter(torch.randn(5))
        self.register_buffer("fixed", torch.randn(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1)))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """f32 [n, 3, side, side] -> f32 [n, 2]."""
        return torch.einsum("nchw,kchw->nk", inputs**2, self.get_buffer("fixed")) + 0 * self.idle.sum()


def make_map(classifier: core.Classifier, frame: core.Frame, target: int = 0, sigma: float = 1.0) -> SaliencyMap:
    return core.smooth(core.attribute(classifier, frame, target), sigma)


def test_the_maps_of_a_model_that_ignores_its_weights_stay_alike() -> None:
    ignoring, frame = small_classifier(Ignoring(), SIDE, 2), make_frame(1, bright=True)
    saliency = make_map(ignoring, frame)
    strip = last(filmstrip_stages(ignoring, frame, {"map": saliency}, CALIBRATION))
    assert isinstance(strip, Filmstrip)
    for picture in strip.pictures["map"]:
        assert picture.similarity.spearman == pytest.approx(1)
        assert picture.similarity.ssim == pytest.approx(1)
    assert strip.rise("map") == pytest.approx(0)
    others = [make_map(ignoring, make_frame(seed)).values for seed in range(40, 44)]
    other = last(remake_whole(shuffled(ignoring, CALIBRATION), frame, saliency))
    assert compare_untrained(saliency.values, other.values, others).claim == "alike"


def remake_whole(classifier: core.Classifier, frame: core.Frame, like: SaliencyMap, target: int | None = None) -> Any:
    yield (yield from remake(classifier, frame, like, target=target))


def test_a_map_that_comes_from_the_weights_is_another_once_they_are_shuffled(linear: core.Classifier) -> None:
    frame = make_frame()
    saliency = make_map(linear, frame)
    stages = list(filmstrip_stages(linear, frame, {"map": saliency}, CALIBRATION))
    shares = [stage.share if isinstance(stage, Filmstrip) else stage for stage in stages]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    (picture,) = stages[-1].pictures["map"]  # type: ignore[union-attr]
    assert picture.title == "everything"
    assert abs(picture.similarity.spearman) < 0.4


def test_a_map_is_made_again_in_the_same_way(linear: core.Classifier) -> None:
    frame = make_frame()
    like = core.smooth(core.attribute(linear, frame, 1, reduction="signed"), 2.0)
    again = last(remake_whole(linear, frame, like))
    assert np.array_equal(again.values, like.values)
    assert (again.sigma, again.reduction, again.target, again.method) == (2.0, "signed", 1, "gradient")
    other = last(remake_whole(linear, frame, like, 2))
    assert other.target == 2
    assert np.array_equal(other.values, core.smooth(core.attribute(linear, frame, 2, reduction="signed"), 2.0).values)


@pytest.mark.parametrize(
    ("spearman", "null", "noisy", "claim"),
    [
        (0.95, (0.97, 0.98, 0.99), 0.99, "alike"),
        (0.18, (-0.05, 0.08, 0.21), 0.74, "different"),
        (0.22, (-0.05, 0.08, 0.21), 0.74, "between"),  # within a third, but more than any other photo's
        (0.30, (-0.65, 0.12, 0.56), 0.74, "between"),  # less than another photo's, but beyond a third
        (0.51, (-0.05, 0.08, 0.21), 0.74, "between"),
        (0.53, (-0.05, 0.08, 0.21), 0.74, "alike"),
        (0.18, (0.1, 0.2), 0.74, "between"),
        (0.10, (0.1, 0.2, 0.3), 0.3, "between"),
    ],
)
def test_an_untrained_networks_map_is_judged_beside_other_photos_and_slight_noise(
    spearman: float, null: tuple[float, ...], noisy: float, claim: str
) -> None:
    assert Untrained(noise(0), spearman, 0.5, null, noisy).claim == claim


# Similarity


def test_a_map_is_fully_alike_to_itself_and_hardly_to_noise() -> None:
    values, other = noise(1, 64), noise(2, 64)
    assert similarity(values, values).spearman == pytest.approx(1)
    assert ssim(values, values) == pytest.approx(1)
    assert ssim(values, 3 * values) == pytest.approx(1)
    assert spearman(values, -values) == pytest.approx(1)  # of magnitudes
    assert spearman(values, values**3) == pytest.approx(1)
    assert abs(spearman(values, other)) < 0.06
    assert abs(ssim(values, other)) < 0.1
    with pytest.raises(core.RequestError, match="cannot be compared"):
        similarity(values, noise(1, 32))


def test_ranks_are_those_of_scipy_also_of_maps_with_many_equal_values() -> None:
    values, other = np.maximum(noise(1, 40), 0), np.maximum(noise(1, 40) + noise(2, 40), 0).round(1)
    assert spearman(values, other) == pytest.approx(spearmanr(values.ravel(), other.ravel()).statistic)


def test_a_map_of_one_value_is_alike_only_to_its_equal() -> None:
    flat = np.full((8, 8), 2, np.float32)
    assert spearman(flat, flat) == 1
    assert spearman(flat, noise(1, 8)) == 0
    assert ssim(flat, flat) == pytest.approx(1)


def test_structural_similarity_is_the_published_formula() -> None:
    one, other = np.abs(gaussian_filter(noise(1, 32), 2)), np.abs(gaussian_filter(noise(2, 32), 2))
    across = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    window = np.outer(across, across) / across.sum() ** 2

    def shown(values: NDArray[np.float32]) -> NDArray[np.float64]:
        top = np.quantile(values, 0.998)
        scaled: NDArray[np.float64] = np.clip((values.astype(float) - values.min()) / (top - values.min()), 0, 1)
        return scaled

    x, y = shown(one), shown(other)
    mx, my = correlate(x, window), correlate(y, window)
    vx, vy, both = (correlate(a, window) for a in (x * x, y * y, x * y))
    vx, vy, both = vx - mx**2, vy - my**2, both - mx * my
    expected = (2 * mx * my + 1e-4) * (2 * both + 9e-4) / ((mx**2 + my**2 + 1e-4) * (vx + vy + 9e-4))
    assert ssim(one, other) == pytest.approx(expected.mean())


def test_entropy_is_none_for_one_value_and_most_for_values_spread_evenly() -> None:
    even = np.linspace(0, 1, 100 * 100, dtype=np.float32).reshape(100, 100)
    assert entropy(np.zeros((8, 8), np.float32)) == 0
    assert entropy(even) == pytest.approx(np.log(100), abs=1e-3)
    assert entropy(even**8) < entropy(even)
    assert relative_rise(2.0, 3.0) == 0.5
    assert relative_rise(2.0, 1.0) == -0.5
    assert relative_rise(0.0, 0.0) == 0
    assert relative_rise(0.0, 1.0) == np.inf


# Classes and steadiness


def test_another_classs_map_is_compared_beside_slight_noise(linear: core.Classifier) -> None:
    frame = make_frame()
    saliency = make_map(linear, frame, target=2)
    stages = list(class_stages(linear, frame, saliency))
    assert stages[:-1] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    evidence = stages[-1]
    assert isinstance(evidence, ClassEvidence)
    assert evidence.random is not None
    assert {evidence.second.target, evidence.random.target} == {0, 1}
    logits = core.classify(linear, frame).logits
    assert logits[evidence.second.target] > logits[evidence.random.target]
    assert [each.spearman for each in evidence.noisy] == pytest.approx([1, 1, 1])  # a linear model has one gradient
    assert evidence.second.saliency.target == evidence.second.target
    expected = similarity(saliency.values, make_map(linear, frame, evidence.second.target).values)
    assert evidence.second.similarity == expected


def test_a_model_of_two_classes_has_no_random_one_and_of_one_class_nothing(reader: core.Classifier) -> None:
    frame = make_frame()
    evidence = last(class_stages(reader, frame, make_map(reader, frame)))
    assert evidence.random is None
    assert evidence.second.target == 1
    single = small_classifier(Linear(torch.ones(1, 3, SIDE, SIDE)), SIDE, 1)
    with pytest.raises(core.RequestError, match="one class"):
        last(class_stages(single, frame, make_map(single, frame)))


def test_slight_noise_is_slight() -> None:
    frame = core.Frame(np.full((64, 64, 3), 128, np.uint8), Box(0, 0, 64, 64), (64, 64))
    moved = add_noise(frame, seed=1).pixels.astype(float) - 128
    assert moved.std() == pytest.approx(0.02 * 255, rel=0.05)
    assert abs(moved.mean()) < 0.2
    assert np.array_equal(add_noise(frame, 1, share=0).pixels, frame.pixels)


def test_sensitivity_is_captums(normalised: core.Classifier) -> None:
    """Captum is given the same moved photos, and the gradient of the stock module."""
    from captum.metrics import sensitivity_max

    frame = make_frame(bright=True)
    saliency = core.smooth(core.attribute(normalised, frame, 1, reduction="signed"), 0)
    found = last(steadiness_stages(normalised, frame, saliency, seed=3))
    assert isinstance(found, Steadiness)
    assert (found.levels, found.samples) == (2, 10)  # 0.02 of a deviation of 127.5 grey levels
    inputs = normalised.engine.inputs(frame.pixels[None])

    def explain(given: torch.Tensor | tuple[torch.Tensor, ...]) -> tuple[torch.Tensor]:
        leaf = (given[0] if isinstance(given, tuple) else given).clone().requires_grad_()
        with torch.enable_grad():
            return (differentiate(lambda x: normalised.module(x)[:, 1], leaf).sum(1),)

    def move_inputs(given: torch.Tensor) -> torch.Tensor:
        moved = np.stack([move(frame, found.levels, 3 + place).pixels for place in range(len(given))])
        found_inputs = normalised.engine.inputs(moved)
        assert float((found_inputs - given).abs().max()) <= 0.02
        return found_inputs

    expected = sensitivity_max(explain, inputs, perturb_func=move_inputs)
    assert found.sensitivity == pytest.approx(float(expected[0]), rel=1e-4)
    assert found.sensitivity > 0


def test_a_linear_models_map_never_moves_and_other_photos_maps_lie_as_far_as_they_are(linear: core.Classifier) -> None:
    frame = make_frame()
    saliency = make_map(linear, frame)
    stages = list(steadiness_stages(linear, frame, saliency, others=[2 * saliency.values, -saliency.values], samples=4))
    assert stages[:-1] == [0.25, 0.5, 0.75, 1.0]
    found = stages[-1]
    assert isinstance(found, Steadiness)
    assert found.sensitivity == 0
    assert found.others == pytest.approx((0, 2), abs=1e-6)


# ROAD


def test_imputing_gives_a_ramp_back_and_leaves_what_is_there() -> None:
    down, right = np.mgrid[:32, :32]
    pixels = np.stack([4 * down + 3 * right, 7 * right, 255 - 8 * down], axis=-1).astype(np.uint8)
    frame = core.Frame(pixels, Box(0, 0, 32, 32), (32, 32))
    gone = np.zeros((32, 32), bool)
    gone[5:20, 8:27] = True
    assert np.array_equal(impute(frame, gone, noise=0).pixels, pixels)
    noisy = impute(frame, gone, seed=2).pixels.astype(float) - pixels
    assert not noisy[~gone].any()
    assert noisy[gone].std() == pytest.approx(2.55, rel=0.1)
    assert np.array_equal(impute(frame, np.zeros_like(gone)).pixels, pixels)
    with pytest.raises(core.RequestError, match="at least one pixel"):
        impute(frame, np.ones_like(gone))


def test_an_imputed_pixel_is_the_weighted_mean_of_its_neighbours_also_at_the_edge() -> None:
    pixels = np.zeros((3, 3, 3), np.uint8)
    pixels[0, 1], pixels[0, 0] = 120, 60
    frame = core.Frame(pixels, Box(0, 0, 3, 3), (3, 3))
    middle, corner = np.zeros((3, 3), bool), np.zeros((3, 3), bool)
    middle[1, 1] = corner[0, 0] = True
    assert impute(frame, middle, noise=0).pixels[1, 1, 0] == 120 / 6 + 60 / 12
    assert impute(frame, corner, noise=0).pixels[0, 0, 0] == round(120 / 6 / (1 / 6 + 1 / 6 + 1 / 12))


def test_road_tells_for_each_share_whether_the_answer_is_still_right(reader: core.Classifier) -> None:
    frame = make_frame(bright=True)
    patch = np.zeros((SIDE, SIDE), np.float32)
    patch[PATCH] = 1
    stages = list(road_stages(reader, frame, ranking(patch), 0))
    found = stages[-1]
    assert isinstance(found, Road)
    assert stages[-2] == 1.0
    assert found.shares == SHARES
    assert found.most_first[0]
    assert not found.most_first[SHARES.index(0.1)]  # the patch is a sixteenth of the frame
    assert found.least_first.all()
    assert found.least_probability[0] == pytest.approx(core.classify(reader, frame).probabilities[0])
    with pytest.raises(core.RequestError, match="9 pixels"):
        last(road_stages(reader, frame, ranking(patch[:3, :3]), 0))


# The real model


def open_frame(classifier: core.Classifier, name: str) -> core.Frame:
    return core.frame_photo(core.decode_photo((PHOTOS / name).read_bytes()), classifier)


def test_a_run_as_it_is_answers_as_one_made_faster(classifier: core.Classifier) -> None:
    plain, frame = replace(classifier, plain=True), open_frame(classifier, "koala.jpg")
    assert plain.engine.prepared.plan is None
    assert len(list(plain.engine.prepared.module.modules())) == len(list(classifier.module.modules()))
    found, expected = (core.classify(each, frame) for each in (plain, classifier))
    assert np.allclose(found.probabilities, expected.probabilities, atol=2e-3)


def test_the_koalas_map_beats_its_negative_and_comes_from_what_was_learned(classifier: core.Classifier) -> None:
    names = sorted(path.name for path in Path(PHOTOS).glob("*.jpg"))
    frames = [open_frame(classifier, name) for name in names if name != "koala.jpg"]
    koala = open_frame(classifier, "koala.jpg")
    saliency = core.smooth(core.attribute(classifier, koala), 10)
    curves = removal_curve(classifier, koala, ranking(saliency.values), "grey", saliency.target)
    assert curves.most_first[0] > 0.5
    assert curves.srg > 0.05
    untrained = shuffled(classifier, frames[:6])
    other = last(remake_whole(untrained, koala, saliency))
    others = [core.smooth(core.attribute(classifier, frame), 10).values for frame in frames[:5]]
    noisy = last(remake_whole(classifier, add_noise(koala), saliency))
    found = compare_untrained(saliency.values, other.values, others, noisy.values)
    assert found.telling
    assert found.part < 0.5
    assert found.claim != "alike"


def test_evidence_holds_what_it_says(linear: core.Classifier) -> None:
    whole = last(removal_stages(linear, make_frame(), 0, {"own": noise(1)}, {}))
    assert isinstance(whole, RemovalEvidence)
    assert whole.controls == {"own": ()}
    assert whole.beats("own").of == 0
    assert not whole.beats("own").all
    assert whole.fills == core.FILLS
