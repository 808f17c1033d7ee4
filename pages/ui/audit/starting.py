"""A new audit: which photos, which model, which class each label is."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import streamlit as st

import saliency_core as core
from pages.ui import compute, session
from pages.ui.pickers import name_models
from pages.ui.readiness import FALLBACK
from pages.ui.words import as_text
from saliency_core.audit import process
from saliency_core.audit.folder import AuditFolder, read_folder
from saliency_core.audit.home import find_audit, free_name
from saliency_core.audit.matching import Matching
from saliency_core.audit.measure import DEFAULT_SETTINGS
from saliency_core.audit.planning import match_folder
from saliency_core.masking.placements import CONTROL_COUNTS
from saliency_core.models.model import Model
from saliency_core.models.registry import all_models
from saliency_core.photos.frame import CROP_MODES
from saliency_core.presentation.captions import CROP_MODE_NAMES
from saliency_core.presentation.words import slug
from saliency_core.text import begin, count, cut, join_words

LABELS = {
    "folders": "the names of their folders",
    "boxes": "what the boxes on them are called",
    "index": "the number that their names begin with",
}
"""What photos may be labelled by, as the command's --labels has it."""
MOST_NAMED = 20
"""So many labels that are no class can be given one here; a file gives more."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks of a folder.

    limit: how many photos at most, 0 for all.
    """

    folder: str
    model: str
    labels: str
    boxes: bool
    crop_mode: str
    controls: int
    limit: int
    seed: int

    def arguments(self, given: Mapping[str, int]) -> list[str]:
        """The command's."""
        told = [str(Path(self.folder).expanduser().absolute()), "--model", self.model, "--labels", self.labels]
        told += ["--crop-mode", self.crop_mode, "--controls", str(self.controls), "--seed", str(self.seed)]
        told += [] if self.boxes else ["--boxes", "none"]
        told += ["--limit", str(self.limit)] if self.limit else []
        return [*told, "--classes", json.dumps(given)] if given else told


def start_audit() -> None:
    """The form; once a folder was looked through, what is in it, and the button that begins."""
    asked = _ask()
    looked = st.button("Look through the folder", icon=":material/folder_open:", disabled=not asked.folder)
    if looked:
        st.session_state["looked_at"] = None
        try:
            with st.spinner("Looking through the folder …"):
                found = read_folder(
                    Path(asked.folder).expanduser(),
                    None if asked.labels == "folders" else asked.labels,
                    "auto" if asked.boxes else None,
                )
        except core.SaliencyError as error:
            st.error(as_text(str(error)), icon=":material/error:")
            return
        st.session_state["looked_at"] = asked, found
    seen = cast("tuple[Asked, AuditFolder] | None", st.session_state.get("looked_at"))
    if seen is not None and seen[0] == asked:
        _offer(asked, seen[1])


def _ask() -> Asked:
    folder = st.text_input(
        "Folder of photos",
        placeholder="/data/photos",
        help="On the machine that runs this dashboard. Photos in folders within it count, too. Boxes are found by "
        "themselves: Pascal VOC, COCO, YOLO or a CSV file.",
        **session.kept("audit_folder", ""),
    )
    models = [name for name, model in all_models().items() if isinstance(model, Model)]
    own = session.wanted_model()
    ready = [name for name in (own, FALLBACK, *models) if name in models and name not in compute.unavailable()]
    if session.recall("audit_model", own) not in models:
        st.session_state.pop("audit_model", None)
    with st.container(horizontal=True):
        model = st.selectbox(
            "Model",
            models,
            format_func=name_models(),
            **session.kept("audit_model", (ready or models)[0]),
        )
        labels = st.selectbox(
            "What photos are labelled by",
            list(LABELS),
            format_func=LABELS.__getitem__,
            help="A photo without a label is asked about the model’s best guess.",
            **session.kept("audit_labels", "folders"),
        )
    with st.expander("More choices"), st.container(horizontal=True, vertical_alignment="bottom"):
        crop_mode = st.selectbox(
            "How photos are fitted",
            CROP_MODES,
            format_func=lambda mode: begin(CROP_MODE_NAMES[mode]),
            help="Squashed or with a border, no object is cropped away.",
            **session.kept("audit_crop_mode", DEFAULT_SETTINGS.crop_mode),
        )
        controls = st.selectbox(
            "Random places",
            CONTROL_COUNTS,
            help="That an object is compared with. More take longer.",
            **session.kept("audit_controls", DEFAULT_SETTINGS.n_controls),
        )
        limit = st.number_input(
            "Photos at most",
            0,
            10**9,
            step=100,
            help="Spread evenly over the folder; 0 for all.",
            **session.kept("audit_limit", 0),
        )
        seed = st.number_input("Seed", 0, 2**31 - 1, step=1, **session.kept("audit_seed", 0))
        boxes = st.toggle("Use boxes", **session.kept("audit_boxes", True))
    return Asked(folder.strip(), model, labels, boxes, crop_mode, int(controls), int(limit), int(seed))


def _offer(asked: Asked, found: AuditFolder) -> None:
    """What is in the folder, and what is to become of it."""
    try:
        classifier = compute.classifier(asked.model)
        matching = match_folder(found.items, classifier.categories)
    except core.SaliencyError as error:
        st.error(as_text(str(error)), icon=":material/error:")
        return
    boxed = sum(bool(item.boxes) for item in found.items)
    labelled = sum(item.label is not None for item in found.items)
    told = [f"**{count(len(found.items), 'photo')}**, {boxed:,} with boxes, {labelled:,} with a label."]
    if matching.found:
        told.append(_tell_found(matching, classifier.categories))
    if labelled < len(found.items):
        told.append("Without a label, a photo is asked about the classes of its boxes, or else the model’s best guess.")
    st.markdown(" ".join(told))
    if found.left_out:
        with st.expander(f"{len(found.left_out):,} left out"):
            st.dataframe([{"File": each.name, "Why": each.reason} for each in found.left_out], hide_index=True)
    if not boxed:
        st.info(
            "Without boxes nothing is hidden: the audit tells what the model says and whether it is right, not what "
            "its answers need.",
            icon=":material/info:",
        )
    given = _choose_classes(matching, classifier.categories, asked.model)
    name = st.text_input("What to call it", _suggest(asked), max_chars=60, key=f"audit_name_{asked.folder}")
    st.button(
        "Start",
        type="primary",
        icon=":material/play_arrow:",
        on_click=_start,
        args=(asked.arguments(given), name),
        help="It goes on by itself, also when this page is closed, and can be stopped and gone on with at any time.",
    )
    if problem := st.session_state.pop("audit_problem", None):
        st.error(as_text(problem), icon=":material/error:")


def _tell_found(matching: Matching, categories: Sequence[str]) -> str:
    """The first few labels with the classes that they are."""
    pairs = [(name, categories[of[0]]) for name, of in matching.found.items()]
    first = [f"“{cut(name)}” is “{cut(of)}”" if name != of else f"“{cut(name)}”" for name, of in pairs[:3]]
    more = [f"{len(pairs) - 3:,} more"] if len(pairs) > 3 else []
    are = "is a class" if len(pairs) == 1 else "are classes"
    return as_text(f"{count(len(pairs), 'name')} {are} of the model: {join_words([*first, *more])}.")


def _choose_classes(matching: Matching, categories: Sequence[str], model: str) -> dict[str, int]:
    """The classes that the person gives to labels that are none, by the labels."""
    if not matching.missing:
        return {}
    are = "is none" if len(matching.missing) == 1 else "are none"
    st.markdown(
        f"**{count(len(matching.missing), 'name')} {are} of the model’s classes.** Say which class is meant, or leave "
        "it out: nothing is guessed."
    )
    given: dict[str, int] = {}
    columns = st.columns(2)
    for place, name in enumerate(matching.missing[:MOST_NAMED]):
        near = [categories.index(each) for each in matching.near.get(name, ())]
        first = dict.fromkeys((*near, *matching.ambiguous.get(name, ()), *range(len(categories))))
        chosen = columns[place % 2].selectbox(
            f"“{as_text(cut(name))}”",
            list(first),
            index=None,
            format_func=lambda index: categories[index],
            placeholder="Left out",
            key=f"audit_class_of_{model}_{name}",
        )
        if chosen is not None:
            given[name] = chosen
    if len(matching.missing) > MOST_NAMED:
        st.caption(
            f"{len(matching.missing) - MOST_NAMED:,} more are left out. A file gives classes to any number of them: "
            "`python -m saliency_core audit … --classes FILE`."
        )
    return given


def _suggest(asked: Asked) -> str:
    return free_name(f"{slug(Path(asked.folder).name or 'photos')}-{asked.model}")


def _start(arguments: list[str], wanted: str) -> None:
    name = free_name(slug(wanted))
    try:
        process.begin(arguments, find_audit(name))
    except core.SaliencyError as error:
        st.session_state["audit_problem"] = str(error)
        return
    st.session_state["audit"] = name
    st.session_state["starting_audit"] = False
    st.session_state.pop("looked_at", None)
