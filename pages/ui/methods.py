"""The method that maps are made by and what it may be told: its controls, and what they mean for a model."""

from collections.abc import Iterable
from dataclasses import replace

import streamlit as st

import saliency_core as core
from pages.ui import compute, session
from pages.ui.compute import Subject
from pages.ui.values import COPIES, LARGEST_SEED, MOST_NOISE, NOISE_STEP
from pages.ui.words import as_text
from saliency_core.methods.method import Method, Options
from saliency_core.methods.registry import DEFAULT_METHOD, find_method, methods
from saliency_core.presentation.captions import FILL_NAMES
from saliency_core.text import begin

OWN_LAYER = "automatic"


def name_method(key: str) -> str:
    """What a method is called where it is offered."""
    return begin(find_method(key).title)


def tell_methods() -> str:
    """All methods, each with its sentence and where it was published, as Markdown."""
    return "  \n".join(f"**{begin(each.title)}**: {each.sentence} ({each.reference})" for each in methods())


def method_picker() -> None:
    """The method that maps are made by, where there is more than one."""
    if len(methods()) > 1:
        st.selectbox(
            "Method",
            [each.key for each in methods()],
            format_func=name_method,
            help=tell_methods(),
            width=230,
            **session.kept("method", session.method()),
        )


def options_picker(subject: Subject, names: Iterable[str]) -> None:
    """A control for each of the Options with these names."""
    names = tuple(names)
    if "copies" in names:
        st.slider(
            "Noisy copies of the photo",
            *COPIES,
            step=1,
            help="The map is the mean over so many. More take longer and leave less that flickers.",
            **session.kept("copies"),
        )
    if "noise" in names:
        st.slider(
            "Noise on each copy",
            0.0,
            MOST_NOISE,
            step=NOISE_STEP,
            help="Its standard deviation, as a share of the range of the model’s input. This is noise on the photo; "
            "sigma smooths the map.",
            **session.kept("noise"),
        )
    if "baseline" in names:
        st.selectbox(
            "Compared with",
            core.FILLS,
            format_func=lambda key: begin(FILL_NAMES[key]),
            help="What stands for “nothing”, or for what is hidden. No choice is neutral: the model sees it, too.",
            **session.kept("baseline"),
        )
    if "layer" in names:
        _pick_layer(subject)
    if "seed" in names:
        st.number_input(
            "Seed of the map",
            0,
            LARGEST_SEED,
            step=1,
            help="Of what is drawn at random. The same seed gives the same map.",
            **session.kept("map_seed"),
        )


def _pick_layer(subject: Subject) -> None:
    known = compute.layers(subject)
    if (asked := session.setting("layer")) and asked not in known:
        st.session_state["layer"] = ""
        st.caption(
            f"{as_text(subject.classifier.title)} has no layer “{as_text(asked)}” that has places; the last one is "
            "taken instead."
        )
    st.selectbox(
        "Layer",
        ["", *known],
        format_func=lambda name: name or OWN_LAYER,
        help="The layer whose features are looked at. Automatic is the last one that still has places. Earlier ones "
        "are finer, and say less about the class.",
        **session.kept("layer"),
    )


def fit_options(subject: Subject, options: Options, method: str) -> Options:
    """The options for a second model: a layer that it does not have is left to the method."""
    if options.layer is None or "layer" not in find_method(method).options:
        return options
    return options if options.layer in compute.layers(subject) else replace(options, layer=None)


def short_method() -> Method:
    """The chosen method; the default one where that takes too long for several maps."""
    chosen = find_method(session.method())
    return find_method(DEFAULT_METHOD) if chosen.long else chosen


def tell_standing_in() -> None:
    """Say which method's maps stand in for the chosen one's, if they do."""
    chosen, taken = find_method(session.method()), short_method()
    if taken != chosen:
        st.caption(
            f"{begin(chosen.title)} takes too long for the maps of an experiment, which are made by the "
            f"{taken.title} instead. The finding does not depend on them."
        )
