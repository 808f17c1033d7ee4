"""The parts of the evidence that take long: sigma, what was learned, the class, steadiness. Each is folded until it is
wanted; folding it again stops it, and what it has found stays."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import compute
from pages.ui.compute import Subject, case_of
from pages.ui.evidence import working
from pages.ui.evidence.choices import title_of
from pages.ui.evidence.working import Ingredients, Question
from pages.ui.pictures import show_pictures
from pages.ui.words import as_text
from saliency_core.evidence.classes import ClassEvidence
from saliency_core.evidence.dossier import Dossier
from saliency_core.evidence.filmstrip import Filmstrip
from saliency_core.evidence.published import Published
from saliency_core.evidence.steadiness import Steadiness
from saliency_core.evidence.words import (
    explain_untrained,
    tell_classes,
    tell_entropy,
    tell_filmstrip,
    tell_sigmas,
    tell_steadiness,
    tell_untrained,
)
from saliency_core.presentation.case import Case, shrink
from saliency_core.presentation.charts import arrange_sigmas, render_sigmas
from saliency_core.presentation.evidence_pictures import class_pictures, film_pictures

SIGMAS = (0.0, 2.0, 5.0, 10.0, 20.0)
SEEN_SIDE = 420
"""Longer side of the pictures in a row of many, in pixels."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part that is folded until it is wanted.

    slot: where what it finds comes; None while it is folded.
    """

    slot: DeltaGenerator | None


def fold(key: str, question: str, about: str) -> Part:
    """A part, with a line on what it does and how long it takes."""
    with st.expander(question, key=key, on_change="rerun") as part:
        st.caption(about)
        return Part(st.container() if part.open else None)


def run_sigmas(part: Part, asked: Question, largest: float, dossier: Dossier, table: Published | None) -> None:
    """Which sigma? One method's score at several, each in the band of what it is compared with."""
    if part.slot is None:
        return
    with part.slot:
        progress, chart, words = st.empty(), st.empty(), st.empty()
    sigmas = {f"{sigma:g}": sigma for sigma in SIGMAS if sigma <= largest}
    progress.progress(0.0, f"{title_of(asked.method)}: maps of other photos …")
    maps = {name: asked.saliency(sigma).values for name, sigma in sigmas.items()}
    compared = {name: working.controls(asked, sigma) for name, sigma in sigmas.items()}
    key = "sigmas", asked.method, asked.reduction
    shown, stage = "", None
    for stage in working.remove(asked.subject, asked.target, maps, compared, ("grey",), key):
        progress.progress(stage.share, f"{title_of(asked.method)}: removing pixels at {len(sigmas)} sigmas …")
        html = render_sigmas(arrange_sigmas(stage, sigmas, asked.method, table), table.photos if table else 0)
        if html != shown:
            chart.html(shown := html)
    progress.empty()
    if stage is not None:
        dossier.sigmas, dossier.sigmas_of = stage, asked.method
        words.markdown(as_text(tell_sigmas(stage, sigmas)))


def run_film(part: Part, asked: Mapping[str, Question], sigma: float, dossier: Dossier) -> None:
    """Does it depend on what was learned? An untrained network's maps, and the filmstrips on the way there."""
    if part.slot is None:
        return
    with part.slot:
        progress = st.empty()
        places = {method: (st.empty(), st.empty()) for method in asked}
    said: dict[str, str] = {}
    for method, each in asked.items():
        for made in working.gather(each):
            if isinstance(made, Ingredients):
                untrained = dossier.untrained[method] = working.compare_with_untrained(each, made, sigma)
                said[method] = f"{_heading(method)}{as_text(tell_untrained(untrained))} {explain_untrained(untrained)}"
                places[method][0].markdown(said[method])
            else:
                progress.progress(made, f"{title_of(method)}: the map of a network with shuffled weights …")
        dossier.nulls[method] = working.null_of(each, sigma)
    for stage in working.films(asked, sigma):
        if isinstance(stage, Filmstrip):
            for method in stage.pictures:
                _show_film(stage, method, asked[method], said[method], dossier, places[method])
        else:
            progress.progress(stage, "Shuffling more and more of the network, the last layers first …")
    progress.empty()


def _show_film(
    strip: Filmstrip,
    method: str,
    asked: Question,
    said: str,
    dossier: Dossier,
    places: tuple[DeltaGenerator, DeltaGenerator],
) -> None:
    """A method's filmstrip as far as it is done; said: what stands above it already."""
    told, film = places
    null, answer = dossier.nulls[method], compute.prediction(asked.subject).prediction
    with film.container():
        show_pictures(film_pictures(_case(asked.subject), strip, method, null, answer), columns=5, tallest="26vh")
    if strip.share >= 1:
        dossier.filmstrips[method] = strip
        lines = tell_filmstrip(strip, method, null), tell_entropy(strip.rise(method))
        told.markdown(f"{said}\n\n{as_text(' '.join(lines))}")


def run_classes(part: Part, asked: Mapping[str, Question], sigma: float, dossier: Dossier) -> None:
    """Does it depend on the class? Maps of two other classes beside this one's."""
    for method, each, place in _each(part, asked):
        with place:
            progress, told, pictures = st.empty(), st.empty(), st.empty()
        for stage in working.compare_classes(each, sigma):
            if not isinstance(stage, ClassEvidence):
                progress.progress(stage, f"{title_of(method)}: maps of other classes, and under slight noise …")
                continue
            dossier.classes[method] = stage
            progress.empty()
            told.markdown(_heading(method) + as_text(tell_classes(stage, each.subject.classifier.categories)))
            answer = compute.prediction(each.subject).prediction
            with pictures.container():
                drawn = class_pictures(_case(each.subject), dossier.maps[method], stage, answer)
                show_pictures(drawn, columns=max(4, len(drawn)), tallest="26vh")


def run_shakes(part: Part, asked: Mapping[str, Question], sigma: float, dossier: Dossier) -> None:
    """Is it steady? What tiny changes of the photo do to the map."""
    for method, each, place in _each(part, asked):
        with place:
            progress, told = st.empty(), st.empty()
        for stage in working.shake(each, sigma):
            if not isinstance(stage, Steadiness):
                progress.progress(stage, f"{title_of(method)}: moving the photo a little, ten times …")
                continue
            dossier.steadiness[method] = stage
            progress.empty()
            told.markdown(_heading(method) + as_text(tell_steadiness(stage)))


def _each(part: Part, asked: Mapping[str, Question]) -> Iterable[tuple[str, Question, DeltaGenerator]]:
    """The questions in turn, each with a place, if the part is wanted; the places are all there from the beginning."""
    if part.slot is None:
        return
    with part.slot:
        places = [st.container() for _ in asked]
    for (method, each), place in zip(asked.items(), places, strict=True):
        yield method, each, place


def _heading(method: str) -> str:
    return f"**{title_of(method)}.** "


def _case(subject: Subject) -> Case:
    return shrink(case_of(subject), SEEN_SIDE)
