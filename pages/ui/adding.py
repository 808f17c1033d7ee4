"""Adding a model of one's own: what it is built of, its files, its input settings; examined first, and then kept."""

import re
from dataclasses import dataclass
from typing import Any, get_args

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

import saliency_core as core
from pages.ui.model_cards import choose_labelled, show_passport, show_steps
from pages.ui.words import as_text
from saliency_core.errors import ModelError
from saliency_core.models.architectures import find_architecture, timm_names, torchvision_names
from saliency_core.models.class_names import parse_class_names
from saliency_core.models.classifier import load_model
from saliency_core.models.declared import INTERPOLATIONS, SIDES
from saliency_core.models.kept import Draft, kept_folder, make_draft
from saliency_core.models.model import Output
from saliency_core.models.registry import all_models, find_model
from saliency_core.passport.examine import refuse
from saliency_core.passport.finding import Passport
from saliency_core.passport.store import keep_passport
from saliency_core.photos.frame import CROP_MODES, Channels, Preset
from saliency_core.presentation.captions import CROP_MODE_NAMES
from saliency_core.presentation.words import slug
from saliency_core.text import begin

LARGEST = 500
"""MB of a checkpoint, as in .streamlit/config.toml."""
LARGEST_LIST = 5
"""MB of a list of class names."""
ENDINGS = ("safetensors", "pth", "pt", "ckpt", "bin", "pt2", "onnx", "torchscript")
"""Of files that people have; those that cannot be used are refused with the reason, and what to do."""
FIRST = "torchvision:resnet18"
CHANNEL_NAMES: dict[Channels, str] = {"rgb": "red, green, blue", "bgr": "blue, green, red"}
OUTPUT_NAMES: dict[Output, str] = {"logits": "scores (logits)", "probabilities": "probabilities"}


@dataclass(frozen=True, slots=True)
class Added:
    """A model that was examined and waits to be kept."""

    draft: Draft
    title: str
    passport: Passport


def add_model() -> None:
    """The form, the examination, and what becomes of the model."""
    with st.spinner("Listing architectures …"):
        names = [f"torchvision:{name}" for name in torchvision_names()] + [f"timm:{name}" for name in timm_names()]
    architecture = st.selectbox(
        "Architecture",
        names,
        index=names.index(FIRST),
        key="added_architecture",
        help="The network that was trained, without its weights. Networks of timm are listed where timm is installed; "
        "others, such as your own code, are declared in models.toml.",
    )
    left, right = st.columns(2)
    checkpoint = left.file_uploader(
        f"Checkpoint (up to {LARGEST:,} MB)",
        list(ENDINGS),
        key="added_checkpoint",
        max_upload_size=LARGEST,
        help="A .safetensors file, or a state dict saved by torch.save(), wrapped by a trainer or not.",
    )
    classes = right.file_uploader(
        "Class names",
        ["txt", "json", "csv"],
        key="added_classes",
        max_upload_size=LARGEST_LIST,
        help="One name a line, or JSON, in the order of the training. Not needed if the checkpoint has them.",
    )
    title = st.text_input("Title", key="added_title", max_chars=60, placeholder="My shapes")
    with st.expander("How it wants its input"):
        st.caption("As the architecture's authors trained it. Change what your training did otherwise.")
        try:
            settings = choose_settings(architecture, known_preset(architecture))
        except ModelError as error:
            st.error(as_text(str(error)))
            return
    photos = choose_labelled("added")
    if st.button("Examine it", type="primary", icon=":material/fact_check:", disabled=checkpoint is None):
        _throw_away()
        assert checkpoint is not None
        try:
            st.session_state["added"] = examine_upload(architecture, checkpoint, classes, title, settings, photos)
        except core.SaliencyError as error:
            st.error(as_text(str(error)), icon=":material/error:")
    if (added := st.session_state.get("added")) is not None:
        _offer_to_keep(added)


def known_preset(architecture: str) -> Preset:
    """How the architecture's authors gave it its input."""
    preset = find_architecture(architecture, kept_folder()).preset
    assert preset is not None  # those on offer have one
    return preset


def choose_settings(architecture: str, known: Preset) -> dict[str, Any]:
    """The input settings, as a declaration has them."""

    def key(name: str) -> str:  # other widgets for another architecture, so that they begin with its settings
        return f"added_{name}_{architecture}"

    least, most = SIDES
    with st.container(horizontal=True):
        size = st.number_input("Size in pixels", least, most, known.crop, key=key("size"))
        resize = st.number_input(
            "Short side before the crop",
            least,
            most,
            known.resize,
            key=key("resize"),
            help="Of the photo, in pixels; the square is then cut out of its middle.",
        )
        crop_mode = st.selectbox(
            "Crop mode",
            CROP_MODES,
            CROP_MODES.index(known.crop_mode),
            format_func=lambda mode: begin(CROP_MODE_NAMES[mode]),
            key=key("crop_mode"),
        )
        interpolation = st.selectbox(
            "Interpolation",
            INTERPOLATIONS,
            INTERPOLATIONS.index(known.resampling.name.lower()),
            key=key("interpolation"),
        )
    with st.container(horizontal=True):
        mean = st.text_input("Mean of red, green, blue", _tell_three(known.mean), key=key("mean"))
        std = st.text_input("Standard deviation", _tell_three(known.std), key=key("std"))
        channels = st.selectbox(
            "Order of channels", get_args(Channels), format_func=CHANNEL_NAMES.__getitem__, key=key("channels")
        )
        output = st.selectbox(
            "Its last layer gives", get_args(Output), format_func=OUTPUT_NAMES.__getitem__, key=key("output")
        )
    return {
        "size": int(size),
        "resize": max(int(size), int(resize)),
        "crop_mode": crop_mode,
        "interpolation": interpolation,
        "mean": _read_three(mean),
        "std": _read_three(std),
        "channels": channels,
        "output": output,
    }


def examine_upload(
    architecture: str,
    checkpoint: UploadedFile,
    classes: UploadedFile | None,
    title: str,
    settings: dict[str, Any],
    photos: bytes | None,
) -> Added:
    """The model that the files make, examined.

    Raises ModelError where its declaration cannot be used, or it cannot be written, RequestError where the photos
    cannot be read.
    """
    title = " ".join(title.split()) or re.sub(r"\.\w+$", "", checkpoint.name)
    name = _free_name(slug(title))
    stem, _, ending = checkpoint.name.lower().rpartition(".")
    if ending not in ENDINGS:  # what a browser sends need not be what its page allows
        raise ModelError(f"A checkpoint's name ends in one of {', '.join(ENDINGS)}. Save it as .safetensors or .pth.")
    table: dict[str, Any] = {
        "title": title,
        "architecture": architecture,
        "checkpoint": f"{slug(stem)}.{ending}",
    }
    files = {table["checkpoint"]: checkpoint.getvalue()}
    if classes is not None:
        parse_class_names(classes.getvalue(), classes.name)
        table["classes"] = "classes.json" if classes.name.lower().endswith("json") else "classes.txt"
        files[table["classes"]] = classes.getvalue()
    draft = make_draft(name, table | settings, files)
    try:
        try:
            passport = show_steps(load_model(name, draft.open()), photos)
        except core.WeightsError as error:
            passport = refuse(name, title, error)
    except BaseException:  # also when the page is left
        draft.discard()
        raise
    return Added(draft, title, passport)


def _offer_to_keep(added: Added) -> None:
    with st.container(border=True):
        st.subheader(as_text(added.title), anchor=False)
        show_passport(added.passport)
        failed = added.passport.find("loading") is not None
        with st.container(horizontal=True):
            st.button(
                "Keep it",
                type="primary",
                icon=":material/save:",
                on_click=_keep,
                args=(added,),
                disabled=failed,
                help="The files stay on the server, and everybody who opens this dashboard can ask the model.",
            )
            st.button("Throw it away", icon=":material/delete:", on_click=_throw_away)
    if problem := st.session_state.pop("problem_added", None):
        st.error(problem)


def _keep(added: Added) -> None:
    try:
        added.draft.keep()
        keep_passport(added.draft.name, find_model(added.draft.name), added.passport)
    except core.SaliencyError as error:
        st.session_state["problem_added"] = as_text(str(error))
        return
    del st.session_state["added"]
    st.session_state["adding"] = False


def _throw_away() -> None:
    added = st.session_state.pop("added", None)
    if added is not None:
        added.draft.discard()


def _free_name(wanted: str) -> str:
    taken, name, number = all_models(), wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name


def _tell_three(values: tuple[float, float, float]) -> str:
    return ", ".join(f"{value:.6g}" for value in values)


def _read_three(text: str) -> list[float] | str:
    """Three numbers, or the text as it is: the declaration says what is wrong with it."""
    try:
        return [float(part) for part in re.split(r"[,;\s]+", text.strip())]
    except ValueError:
        return text
