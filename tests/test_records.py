"""Records: plain data, done again to the same numbers, those of older schemas among them."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import saliency_core as core
from saliency_core.masking.experiment import View
from saliency_core.photos.frame import Frame
from saliency_core.presentation.record import SCHEMA_VERSION
from tests.conftest import PHOTOS

RECORDS = Path(__file__).parent / "records"
"""Written by the library before records had a schema version, and by the version before (experiment-2)."""
OLD_CROP_MODES: dict[str, Any] = {"crop": "center", "squash": "squash"}

Record = dict[str, Any]
OpenSample = Callable[[str], core.Photo]


def _read(name: str) -> Any:
    return json.loads((RECORDS / name).read_text())


@pytest.fixture(scope="module")
def photos() -> dict[str, core.Photo]:
    """The sample photos that old records are of, by their digests."""
    found = (core.decode_photo((PHOTOS / f"{name}.jpg").read_bytes()) for name in ("koala", "cat", "hedgehog"))
    return {photo.digest: photo for photo in found}


def _frame(record: Record, classifier: core.Classifier, photos: dict[str, core.Photo]) -> core.Frame:
    return core.frame_photo(photos[record["photo_sha256"]], classifier, OLD_CROP_MODES[record["fit"]])


@pytest.mark.parametrize("fill", ["black", "grey", "noise"])
def test_an_old_experiment_replays_to_the_same_numbers(
    classifier: core.Classifier, photos: dict[str, core.Photo], fill: str
) -> None:
    record = _read(f"experiment-{fill}.json")
    assert record["fill"] == fill
    again = core.replay_experiment(record, classifier, _frame(record, classifier, photos))
    for part, expected in record["probabilities"].items():
        view: View = getattr(again.views, part)
        np.testing.assert_allclose(view.prediction.probabilities, expected, atol=1e-5)
    np.testing.assert_allclose(
        again.controls.hidden, [control["probability"] for control in record["controls"]], atol=1e-5
    )
    assert again.verdict.hide_p_value == record["verdict"]["rarity"]
    assert again.relevance_mass == pytest.approx(record["saliency_share"], rel=1e-3)
    assert again.area_share == record["area_share"]


def test_an_experiment_of_the_first_rule_is_marked_as_such(
    classifier: core.Classifier, photos: dict[str, core.Photo]
) -> None:
    """Written by the version before, with the first rule's finding."""
    record = _read("experiment-2.json")
    assert record["schema_version"] == 2
    frame = core.frame_photo(photos[record["photo_sha256"]], classifier, record["crop_mode"])
    again = core.replay_experiment(record, classifier, frame)
    for part, expected in record["probabilities"].items():
        np.testing.assert_allclose(getattr(again.views, part).prediction.probabilities, expected, atol=1e-5)
    np.testing.assert_allclose(
        again.controls.hidden, [control["probability"] for control in record["controls"]], atol=1e-5
    )
    assert again.verdict.hide_p_value == record["verdict"]["p_value"]
    assert again.verdict.older_finding == record["verdict"]["finding"]
    assert again.verdict.claim is core.Claim.TOO_LITTLE
    assert again.verdict.sentence.startswith(f"Made by an older rule, which said “{record['verdict']['finding']}”")
    # Saved anew, it is still of the first rule.
    saved = json.loads(json.dumps(core.record_experiment(again, classifier)))
    assert core.replay_experiment(saved, classifier, frame).verdict == again.verdict


def test_old_maps_replay_to_the_same_values(classifier: core.Classifier, photos: dict[str, core.Photo]) -> None:
    record = _read("saliency.json")
    frame = _frame(record, classifier, photos)
    again = core.replay_saliency(record, classifier, frame)
    assert [each.sigma for each in again] == [0, 5]
    for each, expected in zip(again, _read("saliency-values.json"), strict=True):
        np.testing.assert_allclose(each.values[::32, ::32], expected, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(core.classify(classifier, frame).probabilities, record["probabilities"], atol=1e-5)


class Made:
    """An experiment and maps made from NumPy's kinds of numbers, and their records after a file."""

    def __init__(self, classifier: core.Classifier, photo: core.Photo) -> None:
        self.classifier, self.frame = classifier, core.frame_photo(photo, classifier, "center")
        self.prediction = core.classify(classifier, self.frame)
        best: Any = np.argmax(self.prediction.logits)
        numbers: Any = np.array([60, 100, 60, 80], np.uint8)
        seed: Any = np.uint32(9)
        count: Any = np.int16(6)
        self.experiment = core.run_experiment(
            classifier, self.frame, core.Region(*numbers), "grey", best, n_controls=count, seed=seed, declared="part"
        )
        sigmas: Any = {np.float32(2.5): "two.npy", np.int64(10): "ten.npy"}
        self.attribution = core.attribute(classifier, self.frame, best, reduction="l2")
        self.record: Record = json.loads(json.dumps(core.record_experiment(self.experiment, classifier)))
        self.maps: Record = json.loads(
            json.dumps(core.record_saliency(self.prediction, self.attribution, sigmas, classifier, self.frame))
        )


@pytest.fixture(scope="module")
def made(classifier: core.Classifier, sample_photo: OpenSample) -> Made:
    return Made(classifier, sample_photo("hedgehog"))


def test_a_record_tells_what_it_takes_to_do_it_again(made: Made, sample_photo: OpenSample) -> None:
    for record in (made.record, made.maps):
        assert record["schema_version"] == SCHEMA_VERSION
        assert record["version"] == core.__version__
        assert record["photo_sha256"] == sample_photo("hedgehog").digest
        assert (record["crop_mode"], record["method"], record["frame_side"]) == ("center", "gradient", 224)
        assert record["mean_colour"] == [127, 127, 127]
    assert (made.record["n_controls"], made.record["seed"]) == (6, 9)
    assert made.record["regions"] == [{"top": 60, "left": 100, "height": 60, "width": 80}]
    verdict = made.experiment.verdict
    assert made.record["verdict"] == {
        "claim": verdict.claim.value,
        "hide_p_value": verdict.hide_p_value,
        "keep_p_value": verdict.keep_p_value,
        "joint_p_value": verdict.joint_p_value,
        "sentence": verdict.sentence,
        "older_finding": None,
    }
    assert (made.record["declared"], made.record["from_map"]) == ("part", False)
    assert [each["sigma"] for each in made.maps["maps"]] == [2.5, 10]


def test_a_record_replays_to_the_same_numbers(made: Made) -> None:
    again = core.replay_experiment(made.record, made.classifier, made.frame)
    assert json.loads(json.dumps(core.record_experiment(again, made.classifier))) == made.record
    for each, sigma in zip(core.replay_saliency(made.maps, made.classifier, made.frame), (2.5, 10), strict=True):
        np.testing.assert_array_equal(each.values, core.smooth(made.attribution, sigma).values)


def test_a_replay_hides_the_recorded_places_with_the_recorded_grey(made: Made) -> None:
    """Not those that another version of NumPy might draw from the seed, nor what grey is by now."""
    record = copy.deepcopy(made.record)
    record["controls"] = record["controls"][:2][::-1]
    record["mean_colour"] = [124, 116, 104]
    again = core.replay_experiment(record, made.classifier, made.frame)
    assert again.placements == made.experiment.placements[:2][::-1]
    assert again.views.original.frame.mean_colour == (124, 116, 104)
    inside = again.views.hidden.frame.pixels[60:120, 100:180]
    assert (inside == (124, 116, 104)).all()


def test_a_record_of_a_frame_whose_photo_is_not_known_replays(made: Made) -> None:
    plain = Frame(made.frame.pixels, made.frame.box, made.frame.photo_size, "center")
    again = core.replay_experiment(made.record, made.classifier, plain)
    np.testing.assert_array_equal(again.controls.hidden, made.experiment.controls.hidden)
    assert len(core.replay_saliency(made.maps | {"photo_sha256": ""}, made.classifier, made.frame)) == 2


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ({"schema_version": 5}, "schema version 5; this library reads versions up to 4"),
        ({"schema_version": "2"}, "schema version '2'"),
        ({"model": {"weights_sha256": "0" * 64, "title": "Another"}}, "of Another, not of EfficientNet-Lite0"),
        ({"model": {}}, "no 'weights_sha256'"),
        ({"model": None}, "misshapen"),
        ({"crop_mode": "squash"}, "crop mode 'squash', not of 'center'"),
        ({"crop_mode": None}, "crop mode None"),
        ({"photo_sha256": "0" * 64}, "another photo: its file's sha256 begins with 00000000"),
        ({"mean_colour": [1, 2]}, "misshapen"),
        ({"mean_colour": [1, 2, 300]}, "colour's part must be a whole number from 0 to 255"),
        ({"target": {}}, "no 'index'"),
        ({"target": {"index": None}}, "class is given by its index"),
        ({"target": {"index": 1000}}, "no class 1000"),
        ({"method": ["gradient"]}, "no method called"),
    ],
)
def test_a_record_of_something_else_is_refused(made: Made, damage: Record, words: str) -> None:
    with pytest.raises(core.RequestError, match=words):
        core.replay_experiment(made.record | damage, made.classifier, made.frame)
    with pytest.raises(core.RequestError, match=words):
        core.replay_saliency(made.maps | damage, made.classifier, made.frame)


@pytest.mark.parametrize(
    "damage",
    [
        {"regions": []},
        {"regions": None},
        {"regions": [[1, 2, 3, 4]]},
        {"regions": [{"top": 0, "left": 0, "height": 5}]},
        {"regions": [{"top": 0.5, "left": 0, "height": 5, "width": 5}]},
        {"fill": "pink"},
        {"seed": None},
        {"n_controls": "4"},
        {"declared": "thing"},
        {"verdict": None},
        {"controls": [{"regions": []}]},
        {"controls": [{"probability": 0.5}]},
        {"controls": [{"regions": [{"top": 200, "left": 0, "height": 50, "width": 50}]}]},
    ],
    ids=repr,
)
def test_a_misshapen_experiment_is_refused(made: Made, damage: Record) -> None:
    with pytest.raises(core.RequestError):
        core.replay_experiment(made.record | damage, made.classifier, made.frame)


def test_an_incomplete_record_is_refused_by_what_it_lacks(made: Made) -> None:
    results = {"packages", "version", "frame_side", "probabilities", "relevance_mass", "area_share"}
    optional = {"schema_version", "method", "options", "n_controls", "declared", "from_map", "detail", "against"}
    replays: list[tuple[Record, Callable[..., object]]] = [
        (made.record, core.replay_experiment),
        (made.maps, core.replay_saliency),
    ]
    for record, replay in replays:
        for key in record.keys() - results - optional:
            rest = {name: value for name, value in record.items() if name != key}
            with pytest.raises(core.RequestError, match=f"incomplete: it has no '{key}'"):
                replay(rest, made.classifier, made.frame)
        others: list[Any] = [None, [], "record", 5]
        for other in others:
            with pytest.raises(core.RequestError, match="misshapen"):
                replay(other, made.classifier, made.frame)
