"""Where the model looks: one class's saliency map, and several smoothings of it side by side."""

import io
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import streamlit as st

import saliency_core as core
from pages.ui import compute, session
from pages.ui.compute import Subject
from pages.ui.downloads import case_of, file_name, offer_report
from pages.ui.drawing import dimmed, outlined
from pages.ui.link import update_link_of_part
from pages.ui.live_map import live_map
from pages.ui.pickers import method_picker, target_picker
from pages.ui.pictures import show_pictures
from pages.ui.reopening import tell_opened
from pages.ui.shell import open_page, telling_errors
from pages.ui.words import COLOUR_MAP_NAMES
from saliency_core.methods.attribution import Reduction
from saliency_core.methods.registry import find_method
from saliency_core.methods.smoothing import shared_scale
from saliency_core.presentation.archive import saliency_archive
from saliency_core.presentation.captions import REDUCTION_NAMES
from saliency_core.presentation.case import MapStyle
from saliency_core.presentation.colours import COLOUR_MAPS
from saliency_core.presentation.panels import encode_figure, saliency_figure
from saliency_core.presentation.pictures import Picture
from saliency_core.presentation.saliency_pictures import map_picture, overlay_pictures, photo_picture
from saliency_core.text import begin


@dataclass(frozen=True, slots=True)
class Look:
    """How maps are made and drawn, apart from their smoothing."""

    method: str
    reduction: Reduction
    colour_map: str
    opacity: float

    def style(self, one_scale: bool = True) -> MapStyle:
        """The same as the library takes it."""
        return MapStyle(self.colour_map, self.opacity, one_scale)


def choose_look() -> Look:
    """The controls of all the page's maps but sigma."""
    with st.popover("Look", icon=":material/tune:"):
        method_picker()
        opacity = st.slider(
            "Opacity of the overlay",
            0,
            100,
            step=5,
            format="%d%%",
            help="0% shows the photo alone, 100% the map alone.",
            **session.kept("opacity"),
        )
        colour_map = st.selectbox(
            "Colours",
            COLOUR_MAPS,
            format_func=COLOUR_MAP_NAMES.__getitem__,
            help="In each of these, equal steps in value look like equal steps, also to "
            "colour-blind eyes and in print.",
            **session.kept("colour_map"),
        )
        reduction = st.selectbox(
            "Colour channels",
            core.REDUCTIONS,
            format_func=lambda key: begin(REDUCTION_NAMES[key]),
            help="The score reacts to the red, green and blue of each pixel. This says how the "
            "three become one value; the strongest is what the method's authors used.",
            **session.kept("reduction"),
        )
    return Look(session.method(), reduction, colour_map, opacity / 100)


def draw_photo(subject: Subject) -> Picture:
    """The photo with the part that the model sees; drawn and encoded once for everyone."""
    drawn = outlined(subject)
    return photo_picture(case_of(subject), pixels=drawn.pixels, address=drawn.address)


@st.fragment
@telling_errors()
def explore(subject: Subject, target: int, look: Look) -> None:
    """Photo, overlay and map of one sigma; moving it draws nothing else anew."""
    raw = compute.saliency(subject, target, look.reduction, 0.0, look.method)
    saliency = compute.saliency(subject, target, look.reduction, session.sigma(), look.method)
    case, prediction = case_of(subject), compute.explanation(subject, target, look.method).prediction
    (over,) = overlay_pictures(case, [saliency], look.style(), prediction)
    live_map(
        case.photo,
        dimmed(subject).address,
        case.frame,
        raw,
        shared_scale([saliency]),
        look.opacity,
        (
            draw_photo(subject),
            replace(over, title="Map over the photo"),
            map_picture(case, saliency, look.style(), prediction),
        ),
    )
    update_link_of_part()


def offer_raw_map(subject: Subject, target: int, look: Look) -> None:
    """The map as computed, for work of one's own."""
    file = io.BytesIO()
    np.save(file, compute.attribution(subject, target, look.reduction, look.method).values)
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
    largest = session.largest_sigma(compute.frame(subject).side)
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        sigmas = sorted(
            st.pills(
                "Sigmas",
                [sigma for sigma in session.COMPARABLE if sigma <= largest],
                selection_mode="multi",
                help="More smoothing is easier to look at, but says less about where exactly.",
                **session.kept("compared"),
            )
        )
    with right:
        one_scale = st.toggle(
            "One colour scale for all",
            help="On: the same colour means the same value in every panel. "
            "Off: each panel uses all its colours, and panels cannot be compared by colour.",
            **session.kept("one_scale"),
        )
    if not sigmas:
        st.info("Choose at least one sigma to see a panel.")
        return
    maps = compute.saliencies(subject, target, look.reduction, [float(sigma) for sigma in sigmas], look.method)
    case, prediction = case_of(subject), compute.explanation(subject, target, look.method).prediction
    attribution = compute.attribution(subject, target, look.reduction, look.method)
    style = look.style(one_scale)
    shown = [draw_photo(subject), *overlay_pictures(case, maps, style, prediction)]
    show_pictures(shown, columns=min(5, len(shown)), tallest="46vh")
    today = date.today()
    with st.container(horizontal=True):
        st.download_button(
            "These panels (.png)",
            # Made only when asked for, outside the session: it must not touch Streamlit.
            lambda: encode_figure(saliency_figure(case, prediction, maps, style)),
            file_name("saliency", subject, target, "-sigmas.png"),
            "image/png",
            icon=":material/download:",
            on_click="ignore",
        )
        offer_report(
            subject,
            lambda: core.saliency_report(case, prediction, attribution, sigmas, today, style),
            lambda photo: saliency_archive(case, prediction, attribution, sigmas, today, style, photo),
            lambda ending: file_name("saliency", subject, target, ending),
        )


subject = open_page(
    "Saliency",
    f"Which pixels does the answer react to? {find_method(session.method()).sentence}",
)
# The class to explain is known before its picker is drawn, so one pass answers for both.
chosen = target_picker(subject, compute.explanation(subject, session.target(), session.method()).prediction)
tell_opened(subject, chosen)
pictures_slot = st.container()
with st.container(horizontal=True):
    chosen_look = choose_look()
    offer_raw_map(subject, chosen, chosen_look)
with pictures_slot:
    explore(subject, chosen, chosen_look)
compare(subject, chosen, chosen_look)
method = find_method(chosen_look.method)
with st.expander("How to read this, and what it does not tell"):
    st.markdown(
        f"{method.sentence} That does *not* say that the model would miss the object without it, nor whether the "
        "score would go up or down. Maps for two classes often look alike, since strong edges move many "
        "scores. To find out whether the model needs a region, hide it and ask again."
    )
