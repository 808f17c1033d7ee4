"""Hiding and keeping regions: exact to the pixel."""

import numpy as np
import pytest

import saliency_core as core
from saliency_core.photos.fills import Fill
from saliency_core.photos.frame import Box

SIDE = 24


@pytest.fixture
def frame() -> core.Frame:
    # From 1 to 255, so that no pixel of the photo is black by itself.
    pixels = np.random.default_rng(5).integers(1, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    return core.Frame(pixels, Box(0, 0, 48, 48), (48, 48))


REGIONS = [
    (),
    (core.Region(0, 0, SIDE, SIDE),),
    (core.Region(3, 5, 7, 2),),
    (core.Region(0, 0, 10, 10), core.Region(5, 5, 10, 10)),
    (core.Region(SIDE - 1, SIDE - 1, 1, 1), core.Region(0, 0, 1, SIDE)),
]


@pytest.mark.parametrize("fill", core.FILLS)
@pytest.mark.parametrize("regions", REGIONS)
def test_hide_and_keep_only_partition_the_frame(
    frame: core.Frame, regions: tuple[core.Region, ...], fill: Fill
) -> None:
    inside = np.zeros((SIDE, SIDE), bool)
    for region in regions:
        inside[region.top : region.top + region.height, region.left : region.left + region.width] = True
    hidden, kept = core.hide(frame, regions, fill), core.keep_only(frame, regions, fill)
    np.testing.assert_array_equal(hidden.pixels[~inside], frame.pixels[~inside])
    np.testing.assert_array_equal(kept.pixels[inside], frame.pixels[inside])
    # What the one shows of the photo the other fills, and both fill with the same.
    everything = core.keep_only(frame, (), fill).pixels
    np.testing.assert_array_equal(hidden.pixels[inside], everything[inside])
    np.testing.assert_array_equal(kept.pixels[~inside], everything[~inside])
    assert (hidden.box, hidden.photo_size) == (frame.box, frame.photo_size)


def test_fills_are_what_they_say(frame: core.Frame) -> None:
    whole = (core.Region(0, 0, SIDE, SIDE),)
    assert (core.hide(frame, whole, "black").pixels == 0).all()
    assert (core.hide(frame, whole, "grey").pixels == frame.mean_colour).all()
    blurred = core.hide(frame, whole, "blur").pixels
    np.testing.assert_allclose(blurred.mean(axis=(0, 1)), frame.pixels.mean(axis=(0, 1)), atol=1)
    assert blurred.std(axis=(0, 1)).max() < 0.25 * frame.pixels.std(axis=(0, 1)).min()
    noise = [core.hide(frame, whole, "noise", seed).pixels for seed in (0, 0, 1)]
    np.testing.assert_array_equal(noise[0], noise[1])
    assert (noise[0] != noise[2]).mean() > 0.9
    with pytest.raises(core.RequestError, match="black, grey, blur, noise"):
        core.hide(frame, whole, "pink")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("region", "words"),
    [
        (core.Region(0, 0, 0, 5), "at least 1 x 1"),
        (core.Region(0, 0, 5, -2), "at least 1 x 1"),
        (core.Region(-1, 0, 5, 5), "beyond the 24 x 24"),
        (core.Region(0, 20, 5, 5), "beyond the 24 x 24"),
        (core.Region(30, 0, 5, 5), "beyond the 24 x 24"),
    ],
)
def test_impossible_regions_are_refused(frame: core.Frame, region: core.Region, words: str) -> None:
    for change in (core.hide, core.keep_only):
        with pytest.raises(core.RequestError, match=words):
            change(frame, [region])


def test_the_original_is_left_alone(frame: core.Frame) -> None:
    before = frame.pixels.copy()
    changed = core.hide(frame, [core.Region(0, 0, 5, 5)])
    np.testing.assert_array_equal(frame.pixels, before)
    assert not changed.pixels.flags.writeable
