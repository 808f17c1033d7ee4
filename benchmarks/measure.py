"""Timing in turns: ours and the baselines run one after the other, and ratios are taken turn by turn."""

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

LEAST_TURNS = 3
"""Turns that are taken even if they last longer than they should."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much measuring is enough.

    quick: only find out whether everything runs.
    turns: turns that short things take; long ones take a third of them.
    seconds: after this long a comparison ends, if it has had LEAST_TURNS.
    minutes: of the long day.
    """

    quick: bool = False
    turns: int = 15
    seconds: float = 60.0
    minutes: float = 60.0

    def for_long(self) -> "Effort":
        """The effort for what takes many passes of a model."""
        return replace(self, turns=1 if self.quick else max(LEAST_TURNS, self.turns // 3))


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure measured several times.

    low, high: first and third quartile.
    count: how many times.
    """

    median: float
    low: float
    high: float
    least: float
    most: float
    count: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the table.

    case: what was measured; who: by whom or which part.
    value: in `unit`; None where it could not be measured, and `note` says why.
    ratio: value divided by that of the case's first entry in the same turn.
    """

    scenario: str
    case: str
    who: str
    unit: str
    value: Spread | None
    ratio: Spread | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """One of several ways to the same end.

    run: does it once.
    note: what it does, in a few words.
    """

    run: Callable[[], object]
    note: str = ""


def spread_of(values: Sequence[float]) -> Spread:
    """Median, quartiles and extremes of at least one value."""
    least, low, median, high, most = np.quantile(values, (0, 0.25, 0.5, 0.75, 1)).tolist()
    return Spread(median, low, high, least, most, len(values))


def single(value: float) -> Spread:
    """A figure that was taken once."""
    return spread_of([value])


def take_turns(runs: Mapping[str, Callable[[], object]], effort: Effort) -> dict[str, list[float]]:
    """Seconds that each run took in each turn; a first turn, to warm up, is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    if not effort.quick:
        for run in runs.values():
            run()
    begun = time.perf_counter()
    for turn in range(effort.turns):
        if turn >= LEAST_TURNS and time.perf_counter() - begun > effort.seconds:
            break
        gc.collect()
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    return seconds


def tell_turns(
    scenario: str, case: str, seconds: Mapping[str, Sequence[float]], notes: Mapping[str, str] | None = None
) -> list[Entry]:
    """Seconds, taken in turns, as entries in ms; the first name is the one the others are compared with."""
    first = next(iter(seconds.values()))
    return [
        Entry(
            scenario,
            case,
            name,
            "ms",
            spread_of([1000 * each for each in taken]),
            spread_of([each / ours for each, ours in zip(taken, first, strict=True)]) if index else None,
            (notes or {}).get(name, ""),
        )
        for index, (name, taken) in enumerate(seconds.items())
    ]


def compare(scenario: str, case: str, variants: Mapping[str, Variant], effort: Effort) -> list[Entry]:
    """Variants in turns; the first is ours."""
    seconds = take_turns({name: variant.run for name, variant in variants.items()}, effort)
    return tell_turns(scenario, case, seconds, {name: variant.note for name, variant in variants.items()})
