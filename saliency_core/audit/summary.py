"""Rows of many photos as one summary a class."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from saliency_core.audit.chance import agreement, fewer_by_chance, half_by_chance, need_by_chance
from saliency_core.audit.rates import Rate, bounded_mean, padded_mean, wilson
from saliency_core.audit.rows import Hiding, Row
from saliency_core.audit.scenes import CropSummary, SwapSummary, summarize_crops, summarize_swaps
from saliency_core.passport.rule import adjust

LEAST_PHOTOS = 10
"""With fewer photos a class is not ranked, and nothing is said of it but numbers: its mean need is known to no better
than 0.16 with ten."""


@dataclass(frozen=True, slots=True)
class FillSummary:
    """What hiding the objects of a class does under one fill. Shares in [0, 1], each with its 95% interval.

    need: the mean of its judged photos; need_p: how likely objects that are no more than places at random have as
        large a one, see need_by_chance().
    stays: the share of its named photos that are still named so with the object hidden; random_stays: with a random
        place of the same shape hidden, on average; difference: the first less the second, photo by photo; fewer_p: how
        likely by chance alone so few are, see fewer_by_chance().
    alone: the share of them named so with only the object left; random_alone: with only a random place left.
    All but need and need_p are None where no photo is named.
    """

    need: Rate
    need_p: float
    stays: Rate | None = None
    random_stays: float | None = None
    difference: Rate | None = None
    fewer_p: float | None = None
    alone: Rate | None = None
    random_alone: float | None = None


@dataclass(frozen=True, slots=True)
class Tests:
    """p-values of a class, each under the fill that bears it out least, corrected for all tests of all ranked classes
    (Holm): if none of it is so, the chance that any of them is at most 0.05 is at most 0.05.

    needs: that its objects matter more than places at random do.
    stays, goes: that more than half of the photos that are named so still are with the object hidden; or fewer.
    alone_fails: that fewer than half are with only the object left.
    """

    needs: float
    stays: float
    goes: float
    alone_fails: float


@dataclass(frozen=True, slots=True)
class ClassSummary:
    """A class over its photos: those labelled so, and those without a label that the model says it of.

    target, label: its index and name.
    photos: how many there are; with_objects: those on which its object lies; judged: those on which that was hidden;
        named: those among them of which the model says this class as they are.
    accuracy: of its labelled photos, the share that the model says this class of; None where none is labelled.
    size, map_inside, edges_inside, centre_inside: the means of the rows', over photos with objects.
    fills: what was found under each fill.
    same_claim: the share of judged photos that get one claim under all fills; need_agreement: the least rank
        correlation of their needs under two fills. None with one fill, or with nothing to compare.
    tests: None of a class that is not ranked.
    cropped, swapped: with the object out of the frame, and on other backgrounds; None where no photo was.
    """

    target: int
    label: str
    photos: int
    with_objects: int
    judged: int
    named: int
    accuracy: Rate | None
    size: float | None
    map_inside: float | None
    edges_inside: float | None
    centre_inside: float | None
    fills: dict[str, FillSummary]
    same_claim: Rate | None
    need_agreement: float | None
    tests: Tests | None = None
    cropped: CropSummary | None = None
    swapped: SwapSummary | None = None

    @property
    def ranked(self) -> bool:
        """Whether it has enough photos to be put in an order with others."""
        return self.judged >= LEAST_PHOTOS


def summarize(rows: Iterable[Row], categories: Sequence[str]) -> tuple[ClassSummary, ...]:
    """One summary for each class that a row is about, in the order of their indices. The order of rows plays no part.

    A photo that stands in several rows, one for each thing on it, counts once for each.

    categories: the model's classes' names.
    """
    by_class: dict[int, list[Row]] = {}
    for row in rows:
        by_class.setdefault(row.target, []).append(row)
    found = [_summarize(by_class[target], categories[target]) for target in sorted(by_class)]
    ranked = [each for each in found if each.ranked]
    corrected = iter(adjust([p_value for each in ranked for p_value in _test(each)]))
    tests = {each.target: Tests(*(next(corrected) for _ in range(4))) for each in ranked}
    return tuple(replace(each, tests=tests.get(each.target)) for each in found)


def _summarize(rows: list[Row], label: str) -> ClassSummary:
    rows = sorted(rows, key=lambda row: row.digest)  # sums of floats depend on the order
    answers = [row.right for row in rows if row.right is not None]
    judged = [row for row in rows if row.hidings]
    fills = [fill for fill, _ in judged[0].hidings] if judged else []
    needs = [[_hiding(row, fill).need for row in judged] for fill in fills]
    claims = [len({hiding.claim for _, hiding in row.hidings}) for row in judged]
    pairs = [agreement(*pair) for pair in combinations(needs, 2)]
    return ClassSummary(
        target=rows[0].target,
        label=label,
        photos=len(rows),
        with_objects=sum(row.size is not None for row in rows),
        judged=len(judged),
        named=sum(row.named for row in judged),
        accuracy=wilson(sum(answers), len(answers)) if answers else None,
        size=_mean(row.size for row in rows),
        map_inside=_mean(row.map_inside for row in rows),
        edges_inside=_mean(row.edges_inside for row in rows),
        centre_inside=_mean(row.centre_inside for row in rows),
        fills={fill: _summarize_fill(judged, fill) for fill in fills},
        same_claim=wilson(claims.count(1), len(claims)) if len(fills) > 1 else None,
        need_agreement=min((pair for pair in pairs if pair is not None), default=None),
        cropped=summarize_crops(rows),
        swapped=summarize_swaps(rows),
    )


def _summarize_fill(judged: list[Row], fill: str) -> FillSummary:
    needs = [_hiding(row, fill).need for row in judged]
    found = FillSummary(bounded_mean(needs), need_by_chance(needs, [row.places or 0 for row in judged]))
    named = [row for row in judged if row.named]
    if not named:
        return found
    hidings = [_hiding(row, fill) for row in named]
    stays, by_chance = [each.hidden_named for each in hidings], [each.random_hidden_named for each in hidings]
    expected = float(np.mean(by_chance))
    return replace(
        found,
        stays=wilson(sum(stays), len(named)),
        random_stays=expected,
        difference=padded_mean(
            [own - share for own, share in zip(stays, by_chance, strict=True)], (-expected, 1 - expected)
        ),
        fewer_p=fewer_by_chance(stays, by_chance, [row.places or 0 for row in named]),
        alone=wilson(sum(each.alone_named for each in hidings), len(named)),
        random_alone=_mean(each.random_alone_named for each in hidings),
    )


def _test(found: ClassSummary) -> tuple[float, float, float, float]:
    """Uncorrected p-values in the order of Tests: what is shown under one fill only is not shown."""
    fills, named = found.fills.values(), found.named
    stays = [fill.stays.count(named) if fill.stays else 0 for fill in fills]
    alone = [fill.alone.count(named) if fill.alone else 0 for fill in fills]
    return (
        max(fill.need_p for fill in fills),
        half_by_chance(min(stays), named),
        half_by_chance(named - max(stays), named),
        half_by_chance(named - max(alone), named),
    )


def _hiding(row: Row, fill: str) -> Hiding:
    return dict(row.hidings)[fill]


def _mean(values: Iterable[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return float(np.mean(there)) if there else None
