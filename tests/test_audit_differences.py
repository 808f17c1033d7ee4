"""Two audits beside each other: pairs against plain Python, and how often a difference is told where there is none."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from saliency_core.audit.differences import Difference, Measure, Verdict, compare_audits
from saliency_core.audit.rates import padded_mean
from saliency_core.audit.rows import Row
from saliency_core.audit.sums import Sums, paired, paired_counts, unpaired, unpaired_counts
from saliency_core.errors import AuditError
from tests.made_audit import ASKED, PLACES, draw_rows, make_row, write_audit

CLASSES = ("cup", "dog", "*elk*")
Compare = Callable[[Sequence[Row], Sequence[Row]], dict[str, dict[Measure, Difference]]]


@pytest.fixture
def compare(tmp_path: Path) -> Compare:
    """Two audits' differences by the classes' names."""

    def of(first: Sequence[Row], second: Sequence[Row]) -> dict[str, dict[Measure, Difference]]:
        write_audit(tmp_path / "first", first, CLASSES, summary=False)
        write_audit(tmp_path / "second", second, CLASSES, summary=False)
        return {each.label: each.found for each in compare_audits(tmp_path / "first", tmp_path / "second")}

    return of


def need(row: Row) -> float:
    return row.hidings[0][1].need


def sums(values: Sequence[float]) -> Sums:
    return Sums(len(values), sum(values), sum(value * value for value in values))


def test_pairs_are_those_of_the_same_photos(compare: Compare) -> None:
    first = draw_rows(120, 3, seed=1)
    second = [*draw_rows(120, 3, seed=2)[::-1], *(make_row(1000 + each, 0, 1.0) for each in range(20))]
    found = compare(first, second)
    others = {row.digest: row for row in second}
    pairs = [(row, others[row.digest]) for row in first if others[row.digest].target == row.target]
    for target, label in enumerate(CLASSES):
        own = [pair for pair in pairs if pair[0].target == target]
        judged = [(need(one), need(other)) for one, other in own if one.hidings and other.hidings]
        got = found[label][Measure.NEED]
        if got.paired:
            assert (got.first_photos, got.second_photos) == (len(judged), len(judged))
            assert got.first == pytest.approx(np.mean([one for one, _ in judged]))
            assert got.second == pytest.approx(np.mean([other for _, other in judged]))
            rate = padded_mean([other - one for one, other in judged], (-1, 1))
            assert (got.by.share, got.by.low, got.by.high) == pytest.approx((rate.share, rate.low, rate.high))
        else:
            assert got.first_photos == sum(row.target == target and bool(row.hidings) for row in first)


def test_the_same_audit_has_no_difference_and_every_photo_its_pair(compare: Compare) -> None:
    rows = draw_rows(90, 3)
    twice = [*rows, *rows[:30]]  # some photos are there under two names
    for label, found in compare(twice, twice[::-1]).items():
        for each in found.values():
            assert (each.by.share, each.first, each.p_value) == (0, each.second, 1)
            assert each.paired
            assert each.by.low < 0 < each.by.high
        own = [row for row in twice if row.target == CLASSES.index(label)]
        assert found[Measure.NEED].first_photos == sum(bool(row.hidings) for row in own)
        assert found[Measure.RIGHT].first_photos == len(own)
        assert found[Measure.HIDDEN].first_photos == sum(bool(row.hidings) and row.named for row in own)


def test_differences_are_shown_with_their_sign(compare: Compare) -> None:
    first = [make_row(each, 0, 0.2, right=each % 2 == 0) for each in range(40)]
    second = [make_row(each, 0, 0.9, stays=True) for each in range(40)]
    few = [make_row(100 + each, 1, 0.2) for each in range(9)], [make_row(100 + each, 1, 0.9) for each in range(9)]
    found = compare([*first, *few[0]], [*second, *few[1]])
    by = found["cup"]
    assert {measure: each.by.share for measure, each in by.items()} == pytest.approx(
        {Measure.NEED: 0.7, Measure.RIGHT: 0.5, Measure.HIDDEN: 1.0}
    )
    assert all(each.shown and each.by.low > 0 for each in by.values())
    assert found["dog"][Measure.NEED].p_value is None
    assert not found["dog"][Measure.NEED].shown


def test_words_and_sentences(tmp_path: Path) -> None:
    first = [*(make_row(each, 0, 0.8) for each in range(30)), *(make_row(99 + each, 2, 0.5) for each in range(3))]
    second = [
        *(make_row(each, 0, 0.2, False) for each in range(30)),
        *(make_row(99 + each, 2, 0.5) for each in range(3)),
    ]
    write_audit(tmp_path / "first", first, CLASSES, summary=False)
    write_audit(tmp_path / "second", second, CLASSES, summary=False)
    cup, elk = compare_audits(tmp_path / "first", tmp_path / "second")
    assert (cup.verdict, elk.verdict) == (Verdict.DIFFERS, Verdict.TOO_FEW)
    assert cup.sentence == (
        "“cup” differs between the two audits. Its mean need is 80% in the first and 20% in the second: −60 points "
        "(95% interval −67 to −46; 30 photos in both). This difference is shown. The share of right answers is 100% in "
        "the first and 0% in the second: −100 points (95% interval −100 to −81; 30 photos in both). This difference is "
        "shown."
    )
    assert elk.sentence.startswith("“*elk*” has too few photos to compare more than the numbers.")
    with pytest.raises(AuditError, match="There is no audit"):
        compare_audits(tmp_path / "first", tmp_path)


def test_other_photos_and_other_lists_of_classes(tmp_path: Path) -> None:
    first = [make_row(each, each % 3, 0.9) for each in range(60)]
    second = [make_row(500 + each, each % 3, 0.3) for each in range(45)]
    write_audit(tmp_path / "first", first, CLASSES, summary=False)
    asked = replace(ASKED, settings=replace(ASKED.settings, fills=("black", "blur")))
    later = [replace(row, hidings=(row.hidings[1], ("blur", row.hidings[0][1]))) for row in second]
    write_audit(tmp_path / "second", later, ("*elk*", "dog", "dog"), asked=asked, summary=False)
    (elk,) = compare_audits(tmp_path / "first", tmp_path / "second")  # which dog is meant is not known
    assert (elk.label, elk.first_target, elk.second_target) == ("*elk*", 2, 0)
    found = elk.found[Measure.NEED]
    assert (found.paired, found.first_photos, found.second_photos) == (False, 20, 15)
    assert found.by.share == pytest.approx(-0.6)
    assert "20 and 15 photos, not the same ones" in elk.sentence


def test_intervals_and_tests_of_sums() -> None:
    values = [0.5, -0.25, 0.0, 1.0, 0.125]
    rate, p_value = paired(sums(values))
    expected = padded_mean(values, (-1, 1))
    assert (rate.share, rate.low, rate.high) == pytest.approx((expected.share, expected.low, expected.high))
    assert 0.05 < p_value < 1
    assert paired_counts(Sums(20, 5, 5)) == pytest.approx(2 / 2**5)
    assert paired_counts(Sums(20, -3, 5)) == pytest.approx(2 * 6 / 2**5)
    assert paired_counts(Sums(20, 0, 0)) == 1
    assert unpaired_counts(Sums(3, 3, 3), Sums(3, 0, 0)) == pytest.approx(0.1)  # 2 of 20 tables
    rate, p_value = unpaired(sums([1.0] * 10), sums([1.0] * 10))
    assert (rate.share, p_value) == (0, 1)
    assert rate.low == pytest.approx(-rate.high)
    assert rate.high > 0.15


def _no_difference(kind: str, count: int, random: np.random.Generator) -> tuple[list[float], list[float]]:
    """Needs of as many photos in each audit, from one distribution."""
    if kind == "even":
        each = random.integers(PLACES + 1, size=(2, count)) / PLACES
    elif kind == "nearly all":
        each = np.where(random.random((2, count)) < 0.9, 1.0, random.random((2, count)))
    else:
        each = random.beta(0.3, 0.3, size=(2, count))
    return each[0].tolist(), each[1].tolist()


@pytest.mark.parametrize("kind", ["even", "nearly all", "either end"])
@pytest.mark.parametrize("count", [10, 40])
def test_intervals_hold_no_difference_as_often_as_they_say(kind: str, count: int) -> None:
    random = np.random.default_rng(0)
    outside = np.zeros((2, 1000), bool)
    for place in range(1000):
        first, second = _no_difference(kind, count, random)
        for row, rate in enumerate(
            (
                paired(sums([b - a for a, b in zip(first, second, strict=True)]))[0],
                unpaired(sums(first), sums(second))[0],
            )
        ):
            outside[row, place] = not rate.low <= 0 <= rate.high
    assert outside.mean(axis=1).max() <= 0.05 + 2.6 * np.sqrt(0.05 * 0.95 / 1000)


@pytest.mark.parametrize("same_photos", [True, False])
def test_of_audits_without_a_difference_hardly_any_class_differs(same_photos: bool, tmp_path: Path) -> None:
    """Three pairs of audits of 100 classes with three tests each: uncorrected, 45 tests would be expected to differ."""
    names = [f"class {each}" for each in range(100)]
    told, raw = [], 0
    for seed in range(3):
        random = np.random.default_rng(seed)
        for which in ("first", "second"):
            start = 0 if same_photos or which == "first" else 10_000
            rows = [
                make_row(
                    start + each,
                    each % 100,
                    float(random.integers(PLACES + 1)) / PLACES,
                    bool(random.random() < 0.7),
                    bool(random.random() < 0.4),
                )
                for each in range(2000)
            ]
            write_audit(tmp_path / f"{which}{seed}", rows, names, asked=replace(ASKED, per_shard=500), summary=False)
        found = compare_audits(tmp_path / f"first{seed}", tmp_path / f"second{seed}")
        assert len(found) == 100
        told.append(sum(each.verdict is Verdict.DIFFERS for each in found))
        raw += sum(not each.by.low <= 0 <= each.by.high for one in found for each in one.found.values())
    assert sum(count > 0 for count in told) <= 1
    assert raw <= 0.05 * 900 + 2.6 * np.sqrt(0.05 * 0.95 * 900)
