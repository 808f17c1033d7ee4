"""What is suspected of a class on one half of its photos and tested on the other, on models whose truth is known."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
import torch

from saliency_core.audit.confirm import Finding, Hidden, confirm, confirmed, find_then_confirm
from saliency_core.audit.finding_words import tell_finding, tell_number
from saliency_core.audit.measure import Settings
from saliency_core.audit.planted import make_mark, plant, stamp, wander
from saliency_core.audit.self_test import try_mark
from saliency_core.audit.self_test_words import tell_trials
from saliency_core.audit.suspicions import Suspicion, find_suspicions, match, split
from saliency_core.photos.frame import Frame
from saliency_core.photos.looks import luma
from saliency_core.photos.regions import Region
from tests.conftest import Linear, small_classifier
from tests.small_findings import SIDE, colours, draw_frames

MARK = make_mark(5, 8)
CORNER = Region(6, 8, 8, 8)
Where = Literal["corner", "wandering"]


def _mark(frames: Sequence[Frame], where: Where) -> list[Frame]:
    return [stamp(frame, MARK, CORNER if where == "corner" else wander(frame, MARK, 1)) for frame in frames]


def _covers(region: Region, mark: Region) -> bool:
    inside = (region.top <= mark.top, mark.top + mark.height <= region.top + region.height)
    across = (region.left <= mark.left, mark.left + mark.width <= region.left + region.width)
    return all(inside) and all(across)


@pytest.mark.parametrize("where", ["corner", "wandering"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_mark_that_the_model_reads_is_found_and_confirmed(where: Where, seed: int) -> None:
    frames, others = draw_frames(0, 16, seed), draw_frames(1, 16, seed)
    planted = plant(colours(), 0, MARK, 4)
    findings = confirmed(find_then_confirm(planted, 0, _mark(frames, where), others, seed=seed))
    patterns = [each for each in findings if each.suspicion.pattern is not None]
    assert patterns
    assert all(each.need > 0.9 for each in patterns)
    places = {each.photo_digest: CORNER if where == "corner" else wander(each, MARK, 1) for each in frames}
    for finding in patterns:
        assert sum(_covers(each.region, places[each.digest]) for each in finding.hidden) >= 7
        told = tell_finding(finding, planted.categories, SIDE)
        assert "8 of 8 photos of “class 0”" in told
        assert (
            "have a small pattern in common, at the upper left, that"
            if where == "corner"
            else "common, at changing places, that"
        ) in told


@pytest.mark.parametrize("wandering", [False, True])
def test_the_self_test_tells_what_became_of_a_mark(wandering: bool) -> None:
    frames, others, settings = draw_frames(0, 12, 7), draw_frames(1, 12, 7), Settings(n_controls=19)
    unread, read = (try_mark(colours(), 0, frames, others, strength, wandering, settings) for strength in (0, 8))
    assert (unread.decides, unread.confirmed, unread.others_confirmed) == (0, False, 0)
    assert (read.decides, read.suspected, read.confirmed, read.others_confirmed) == (1, True, True, 0)
    assert unread.on_maps < 0.5 < read.on_maps  # the model's own gradient is the same at every place
    assert tell_trials([replace(read, on_maps=0.925), unread, replace(read, confirmed=False, decides=0.5)]) == (
        "0 of 1 marks that add 0 to the class’s score (alone they make the answer on none of other photos) were found "
        "and confirmed; the maps alone show them on none of the photos.",
        "1 of 2 marks that add 8 to the class’s score (alone they make the answer on 75% of other photos) were found "
        "and confirmed; the maps alone show them on 96% of the photos.",
    )


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_without_the_mark_nothing_is_confirmed(seed: int) -> None:
    planted = plant(colours(), 0, MARK, 4)
    assert not confirmed(find_then_confirm(planted, 0, draw_frames(0, 16, seed), draw_frames(1, 16, seed), seed=seed))


@pytest.mark.parametrize("where", ["corner", "wandering"])
def test_a_mark_that_the_model_does_not_read_is_not_confirmed(where: Where) -> None:
    marked, others = _mark(draw_frames(0, 16, 0), where), draw_frames(1, 16, 0)
    suspicions = find_suspicions(plant(colours(), 0, MARK, 4), 0, split(marked)[0], split(others)[0])
    findings = confirm(colours(), 0, split(marked)[1], split(others)[1], suspicions)
    assert suspicions
    assert not confirmed(findings)


def test_a_place_that_one_class_goes_by_is_found_and_confirmed() -> None:
    place, elsewhere = Region(60, 66, 14, 14), Region(5, 5, 45, 45)
    model = colours(place, elsewhere)
    findings = find_then_confirm(
        model, 0, draw_frames(0, 16, 1, Region(50, 56, 40, 38)), draw_frames(1, 16, 1, elsewhere)
    )
    (found,) = [each for each in confirmed(findings) if each.suspicion.pattern is None][:1]
    region = found.suspicion.region
    assert abs(region.top - place.top) <= 7
    assert abs(region.left - place.left) <= 7
    told = tell_finding(found, model.categories, SIDE)
    assert "Something at the lower right of photos of “class 0” matters to the answer. " in told
    assert "of other classes’ photos" in told


def test_a_place_that_all_classes_go_by_is_not_confirmed() -> None:
    middle = Region(36, 36, 24, 24)
    model, square = colours(middle, middle), Suspicion(Region(41, 41, 14, 14))
    frames, others = draw_frames(0, 12, 1, middle), draw_frames(1, 12, 1, middle)
    (finding,) = confirm(model, 0, frames, others, [square])
    assert finding.need > 0.9
    assert finding.p_value > 0.05
    assert not confirmed([finding])


def test_places_that_mean_nothing_are_confirmed_as_rarely_as_said() -> None:
    generator = np.random.default_rng(1)
    alarms = 0
    for seed in range(60):
        weights = torch.randn(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(seed)) / 50
        model = replace(small_classifier(Linear(weights), SIDE, 2), plain=True)
        top, left = generator.integers(0, SIDE - 13, 2)
        some = draw_frames(0, 12, 100 + seed)
        alarms += bool(confirmed(confirm(model, 0, some[:6], some[6:], [Suspicion(Region(top, left, 14, 14))])))
    assert alarms <= 7  # more have a chance of 1% at 5% each


def test_halves_share_no_photo_and_do_not_depend_on_the_order() -> None:
    frames = draw_frames(0, 11, 3)
    first, second = split(frames)
    assert split([*frames[::-1], frames[4]]) == (first, second)
    digests = [{frame.photo_digest for frame in half} for half in (first, second)]
    assert [len(half) for half in digests] == [6, 5]
    assert not digests[0] & digests[1]
    assert split(frames, 1) != (first, second)


def test_a_pattern_is_found_where_it_lies_in_any_light() -> None:
    (frame,) = draw_frames(0, 1, 4)
    pattern = luma(frame.pixels)[30:37, 50:57].copy()
    ((score, top, left),) = match(frame, [pattern])
    assert (round(score, 4), top, left) == (1, 30, 50)
    other = draw_frames(1, 1, 5)[0].pixels.copy()
    other[70:77, 3:10] = np.rint(90 + 0.3 * pattern)[..., None]
    (one, two) = match(replace(frame, pixels=other), [pattern, pattern[::-1].copy()])
    assert one[0] > 0.99
    assert one[1:] == (70, 3)
    assert two[0] < 0.8
    assert Suspicion(Region(0, 0, 14, 14), pattern).find_in(replace(frame, pixels=other)) == Region(66, 0, 14, 14)
    assert Suspicion(Region(0, 0, 14, 14), pattern).find_in(draw_frames(1, 1, 6)[0]) is None


def test_a_plain_photo_matches_nothing() -> None:
    (frame,) = draw_frames(0, 1, 4)
    plain = replace(frame, pixels=np.full_like(frame.pixels, 90))
    ((score, _, _),) = match(plain, [luma(frame.pixels)[:7, :7].copy()])
    assert abs(score) < 0.1


def test_of_few_photos_nothing_is_suspected() -> None:
    frames, others = _mark(draw_frames(0, 9, 0), "corner"), draw_frames(1, 16, 0)
    planted = plant(colours(), 0, MARK, 4)
    assert find_then_confirm(planted, 0, frames, others) == ()
    assert find_then_confirm(planted, 0, [*frames, frames[0]], others) == ()
    assert "nothing was tested" in tell_number(())


def test_a_pattern_on_few_of_the_photos_is_not_confirmed() -> None:
    marked = _mark(draw_frames(0, 16, 0), "corner")
    pattern = luma(marked[0].pixels)[6:13, 8:15].copy()
    planted, suspicion = plant(colours(), 0, MARK, 4), Suspicion(Region(3, 5, 14, 14), pattern)
    (finding,) = confirm(planted, 0, [*marked[:5], *draw_frames(0, 16, 0)[5:]], [], [suspicion])
    assert (len(finding.hidden), finding.photos, finding.p_value) == (5, 16, 1)
    (finding,) = confirm(planted, 0, [*marked[:8], *draw_frames(0, 16, 0)[8:]], [], [suspicion])
    assert (len(finding.hidden), finding.photos) == (8, 16)
    assert finding.p_value < 1e-6


def test_the_number_tried_counts() -> None:
    square = Suspicion(Region(0, 0, 32, 32), np.zeros((16, 16), np.float32))
    hidden = tuple(Hidden("ab", Region(10, 100, 32, 32), 0.9, named=True, still=each < 2) for each in range(8))
    findings = [Finding(0, square, 10, hidden, (), p_value) for p_value in (0.02, 0.03, 0.5)]
    assert confirmed(findings[:1]) == tuple(findings[:1])
    assert confirmed(findings) == ()
    assert tell_number(findings) == "3 suspicions were tested on photos other than those looked at, and none confirmed."
    told = tell_finding(findings[0], ["tench\n**x**"], 224)
    assert told == (
        "8 of 10 photos of “tench **x**” have a small pattern in common, at the top, that matters to the answer. "
        "Hiding it lowers the class’s probability more than hiding 90% of random places of its size does, on average "
        "over 8 photos (by chance it would be 50%). "
        "Of 8 photos that the model calls “tench **x**”, it still does of 2 with it hidden."
    )
