"""Rows to one summary a class: tests against enumeration, their level over clean classes, and the words."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest

from saliency_core.audit.cases import Case, find_case
from saliency_core.audit.chance import agreement, fewer_by_chance, half_by_chance, need_by_chance
from saliency_core.audit.rates import bounded_mean, padded_mean, wilson
from saliency_core.audit.rows import Hiding, Row
from saliency_core.audit.summary import LEAST_PHOTOS, ClassSummary, summarize
from saliency_core.audit.words import Word, find_word, is_needed, tell_class
from saliency_core.masking.claims import ALPHA, Claim
from saliency_core.masking.effects import share_less
from saliency_core.passport.rule import adjust

PLACES = 39


def _hiding(
    need: float, stays: bool = False, random_stays: float = 0.5, alone: bool = False, claim: Claim = Claim.NEITHER
) -> Hiding:
    return Hiding(0.1, 0, stays, 0.1, 0, alone, random_stays, 0.5, need, 0.5, 0.5, claim.value)


def _row(target: int, number: int, *hidings: Hiding, right: bool | None = True) -> Row:
    return Row(
        digest=f"{number:064x}",
        width=100,
        height=80,
        target=target,
        target_probability=0.9,
        target_rank=1,
        right=right,
        predicted=target if right is not False else target + 1,
        probability=0.9,
        second=None,
        second_probability=None,
        brightness=0.5,
        sharpness=0.01,
        size=0.25 if hidings else None,
        map_inside=0.4 if hidings else None,
        edges_inside=0.3 if hidings else None,
        centre_inside=0.35 if hidings else None,
        places=PLACES if hidings else None,
        reason="" if hidings else "no object is declared",
        hidings=tuple(zip(("grey", "black"), hidings, strict=False)),
    )


def _class(photos: int, target: int = 0, **hiding: object) -> list[Row]:
    return [_row(target, each, *[_hiding(**hiding)] * 2) for each in range(photos)]  # type: ignore[arg-type]


def _named(rows: Sequence[Row]) -> ClassSummary:
    (found,) = summarize(rows, ["*cup*"])
    return found


def _clean_classes(generator: np.random.Generator, classes: int) -> list[Row]:
    """Classes of 10 to 40 photos whose objects are places like any other: of each photo the object and its places have
    effects from one distribution, on many photos with ties, and the class stays or not by a coin."""
    rows = []
    for target in range(classes):
        for number in range(int(generator.integers(10, 41))):
            flat, weight = generator.choice([0.0, 0.0, 0.3, 0.8]), generator.uniform(0.2, 1)
            effects = generator.gamma(weight, size=(2, PLACES + 1)) * (generator.random((2, PLACES + 1)) >= flat)
            effects[1] += 2 * effects[0]  # under a second fill much is alike
            chance = generator.random()  # a half on average
            stays = generator.random(PLACES + 1) < chance
            hidings = [
                _hiding(share_less(each), bool(stays[0]), float(stays[1:].mean()), bool(generator.random() < 0.5))
                for each in effects
            ]
            rows.append(_row(target, number, *hidings))
    return rows


@pytest.mark.parametrize("seed", range(3))
def test_of_two_hundred_clean_classes_nothing_is_said(seed: int) -> None:
    found = summarize(_clean_classes(np.random.default_rng(seed), 200), [""] * 200)
    assert len(found) == 200
    assert all(each.ranked for each in found)
    assert {find_word(each) for each in found} == {Word.CHANCE}


def test_clean_audits_rarely_say_anything_of_any_class() -> None:
    """The family-wise level, over many audits of 200 clean classes, by the test alone under one fill: ties or none."""
    generator, audits, wrong = np.random.default_rng(0), 300, 0
    for _ in range(audits):
        p_values = []
        for _ in range(200):
            photos = int(generator.integers(10, 41))
            needs = generator.integers(0, PLACES + 1, photos) / PLACES
            tied = generator.random(photos) < 0.5  # four places in five do nothing, on half of the photos
            rank = np.where(generator.random(photos) < 0.8, 0.8 / 2, generator.uniform(0.8, 1, photos))
            needs = np.where(tied, np.round(rank * 2 * PLACES) / (2 * PLACES), needs)
            p_values.append(need_by_chance(needs.tolist(), [PLACES] * photos))
        wrong += min(adjust(p_values)) <= ALPHA
    assert wrong <= 0.05 * audits
    assert wrong >= 1  # it is a test, and not silence


def test_a_need_by_chance_is_counted_out() -> None:
    sums = [sum(each) for each in product(range(4), repeat=3)]
    for needs in ([1.0, 1.0, 1.0], [1 / 3, 2 / 3, 1.0], [0.0, 0.0, 0.0], [0.5, 0.5, 1 / 6]):
        expected = np.mean([3 * sum(needs) <= total + 1e-9 for total in sums])
        assert need_by_chance(needs, [3, 3, 3]) == pytest.approx(expected)
    assert need_by_chance([1.0] * 10, [39] * 10) == pytest.approx(40.0**-10, rel=1e-9)


def test_the_p_value_of_a_sum_goes_on_where_it_is_no_longer_counted_out() -> None:
    for mean in (0.5, 0.55, 0.6):
        exact, normal = (need_by_chance([mean] * photos, [39] * photos) for photos in (100, 101))
        assert normal == pytest.approx(exact, rel=0.25)
    assert 0 < need_by_chance([1.0] * 100_000, [39] * 100_000) < 1e-100


def test_photos_with_more_places_are_counted_as_with_fewer() -> None:
    assert need_by_chance([0.9, 0.9], [19, 39]) == need_by_chance([0.9, 0.9], [19, 19])


def test_fewer_named_by_chance_is_counted_out() -> None:
    assert fewer_by_chance([False, False], [0.5, 1.0], [1, 3]) == pytest.approx(
        (1 - 0.5 / 2) * (1 - 3 / 4)  # of one place half is named, of three all are; the object is among them
    )
    assert fewer_by_chance([True, True], [0.5, 0.5], [2, 2]) == 1
    assert fewer_by_chance([False] * 20, [0.9] * 20, [39] * 20) < 1e-10


def test_half_by_chance_is_a_coin() -> None:
    assert half_by_chance(10, 10) == pytest.approx(2.0**-10)
    assert half_by_chance(0, 10) == half_by_chance(0, 0) == 1


def test_the_rank_correlation() -> None:
    assert agreement([0.1, 0.2, 0.9], [1, 2, 3]) == pytest.approx(1)
    assert agreement([0.1, 0.2, 0.9], [3, 2, 1]) == pytest.approx(-1)
    assert agreement([0.5, 0.5], [1, 2]) is None


def test_intervals_hold_the_mean_where_all_photos_are_alike() -> None:
    alike = bounded_mean([1.0] * 10)
    assert (alike.share, alike.high) == (1, 1)
    assert alike.low == pytest.approx(wilson(10, 10).low, abs=0.02)
    assert padded_mean([-0.3] * 10, (-0.3, 0.7)).low <= -0.3
    generator = np.random.default_rng(0)
    held = sum(
        found.low <= 0.95 <= found.high
        for found in (bounded_mean(generator.choice([0.5, 1.0], 10, p=[0.1, 0.9]).tolist()) for _ in range(400))
    )
    assert held >= 0.95 * 400


@pytest.mark.parametrize(
    ("rows", "word", "begins"),
    [
        (_class(20, need=0.9, random_stays=0.6, alone=True), Word.NEEDS, "“*cup*” needs its object."),
        (_class(20, need=0.5, stays=True, alone=True), Word.GETS_BY, "“*cup*” mostly gets by without its object."),
        (_class(20, need=0.9, stays=True, alone=True), Word.GETS_BY, "“*cup*” mostly gets by without its object."),
        (_class(20, need=0.5, stays=True), Word.BACKGROUND, "For “*cup*” the background is mostly enough"),
        (_class(20, need=0.5), Word.NEITHER, "For “*cup*” neither the background alone nor the object alone"),
        (_class(20, need=0.5, alone=True), Word.CHANCE, "What “*cup*” needs is not told apart from chance."),
        (_class(9, need=1.0), Word.TOO_FEW, "“*cup*” has only 9 photos to go by"),
        (_class(1, need=1.0), Word.TOO_FEW, "“*cup*” has only 1 photo to go by"),
    ],
)
def test_the_word_follows_from_the_numbers(rows: list[Row], word: Word, begins: str) -> None:
    found = _named(rows)
    assert find_word(found) is word
    told = tell_class(found)
    assert told.startswith(begins)
    assert "context" not in told
    assert "reason" not in told
    assert found.ranked == (len(rows) >= LEAST_PHOTOS) == (found.tests is not None)
    assert all(name in told for name in ("in grey", "in black", "by chance it would be 50%"))


def test_what_one_fill_shows_alone_is_not_said() -> None:
    rows = [_row(0, each, _hiding(0.95, alone=True), _hiding(0.5, alone=True)) for each in range(20)]
    assert find_word(_named(rows)) is Word.CHANCE
    assert not is_needed(_named(rows))
    assert is_needed(_named([_row(0, each, _hiding(0.95)) for each in range(20)]))


def test_a_class_is_held_to_more_beside_others() -> None:
    weak = _class(12, need=0.72, alone=True)
    many = [row for target in range(1, 200) for row in _class(10, target, need=0.5, alone=True)]
    assert find_word(_named(weak)) is Word.NEEDS
    beside = summarize([*weak, *many], [""] * 200)[0]
    assert beside.fills == _named(weak).fills
    assert find_word(beside) is Word.CHANCE


def test_the_numbers_of_a_class() -> None:
    rows = [
        *(_row(0, each, _hiding(0.8, each < 3, 0.5, each < 6, Claim.NEEDED), _hiding(0.7)) for each in range(8)),
        *(_row(0, 8 + each, _hiding(0.8), _hiding(0.6), right=False) for each in range(4)),
        *(_row(0, 12 + each) for each in range(4)),
    ]
    found = _named(rows)
    assert (found.photos, found.with_objects, found.judged, found.named) == (16, 12, 12, 8)
    assert found.accuracy == wilson(12, 16)
    grey = found.fills["grey"]
    assert (grey.need.share, grey.random_stays, grey.random_alone) == pytest.approx((0.8, 0.5, 0.5))
    assert grey.stays == wilson(3, 8)
    assert grey.alone == wilson(6, 8)
    assert grey.difference is not None
    assert grey.difference.share == pytest.approx(3 / 8 - 0.5)
    assert found.same_claim == wilson(4, 12)
    assert found.need_agreement is None  # of needs that are all alike there is no order
    assert (found.size, found.map_inside) == pytest.approx((0.25, 0.4))
    assert "on 3 (" in tell_class(found)
    assert summarize(rows[::-1], ["*cup*"]) == (found,)
    assert _named([_row(0, 1, right=None)]).accuracy is None


def test_a_class_without_a_label_is_that_of_the_best_guess() -> None:
    found = summarize([*_class(3, 2, need=0.5), *_class(4, 1, need=0.5)], ["a", "b", "c"])
    assert [(each.target, each.label, each.photos, each.ranked) for each in found] == [
        (1, "b", 4, False),
        (2, "c", 3, False),
    ]


@pytest.mark.parametrize(
    ("grey", "black", "case"),
    [
        (_hiding(1, claim=Claim.CARRIES), _hiding(1, claim=Claim.NEEDED), Case.NEEDS),
        (_hiding(1, claim=Claim.CARRIES), _hiding(1, claim=Claim.LOST), Case.NEITHER),
        (_hiding(1, True, claim=Claim.CARRIES), _hiding(1, claim=Claim.CARRIES), Case.NEITHER),
        (_hiding(0, True), _hiding(0, True), Case.BACKGROUND),
        (_hiding(0, True, alone=True), _hiding(0, True), Case.GETS_BY),
        (_hiding(0, claim=Claim.LOST), _hiding(0, claim=Claim.LOST), Case.NEITHER),
    ],
)
def test_a_photo_s_case_has_to_be_so_under_each_fill(grey: Hiding, black: Hiding, case: Case) -> None:
    assert find_case(_row(0, 1, grey, black)) is case
    assert find_case(_row(0, 1, grey, black, right=False)) is None


def test_ties_count_half() -> None:
    assert share_less(np.array([1.0, 0.0, 1.0, 2.0, 1.005])) == pytest.approx((1 + 2 / 2) / 4)
    assert share_less(np.zeros(20)) == 0.5
