"""Random placements: as many as asked, of the right shapes, anywhere on the frame, reproducible."""

import numpy as np
import pytest

import saliency_core as core
from saliency_core.masking.placements import mean_overlap, photo_area, place_controls
from saliency_core.photos.regions import covered

SIDE = 224


@pytest.mark.parametrize(
    "regions",
    [
        (core.Region(5, 35, 40, 40),),
        (core.Region(60, 60, 100, 100),),
        (core.Region(0, 0, 30, 60), core.Region(100, 100, 50, 20)),
        (core.Region(10, 10, 40, 40), core.Region(30, 30, 40, 40)),
    ],
)
def test_placements_have_the_same_shapes_and_hide_as_much(regions: tuple[core.Region, ...]) -> None:
    placements = place_controls(SIDE, regions, 64, seed=1)
    assert len(placements) == 64
    area = int(covered(SIDE, regions).sum())
    for placement in placements:
        assert [(each.height, each.width) for each in placement] == [(each.height, each.width) for each in regions]
        assert covered(SIDE, placement).sum() >= area


def test_the_same_seed_gives_the_same_placements() -> None:
    regions = (core.Region(5, 35, 40, 40),)
    first = place_controls(SIDE, regions, 64, seed=3)
    assert first == place_controls(SIDE, regions, 64, seed=3)
    assert first != place_controls(SIDE, regions, 64, seed=4)


def test_placements_are_spread_evenly() -> None:
    regions = (core.Region(0, 0, 24, 24),)
    tops = [placement[0].top for placement in place_controls(SIDE, regions, 2000)]
    assert np.mean(tops) == pytest.approx(100, abs=4)
    assert np.histogram(tops, bins=5, range=(0, 201))[0].min() > 320


def test_placements_may_lie_on_the_regions_and_be_them() -> None:
    """Else they would be kept off an object that the regions lie on."""
    regions = (core.Region(2, 1, 220, 221),)
    placements = place_controls(SIDE, regions, 200)
    assert regions in placements
    assert {placement[0].top for placement in placements} == set(range(5))
    assert {placement[0].left for placement in placements} == set(range(4))
    assert len(set(placements)) == 20


def test_a_region_that_fills_the_frame_is_its_only_place() -> None:
    whole = (core.Region(0, 0, SIDE, SIDE),)
    assert place_controls(SIDE, whole, 59) == (whole,) * 59


def test_regions_that_hardly_fit_beside_each_other_have_few_places() -> None:
    halves = (core.Region(0, 0, SIDE, 112), core.Region(0, 112, SIDE, 112))
    assert len(place_controls(SIDE, halves, 200)) < 200
    for placement in place_controls(SIDE, halves, 200):
        assert covered(SIDE, placement).all()


def test_the_mean_overlap() -> None:
    region = core.Region(0, 0, 10, 10)
    assert mean_overlap(SIDE, region, [(region,), (core.Region(5, 0, 10, 10),), (core.Region(50, 50, 10, 10),)]) == 0.5
    assert mean_overlap(SIDE, region, []) == 0


def test_no_region_has_no_controls() -> None:
    assert place_controls(SIDE, (), 64) == ()


def test_on_a_frame_with_bars_controls_lie_on_the_photo(classifier: core.Classifier) -> None:
    photo = core.Photo(np.zeros((300, 600, 3), np.uint8), "")
    for crop_mode, rows in (("border", range(56, 168)), ("squash", range(224)), ("center", range(224))):
        frame = core.frame_photo(photo, classifier, crop_mode)  # type: ignore[arg-type]
        area = photo_area(frame)
        assert (area.top, area.top + area.height) == (rows.start, rows.stop)
        assert (area.left, area.width) == (0, 224)
        placements = place_controls(224, [core.Region(60, 0, 30, 40)], 300, within=area)
        tops = [region.top for (region,) in placements]
        assert rows.start <= min(tops) < rows.start + 10
        assert rows.stop - 10 < max(tops) + 30 <= rows.stop
        experiment = core.run_experiment(classifier, frame, [core.Region(60, 0, 30, 40)], n_controls=30)
        assert all(region.top in rows for (region,) in experiment.placements)
    assert place_controls(224, [core.Region(0, 0, 150, 40)], 30, within=core.Region(56, 0, 112, 224)) == ()
