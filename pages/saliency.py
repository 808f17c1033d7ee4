"""Where the model looks: one class's saliency map, and several smoothings of it side by side."""

import io
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import streamlit as st

import saliency_core as core
from pages.ui import compute, session
from pages.ui.beside import FIRST_ALONE, Second, explain_beside, names_of, open_beside, scale_picker
from pages.ui.compute import Subject, case_of
from pages.ui.downloads import file_name, offer_figure, offer_report
from pages.ui.link import update_link_of_part
from pages.ui.maps import BesideMap, Drawing, Figure, show_figures
from pages.ui.payload import send_map
from pages.ui.pickers import method_picker, target_picker
from pages.ui.reopening import tell_opened
from pages.ui.shell import open_page, telling_errors
from pages.ui.untrained import show_untrained
from pages.ui.words import COLOUR_MAP_NAMES, as_text
from saliency_core.methods.attribution import MAGNITUDES, Reduction
from saliency_core.methods.registry import find_method
from saliency_core.methods.smoothing import smooth, smooth_all
from saliency_core.presentation.archive import saliency_archive
from saliency_core.presentation.beside import SCALE_HELP, tell_seen
from saliency_core.presentation.beside_pictures import Explained, tell_pair
from saliency_core.presentation.captions import CROP_MODE_CAPTIONS, REDUCTION_NAMES, describe_maps, describe_sigma
from saliency_core.presentation.case import MapStyle
from saliency_core.presentation.colours import COLOUR_MAPS
from saliency_core.presentation.panels import saliency_figure
from saliency_core.presentation.words import tell_explained
from saliency_core.text import begin


@dataclass(frozen=True, slots=True)
class Look:
    """How maps are made and drawn, apart from their smoothing.

    beside_scale: whether the maps of two models share one colour scale.
    """

    method: str
    reduction: Reduction
    colour_map: str
    opacity: float
    beside_scale: bool = True

    def style(self, one_scale: bool = True) -> MapStyle:
        """The same as the library takes it."""
        return MapStyle(self.colour_map, self.opacity, one_scale)


def choose_look(two: bool) -> Look:
    """The controls of all the page's maps but sigma; two: whether there are two models."""
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
            MAGNITUDES,
            format_func=lambda key: begin(REDUCTION_NAMES[key]),
            help="The score reacts to the red, green and blue of each pixel. This says how the "
            "three become one value; the strongest is what the method's authors used.",
            **session.kept("reduction"),
        )
        beside_scale = scale_picker() if two else True
    return Look(session.method(), reduction, colour_map, opacity / 100, beside_scale)


@st.fragment
@telling_errors()
def explore(subject: Subject, target: int, look: Look, second: Second | None) -> None:
    """Photo, overlay and map of one sigma, or the overlays of two models; moving it draws nothing else anew."""
    if second is None:
        figures = (
            Figure("photo", "Photo", CROP_MODE_CAPTIONS[subject.crop_mode]),
            Figure("over", "Map over the photo"),
            Figure("alone", "Map alone"),
        )
        show_figures("live_maps", subject, figures, "52vh", draw_maps(subject, target, look, slider=True))
    else:
        show_pair(subject, target, look, second)
    show_untrained(subject, target, look.method, look.reduction)
    case, prediction = case_of(subject), compute.explanation(subject, target, look.method).prediction
    attribution = compute.attribution(subject, target, look.reduction, look.method)
    sigma, style = session.sigma(), look.style()
    with st.container(horizontal=True):
        offer_figure(
            lambda: saliency_figure(case, prediction, [smooth(attribution, sigma)], style),
            lambda ending: file_name("saliency", subject, target, ending),
        )
        offer_raw_map(subject, target, look)
    update_link_of_part()


def show_pair(subject: Subject, target: int, look: Look, second: Second) -> None:
    """The photo, and the maps of two models over it."""
    names = names_of(subject, second.subject)
    frames = compute.frame(subject), compute.frame(second.subject)
    figures = (
        Figure("photo", "Photo", tell_seen(names, subject.crop_mode, *frames)),
        Figure("over", names[0]),
        Figure("over", names[1], second=True),
    )
    raw = raw_map(second.subject, second.target, look)
    caption = describe_maps(case_of(second.subject), raw, second.prediction)
    drawing = draw_maps(subject, target, look, look.beside_scale, slider=True)
    drawing = replace(drawing, beside=BesideMap(second.subject, raw, caption))
    show_figures("live_maps", subject, figures, "52vh", drawing)
    first = Explained(
        case_of(subject),
        compute.explanation(subject, target, look.method).prediction,
        compute.attribution(subject, target, look.reduction, look.method),
    )
    told = tell_pair(first, second.explained(look.reduction), session.sigma(), look.beside_scale)
    st.caption(as_text(told), help=SCALE_HELP)


def raw_map(subject: Subject, target: int, look: Look) -> core.SaliencyMap:
    """The map before smoothing, which the browser smooths."""
    return compute.saliency(subject, target, look.reduction, 0.0, look.method)


def draw_maps(
    subject: Subject, target: int, look: Look, one_scale: bool = False, outlined: bool = False, slider: bool = False
) -> Drawing:
    """What the maps of a class are drawn of."""
    raw = raw_map(subject, target, look)
    prediction = compute.explanation(subject, target, look.method).prediction
    caption = describe_maps(case_of(subject), raw, prediction)
    of_best = target == prediction.top(1)[0].index
    return Drawing(raw, look.style(one_scale), caption, of_best, outlined, slider)


def offer_raw_map(subject: Subject, target: int, look: Look) -> None:
    """The map as computed, for work of one's own."""
    values = compute.attribution(subject, target, look.reduction, look.method).values

    def encode() -> bytes:  # only when asked for, and outside the session
        file = io.BytesIO()
        np.save(file, values)
        return file.getvalue()

    st.download_button(
        "Raw map (.npy)",
        encode,
        file_name("saliency", subject, target, ".npy"),
        "application/octet-stream",
        icon=":material/download:",
        on_click="ignore",
        help="The map as computed, before smoothing, as a NumPy array.",
    )


@st.fragment
@telling_errors()
def compare(subject: Subject, target: int, look: Look, second: Second | None) -> None:
    """Several sigmas side by side; and what is kept of them, and of a second model."""
    st.subheader("Compare sigmas side by side", anchor=False)
    largest = session.largest_sigma(compute.frame(subject).side)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        sigmas = sorted(
            st.pills(
                "Sigmas",
                [sigma for sigma in session.COMPARABLE if sigma <= largest],
                selection_mode="multi",
                width="content",
                help="More smoothing is easier to look at, but says less about where exactly.",
                **session.kept("compared"),
            )
        )
        outlined = st.toggle(
            "Outline the top fifth",
            help="A line around the fifth of what the model sees in which the map has its largest values: it shows "
            "where the maps differ.",
            width="content",
            **session.kept("outlined"),
        )
        one_scale = st.toggle(
            "One colour scale for all",
            help="Off: each panel uses all its colours, and panels cannot be compared by colour. "
            "On: the same colour means the same value in every panel; smoothing lowers peaks, so smoother maps are "
            "darker.",
            width="content",
            **session.kept("one_scale"),
        )
    if not sigmas:
        st.info("Choose at least one sigma to see a panel.")
        return
    figures = [Figure("over", begin(describe_sigma(sigma)), sigma=float(sigma)) for sigma in sigmas]
    show_figures("compared_maps", subject, figures, "52vh", draw_maps(subject, target, look, one_scale, outlined))
    case, prediction = case_of(subject), compute.explanation(subject, target, look.method).prediction
    attribution = compute.attribution(subject, target, look.reduction, look.method)
    style = look.style(one_scale)
    other = None if second is None else second.explained(look.reduction)
    today = date.today()
    with st.container(horizontal=True):
        offer_figure(
            lambda: saliency_figure(case, prediction, smooth_all(attribution, sigmas), style),
            lambda ending: file_name("saliency", subject, target, f"-sigmas{ending}"),
        )
        offer_report(
            subject,
            lambda: core.saliency_report(case, prediction, attribution, sigmas, today, style, other, look.beside_scale),
            lambda photo: saliency_archive(case, prediction, attribution, sigmas, today, style, photo),
            lambda ending: file_name("saliency", subject, target, ending),
        )
    if second is not None:
        st.caption(FIRST_ALONE)


subject = open_page(
    "Saliency",
    f"Which pixels does the answer react to? {find_method(session.method()).sentence}",
)
other = open_beside(subject)
with st.container(horizontal=True, vertical_alignment="bottom"):
    # The class to explain is known before its picker is drawn, so one pass answers for both.
    answer = compute.explanation(subject, session.target(), session.method()).prediction
    chosen = target_picker(subject, answer)
    chosen_look = choose_look(other is not None)
# Elements that come and go make the browser build all below them anew, unless each has a place of its own.
with st.empty():
    tell_opened(subject, chosen)
explained = st.empty()
if chosen != answer.top(1)[0].index:
    who = "" if other is None else f"{subject.classifier.title}: "
    explained.markdown(as_text(f"{who}{tell_explained(answer, chosen)}"))
send_map(subject, raw_map(subject, chosen, chosen_look))
with st.empty():
    beside = explain_beside(subject, chosen, other, chosen_look.method)
if beside is not None:
    send_map(beside.subject, raw_map(beside.subject, beside.target, chosen_look), "map_beside")
explore(subject, chosen, chosen_look, beside)
compare(subject, chosen, chosen_look, beside)
method = find_method(chosen_look.method)
with st.expander("How to read this, and what it does not tell"):
    st.markdown(
        f"{method.sentence} That does *not* say that the model would miss the object without it, nor whether the "
        "score would go up or down. Maps for two classes often look alike, since strong edges move many "
        "scores. To find out whether the model needs a region, hide it and ask again."
    )
