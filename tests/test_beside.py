"""Two models beside each other: what is told of their numbers, on pages, in links and in reports."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.parameters import PARAMETERS
from saliency_core.methods.smoothing import share_sigma
from saliency_core.models.prediction import Prediction, make_prediction
from saliency_core.presentation import beside
from tests.test_pages import open_dashboard, press, texts
from tests.test_small_model import add_model as add_model

NAMES = ("First", "Second")
OURS, THEIRS = ("koala", "teapot", "small bird"), ("house", "small bird", "koala", "*rare* <b>kind</b>")


def predict(categories: tuple[str, ...], *probabilities: float) -> Prediction:
    return make_prediction(np.log(np.array(probabilities, np.float32)), categories)


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (
            predict(OURS, 0.7, 0.2, 0.1),
            predict(THEIRS, 0.1, 0.1, 0.6, 0.2),
            "Both say “koala”, First with 70%, Second with 60%.",
        ),
        (predict(OURS, 0.6, 0.3, 0.1), predict(OURS, 0.6, 0.1, 0.3), "Both say “koala”, both with 60%."),
        (
            predict(OURS, 0.1, 0.8, 0.1),
            predict(THEIRS, 0.1, 0.1, 0.6, 0.2),
            "First says “teapot” (80%), Second says “koala” (60%).",
        ),
    ],
)
def test_what_two_models_say(first: Prediction, second: Prediction, told: str) -> None:
    assert beside.tell_answers(NAMES, first, second) == told
    turned = beside.tell_answers(NAMES[::-1], second, first)
    assert sorted(re.findall(r"[\w“”%]+", turned)) == sorted(re.findall(r"[\w“”%]+", told))


def test_each_gives_something_to_what_the_other_says_or_has_no_such_class() -> None:
    first, second = predict(OURS, 0.12, 0.8, 0.08), predict(THEIRS, 0.1, 0.1, 0.6, 0.2)
    told = "First gives “koala” 12%, place 2 of 3.", "Second has no class “teapot”."
    assert beside.tell_others_answers(NAMES, first, second) == " ".join(told)
    assert beside.tell_others_answers(NAMES[::-1], second, first) == " ".join(told[::-1])
    assert beside.tell_others_answers(NAMES, first, first) == ""


def test_classes_are_matched_by_name_as_it_is_written() -> None:
    assert beside.find_counterpart(OURS, 0, THEIRS) == 2
    assert beside.find_counterpart(OURS, 1, THEIRS) is None
    assert beside.find_counterpart(("Koala",), 0, THEIRS) is None
    twice = "crane", "heron", "crane"
    assert beside.find_counterpart(twice, 2, twice) == 2
    assert beside.find_counterpart(("a", "b", "c", "crane"), 3, twice) == 0
    assert beside.tell_counterpart(NAMES, OURS, 0, OURS, 0) == ""
    assert "“koala” is the class of this name in both" in beside.tell_counterpart(NAMES, OURS, 0, THEIRS, 2)
    assert (
        beside.tell_counterpart(NAMES, OURS, 1, THEIRS, 0)
        == "Second has no class “teapot”; its own best guess, “house”, is looked at instead."
    )


def test_lists_that_differ_are_said_to() -> None:
    assert beside.tell_lists(NAMES, OURS, OURS) == ""
    assert "First has learnt 3 classes and Second 4 classes; 2 names are in both" in beside.tell_lists(
        NAMES, OURS, THEIRS
    )
    assert "Second 1 class; 1 name is in both" in beside.tell_lists(NAMES, OURS, ("koala",))
    assert "no name is in both" in beside.tell_lists(NAMES, OURS, ("Koala",))


def test_maps_of_frames_of_two_sizes_are_smoothed_by_one_share() -> None:
    assert share_sigma(5, 224, 224) == 5
    assert share_sigma(5, 224, 64) == 1.43
    assert share_sigma(8.5, 256, 64) == 2.13
    assert beside.tell_sigmas(NAMES, 5, 224, 224) == ""
    assert "sigma 5 in the pixels of the first is sigma 1.43" in beside.tell_sigmas(NAMES, 5, 224, 64)
    assert "sigma" not in beside.tell_sigmas(NAMES, 0, 224, 64)


@pytest.fixture
def two_models(add_model: Callable[..., None]) -> None:
    """Two small models with other classes and frames, both with a title that is no Markdown."""
    add_model("ours", "Ours *1*", OURS, 64)
    add_model("theirs", "Theirs [x](http://x)", THEIRS, 48)


def open_both(page: str, **link: str) -> AppTest:
    app = open_dashboard(page, model="ours", beside="theirs", photo="koala", **link)
    assert not app.error
    assert not app.warning
    return app


@pytest.mark.usefixtures("two_models")
def test_classification_shows_both_answers() -> None:
    app = open_both("classification")
    words = texts(app)
    assert r"Theirs \[x\]" in words
    assert "48 x 48 pixels" in words
    assert "in both lists" in words
    assert app.subheader[0].value.startswith(("Both say", r"Ours \*1\* says"))
    assert len([each for each in app.get("html") if 'class="bars"' in each.proto.body]) == 2
    assert app.query_params["beside"] == "theirs"


@pytest.mark.usefixtures("two_models")
def test_another_model_is_chosen_and_left_and_never_the_same_twice() -> None:
    app = open_dashboard("classification", model="ours", photo="koala")
    alone = texts(app)
    assert "beside" not in app.query_params
    assert "ours" not in app.selectbox(key="beside").options
    app.selectbox(key="beside").set_value("theirs").run()
    assert app.query_params["beside"] == "theirs"
    app.selectbox(key="model").set_value("theirs").run()
    assert "beside" not in app.query_params
    assert app.selectbox(key="beside").value is None
    app.selectbox(key="model").set_value("ours").run()
    app.selectbox(key="beside").set_value("theirs").run()
    app.selectbox(key="beside").set_value(None).run()
    assert texts(app) == alone


def test_a_second_model_that_cannot_be_had_is_told_and_the_page_goes_on() -> None:
    app = open_dashboard("classification", model="efficientnet_lite0", beside="resnet50", photo="koala")
    assert "ResNet50 cannot stand beside it" in texts(app)
    assert "koala" in app.subheader[0].value
    press(app, "Try again")
    assert "ResNet50 cannot stand beside it" in texts(app)
    assert app.query_params["model"] == "efficientnet_lite0"


def test_a_second_model_that_does_not_exist_is_told_once() -> None:
    app = open_dashboard("guided_tour", model="efficientnet_lite0", photo="koala", beside="nobody's")
    assert next(each for each in PARAMETERS if each.name == "beside").problem in app.warning[0].value
    app.switch_page("pages/classification.py").run()
    assert "beside" not in app.query_params
