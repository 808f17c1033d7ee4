"""Does removing what a map points at matter? The curves, the sentences, and the photo at each step."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import compute, session, shared
from pages.ui.compute import case_of
from pages.ui.evidence import working
from pages.ui.evidence.choices import Fills, title_of
from pages.ui.evidence.working import Question
from pages.ui.pictures import show_pictures
from pages.ui.shell import telling_errors
from pages.ui.words import as_text
from saliency_core.evidence.curves import STEPS, Ranking, ranking, removed
from saliency_core.evidence.dossier import Dossier
from saliency_core.evidence.removal import RemovalEvidence
from saliency_core.evidence.words import tell_removal, tell_which
from saliency_core.methods.registry import find_method
from saliency_core.photos.fills import Fill
from saliency_core.presentation.case import shrink
from saliency_core.presentation.charts import arrange_curves, render_curves
from saliency_core.presentation.figures import draw_seen
from saliency_core.presentation.pictures import Picture
from saliency_core.presentation.saliency_pictures import overlay_pictures
from saliency_core.text import cut, percent

SEEN_SIDE = 640
"""Longer side of the pictures of the steps, in pixels."""


def run_removal(
    asked: Mapping[str, Question],
    sigma: float,
    fills: Fills,
    dossier: Dossier,
    told: DeltaGenerator,
    drawn: DeltaGenerator,
    each_told: DeltaGenerator,
) -> None:
    """Remove pixels by all maps and by what they are compared with, and show it as it is done.

    told: where the finding comes, and the progress before it; drawn: where the curves come; each_told: where there
        is a sentence on each map.
    """
    first = next(iter(asked.values()))
    subject, target = first.subject, first.target
    label = cut(subject.classifier.categories[target])
    titles = {method: title_of(method) for method in asked}
    values = {method: dossier.maps[method].values for method in asked}
    shown = ""

    def draw(evidence: RemovalEvidence, share: float, what: str) -> None:
        nonlocal shown
        told.progress(share, what)
        html = render_curves(arrange_curves(evidence, fills.shown, titles, label), label)
        if html != shown:
            drawn.html(shown := html)

    key = tuple(asked), tuple(each.reduction for each in asked.values()), sigma
    fills_in_turn = (fills.shown, *(each for each in fills.judged if each != fills.shown))
    for stage in working.remove(subject, target, values, {}, (fills.shown,), (key, "alone")):
        draw(stage, 0.15 * stage.share, "Removing pixels, the most and the least relevant first …")
    compared = {}
    for place, (method, each) in enumerate(asked.items()):
        told.progress(0.15 + 0.1 * place / len(asked), f"Maps of other photos, to compare with: {titles[method]} …")
        compared[method] = working.controls(each, sigma)
    for stage in working.remove(subject, target, values, compared, fills_in_turn, key):
        draw(stage, 0.25 + 0.75 * stage.share, "Removing pixels by maps that know nothing of this answer, to compare …")
        dossier.removal = stage if stage.share >= 1 else None
    if dossier.removal is not None:
        tell(dossier.removal, titles, told, each_told)


def tell(evidence: RemovalEvidence, titles: Mapping[str, str], told: DeltaGenerator, each_told: DeltaGenerator) -> None:
    """Which maps are better than what they are compared with, and each by itself."""
    told.markdown(f"**{as_text(tell_which(evidence, {name: find_method(name).title for name in titles}))}**")
    each_told.markdown(
        "\n".join(f"- {as_text(tell_removal(evidence, name, find_method(name).title))}" for name in titles)
    )


@st.fragment
@telling_errors()
def show_steps(asked: Mapping[str, Question], evidence: RemovalEvidence, sigma: float, fill: Fill) -> None:
    """The photo with a share of its pixels removed, by each map; moving it draws nothing else anew."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        step = st.select_slider(
            "Pixels removed",
            range(STEPS + 1),
            format_func=lambda each: f"{each / STEPS:.0%}",
            width=420,
            **session.kept("removed_step", 2),
        )
        least = st.toggle("The least relevant first", width="content", **session.kept("least_first", False))
    pictures = []
    for method, each in asked.items():
        case, label = shrink(case_of(each.subject), SEEN_SIDE), cut(each.subject.classifier.categories[each.target])
        curves = evidence.maps[method][fill]
        frame = removed(case.frame, _ranking(each, sigma), step / STEPS, fill, not least)
        share = float((curves.least_first if least else curves.most_first)[step])
        title = f"{title_of(method)}: “{label}” {percent(share)}"
        caption = f"with the {step / STEPS:.0%} {'least' if least else 'most'} relevant pixels removed"
        pictures.append(Picture(draw_seen(case.photo, frame), title, caption, f"{case.name}. {title}, {caption}"))
    show_pictures(pictures, columns=max(3, len(pictures)), tallest="34vh")


def _ranking(asked: Question, sigma: float) -> Ranking:
    return shared.keep(asked.key("ranking", sigma), lambda: ranking(asked.saliency(sigma).values))


def show_maps(asked: Mapping[str, Question], dossier: Dossier) -> None:
    """The maps in question, each over the photo."""
    first = next(iter(asked.values()))
    case, answer = shrink(case_of(first.subject), SEEN_SIDE), compute.prediction(first.subject).prediction
    pictures = [
        replace(picture, title=title_of(method))
        for method, saliency in dossier.maps.items()
        for picture in overlay_pictures(case, [saliency], prediction=answer)
    ]
    show_pictures(pictures, columns=max(3, len(pictures)), tallest="34vh")
