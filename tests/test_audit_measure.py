"""A photo of an audit: its row on models whose truth is known, then on the real one, and its words."""

import hashlib
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import torch
from torch import nn

import saliency_core as core
from saliency_core.audit.cases import Case, find_case
from saliency_core.audit.measure import (
    FEW_PLACES,
    LITTLE_BELIEF,
    NO_OBJECT,
    NO_OTHER_PLACE,
    OUT_OF_FRAME,
    Settings,
    measure_photo,
    photo_seed,
)
from saliency_core.audit.rows import columns, read_row
from saliency_core.audit.summary import summarize
from saliency_core.audit.swaps import Background, Backgrounds
from saliency_core.audit.words import Word, find_word, tell_class
from saliency_core.engine.engine import Engine, HiddenFrames
from saliency_core.errors import RequestError
from saliency_core.masking.placements import Edges
from saliency_core.photos.frame import Box, CropMode
from saliency_core.photos.looks import brightness, sharpness
from saliency_core.photos.photo import Photo
from scripts.calibrate.folder import read_voc
from tests.conftest import small_classifier

KANGAROO = Path(__file__).parents[2] / "shared" / "kangaroo"
SIDE, SMALL = 32, 10
ALL = SMALL**2 / SIDE**2
FAST = Settings(n_controls=19)
Reads = Literal["object", "background", "either", "both", "nothing"]

READS: dict[Reads, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "object": lambda red, _green: red,
    "background": lambda _red, green: green,
    "either": torch.maximum,
    "both": torch.minimum,
    "nothing": lambda red, _green: 1 + 0 * red,
}


class Colours(nn.Module):
    """Goes by how much of the red object is there, of the green background, or of both: at 1 the first class's logit
    lies 4 above the others', at 0 as much below."""

    def __init__(self, reads: Reads) -> None:
        super().__init__()
        self.combine = READS[reads]
        self.strength = nn.Parameter(torch.tensor(8.0))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """f32 [n, 3, side, side] -> f32 [n, 3]."""
        lead = inputs[:, 0] - inputs[:, 1]
        red = lead.clamp(min=0).mean(dim=(1, 2)) / ALL
        green = (-lead).clamp(min=0).mean(dim=(1, 2)) / (1 - ALL)
        first = self.strength * (self.combine(red, green) - 0.5)
        return torch.stack([first, torch.zeros_like(first), torch.zeros_like(first) - 1], dim=1)


@cache
def _colours(reads: Reads) -> core.Classifier:
    return small_classifier(Colours(reads), SIDE, 3)


def _as_photo(pixels: np.ndarray) -> Photo:
    return Photo(pixels, hashlib.sha256(pixels.tobytes()).hexdigest())


def _make_photo(seed: int) -> tuple[Photo, Edges]:
    """A red square at a random place on green, and its box; the model reads both to be there, more or less."""
    generator = np.random.default_rng(seed)
    pixels = np.zeros((SIDE, SIDE, 3), np.uint8)
    pixels[..., 1] = generator.integers(100, 156, (SIDE, SIDE))
    top, left = generator.integers(SIDE - SMALL + 1, size=2).tolist()
    inside = pixels[top : top + SMALL, left : left + SMALL]
    inside[..., 0], inside[..., 1] = generator.integers(100, 156, (SMALL, SMALL)), 0
    return _as_photo(pixels), (left / SIDE, top / SIDE, (left + SMALL) / SIDE, (top + SMALL) / SIDE)


@pytest.mark.parametrize(
    ("reads", "case", "word"),
    [
        ("object", Case.NEEDS, Word.NEEDS),
        ("background", Case.BACKGROUND, Word.BACKGROUND),
        ("either", Case.GETS_BY, Word.GETS_BY),
        ("both", Case.NEEDS, Word.NEEDS),
        ("nothing", Case.GETS_BY, Word.GETS_BY),
    ],
)
def test_constructed_models_get_the_words_they_deserve(reads: Reads, case: Case, word: Word) -> None:
    for seed in range(3):
        rows = [
            measure_photo(_colours(reads), photo, 0, [box], FAST, seed)
            for photo, box in (_make_photo(1000 * seed + each) for each in range(20))
        ]
        (found,) = summarize(rows, ["the class"])
        assert find_word(found) is word, (seed, found)
        assert word is Word.BACKGROUND or word.value[:5] in tell_class(found)
        cases = [find_case(row) for row in rows]
        assert cases.count(case) >= 15, (seed, cases)


def test_a_photo_has_the_same_row_whatever_was_measured_before() -> None:
    (first, box), (other, other_box) = _make_photo(1), _make_photo(2)
    row = measure_photo(_colours("object"), first, 0, [box], FAST, 5)
    measure_photo(_colours("object"), other, 0, [other_box], FAST, 5)
    assert measure_photo(_colours("object"), first, 0, [box], FAST, 5) == row
    assert measure_photo(_colours("object"), first, 0, [box], FAST, 6) != row


def test_a_row_says_what_the_masking_experiment_says_at_the_same_places() -> None:
    photo, box = _make_photo(3)
    classifier, settings = _colours("both"), Settings(n_controls=39)
    row, frame = measure_photo(classifier, photo, 0, [box], settings, 7), core.frame_photo(photo, classifier, "squash")
    region = core.Region(round(box[1] * SIDE), round(box[0] * SIDE), SMALL, SMALL)
    for fill, found in row.hidings:
        seed = photo_seed(7, photo.digest)
        experiment = core.run_experiment(classifier, frame, [region], fill, 0, 39, seed)  # type: ignore[arg-type]
        hidden, kept = (experiment.views.hidden.prediction, experiment.views.kept.prediction)
        assert found.claim == experiment.verdict.claim.value
        assert (found.hidden, found.alone) == pytest.approx((hidden.probabilities[0], kept.probabilities[0]), abs=1e-6)
        assert (found.hidden_top, found.alone_top) == (hidden.best(), kept.best())
        assert found.hidden_named == (hidden.best() == 0)
        less = np.mean(np.array(experiment.controls.hidden) > found.hidden * 1.02)
        assert less <= found.need <= less + 0.2
    assert [fill for fill, _ in row.hidings] == ["grey", "black"]
    assert row.places == 39


def test_the_whole_photo_goes_through_the_model_once_and_each_place_once_a_fill(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    photo, box = _make_photo(4)
    classifier = _colours("both")
    passes: list[int] = []
    hide, explain, ask = HiddenFrames.logits, Engine.attribute, Engine.logits

    def count_places(self: HiddenFrames, paint: Any, placements: Any) -> Any:
        passes.append(len(placements))
        return hide(self, paint, placements)

    def count_explained(self: Engine, *given: Any) -> Any:
        passes.append(1000)
        return explain(self, *given)

    def count_frames(self: Engine, frames: Any) -> Any:
        passes.append(len(frames))
        return ask(self, frames)

    monkeypatch.setattr(HiddenFrames, "logits", count_places)
    monkeypatch.setattr(Engine, "attribute", count_explained)
    monkeypatch.setattr(Engine, "logits", count_frames)
    lent = Background(core.frame_photo(photo, classifier, "squash"), (box,))
    measure_photo(classifier, photo, 0, [box], FAST, backgrounds=Backgrounds(lent, lent))
    cropped, swapped = 2, 2
    assert sum(passes) == 1000 + cropped + swapped + 2 * 2 * 20


def test_what_no_hiding_can_tell_of_is_left_out_and_said() -> None:
    photo, box = _make_photo(5)
    whole = _as_photo(np.concatenate([np.zeros_like(photo.pixels), photo.pixels, np.zeros_like(photo.pixels)], axis=1))
    red_only = _as_photo(np.full((SIDE, SIDE, 3), (128, 0, 0), np.uint8))
    classifier = _colours("object")
    crowd = [(left / 3, top / 2, (left + 1) / 3, (top + 1) / 2) for left, top in np.ndindex(3, 2)][:5]
    rows = {
        NO_OBJECT: measure_photo(classifier, photo, 0),
        OUT_OF_FRAME: measure_photo(classifier, whole, 0, [(0, 0, 0.2, 1)], Settings("center")),
        NO_OTHER_PLACE: measure_photo(classifier, red_only, 0, [(0, 0, 1, 1)]),
        FEW_PLACES: measure_photo(classifier, red_only, 0, crowd),
        LITTLE_BELIEF: measure_photo(_colours("background"), red_only, 0, [box]),
    }
    for reason, row in rows.items():
        assert (row.reason, row.hidings, row.places) == (reason, (), None)
        assert 0 <= row.brightness <= 1
        assert find_case(row) is None
        assert read_row(row.as_dict(FAST.fills), FAST.fills) == row
    assert rows[NO_OBJECT].size is None
    assert rows[NO_OTHER_PLACE].size == 1
    assert (
        tell_class(*summarize([rows[NO_OBJECT]], ["*any*"]))
        == "“*any*”: on none of its 1 photo could an object be hidden."
    )


def test_a_label_tells_whether_the_answer_is_right() -> None:
    photo, box = _make_photo(6)
    classifier = _colours("object")
    assert measure_photo(classifier, photo).right is None
    assert measure_photo(classifier, photo).target == 0
    right, wrong = measure_photo(classifier, photo, 0), measure_photo(classifier, photo, 1)
    assert (right.right, right.named, right.target_rank) == (True, True, 1)
    assert (wrong.right, wrong.named, wrong.target_rank, wrong.predicted) == (False, False, 2, 0)
    assert (right.second, right.probability) == (1, right.target_probability)
    with pytest.raises(RequestError):
        measure_photo(classifier, photo, 3, [box])


@pytest.mark.parametrize(
    "wrong", [{"fills": ()}, {"fills": ("grey", "grey")}, {"n_controls": 20}, {"crop_mode": "whole"}, {"sigma": -1}]
)
def test_impossible_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(RequestError):
        Settings(**wrong)


def test_a_row_is_plain_values_in_the_same_columns_and_comes_back() -> None:
    photo, box = _make_photo(7)
    row = measure_photo(_colours("object"), photo, 0, [box], FAST)
    values, kinds = row.as_dict(FAST.fills), columns(FAST.fills)
    assert list(values) == list(kinds)
    assert all(value is None or type(value) is kinds[name] for name, value in values.items())
    assert read_row(json.loads(json.dumps(values)), FAST.fills) == row


@pytest.mark.parametrize("crop_mode", ["squash", "border"])
def test_shares_of_maps_are_of_what_is_on_the_photo(crop_mode: CropMode) -> None:
    photo, box = _make_photo(8)
    wide = _as_photo(np.concatenate([photo.pixels, photo.pixels[:, ::-1]], axis=1))
    left, right = (box[0] / 2, box[1], box[2] / 2, box[3]), (1 - box[2] / 2, box[1], 1 - box[0] / 2, box[3])
    row = measure_photo(_colours("object"), wide, 0, [left, right], Settings(crop_mode, n_controls=19, sigma=0))
    assert row.size == pytest.approx(ALL, rel=0.25)  # edges fall between pixels
    assert row.map_inside is not None
    assert row.map_inside > 0.8  # of a bar's pixels there is no map, so that they cannot lower it
    assert row.reason == ""
    assert measure_photo(_colours("nothing"), wide, 0, [left, right], FAST).hidings[0][1].need == 0.5


def test_brightness_and_sharpness() -> None:
    white, black = (np.full((20, 30, 3), value, np.uint8) for value in (255, 0))
    checked = np.where((np.indices((20, 30)).sum(axis=0) % 2)[..., None], white, black)
    assert brightness(white) == pytest.approx(1)
    assert (brightness(black), sharpness(black)) == (0, 0)
    assert brightness(checked) == pytest.approx(0.5)
    inner = sharpness(checked)
    assert 13 < inner < 16.5  # four neighbours each one away: a Laplacian of 4 or -4, less at the border
    assert (
        sharpness(
            core.hide(
                core.Frame(np.array(checked[:20, :20]), Box(0, 0, 20, 20), (20, 20)),
                [core.Region(0, 0, 20, 20)],
                "blur",
            ).pixels
        )
        < 0.1
    )


def test_the_real_model_on_a_kangaroo(classifier: core.Classifier) -> None:
    if not KANGAROO.is_dir():
        pytest.skip("the photos are not here")
    (thing,) = read_voc(KANGAROO / "annotations" / "kangaroo_003.xml")
    photo = core.decode_photo((KANGAROO / "images" / "kangaroo_003.jpg").read_bytes())
    row = measure_photo(classifier, photo, classifier.categories.index("wallaby"), thing.edges, FAST)
    assert (row.right, row.places) == (True, 19)
    for _, found in row.hidings:
        assert not found.hidden_named
        assert found.alone_named
        assert found.need > 0.5
