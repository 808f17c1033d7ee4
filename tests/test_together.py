"""Pieces of work done on all processors at once give what they give one after the other."""

import os
import threading
from collections.abc import Callable

import numpy as np
import pytest

import saliency_core as core
from saliency_core.methods.smoothing import shared_scale, smooth_all
from saliency_core.presentation.figures import draw_overlays
from saliency_core.threads import together

SIGMAS = (10.0, 0.0, 2.0, 5.0, 2.0)


def test_results_come_in_the_order_of_the_items() -> None:
    assert together(lambda number: -number, range(50)) == tuple(-number for number in range(50))
    assert together(lambda number: -number, []) == ()


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one processor does one thing at once")
def test_two_pieces_run_at_once() -> None:
    meeting = threading.Barrier(2, timeout=20)
    assert sorted(together(lambda _: meeting.wait(), "ab")) == [0, 1]


def test_what_a_piece_raises_is_raised() -> None:
    with pytest.raises(core.RequestError, match="between 0 and 8"):
        smooth_all(core.Attribution(np.ones((8, 8), np.float32), 0, "max"), (2, 9, 3))


def test_several_maps_and_overlays_are_the_single_ones(
    classifier: core.Classifier, sample_photo: Callable[[str], core.Photo]
) -> None:
    photo = sample_photo("koala")
    frame = core.frame_photo(photo, classifier)
    attribution = core.attribute(classifier, frame)
    maps = smooth_all(attribution, SIGMAS)
    scales = [shared_scale([each]) for each in maps]
    overlays = draw_overlays(photo.pixels, frame, maps, scales, "viridis", 0.35)
    for sigma, each, scale, overlay in zip(SIGMAS, maps, scales, overlays, strict=True):
        single = core.smooth(attribution, sigma)
        np.testing.assert_array_equal(each.values, single.values)
        assert (each.sigma, each.target) == (sigma, attribution.target)
        np.testing.assert_array_equal(overlay, core.draw_overlay(photo.pixels, frame, single, scale, "viridis", 0.35))
