"""Hide a region, keep only a region, and judge both against chance."""

import json
from collections.abc import Mapping, Sequence
from datetime import date

import streamlit as st

import saliency_core as core
from pages.ui import compute, masking, session
from pages.ui.answer_line import answer_line
from pages.ui.beside import open_beside
from pages.ui.beside_masking import show_beside
from pages.ui.compute import Subject, case_of
from pages.ui.downloads import file_name, list_formats, offer_report
from pages.ui.methods import method_picker, options_picker, short_method, tell_standing_in
from pages.ui.pickers import sigma_slider, target_picker
from pages.ui.pictures import show_bars, show_cells, show_pictures, show_strips
from pages.ui.regions import choose_regions, chosen_regions, draw_regions, type_regions
from pages.ui.reopening import tell_opened
from pages.ui.shell import open_page, telling_errors
from pages.ui.words import as_text
from saliency_core.masking.experiment import ComparedFill, Views, as_compared
from saliency_core.masking.placements import CONTROL_COUNTS
from saliency_core.photos.fills import Fill
from saliency_core.presentation.archive import masking_archive, masking_record
from saliency_core.presentation.beside_report import Judged
from saliency_core.presentation.captions import FILL_NAMES, PARTS
from saliency_core.presentation.case import shrink
from saliency_core.presentation.masking_pictures import each_view, map_pictures, seen_pictures
from saliency_core.presentation.panels import masking_figure
from saliency_core.presentation.rule import EFFECTS, LIMITS, RULE, tell_fills, tell_mass, tell_tries
from saliency_core.text import begin, percent

VIEW_SIDE = 640  # longer side of the three views in pixels: twice what a laptop shows of them
COMPARING = "Hiding the part, and keeping only it …"
Regions = tuple[core.Region, ...]


def choose_fill(subject: Subject) -> tuple[Fill, int, int]:
    """What hidden pixels become, how many random places to compare with, and the seed."""
    fill: Fill = st.selectbox(
        "Hidden pixels become",
        core.FILLS,
        format_func=lambda key: begin(FILL_NAMES[key]),
        width=150,
        help="Black is the article's choice. Grey is the mean colour of what the model "
        "learnt from. Blur keeps the colours but no object. Noise is random dots. No choice is "
        "neutral: the model sees the patch too.",
        **session.kept("fill"),
    )
    with st.popover("Settings", icon=":material/tune:"):
        method_picker()
        options_picker(subject, short_method().options)
        tell_standing_in()
        count: int = st.select_slider(
            "Random places to compare with",
            CONTROL_COUNTS,
            help="More take longer and make the comparison finer.",
            **session.kept("control_count"),
        )
        seed = st.number_input(
            "Seed",
            0,
            2**31 - 1,
            step=1,
            help="Where the random places lie. The same seed gives the same result.",
            **session.kept("seed"),
        )
        type_regions(subject)
    return fill, count, int(seed)


def show_verdict(experiment: core.Experiment, label: str, tries: int) -> None:
    """The claim, its sentences, and how the part compares with random places."""
    verdict = experiment.verdict
    st.markdown(f"**{begin(verdict.claim.value)}.** {as_text(verdict.sentence)}")
    notes = [*verdict.limits, *filter(None, [tell_tries(tries)])]
    if notes:
        st.caption(as_text(" ".join(notes)))
    show_strips(experiment.evidence, label)


def show_views(subject: Subject, views: Views, regions: Regions) -> None:
    """Three linked panels, picture and five best classes, below an object's four cells; their maps, on one scale, are
    folded below."""
    target, case = views.original.attribution.target, shrink(case_of(subject), VIEW_SIDE)
    if session.declared() == "object":
        show_cells(views)
    seen = seen_pictures(case, views, regions, session.declared())
    for column, view, picture in zip(st.columns(len(PARTS)), each_view(views), seen, strict=True):
        with column:
            show_pictures([picture], columns=1, tallest="34vh")
            show_bars(view.prediction, target)
    with st.expander("The maps of the three", key="maps_of_views", on_change="rerun") as maps:
        if maps.open:
            sigma_slider(case.frame.side)
            show_pictures(map_pictures(case, views, seen, session.sigma()), columns=len(PARTS), tallest="34vh")
            tell_standing_in()


def show_details(experiment: core.Experiment, label: str) -> None:
    """The numbers behind the verdict, and the rule."""
    verdict = experiment.verdict
    st.markdown(
        f"Share of the part and its {len(experiment.placements)} random places that do at least as much: hiding p = "
        f"{verdict.hide_p_value:.2g}, keeping p = {verdict.keep_p_value:.2g}, both together p = "
        f"{verdict.joint_p_value:.2g}.\n\n{EFFECTS}\n\n"
        + "\n".join(f"- *{begin(claim.value)}*: {when}." for claim, when in RULE)
        + f"\n\n{' '.join(LIMITS)}\n\n"
        + as_text(tell_mass(experiment.relevance_mass, experiment.area_share, label))
    )


def show_fills(fills: Mapping[Fill, ComparedFill], target: int, label: str) -> None:
    """The same part under every fill."""
    rows = []
    for fill, each in fills.items():
        rows.append(
            {
                "Hidden pixels become": begin(FILL_NAMES[fill]),
                f"“{label}” with it hidden": percent(each.hidden.guess(target).probability),
                "Top answer with it hidden": each.hidden.top(1)[0].label,
                f"“{label}” from it alone": percent(each.kept.guess(target).probability),
                "Top answer from it alone": each.kept.top(1)[0].label,
                "Finding": begin(each.claim.value),
            }
        )
    st.table(rows, hide_index=True)


def offer_downloads(
    subject: Subject, experiment: core.Experiment, fills: Mapping[Fill, ComparedFill], besides: Sequence[Judged]
) -> None:
    """A report of it all, the panels as a picture, the result as data.

    fills, besides: those compared so far, and a second model's experiment once it is over; a report tells those that
        there are when it is asked for.
    """
    case, sigma, today = case_of(subject), session.sigma(), date.today()

    def record() -> str:
        return json.dumps(masking_record(case, experiment, sigma), indent=1)

    with st.container(horizontal=True):
        offer_report(
            subject,
            lambda: core.masking_report(case, experiment, sigma, today, dict(fills), next(iter(besides), None)),
            lambda photo: masking_archive(case, experiment, sigma, today, photo),
            lambda ending: file_name("masking", subject, experiment.target, ending),
        )
        with st.popover("More"):
            list_formats(
                lambda: masking_figure(case, experiment, sigma),
                lambda ending: file_name("masking", subject, experiment.target, ending),
            )
            st.download_button(
                "Result (.json)",
                record,
                file_name("masking", subject, experiment.target, ".json"),
                "application/json",
                icon=":material/download:",
                on_click="ignore",
                help="Regions, fill, seed, model, versions and all probabilities: enough to do it again.",
            )


def run(subject: Subject, target: int, second: Subject | None) -> None:
    """The page below the choice of a class; a second model's experiment comes last."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        choose_regions(subject, target)
        fill, count, seed = choose_fill(subject)
    method, options = short_method().key, session.options()
    left, right = st.columns([1, 1], gap="medium")
    with left:
        hand_waits = draw_regions(subject)
        answer_line(subject, target, fill, seed, method, options)
        regions = chosen_regions(subject)
    with right, st.container(key="verdict"):
        verdict_slot, fills_slot, downloads_slot = st.empty(), st.empty(), st.empty()
    if not regions:
        verdict_slot.info("Drag on the photo to mark the part to hide, or take one from above.", icon=":material/draw:")
        return
    label = subject.classifier.categories[target]
    verdict_slot.progress(0.0, COMPARING)
    panels_slot = st.container(key="panels")
    with st.expander("The same under every fill"):
        table_slot = st.empty()
    with st.expander("How this is judged, and what it does not tell"):
        details_slot = st.empty()
    chosen: core.Experiment | None = None
    found: dict[Fill, ComparedFill] = {}
    besides: list[Judged] = []
    for stage in masking.experiment(
        subject,
        regions,
        fill,
        target,
        seed,
        count,
        core.FILLS,
        method,
        session.declared(),
        session.from_map(),
        only_kept=hand_waits,
        options=options,
    ):
        if isinstance(stage, Views):
            with panels_slot:
                show_views(subject, stage, regions)
        elif isinstance(stage, core.Experiment):
            chosen, found[fill] = stage, as_compared(stage)
            tries = session.count_tries(subject.source.digest, (subject.key(), regions, target, fill, seed, count))
            with verdict_slot.container():
                show_verdict(stage, label, tries)
                tell_opened(subject, target, stage)
            fills_slot.caption("The other fills follow …")
            with downloads_slot.container():
                offer_downloads(subject, stage, found, besides)
            with details_slot.container():
                show_details(stage, label)
        elif isinstance(stage, ComparedFill):
            found[stage.fill] = stage
        elif chosen is None:
            done = len(stage.controls)
            verdict_slot.progress(stage.share, f"Hiding and keeping random places, to compare: {done} of {stage.count}")
        else:
            fills_slot.caption(f"The other fills follow: {len(found)} of {len(core.FILLS)} …")
    if chosen is None or len(found) < len(core.FILLS):  # a hand that moves a region has ended this early
        return
    fills = {each: found[each] for each in core.FILLS}
    fills_slot.caption(as_text(tell_fills({each: compared.claim for each, compared in fills.items()})))
    with table_slot.container():
        show_fills(fills, target, label)
    if second is not None:
        besides += show_beside(subject, chosen, second, count, only_kept=hand_waits)


subject = open_page("Masking experiment", "Hide a part of the photo, or all but that part, and ask the model again.")
with st.container(key="masking"), telling_errors():
    other = open_beside(subject)
    run(subject, target_picker(subject, compute.prediction(subject).prediction), other)
