"""Two audits beside each other: in which classes they differ, photo by photo where the photos are the same."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from saliency_core.audit.database import Database
from saliency_core.audit.plan_file import Heading, read_heading
from saliency_core.audit.rates import Rate
from saliency_core.audit.summary import LEAST_PHOTOS
from saliency_core.audit.sums import Sums, paired, paired_counts, unpaired, unpaired_counts
from saliency_core.audit.tables import open_database
from saliency_core.masking.claims import ALPHA
from saliency_core.passport.rule import adjust
from saliency_core.text import cut, percent


class Measure(Enum):
    """What is compared; the values are words for people."""

    NEED = "mean need"
    RIGHT = "right answers"
    HIDDEN = "named with the object hidden"


class Verdict(Enum):
    """What is said of a class in two audits; the values are words for people."""

    DIFFERS = "differs"
    SAME = "no difference shown"
    TOO_FEW = "too few photos"


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more the second audit has than the first of one measure.

    first, second: the means, in [0, 1]; by: the second less the first, with its 95% interval, in [-1, 1].
    paired: whether photo by photo; first_photos, second_photos: how many went into each mean, the same if paired.
    p_value: of there being none: of need by Student's t, of the two shares exactly; corrected for all measures of all
        classes that have LEAST_PHOTOS (Holm): if no class differs in any, the chance that any of them is at most 0.05
        is at most 0.05. None with fewer photos.
    """

    first: float
    second: float
    by: Rate
    paired: bool
    first_photos: int
    second_photos: int
    p_value: float | None = None

    @property
    def shown(self) -> bool:
        """Whether a difference is shown."""
        return self.p_value is not None and self.p_value <= ALPHA


@dataclass(frozen=True, slots=True)
class ClassDifference:
    """A class in two audits.

    label: its name; first_target, second_target: its index in each.
    found: what could be compared: need under the first fill that both have, over photos on which the object was hidden;
        right answers, over labelled photos; named with the object hidden, over those that are named so as they are.
    """

    label: str
    first_target: int
    second_target: int
    found: dict[Measure, Difference]

    @property
    def verdict(self) -> Verdict:
        """One word for it."""
        if any(each.shown for each in self.found.values()):
            return Verdict.DIFFERS
        tested = any(each.p_value is not None for each in self.found.values())
        return Verdict.SAME if tested else Verdict.TOO_FEW

    @property
    def sentence(self) -> str:
        """What is said of it, in a few sentences."""
        begin = _BEGIN[self.verdict].format(f"“{cut(self.label)}”")
        return " ".join([begin, *(_tell(measure, each) for measure, each in self.found.items())])


def compare_audits(first: Path | str, second: Path | str) -> tuple[ClassDifference, ...]:
    """The classes that both audits have photos of: those that differ come first, by how much the need does.

    Classes are the same by their index where both models have the same classes, or else by their name, if it is each
    one's alone. Photos are the same by their files' digests: where at least half of the photos of the audit that has
    fewer are in the other, too, these alone are compared, one by one; otherwise, all of one with all of the other.

    Raises AuditError where open_table() does.
    """
    first, second = Path(first), Path(second)
    headings = read_heading(first), read_heading(second)
    classes = _match(*headings)
    database = open_database({"one": (first, headings[0]), "other": (second, headings[1])})
    try:
        found = _compare(database, classes, _asked(*headings))
    finally:
        database.close()
    names = headings[0].categories
    differences = [ClassDifference(names[own], own, classes[own], each) for own, each in found.items()]
    return tuple(sorted(_correct(differences), key=_order))


def _match(one: Heading, other: Heading) -> dict[int, int]:
    """The first audit's classes with the second's index of each."""
    if one.categories == other.categories:
        return {index: index for index in range(len(one.categories))}
    own, others = (Counter(each.categories) for each in (one, other))
    places = {name: index for index, name in enumerate(other.categories)}
    return {index: places[name] for index, name in enumerate(one.categories) if own[name] == others[name] == 1}


def _asked(one: Heading, other: Heading) -> dict[Measure, tuple[str, str]]:
    """Of each measure, the number that a photo has, and of which photos."""
    asked = {Measure.RIGHT: ('"right"', '"right" IS NOT NULL')}
    fills = (fill for fill in one.asked.settings.fills if fill in other.asked.settings.fills)
    fill = next(fills, None)  # one of the library's: Settings takes no other
    if fill is None:
        return asked
    return {
        Measure.NEED: (f'"{fill}_need"', f'"{fill}_need" IS NOT NULL'),
        **asked,
        Measure.HIDDEN: (f'"{fill}_hidden_named"', f'"{fill}_need" IS NOT NULL AND predicted = target'),
    }


_QUERY = """
WITH classes AS (SELECT unnest(?::BIGINT[]) AS own, unnest(?::BIGINT[]) AS others),
a AS (
  SELECT own AS class, digest, {value}::DOUBLE AS v, row_number() OVER (PARTITION BY own, digest ORDER BY photo) AS nth
  FROM one JOIN classes ON target = own WHERE {condition}
),
b AS (
  SELECT own AS class, digest, {value}::DOUBLE AS v, row_number() OVER (PARTITION BY own, digest ORDER BY photo) AS nth
  FROM other JOIN classes ON target = others WHERE {condition}
),
one_sums AS (SELECT class, count(*) AS n, sum(v) AS s, sum(v * v) AS q FROM a GROUP BY class),
other_sums AS (SELECT class, count(*) AS n, sum(v) AS s, sum(v * v) AS q FROM b GROUP BY class),
pair_sums AS (
  SELECT class, count(*) AS n, sum(a.v) AS s, sum(b.v) AS t, sum(b.v - a.v) AS d, sum((b.v - a.v) * (b.v - a.v)) AS q
  FROM a JOIN b USING (class, digest, nth) GROUP BY class
)
SELECT class, one_sums.n, one_sums.s, one_sums.q, other_sums.n, other_sums.s, other_sums.q,
  pair_sums.n, pair_sums.s, pair_sums.t, pair_sums.d, pair_sums.q
FROM one_sums JOIN other_sums USING (class) LEFT JOIN pair_sums USING (class) ORDER BY class
"""
"""Of the photos of each class in both audits, the sums; a photo that is there several times is so many photos."""


def _compare(
    database: Database, classes: Mapping[int, int], asked: Mapping[Measure, tuple[str, str]]
) -> dict[int, dict[Measure, Difference]]:
    found: dict[int, dict[Measure, Difference]] = {}
    for measure, (value, condition) in asked.items():
        query = _QUERY.format(value=value, condition=condition)
        for target, *sums in database.ask(query, [list(classes), list(classes.values())]):
            found.setdefault(target, {})[measure] = _difference(measure, sums)
    return found


def _difference(measure: Measure, sums: Sequence[Any]) -> Difference:
    one, other = Sums(*sums[:3]), Sums(*sums[3:6])
    pairs, first, second, by, squares = sums[6:]
    if pairs is not None and 2 * pairs >= min(one.count, other.count):
        differences = Sums(pairs, by, squares)
        rate, p_value = paired(differences)
        if measure is not Measure.NEED:
            p_value = paired_counts(differences)
        return Difference(first / pairs, second / pairs, rate, True, pairs, pairs, p_value)
    rate, p_value = unpaired(one, other)
    if measure is not Measure.NEED:
        p_value = unpaired_counts(one, other)
    return Difference(one.mean, other.mean, rate, False, one.count, other.count, p_value)


def _correct(found: Sequence[ClassDifference]) -> Iterator[ClassDifference]:
    """With p-values corrected for all that are tested, and without those of few photos."""
    tested = [
        (place, measure)
        for place, each in enumerate(found)
        for measure in each.found
        if _is_tested(each.found[measure])
    ]
    p_values = adjust([found[place].found[measure].p_value or 0.0 for place, measure in tested])
    corrected = dict(zip(tested, p_values, strict=True))
    for place, each in enumerate(found):
        differences = {
            measure: replace(difference, p_value=corrected.get((place, measure)))
            for measure, difference in each.found.items()
        }
        yield replace(each, found=differences)


def _is_tested(difference: Difference) -> bool:
    return min(difference.first_photos, difference.second_photos) >= LEAST_PHOTOS


def _order(each: ClassDifference) -> tuple[int, float, int]:
    need = each.found.get(Measure.NEED)
    return list(Verdict).index(each.verdict), -abs(need.by.share) if need else 0.0, each.first_target


_BEGIN = {
    Verdict.DIFFERS: "{} differs between the two audits.",
    Verdict.SAME: "For {} no difference is shown.",
    Verdict.TOO_FEW: "{} has too few photos to compare more than the numbers.",
}
_CALLED = {
    Measure.NEED: "Its mean need",
    Measure.RIGHT: "The share of right answers",
    Measure.HIDDEN: "The share still named so with the object hidden",
}


def _tell(measure: Measure, found: Difference) -> str:
    photos = f"{found.first_photos} photos in both"
    if not found.paired:
        photos = f"{found.first_photos} and {found.second_photos} photos, not the same ones"
    shown = " This difference is shown." if found.shown else ""
    return (
        f"{_CALLED[measure]} is {_share(found.first)} in the first and {_share(found.second)} in the second: "
        f"{_points(found.by.share)} points (95% interval {_points(found.by.low)} to {_points(found.by.high)}; "
        f"{photos}).{shown}"
    )


def _share(share: float) -> str:
    return percent(share) if share else "0%"


def _points(share: float) -> str:
    """A difference in hundredths, with its sign."""
    told = f"{100 * share:+.1f}" if abs(share) < 0.0995 else f"{100 * share:+.0f}"
    return told.replace("-", "−") if float(told) else "0"
