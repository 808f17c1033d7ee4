"""What surrounds each page: the link, the style, the sidebar, presenter mode, and errors told as sentences."""

import runpy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import saliency_core as core
from pages.ui import session, waiting
from pages.ui.compute import Subject
from pages.ui.link import check_model, follow_history, link_problem, open_link, update_link
from pages.ui.payload import send_photo
from pages.ui.pickers import crop_mode_picker, model_picker, photo_picker
from pages.ui.readiness import ready_classifier, tell_missing

_HERE = Path(__file__).parent
_ENTRY = _HERE.parents[1] / "dashboard.py"


@contextmanager
def telling_errors() -> Iterator[None]:
    """Around a page or a fragment: what the library refuses is told in its own sentence, not as a fault."""
    try:
        yield
    except core.SaliencyError as error:
        st.error(str(error), icon=":material/error:")


def open_page(title: str, lead: str) -> Subject:
    """Begin a page: the sidebar, the title, the model in use. The one call each page makes first;
    what it returns is what the page is about."""
    place = _open(photo_picker, crop_mode_picker)
    st.title(title, anchor=False)
    st.markdown(lead)
    classifier = _open_model(place)
    update_link()
    waiting.reserve(st.empty())
    subject = Subject(session.source(), classifier, session.crop_mode())
    send_photo(subject)
    return subject


def open_text(title: str, lead: str) -> None:
    """Begin a page that is about no photo and asks no model."""
    _open()
    st.title(title, anchor=False)
    st.markdown(lead)
    if problem := link_problem():
        st.warning(problem)
    _offer_leaving()
    update_link()


def open_tour(steps: int, top: DeltaGenerator) -> tuple[int, core.Classifier]:
    """Begin the guided tour of so many steps, which brings its own photos: the step, and the model in use, which
    is named where this is called. A session that waits says so at the top."""
    classifier = _open_model(_open())
    follow_history(steps)
    step = session.step(steps)
    update_link(step)
    waiting.reserve(top.empty())
    return step, classifier


def show_progress(done: int, steps: int) -> None:
    """How far a person has come, as dots and in words."""
    dots = "".join(f'<i class="{"done" if number <= done else ""}"></i>' for number in range(1, steps + 1))
    words = f"Step {done} of {steps}"
    st.html(f'<div class="progress">{words}<span aria-hidden="true">{dots}</span></div>')


def show_sentences(sentences: Sequence[str]) -> None:
    """Sentences in large type, one a line."""
    st.html(f'<div class="told">{"".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)}</div>')


def _open(*pickers: Callable[[], None]) -> DeltaGenerator | None:
    """The link, the style, and the sidebar, which a room that is presented to has no use for: the place in it where
    models are chosen."""
    if not session.came_in():
        runpy.run_path(str(_ENTRY))  # draws all of the page, and from then on Streamlit begins there
        st.stop()
    open_link()
    if session.presenting():
        return None
    with st.sidebar:
        for pick in pickers:
            pick()
        place = st.container()
        st.button(
            "Presenter mode",
            icon=":material/present_to_all:",
            on_click=session.present,
            args=(True,),
            help="Larger type and no sidebar, for a projector.",
        )
    return place


def _open_model(place: DeltaGenerator | None) -> core.Classifier:
    """The model that answers, named; what the link or the person asked for that cannot be had.

    place: where another model can be chosen.
    """
    problems = st.container()
    with problems:
        classifier = ready_classifier()
    if place is not None:
        with place:
            model_picker()
    left_out = check_model(classifier)
    with problems:
        tell_missing(classifier)
    for problem in filter(None, (link_problem(), left_out)):
        problems.warning(problem)
    side = classifier.preset.crop
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Model: **{classifier.title}**, which sees {side} x {side} pixels", width="content")
        _offer_leaving()
    return classifier


def _offer_leaving() -> None:
    if session.presenting():
        st.button(
            "Leave presenter mode",
            type="tertiary",
            icon=":material/close_fullscreen:",
            on_click=session.present,
            args=(False,),
        )
