"""Hide a region, keep only a region, and judge the change against chance."""

import json
from collections.abc import Callable
from datetime import date

import streamlit as st

import saliency_core as core
from pages.ui import compute, session
from pages.ui.compute import Subject
from pages.ui.pictures import Picture, show_bars, show_pictures
from pages.ui.regions import choose_regions, draw_regions
from pages.ui.strip import show_strip
from pages.ui.widgets import case_of, file_name, offer_report, open_page, sigma_slider, target_picker
from pages.ui.words import FILL_NAMES, FIT_NAMES, describe_sigma
from saliency_core.verdict import CHANCE, LARGE_LOSS, LEAST_BELIEF

PARTS = ("original", "hidden", "kept")
PART_TITLES = {"original": "The photo as it is", "hidden": "Region hidden", "kept": "Only the region"}
COMPARING = "Hiding random regions to compare with …"
CONTROL_COUNTS = (32, 64, 128, 256)
Regions = tuple[core.Region, ...]


def choose_fill() -> tuple[core.Fill, int, int]:
    """What hidden pixels become, how many random regions to compare with, and the seed."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        fill: core.Fill = st.radio(
            "Hidden pixels become",
            core.FILLS,
            format_func=FILL_NAMES.__getitem__,
            horizontal=True,
            help="Black is the article's choice. Grey is the average colour of the photos that the models "
            "learnt from. Blur keeps the colours but no object. Noise is random dots. No choice is "
            "neutral: the model sees the patch too.",
            **session.bind("fill", core.FILLS[0]),
        )
        popover = st.popover("Settings", icon=":material/tune:")
    with popover:
        count: int = st.select_slider(
            "Random regions to compare with",
            CONTROL_COUNTS,
            help="More take longer and make the comparison finer.",
            **session.bind("control_count", 64),
        )
        seed = st.number_input(
            "Seed",
            0,
            2**31 - 1,
            step=1,
            help="Where the random regions fall. The same seed gives the same result.",
            **session.bind("seed", 0),
        )
    return fill, count, int(seed)


def show_views(subject: Subject, views: core.Views, regions: Regions) -> None:
    """Three linked panels: picture, five best classes, map on one scale."""
    target = views.original.attribution.target
    label = subject.classifier.categories[target]
    photo = compute.picture(subject.source)
    parts = [(part, getattr(views, part)) for part in PARTS]
    area = core.percent(float(core.covered(views.original.frame.side, regions).mean()))
    for column, (part, view) in zip(st.columns(3), parts, strict=True):
        with column:
            caption = {
                "original": "what the model sees",
                "hidden": f"{area} of what the model sees is hidden",
                "kept": "everything else is hidden",
            }[part]
            seen = core.draw_seen(photo, view.frame)
            show_pictures(
                [Picture(seen, PART_TITLES[part], caption, f"{PART_TITLES[part]}: {caption}")],
                columns=1,
                tallest="34vh",
            )
            guesses = view.prediction.top(5)
            if target not in [guess.index for guess in guesses]:
                guesses = (*guesses[:4], view.prediction.guess(target))
            show_bars(guesses, marked=target)
    sigma = sigma_slider()
    maps = [core.smooth(view.attribution, sigma) for _, view in parts]
    scale = core.shared_scale(maps)
    show_pictures(
        [
            Picture(
                core.draw_overlay(core.draw_seen(photo, view.frame), view.frame, each, scale),
                f"{PART_TITLES[part]}: map for “{label}”",
                f"“{label}” · {subject.classifier.title} · gradient · {describe_sigma(sigma)} · one scale for all",
                f"Saliency map for “{label}”, {describe_sigma(sigma)}. {PART_TITLES[part]}.",
                scale,
            )
            for (part, view), each in zip(parts, maps, strict=True)
        ],
        columns=3,
        tallest="34vh",
    )


def show_reasons(experiment: core.Experiment, label: str) -> None:
    """Why the verdict is what it is: how the region compares with chance, and the rule."""
    evidence = core.evidence(experiment.views, experiment.controls)
    st.subheader("Compared with chance", anchor=False)
    st.markdown(f"{experiment.verdict.reason} {core.tell_rarity(evidence)}")
    show_strip(evidence, label)
    st.markdown(
        f"The region holds **{core.percent(experiment.saliency_share)}** of the saliency for “{label}” on "
        f"**{core.percent(experiment.area_share)}** of the area. A map that knew nothing would give it "
        f"{core.percent(experiment.area_share)}."
    )
    with st.expander("How this is judged, and what it does not tell"):
        st.markdown(
            f"- *Relies on the region*: hiding it leaves less than {LARGE_LOSS:.0%} of the probability, and that "
            f"happens with at most {CHANCE:.0%} of random regions of the same shape.\n"
            f"- *The answer stays*: hiding the region leaves more than that, and the region alone "
            f"leaves less than {LARGE_LOSS:.0%}. Nearly every small region does as much, so this does not say what "
            "the answer rests on.\n"
            "- *Does not rely on the region*: hiding it leaves more, and the region alone does too.\n"
            f"- *Inconclusive*: anything else, or the class had less than {LEAST_BELIEF:.0%} to begin with.\n\n"
            "It is one photo, one model and one way of hiding. The model has never learnt from photos with "
            "patches on them, so part of any change is due to the patch itself: compare the fills below. "
            "A region that is hidden may be missed because of its content or because of its edges."
        )


def show_fills(experiments: dict[core.Fill, core.Experiment], label: str) -> None:
    """The same regions under every fill, and whether the verdict depends on it."""
    findings = {experiment.verdict.finding for experiment in experiments.values()}
    st.subheader("Does it depend on how it is hidden?", anchor=False)
    if len(findings) == 1:
        st.markdown(f"No. Under every fill the finding is the same: *{findings.pop().value}*.")
    else:
        st.markdown(
            "**Yes: the finding changes with the fill**, so it says something about the fill too. "
            "Trust it less than one that holds under every fill."
        )
    rows = []
    for fill, experiment in experiments.items():
        views = experiment.views
        hidden, kept = views.hidden.prediction, views.kept.prediction
        rows.append(
            {
                "Hidden pixels become": FILL_NAMES[fill],
                f"“{label}” with it hidden": core.percent(hidden.guess(experiment.target).probability),
                "Top answer with it hidden": hidden.top(1)[0].label,
                f"“{label}” from it alone": core.percent(kept.guess(experiment.target).probability),
                "Top answer from it alone": kept.top(1)[0].label,
                "Finding": experiment.verdict.finding.value.capitalize(),
            }
        )
    st.table(rows, hide_index=True)


def offer_downloads(subject: Subject, experiment: core.Experiment, fills: dict[core.Fill, core.Experiment]) -> None:
    """The three panels as a picture, the result as data, a report of it all."""
    label = subject.classifier.categories[experiment.target]
    photo, sigma = compute.picture(subject.source), session.sigma()

    def figure() -> bytes:  # made only when asked for, outside the session: it must not touch Streamlit
        views = [getattr(experiment.views, part) for part in PARTS]
        maps = [core.smooth(view.attribution, sigma) for view in views]
        scale = core.shared_scale(maps)
        seen = [core.draw_seen(photo, view.frame) for view in views]
        tops = [view.prediction.top(1)[0] for view in views]
        panels = [
            core.Panel(pixels, f"{PART_TITLES[part]}\n{top.label}, {core.percent(top.probability)}")
            for part, pixels, top in zip(PARTS, seen, tops, strict=True)
        ] + [
            core.Panel(
                core.draw_overlay(pixels, view.frame, each, scale),
                f"“{label}”, {describe_sigma(sigma)}",
                scale,
            )
            for pixels, view, each in zip(seen, views, maps, strict=True)
        ]
        evidence = core.evidence(experiment.views, experiment.controls)
        return core.encode_figure(
            core.draw_panels(
                panels,
                core.tell_verdict(experiment.verdict, evidence, label),
                f"{subject.classifier.title} · {FIT_NAMES[subject.fit].lower()} · hidden pixels become "
                f"{FILL_NAMES[experiment.fill].lower()} · {subject.source.title} {subject.source.credit}",
                columns=3,
            )
        )

    def record() -> str:
        made = core.record_experiment(experiment, subject.classifier, subject.source.digest, subject.fit)
        return json.dumps(made, indent=1)

    with st.container(horizontal=True):
        st.download_button(
            "These panels (.png)",
            figure,
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
        case, today = case_of(subject), date.today()
        offer_report(
            lambda: core.masking_report(case, experiment, sigma, today, fills),
            lambda: core.masking_archive(case, experiment, sigma, today),
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
    views = compute.views(subject, regions, fill, target, seed)
    panels_slot, reasons_slot, downloads_slot, fills_slot = st.container(), st.empty(), st.empty(), st.empty()
    reasons_slot.caption(COMPARING)
    downloads_slot.empty()
    fills_slot.caption("The other fills follow …")
    with panels_slot:
        show_views(subject, views, regions)

    placements = core.place_controls(views.original.frame.side, regions, count, seed)

    def experiment(other: core.Fill, progress: Callable[[float], object]) -> core.Experiment:
        controls = compute.controls(subject, placements, other, target, seed, progress)
        its_views = compute.views(subject, regions, other, target, seed)
        return core.conclude(regions, other, seed, its_views, placements, controls)

    chosen = experiment(
        fill,
        lambda done: verdict_slot.progress(
            done,
            f"Hiding random regions to compare with: {round(done * len(placements))} of {len(placements)}",
        ),
    )
    evidence = core.evidence(chosen.views, chosen.controls)
    verdict_slot.subheader(core.tell_verdict(chosen.verdict, evidence, label), anchor=False)
    with reasons_slot.container():
        show_reasons(chosen, label)
    every = {
        other: chosen
        if other == fill
        else experiment(
            other,
            lambda done: fills_slot.progress(done, "The same with the other fills …"),
        )
        for other in core.FILLS
    }
    with fills_slot.container():
        show_fills(every, label)
    with downloads_slot.container():
        offer_downloads(subject, chosen, every)


subject = open_page("Masking experiment", "Hide a part of the photo, or all but that part, and ask the model again.")
run(subject, target_picker(subject, compute.prediction(subject).prediction))
