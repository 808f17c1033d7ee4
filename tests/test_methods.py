"""A method is added by one class and one registration; everything that names methods then has it."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import saliency_core as core
from pages.ui import compute
from pages.ui.compute import Subject
from pages.ui.samples import samples
from pages.ui.works import Works
from saliency_core.methods.attribution import explanation_stages, reduce_channels
from saliency_core.methods.method import Explanation
from saliency_core.methods.registry import find_method, unregister
from tests.test_pages import DASHBOARD, open_dashboard, pictures, texts
from tests.test_pages import offline as offline

OpenSample = Callable[[str], core.Photo]


class Blobs:
    """A toy: the same blob for every class."""

    def __call__(
        self, classifier: core.Classifier, frame: core.Frame, target: int | None, _options: core.Options
    ) -> Iterator[Explanation]:
        prediction = core.classify(classifier, frame)
        rows = np.exp(-(((np.arange(frame.side) - frame.side / 2) / 20) ** 2)).astype(np.float32)
        values = np.broadcast_to(np.outer(rows, rows), (3, frame.side, frame.side)).copy()
        yield Explanation(prediction, values, prediction.best(target), "blobs")


@pytest.fixture
def blobs() -> Iterator[core.Method]:
    """The toy, registered."""
    core.register(
        core.Method(
            key="blobs",
            title="blobs of nothing",
            sentence="A blob in the middle, whatever is asked.",
            unit="blobs",
            reference="Nobody 2026",
            url="https://example.org/blobs",
            signed=False,
            passes=1,
            needs="nothing",
            explain=Blobs(),
        )
    )
    yield find_method("blobs")
    unregister("blobs")
    compute.forget()


def test_the_page_offers_a_method_and_says_it_in_every_caption(blobs: core.Method) -> None:
    app = open_dashboard("saliency", model="efficientnet_lite0", photo="koala")
    picker = next(box for box in app.selectbox if box.label == "Method")
    assert picker.options[0] == "Gradient"
    assert picker.options[-1] == "Blobs of nothing"
    assert all(f"{each.sentence} ({each.reference})" in picker.help for each in core.methods())
    assert "gradient, strongest channel" in pictures(app)
    picker.select("blobs").run()
    assert not app.exception
    assert "blobs of nothing, strongest channel" in pictures(app)
    assert "gradient, strongest" not in pictures(app)
    assert app.query_params["method"] == "blobs"
    assert blobs.sentence in "".join(element.value for element in app.markdown)


def test_a_link_opens_a_method(blobs: core.Method) -> None:
    app = open_dashboard("saliency", model="efficientnet_lite0", photo="koala", method="blobs")
    assert blobs.title in pictures(app)
    app = open_dashboard("guided_tour", model="efficientnet_lite0", method="nonsense")
    assert "a method that does not exist here" in app.warning[0].value


def test_a_masking_experiment_draws_its_maps_by_the_method(blobs: core.Method) -> None:
    app = open_dashboard("masking_experiment", model="efficientnet_lite0", photo="koala", method="blobs")
    app.session_state["maps_of_views"] = True
    app.button(key="preset_head").click().run()
    assert not app.exception
    assert pictures(app).count(f"{blobs.title}, strongest channel") >= 3


def test_records_name_their_method_and_replay_with_it(
    blobs: core.Method, classifier: core.Classifier, sample_photo: OpenSample
) -> None:
    frame = core.frame_photo(sample_photo("koala"), classifier)
    attribution = core.attribute(classifier, frame, method=blobs.key)
    prediction = core.classify(classifier, frame)
    record = core.record_saliency(prediction, attribution, {5.0: "map.npy"}, classifier, frame)
    assert record["method"] == "blobs"
    (again,) = core.replay_saliency(json.loads(json.dumps(record)), classifier, frame)
    np.testing.assert_array_equal(again.values, core.smooth(attribution, 5).values)
    unregister("blobs")
    with pytest.raises(core.RequestError, match="no method called 'blobs'"):
        core.replay_saliency(record, classifier, frame)


class Shaky:
    """A toy that reads two options, in as many steps as it is told copies; only the last is the whole."""

    def __call__(
        self, classifier: core.Classifier, frame: core.Frame, target: int | None, options: core.Options
    ) -> Iterator[Explanation]:
        prediction = core.classify(classifier, frame)
        values = np.zeros((1, frame.side, frame.side), np.float32)
        for step in range(options.copies):
            values = values + np.float32(options.seed + 1) * np.linspace(0, 1, frame.side, dtype=np.float32)
            done = f"{step + 1} of {options.copies} steps"
            yield Explanation(
                prediction, values.copy(), prediction.best(target), "shaky", done, (step + 1) / options.copies
            )


@pytest.fixture
def shaky() -> Iterator[core.Method]:
    """The toy in steps, registered: a long method of a single channel."""
    core.register(
        core.Method(
            key="shaky",
            title="shaky steps",
            sentence="Bright to the right, whatever is asked.",
            unit="steps",
            reference="Nobody 2026",
            url="https://example.org/shaky",
            signed=False,
            per_channel=False,
            passes=100,
            needs="patience",
            options=("copies", "seed"),
            warning="It shows nothing at all.",
            explain=Shaky(),
        )
    )
    yield find_method("shaky")
    unregister("shaky")
    compute.forget()


def test_records_have_the_options_that_the_method_reads_and_replay_to_the_same_bytes(
    shaky: core.Method, classifier: core.Classifier, sample_photo: OpenSample
) -> None:
    frame = core.frame_photo(sample_photo("koala"), classifier)
    options = core.Options(copies=7, seed=3, noise=0.5)
    attribution = core.attribute(classifier, frame, 105, shaky.key, options=options)
    record = core.record_saliency(core.classify(classifier, frame), attribution, {0.0: "map.npy"}, classifier, frame)
    assert record["options"] == {"copies": 7, "seed": 3}
    (again,) = core.replay_saliency(json.loads(json.dumps(record)), classifier, frame)
    assert again.values.tobytes() == attribution.values.tobytes()
    other = core.attribute(classifier, frame, 105, shaky.key)
    assert other.values.tobytes() != attribution.values.tobytes()
    for wrong in ({"noise": 0.5}, {"copies": 0}, {"layer": 3}, ["copies"]):
        with pytest.raises(core.RequestError):
            core.replay_saliency(record | {"options": wrong}, classifier, frame)


def test_a_map_that_is_not_whole_makes_no_record(
    shaky: core.Method, classifier: core.Classifier, sample_photo: OpenSample
) -> None:
    frame = core.frame_photo(sample_photo("koala"), classifier)
    first = reduce_channels(next(explanation_stages(classifier, frame, 105, shaky.key)))
    assert first.share == 1 / 25
    with pytest.raises(core.RequestError, match="not whole"):
        core.record_saliency(core.classify(classifier, frame), first, {0.0: "map.npy"}, classifier, frame)


KOALA = {"model": "efficientnet_lite0", "photo": "koala"}


def koala_subject(classifier: core.Classifier) -> Subject:
    return Subject(samples()["koala"], classifier, "center")


def labels(app: AppTest) -> set[str]:
    """Of the controls that methods may have."""
    return {box.label for kind in (app.selectbox, app.slider, app.number_input) for box in kind}


def figures(app: AppTest) -> list[dict[str, Any]]:
    """The panels of methods side by side, each with its map and caption."""
    drawn = [json.loads(each.proto.json) for each in app.get("bidi_component") if each.proto.component_name == "maps"]
    return [
        {**figure, **own}
        for sent in drawn
        if "each" in sent
        for figure, own in zip(sent["figures"], sent["each"], strict=True)
        if not sent["oneScale"]
    ]


def test_controls_are_those_that_the_method_reads() -> None:
    app = open_dashboard("saliency", **KOALA)
    offered = {"Noisy copies of the photo", "Noise on each copy", "Compared with", "Layer", "Seed of the map"}
    assert not offered & labels(app)
    assert "Colour channels" in labels(app)
    app.selectbox(key="method").set_value("smoothgrad").run()
    assert offered & labels(app) == {"Noisy copies of the photo", "Noise on each copy", "Seed of the map"}
    assert "Colour channels" in labels(app)
    app.selectbox(key="method").set_value("grad_cam").run()
    assert offered & labels(app) == {"Layer"}
    assert "Colour channels" not in labels(app)
    app.selectbox(key="method").set_value("input_x_gradient").run()
    assert not offered & labels(app)
    assert "Colour channels" not in labels(app)
    assert "sum of the channels" in pictures(app)
    assert not app.exception


def test_options_change_the_map_stand_in_the_link_and_open_from_it() -> None:
    app = open_dashboard("saliency", **KOALA, method="smoothgrad", copies="5", noise="0.1", map_seed="4")
    said = dict(app.query_params)
    assert (said["copies"], said["noise"], said["map_seed"]) == ("5", "0.1", "4")
    assert not {"baseline", "layer", "methods"} & said.keys()
    assert "5 copies" in pictures(app)
    app.slider(key="copies").set_value(6).run()
    assert "6 copies" in pictures(app)
    assert app.query_params["copies"] == "6"
    app.selectbox(key="method").set_value("gradient").run()
    assert not {"copies", "noise", "map_seed"} & app.query_params.keys()
    again = open_dashboard("saliency", **said)
    assert dict(again.query_params) == said
    app = open_dashboard("guided_tour", model="efficientnet_lite0", copies="9999", noise="x", baseline="pink")
    assert all(word in app.warning[0].value for word in ("copies that", "noise that", "unknown baseline"))


def test_a_layer_that_the_model_does_not_have_is_told_and_left_to_the_method() -> None:
    app = open_dashboard("saliency", **KOALA, method="grad_cam", layer="nowhere.7")
    assert "no layer “nowhere.7”" in texts(app)
    assert app.selectbox(key="layer").value == ""
    assert "Grad-CAM, layer " in pictures(app)
    assert app.query_params["layer"] == "automatic"
    first = app.selectbox(key="layer").options[1]
    app.selectbox(key="layer").set_value(first).run()
    assert app.query_params["layer"] == first
    assert f"layer {first}" in pictures(app)


@pytest.fixture
def impossible() -> Iterator[core.Method]:
    """A method that no model can do."""

    def refuse(*_: object) -> Iterator[Explanation]:
        raise core.RequestError("This model has no layer with places. Choose another method.")
        yield

    core.register(
        core.Method("impossible", "the impossible", "Nothing.", "none", "Nobody 2026", "", False, 1, "a wonder", refuse)
    )
    yield find_method("impossible")
    unregister("impossible")
    compute.forget()


@pytest.mark.usefixtures("impossible")
def test_what_a_model_cannot_do_is_said_and_another_method_can_be_chosen() -> None:
    app = open_dashboard("saliency", **KOALA, method="impossible", methods="gradient-impossible")
    assert sum("no layer with places" in each.value for each in app.info) == 2  # as the map, and beside the others
    assert [each["title"] for each in figures(app)] == ["Gradient"]
    assert "Map over the photo" not in pictures(app)
    app.selectbox(key="method").set_value("gradient").run()
    assert "Map over the photo" in pictures(app)
    app = open_dashboard("masking_experiment", **KOALA, method="impossible")
    assert "no layer with places" in app.error[0].value
    app.selectbox(key="method").set_value("gradient").run()
    assert not app.error


def test_a_long_method_goes_on_where_it_was_left(shaky: core.Method, classifier: core.Classifier) -> None:
    subject, options = koala_subject(classifier), core.Options(copies=10)
    left = compute.explanation_steps(subject, 105, shaky.key, options)
    assert [next(left).share for _ in range(3)] == [0.1, 0.2, 0.3]
    del left
    found = compute.explained_so_far(subject, 105, shaky.key, options)
    assert found is not None
    assert found.detail == "3 of 10 steps"
    together = (
        compute.explanation_steps(subject, 105, shaky.key, options),
        compute.explanation_steps(subject, 105, shaky.key, options),
    )
    assert [next(steps).detail[:2] for steps in together] == ["4 ", "5 "]  # two sessions share the work
    assert [each.detail[:2] for each in together[0]] == ["6 ", "7 ", "8 ", "9 ", "10"]
    (whole,) = together[1]
    assert whole is compute.explanation(subject, 105, shaky.key, options)
    np.testing.assert_array_equal(
        whole.values, core.explain(classifier, compute.frame(subject), 105, shaky.key, options).values
    )


def test_a_step_that_fails_begins_anew() -> None:
    works: Works[int] = Works(2)

    def fail() -> Iterator[int]:
        yield 1
        raise core.SaliencyError("No.")

    assert works.step("a", fail) == 1
    with pytest.raises(core.SaliencyError):
        works.step("a", fail)
    assert works.step("a", fail) == 1
    assert [works.step(key, lambda: iter((1, 2))) for key in ("b", "c", "b", "a")] == [1, 1, 2, 1]


def test_sessions_at_once_do_not_push_out_each_others_computations() -> None:
    works: Works[int] = Works(2)
    begin = partial(iter, (1, 2, 3))
    with ExitStack() as people:
        for key in "abcdea":
            people.enter_context(works.at(key))
        assert [works.step(key, begin) for key in "abcdeabcde"] == 5 * [1] + 5 * [2]
    assert [works.step(key, begin) for key in "dea"] == [3, 3, 1], "of those that were left, the newest are held"


def test_what_was_stopped_is_shown_and_goes_on(shaky: core.Method, classifier: core.Classifier) -> None:
    subject, options = koala_subject(classifier), core.Options(copies=10)
    work = (subject.key(), 105, shaky.key, options)
    app = AppTest.from_file(DASHBOARD, default_timeout=60)
    app.session_state["stopped"] = {work}
    for name, text in {**KOALA, "method": "shaky", "copies": "10"}.items():
        app.query_params[name] = text
    app.run()
    app.switch_page("pages/saliency.py").run()
    assert "stopped before there was a map" in texts(app)
    assert "Map over the photo" not in pictures(app)
    assert app.selectbox(key="method").value == "shaky"
    steps = compute.explanation_steps(subject, 105, shaky.key, options)
    for _ in range(3):
        next(steps)
    app.run()
    assert "this map is from 30% of the work" in texts(app)
    assert "3 of 10 steps" in pictures(app)
    assert "Save report (.html)" not in {each.proto.label for each in app.get("download_button")}
    app.button(key="go_on_map").click().run()
    assert not app.exception
    assert "10 of 10 steps" in pictures(app)
    assert shaky.warning in "".join(each.value for each in app.caption)
    assert "Save report (.html)" in {each.proto.label for each in app.get("download_button")}
    assert not app.session_state["stopped"]


def test_a_long_method_is_none_for_an_experiment(shaky: core.Method) -> None:
    app = open_dashboard("masking_experiment", **KOALA, method=shaky.key)
    app.session_state["maps_of_views"] = True
    app.button(key="preset_head").click().run()
    assert "takes too long for the maps of an experiment" in texts(app)
    assert pictures(app).count("gradient, strongest channel") >= 3


def test_an_experiments_maps_have_the_methods_options_and_sign() -> None:
    app = open_dashboard("masking_experiment", **KOALA, method="smoothgrad", copies="5")
    app.session_state["maps_of_views"] = True
    app.button(key="preset_head").click().run()
    assert pictures(app).count("SmoothGrad, 5 copies") >= 3
    app.selectbox(key="method").set_value("input_x_gradient").run()
    assert pictures(app).count("Input x Gradient, sum of the channels") >= 3
    assert not app.exception


def test_methods_stand_side_by_side() -> None:
    app = open_dashboard("saliency", **KOALA)
    assert "methods" not in app.query_params
    app.toggle(key="side_by_side").set_value(True).run()
    shown = figures(app)
    assert [each["title"] for each in shown] == ["Gradient", "SmoothGrad", "Grad-CAM"]
    assert "25 copies" in shown[1]["caption"]
    assert "layer" in shown[2]["caption"]
    assert len({each["map"] for each in shown}) == 3
    assert app.query_params["methods"] == "gradient-smoothgrad-grad_cam"
    app.slider(key="copies").set_value(5).run()
    assert "5 copies" in figures(app)[1]["caption"]
    said = dict(app.query_params)
    again = open_dashboard("saliency", **said)
    assert (dict(again.query_params), figures(again)) == (said, figures(app))
    app.button_group(key="compared_methods").set_value([]).run()
    assert "at least one method" in app.info[0].value
    assert app.query_params["methods"] == "none"


def test_the_tour_keeps_to_the_gradient() -> None:
    app = open_dashboard("saliency", **KOALA, method="smoothgrad", copies="5")
    app.switch_page("pages/guided_tour.py").run()
    app.session_state["step"] = 2
    app.run()
    assert "gradient, strongest channel" in pictures(app)
    assert not app.exception
