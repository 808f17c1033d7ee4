"""Rectangles that a person draws on a photo, with the mouse, by touch or by keyboard."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import streamlit as st

from pages.ui.drawing import Drawn
from pages.ui.shapes import Rectangle

_HERE = Path(__file__).parent
MOST = 12
"""Rectangles that may be drawn; beyond that nobody can tell what is hidden."""

_picker = st.components.v2.component(
    "region_picker",
    html='<div class="stage"><img draggable="false" alt=""><div class="layer"></div></div>',
    css=(_HERE / "region_picker.css").read_text(),
    js=(_HERE / "region_picker.js").read_text(),
)


def region_picker(
    photo: Drawn,
    alt: str,
    rectangles: Sequence[Rectangle],
    version: int,
    on_draw: Callable[[tuple[Rectangle, ...]], None],
) -> None:
    """Show the photo with the rectangles on it; `on_draw` gets them anew after each change.

    version: counted up whenever the rectangles were changed by anything but this picker.
    """

    def take() -> None:
        drawn = st.session_state["region_picker"].get("drawn")
        if isinstance(drawn, dict) and drawn.get("version") == version:
            on_draw(_read(drawn.get("regions")))

    height, width = photo.pixels.shape[:2]
    _picker(
        key="region_picker",
        data={
            "photo": photo.address,
            "alt": alt,
            "noun": "Region",
            "width": width,
            "height": height,
            "tallest": "56vh",
            "version": version,
            "regions": [asdict(rectangle) for rectangle in rectangles],
        },
        on_drawn_change=take,
    )


def _read(regions: object) -> tuple[Rectangle, ...]:
    """What the browser sent, as far as it makes sense."""
    rectangles = []
    for region in regions if isinstance(regions, list) else []:
        try:
            left, top, width, height = (float(region[name]) for name in ("left", "top", "width", "height"))
        except (TypeError, KeyError, ValueError):
            continue
        if 0 <= left <= 1 and 0 <= top <= 1 and 0 < width <= 1 and 0 < height <= 1:
            rectangles.append(Rectangle(left, top, width, height))
    return tuple(rectangles[:MOST])
