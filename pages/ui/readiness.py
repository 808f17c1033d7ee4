"""The model that answers: its weights fetched and loaded, or another in its place, and a notice that says so."""

from contextlib import suppress

import streamlit as st

import saliency_core as core
from pages.ui import compute, session
from pages.ui.opening import WITHOUT_PHOTO
from pages.ui.words import as_text
from saliency_core.models.weights import hub_folder

FALLBACK = "efficientnet_lite0"
"""The model whose weights come with the installation."""


def ready_classifier() -> core.Classifier:
    """The model that the session asks for, or, where its weights cannot be had, the one that is always there. The
    session then asks for that one, and remembers what it does without.

    Raises WeightsError where the registry has no such model either.
    """
    wanted = session.wanted_model()
    problems = compute.unavailable()
    if wanted not in problems:
        try:
            _fetch_weights(wanted)
            found = compute.classifier(wanted)
        except core.WeightsError as error:
            problems[wanted] = str(error)
        else:
            if session.missing_model() == wanted:
                session.do_without(None)
            return found
    if wanted == FALLBACK or FALLBACK not in core.MODELS:
        raise core.WeightsError(problems.pop(wanted))  # forgotten, so that a reload tries again
    found = compute.classifier(FALLBACK)
    session.choose_model(FALLBACK)
    session.do_without(wanted)
    return found


def load_first(page: str) -> None:
    """Load what a page will ask for while a fresh server still shows the page's photo alone; what fails is told by
    the page, which asks again."""
    if page not in WITHOUT_PHOTO:
        with suppress(core.SaliencyError):
            ready_classifier()


def tell_missing(classifier: core.Classifier) -> None:
    """If another model answers than was asked for: which, why, and what can be done."""
    missing = session.missing_model()
    reason = compute.unavailable().get(missing or "")
    if missing is None or reason is None:
        return
    still = "still " if session.recall("tried_again", False) else ""
    with st.container(key="missing", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f":material/cloud_off: **{core.MODELS[missing].title} is {still}not available**, so {classifier.title} "
            f"answers in its place. {as_text(_without_folders(reason))}",
        )
        st.button("Try again", type="tertiary", icon=":material/refresh:", on_click=_try_again, args=(missing,))
        st.button(f"Go on with {classifier.title}", type="tertiary", on_click=session.do_without, args=(None,))


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
    source = core.MODELS[name].source
    if not source.missing:
        return
    words = f"Getting the weights of {core.MODELS[name].title}, only this once …"
    bar = st.progress(0.0, words)
    try:
        source.fetch(lambda done: bar.progress(done, f"{words} {done:.0%}"))
    finally:
        bar.empty()
