"""Typed access to what a session remembers, and the link that shares it."""

from typing import Any, TypeVar, cast

import streamlit as st

from pages.ui.samples import Source, samples
from pages.ui.shapes import Rectangle
from saliency_core import FITS, MODELS, Fit

DEFAULT_SAMPLE = "cat"
DEFAULT_MODEL = "resnet50"
DEFAULT_SIGMA = 5.0
MAX_SIGMA = 20.0
CLASSES = 1000

Value = TypeVar("Value")


def come_in() -> None:
    """Remember that the session came through the dashboard's entry, which sets up what all pages need."""
    st.session_state["came_in"] = True


def came_in() -> bool:
    """Whether it did; Streamlit runs a page by itself if a link to it is the first that a server gets."""
    return recall("came_in", False)


def source() -> Source:
    """The photo on the table."""
    return cast("Source", st.session_state.setdefault("photo", samples()[DEFAULT_SAMPLE]))


def choose_source(chosen: Source) -> None:
    """Put another photo on the table; its own best guess is then the class to explain."""
    if chosen.digest != source().digest:
        st.session_state["target"] = None
        replace_rectangles(())
    st.session_state["photo"] = chosen


def target() -> int | None:
    """The class that the person chose to explain; None for whatever the model guesses first."""
    return cast("int | None", st.session_state.get("target"))


def choose_target(index: int | None) -> None:
    """Remember the class to explain."""
    st.session_state["target"] = index


def step(steps: int) -> int:
    """Where in the guided tour of so many steps the person is, from 1."""
    open_link()
    return min(recall("step", 1), steps)


def choose_step(number: int) -> None:
    """Go to a step of the guided tour."""
    st.session_state["step"] = number


def presenting() -> bool:
    """Whether pages are shown to a room: in larger type, and without the sidebar."""
    open_link()
    return recall("presenting", False)


def present(on: bool) -> None:
    """Begin or leave presenter mode."""
    st.session_state["presenting"] = on


def rectangles() -> tuple[Rectangle, ...]:
    """What is drawn on the photo."""
    return recall("rectangles", ())


def drawing() -> int:
    """Counts up whenever the rectangles were replaced by anything but drawing."""
    return recall("drawing", 0)


def remember_drawn(drawn: tuple[Rectangle, ...]) -> None:
    """Take over what was drawn."""
    st.session_state["rectangles"] = drawn


def replace_rectangles(replacement: tuple[Rectangle, ...]) -> None:
    """Draw these rectangles instead of what was drawn."""
    st.session_state["rectangles"] = replacement
    st.session_state["drawing"] = drawing() + 1


def wanted_model() -> str:
    """The model that the person asked for, whether or not its weights can be had."""
    return recall("model", DEFAULT_MODEL)


def fit() -> Fit:
    """How photos become frames."""
    return recall("fit", FITS[0])


def sigma() -> float:
    """The smoothing in frame pixels."""
    return recall("sigma", DEFAULT_SIGMA)


def recall(name: str, default: Value) -> Value:
    """What the session remembers under a name."""
    return cast("Value", st.session_state.get(name, default))


def bind(name: str, default: object) -> dict[str, Any]:
    """Arguments that make a widget show and change what the session remembers under `name`.

    A widget's own state is dropped when a page does not draw it, so it only ever holds a copy.
    """
    widget = f"{name}_widget"
    st.session_state[widget] = recall(name, default)

    def keep() -> None:
        st.session_state[name] = st.session_state[widget]

    return {"key": widget, "on_change": keep}


def open_link() -> None:
    """Take over, once a session, what the link it was opened with says; what it cannot say is listed
    by link_problems() and left out."""
    if "link_problems" in st.session_state:
        return
    problems: list[str] = []
    asked = recall("link", st.query_params.to_dict())
    if (photo := asked.get("photo")) is not None:
        if photo in samples():
            st.session_state["photo"] = samples()[photo]
        else:
            problems.append("a photo that is not among the samples")
    if (model := asked.get("model")) is not None:
        if model in MODELS:
            st.session_state["model"] = model
        else:
            problems.append("a model that does not exist here")
    if (asked_fit := asked.get("fit")) is not None:
        if asked_fit in FITS:
            st.session_state["fit"] = asked_fit
        else:
            problems.append("an unknown way to fit the photo")
    if (index := asked.get("class")) is not None:
        chosen = _whole_number(index)
        if chosen is not None and chosen < CLASSES:
            st.session_state["target"] = chosen
        else:
            problems.append(f"a class that is not a number from 0 to {CLASSES - 1}")
    if (asked_sigma := asked.get("sigma")) is not None:
        value = _number(asked_sigma)
        if value is not None and 0 <= value <= MAX_SIGMA:
            st.session_state["sigma"] = round(2 * value) / 2
        else:
            problems.append(f"a sigma that is not a number from 0 to {MAX_SIGMA:g}")
    if (asked_step := asked.get("step")) is not None:
        number = _whole_number(asked_step)
        if number:
            st.session_state["step"] = number
        else:
            problems.append("a step of the tour that is not a number from 1")
    st.session_state["presenting"] = asked.get("present") == "1"
    st.session_state["link_problems"] = problems


def link_problems() -> list[str]:
    """What the session's link asked for that cannot be had; told once."""
    problems = cast("list[str]", st.session_state["link_problems"])
    st.session_state["link_problems"] = []
    return problems


def update_link(tour_step: int | None = None) -> None:
    """Make the address bar a link to what is on screen, as far as a link can tell it.

    tour_step: where in the guided tour that is; None on any other page.
    """
    link = {"model": wanted_model()}
    if tour_step is not None:
        link["step"] = str(tour_step)
    else:
        link |= {"fit": fit(), "sigma": f"{sigma():g}"}
        if source().sample:
            link["photo"] = source().sample
            if (index := target()) is not None:
                link["class"] = str(index)
    if presenting():
        link["present"] = "1"
    if st.query_params.to_dict() != link:
        st.query_params.from_dict(link)


def _whole_number(text: str) -> int | None:
    """Digits as a number; None for anything else, and for more digits than any of ours has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
