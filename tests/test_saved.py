"""Saved results: read again whatever a file says, and opened on the pages to the same numbers."""

import copy
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import saliency_core as core
from pages.ui import compute, uploads
from pages.ui.shapes import on_photo
from saliency_core.errors import RecordError
from saliency_core.presentation import saved
from saliency_core.presentation.archive import RECORD, masking_archive, masking_record, saliency_archive
from saliency_core.presentation.case import MapStyle
from saliency_core.presentation.saved import compare_experiment, read_saved
from tests.conftest import PHOTOS
from tests.test_links import shown
from tests.test_pages import offline as offline
from tests.test_pages import open_dashboard, texts

KOALA = (PHOTOS / "koala.jpg").read_bytes()
OWN = KOALA + b"\0"
"""The same picture as a file that is no sample."""
TODAY = date(2026, 1, 2)
REGIONS = (core.Region(52, 78, 49, 103), core.Region(150, 60, 30, 60))
Made = tuple[core.Case, core.Experiment]


def make(data: bytes, classifier: core.Classifier, **more: Any) -> Made:
    photo = core.decode_photo(data)
    frame = core.frame_photo(photo, classifier, "border")
    experiment = core.run_experiment(classifier, frame, REGIONS, "blur", n_controls=19, seed=3, declared="part")
    return core.Case(photo.pixels, "my koala.jpg", "", classifier, frame), replace(experiment, **more)


@pytest.fixture(scope="module")
def made(classifier: core.Classifier) -> Made:
    """An experiment on a person's own photo."""
    return make(OWN, classifier)


@pytest.fixture(scope="module")
def record(made: Made) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(json.dumps(masking_record(*made, 3.5)))
    return loaded


def as_json(record: Any) -> bytes:
    return json.dumps(record).encode()


def zip_of(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_an_archive_is_read_as_it_was_written(made: Made) -> None:
    case, experiment = made
    found = read_saved(masking_archive(case, experiment, 3.5, TODAY, OWN))
    assert (found.photo, found.title, found.sigmas, found.crop_mode) == (OWN, "my koala.jpg", (3.5,), "border")
    assert (found.model, found.target) == ("efficientnet_lite0", experiment.target)
    assert found.experiment is not None
    assert (found.experiment.regions, found.experiment.declared, found.experiment.fill) == (REGIONS, "part", "blur")
    assert (found.experiment.seed, found.experiment.n_controls) == (3, 19)
    assert "the same numbers" in compare_experiment(found.experiment, experiment)
    moved = replace(experiment, placements=experiment.placements[::-1])
    assert "other random places" in compare_experiment(found.experiment, moved)
    other = replace(found.experiment, hidden=found.experiment.hidden + 0.01)
    assert "found otherwise" in compare_experiment(other, experiment)


def test_a_photo_is_saved_only_where_it_is_given(made: Made) -> None:
    found = read_saved(masking_archive(*made, 3.5, TODAY))
    assert (found.photo, found.title) == (b"", "")
    assert b"my koala.jpg" not in masking_archive(*made, 3.5, TODAY)


def test_an_archive_of_maps_is_read_as_it_was_written(made: Made, classifier: core.Classifier) -> None:
    case, _ = made
    explanation = core.explain(classifier, case.frame, 106)
    raw = core.attribute(classifier, case.frame, 106, reduction="l2")
    style = MapStyle("viridis", 0.35, one_scale=True)
    data = saliency_archive(case, explanation.prediction, raw, [1, 5, 20], TODAY, style)
    found = read_saved(data)
    assert (found.sigmas, found.style, found.reduction, found.target) == ((1, 5, 20), style, "l2", 106)
    assert found.experiment is None
    assert "is the same" in saved.compare_prediction(found, explanation.prediction)


def _without(record: dict[str, Any], *path: str) -> dict[str, Any]:
    changed = copy.deepcopy(record)
    inner = changed
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return changed


def _with(record: dict[str, Any], value: object, *path: str) -> dict[str, Any]:
    changed = copy.deepcopy(record)
    inner: Any = changed
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return changed


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("schema_version",), 5, "newer version"),
        (("schema_version",), "4", "newer version"),
        (("schema_version",), 2, "before 0.3"),
        (("schema_version",), 1, "before 0.3"),
        (("verdict", "older_finding"), "x", "before 0.3"),
        (("crop_mode",), "stretch", "crop mode"),
        (("method",), "magic", "method"),
        (("fill",), ["black"], "fill"),
        (("seed",), -1, "seed"),
        (("seed",), 1e99, "seed"),
        (("n_controls",), 10**9, "random placements"),
        (("declared",), {}, "cannot be used"),
        (("regions",), [], "regions"),
        (("regions",), 10**4 * [{}], "regions"),
        (("regions",), "1-2-3-4", "cannot be used"),
        (("controls",), [{"regions": None}], "cannot be used"),
        (("target", "index"), 1000, "class"),
        (("target", "label"), 7, "no name"),
        (("model",), None, "cannot be used"),
        (("photo_sha256",), ["x"], "no name"),
        (("probabilities", "original"), [float("nan")], "probabilities"),
        (("probabilities", "original"), [[1]], "probabilities"),
        (("probabilities", "hidden"), "all", "cannot be used"),
        (("shown",), {"sigma": "much"}, "sigma"),
        (("shown",), [], "cannot be used"),
        (("photo",), 3, "cannot be used"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(
    record: dict[str, Any], path: tuple[str, ...], value: object, words: str
) -> None:
    with pytest.raises(RecordError, match=words) as told:
        read_saved(zip_of({RECORD: as_json(_with(record, value, *path)), "photo.jpeg": OWN}))
    assert len(str(told.value)) < 300


def test_what_is_missing_is_named(record: dict[str, Any]) -> None:
    read_saved(as_json(record))
    for name in ("model", "target", "regions", "fill", "seed", "photo_sha256", "probabilities"):
        with pytest.raises(RecordError, match=name):
            read_saved(as_json(_without(record, name)))


def test_old_records_are_told_of() -> None:
    for file in (Path(__file__).parent / "records").glob("experiment-*.json"):
        with pytest.raises(RecordError, match=r"before 0\.3"):
            read_saved(file.read_bytes())


def test_bytes_that_are_no_result_are_told_so(made: Made, record: dict[str, Any], monkeypatch: Any) -> None:
    whole = masking_archive(*made, 3.5, TODAY, OWN)
    rotten = bytearray(whole)
    rotten[200:260] = 60 * b"\xff"
    bomb = zip_of({RECORD: (saved.MOST_RECORD_BYTES + 1) * b" "})
    of_other_photo = zip_of({RECORD: as_json({**record, "photo": {"file": "photo", "title": ""}}), "photo": KOALA})
    outside = zip_of({RECORD: as_json({**record, "photo": {"file": "../../etc/passwd", "title": ""}})})
    for data, words in (
        (b"", "no saved result"),
        (b"[]", "no saved result"),
        (10**5 * b"[", "no saved result"),
        (b'{"a":' + 5000 * b"9" + b"}", "no saved result"),
        (b"\xff\xd8\xff\xe0", "no saved result"),
        (b"PK\x03\x04 and no more", "damaged"),
        (whole[: len(whole) // 2], "damaged"),
        (bytes(rotten), "damaged"),
        (zip_of({"other.json": b"{}"}), "has no result.json"),
        (bomb, "unpacks to more"),
        (zip_of({f"{number}": b"" for number in range(saved.MOST_FILES + 1)}), "more files"),
        (of_other_photo, "not the one"),
        (outside, "has no ../../etc/passwd"),
    ):
        with pytest.raises(RecordError, match=words):
            read_saved(data)
    monkeypatch.setattr(saved, "MOST_BYTES", 100)
    with pytest.raises(RecordError, match="larger than"):
        read_saved(whole)


def open_result(app: AppTest, name: str, data: bytes) -> AppTest:
    app.file_uploader[1].set_value((name, data, "application/zip")).run()
    assert not app.exception
    return app


@pytest.mark.slow
def test_a_saved_upload_opens_on_another_server_to_the_same_numbers(made: Made) -> None:
    """As the pages save it, with the photo in it; nothing that was computed before is kept."""
    uploads.forget()
    app = open_dashboard("masking_experiment", model="efficientnet_lite0", photo="cat", crop_mode="border")
    app.file_uploader[0].set_value(("my koala.jpg", OWN, "image/jpeg")).run()
    for name, value in (("fill", "blur"), ("seed", 3), ("sigma", 3.5), ("declared", "part")):
        app.session_state[name] = value
    frame = made[0].frame
    app.session_state["rectangles"] = tuple(on_photo(region, frame) for region in REGIONS)
    before = shown(app.run())
    data = masking_archive(*made, 3.5, TODAY, OWN)

    compute.forget()
    uploads.forget()
    again = open_result(open_dashboard("classification", model="efficientnet_lite0"), "data.zip", data)
    assert again.title[0].value == "Masking experiment"
    told, drawn = shown(again)
    assert "Opened from a saved result: these are the same numbers." in told
    assert (told.replace("Opened from a saved result: these are the same numbers.\n", ""), drawn) == before
    assert again.query_params["seed"] == "3"
    # The sentence goes when something else is on screen.
    again.selectbox(key="fill").set_value("black").run()
    assert "Opened from" not in texts(again)


def test_a_result_without_its_photo_waits_for_it(record: dict[str, Any]) -> None:
    uploads.forget()
    app = open_dashboard("masking_experiment", model="efficientnet_lite0", photo="cat")
    before = shown(app)
    open_result(app, "result.json", as_json(record))
    assert "photo of this result is not in its file" in app.error[0].value
    assert shown(app.run()) == before
    app.file_uploader[0].set_value(("again.jpg", OWN, "image/jpeg")).run()
    assert "these are the same numbers" in texts(app)
    assert "Your photo: again.jpg" in texts(app)
    assert (app.query_params["fill"], app.query_params["crop_mode"]) == ("blur", "border")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda record: _with(record, "vgg", "model", "name"), "does not exist here"),
        (lambda record: _with(record, "resnet50", "model", "name"), "weights are not on this machine"),
        (lambda record: _with(record, 64 * "0", "model", "weights_sha256"), "other weights"),
        (lambda record: _with(record, 200, "n_controls"), "200 random places"),
        (lambda record: _with(record, 2**40, "seed"), "larger seed"),
        (lambda record: _with(record, 13 * record["regions"], "regions"), "more regions"),
        (lambda record: _with(record, [{"top": 0, "left": 0, "height": 9, "width": 9}], "regions"), "no photo"),
        (lambda record: _with(record, {"sigma": 3.3}, "shown"), "steps of a half"),
        (lambda record: _with(record, 9, "schema_version"), "newer version"),
    ],
)
def test_what_these_pages_cannot_show_leaves_the_screen_as_it_is(
    record: dict[str, Any], change: Callable[[Any], Any], words: str
) -> None:
    of_sample = _with(record, core.decode_photo(KOALA).digest, "photo_sha256")
    app = open_dashboard("classification", model="efficientnet_lite0", photo="espresso")
    link, before = dict(app.query_params), shown(app)
    open_result(app, "result.json", as_json(change(of_sample)))
    assert words in app.error[0].value
    assert dict(app.query_params) == link
    assert shown(app.run()) == before


def test_a_contrast_opens_as_it_was(classifier: core.Classifier) -> None:
    photo = core.decode_photo(KOALA)
    frame = core.frame_photo(photo, classifier, "squash")
    case = core.Case(photo.pixels, "Koala in a tree", "", classifier, frame)
    prediction = core.classify(classifier, frame)
    raw = core.contrast(core.attribute(classifier, frame, 105), core.attribute(classifier, frame, 106))
    data = saliency_archive(case, prediction, raw, [5], TODAY)
    saved_result = read_saved(data)
    assert (saved_result.target, saved_result.against) == (105, 106)
    (again,) = [each for each in core.replay_saliency(_record_of(data), classifier, frame) if each.sigma == 5]
    np.testing.assert_array_equal(again.values, core.smooth(raw, 5).values)
    assert (again.target, again.against) == (105, 106)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert all("koala-minus-wombat" in name for name in archive.namelist() if name != RECORD)
    app = open_result(open_dashboard("masking_experiment", model="efficientnet_lite0", photo="cat"), "maps.zip", data)
    assert {"class": "105", "minus": "106"}.items() <= dict(app.query_params).items()
    record = _record_of(data)
    for wrong in ({"index": 105}, {"index": 1000}, {}, 7):
        with pytest.raises(RecordError, match="cannot be used"):
            read_saved(as_json(_with(record, wrong, "against")))


def _record_of(data: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        loaded: dict[str, Any] = json.loads(archive.read(RECORD))
    return loaded


def test_maps_of_a_sample_open_as_they_were(classifier: core.Classifier) -> None:
    photo = core.decode_photo(KOALA)
    frame = core.frame_photo(photo, classifier, "squash")
    case = core.Case(photo.pixels, "Koala in a tree", "", classifier, frame)
    prediction = core.explain(classifier, frame, 106).prediction
    raw = core.attribute(classifier, frame, 106, reduction="l2")
    data = saliency_archive(case, prediction, raw, [1, 5], TODAY, MapStyle("viridis", 0.35, one_scale=True))
    app = open_result(open_dashboard("masking_experiment", model="efficientnet_lite0", photo="cat"), "maps.zip", data)
    assert app.title[0].value == "Saliency"
    assert "the model’s answer is the same" in texts(app)
    said = {"photo": "koala", "class": "106", "sigmas": "1-5", "colours": "viridis", "channels": "l2"}
    assert {**said, "opacity": "35", "one_scale": "1", "crop_mode": "squash"}.items() <= dict(app.query_params).items()
    assert np.isclose(prediction.probabilities.sum(), 1)
