"""A method is added by one class and one registration; everything that names methods then has it."""

import json
from collections.abc import Callable, Iterator

import numpy as np
import pytest

import saliency_core as core
from pages.ui import compute
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
