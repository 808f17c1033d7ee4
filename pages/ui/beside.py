"""A second model beside the first: its picker, the subject it makes of the same photo, and what is told of it."""

from dataclasses import dataclass

import streamlit as st

import saliency_core as core
from pages.ui import compute, session
from pages.ui.compute import Subject, case_of
from pages.ui.explaining import explain
from pages.ui.methods import fit_options
from pages.ui.pickers import name_models
from pages.ui.readiness import find_classifier, tell_reason, title_of
from pages.ui.words import as_text
from saliency_core.methods.attribution import Reduction
from saliency_core.methods.method import Explanation, Options
from saliency_core.models.registry import all_models
from saliency_core.presentation.beside import (
    SCALE_HELP,
    Names,
    find_counterpart,
    name_both,
    tell_counterpart,
    tell_lists,
)
from saliency_core.presentation.beside_pictures import Explained

NONE = "no other model"
FIRST_ALONE = "“Save data” and “Save picture” hold the first model’s result alone; the report has both."


@dataclass(frozen=True, slots=True, eq=False)
class Second:
    """A second model's side of what a page looks at.

    explanation: of the class that stands beside the first model's: of the same name, or its own best guess.
    """

    subject: Subject
    explanation: Explanation

    @property
    def prediction(self) -> core.Prediction:
        """What it says of the photo."""
        return self.explanation.prediction

    @property
    def target(self) -> int:
        """The class explained."""
        return self.explanation.target

    def explained(self, reduction: Reduction) -> Explained:
        """Its answer and map, as reports and pictures take them."""
        return Explained(
            case_of(self.subject), self.prediction, compute.reduced(self.subject, self.explanation, reduction)
        )


def beside_picker() -> None:
    """The models that can be put beside the one that answers, itself not among them."""
    others = [name for name in all_models() if name != session.wanted_model()]
    if not others:
        return
    session.put_beside(session.beside())  # what is not on offer is no longer chosen
    name_model = name_models()
    st.selectbox(
        "Beside it",
        ["", *others],
        format_func=lambda name: name_model(name) if name else NONE,
        help="A second model on the same photo: its answer, its map and its experiment stand beside the first one’s.",
        **session.kept("beside", ""),
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
    lists = tell_lists(subject.classifier.categories, classifier.categories)
    told = f"Beside it: **{as_text(names[1])}**, which sees {side} x {side} pixels"
    st.caption(f"{told}. {as_text(lists)}" if lists else told)
    return second


def names_of(first: Subject, second: Subject) -> Names:
    """What the two models are called."""
    return name_both(first.classifier, second.classifier)


def explain_beside(
    subject: Subject, target: int, other: Subject | None, method: str, options: Options
) -> Second | None:
    """What the second model says, and the class that stands beside the first one's `target`, which is told where the
    lists of classes differ. None without a second model, also where it cannot be explained, which is told."""
    if other is None:
        return None
    names, theirs = subject.classifier.categories, other.classifier.categories
    try:
        counterpart = find_counterpart(names, target, theirs)
        if counterpart is None:
            counterpart = compute.prediction(other).prediction.best()
        options = fit_options(other, options, method)
    except core.SaliencyError as error:
        st.caption(f"{as_text(other.classifier.title)} cannot stand beside it. {as_text(str(error))}")
        return None
    explanation = explain(other, counterpart, method, options, "beside")
    if explanation is None:
        st.caption(f"{as_text(other.classifier.title)} cannot stand beside it.")
        return None
    if told := tell_counterpart(names_of(subject, other), names, target, theirs, explanation.target):
        st.markdown(as_text(told))
    return Second(other, explanation)


def scale_picker() -> bool:
    """Whether the maps of two models share one colour scale."""
    return st.toggle("One colour scale for both models", help=SCALE_HELP, **session.kept("beside_scale"))


def _try_again(name: str) -> None:
    compute.unavailable().pop(name, None)
