"""Random placements: as many as asked, of the right shapes, on the frame, reproducible."""

import numpy as np
import pytest

import saliency_core as core
from saliency_core.controls import MAX_OVERLAP

SIDE = 224


def _shared(first: tuple[core.Region, ...], second: tuple[core.Region, ...]) -> int:
    return int((core.covered(SIDE, first) & core.covered(SIDE, second)).sum())


@pytest.mark.parametrize(
    "regions",
    [
        (core.Region(5, 35, 40, 40),),
        (core.Region(60, 60, 100, 100),),
        (core.Region(0, 0, 30, 60), core.Region(100, 100, 50, 20)),
        (core.Region(10, 10, 40, 40), core.Region(30, 30, 40, 40)),
    ],
)
def test_placements_have_the_same_shapes_and_keep_their_distance(regions: tuple[core.Region, ...]) -> None:
    placements = core.place_controls(SIDE, regions, 64, seed=1)
    assert len(set(placements)) == 64
    area = int(core.covered(SIDE, regions).sum())
    for placement in placements:
        assert [(each.height, each.width) for each in placement] == [(each.height, each.width) for each in regions]
        assert _shared(placement, regions) <= MAX_OVERLAP * area
        assert core.covered(SIDE, placement).sum() >= area


def test_the_same_seed_gives_the_same_placements() -> None:
    regions = (core.Region(5, 35, 40, 40),)
    first = core.place_controls(SIDE, regions, 64, seed=3)
    assert first == core.place_controls(SIDE, regions, 64, seed=3)
    assert first != core.place_controls(SIDE, regions, 64, seed=4)


def test_placements_are_spread_evenly() -> None:
    regions = (core.Region(0, 0, 24, 24),)
    tops = [placement[0].top for placement in core.place_controls(SIDE, regions, 2000)]
    assert np.mean(tops) == pytest.approx(100, abs=4)
    assert np.histogram(tops, bins=5, range=(0, 201))[0].min() > 320


def test_a_region_that_fills_the_frame_has_no_controls() -> None:
    assert core.place_controls(SIDE, (core.Region(0, 0, SIDE, SIDE),), 64) == ()


def test_a_region_that_nearly_fills_the_frame_has_few() -> None:
    few = core.place_controls(SIDE, (core.Region(0, 0, SIDE - 1, 190),), 64)
    assert 0 < len(few) < 64


def test_no_region_has_no_controls() -> None:
    assert core.place_controls(SIDE, (), 64) == ()
