"""Rectangles that a person draws on a photo, with the mouse, by touch or by keyboard."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import streamlit as st

from pages.ui import hand
from pages.ui.drawing import Drawn
from pages.ui.shapes import Rectangle

_HERE = Path(__file__).parent

_picker = st.components.v2.component(
    "region_picker",
    html='<div class="stage"><img draggable="false" alt=""><div class="layer"></div></div>',
    css=(_HERE / "region_picker.css").read_text(),
    js=(_HERE / "region_picker.js").read_text(),
)


def region_picker(photo: Drawn, alt: str, rectangles: Sequence[Rectangle], version: int) -> None:
    """Show the photo with the rectangles on it. What is drawn is told to hand.follow() once it is let go; where it
    is meanwhile, to the answer line, without a word to Python. The photo is not sent again for either.

    version: counted up whenever the rectangles were changed by anything but this picker.
    """
    height, width = photo.pixels.shape[:2]
    _picker(
        key="region_picker",
        data={
            "photo": photo.address,
            "alt": alt,
            "noun": "Region",
            "width": width,
            "height": height,
            "tallest": "46vh",
            "version": version,
            "regions": [asdict(rectangle) for rectangle in rectangles],
        },
        on_drawn_change=_take,
    )


def _take() -> None:
    position = hand.read_position(st.session_state["region_picker"].get("drawn"))
    if position is not None:
        hand.follow(position)
        hand.interrupt(position.held)
