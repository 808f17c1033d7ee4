"""Methods side by side: a map of each of several methods over the photo, for one class and at one sigma."""

import streamlit as st

import saliency_core as core
from pages.ui import compute, session, waiting
from pages.ui.compute import Subject, case_of
from pages.ui.downloads import file_name, offer_figure
from pages.ui.explaining import explain
from pages.ui.link import update_link_of_part
from pages.ui.maps import Drawing, Figure, MethodMap, show_figures
from pages.ui.methods import name_method, options_picker, tell_methods
from pages.ui.payload import send_map
from pages.ui.shell import telling_errors
from pages.ui.words import as_text
from saliency_core.methods.attribution import Reduction, fit_reduction
from saliency_core.methods.method import Explanation
from saliency_core.methods.registry import find_method, methods
from saliency_core.methods.smoothing import smooth
from saliency_core.presentation.captions import describe_answer, describe_method, name_sides
from saliency_core.presentation.case import MapStyle
from saliency_core.presentation.panels import methods_figure
from saliency_core.text import begin


@st.fragment
@telling_errors()
def methods_side_by_side(
    subject: Subject, target: int, answer: core.Prediction, reduction: Reduction, style: MapStyle
) -> None:
    """The choice of methods, and a panel for each; what takes long is shown on its way, and what a model cannot do is
    told.

    answer: what the model says of the photo.
    reduction: of the colour channels, for the methods that leave it to choose.
    """
    waiting.reserve(st.empty())  # a fragment that runs by itself must not write to the page's place
    st.subheader("Methods side by side", anchor=False)
    keys = _choose(subject)
    update_link_of_part()
    if keys is None:
        return
    if not keys:
        st.info("Choose at least one method to see a panel.")
        return
    found = [explain(subject, target, key, session.options(), key) for key in keys]
    explained = [each for each in found if each is not None]
    if explained:
        _show(subject, answer, explained, reduction, style)


def _choose(subject: Subject) -> list[str] | None:
    """The methods to compare; None unless they are to be shown."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        shown = st.toggle(
            "Show methods side by side",
            help="Each map takes its time: most methods run the model many times.",
            width="content",
            **session.kept("side_by_side"),
        )
        return _pick_methods(subject) if shown else None


def _pick_methods(subject: Subject) -> list[str]:
    """The methods to compare, and what they may be told, but for what the controls above tell the chosen one."""
    order = [each.key for each in methods()]
    known = [key for key in session.setting("compared_methods") if key in order]
    st.session_state["compared_methods"] = known
    chosen = st.pills(
        "Methods",
        order,
        selection_mode="multi",
        format_func=name_method,
        width="content",
        help=tell_methods(),
        **session.kept("compared_methods"),
    )
    keys = sorted(chosen, key=order.index)
    above = find_method(session.method()).options
    names = dict.fromkeys(name for key in keys for name in find_method(key).options if name not in above)
    if names:
        with st.popover("Their options", icon=":material/tune:"):
            options_picker(subject, names)
    return keys


def _show(
    subject: Subject, answer: core.Prediction, explained: list[Explanation], reduction: Reduction, style: MapStyle
) -> None:
    case, sigma, target = case_of(subject), session.sigma(), explained[0].target
    raws = [compute.smoothed(subject, each, fit_reduction(each.method, reduction), 0.0) for each in explained]
    for raw in raws:
        send_map(subject, raw, f"map_of_{raw.method}")
    figures = [Figure("over", name_method(raw.method)) for raw in raws]
    drawing = Drawing(
        raws[0],
        style,
        describe_answer(case, target, answer),
        target == answer.best(),
        bool(session.setting("outlined")),
        each=tuple(MethodMap(raw, describe_method(raw), name_sides(case, raw)) for raw in raws),
    )
    show_figures("method_maps", subject, figures, "40vh", drawing)
    st.caption(
        "Each panel has a colour scale of its own: methods measure different things, so panels cannot be compared by "
        "colour, only by where they have their largest values."
    )
    if notes := [f"**{begin(each.title)}**: {as_text(each.warning)}" for each in _warned(raws)]:
        st.caption("  \n".join(notes))
    attributions = [compute.reduced(subject, each, raw.reduction) for each, raw in zip(explained, raws, strict=True)]
    with st.container(horizontal=True):
        offer_figure(
            lambda: methods_figure(case, answer, [smooth(each, sigma) for each in attributions], style),
            lambda ending: file_name("saliency", subject, target, f"-methods{ending}"),
        )


def _warned(raws: list[core.SaliencyMap]) -> list[core.Method]:
    return [method for method in map(find_method, (raw.method for raw in raws)) if method.warning]
