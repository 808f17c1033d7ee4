"""The masking experiment: constructed models whose answer is known, then the real one on real photos."""

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from torch import nn

import saliency_core as core
from saliency_core.masking.claims import ALPHA, RARE, Claim
from saliency_core.photos.frame import Box
from saliency_core.photos.regions import covered
from tests.conftest import ARTICLE, small_classifier

OpenSample = Callable[[str], core.Photo]
SIDE = 32
OBJECT = core.Region(6, 8, 10, 10)


class Reads(nn.Module):
    """The first class's logit rises with the weighted mean brightness; the other two stay at nought."""

    def __init__(self, weights: np.ndarray, strength: float = 8.0, offset: float = 0.0) -> None:
        super().__init__()
        share = weights / max(float(np.abs(weights).sum()), 1e-9)
        self.weights = nn.Parameter(torch.from_numpy(share.astype(np.float32)))
        self.strength, self.offset = strength, offset

    def read(self, brightness: torch.Tensor) -> torch.Tensor:
        """f32 [n, side, side] -> f32 [n]: how much of the evidence is there."""
        return (brightness * self.weights).sum(dim=(1, 2))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """f32 [n, 3, side, side] -> f32 [n, 3]."""
        first = self.strength * (self.read((inputs.mean(dim=1) + 1) / 2) - self.offset)
        return torch.stack([first, torch.zeros_like(first), torch.zeros_like(first)], dim=1)


class Combines(Reads):
    """Reads the object and all but the object, and goes by the one that has more evidence, or less."""

    def __init__(self, inside: np.ndarray, combine: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> None:
        super().__init__(inside)
        self.rest = nn.Parameter(torch.from_numpy(((1 - inside) / (1 - inside).sum()).astype(np.float32)))
        self.combine = combine

    def read(self, brightness: torch.Tensor) -> torch.Tensor:
        """f32 [n, side, side] -> f32 [n]."""
        return self.combine(super().read(brightness), (brightness * self.rest).sum(dim=(1, 2)))


def _white() -> core.Frame:
    return core.Frame(np.full((SIDE, SIDE, 3), 255, np.uint8), Box(0, 0, SIDE, SIDE), (SIDE, SIDE))


def _inside() -> np.ndarray:
    return covered(SIDE, [OBJECT]).astype(float)


@pytest.mark.parametrize(
    ("model", "claim"),
    [
        (Reads(_inside()), Claim.CARRIES),
        (Reads(1 - _inside()), Claim.NEITHER),
        (Combines(_inside(), torch.maximum), Claim.ENOUGH),
        (Combines(_inside(), torch.minimum), Claim.NEEDED),
        (Reads(np.zeros((SIDE, SIDE))), Claim.ENOUGH_NOT_NEEDED),
        (Reads(np.ones((SIDE, SIDE)), 60.0, 0.92), Claim.LOST),
    ],
    ids=[
        "reads only the region",
        "reads only the background",
        "either is enough",
        "both are needed",
        "ignores the photo",
        "needs every part",
    ],
)
def test_constructed_models_get_the_claim_they_deserve(model: nn.Module, claim: Claim) -> None:
    classifier = small_classifier(model, SIDE, 3)
    for seed in range(3):
        experiment = core.run_experiment(classifier, _white(), [OBJECT], "black", target=0, seed=seed)
        assert experiment.verdict.claim is claim, experiment.verdict
        assert len(experiment.controls) == 59


def test_only_of_a_declared_object_is_anything_said_of_a_background() -> None:
    classifier = small_classifier(Reads(_inside()), SIDE, 3)
    plain = core.run_experiment(classifier, _white(), [OBJECT], target=0)
    declared = core.run_experiment(classifier, _white(), [OBJECT], target=0, declared="object")
    assert "background" not in plain.verdict.sentence
    assert "The object carries the answer" in declared.verdict.sentence
    assert "background alone gives 33%" in declared.verdict.sentence
    assert plain.verdict.joint_p_value == declared.verdict.joint_p_value
    assert float(declared.views.blank.probabilities[0]) == pytest.approx(1 / 3)


def test_the_saliency_share_of_a_model_that_reads_only_the_region_is_one() -> None:
    classifier = small_classifier(Reads(_inside()), SIDE, 3)
    experiment = core.run_experiment(classifier, _white(), [OBJECT], target=0)
    assert experiment.relevance_mass == pytest.approx(1)
    assert experiment.area_share == pytest.approx(100 / SIDE**2)
    blind = small_classifier(Reads(np.zeros((SIDE, SIDE))), SIDE, 3)
    assert core.run_experiment(blind, _white(), [OBJECT], target=0).relevance_mass == 0


def test_no_region_is_refused(linear: core.Classifier) -> None:
    frame = core.Frame(np.zeros((16, 16, 3), np.uint8), Box(0, 0, 16, 16), (16, 16))
    with pytest.raises(core.RequestError, match="Draw at least one"):
        core.run_experiment(linear, frame, [])
    with pytest.raises(core.RequestError, match="classes 0 to 2"):
        core.run_experiment(linear, frame, [core.Region(0, 0, 4, 4)], target=3)


def test_of_a_region_as_large_as_the_frame_nothing_rare_is_said(linear: core.Classifier) -> None:
    """All its random places are itself."""
    frame = core.Frame(np.full((16, 16, 3), 200, np.uint8), Box(0, 0, 16, 16), (16, 16))
    experiment = core.run_experiment(linear, frame, [core.Region(0, 0, 16, 16)], target=1)
    assert set(experiment.placements) == {experiment.regions}
    verdict = experiment.verdict
    assert verdict.claim not in RARE
    assert (verdict.hide_p_value, verdict.keep_p_value, verdict.joint_p_value) == (1, 1, 1)
    assert "covers 100% of what the model sees" in verdict.limits[0]


def test_identical_places_are_ties_for_the_real_model(classifier: core.Classifier, sample_photo: OpenSample) -> None:
    """The part's own pictures go through the model otherwise than the random places do, and differ by rounding."""
    frame = core.frame_photo(sample_photo("koala"), classifier, "squash")
    region = core.Region(40, 40, 100, 90)
    for fill in core.FILLS:
        stages = core.experiment_stages(classifier, frame, region, fill, placements=[(region,)] * 24, n_controls=24)
        experiment = next(stage for stage in stages if isinstance(stage, core.Experiment))
        verdict = experiment.verdict
        assert (verdict.hide_p_value, verdict.keep_p_value, verdict.joint_p_value) == (1, 1, 1), fill


def test_any_class_can_be_asked_about(classifier: core.Classifier, sample_photo: OpenSample) -> None:
    frame = core.frame_photo(sample_photo("koala"), classifier, "squash")
    prediction = core.classify(classifier, frame)
    last = int(np.argmin(prediction.probabilities))
    verdict = core.run_experiment(classifier, frame, core.Region(40, 40, 100, 90), target=last, n_controls=19).verdict
    assert verdict.claim is Claim.TOO_LITTLE
    assert "only under 0.1% to begin with" in verdict.sentence


def test_the_same_seed_gives_the_same_result_and_progress_is_told(
    classifier: core.Classifier, sample_photo: OpenSample
) -> None:
    frame = core.frame_photo(sample_photo("espresso"), classifier, "squash")
    regions = [core.Region(50, 60, 60, 90)]
    shares: list[float] = []
    first = core.run_experiment(classifier, frame, regions, "noise", n_controls=20, seed=5, progress=shares.append)
    second = core.run_experiment(classifier, frame, regions, "noise", n_controls=20, seed=5)
    other = core.run_experiment(classifier, frame, regions, "noise", n_controls=20, seed=6)
    np.testing.assert_array_equal(first.controls.hidden, second.controls.hidden)
    np.testing.assert_array_equal(first.controls.kept, second.controls.kept)
    np.testing.assert_array_equal(first.views.hidden.prediction.logits, second.views.hidden.prediction.logits)
    assert first.placements == second.placements
    assert first.verdict == second.verdict
    assert first.placements != other.placements
    assert shares == sorted(shares)
    assert shares[-1] == 1


@pytest.mark.skipif(not ARTICLE.is_dir(), reason="the article's photos are not beside the project")
def test_the_articles_experiment(classifier: core.Classifier) -> None:
    """The ball is hidden and it is still a basketball; only the ball is left and it is not."""
    photo = core.decode_photo((ARTICLE / "dirk.png").read_bytes())
    frame = core.frame_photo(photo, classifier, "squash")
    experiment = core.run_experiment(classifier, frame, [core.Region(5, 35, 40, 40)], "black")
    views = experiment.views
    assert views.original.prediction.top(1)[0].label == "basketball"
    assert views.hidden.prediction.top(1)[0].label == "basketball"
    assert views.hidden.prediction.top(1)[0].probability == pytest.approx(0.34, abs=0.01)
    assert views.kept.prediction.top(1)[0].label == "abaya"
    verdict = experiment.verdict
    assert verdict.claim is Claim.NEITHER
    assert "“basketball” falls to 34% and stays the best guess without this part (as it is: 45%)" in verdict.sentence
    assert re.search(
        r"alone does not give it \(.+%\)\. Of 59 random places of its shape, \d+ also neither", verdict.sentence
    )
    assert "background" not in verdict.sentence
    declared = core.run_experiment(classifier, frame, [core.Region(5, 35, 40, 40)], "black", declared="object")
    assert "falls to 34% and stays the best guess with only the background left" in declared.verdict.sentence


def _regions(box: list[float]) -> list[core.Region]:
    left, top, right, bottom = (round(224 * share) for share in box)
    return [core.Region(top, left, bottom - top, right - left)]


def test_the_koala_is_not_known_by_its_head(
    classifier: core.Classifier, sample_photo: OpenSample, manifest: dict[str, dict[str, Any]]
) -> None:
    frame = core.frame_photo(sample_photo("koala"), classifier, "squash")
    head = next(box for box in manifest["koala"]["boxes"] if box["what"] == "head")
    for fill, compared in core.compare_fills(classifier, frame, _regions(head["box"]), n_controls=24).items():
        assert compared.hidden.top(1)[0].label == "koala", fill
        # On noise the head alone is called a koala too, though at less than half the probability.
        if fill != "noise":
            assert compared.kept.top(1)[0].label != "koala", fill
            assert compared.claim is Claim.NEITHER, fill


@pytest.mark.slow
@pytest.mark.parametrize("region", [core.Region(40, 50, 175, 140), core.Region(70, 60, 110, 110)])
def test_a_compared_fill_finds_what_a_whole_experiment_under_it_finds(
    classifier: core.Classifier, sample_photo: OpenSample, region: core.Region
) -> None:
    """Its controls end as soon as the finding is settled; that must not change the finding."""
    frame = core.frame_photo(sample_photo("koala"), classifier, "squash")
    compared = core.compare_fills(classifier, frame, [region], n_controls=24)
    for fill, found in compared.items():
        whole = core.run_experiment(classifier, frame, [region], fill, n_controls=24)
        assert found.claim is whole.verdict.claim, fill
        target = whole.target
        for short, full in ((found.hidden, whole.views.hidden.prediction), (found.kept, whole.views.kept.prediction)):
            assert short.probabilities[target] == pytest.approx(float(full.probabilities[target]), abs=1e-5)


def test_what_is_kept_of_one_experiment_is_right_in_another(linear: core.Classifier) -> None:
    """Steps of one name are one step, whatever the count and the order of the places."""
    pixels = np.random.default_rng(2).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    frame, region = core.Frame(pixels, Box(0, 0, 16, 16), (16, 16)), core.Region(0, 0, 13, 13)
    kept: dict[Any, Any] = {}

    def ask(step: Any, make: Callable[[], Any]) -> Any:
        return kept[step] if step in kept else kept.setdefault(step, make())

    for count in (40, 80):
        stages = core.experiment_stages(linear, frame, region, target=0, n_controls=count, ask=ask)
        found = next(stage for stage in stages if isinstance(stage, core.Experiment))
        alone = core.run_experiment(linear, frame, region, target=0, n_controls=count)
        assert found.placements == alone.placements
        np.testing.assert_array_equal(found.controls.hidden, alone.controls.hidden)
        np.testing.assert_array_equal(found.controls.kept, alone.controls.kept)


def test_the_espressos_black_patch_is_evidence_itself(
    classifier: core.Classifier, sample_photo: OpenSample, manifest: dict[str, dict[str, Any]]
) -> None:
    frame = core.frame_photo(sample_photo("espresso"), classifier, "squash")
    cup = next(box for box in manifest["espresso"]["boxes"] if box["what"] == "whole cup")
    tops = {
        fill: core.classify(classifier, core.hide(frame, _regions(cup["box"]), fill)).top(1)[0].label
        for fill in core.FILLS
    }
    assert tops["black"] == "iPod"
    assert "iPod" not in (tops["grey"], tops["blur"])


PAINT = {"black": (0, 0, 0), "grey": (124, 116, 104)}


def test_the_manifests_numbers(
    classifier: core.Classifier, sample_photo: OpenSample, manifest: dict[str, dict[str, Any]]
) -> None:
    """The manifest's boxes were painted on the photos before squashing; so are they here."""
    for name, entry in manifest.items():
        photo = sample_photo(name)
        top = core.classify(classifier, core.frame_photo(photo, classifier, "squash")).top(1)[0].index
        for box in entry["boxes"]:
            left, top_edge, right, bottom = (
                round(share * length) for share, length in zip(box["box"], (photo.width, photo.height) * 2, strict=True)
            )
            inside = np.zeros((photo.height, photo.width, 1), bool)
            inside[top_edge:bottom, left:right] = True
            for key, where in (("mask", inside), ("keep_on", ~inside)):
                for fill, colour in PAINT.items():
                    painted = np.where(where, np.array(colour, np.uint8), photo.pixels)
                    frame = core.frame_photo(core.Photo(painted, ""), classifier, "squash")
                    prediction = core.classify(classifier, frame)
                    expected = box[f"{key}_{fill}"]
                    label, probability = expected["top3"][0]
                    best = prediction.top(1)[0]
                    assert best.label == label, (name, box["what"], key, fill)
                    assert best.probability == pytest.approx(probability, abs=0.02)
                    assert prediction.probabilities[top] == pytest.approx(expected["original_top1_prob"], abs=0.02)


def test_hiding_on_the_frame_finds_what_painting_the_photo_finds(
    classifier: core.Classifier, sample_photo: OpenSample, manifest: dict[str, dict[str, Any]]
) -> None:
    """Sharp edges on the frame and soft ones on the squashed photo are not the same picture, and move
    single probabilities by up to 0.2; what is lost and what is not must agree all but always."""
    agree = []
    for name, entry in manifest.items():
        frame = core.frame_photo(sample_photo(name), classifier, "squash")
        original = core.classify(classifier, frame).top(1)[0]
        for box in entry["boxes"]:
            for key, change in (("mask", core.hide), ("keep_on", core.keep_only)):
                for fill in ("black", "grey"):
                    changed = core.classify(classifier, change(frame, _regions(box["box"]), fill))
                    here = changed.probabilities[original.index] < original.probability / 2
                    there = box[f"{key}_{fill}"]["original_top1_prob"] < original.probability / 2
                    agree.append(bool(here) == there)
    print(f"\n{np.mean(agree):.3f} of {len(agree)} losses agree")
    assert np.mean(agree) >= 0.95


def test_a_record_replays_to_the_same_numbers(
    classifier: core.Classifier, linear: core.Classifier, sample_photo: OpenSample
) -> None:
    photo = sample_photo("hedgehog")
    frame = core.frame_photo(photo, classifier, "center")
    regions = [core.Region(60, 100, 60, 80), core.Region(0, 0, 20, 20)]
    experiment = core.run_experiment(classifier, frame, regions, "noise", n_controls=12, seed=9)
    text = json.dumps(core.record_experiment(experiment, classifier))
    record = json.loads(text)
    again = core.replay_experiment(record, classifier, frame)
    np.testing.assert_allclose(
        again.views.hidden.prediction.probabilities, record["probabilities"]["hidden"], atol=1e-6
    )
    np.testing.assert_allclose(again.views.blank.probabilities, record["probabilities"]["blank"], atol=1e-6)
    for key, shares in (("hidden", again.controls.hidden), ("kept", again.controls.kept)):
        np.testing.assert_allclose(shares, [each[key] for each in record["controls"]], atol=1e-6)
    assert again.verdict.claim.value == record["verdict"]["claim"]
    assert again.verdict.sentence == record["verdict"]["sentence"]
    assert record["photo_sha256"] == photo.digest
    with pytest.raises(core.RequestError, match="not of Small"):
        core.replay_experiment(record, linear, frame)
    del record["regions"]
    with pytest.raises(core.RequestError, match="regions"):
        core.replay_experiment(record, classifier, frame)


@pytest.mark.slow
def test_random_regions_are_rarely_set_apart() -> None:
    """Regions placed at random on models with random blobs of evidence: all the rare claims together may come
    up at the stated rate at most."""
    generator = np.random.default_rng(11)
    rare = []
    for _model in range(40):
        weights = gaussian_filter(generator.normal(size=(SIDE, SIDE)), 3)
        weights = np.where(weights > np.quantile(weights, 0.8), weights, 0)
        classifier = small_classifier(Reads(weights, 20.0, 0.8), SIDE, 3)
        for _ in range(10):
            size = int(generator.integers(5, 24))
            top, left = (int(edge) for edge in generator.integers(0, SIDE - size + 1, 2))
            experiment = core.run_experiment(
                classifier,
                _white(),
                [core.Region(top, left, size, size)],
                target=0,
                seed=int(generator.integers(2**31)),
            )
            rare.append(experiment.verdict.claim in RARE)
    print(f"\nconstructed models: {np.mean(rare):.3f} of {len(rare)} random regions set apart")
    assert 0 < np.mean(rare) <= ALPHA
