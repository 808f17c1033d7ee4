"""A model on a card: what it is, how it wants its input, and its passport."""

from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

import saliency_core as core
from pages.ui import compute, owner, session
from pages.ui.words import as_text
from saliency_core.models.kept import DECLARATION, forget_model, kept_folder
from saliency_core.models.model import BrokenModel, Model
from saliency_core.models.registry import find_model
from saliency_core.passport.examine import Step, refuse
from saliency_core.passport.finding import Passport, Status
from saliency_core.passport.packed import unpack_photos
from saliency_core.passport.store import find_passport, keep_passport
from saliency_core.passport.words import tell_value
from saliency_core.photos.frame import CropMode
from saliency_core.text import cut

ICONS: dict[Status, str] = {
    "passed": ":material/check_circle:",
    "warning": ":material/warning:",
    "failed": ":material/error:",
    "not tried": ":material/do_not_disturb_on:",
}
CROPPED: dict[CropMode, str] = {
    "center": "cut out of the middle",
    "squash": "the whole photo squashed",
    "border": "the whole photo with bars",
}
LARGEST_ZIP = 200
"""MB of labelled photos."""
FEW = 5
"""Classes that are named on a card."""


def show_card(name: str, model: Model | BrokenModel) -> None:
    """A model, with what can be done with it."""
    with st.container(border=True, key=f"card_{name.replace('.', '_')}"):
        st.subheader(as_text(model.title), anchor=False)
        if isinstance(model, BrokenModel):
            st.error(f"This declaration cannot be used. {as_text(model.problem)}", icon=":material/error:")
            return
        st.markdown(as_text(model.about))
        st.caption(f"{tell_classes(model)}  \n{tell_input(model)}  \n{tell_weights(name, model)}")
        passport = find_passport(name, model)
        if passport is None:
            st.markdown("**Not examined yet.** Examine a model before you believe it.")
        else:
            show_passport(passport)
        with st.container(horizontal=True):
            if st.button("Ask this model", key=f"ask_{name}", icon=":material/label:"):
                session.choose_model(name)
                session.take_model()
                st.switch_page("pages/classification.py")
            pressed, photos = False, None
            if owner.may(owner.ADD_MODELS):
                with st.popover("Examine it again" if passport else "Examine it", icon=":material/fact_check:"):
                    photos = choose_labelled(name)
                    # Not a primary one: Streamlit writes white on the bright colour of the dark theme, and what opens
                    # over the page lies outside the element whose style knows the theme.
                    pressed = st.button("Examine", key=f"examine_{name}")
                if (kept_folder() / name / DECLARATION).exists():
                    with st.popover("Take it away", icon=":material/delete:"):
                        st.markdown("Its files are deleted from the server.")
                        st.button("Delete it", key=f"forget_{name}", on_click=_forget, args=(name,))
        if problem := st.session_state.pop(f"problem_{name}", None):
            st.error(problem)
        if pressed:
            _examine(name, model, photos)


def choose_labelled(name: str) -> bytes | None:
    """Photos whose classes are known, to try the input settings on: a ZIP's content."""
    given = st.file_uploader(
        f"Labelled photos (.zip, up to {LARGEST_ZIP} MB), if you have some",
        "zip",
        key=f"labelled_{name}",
        max_upload_size=LARGEST_ZIP,
        help="A folder for each class, called like the class, with photos in it; ten photos will do. Whether the input "
        "settings are right shows on them.",
    )
    return None if given is None else given.getvalue()


def show_passport(passport: Passport) -> None:
    """The result in one sentence, and each finding with its numbers, folded away."""
    st.markdown(f"{ICONS[passport.status]} **{as_text(passport.result)}** Examined on {passport.date}.")
    with st.expander("What was examined"):
        for finding in passport.findings:
            st.markdown(f"{ICONS[finding.status]} **{as_text(finding.title)}.** {as_text(finding.sentence)}")
            if finding.details:
                told = "; ".join(f"{name}: {tell_value(value)}" for name, value in finding.details)
                st.caption(as_text(cut(told, 600)))


def show_steps(examined: core.Classifier, photos: bytes | None) -> Passport:
    """Examine a model, with labelled photos or without, with a bar that says what is being done.

    Raises RequestError if the photos cannot be read.
    """
    bar = st.progress(0.0, "Examining the model …")
    with TemporaryDirectory() as folder:
        if photos is not None:
            unpack_photos(photos, Path(folder))
        try:
            for step in compute.examination(examined, Path(folder) if photos is not None else None):
                if isinstance(step, Step):
                    bar.progress(step.share, f"{step.doing} …")
                else:
                    return step
        finally:
            bar.empty()
    raise AssertionError("an examination ends with a passport")


def tell_classes(model: Model) -> str:
    """How many classes, and the first few."""
    names = model.categories()
    first = ", ".join(as_text(cut(name, 40)) for name in names[:FEW])
    return f"{len(names):,} classes: {first}{' …' if len(names) > FEW else ''}"


def tell_input(model: Model) -> str:
    """How it wants its input."""
    preset = model.preset
    order = "" if preset.channels == "rgb" else "; blue comes first"
    output = "" if model.output == "logits" else "; it gives probabilities, whose logarithm is explained"
    return f"Sees {preset.crop} x {preset.crop} pixels, {CROPPED[preset.crop_mode]}{order}{output}"


def tell_weights(name: str, model: Model) -> str:
    """Where the weights come from, and who declared it."""
    kept = (kept_folder() / name / DECLARATION).exists()
    where = "built in" if not model.declared else "kept here" if kept else "declared in models.toml"
    return f"Weights: {as_text(model.source.origin)}, {where}"


def _forget(name: str) -> None:
    try:
        forget_model(name)
    except core.SaliencyError as error:
        st.session_state[f"problem_{name}"] = as_text(str(error))


def _examine(name: str, model: Model, photos: bytes | None) -> None:
    try:
        found = show_steps(compute.classifier(name), photos)
    except core.RequestError as error:  # of the photos
        st.error(as_text(str(error)))
        return
    except core.SaliencyError as error:
        found = refuse(name, model.title, error)
    try:
        keep_passport(name, find_model(name), found)
    except core.SaliencyError as error:
        st.session_state[f"problem_{name}"] = as_text(str(error))
    st.rerun()
