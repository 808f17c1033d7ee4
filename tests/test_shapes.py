"""Rectangles on a photo and regions on its frame: there and back."""

import numpy as np
import pytest

import saliency_core as core
from pages.ui.shapes import Rectangle, on_frame, on_photo
from saliency_core.photos.frame import Box

FRAMES = [
    core.Frame(np.zeros((224, 224, 3), np.uint8), Box(0, 0, 600, 800), (600, 800)),
    core.Frame(np.zeros((224, 224, 3), np.uint8), Box(93.75, 18.2, 357.2, 281.8), (451, 300)),
]


@pytest.mark.parametrize("frame", FRAMES)
def test_a_region_survives_the_way_to_the_photo_and_back(frame: core.Frame) -> None:
    for region in (core.Region(5, 35, 40, 40), core.Region(0, 0, 224, 224), core.Region(223, 0, 1, 1)):
        assert on_frame(on_photo(region, frame), frame) == region


def test_what_lies_outside_the_frame_is_cut_off() -> None:
    assert on_frame(Rectangle(0, 0, 1, 1), FRAMES[1]) == core.Region(0, 0, 224, 224)
    assert on_frame(Rectangle(0, 0, 0.1, 0.1), FRAMES[1]) is None
