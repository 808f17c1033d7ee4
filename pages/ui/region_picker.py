"""Rectangles that a person draws on a photo, with the mouse, by touch or by keyboard."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import streamlit as st

from pages.ui import compute, hand
from pages.ui.compute import Subject
from pages.ui.payload import photo_name
from pages.ui.shapes import Rectangle
from saliency_core.presentation.live import place_frame

_HERE = Path(__file__).parent

_picker = st.components.v2.component(
    "region_picker",
    html='<div class="stage"><img draggable="false" alt=""><div class="unseen"><div class="seen"></div></div>'
    '<div class="layer"></div></div>',
    css=(_HERE / "region_picker.css").read_text(),
    js=(_HERE / "region_picker.js").read_text(),
)


def region_picker(subject: Subject, rectangles: Sequence[Rectangle], version: int) -> None:
    """Show the photo, as payload.py has sent it, with the rectangles on it. What is drawn is told to hand.follow()
    once it is let go; where it is meanwhile, to the answer line, without a word to Python.

    version: counted up whenever the rectangles were changed by anything but this picker.
    """
    height, width = compute.picture(subject.source).shape[:2]
    _picker(
        key="region_picker",
        data={
            "photo": photo_name(subject.source),
            "alt": f"The photo “{subject.source.title}”. Drag on it to draw a region.",
            "box": place_frame(compute.frame(subject)),
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
