"""Where the hand holds the regions: positions that the browser sends while they are drawn, moved or resized.

Those on the way are answered and forgotten; the one in which the regions are let go is what is drawn from then on.
"""

from dataclasses import dataclass, replace

import streamlit as st

from pages.ui import session
from pages.ui.shapes import Rectangle, make_rectangle

MOST = 12
"""Rectangles that may be drawn; beyond that nobody can tell what is hidden."""


@dataclass(frozen=True, slots=True)
class Position:
    """All regions at one moment.

    version: of the drawing that they belong to, see session.drawing().
    at: the moment, in milliseconds on the browser's clock.
    held: whether the hand still holds one of them.
    """

    version: int
    at: float
    rectangles: tuple[Rectangle, ...]
    held: bool


def read_position(sent: object) -> Position | None:
    """What the browser sent, as far as it makes sense."""
    if not isinstance(sent, dict):
        return None
    version, at, regions = (sent.get(name) for name in ("version", "at", "regions"))
    if not isinstance(version, int) or not isinstance(at, int | float) or not isinstance(regions, list):
        return None
    rectangles = tuple(filter(None, map(_read_rectangle, regions)))
    return Position(version, float(at), rectangles[:MOST], sent.get("held") is True)


def follow(position: Position) -> None:
    """Take over where the regions are, unless something newer is known. Positions may come out of order, and one
    of a drawing that has been replaced since then counts for nothing."""
    if position.at < last_moment():
        return
    st.session_state["hand"] = position
    if not position.held and position.version == session.drawing():
        session.remember_drawn(position.rectangles)


def interrupt(waits: bool) -> None:
    """Have the coming run of the page do nothing that takes long, if the hand waits for its answer."""
    st.session_state["hand_waits"] = waits


def waits() -> bool:
    """Whether this run of the page is there for the hand; to be asked once a run. In any other run what is drawn
    counts, and not what a hand that may be gone held last."""
    asked = bool(st.session_state.pop("hand_waits", False))
    if not asked and (last := _last()) is not None:
        st.session_state["hand"] = replace(last, held=False)
    return asked


def rectangles() -> tuple[Rectangle, ...]:
    """The regions where the hand holds them; if it holds none, as they are drawn."""
    last = _last()
    return last.rectangles if last and last.held and last.version == session.drawing() else session.rectangles()


def last_moment() -> float:
    """When the newest position known was taken, on the browser's clock."""
    last = _last()
    return last.at if last else 0.0


def _last() -> Position | None:
    return session.recall("hand", None)


def _read_rectangle(region: object) -> Rectangle | None:
    try:
        left, top, width, height = (float(region[name]) for name in ("left", "top", "width", "height"))  # type: ignore[index]
    except (TypeError, KeyError, ValueError):
        return None
    return make_rectangle(left, top, width, height)
