"""What surrounds each page: the link, the style, the sidebar, presenter mode, and errors told as sentences."""

import runpy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import saliency_core as core
from pages.ui import login, session, waiting
from pages.ui.address import keep_address
from pages.ui.beside import beside_picker
from pages.ui.compute import Subject
from pages.ui.link import check_model, follow_history, link_problem, open_link, update_link
from pages.ui.parameters import TOUR
from pages.ui.payload import send_photo
from pages.ui.pickers import crop_mode_picker, model_picker, photo_picker
from pages.ui.readiness import ready_classifier, tell_device, tell_missing
from pages.ui.remote import LEAVE, listen
from pages.ui.reopening import saved_picker, turn_to_opened
from pages.ui.words import as_text

Pickers = Sequence[Callable[[], None]]

NOT_HERE = (
    "This link is about somebody’s own photo, which no link holds: open that photo in the sidebar to see what the link "
    "shows, or choose one of the samples there."
)
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
    turn_to_opened(title)
    pickers = photo_picker, saved_picker, crop_mode_picker
    place = _open(title, pickers)
    st.title(title, anchor=False)
    st.markdown(lead)
    classifier = _open_model("Photo and model", pickers, place, (model_picker, beside_picker))
    keep_address(update_link())
    waiting.reserve(st.empty())
    if not session.source().is_here:
        st.info(NOT_HERE, icon=":material/no_photography:")
        st.stop()
    subject = Subject(session.source(), classifier, session.crop_mode())
    send_photo(subject)
    return subject


def open_text(title: str, lead: str) -> None:
    """Begin a page that is about no photo and asks no model."""
    _open(title, ())
    st.title(title, anchor=False)
    st.markdown(lead)
    if problem := link_problem():
        st.warning(problem)
    _offer_leaving()
    keep_address(update_link())


def open_tour(steps: int, top: DeltaGenerator) -> tuple[int, core.Classifier]:
    """Begin the guided tour of so many steps, which brings its own photos: the step, and the model in use, which
    is named where this is called. A session that waits says so at the top."""
    pickers = (crop_mode_picker,)
    classifier = _open_model("Model", pickers, _open(TOUR, pickers))
    step = session.step(steps)
    session.choose_step(step)
    keep_address(update_link())
    waiting.reserve(top.empty())
    return step, classifier


def pass_entry() -> None:
    """Have the dashboard's entry draw all of the page, if the session did not come through it; from then on Streamlit
    begins there. A page that draws anything before it is opened calls this first."""
    if not session.came_in():
        runpy.run_path(str(_ENTRY))
        st.stop()


def _open(title: str, pickers: Pickers) -> DeltaGenerator | None:
    """The link, a remote's keys, and the sidebar, which a room that is presented to has no use for: the place in it
    where models are chosen.

    title: the page's.
    """
    pass_entry()
    session.turn_to(title)
    open_link()
    follow_history()
    listen()
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
        login.offer_leaving()
    return place


def _open_model(
    choices: str, pickers: Pickers, place: DeltaGenerator | None, models: Pickers = (model_picker,)
) -> core.Classifier:
    """The model that answers, named; what the link or the person asked for that cannot be had.

    place: where another model can be chosen; where there is no sidebar for it, the pickers are here, too, and
        `choices` is what they are called.
    models: the pickers of models.
    """
    problems = st.container()
    with problems:
        classifier = ready_classifier()
    if place is not None:
        with place:
            for pick in models:
                pick()
    left_out = check_model(classifier)
    with problems:
        tell_missing(classifier)
    for problem in filter(None, (link_problem(), left_out)):
        problems.warning(problem)
    side, device = classifier.preset.crop, tell_device(classifier)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"Model: **{as_text(classifier.title)}**, which sees {side} x {side} pixels{device}",
            width="content",
        )
        if place is None:
            with st.popover(choices, icon=":material/tune:", type="tertiary"):
                for pick in (*pickers, *models):
                    pick()
        _offer_leaving()
    return classifier


def _offer_leaving() -> None:
    if session.presenting():
        st.button(
            "Leave presenter mode",
            key=LEAVE,
            type="tertiary",
            icon=":material/close_fullscreen:",
            on_click=session.present,
            args=(False,),
        )
