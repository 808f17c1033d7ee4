"""The model in use: its weights fetched and loaded, or another in its place, and a quiet line that says which."""

import streamlit as st

import saliency_core as core
from pages.ui import compute

FALLBACK = "efficientnet_lite0"
"""The model whose weights come with the installation."""


def ready_classifier(wanted: str) -> core.Classifier:
    """The model asked for, or, where its weights cannot be had, the one that is always there.

    Raises WeightsError where the registry has no such model either.
    """
    problems = compute.unavailable()
    if wanted not in problems:
        try:
            _fetch_weights(wanted)
            return compute.classifier(wanted)
        except core.WeightsError as error:
            problems[wanted] = str(error)
    if wanted == FALLBACK or FALLBACK not in core.MODELS:
        raise core.WeightsError(problems.pop(wanted))  # forgotten, so that a reload tries again
    return compute.classifier(FALLBACK)


def tell_model(classifier: core.Classifier, wanted: str) -> None:
    """Name the model in use and, where it is not the one asked for, offer to try that again."""
    side = classifier.preset.crop
    in_use = f"Model: **{classifier.title}**, which sees {side} x {side} pixels"
    problems = compute.unavailable()
    if wanted not in problems:
        st.caption(in_use, width="content")
        return
    missing = f"{core.MODELS[wanted].title} is not available"
    st.caption(f"{in_use} · {missing}", help=problems[wanted], width="content")
    if st.button("Try again", type="tertiary", icon=":material/refresh:"):
        del problems[wanted]
        st.rerun()


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
