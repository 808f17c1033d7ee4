"""Entries as a table for people and as data."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from benchmarks.measure import Entry, Spread

_WIDTHS = (36, 12, 26, 11, 24)
HEADING = ("", "median", "(quartiles, turns)", "x first", "(quartiles)")


def tell_heading() -> str:
    """The columns' titles."""
    return _line(*HEADING, "")


def tell_entry(entry: Entry, heading: bool) -> Iterator[str]:
    """An entry's line of the table, below a line that names its case if it needs a heading."""
    if heading:
        yield f"{entry.scenario}: {entry.case}"
    yield _tell_values(entry)


def to_data(entry: Entry) -> dict[str, Any]:
    """An entry as JSON types."""
    return asdict(entry)


def _tell_values(entry: Entry) -> str:
    value, quartiles, ratio, ratios = "-", "", "", ""
    if entry.value is not None:
        value = f"{_round(entry.value.median)} {entry.unit}".strip()
        quartiles = "" if entry.value.count == 1 else f"({_range(entry.value)}, {entry.value.count})"
    if entry.ratio is not None:
        ratio = _round(entry.ratio.median)
        ratios = "" if entry.ratio.count == 1 else f"({_range(entry.ratio)})"
    return _line(f"  {entry.who}", value, quartiles, ratio, ratios, entry.note)


def _range(spread: Spread) -> str:
    return f"{_round(spread.low)} to {_round(spread.high)}"


def _round(value: float) -> str:
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1e}" if abs(value) < 0.001 else f"{value:.3g}"


def _line(*cells: str) -> str:
    *columns, note = cells
    aligned = [
        cell.ljust(width) if index == 0 else cell.rjust(width)
        for index, (cell, width) in enumerate(zip(columns, _WIDTHS, strict=True))
    ]
    return f"{''.join(aligned)}   {note}".rstrip()
