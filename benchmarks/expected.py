"""What the page must show, computed by the library without a page or a server."""

from functools import cache, lru_cache

import numpy as np

import saliency_core as core
from benchmarks.client import Answer
from pages.ui.samples import samples
from saliency_core.photos.frame import CropMode
from saliency_core.presentation.figures import display_photo
from saliency_core.presentation.pictures import encode_jpeg

MODEL = "efficientnet_lite0"
_PHOTOS = 100
"""What was computed of so many photos is kept."""


def is_right(answer: Answer) -> bool:
    """Whether the page shows what was asked for, of the photo and the map that the library makes, byte by byte."""
    asked, shown = answer.asked, answer.shown
    data = asked.own or samples()[asked.photo].data
    title = asked.photo if asked.own else samples()[asked.photo].title
    _, prediction = _look_at(data, asked.crop_mode)
    label = asked.label or prediction.top(1)[0].label
    if (title, label, asked.sigma) != (shown.photo, shown.label, shown.sigma):
        return False
    return (shown.picture, shown.map) == (_picture(data), _levels(data, asked.crop_mode, label))


@cache
def _model() -> core.Classifier:
    return core.load_classifier(MODEL)


@lru_cache(_PHOTOS)
def _photo(data: bytes) -> core.Photo:
    return core.decode_photo(data)


@lru_cache(_PHOTOS)
def _look_at(data: bytes, crop_mode: CropMode) -> tuple[core.Frame, core.Prediction]:
    frame = core.frame_photo(_photo(data), _model(), crop_mode)
    return frame, core.classify(_model(), frame)


@lru_cache(_PHOTOS)
def _picture(data: bytes) -> bytes:
    return encode_jpeg(display_photo(_photo(data)))


@lru_cache(20 * _PHOTOS)
def _levels(data: bytes, crop_mode: CropMode, label: str) -> bytes:
    frame, _ = _look_at(data, crop_mode)
    values = core.attribute(_model(), frame, list(_model().categories).index(label)).values
    levels: bytes = np.rint(values / values.max() * 65535).astype("<u2").tobytes()
    return levels
