"""Controls that several pages share: photo, model, crop mode, class and sigma."""

from collections.abc import Callable

import streamlit as st

import saliency_core as core
from pages.ui import compute, session, uploads
from pages.ui.compute import Subject
from pages.ui.file_input import file_input
from pages.ui.gallery import gallery
from pages.ui.reopening import take_awaited
from pages.ui.samples import own_photo, samples
from pages.ui.words import as_text
from saliency_core.methods.smoothing import SIGMA_STEP
from saliency_core.models.model import BrokenModel, Model
from saliency_core.models.registry import all_models
from saliency_core.photos.formats import KINDS
from saliency_core.photos.photo import MAX_BYTES
from saliency_core.presentation.captions import CROP_MODE_NAMES, SIGMA_HELP, SIGMA_LABEL
from saliency_core.text import begin

PILLS = 5
"""Classes that can be taken with one click."""
MINUS_OFFERED = 10
"""Best guesses whose map can be taken away from another's."""


def photo_picker() -> None:
    """The samples and an upload."""
    source = session.source()
    st.markdown("**Photo**")
    gallery(source.sample, on_pick=lambda name: session.choose_source(samples()[name]))
    with st.container(key="upload"):
        file_input(
            "photo_file",
            "Or open your own (up to 20 MB)",
            None,  # what a file is shows in its content; photos from the web or a phone have many endings, or none
            MAX_BYTES,
            f"{KINDS}. It stays on the machine that runs this dashboard.",
            _take_upload,
        )
    if problem := st.session_state.pop("photo_problem", None):
        st.error(problem)
    if source.sample:
        st.caption(f"{source.title}. {source.credit}")
    elif source.is_here:
        told = as_text(" ".join(compute.photo(source).notes))
        st.caption(f"Your photo: {as_text(source.title)}" + (f". {told}" if told else ""))
    else:
        st.caption("No photo is open.")


def name_models() -> Callable[[str], str]:
    """What models are called where they are offered, also those that cannot be used."""
    models, missing = all_models(), set(compute.unavailable())

    def name_model(name: str) -> str:
        model = models[name]
        without = isinstance(model, BrokenModel) or name in missing
        return model.title + (" (not available)" if without else "")

    return name_model


def model_picker() -> None:
    """The models that can be chosen; drawn once it is known which of them answers."""
    models = all_models()
    told = [model for model in models.values() if isinstance(model, Model)]
    st.selectbox(
        "Model",
        list(models),
        format_func=name_models(),
        on_change=session.take_model,
        help="  \n".join(f"**{as_text(model.title)}**: {as_text(model.about)}" for model in told),
        **session.kept("model", session.wanted_model()),
    )


def crop_mode_picker() -> None:
    """How the photo becomes a square."""
    st.radio(
        "How the photo is fitted",
        core.CROP_MODES,
        format_func=lambda mode: begin(CROP_MODE_NAMES[mode]),
        horizontal=True,
        help="The model sees a small square. Cropping is how it was tested, but cuts the edges off. "
        "Squashing keeps all of the photo, but distorts it. A border keeps it all as it is, but smaller.",
        **session.kept("crop_mode", session.crop_mode()),
    )


def target_picker(subject: Subject, prediction: core.Prediction) -> int:
    """The class to explain: one of the best guesses as a pill, or any by search."""
    best = [guess.index for guess in prediction.top(PILLS)]
    asked = session.target()
    target = best[0] if asked is None else asked
    names = subject.classifier.categories
    # Both widgets show the one choice that the session holds, so it is put into them beforehand.
    st.session_state["target_pill"] = target if target in best else None
    st.session_state["target_search"] = None if target in best else target

    def take(key: str) -> None:
        if (chosen := st.session_state[key]) is not None:
            session.choose_target(chosen)
            session.declare("other")  # the object of one class may be the background of another

    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        st.pills(
            "Class to explain",
            best,
            format_func=lambda index: as_text(names[index]),
            key="target_pill",
            on_change=take,
            args=("target_pill",),
            help="The map shows which pixels the score of this class reacts to. "
            "These are the model's best guesses, the best first.",
        )
    if len(names) > len(best):
        right.selectbox(
            "Or any other class",
            range(len(names)),
            format_func=lambda index: names[index],
            placeholder=f"Search {len(names):,} classes",
            key="target_search",
            on_change=take,
            args=("target_search",),
            help="A class that the model does not see in the photo has a map too: "
            "it shows what would move that class's score.",
        )
    return target


def minus_picker(prediction: core.Prediction, target: int) -> int | None:
    """The class whose map is taken away from the target's: one of the best guesses, or the one that a link says."""
    asked = session.minus()
    others = [guess.index for guess in prediction.top(MINUS_OFFERED + 1) if guess.index != target]
    if asked == target:
        session.choose_minus(None)
    elif asked is not None and asked not in others:
        others.append(asked)
    if not others:
        return None
    st.selectbox(
        "Minus the map of",
        [session.NO_CLASS, *others],
        format_func=lambda index: "nothing" if index == session.NO_CLASS else prediction.categories[index],
        help="Where do the maps of two classes differ? Each map is divided by its own sum, and the second is taken "
        "away from the first. The classes offered are the model’s best guesses, the best first.",
        **session.kept("minus", session.NO_CLASS),
    )
    return session.minus()


def sigma_slider(side: int) -> None:
    """The smoothing of the maps of a frame, where they are not drawn live; session.sigma() tells it."""
    st.slider(
        SIGMA_LABEL,
        0.0,
        session.largest_sigma(side),
        step=SIGMA_STEP,
        format="%g",
        help=SIGMA_HELP,
        **session.kept("sigma"),
    )


def _take_upload(name: str, data: bytes) -> None:
    """Open an uploaded file; the selected photo stays if it cannot be opened."""
    chosen = own_photo(name, data)
    try:
        compute.photo(chosen)
    except core.PhotoError as error:
        st.session_state["photo_problem"] = f"“{as_text(chosen.title)}”: {error}"
        return
    uploads.remember(chosen)
    session.choose_source(chosen)
    take_awaited(chosen)
