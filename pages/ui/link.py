"""The link that shares what is on screen: read once a session, and kept up to date in the address bar.

Streamlit's own bind="query-params" does not serve here (tried with 1.67): it removes a value it cannot use
without a word, a page that does not draw the widget has no parameter, a parameter has one name only, so that links
of version 0.1 would be lost, and a default is left out, so that a link would mean something else once a default
changes. It also binds widgets only, and the photo, the class and the tour's step are not one widget's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import streamlit as st

from pages.ui import session
from pages.ui.samples import samples
from saliency_core import CROP_MODES, MODELS, Classifier, methods
from saliency_core.methods.registry import DEFAULT_METHOD


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that a link says.

    name: its name in the address; key: the name under which the session remembers it.
    parse: the value that its text stands for, or None.
    problem: what a link asks for whose text stands for none; it follows “This link asks for”.
    """

    name: str
    key: str
    parse: Callable[[str], object | None]
    problem: str


def _one_of(values: tuple[str, ...]) -> Callable[[str], str | None]:
    return lambda text: text if text in values else None


def _whole_number(text: str) -> int | None:
    """Digits as a number; None for anything else, and for more digits than any of ours has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _sigma(text: str) -> float | None:
    """A multiple of the slider's step."""
    try:
        value = float(text)
    except ValueError:
        return None
    return round(2 * value) / 2 if 0 <= value <= session.MAX_SIGMA else None


def _method(text: str) -> str | None:
    return text if text in [each.key for each in methods()] else None


PARAMETERS = (
    Parameter("photo", "photo", lambda text: samples().get(text), "a photo that is not among the samples"),
    Parameter("model", "model", lambda text: text if text in MODELS else None, "a model that does not exist here"),
    Parameter("crop_mode", "crop_mode", _one_of(CROP_MODES), "an unknown way to crop the photo"),
    Parameter("method", "method", _method, "a method that does not exist here"),
    Parameter("class", "target", _whole_number, "a class that is not a number from 0"),
    Parameter("sigma", "sigma", _sigma, f"a sigma that is not a number from 0 to {session.MAX_SIGMA:g}"),
    Parameter(
        "step", "step", lambda text: _whole_number(text) or None, "a step of the tour that is not a number from 1"
    ),
    Parameter("present", "presenting", lambda text: text == "1", ""),
)


def open_link() -> None:
    """Take over, once a session, what the link it was opened with says; what it cannot say is told by
    link_problem() and left out."""
    if "link_problems" in st.session_state:
        return
    asked = _in_todays_words(session.recall("link", st.query_params.to_dict()))
    problems: list[str] = []
    for parameter in PARAMETERS:
        if (text := asked.get(parameter.name)) is None:
            continue
        value = parameter.parse(text)
        if value is None:
            problems.append(parameter.problem)
        else:
            st.session_state[parameter.key] = value
    st.session_state["link_problems"] = problems


def check_model(classifier: Classifier) -> str | None:
    """Leave out what the model in use does not have of what the link, or the person, chose with another model in
    mind: the class, and a sigma beyond its frame. A sentence if the person's choice is left out; what the link
    asked for is told by link_problem()."""
    side, names = classifier.preset.crop, classifier.categories
    if session.sigma() > (largest := session.largest_sigma(side)):
        session.choose_sigma(largest)
    of_link = "class_names" not in st.session_state
    missing = session.carry_target(names)
    if missing is None:
        return None
    if of_link:
        cast("list[str]", st.session_state["link_problems"]).append(
            f"a class that is not a number from 0 to {len(names) - 1}"
        )
        return None
    return f"{classifier.title} does not know the class “{missing}”. Its best guess is explained instead."


def link_problem() -> str | None:
    """What the session's link asked for that cannot be had, in one sentence; told once."""
    problems = cast("list[str]", st.session_state["link_problems"])
    st.session_state["link_problems"] = []
    return f"This link asks for {', and '.join(problems)}. The rest of it is shown." if problems else None


def update_link(tour_step: int | None = None) -> None:
    """Make the address bar a link to what is on screen, as far as a link can tell it: a photo of the person's own
    stays out.

    tour_step: the step of the guided tour; None on any other page.
    """
    link = {"model": session.wanted_model(), "crop_mode": session.crop_mode()}
    if tour_step is not None:
        st.session_state["written_step"] = tour_step
        link["step"] = str(tour_step)
    else:
        link |= {"sigma": f"{session.sigma():g}"}
        if session.method() != DEFAULT_METHOD:
            link["method"] = session.method()
        if session.source().sample:
            link["photo"] = session.source().sample
            if (index := session.target()) is not None:
                link["class"] = str(index)
    if session.presenting():
        link["present"] = "1"
    if st.query_params.to_dict() != link:
        st.query_params.from_dict(link)


def follow_history(steps: int) -> None:
    """Go to the step of a guided tour of so many steps that the browser's Back or Forward leads to: the address then
    names another one than this session wrote into it, and nobody has chosen one on the page."""
    written = session.recall("written_step", None)
    asked = _whole_number(st.query_params.get("step", ""))
    if asked and written is not None and asked != written == session.step(steps):
        session.choose_step(asked)


def _in_todays_words(asked: dict[str, str]) -> dict[str, str]:
    """Links of version 0.1 say fit=crop where links now say crop_mode=center."""
    if "fit" not in asked:
        return asked
    return {"crop_mode": "center" if asked["fit"] == "crop" else asked["fit"]} | asked
