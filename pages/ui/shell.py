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
from pages.ui.address import keep_address
from pages.ui.compute import Subject
from pages.ui.link import check_model, follow_history, link_problem, open_link, update_link
from pages.ui.parameters import TOUR
from pages.ui.pickers import crop_mode_picker, model_picker, photo_picker
from pages.ui.readiness import ready_classifier, tell_model
from pages.ui.reopening import saved_picker, turn_to_opened

NOT_HERE = (
    "This link is about somebody’s own photo, which no link holds: open that photo in the sidebar to see what the link "
    "shows, or choose one of the samples there."
)
_HERE = Path(__file__).parent
_ENTRY = _HERE.parents[1] / "dashboard.py"
_STYLE = f"<style>{(_HERE / 'shell.css').read_text()}</style>"
_PRESENTER_STYLE = f"<style>{(_HERE / 'presenter.css').read_text()}</style>"


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
    turn_to_opened(title)
    _open(title, photo_picker, saved_picker, model_picker, crop_mode_picker)
    st.title(title, anchor=False)
    st.markdown(lead)
    classifier = _open_model()
    keep_address(update_link())
    waiting.reserve(st.empty())
    if not session.source().is_here:
        st.info(NOT_HERE, icon=":material/no_photography:")
        st.stop()
    return Subject(session.source(), classifier, session.crop_mode())


def open_text(title: str, lead: str) -> None:
    """Begin a page that is about no photo and asks no model."""
    _open(title)
    st.title(title, anchor=False)
    st.markdown(lead)
    if problem := link_problem():
        st.warning(problem)
    _offer_leaving()
    keep_address(update_link())


def open_tour(steps: int, top: DeltaGenerator) -> tuple[int, core.Classifier]:
    """Begin the guided tour of so many steps, which brings its own photos: the step, and the model in use, which
    is named where this is called. A session that waits says so at the top."""
    _open(TOUR, model_picker)
    classifier = _open_model()
    step = session.step(steps)
    session.choose_step(step)
    keep_address(update_link())
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


def _open(title: str, *pickers: Callable[[], None]) -> None:
    """The link, the style, and the sidebar; a room that is presented to has no use for the last."""
    if not session.came_in():
        runpy.run_path(str(_ENTRY))  # draws all of the page, and from then on Streamlit begins there
        st.stop()
    st.set_page_config(page_title=f"{title} · Where the machines look")
    session.turn_to(title)
    open_link()
    follow_history()
    st.html(_STYLE)
    if session.presenting():
        st.html(_PRESENTER_STYLE)
        return
    with st.sidebar:
        for pick in pickers:
            pick()
        st.button(
            "Presenter mode",
            icon=":material/present_to_all:",
            on_click=session.present,
            args=(True,),
            help="Larger type and no sidebar, for a projector.",
        )


def _open_model() -> core.Classifier:
    """The model in use, named; and what the link or the person asked for that it does not have."""
    problems = st.container()
    wanted = session.wanted_model()
    classifier = ready_classifier(wanted)
    left_out = check_model(classifier)
    for problem in filter(None, (link_problem(), left_out)):
        problems.warning(problem)
    with st.container(horizontal=True, vertical_alignment="center"):
        tell_model(classifier, wanted)
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
