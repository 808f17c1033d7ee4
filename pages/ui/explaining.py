"""An explanation on its way to the page: refused in a sentence, or, where it takes long, with progress and a way to
stop it."""

from collections.abc import Hashable

import streamlit as st

import saliency_core as core
from pages.ui import compute, session
from pages.ui.compute import Subject
from pages.ui.words import as_text
from saliency_core.methods.method import Explanation, Options
from saliency_core.methods.registry import find_method
from saliency_core.text import begin, percent


def explain(subject: Subject, target: int, method: str, options: Options, place: str) -> Explanation | None:
    """What a method says of a class: whole, or what there is of it where the person has stopped it; what there is not,
    why, and how far it has come stands where this is called. None where there is nothing.

    place: tells the buttons of one place on the page from those of others.
    """
    try:
        if find_method(method).long:
            return _explain_in_steps(subject, target, method, options, place)
        return compute.explanation(subject, target, method, options)
    except core.SaliencyError as error:
        st.info(as_text(str(error)), icon=":material/block:")
        return None


def _explain_in_steps(subject: Subject, target: int, method: str, options: Options, place: str) -> Explanation | None:
    title, found = begin(find_method(method).title), compute.explained_so_far(subject, target, method, options)
    if found is not None and found.share >= 1:
        return found
    work = (subject.key(), target, method, find_method(method).own(options))
    row = st.empty()
    if work in session.stopped():
        with row.container(horizontal=True, vertical_alignment="center"):
            _go_on_button(work, place)
            st.caption(
                f"{title} was stopped before there was a map."
                if found is None
                else f"{title} was stopped: this map is from {percent(found.share)} of the work.",
                width="content",
            )
        return found
    with row.container(horizontal=True, vertical_alignment="center"):
        st.button("Stop", key=f"stop_{place}", icon=":material/stop:", on_click=session.stopped().add, args=(work,))
        bar = st.empty()
    begun = 0.0 if found is None else found.share
    bar.progress(begun, f"{title} takes a while …")
    for stage in compute.explanation_steps(subject, target, method, options):
        found = stage
        bar.progress(stage.share, f"{title}: {percent(stage.share)} done")
    row.empty()
    return found


def _go_on_button(work: Hashable, place: str) -> None:
    st.button(
        "Go on", key=f"go_on_{place}", icon=":material/play_arrow:", on_click=session.stopped().discard, args=(work,)
    )
