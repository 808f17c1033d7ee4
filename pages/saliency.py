"""Where the model looks: one class's saliency map, and several smoothings of it side by side."""

import io
from dataclasses import dataclass
from datetime import date

import numpy as np
import streamlit as st

import saliency_core as core
from pages.ui import compute, session
from pages.ui.compute import Subject
from pages.ui.live_map import live_map
from pages.ui.pictures import Picture, show_pictures
from pages.ui.widgets import case_of, file_name, offer_report, open_page, target_picker, telling_errors
from pages.ui.words import COLOUR_MAP_NAMES, FIT_CAPTIONS, FIT_NAMES, REDUCTION_NAMES, describe_sigma
from saliency_core.photo import Pixels

COMPARABLE = (0, 1, 2, 3, 5, 8, 10, 15, 20)
COMPARED = (0, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Look:
    """How maps are made and drawn, apart from their smoothing."""

    reduction: core.Reduction
    colour_map: str
    opacity: float


def choose_look() -> Look:
    """The controls of all the page's maps but sigma."""
    with st.popover("Look", icon=":material/tune:"):
        opacity = st.slider(
            "Opacity of the overlay",
            0,
            100,
            step=5,
            format="%d%%",
            help="0% shows the photo alone, 100% the map alone.",
            **session.bind("opacity", 60),
        )
        colour_map = st.selectbox(
            "Colours",
            core.COLOUR_MAPS,
            format_func=COLOUR_MAP_NAMES.__getitem__,
            help="In each of these, equal steps in value look like equal steps, also to "
            "colour-blind eyes and in print.",
            **session.bind("colour_map", core.COLOUR_MAPS[0]),
        )
        reduction = st.selectbox(
            "Colour channels",
            core.REDUCTIONS,
            format_func=REDUCTION_NAMES.__getitem__,
            help="The score reacts to the red, green and blue of each pixel. This says how the "
            "three become one value; the strongest is what the method's authors used.",
            **session.bind("reduction", core.REDUCTIONS[0]),
        )
    return Look(reduction, colour_map, opacity / 100)


def describe(subject: Subject, saliency: core.SaliencyMap, look: Look) -> str:
    """Which class, model, method and sigma a map shows."""
    label = subject.classifier.categories[saliency.target]
    return (
        f"“{label}” · {subject.classifier.title} · gradient, {REDUCTION_NAMES[look.reduction].lower()} · "
        f"{describe_sigma(saliency.sigma)}"
    )


def as_overlay(pixels: Pixels, title: str, what: str, scale: core.Scale, look: Look) -> Picture:
    """A map over the photo as a picture that says what it shows."""
    return Picture(pixels, title, what, f"Saliency map: {what}, laid over the photo", scale, look.colour_map)


def draw_photo(subject: Subject) -> Picture:
    """The photo with the part that the model sees."""
    drawn = compute.outlined(subject)
    return Picture(
        drawn.pixels,
        "Photo",
        FIT_CAPTIONS[subject.fit],
        f"The photo “{subject.source.title}”",
        address=drawn.address,
    )


@st.fragment
@telling_errors()
def explore(subject: Subject, target: int, look: Look) -> None:
    """Photo, overlay and map of one sigma; moving it draws nothing else anew."""
    raw = compute.saliency(subject, target, look.reduction, 0.0)
    saliency = compute.saliency(subject, target, look.reduction, session.sigma())
    scale = core.shared_scale([saliency])
    photo, frame, what = compute.picture(subject.source), compute.frame(subject), describe(subject, saliency, look)
    over = core.draw_overlay(photo, frame, saliency, scale, look.colour_map, look.opacity)
    alone = core.draw_map(photo, frame, saliency, scale, look.colour_map)
    live_map(
        photo,
        compute.dimmed(subject).address,
        frame,
        raw,
        scale,
        look.opacity,
        (
            draw_photo(subject),
            as_overlay(over, "Map over the photo", what, scale, look),
            Picture(alone, "Map alone", what, f"Saliency map: {what}", scale, look.colour_map),
        ),
    )
    session.update_link()


def offer_raw_map(subject: Subject, target: int, look: Look) -> None:
    """The map as computed, for work of one's own."""
    file = io.BytesIO()
    np.save(file, compute.saliency(subject, target, look.reduction, 0.0).values)
    st.download_button(
        "Raw map (.npy)",
        file.getvalue(),
        file_name("saliency", subject, target, ".npy"),
        "application/octet-stream",
        icon=":material/download:",
        on_click="ignore",
        help="The map as computed, before smoothing, as a NumPy array.",
    )


@st.fragment
@telling_errors()
def compare(subject: Subject, target: int, look: Look) -> None:
    """Several sigmas side by side."""
    st.subheader("Compare sigmas side by side", anchor=False)
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        sigmas = sorted(
            st.pills(
                "Sigmas",
                COMPARABLE,
                selection_mode="multi",
                help="More smoothing is easier to look at, but says less about where exactly.",
                **session.bind("compared", list(COMPARED)),
            )
        )
    with right:
        one_scale = st.toggle(
            "One colour scale for all",
            help="On: the same colour means the same value in every panel. "
            "Off: each panel uses all its colours, and panels cannot be compared by colour.",
            **session.bind("one_scale", True),
        )
    if not sigmas:
        st.info("Choose at least one sigma to see a panel.")
        return
    maps = compute.saliencies(subject, target, look.reduction, [float(sigma) for sigma in sigmas])
    shared = core.shared_scale(maps)
    scales = [shared if one_scale else core.shared_scale([each]) for each in maps]
    photo, frame = compute.picture(subject.source), compute.frame(subject)
    overlays = core.draw_overlays(photo, frame, maps, scales, look.colour_map, look.opacity)
    panels = [
        as_overlay(pixels, describe_sigma(each.sigma).capitalize(), describe(subject, each, look), scale, look)
        for pixels, each, scale in zip(overlays, maps, scales, strict=True)
    ]
    shown = [draw_photo(subject), *panels]
    show_pictures(shown, columns=min(5, len(shown)), tallest="46vh")

    def figure() -> bytes:  # made only when asked for, outside the session: it must not touch Streamlit
        label = subject.classifier.categories[target]
        return core.encode_figure(
            core.draw_panels(
                [core.Panel(each.pixels, each.title, each.scale) for each in shown],
                f"Where {subject.classifier.title} looks for “{label}”",
                f"Gradient of the class score, {REDUCTION_NAMES[look.reduction].lower()}, smoothed by a "
                f"gaussian of sigma frame pixels · {FIT_NAMES[subject.fit].lower()} · "
                f"{subject.source.title}{', ' if subject.source.credit else ''}{subject.source.credit}",
                look.colour_map,
            )
        )

    case, prediction = case_of(subject), compute.explanation(subject, target)[0]
    raw = compute.saliency(subject, target, look.reduction, 0.0)
    attribution = core.Attribution(raw.values, target, look.reduction)
    style = core.MapStyle(look.colour_map, look.opacity, one_scale)
    today = date.today()
    with st.container(horizontal=True):
        st.download_button(
            "These panels (.png)",
            figure,
            file_name("saliency", subject, target, "-sigmas.png"),
            "image/png",
            icon=":material/download:",
            on_click="ignore",
        )
        offer_report(
            lambda: core.saliency_report(case, prediction, attribution, sigmas, today, style),
            lambda: core.saliency_archive(case, prediction, attribution, sigmas, today, style),
            lambda ending: file_name("saliency", subject, target, ending),
        )


subject = open_page(
    "Saliency",
    "Which pixels does the answer depend on? Dark: little. Bright: a small change there moves the score.",
)
# The class to explain is known before its picker is drawn, so one pass answers for both.
chosen = target_picker(subject, compute.explanation(subject, session.target())[0])
pictures_slot = st.container()
with st.container(horizontal=True):
    look = choose_look()
    offer_raw_map(subject, chosen, look)
with pictures_slot:
    explore(subject, chosen, look)
compare(subject, chosen, look)
with st.expander("How to read this, and what it does not tell"):
    st.markdown(
        "A bright spot means: if this pixel changed a little, the score of the class would move a lot. "
        "It does *not* say that the model would miss the object without it, nor whether the score "
        "would go up or down. Maps for two classes often look alike, since strong edges move many "
        "scores. To find out whether the model needs a region, hide it and ask again."
    )
