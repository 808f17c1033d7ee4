"""Can these maps be believed? Each is put to the same tests, beside maps that know nothing."""

from collections.abc import Mapping
from datetime import date

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import saliency_core as core
from pages.ui import compute, session
from pages.ui.compute import Subject, case_of
from pages.ui.downloads import file_name
from pages.ui.evidence import working
from pages.ui.evidence.choices import allow_long, choose_fill, choose_methods, title_of
from pages.ui.evidence.parts import fold, run_classes, run_film, run_shakes, run_sigmas
from pages.ui.evidence.removing import run_removal, show_maps, show_steps
from pages.ui.evidence.working import Question
from pages.ui.pickers import sigma_slider, target_picker
from pages.ui.shell import open_page
from pages.ui.words import as_text
from saliency_core.evidence.card import TESTS
from saliency_core.evidence.dossier import Dossier, lines_over_photos
from saliency_core.evidence.published import Published, find_published
from saliency_core.presentation.charts import arrange_card, render_card
from saliency_core.presentation.evidence_report import evidence_report
from saliency_core.presentation.words import tell_explained

SCORE = (
    "Pixels are taken away in a map’s order: once the most relevant first, once the least relevant first. If the map "
    "is right about this answer, the first curve falls early and the second one late. The area between them is the "
    "score. It means something only beside maps that know nothing of the answer: a spot in the middle, the photo’s "
    "edges, noise, and maps of other photos."
)


def make_map(asked: Question, place: DeltaGenerator) -> str:
    """Make a map; why that cannot be done, if so."""
    try:
        for share in working.explain_slowly(asked):
            place.progress(share, f"Making the map: {title_of(asked.method)} …")
    except core.SaliencyError as error:
        return str(error)
    return ""


def make_maps(
    asked: Mapping[str, Question], sigma: float, place: DeltaGenerator, drawn: DeltaGenerator
) -> tuple[dict[str, Question], Dossier]:
    """The maps that can be made, each shown as it is there, and why the others cannot."""
    made: dict[str, Question] = {}
    dossier, problems = Dossier({}), []
    for method, each in asked.items():
        if problem := make_map(each, place):
            problems.append(f"**{title_of(method)}** is left out. {as_text(problem)}")
        else:
            made[method] = each
            dossier = Dossier({**dossier.maps, method: each.saliency(sigma)})
            with drawn.container():
                show_maps(made, dossier)
    if problems:
        place.warning("  \n".join(problems), icon=":material/block:")
    else:
        place.empty()
    return made, dossier


def show_cards(place: DeltaGenerator, asked: Mapping[str, Question], dossier: Dossier, table: Published | None) -> None:
    """What was found, for each method."""
    with place.container():
        for method, each in asked.items():
            st.markdown(f"**{title_of(method)}**")
            own = dossier.lines(method, each.subject.classifier.categories)
            published = lines_over_photos(table, method) if table else {}
            st.html(render_card(arrange_card(own, published)))


def offer_evidence(subject: Subject, target: int, dossier: Dossier, table: Published | None) -> None:
    """A report of what has been found so far; made when asked for."""
    case, answer, today = case_of(subject), compute.prediction(subject).prediction, date.today()
    st.download_button(
        "Save report (.html)",
        lambda: evidence_report(case, answer, dossier, today, table),
        file_name("evidence", subject, target, "-report.html"),
        "text/html",
        icon=":material/description:",
        on_click="ignore",
        help="One file with the curves, the sentences and the cards of all tests that have been made so far.",
    )


def run(subject: Subject, target: int) -> None:
    """The page below the choice of a class: all places first, then what takes time."""
    chosen = allow_long(choose_methods())
    sigma_slider(compute.frame(subject).side)
    sigma = session.sigma()
    if not chosen:
        st.info("Choose at least one method to test its map.")
        return
    magnitude = session.setting("reduction")
    place, drawn_maps = st.empty(), st.empty()
    asked, dossier = make_maps(
        {method: working.question(subject, target, method, magnitude) for method in chosen}, sigma, place, drawn_maps
    )
    if not asked:
        return
    st.subheader(TESTS["removal"], anchor=False)
    st.markdown(SCORE)
    fills = choose_fill()
    with st.container(key="finding"):
        told = st.empty()
    drawn, each_told, steps = st.empty(), st.empty(), st.container()
    first = next(iter(asked.values()))
    of_sigma = fold(
        "part_sigma",
        "Which sigma?",
        f"The same score at several smoothings of the map by {title_of(first.method)}, in grey. It takes about "
        "a minute.",
    )
    of_film = fold(
        "part_learned",
        TESTS["untrained"],
        "The network’s weights are shuffled, the last layers first, until nothing is left of what it learned. To pass "
        "is necessary, but cannot rank methods. It takes some seconds to a minute a method.",
    )
    of_class = fold(
        "part_class",
        TESTS["class"],
        "The map of the next best class and of one at random, beside what slight noise on the photo does to the map. "
        "It takes some seconds a method.",
    )
    of_shake = fold(
        "part_steady",
        TESTS["steadiness"],
        "The photo is changed by less than one can see, ten times at random. It takes some seconds a method.",
    )
    st.subheader("What was found, method by method", anchor=False)
    cards, report = st.empty(), st.container()
    table = find_published(subject.classifier)
    show_cards(cards, asked, dossier, table)
    with report:
        offer_evidence(subject, target, dossier, table)
    run_removal(asked, sigma, fills, dossier, told, drawn, each_told)
    if dossier.removal is not None:
        with steps:
            show_steps(asked, dossier.removal, sigma, fills.shown)
    show_cards(cards, asked, dossier, table)
    run_film(of_film, asked, sigma, dossier)
    show_cards(cards, asked, dossier, table)
    run_classes(of_class, asked, sigma, dossier)
    show_cards(cards, asked, dossier, table)
    run_shakes(of_shake, asked, sigma, dossier)
    show_cards(cards, asked, dossier, table)
    run_sigmas(of_sigma, first, session.largest_sigma(compute.frame(subject).side), dossier, table)


page = open_page(
    "Evidence", "Can these maps be believed? Each is put to the same tests, beside maps that know nothing."
)
prediction = compute.prediction(page).prediction
explained = target_picker(page, prediction)
if explained != prediction.best():
    st.markdown(as_text(tell_explained(prediction, explained)))
if session.beside():
    st.caption("The second model is left out here. To test its maps, choose it as the model.")
run(page, explained)
