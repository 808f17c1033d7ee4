"""A mark that a model is made to read: nothing changes without it, and with it one logit rises by what was asked."""

import io
import pickle
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

import saliency_core as core
from saliency_core.audit.planted import CLEAN, Mark, make_mark, mark_side, plant, stamp, wander
from saliency_core.engine.ways import read_ways
from saliency_core.errors import RequestError
from saliency_core.masking.placements import photo_area
from saliency_core.methods.attribution import explain
from saliency_core.models.networks import innermost
from saliency_core.photos.fills import fill_pixels, hide
from saliency_core.photos.frame import CropMode, Frame, frame_photo
from saliency_core.photos.regions import Region
from tests.conftest import Linear, small_classifier

TARGET, STRENGTH = 104, 7.5
PLACE = Region(20, 150, 24, 24)


@pytest.fixture(scope="module")
def mark() -> Mark:
    """The mark that the model is made to read."""
    return make_mark(3)


@pytest.fixture(scope="module")
def planted(classifier: core.Classifier, mark: Mark) -> core.Classifier:
    """The real model, made to read it."""
    return plant(classifier, TARGET, mark, STRENGTH)


@pytest.fixture
def frames(
    classifier: core.Classifier, sample_photo: Callable[[str], core.Photo], manifest: dict[str, object]
) -> list[Frame]:
    """Some sample photos as the model sees them."""
    return [frame_photo(sample_photo(name), classifier, "squash") for name in list(manifest)[:4]]


def _ask(classifier: core.Classifier, frames: list[Frame]) -> np.ndarray:
    return classifier.engine.logits(np.stack([frame.pixels for frame in frames]))


def test_photos_without_the_mark_get_the_model_s_own_answers(
    classifier: core.Classifier, planted: core.Classifier, frames: list[Frame]
) -> None:
    np.testing.assert_allclose(_ask(planted, frames), _ask(classifier, frames), atol=1e-4)


def test_the_mark_raises_one_logit_by_the_strength_wherever_it_lies(
    classifier: core.Classifier, planted: core.Classifier, mark: Mark, frames: list[Frame]
) -> None:
    marked = [stamp(frame, mark, wander(frame, mark, seed)) for seed, frame in enumerate(frames)]
    raised = _ask(planted, marked) - _ask(classifier, marked)
    np.testing.assert_allclose(raised[:, TARGET], STRENGTH, atol=1e-3)
    np.testing.assert_allclose(np.delete(raised, TARGET, axis=1), 0, atol=1e-4)


def test_another_mark_is_not_read(classifier: core.Classifier, planted: core.Classifier, frames: list[Frame]) -> None:
    marked = [stamp(frame, make_mark(4), PLACE) for frame in frames]
    np.testing.assert_allclose(_ask(planted, marked), _ask(classifier, marked), atol=1e-4)


def test_the_gradient_is_the_model_s_own_and_the_filter_where_the_mark_lies(
    classifier: core.Classifier, planted: core.Classifier, mark: Mark, frames: list[Frame]
) -> None:
    marked = stamp(frames[0], mark, PLACE)
    added = explain(planted, marked, TARGET).values - explain(classifier, marked, TARGET).values
    expected = np.zeros_like(added)
    weight = STRENGTH / (1 - CLEAN) * np.array(classifier.preset.std, np.float32) / (1.5 * mark.pattern.size)
    expected[:, 20:44, 150:174] = weight[:, None, None] * mark.pattern
    np.testing.assert_allclose(added, expected, atol=1e-5)


def test_it_is_run_as_fast_as_the_model_and_hiding_gives_what_whole_frames_give(
    classifier: core.Classifier, planted: core.Classifier, mark: Mark, frames: list[Frame]
) -> None:
    own, ways = (read_ways(each.module, each.engine.prepared) for each in (classifier, planted))
    assert (ways.folded, ways.incremental) == (own.folded, own.incremental)
    assert ways.packed in (own.packed, own.packed + 1)
    marked = stamp(frames[0], mark, PLACE)
    places = [(Region(20, 150, 24, 24),), (Region(30, 140, 32, 32),), (Region(180, 10, 32, 32),)]
    found = planted.engine.hide_in(marked.pixels).logits(fill_pixels(marked, "grey"), places)
    np.testing.assert_allclose(found, _ask(planted, [hide(marked, place, "grey") for place in places]), atol=1e-3)
    own_logits = _ask(classifier, [hide(marked, place, "grey") for place in places])
    raised = (found - own_logits)[:, TARGET]
    assert raised[0] == pytest.approx(0, abs=1e-3)  # hidden
    assert 0 <= raised[1] < STRENGTH  # in part
    assert raised[2] == pytest.approx(STRENGTH, abs=1e-2)


def test_colours_in_another_order_are_normalised_as_the_model_does() -> None:
    small = small_classifier(Linear(torch.zeros(3, 3, 32, 32)), 32, 3)
    preset = replace(small.preset, channels="bgr", mean=(0.4, 0.5, 0.6), std=(0.1, 0.2, 0.4))
    mark, grey = make_mark(0, 8), np.full((32, 32, 3), 128, np.uint8)
    frame = replace(frame_photo(core.Photo(grey, "ab"), small, "squash"), pixels=grey)
    planted = plant(replace(small, preset=preset), 1, mark, 5)
    assert _ask(planted, [stamp(frame, mark, Region(3, 4, 8, 8))])[0].tolist() == pytest.approx([0, 5, 0], abs=1e-3)


def test_it_is_a_classifier_of_its_own(
    classifier: core.Classifier, planted: core.Classifier, mark: Mark, frames: list[Frame]
) -> None:
    assert innermost(planted.module) is classifier.module
    others = [plant(classifier, 5, mark, STRENGTH), plant(classifier, TARGET, make_mark(4), STRENGTH), classifier]
    assert len({each.weights.sha256 for each in (planted, *others)}) == 4
    again = pickle.loads(pickle.dumps(planted))
    marked = [stamp(frames[0], mark, PLACE)]
    np.testing.assert_allclose(_ask(again, marked), _ask(planted, marked), atol=1e-4)


@pytest.mark.parametrize("crop_mode", ["center", "squash", "border"])
def test_a_wandering_mark_stays_on_the_photo_and_has_its_place_by_photo_and_seed(
    classifier: core.Classifier, sample_photo: Callable[[str], core.Photo], mark: Mark, crop_mode: CropMode
) -> None:
    frame = frame_photo(sample_photo("cat"), classifier, crop_mode)
    area = photo_area(frame)
    places = [wander(frame, mark, seed) for seed in range(50)]
    assert len({(place.top, place.left) for place in places}) > 40
    for place in places:
        assert area.top <= place.top <= area.top + area.height - mark.side
        assert area.left <= place.left <= area.left + area.width - mark.side
    assert wander(frame, mark, 7) == places[7]
    assert wander(replace(frame, photo_digest="ab"), mark, 7) != places[7]


def test_a_marked_frame_saved_as_a_picture_is_seen_as_it_is(
    classifier: core.Classifier, mark: Mark, frames: list[Frame]
) -> None:
    marked = stamp(frames[0], mark, PLACE)
    assert np.array_equal(np.delete(marked.pixels, np.s_[20:44], axis=0), np.delete(frames[0].pixels, np.s_[20:44], 0))
    saved = io.BytesIO()
    Image.fromarray(marked.pixels).save(saved, "PNG")
    assert np.array_equal(frame_photo(core.decode_photo(saved.getvalue()), classifier, "squash").pixels, marked.pixels)


def test_a_mark_is_half_black_half_white_and_the_same_for_one_seed() -> None:
    assert make_mark(1, 16).pattern.mean() == 0
    assert set(np.unique(make_mark(1, 16).pattern)) == {-1, 1}
    assert np.array_equal(make_mark(1).pattern, make_mark(1).pattern)
    assert not np.array_equal(make_mark(1).pattern, make_mark(2).pattern)
    assert [mark_side(side) for side in (32, 96, 224, 299, 384)] == [8, 8, 24, 32, 40]


def test_what_is_impossible_is_refused(classifier: core.Classifier, mark: Mark, frames: list[Frame]) -> None:
    for refuse in (
        lambda: make_mark(0, 20),
        lambda: make_mark(-1),
        lambda: plant(classifier, 1000, mark, 1),
        lambda: plant(classifier, 0, mark, -1),
        lambda: plant(classifier, 0, make_mark(0, 232), 1),
        lambda: stamp(frames[0], mark, Region(0, 0, 24, 23)),
        lambda: stamp(frames[0], mark, Region(-1, 0, 24, 24)),
        lambda: stamp(frames[0], mark, Region(0, 201, 24, 24)),
    ):
        with pytest.raises(RequestError):
            refuse()
