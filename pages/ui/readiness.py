"""The model that answers: its weights fetched and loaded, or another in its place, and a notice that says so."""

from contextlib import suppress

import streamlit as st

import saliency_core as core
from pages.ui import compute, session
from pages.ui.opening import WITHOUT_PHOTO
from pages.ui.words import as_text
from saliency_core.models.registry import all_models, find_model
from saliency_core.models.weights import hub_folder

FALLBACK = "efficientnet_lite0"
"""The model whose weights come with the installation."""


def ready_classifier() -> core.Classifier:
    """The model that the session asks for, or, where its weights cannot be had, the one that is always there. The
    session then asks for that one, and remembers what it does without.

    Raises SaliencyError where there is no such model either.
    """
    wanted = session.wanted_model()
    found = find_classifier(wanted)
    if found is not None:
        if session.missing_model() == wanted:
            session.do_without(None)
        return found
    if wanted == FALLBACK or FALLBACK not in core.MODELS:
        raise core.SaliencyError(compute.unavailable().pop(wanted))  # forgotten, so that a reload tries again
    found = compute.classifier(FALLBACK)
    session.choose_model(FALLBACK)
    session.do_without(wanted)
    return found


def find_classifier(name: str) -> core.Classifier | None:
    """A model with its weights; None where it cannot be had, which is remembered with the reason."""
    problems = compute.unavailable()
    if name in problems:
        return None
    try:
        _fetch_weights(name)
        return compute.classifier(name)
    except core.SaliencyError as error:
        problems[name] = str(error)
        return None


def tell_reason(name: str) -> str:
    """Why a model cannot be had, as Markdown, without the server's paths; empty if nothing is known of it."""
    return as_text(_without_folders(compute.unavailable().get(name, "")))


def load_first(page: str) -> None:
    """Load what a page will ask for while a fresh server still shows the page's photo alone; what fails is told by
    the page, which asks again."""
    if page not in WITHOUT_PHOTO:
        with suppress(core.SaliencyError):
            ready_classifier()


def load_ahead() -> None:
    """Load what the first person will ask for, outside any page: the model that pages begin with, or, where its weights
    cannot be had, the one that is always there.

    Raises SaliencyError where neither can be had.
    """
    problems = compute.unavailable()
    try:
        find_model(session.DEFAULT_MODEL).source.fetch()
        compute.classifier(session.DEFAULT_MODEL)
    except core.SaliencyError as error:
        problems[session.DEFAULT_MODEL] = str(error)
        compute.classifier(FALLBACK)


def tell_missing(classifier: core.Classifier) -> None:
    """If another model answers than was asked for: which, why, and what can be done."""
    missing = session.missing_model()
    if missing is None or missing not in compute.unavailable():
        return
    still = "still " if session.recall("tried_again", False) else ""
    with st.container(key="missing", horizontal=True, vertical_alignment="center", gap="small"):
        asked, answers = as_text(title_of(missing)), as_text(classifier.title)
        st.markdown(
            f":material/cloud_off: **{asked} is {still}not available**, so {answers} answers in its place. "
            f"{tell_reason(missing)}",
        )
        st.button("Try again", type="tertiary", icon=":material/refresh:", on_click=_try_again, args=(missing,))
        st.button(f"Go on with {as_text(classifier.title)}", type="tertiary", on_click=session.do_without, args=(None,))


def tell_device(classifier: core.Classifier) -> str:
    """That the model had to leave its device, as the end of a sentence; nothing if it did not."""
    left = classifier.engine.left
    return "" if left is None else f"; the memory of {left} ran out, so the processor runs it, more slowly"


def title_of(name: str) -> str:
    """What a model is called, also one that cannot be used."""
    model = all_models().get(name)
    return name if model is None else model.title


def _try_again(name: str) -> None:
    compute.unavailable().pop(name, None)
    session.choose_model(name)
    st.session_state["tried_again"] = True


def _without_folders(reason: str) -> str:
    """A reason without the server's paths, which are nobody's business in a browser."""
    folder = str(hub_folder())
    for ending in ("/", "\\"):
        reason = reason.replace(folder + ending, "")
    return reason.replace(folder, "the folder hub/checkpoints of torch’s cache")


def _fetch_weights(name: str) -> None:
    model = find_model(name)
    source = model.source
    if not source.missing:
        return
    words = f"Getting the weights of {as_text(model.title)}, only this once …"
    bar = st.progress(0.0, words)
    try:
        source.fetch(lambda done: bar.progress(done, f"{words} {done:.0%}"))
    finally:
        bar.empty()
