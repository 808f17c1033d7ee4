"""Two models beside each other: what is told of their numbers, on pages, in links and in reports."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

import saliency_core as core
from pages.ui.parameters import PARAMETERS
from saliency_core.masking.claims import Claim
from saliency_core.methods.smoothing import Scale, share_sigma
from saliency_core.models.prediction import Prediction, make_prediction
from saliency_core.presentation import beside
from saliency_core.presentation.beside import name_both
from saliency_core.presentation.beside_pictures import pair_pictures
from saliency_core.presentation.beside_report import Judged
from tests.conftest import Linear, small_classifier
from tests.test_links import back as back
from tests.test_pages import open_dashboard, press, texts
from tests.test_report import DAY, _check_loads_nothing, _Reader
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
            "Both say “koala”: First with 70%; Second with 60%.",
        ),
        (predict(OURS, 0.6, 0.3, 0.1), predict(OURS, 0.6, 0.1, 0.3), "Both say “koala”, both with 60%."),
        (
            predict(OURS, 0.1, 0.8, 0.1),
            predict(THEIRS, 0.1, 0.1, 0.6, 0.2),
            "First says “teapot” (80%); Second says “koala” (60%).",
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
    assert beside.tell_lists(OURS, OURS) == ""
    assert "The first has learnt 3 classes, the second 4 classes; 2 names are in both" in beside.tell_lists(
        OURS, THEIRS
    )
    assert "the second 1 class; 1 name is in both" in beside.tell_lists(OURS, ("koala",))
    assert "no name is in both" in beside.tell_lists(OURS, ("Koala",))


def test_maps_of_frames_of_two_sizes_are_smoothed_by_one_share() -> None:
    assert share_sigma(5, 224, 224) == 5
    assert share_sigma(5, 224, 64) == 1.43
    assert share_sigma(8.5, 256, 64) == 2.13
    assert beside.tell_sigmas(5, 224, 224) == ""
    assert "sigma 5 in pixels of the first is sigma 1.43" in beside.tell_sigmas(5, 224, 64)
    assert "sigma" not in beside.tell_sigmas(0, 224, 64)


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
    offered = app.selectbox(key="beside").options
    assert offered[0] == "no other model"
    assert "Theirs [x](http://x)" in offered
    assert "Ours *1*" not in offered
    app.selectbox(key="beside").set_value("theirs").run()
    assert app.query_params["beside"] == "theirs"
    app.selectbox(key="model").set_value("theirs").run()
    assert "beside" not in app.query_params
    assert app.selectbox(key="beside").value == ""
    app.selectbox(key="model").set_value("ours").run()
    app.selectbox(key="beside").set_value("theirs").run()
    app.selectbox(key="beside").set_value("").run()
    assert texts(app) == alone


@pytest.mark.usefixtures("two_models")
def test_the_browsers_way_back_takes_the_second_model_away(back: list[bool]) -> None:
    app = open_dashboard("classification", model="ours", photo="koala")
    before = dict(app.query_params)
    app.selectbox(key="beside").set_value("theirs").run()
    app.query_params.clear()
    for name, text in before.items():
        app.query_params[name] = text
    back.append(True)
    app.run()
    assert dict(app.query_params) == before
    assert "Beside it:" not in texts(app)


@pytest.mark.usefixtures("two_models")
def test_presenter_mode_has_the_picker_too_and_the_tour_has_none() -> None:
    app = open_dashboard("classification", model="ours", photo="koala", present="1")
    app.selectbox(key="beside").set_value("theirs").run()
    assert "Beside it:" in texts(app)
    app.switch_page("pages/guided_tour.py").run()
    assert "beside" not in [each.key for each in app.selectbox]
    assert "beside" not in app.query_params
    app.switch_page("pages/classification.py").run()
    assert app.query_params["beside"] == "theirs"


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


def maps(app: AppTest) -> dict[str, Any]:
    """What the live maps are drawn of."""
    drawn = [json.loads(each.proto.json) for each in app.get("bidi_component") if each.proto.component_name == "maps"]
    return next(each for each in drawn if "slider" in each)


@pytest.mark.usefixtures("two_models")
def test_saliency_shows_two_maps_of_one_class_on_one_scale() -> None:
    app = open_both("saliency", sigma="5", **{"class": "0"})
    drawn = maps(app)
    assert [each["second"] for each in drawn["figures"]] == [False, False, True]
    assert drawn["caption"].startswith("“koala” (")
    assert drawn["second"]["caption"].startswith("“koala” (")
    assert "of 4)" in drawn["second"]["caption"] or "best guess" in drawn["second"]["caption"]
    assert drawn["second"]["frames"] == [64, 48]
    assert drawn["second"]["map"] != drawn["map"]
    assert drawn["oneScale"] is True
    words = texts(app)
    assert "“koala” is the class of this name in both" in words
    assert "sigma 5 in pixels of the first is sigma 3.75" in words
    assert app.query_params["beside_scale"] == "1"
    app.toggle(key="beside_scale").set_value(False).run()
    assert maps(app)["oneScale"] is False
    assert app.query_params["beside_scale"] == "0"


@pytest.mark.usefixtures("two_models")
def test_saliency_explains_the_seconds_best_guess_where_it_has_no_such_class() -> None:
    app = open_both("saliency", **{"class": "1"})
    assert "has no class “teapot”; its own best guess, “" in texts(app)
    second = maps(app)["second"]["caption"]
    assert "the best guess" in second
    assert "teapot" not in second


@pytest.mark.usefixtures("two_models")
def test_without_a_second_model_nothing_of_it_is_there() -> None:
    app = open_dashboard("saliency", model="ours", photo="koala")
    assert "second" not in maps(app)
    assert not {"beside", "beside_scale"} & set(app.query_params)
    assert "both" not in texts(app)


@pytest.mark.usefixtures("two_models")
def test_masking_runs_the_same_experiment_with_both() -> None:
    app = open_both("masking_experiment", regions="20-20-40-40", fill="grey", **{"class": "0"})
    words = texts(app)
    assert beside.NO_TEST in words
    assert "Beside it: Theirs" in words
    assert "“koala” is the class of this name in both" in words
    table = next(each.value for each in app.table if "What" in each.value)
    assert list(table["What"])[:2] == ["Class", "Photo as it is"]
    assert set(table.iloc[0][1:]) == {"“koala”"}
    assert set(table.iloc[5][1:]) == {"19"}
    app.session_state["maps_beside"] = True
    app.run()
    assert not app.exception
    assert "3.75" in texts(app)


@pytest.fixture(scope="module")
def experiments() -> tuple[Judged, Judged]:
    """The same part of one photo by two models of other classes and sizes."""
    tested = []
    for names, side in ((OURS, 16), (THEIRS, 12)):
        module = Linear(torch.randn(len(names), 3, side, side, generator=torch.Generator().manual_seed(side)) / 30)
        model = replace(small_classifier(module, side, len(names)), categories=names, title=f"<i>{side}</i>")
        photo = core.Photo(np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8), "")
        case = core.Case(photo.pixels, "*photo*", "", model, core.frame_photo(photo, model, "squash"))
        region = core.Region(side // 4, side // 4, side // 2, side // 2)
        experiment = core.run_experiment(model, case.frame, region, target=names.index("koala"), n_controls=19)
        tested.append(Judged(case, experiment))
    return tested[0], tested[1]


def test_findings_stand_beside_each_other_and_are_no_test(experiments: tuple[Judged, Judged]) -> None:
    first, second = (each.experiment for each in experiments)

    def find(experiment: core.Experiment, claim: Claim) -> core.Experiment:
        return replace(experiment, verdict=replace(experiment.verdict, claim=claim))

    alike = find(first, Claim.NEEDED), find(second, Claim.NEEDED)
    assert beside.tell_findings(NAMES, *alike) == "For “koala”, the finding is the same with both models: “needed”."
    differ = find(first, Claim.NEEDED), find(second, Claim.LOST)
    assert beside.tell_findings(NAMES, *differ) == (
        "For “koala”, the findings differ: “needed” with First; “lost, but not set apart” with Second."
    )
    assert beside.tell_findings(NAMES[::-1], *differ[::-1]) == (
        "For “koala”, the findings differ: “lost, but not set apart” with Second; “needed” with First."
    )
    other = alike[0], replace(alike[1], target=0)
    assert beside.tell_findings(NAMES, *other) == (
        "The findings are about two classes: “needed” for “koala” with First; “needed” for “house” with Second."
    )


def test_a_map_that_is_dark_on_the_scale_of_both_is_said_to_be() -> None:
    bright, dark = Scale(0, 1), Scale(0, 0.04)
    told = "The map of Second is dark on it: its values reach 4.0% of the other’s."
    assert beside.tell_reach(NAMES, bright, dark) == told
    assert beside.tell_reach(NAMES[::-1], dark, bright) == told
    assert beside.tell_reach(NAMES, bright, Scale(0, 0.5)) == ""
    assert beside.tell_reach(NAMES, Scale(0, 0), Scale(0, 0)) == ""


def test_a_masking_report_has_both(experiments: tuple[Judged, Judged]) -> None:
    first, second = experiments
    alone = core.masking_report(first.case, first.experiment, 2, DAY)
    assert "Beside it" not in alone
    document = core.masking_report(first.case, first.experiment, 2, DAY, beside=second)
    read = _Reader(document)
    for part in (
        beside.NO_TEST,
        second.experiment.verdict.sentence,
        "Beside it: <i>12</i>",
        "sigma 2 in pixels of the first is sigma 1.5",
        "Hiding, p",
        f"{second.experiment.verdict.hide_p_value:.2g}",
    ):
        assert part in read.text, part
    assert "<i>12</i>" not in document
    _check_loads_nothing(document)


def test_a_saliency_report_has_both_maps_on_one_scale(experiments: tuple[Judged, Judged]) -> None:
    first, second = (each.explained() for each in experiments)
    arguments = first.case, first.prediction, first.attribution, [0, 2], DAY
    assert "Beside it" not in core.saliency_report(*arguments)
    read = _Reader(core.saliency_report(*arguments, beside=second))
    names = name_both(first.case.classifier, second.case.classifier)
    assert beside.tell_answers(names, first.prediction, second.prediction) in read.text
    assert beside.ONE_SCALE in read.text
    left, right = pair_pictures(first, second, 2)
    assert left.scale == right.scale
    assert left.pixels.shape == right.pixels.shape
    assert "sigma 2" in left.caption
    assert "sigma 1.5" in right.caption
    left, right = pair_pictures(first, second, 2, one_scale=False)
    assert left.scale != right.scale
    assert beside.OWN_SCALES in core.saliency_report(*arguments, beside=second, beside_scale=False)


def test_titles_that_are_the_same_are_told_apart(linear: core.Classifier) -> None:
    other = replace(linear, name="other")
    assert name_both(linear, other) == ("Small (small)", "Small (other)")
    assert name_both(linear, replace(linear, title="Large")) == ("Small", "Large")
