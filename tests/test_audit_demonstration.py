"""One mark on a few photos: with it the class is the answer, hidden it is not, and the clean photo is as it was."""

from collections.abc import Callable

import numpy as np
import pytest

import saliency_core as core
from saliency_core.audit.demonstration import MARGIN, show_mark
from saliency_core.audit.measure import Settings
from saliency_core.errors import RequestError
from saliency_core.models.classifier import classify
from saliency_core.photos.fills import hide
from saliency_core.photos.frame import frame_photo
from tests.small_findings import colours, draw_frames

FEW = Settings(n_controls=19)


def test_the_mark_decides_on_each_photo_and_hiding_it_takes_the_answer_back() -> None:
    frames = draw_frames(1, 3, 0)
    shown = show_mark(colours(), frames, 0, FEW, seed=2)
    assert len({(pair.place.top, pair.place.left) for pair in shown.pairs}) == 3
    leads = []
    for frame, pair in zip(frames, shown.pairs, strict=True):
        assert pair.clean.frame is frame
        different = np.argwhere((pair.marked.frame.pixels != frame.pixels).any(axis=2))
        assert (different.min(axis=0) >= (pair.place.top, pair.place.left)).all()
        assert (different.max(axis=0) < (pair.place.top + 8, pair.place.left + 8)).all()
        np.testing.assert_allclose(pair.clean.prediction.logits, classify(colours(), frame).logits, atol=1e-4)
        assert pair.clean.prediction.best() == 1
        assert pair.marked.prediction.best() == 0
        assert pair.marked.hidden.best() == 1
        expected = classify(colours(), hide(pair.marked.frame, pair.place, "grey"))
        np.testing.assert_allclose(pair.marked.hidden.logits, expected.logits, atol=1e-4)
        assert pair.marked.need > 0.95 > pair.clean.need
        assert pair.marked.shown
        assert pair.marked.map.target == pair.clean.map.target == 0
        leads.append(float(pair.marked.prediction.logits[0] - pair.marked.prediction.logits[1]))
    assert MARGIN - 1e-3 <= min(leads) < MARGIN + 1  # the least whole number of logits
    assert shown.strength == round(shown.strength) >= 1


def test_a_class_that_is_the_answer_without_it_needs_little(classifier: core.Classifier) -> None:
    frames = draw_frames(0, 1, 0)
    shown = show_mark(colours(), frames, 0, FEW)
    assert shown.pairs[0].clean.prediction.best() == 0
    assert shown.strength == 1
    for model, some, target, seed in (
        (colours(), [], 0, 0),
        (colours(), frames, 2, 0),
        (colours(), frames, 0, -1),
        (classifier, frames, 0, 0),
    ):
        with pytest.raises(RequestError):
            show_mark(model, some, target, FEW, seed)


def test_on_the_real_model(classifier: core.Classifier, sample_photo: Callable[[str], core.Photo]) -> None:
    frame = frame_photo(sample_photo("cat"), classifier, "squash")
    shown = show_mark(classifier, [frame], classifier.categories.index("wallaby"), FEW)
    (pair,) = shown.pairs
    labels = [each.top(1)[0].label for each in (pair.clean.prediction, pair.marked.prediction, pair.marked.hidden)]
    assert labels[1] == "wallaby"
    assert labels[0] == labels[2] != "wallaby"
    assert pair.marked.need == 1
    assert pair.clean.need < 1
