"""What the page must show, computed by the library without a page or a server."""

from functools import cache

import numpy as np

import saliency_core as core
from benchmarks.client import Answer
from pages.ui.samples import samples
from saliency_core.photos.frame import CropMode
from saliency_core.presentation.figures import display_photo
from saliency_core.presentation.pictures import encode_jpeg

MODEL = "efficientnet_lite0"


def is_right(answer: Answer) -> bool:
    """Whether the page shows what was asked for, of the photo and the map that the library makes, byte by byte."""
    asked, shown = answer.asked, answer.shown
    _, prediction = _look_at(asked.photo, asked.crop_mode)
    label = asked.label or prediction.top(1)[0].label
    if (samples()[asked.photo].title, label, asked.sigma) != (shown.photo, shown.label, shown.sigma):
        return False
    return (shown.picture, shown.map) == (_picture(asked.photo), _levels(asked.photo, asked.crop_mode, label))


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
def _picture(photo: str) -> bytes:
    return encode_jpeg(display_photo(_photo(photo)))


@cache
def _levels(photo: str, crop_mode: CropMode, label: str) -> bytes:
    frame, _ = _look_at(photo, crop_mode)
    values = core.attribute(_model(), frame, list(_model().categories).index(label)).values
    levels: bytes = np.rint(values / values.max() * 65535).astype("<u2").tobytes()
    return levels
