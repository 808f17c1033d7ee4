"""Hide a region, keep only a region, and judge the change against chance."""

import json
from datetime import date

import streamlit as st

import saliency_core as core
from pages.ui import compute, session
from pages.ui.compute import Subject
from pages.ui.downloads import case_of, file_name, offer_report
from pages.ui.pickers import method_picker, sigma_slider, target_picker
from pages.ui.pictures import show_bars, show_pictures, show_strip
from pages.ui.regions import choose_regions, draw_regions
from pages.ui.shell import open_page
from pages.ui.words import as_text
from saliency_core.masking.experiment import ComparedFill, Views, as_compared
from saliency_core.photos.fills import Fill
from saliency_core.presentation.archive import masking_archive
from saliency_core.presentation.captions import FILL_NAMES, PARTS, begin
from saliency_core.presentation.masking_pictures import each_view, map_pictures, seen_pictures
from saliency_core.presentation.panels import encode_figure, masking_figure
from saliency_core.presentation.rule import LIMITS, RULE, tell_fills
from saliency_core.presentation.words import percent, tell_comparison, tell_verdict

COMPARING = "Hiding random regions to compare with …"
CONTROL_COUNTS = (32, 64, 128, 256)
Regions = tuple[core.Region, ...]


def choose_fill() -> tuple[Fill, int, int]:
    """What hidden pixels become, how many random regions to compare with, and the seed."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        fill: Fill = st.radio(
            "Hidden pixels become",
            core.FILLS,
            format_func=lambda key: begin(FILL_NAMES[key]),
            horizontal=True,
            help="Black is the article's choice. Grey is the mean colour of what the model "
            "learnt from. Blur keeps the colours but no object. Noise is random dots. No choice is "
            "neutral: the model sees the patch too.",
            **session.kept("fill", core.FILLS[0]),
        )
        popover = st.popover("Settings", icon=":material/tune:")
    with popover:
        method_picker()
        count: int = st.select_slider(
            "Random regions to compare with",
            CONTROL_COUNTS,
            help="More take longer and make the comparison finer.",
            **session.kept("control_count", 64),
        )
        seed = st.number_input(
            "Seed",
            0,
            2**31 - 1,
            step=1,
            help="Where the random regions fall. The same seed gives the same result.",
            **session.kept("seed", 0),
        )
    return fill, count, int(seed)


def show_views(subject: Subject, views: Views, regions: Regions) -> None:
    """Three linked panels: picture, five best classes, map on one scale."""
    target, case = views.original.attribution.target, case_of(subject)
    seen = seen_pictures(case, views, regions)
    for column, view, picture in zip(st.columns(len(PARTS)), each_view(views), seen, strict=True):
        with column:
            show_pictures([picture], columns=1, tallest="34vh")
            show_bars(view.prediction, target)
    sigma_slider(case.frame.side)
    show_pictures(map_pictures(case, views, seen, session.sigma()), columns=len(PARTS), tallest="34vh")


def show_reasons(experiment: core.Experiment, label: str) -> None:
    """Why the verdict is what it is: how the region compares with chance, and the rule."""
    evidence = core.evidence(experiment)
    st.subheader("Compared with chance", anchor=False)
    st.markdown(f"{experiment.verdict.reason} {tell_comparison(evidence)}")
    show_strip(evidence, label)
    st.markdown(
        f"The region holds **{percent(experiment.relevance_mass)}** of the saliency for “{as_text(label)}” on "
        f"**{percent(experiment.area_share)}** of the area. A map that knew nothing would give it "
        f"{percent(experiment.area_share)}."
    )
    with st.expander("How this is judged, and what it does not tell"):
        st.markdown(
            "\n".join(f"- *{begin(finding.value)}*: {when}." for finding, when in RULE) + "\n\n" + " ".join(LIMITS)
        )


def show_fills(fills: dict[Fill, ComparedFill], target: int, label: str) -> None:
    """The same regions under every fill, and whether the verdict depends on it."""
    st.subheader("Does it depend on how it is hidden?", anchor=False)
    st.markdown(tell_fills([each.finding for each in fills.values()]))
    rows = []
    for fill, each in fills.items():
        rows.append(
            {
                "Hidden pixels become": begin(FILL_NAMES[fill]),
                f"“{label}” with it hidden": percent(each.hidden.guess(target).probability),
                "Top answer with it hidden": each.hidden.top(1)[0].label,
                f"“{label}” from it alone": percent(each.kept.guess(target).probability),
                "Top answer from it alone": each.kept.top(1)[0].label,
                "Finding": begin(each.finding.value),
            }
        )
    st.table(rows, hide_index=True)


def offer_downloads(subject: Subject, experiment: core.Experiment, fills: dict[Fill, ComparedFill]) -> None:
    """The three panels as a picture, the result as data, a report of it all."""
    case, sigma, today = case_of(subject), session.sigma(), date.today()

    def record() -> str:
        made = core.record_experiment(experiment, case.classifier)
        return json.dumps(made, indent=1)

    with st.container(horizontal=True):
        st.download_button(
            "These panels (.png)",
            # Made only when asked for, outside the session: it must not touch Streamlit.
            lambda: encode_figure(masking_figure(case, experiment, sigma)),
            file_name("masking", subject, experiment.target, ".png"),
            "image/png",
            icon=":material/download:",
            on_click="ignore",
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
        offer_report(
            lambda: core.masking_report(case, experiment, sigma, today, fills),
            lambda: masking_archive(case, experiment, sigma, today),
            lambda ending: file_name("masking", subject, experiment.target, ending),
        )


def run(subject: Subject, target: int) -> None:
    """The page below the choice of a class."""
    left, right = st.columns([5, 4], gap="medium")
    with left:
        draw_regions(subject)
    with right:
        regions = choose_regions(subject)
        fill, count, seed = choose_fill()
        verdict_slot = st.empty()
    if not regions:
        verdict_slot.info("Draw a rectangle on the photo to hide what is in it.", icon=":material/draw:")
        return
    label = subject.classifier.categories[target]
    verdict_slot.progress(0.0, COMPARING)
    panels_slot, reasons_slot, downloads_slot, fills_slot = st.container(), st.empty(), st.empty(), st.empty()
    reasons_slot.caption(COMPARING)
    downloads_slot.empty()
    fills_slot.caption("The other fills follow …")
    chosen: core.Experiment | None = None
    found: dict[Fill, ComparedFill] = {}
    for stage in compute.experiment(subject, regions, fill, target, seed, count, core.FILLS, session.method()):
        if isinstance(stage, Views):
            with panels_slot:
                show_views(subject, stage, regions)
        elif isinstance(stage, core.Experiment):
            chosen, found[fill] = stage, as_compared(stage)
            verdict_slot.subheader(tell_verdict(stage.verdict, core.evidence(stage), as_text(label)), anchor=False)
            with reasons_slot.container():
                show_reasons(stage, label)
        elif isinstance(stage, ComparedFill):
            found[stage.fill] = stage
        elif chosen is None:
            done = len(stage.probabilities)
            verdict_slot.progress(stage.share, f"Hiding random regions to compare with: {done} of {stage.count}")
        else:
            fills_slot.progress(stage.share, "The same with the other fills …")
    if chosen is None:
        return
    fills = {each: found[each] for each in core.FILLS}
    with fills_slot.container():
        show_fills(fills, target, label)
    with downloads_slot.container():
        offer_downloads(subject, chosen, fills)


subject = open_page("Masking experiment", "Hide a part of the photo, or all but that part, and ask the model again.")
run(subject, target_picker(subject, compute.prediction(subject).prediction))
