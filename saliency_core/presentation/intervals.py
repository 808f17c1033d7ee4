"""A share with its interval as a small drawing, to stand in a row of a table."""

import base64

from saliency_core.audit.rates import Rate

WIDTH, HEIGHT = 150, 34
"""A table draws it as high as its rows, and cuts what is then wider than the column."""
_EDGE = 5
_GREY, _COLOUR = "#8a979c", "#1f93a6"
"""Both can be seen on white and on black."""


def interval_drawing(rate: Rate, ends: tuple[float, float] = (0.0, 1.0)) -> str:
    """An SVG: a line between two numbers, the interval as a bar on it, the share as a dot, and an upright line in the
    middle, which is chance of a need, and no difference between -1 and 1.

    ends: what the line is between, and what the rate lies between.
    """
    low, high = ends

    def x(share: float) -> str:
        return f"{_EDGE + (share - low) / (high - low) * (WIDTH - 2 * _EDGE):.1f}"

    middle = HEIGHT / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<path d="M{x(low)} {middle}H{x(high)}" stroke="{_GREY}"/>'
        f'<path d="M{WIDTH / 2} 3V{HEIGHT - 3}" stroke="{_GREY}" stroke-width="1.5"/>'
        f'<path d="M{x(rate.low)} {middle}H{x(rate.high)}" stroke="{_COLOUR}" stroke-width="5" stroke-linecap="round"/>'
        f'<circle cx="{x(rate.share)}" cy="{middle}" r="4.5" fill="{_COLOUR}" stroke="#fff" stroke-width="1.5"/></svg>'
    )


def svg_url(drawing: str) -> str:
    """An SVG as a data URL."""
    return "data:image/svg+xml;base64," + base64.b64encode(drawing.encode()).decode()
