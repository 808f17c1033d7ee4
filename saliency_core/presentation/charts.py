"""Curves as drawings: what is left of an answer as pixels are removed, and a score over sigma. In HTML and SVG, from
templates: for pages and reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from saliency_core.evidence.card import TESTS, Line, Test
from saliency_core.evidence.published import Published
from saliency_core.evidence.removal import RemovalEvidence
from saliency_core.evidence.words import tell_number
from saliency_core.methods.registry import find_method
from saliency_core.photos.fills import Fill
from saliency_core.presentation.pieces import render
from saliency_core.text import begin, percent

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class CurveChart:
    """Where the lines of one map's chart lie, in percent of its width and of its height from the top.

    title: whose curves; score: their gain in words; told: the same without the picture.
    most, least: the lines, as SVG's points; bands: the areas of the controls, likewise; empty before there are any.
    high: the probability at the top.
    """

    title: str
    score: str
    told: str
    most: str
    least: str
    most_band: str
    least_band: str
    high: float


def arrange_curves(
    evidence: RemovalEvidence, fill: Fill, titles: Mapping[str, str], label: str
) -> tuple[CurveChart, ...]:
    """A chart for each map whose curves under a fill are done, all of one height.

    titles: the maps' titles by their names. label: the class whose probability is followed.
    """
    done = [name for name in titles if fill in evidence.maps.get(name, {})]
    highest = max((float(evidence.maps[name][fill].least_first.max()) for name in done), default=1.0)
    highest = max(highest, *(float(evidence.maps[name][fill].most_first.max()) for name in done), 0.01) if done else 1.0
    high = min(1.0, ceil(20 * highest) / 20)
    return tuple(_chart(evidence, fill, name, titles[name], label, high) for name in done)


def _chart(evidence: RemovalEvidence, fill: Fill, name: str, title: str, label: str, high: float) -> CurveChart:
    curves = evidence.maps[name][fill]
    controls = [each.curves[fill] for each in evidence.controls[name] if fill in each.curves]
    bands = ("", "")
    beside = ""
    if controls:
        low, top = evidence.band(name, fill)
        bands = tuple(_area(curves.shares, low[place], top[place], high) for place in (0, 1))  # type: ignore[assignment]
        gains = [each.srg for each in controls]
        beside = f" {len(controls)} maps to compare with: {tell_number(min(gains))} to {tell_number(max(gains))}."
    told = (
        f"{title}: probability of “{label}” as pixels are removed. Most relevant first: {_tell(curves.most_first)}. "
        f"Least relevant first: {_tell(curves.least_first)}. Score {tell_number(curves.srg)}.{beside}"
    )
    most, least = (_line(curves.shares, each, high) for each in (curves.most_first, curves.least_first))
    return CurveChart(title, tell_number(curves.srg), told, most, least, *bands, high)


def _tell(curve: NDArray[np.float64]) -> str:
    """A curve's values with nothing, a quarter, half and everything removed."""
    places = {"nothing": 0, "a quarter": len(curve) // 4, "half": len(curve) // 2, "all": len(curve) - 1}
    return ", ".join(f"{percent(float(curve[place]))} with {share} removed" for share, place in places.items())


def _line(across: NDArray[np.float64], values: NDArray[np.float64], high: float) -> str:
    return _points([(100 * x, 100 - 100 * min(1.0, y / high)) for x, y in zip(across, values, strict=True)])


def _area(across: NDArray[np.float64], low: NDArray[np.float64], top: NDArray[np.float64], high: float) -> str:
    return f"{_line(across, top, high)} {_line(across[::-1], low[::-1], high)}"


def _points(points: Points) -> str:
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in points)


@dataclass(frozen=True, slots=True)
class SigmaChart:
    """Where a score over sigma lies, in percent of its width and of its height from the top.

    line: of this photo, as SVG's points; dots: the same, each with its score in words; band: the area of its controls.
    zero: the height of a score of nothing; marks: the heights that have a number beside them.
    ticks: the places of the sigmas, with their names.
    mean: of many photos, where there is one: the mean, and its low and high end, at each place.
    told: all of it in words.
    """

    line: str
    dots: tuple[tuple[float, float, str], ...]
    band: str
    zero: float
    marks: tuple[tuple[float, str], ...]
    ticks: tuple[tuple[float, str], ...]
    mean: tuple[tuple[float, float, float, float], ...]
    told: str


def arrange_sigmas(
    evidence: RemovalEvidence, sigmas: Mapping[str, float], method: str, table: Published | None = None
) -> SigmaChart:
    """The layout of a score over sigma, of those of which the map and all of its controls are done.

    sigmas: of each map of the evidence, by its name. method: key of the method that made the maps.
    """
    names = [name for name in sorted(sigmas, key=lambda name: sigmas[name]) if not np.isnan(evidence.srg(name))]
    step = 100 / max(1, len(sigmas))
    places = {name: step * (place + 0.5) for place, name in enumerate(sorted(sigmas, key=lambda name: sigmas[name]))}
    controls = {name: [each for each in evidence.control_srgs(name) if not np.isnan(each)] for name in names}
    banded = [name for name in names if controls[name]]
    means = {name: each for name in sigmas if table and (each := table.at(method, sigmas[name]))}
    every = [evidence.srg(name) for name in names] + [each for row in controls.values() for each in row] + [0.0, 0.1]
    every += [end for each in means.values() for end in each]
    low, high = floor(10 * min(every)) / 10, ceil(10 * max(every)) / 10

    def up(score: float) -> float:
        return 100 - 100 * (score - low) / (high - low)

    tops = [(places[name], up(max(controls[name]))) for name in banded]
    bottoms = [(places[name], up(min(controls[name]))) for name in banded]
    told = [f"sigma {sigmas[name]:g}: {tell_number(evidence.srg(name))}{_beside(controls[name])}" for name in names]
    if table and means:
        over = "; ".join(f"sigma {sigmas[name]:g}: {tell_number(each[0])}" for name, each in means.items())
        told.append(f"mean over {table.photos} photos, {over}")
    return SigmaChart(
        _points([(places[name], up(evidence.srg(name))) for name in names]),
        tuple((places[name], up(evidence.srg(name)), tell_number(evidence.srg(name))) for name in names),
        _points([*tops, *bottoms[::-1]]),
        up(0.0),
        tuple((up(each), tell_number(each)) for each in (low, high) if abs(each) > 0.04),
        tuple((places[name], f"{sigmas[name]:g}") for name in places),
        tuple((places[name], up(each[0]), up(each[1]), up(each[2])) for name, each in means.items()),
        f"{begin(find_method(method).title)}: score by sigma. {'; '.join(told)}.",
    )


def _beside(controls: Sequence[float]) -> str:
    if not controls:
        return ""
    return f" (to compare with: {tell_number(min(controls))} to {tell_number(max(controls))})"


def render_curves(charts: Sequence[CurveChart], label: str) -> str:
    """The charts of arrange_curves() side by side, with one key for all."""
    return render("screen_curves.html", charts=charts, label=label)


def render_sigmas(chart: SigmaChart, photos: int) -> str:
    """The chart of arrange_sigmas(); photos: over which its mean was taken, 0 for none."""
    return render("screen_sigmas.html", chart=chart, photos=photos)


Row = tuple[str, Line | None, Line | None]
"""A test's question, its line on this photo, and its line over the published photos."""


def arrange_card(own: Mapping[Test, Line], published: Mapping[Test, Line]) -> tuple[Row, ...]:
    """A method's card, a row for each test whether or not it was made."""
    return tuple((question, own.get(test), published.get(test)) for test, question in TESTS.items())


def render_card(rows: Sequence[Row]) -> str:
    """A method's card."""
    return render("screen_card.html", rows=rows)
