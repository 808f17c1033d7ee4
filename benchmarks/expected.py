"""What the page must show, computed by the library without a page or a server."""

from functools import cache

import saliency_core as core
from benchmarks.client import Answer
from pages.ui.samples import samples
from saliency_core.methods.smoothing import shared_scale
from saliency_core.photos.frame import CropMode
from saliency_core.presentation.figures import display_photo
from saliency_core.presentation.pictures import data_url

MODEL = "efficientnet_lite0"


def is_right(answer: Answer) -> bool:
    """Whether the page shows what was asked for, and the picture that the library makes of it, byte by byte."""
    asked, shown = answer.asked, answer.shown
    _, prediction = _look_at(asked.photo, asked.crop_mode)
    label = asked.label or prediction.top(1)[0].label
    if (samples()[asked.photo].title, label, asked.sigma) != (shown.photo, shown.label, shown.sigma):
        return False
    return shown.overlay == _overlay(asked.photo, asked.crop_mode, label, asked.sigma)


@cache
def _model() -> core.Classifier:
    return core.load_classifier(MODEL)


@cache
def _photo(name: str) -> core.Photo:
    return core.decode_photo(samples()[name].data)


@cache
def _look_at(photo: str, crop_mode: CropMode) -> tuple[core.Frame, core.Prediction]:
    frame = core.frame_photo(_photo(photo), _model(), crop_mode)
    return frame, core.classify(_model(), frame)


@cache
def _attribution(photo: str, crop_mode: CropMode, label: str) -> core.Attribution:
    frame, _ = _look_at(photo, crop_mode)
    return core.attribute(_model(), frame, list(_model().categories).index(label))


@cache
def _overlay(photo: str, crop_mode: CropMode, label: str, sigma: float) -> str:
    screen = display_photo(_photo(photo))
    smoothed = core.smooth(_attribution(photo, crop_mode, label), sigma)
    scale = shared_scale([smoothed])
    return data_url(core.draw_overlay(screen, _look_at(photo, crop_mode)[0], smoothed, scale))
