"""A method is added by one class and one registration; everything that names methods then has it."""

import json
from collections.abc import Callable, Iterator

import numpy as np
import pytest

import saliency_core as core
from pages.ui import compute
from saliency_core.methods.attribution import explanation_stages, reduce_channels
from saliency_core.methods.method import Explanation
from saliency_core.methods.registry import find_method, unregister
from tests.test_pages import offline as offline
from tests.test_pages import open_dashboard, pictures

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
    assert [each.key for each in core.methods()] == ["gradient", "blobs"]
    picker = next(box for box in app.selectbox if box.label == "Method")
    assert picker.options == ["Gradient", "Blobs of nothing"]
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


def test_with_one_method_there_is_nothing_to_choose() -> None:
    app = open_dashboard("saliency", model="efficientnet_lite0")
    assert not [box for box in app.selectbox if box.label == "Method"]


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
