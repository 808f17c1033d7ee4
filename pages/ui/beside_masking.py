"""A second model's masking experiment, below the first one's: the same part of the same photo, judged by the same
rule."""

from collections.abc import Iterator

import streamlit as st

import saliency_core as core
from pages.ui import compute, masking, session
from pages.ui.beside import FIRST_ALONE, Second, explain_beside, names_of
from pages.ui.compute import Subject, case_of
from pages.ui.methods import short_method
from pages.ui.pictures import show_bars, show_cells, show_pictures, show_strips
from pages.ui.shapes import on_frame
from pages.ui.words import as_text
from saliency_core.masking.controls import ControlsSoFar
from saliency_core.masking.experiment import Stage, Views
from saliency_core.presentation.beside import (
    NO_TEST,
    SCALE_READING,
    Names,
    compare_numbers,
    tell_findings,
)
from saliency_core.presentation.beside_pictures import pair_pictures, tell_pair
from saliency_core.presentation.beside_report import Judged
from saliency_core.presentation.captions import PARTS
from saliency_core.presentation.case import shrink
from saliency_core.presentation.masking_pictures import each_view, seen_pictures
from saliency_core.presentation.rule import tell_tries

VIEW_SIDE = 640  # longer side of the pictures in pixels, as of the first model's


def show_beside(
    subject: Subject, first: core.Experiment, other: Subject, count: int, only_kept: bool
) -> tuple[Judged, ...]:
    """The experiment of the first model once more with another; it is given back for the report once it is over.

    count: of random places; only_kept: end before the first step that has not been done yet.
    """
    names = names_of(subject, other)
    st.subheader(f"Beside it: {as_text(names[1])}", anchor=False)
    second = explain_beside(subject, first.target, other, short_method().key, session.options())
    frame = compute.frame(other)
    regions = tuple(filter(None, (on_frame(each, frame) for each in session.rectangles())))
    if second is None:
        return ()
    if not regions:
        st.caption(f"{as_text(names[1])} does not see this part of the photo.")
        return ()
    if len(regions) < len(session.rectangles()):
        st.caption(f"{as_text(names[1])} does not see all of the regions; those that it sees are hidden.")
    top_slot, views_slot = st.empty(), st.container()
    top_slot.progress(0.0, "The same part, hidden and alone, for the second model …")
    for stage in _stages(second, regions, first, count, only_kept):
        if isinstance(stage, Views):
            with views_slot:
                _show_views(second, stage, regions)
        elif isinstance(stage, core.Experiment):
            tested = Judged(case_of(other), stage)
            key = (other.key(), regions, second.target, first.fill, first.seed, count)
            tries = session.count_tries(other.source.digest, key)
            with top_slot.container():
                _show_findings(names, first, stage, tries)
            with views_slot:
                show_strips(stage.evidence, other.classifier.categories[second.target])
                _show_maps(Judged(case_of(subject), first), tested)
                st.caption(FIRST_ALONE)
            return (tested,)
        elif isinstance(stage, ControlsSoFar):
            top_slot.progress(
                stage.share, f"Random places for the second model: {len(stage.controls)} of {stage.count}"
            )
    return ()  # a hand that moves a region has ended this early


def _stages(
    second: Second, regions: tuple[core.Region, ...], first: core.Experiment, count: int, only_kept: bool
) -> Iterator[Stage]:
    return masking.experiment(
        second.subject,
        regions,
        first.fill,
        second.target,
        first.seed,
        count,
        (),
        second.explanation.method,
        first.declared,
        first.from_map,
        only_kept,
        second.explanation.options,
    )


def _show_findings(names: Names, first: core.Experiment, second: core.Experiment, tries: int) -> None:
    """How the two findings stand beside each other, their numbers, and the second model's in sentences."""
    st.markdown(f"{as_text(tell_findings(names, first, second))} {NO_TEST}")
    rows = compare_numbers(first, second)
    heads = "What", *(as_text(name) for name in names)
    st.table([dict(zip(heads, map(as_text, row), strict=True)) for row in rows], hide_index=True)
    verdict = second.verdict
    st.markdown(f"**{as_text(names[1])}: {verdict.claim.value}.** {as_text(verdict.sentence)}")
    if notes := [*verdict.limits, *filter(None, [tell_tries(tries)])]:
        st.caption(as_text(" ".join(notes)))


def _show_views(second: Second, views: Views, regions: tuple[core.Region, ...]) -> None:
    """Three panels, picture and five best classes, below an object's four cells."""
    declared = session.declared()
    if declared == "object":
        show_cells(views)
    seen = seen_pictures(shrink(case_of(second.subject), VIEW_SIDE), views, regions, declared)
    for column, view, picture in zip(st.columns(len(PARTS)), each_view(views), seen, strict=True):
        with column:
            show_pictures([picture], columns=1, tallest="34vh")
            show_bars(view.prediction, second.target)


def _show_maps(first: Judged, second: Judged) -> None:
    """The maps of both models, of the photo as it is, on one scale; folded."""
    with st.expander("The maps of both models", key="maps_beside", on_change="rerun") as maps:
        if maps.open:
            both, sigma = (first.explained(), second.explained()), session.sigma()
            show_pictures(pair_pictures(*both, sigma), columns=2, tallest="50vh")
            st.caption(as_text(f"{tell_pair(*both, sigma)} {SCALE_READING}"))
