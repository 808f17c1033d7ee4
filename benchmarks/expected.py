"""What the page must show, computed by the library without a page or a server."""

from functools import cache

import saliency_core as core
from benchmarks.client import Answer
from pages.ui.pictures import data_url
from pages.ui.samples import samples

MODEL = "efficientnet_lite0"


def is_right(answer: Answer) -> bool:
    """Whether the page shows what was asked for, and the picture that the library makes of it, byte by byte."""
    asked, shown = answer.asked, answer.shown
    _, prediction = _look_at(asked.photo, asked.fit)
    label = asked.label or prediction.top(1)[0].label
    if (samples()[asked.photo].title, label, asked.sigma) != (shown.photo, shown.label, shown.sigma):
        return False
    return shown.overlay == _overlay(asked.photo, asked.fit, label, asked.sigma)


@cache
def _model() -> core.Classifier:
    return core.load_classifier(MODEL)


@cache
def _photo(name: str) -> core.Photo:
    return core.decode_photo(samples()[name].data)


@cache
def _look_at(photo: str, fit: core.Fit) -> tuple[core.Frame, core.Prediction]:
    frame = core.frame_photo(_photo(photo), _model(), fit)
    return frame, core.classify(_model(), frame)


@cache
def _attribution(photo: str, fit: core.Fit, label: str) -> core.Attribution:
    frame, _ = _look_at(photo, fit)
    return core.attribute(_model(), frame, list(_model().categories).index(label))


@cache
def _overlay(photo: str, fit: core.Fit, label: str, sigma: float) -> str:
    screen = core.display_photo(_photo(photo))
    smoothed = core.smooth(_attribution(photo, fit, label), sigma)
    scale = core.shared_scale([smoothed])
    return data_url(core.draw_overlay(screen, _look_at(photo, fit)[0], smoothed, scale))
