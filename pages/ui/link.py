"""The link that shares what is on screen: read once a session, kept up to date in the address bar, and followed when
the browser goes back or forward.

Streamlit's own bind="query-params" does not serve here (tried with 1.67): it removes a value it cannot use
without a word, a page that does not draw the widget has no parameter, a parameter has one name only, so that links
of version 0.1 would be lost, and a default is left out, so that a link would mean something else once a default
changes. It also binds widgets only, and the photo, the class and the tour's step are not one widget's.
"""

from typing import cast

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.ui import session
from pages.ui.parameters import PARAMETERS
from pages.ui.words import as_text
from saliency_core import Classifier

Link = dict[str, str]


def open_link() -> None:
    """Take over, once a session, what the link it was opened with says; what it cannot say is told by
    link_problem() and left out."""
    if "link_problems" not in st.session_state:
        st.session_state["link_problems"] = []
        _take(session.recall("link", st.query_params.to_dict()))


def follow_history() -> None:
    """Show what the address says that the browser's Back or Forward has led to. Presenter mode stays as it is: a step
    back in front of a room must not leave it.

    A click that comes together with the step back counts, and not the step: Streamlit then tells of none.
    """
    if went_back() and (asked := st.query_params.to_dict()):
        asked.pop("present", None)
        _take(asked)
        if "class" not in asked and _says("class"):
            session.choose_target(None)
        if "minus" not in asked and _says("minus"):
            session.choose_minus(None)
        if "beside" not in asked and _says("beside"):
            session.put_beside(None)
        if "methods" not in asked and _says("methods"):
            st.session_state["side_by_side"] = False


def went_back() -> bool:
    """Whether this run is because the browser went back or forward."""
    return bool(getattr(get_script_run_ctx(suppress_warning=True), "is_history_navigation", False))


def check_model(classifier: Classifier) -> str | None:
    """Leave out what the model in use does not have of what the link, or the person, chose with another model in
    mind: the class, and sigmas beyond its frame. A sentence if the person's choice is left out; what the link
    asked for is told by link_problem()."""
    names, largest = classifier.categories, session.largest_sigma(classifier.preset.crop)
    if session.sigma() > largest:
        session.choose_sigma(largest)
    st.session_state["compared"] = [sigma for sigma in session.setting("compared") if sigma <= largest]
    of_link = "class_names" not in st.session_state
    taken = session.minus()
    missing = session.carry_target(names)
    if of_link and taken is not None and session.minus() is None:
        cast("list[str]", st.session_state["link_problems"]).append(
            f"a class to take away that is not a number from 0 to {len(names) - 1}"
        )
    if missing is None:
        return None
    if of_link:
        cast("list[str]", st.session_state["link_problems"]).append(
            f"a class that is not a number from 0 to {len(names) - 1}"
        )
        return None
    title, name = as_text(classifier.title), as_text(missing)
    return f"{title} does not know the class “{name}”. Its best guess is explained instead."


def link_problem() -> str | None:
    """What the session's link asked for that cannot be had, in one sentence; told once."""
    problems = cast("list[str]", st.session_state["link_problems"])
    st.session_state["link_problems"] = []
    return f"This link asks for {', and '.join(problems)}. The rest of it is shown." if problems else None


def current_link() -> Link:
    """What the page in view shows, as a link tells it."""
    said = {parameter.name: parameter.write() for parameter in PARAMETERS if _says(parameter.name)}
    return {name: text for name, text in said.items() if text is not None}


def update_link() -> Link | None:
    """Make the address bar a link to what is on screen. The first link of a session is returned instead, for the
    browser's side to put there: what Streamlit writes would leave an entry in the browser's history that leads
    nowhere."""
    link = current_link()
    written = session.recall("written_link", None)
    st.session_state["written_link"] = session.page(), link
    if written is None:
        return link
    if written != (session.page(), link) or st.query_params.to_dict() != link:
        st.query_params.from_dict(link)
    return None


def update_link_of_part() -> None:
    """update_link() for a fragment, which may run by itself or as a part of its page."""
    if session.recall("written_link", None) != (session.page(), current_link()):
        update_link()


def _says(name: str) -> bool:
    """Whether the page in view has a parameter in its link."""
    return any(parameter.name == name and session.page() in parameter.pages for parameter in PARAMETERS)


def _take(asked: Link) -> None:
    asked = _in_todays_words(asked)
    taken: dict[str, object] = {}
    for parameter in PARAMETERS:
        if (text := asked.get(parameter.name)) is None:
            continue
        value = parameter.read(text)
        if value is None:
            cast("list[str]", st.session_state["link_problems"]).append(parameter.problem)
        else:
            taken[parameter.key] = value
    session.take_over(taken)


def _in_todays_words(asked: Link) -> Link:
    """Links of version 0.1 say fit=crop where links now say crop_mode=center."""
    if "fit" not in asked:
        return asked
    return {"crop_mode": "center" if asked["fit"] == "crop" else asked["fit"]} | asked
