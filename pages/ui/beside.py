"""A second model beside the first: its picker, the subject it makes of the same photo, and what is told of it."""

import streamlit as st

from pages.ui import compute, session
from pages.ui.compute import Subject
from pages.ui.pickers import name_models
from pages.ui.readiness import find_classifier, tell_reason, title_of
from pages.ui.words import as_text
from saliency_core.models.registry import all_models
from saliency_core.presentation.beside import Names, name_both, tell_lists

NONE = "no other model"


def beside_picker() -> None:
    """The models that can be put beside the one that answers, itself not among them."""
    others = [name for name in all_models() if name != session.wanted_model()]
    if not others:
        return
    session.put_beside(session.beside())  # what is not on offer is no longer chosen
    name_model = name_models()
    st.selectbox(
        "Beside it",
        [None, *others],
        format_func=lambda name: NONE if name is None else name_model(name),
        help="A second model on the same photo: its answer, its map and its experiment stand beside the first one’s.",
        **session.kept("beside"),
    )


def open_beside(subject: Subject) -> Subject | None:
    """The same photo for the model that was put beside the subject's, which is named here; None without one, also where
    it cannot be had, which is told. No other stands in for it: what is compared is what was asked for."""
    name = session.beside()
    if name is None:
        return None
    classifier = find_classifier(name)
    if classifier is None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(f"{as_text(title_of(name))} cannot stand beside it. {tell_reason(name)}", width="content")
            st.button("Try again", key="try_beside", type="tertiary", on_click=_try_again, args=(name,))
        return None
    second = Subject(subject.source, classifier, subject.crop_mode)
    side, names = classifier.preset.crop, names_of(subject, second)
    lists = tell_lists(names, subject.classifier.categories, classifier.categories)
    told = f"Beside it: **{as_text(names[1])}**, which sees {side} x {side} pixels"
    st.caption(f"{told}. {as_text(lists)}" if lists else told)
    return second


def names_of(first: Subject, second: Subject) -> Names:
    """What the two models are called."""
    return name_both(first.classifier, second.classifier)


def _try_again(name: str) -> None:
    compute.unavailable().pop(name, None)
