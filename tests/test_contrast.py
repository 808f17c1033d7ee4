"""One class's map minus another's: identities first, then its words, then the page."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import saliency_core as core
from pages.ui import compute
from saliency_core.presentation.captions import describe_maps, name_sides, title_maps
from tests.test_pages import offline as offline
from tests.test_pages import open_dashboard, pictures, unpack

OpenSample = Callable[[str], core.Photo]


def make(seed: int, target: int, **more: Any) -> core.Attribution:
    values = np.random.default_rng(seed).gamma(0.5, size=(32, 32)).astype(np.float32)
    return replace(core.Attribution(values, target, "max"), **more)


def test_the_order_turns_the_sign_and_nothing_else() -> None:
    a, b = make(0, 3), make(1, 7)
    difference = core.contrast(a, b)
    np.testing.assert_array_equal(difference.values, -core.contrast(b, a).values)
    assert (difference.target, difference.against, difference.signed) == (3, 7, True)
    assert (difference.method, difference.reduction) == (a.method, a.reduction)
    assert not difference.values.flags.writeable
    assert difference.values.dtype == np.float32


def test_maps_without_signs_differ_by_nothing_in_sum_and_two_at_most() -> None:
    values = core.contrast(make(0, 3), make(1, 7)).values.astype(np.float64)
    assert abs(values.sum()) < 1e-5
    assert np.abs(values).sum() <= 2
    corners = np.eye(2, dtype=np.float32)
    apart = core.contrast(core.Attribution(corners, 0, "max"), core.Attribution(5 * corners[::-1], 1, "max"))
    np.testing.assert_array_equal(apart.values, [[0.5, -0.5], [-0.5, 0.5]])


def test_how_far_a_score_moves_does_not_matter() -> None:
    a, b = make(0, 3), make(1, 7)
    stronger = replace(a, values=a.values * 8)
    np.testing.assert_allclose(core.contrast(stronger, b).values, core.contrast(a, b).values, atol=1e-9)
    same = core.contrast(a, replace(stronger, target=7))
    np.testing.assert_allclose(same.values, 0, atol=1e-9)


def test_signed_maps_are_divided_by_their_magnitudes() -> None:
    a = core.Attribution(np.array([[3, -1]], np.float32), 0, "signed")
    b = core.Attribution(np.array([[0, 0]], np.float32), 1, "signed")
    np.testing.assert_array_equal(core.contrast(a, b).values, [[0.75, -0.25]])


def test_smoothing_keeps_what_it_is_of() -> None:
    smoothed = core.smooth(core.contrast(make(0, 3), make(1, 7)), 2)
    assert (smoothed.target, smoothed.against, smoothed.signed) == (3, 7, True)
    one_by_one = core.smooth(make(0, 3), 2).values / make(0, 3).values.sum()
    other = core.smooth(make(1, 7), 2).values / make(1, 7).values.sum()
    np.testing.assert_allclose(smoothed.values, one_by_one - other, atol=1e-7)


@pytest.mark.parametrize(
    ("b", "words"),
    [
        (make(1, 3), "of class 3"),
        (make(1, 7, method="other"), "two methods"),
        (make(1, 7, reduction="l2"), "two channel reductions"),
        (make(1, 7, values=np.ones((16, 16), np.float32)), "two sizes"),
        (make(1, 7, against=4), "map of one class"),
    ],
)
def test_what_cannot_be_compared_is_refused(b: core.Attribution, words: str) -> None:
    for pair in ((make(0, 3), b), (b, make(0, 3))):
        with pytest.raises(core.RequestError, match=words):
            core.contrast(*pair)


def test_captions_name_both_classes_with_probability_and_place(
    classifier: core.Classifier, sample_photo: OpenSample
) -> None:
    photo = sample_photo("koala")
    frame = core.frame_photo(photo, classifier)
    case = core.Case(photo.pixels, "Koala", "", classifier, frame)
    prediction = core.classify(classifier, frame)
    of_both = core.contrast(core.attribute(classifier, frame, 105), core.attribute(classifier, frame, 106))
    told = describe_maps(case, of_both, prediction)
    place = prediction.rank(106)
    assert told.startswith("“koala” (93%, the best guess) minus “wombat” (")
    assert f"%, place {place} of 1,000) · EfficientNet-Lite0 · gradient, strongest channel" in told
    assert title_maps(case, of_both) == "Where the map of “koala” differs from that of “wombat”"
    assert name_sides(case, of_both) == ("more of “wombat”", "more of “koala”")


def test_the_page_takes_a_map_away_and_its_link_says_so() -> None:
    app = open_dashboard("saliency", model="efficientnet_lite0", photo="koala")
    assert "minus" not in app.query_params
    picker = app.selectbox(key="minus")
    assert picker.options[0] == "nothing"
    assert "wombat" in picker.options
    assert "koala" not in picker.options
    picker.set_value(106).run()
    assert not app.exception
    assert app.query_params["minus"] == "106"
    assert "koala” (93%, the best guess) minus “wombat” (" in pictures(app)
    drawn = maps_of(app)
    assert "hold more of the map of “koala” than of the map of “wombat”" in drawn[0]["reading"]
    assert all(each["sides"] == ["more of “wombat”", "more of “koala”"] for each in drawn)
    sent = [unpack(each.proto.bytes) for each in app.get("bidi_component") if each.proto.component_name == "payload"]
    (about, levels) = next(each for each in sent if each[0]["name"] == drawn[0]["map"])
    shares = np.frombuffer(levels, "<i2").astype(np.float64) / 32767 * about["peak"]
    assert about["signed"]
    assert abs(shares.sum()) < 1e-2
    app.selectbox(key="minus").set_value(-1).run()
    assert "minus" not in app.query_params
    assert maps_of(app)[0]["reading"] == ""


def test_a_link_takes_any_class_away_but_its_own() -> None:
    app = open_dashboard("saliency", model="efficientnet_lite0", photo="koala", minus="605")
    assert "minus “iPod” (" in pictures(app)
    assert app.selectbox(key="minus").options[-1] == "iPod"
    app.session_state["target"] = 605
    app.run()
    assert not app.exception
    assert "minus" not in app.query_params
    assert "minus “" not in pictures(app)
    app = open_dashboard("guided_tour", model="efficientnet_lite0", photo="koala", minus="1000")
    assert "a class to take away that is not a number from 0 to 999" in app.warning[0].value


def test_beside_a_second_model_nothing_is_taken_away(monkeypatch: pytest.MonkeyPatch, linear: core.Classifier) -> None:
    from pages.ui import beside

    monkeypatch.setattr(beside, "find_classifier", lambda _name: linear)
    app = open_dashboard("saliency", model="efficientnet_lite0", photo="koala", minus="106", beside="resnet50")
    assert not [box for box in app.selectbox if box.key == "minus"]
    assert "minus" not in app.query_params
    assert "minus “" not in json.dumps(maps_of(app), ensure_ascii=False)
    compute.forget()


def maps_of(app: AppTest) -> list[dict[str, Any]]:
    return [json.loads(each.proto.json) for each in app.get("bidi_component") if each.proto.component_name == "maps"]
