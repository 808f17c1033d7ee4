"""Where the model looks: one class's saliency map, and several smoothings of it side by side."""

import io
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import streamlit as st

import saliency_core as core
from pages.ui import compute, session
from pages.ui.beside import FIRST_ALONE, Second, explain_beside, names_of, open_beside, scale_picker
from pages.ui.compute import Subject, case_of
from pages.ui.downloads import file_name, offer_figure, offer_report
from pages.ui.explaining import explain
from pages.ui.link import update_link_of_part
from pages.ui.maps import BesideMap, Drawing, Figure, show_figures
from pages.ui.methods import method_picker, options_picker
from pages.ui.payload import send_map
from pages.ui.pickers import minus_picker, target_picker
from pages.ui.reopening import tell_opened
from pages.ui.shell import open_page, telling_errors
from pages.ui.side_by_side import methods_side_by_side
from pages.ui.untrained import show_untrained
from pages.ui.words import COLOUR_MAP_NAMES, as_text
from saliency_core.methods.attribution import MAGNITUDES, Reduction, fit_reduction
from saliency_core.methods.method import Explanation, Method, Options
from saliency_core.methods.registry import DEFAULT_METHOD, find_method
from saliency_core.methods.smoothing import smooth, smooth_all
from saliency_core.presentation.archive import saliency_archive
from saliency_core.presentation.beside import SCALE_HELP, tell_seen
from saliency_core.presentation.beside_pictures import Explained, tell_pair
from saliency_core.presentation.captions import (
    CROP_MODE_CAPTIONS,
    REDUCTION_NAMES,
    describe_maps,
    describe_sigma,
    name_sides,
    tell_signs,
)
from saliency_core.presentation.case import MapStyle
from saliency_core.presentation.colours import COLOUR_MAPS
from saliency_core.presentation.panels import saliency_figure
from saliency_core.presentation.words import slug, tell_explained
from saliency_core.text import begin


@dataclass(frozen=True, slots=True)
class Look:
    """How maps are made and drawn, apart from their smoothing.

    reduction: as the person chose it, for the methods that leave it to choose.
    beside_scale: whether the maps of two models share one colour scale.
    minus: the class whose map is taken away from each map.
    """

    method: str
    options: Options
    reduction: Reduction
    colour_map: str
    opacity: float
    beside_scale: bool = True
    minus: int | None = None

    def style(self, one_scale: bool = True) -> MapStyle:
        """The same as the library takes it."""
        return MapStyle(self.colour_map, self.opacity, one_scale)

    @property
    def fitted(self) -> Reduction:
        """The reduction that the method's maps have."""
        return fit_reduction(self.method, self.reduction)


def choose_look(subject: Subject, two: bool, prediction: core.Prediction, target: int) -> Look:
    """The controls of all the page's maps but sigma; two: whether there are two models, of whose maps none is taken
    away from another."""
    method_picker()
    method = find_method(session.method())
    if method.options:
        with st.popover("Options", icon=":material/build:"):
            options_picker(subject, method.options)
    with st.popover("Look", icon=":material/tune:"):
        minus = None if two else minus_picker(prediction, target)
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
            "colour-blind eyes and in print. Maps with values below zero have colours of their own: blue, white, red.",
            **session.kept("colour_map"),
        )
        if method.per_channel and not method.signed:
            st.selectbox(
                "Colour channels",
                MAGNITUDES,
                format_func=lambda key: begin(REDUCTION_NAMES[key]),
                help="The score reacts to the red, green and blue of each pixel. This says how the three become one "
                "value; the strongest is what the gradient’s authors used.",
                **session.kept("reduction"),
            )
        beside_scale = scale_picker() if two else True
    reduction = session.setting("reduction")
    return Look(method.key, session.options(), reduction, colour_map, opacity / 100, beside_scale, minus)


@st.fragment
@telling_errors()
def explore(subject: Subject, explained: Explanation, look: Look, second: Second | None) -> None:
    """Photo, overlay and map of one sigma, or the overlays of two models; moving it draws nothing else anew."""
    if second is None:
        figures = (
            Figure("photo", "Photo", CROP_MODE_CAPTIONS[subject.crop_mode]),
            Figure("over", "Map over the photo"),
            Figure("alone", "Map alone"),
        )
        show_figures("live_maps", subject, figures, "52vh", draw_maps(subject, explained, look, slider=True))
    else:
        show_pair(subject, explained, look, second)
    with st.empty():
        if notes := list(filter(None, (find_method(look.method).warning, explained.note))):
            st.caption(as_text(" ".join(notes)))
    case, prediction, target = case_of(subject), explained.prediction, explained.target
    if look.minus is None:
        show_untrained(subject, target, look.method, look.reduction, look.options)
    attribution = attribution_of(subject, explained, look)
    sigma, style = session.sigma(), look.style()
    with st.container(horizontal=True):
        offer_figure(
            lambda: saliency_figure(case, prediction, [smooth(attribution, sigma)], style),
            lambda ending: file_name("saliency", subject, target, file_ending(subject, look, ending)),
        )
        offer_raw_map(subject, explained, look)
    update_link_of_part()


def show_pair(subject: Subject, explained: Explanation, look: Look, second: Second) -> None:
    """The photo, and the maps of two models over it."""
    names = names_of(subject, second.subject)
    frames = compute.frame(subject), compute.frame(second.subject)
    figures = (
        Figure("photo", "Photo", tell_seen(names, subject.crop_mode, *frames)),
        Figure("over", names[0]),
        Figure("over", names[1], second=True),
    )
    raw = raw_map(second.subject, second.explanation, look)
    caption = describe_maps(case_of(second.subject), raw, second.prediction)
    drawing = draw_maps(subject, explained, look, look.beside_scale, slider=True)
    sides = name_sides(case_of(second.subject), raw)
    drawing = replace(drawing, beside=BesideMap(second.subject, raw, caption, sides))
    show_figures("live_maps", subject, figures, "52vh", drawing)
    first = Explained(
        case_of(subject),
        explained.prediction,
        compute.reduced(subject, explained, look.fitted),
    )
    told = tell_pair(first, second.explained(look.fitted), session.sigma(), look.beside_scale)
    st.caption(as_text(told), help=SCALE_HELP)


def attribution_of(subject: Subject, explained: Explanation, look: Look) -> core.Attribution:
    """The map before smoothing, or what is left of it when another class's is taken away; of an unfinished map, none
    is."""
    if look.minus is None or explained.share < 1:
        return compute.reduced(subject, explained, look.fitted)
    return compute.contrasted(subject, explained, look.minus, look.fitted)


def file_ending(subject: Subject, look: Look, ending: str) -> str:
    """The end of a file's name, which says the class taken away."""
    return ending if look.minus is None else f"-minus-{slug(subject.classifier.categories[look.minus])}{ending}"


def raw_map(subject: Subject, explained: Explanation, look: Look) -> core.SaliencyMap:
    """The map before smoothing, which the browser smooths."""
    return smooth(attribution_of(subject, explained, look), 0)


def draw_maps(
    subject: Subject,
    explained: Explanation,
    look: Look,
    one_scale: bool = False,
    outlined: bool = False,
    slider: bool = False,
) -> Drawing:
    """What the maps of a class are drawn of."""
    raw = raw_map(subject, explained, look)
    caption = describe_maps(case_of(subject), raw, explained.prediction)
    of_best = explained.target == explained.prediction.best() and look.minus is None
    sides, reading = name_sides(case_of(subject), raw), tell_signs(case_of(subject), raw)
    return Drawing(raw, look.style(one_scale), caption, of_best, outlined, slider, sides=sides, reading=reading)


def offer_raw_map(subject: Subject, explained: Explanation, look: Look) -> None:
    """The map as computed, for work of one's own."""
    values = attribution_of(subject, explained, look).values

    def encode() -> bytes:  # only when asked for, and outside the session
        file = io.BytesIO()
        np.save(file, values)
        return file.getvalue()

    st.download_button(
        "Raw map (.npy)",
        encode,
        file_name("saliency", subject, explained.target, file_ending(subject, look, ".npy")),
        "application/octet-stream",
        icon=":material/download:",
        on_click="ignore",
        help="The map as computed, before smoothing, as a NumPy array.",
    )


@st.fragment
@telling_errors()
def compare(subject: Subject, explained: Explanation, look: Look, second: Second | None) -> None:
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
            "darker, or paler where they have values below zero.",
            width="content",
            **session.kept("one_scale"),
        )
    if not sigmas:
        st.info("Choose at least one sigma to see a panel.")
        return
    figures = [Figure("over", begin(describe_sigma(sigma)), sigma=float(sigma)) for sigma in sigmas]
    show_figures("compared_maps", subject, figures, "52vh", draw_maps(subject, explained, look, one_scale, outlined))
    case, prediction, target = case_of(subject), explained.prediction, explained.target
    attribution = attribution_of(subject, explained, look)
    style = look.style(one_scale)
    other = None if second is None else second.explained(look.fitted)
    today = date.today()
    with st.container(horizontal=True):
        offer_figure(
            lambda: saliency_figure(case, prediction, smooth_all(attribution, sigmas), style),
            lambda ending: file_name("saliency", subject, target, file_ending(subject, look, f"-sigmas{ending}")),
        )
        if explained.share < 1:
            st.caption("A report and its data are of a whole map: let this one go on to its end.", width="content")
            return
        offer_report(
            subject,
            lambda: core.saliency_report(case, prediction, attribution, sigmas, today, style, other, look.beside_scale),
            lambda photo: saliency_archive(case, prediction, attribution, sigmas, today, style, photo),
            lambda ending: file_name("saliency", subject, target, file_ending(subject, look, ending)),
        )
    if second is not None:
        st.caption(FIRST_ALONE)


def ask(subject: Subject) -> core.Prediction:
    """What the model says; with the gradient's map in the same pass, where that is the one to be shown."""
    if session.method() == DEFAULT_METHOD:
        with suppress(core.SaliencyError):  # what the map is refused for is told where it would stand
            return compute.explanation(subject, session.target()).prediction
        if (given := compute.given_answer(subject)) is not None:
            return given
    return compute.prediction(subject).prediction


def tell_reading(method: Method) -> str:
    """How to read a method's maps, and what they do not tell."""
    told = [method.sentence, method.warning, "That does *not* say that the model would miss the object without it"]
    told[-1] += "." if method.signed else ", nor whether the score would go up or down."
    if method.per_channel:
        told.append("Maps for two classes often look alike, since strong edges move many scores.")
    told.append("To find out whether the model needs a region, hide it and ask again.")
    return " ".join(filter(None, told))


subject = open_page(
    "Saliency",
    f"Which pixels does the answer react to? {find_method(session.method()).sentence}"
    if session.minus() is None or session.beside()
    else "Where do the maps of two classes differ? Warm where the first map holds more, cold where the second does.",
)
other = open_beside(subject)
# The class to explain is known before its picker is drawn, so one pass answers for both.
answer = ask(subject)
chosen = target_picker(subject, answer)
with st.container(horizontal=True, vertical_alignment="bottom"):
    chosen_look = choose_look(subject, other is not None, answer, chosen)
# Elements that come and go make the browser build all below them anew, unless each has a place of its own.
with st.empty():
    tell_opened(subject, chosen, answer)
told = st.empty()
if chosen != answer.best():
    who = "" if other is None else f"{subject.classifier.title}: "
    told.markdown(as_text(f"{who}{tell_explained(answer, chosen)}"))
with st.container():
    explained = explain(subject, chosen, chosen_look.method, chosen_look.options, "map")
if explained is not None:
    send_map(subject, raw_map(subject, explained, chosen_look))
    with st.container():
        beside = explain_beside(subject, chosen, other, chosen_look.method, chosen_look.options)
    if beside is not None:
        send_map(beside.subject, raw_map(beside.subject, beside.explanation, chosen_look), "map_beside")
    explore(subject, explained, chosen_look, beside)
    compare(subject, explained, chosen_look, beside)
methods_side_by_side(subject, chosen, answer, chosen_look.reduction, chosen_look.style(one_scale=False))
with st.expander("How to read this, and what it does not tell"):
    st.markdown(tell_reading(find_method(chosen_look.method)))
