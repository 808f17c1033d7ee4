"""A share with its interval as a small drawing, to stand in a row of a table."""

from saliency_core.audit.rates import Rate

WIDTH, HEIGHT = 150, 24
_EDGE = 5
_GREY, _COLOUR = "#8a979c", "#1f93a6"
"""Both can be seen on white and on black."""


def interval_drawing(rate: Rate, chance: float | None = 0.5) -> str:
    """An SVG: a line from 0 to 1, the interval as a bar on it, the share as a dot, and chance as an upright line.

    chance: None where there is no such number.
    """

    def x(share: float) -> str:
        return f"{_EDGE + share * (WIDTH - 2 * _EDGE):.1f}"

    middle = HEIGHT / 2
    by_chance = "" if chance is None else f'<path d="M{x(chance)} 3V{HEIGHT - 3}" stroke="{_GREY}" stroke-width="1.5"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<path d="M{x(0)} {middle}H{x(1)}" stroke="{_GREY}"/>{by_chance}'
        f'<path d="M{x(rate.low)} {middle}H{x(rate.high)}" stroke="{_COLOUR}" stroke-width="5" stroke-linecap="round"/>'
        f'<circle cx="{x(rate.share)}" cy="{middle}" r="4.5" fill="{_COLOUR}" stroke="#fff" stroke-width="1.5"/></svg>'
    )
