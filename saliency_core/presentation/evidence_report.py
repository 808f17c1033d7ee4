"""A report of the evidence on the maps of one photo and class: one self-contained HTML file."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from saliency_core.evidence.card import TESTS
from saliency_core.evidence.dossier import Dossier, lines_over_photos
from saliency_core.evidence.published import Published
from saliency_core.evidence.words import (
    tell_classes,
    tell_entropy,
    tell_filmstrip,
    tell_removal,
    tell_sigmas,
    tell_which,
)
from saliency_core.methods.registry import find_method
from saliency_core.methods.smoothing import SaliencyMap
from saliency_core.models.prediction import Prediction
from saliency_core.presentation.captions import FILL_NAMES, describe_class, describe_method, describe_size
from saliency_core.presentation.case import Case, shrink
from saliency_core.presentation.charts import Row, arrange_card, arrange_curves, arrange_sigmas
from saliency_core.presentation.evidence_pictures import class_pictures, film_pictures, titled
from saliency_core.presentation.pieces import render
from saliency_core.presentation.report import common_values
from saliency_core.text import begin, join_words

SMALL_SIDE = 420
"""Longer side of a report's many small pictures, in pixels."""


def evidence_report(
    case: Case, prediction: Prediction, dossier: Dossier, made_on: date, table: Published | None = None
) -> str:
    """What was found out about the maps of one class, as an HTML document; what was not tested is told so.

    prediction: of the case's frame. dossier: with at least one map. table: what was published of this model.

    Raises RequestError for a method that is not registered.
    """
    maps = list(dossier.maps.values())
    first, small, label = maps[0], shrink(case, SMALL_SIDE), case.label(maps[0].target)
    titles = {method: begin(find_method(method).title) for method in dossier.maps}
    removal = dossier.removal
    fills = removal.fills if removal else ()
    settings = (
        ("Class explained", describe_class(case, first.target, prediction)),
        ("Smoothing", f"gaussian of sigma {first.sigma:g}, in pixels of the {describe_size(case.frame)} frame"),
        ("Removed pixels", f"become {join_words([FILL_NAMES[fill] for fill in fills])}" if fills else "not tested"),
    )
    names = {} if dossier.sigmas is None else {name: float(name) for name in dossier.sigmas.maps}
    return render(
        "evidence_report.html",
        **common_values(case, made_on, first, settings) | _methods(maps),
        script="",
        beside=None,
        kind="Evidence report",
        title=f"Can the maps of “{label}” be believed?",
        label=label,
        pictures=[titled(small, each, titles[method], prediction) for method, each in dossier.maps.items()],
        which=tell_which(removal, _in_sentences(titles)) if removal else "",
        removal=[tell_removal(removal, name, find_method(name).title) for name in titles] if removal else [],
        curves=[(begin(FILL_NAMES[fill]), arrange_curves(removal, fill, titles, label)) for fill in fills]
        if removal
        else [],
        sigmas=arrange_sigmas(dossier.sigmas, names, dossier.sigmas_of, table) if dossier.sigmas else None,
        sigmas_title=f"Which sigma? {titles.get(dossier.sigmas_of, '')}",
        sigmas_told=tell_sigmas(dossier.sigmas, names) if dossier.sigmas else "",
        photos=table.photos if table else 0,
        source=table.source if table else "",
        films=_films(small, dossier, titles, prediction),
        classes=[
            (
                titles[method],
                tell_classes(each, case.classifier.categories),
                class_pictures(small, dossier.maps[method], each, prediction),
            )
            for method, each in dossier.classes.items()
        ],
        cards=[(titles[method], _card(case, dossier, method, table)) for method in dossier.maps],
        questions=TESTS,
    )


def _methods(maps: Sequence[SaliencyMap]) -> dict[str, object]:
    """All methods, where a report of one map has its method; the template gives the last one's reference."""
    *before, last = maps
    told = [f"{describe_method(each)} ({find_method(each.method).reference})" for each in before]
    unit = "each map has a scale of its own, in its method’s unit"
    return {
        "method_words": "; ".join([*told, describe_method(last)]),
        "method": replace(find_method(last.method), unit=unit),
    }


def _films(
    case: Case, dossier: Dossier, titles: dict[str, str], prediction: Prediction
) -> list[tuple[str, str, tuple[object, ...]]]:
    found: list[tuple[str, str, tuple[object, ...]]] = []
    for method, strip in dossier.filmstrips.items():
        null = dossier.nulls.get(method, ())
        told = f"{tell_filmstrip(strip, method, null)} {tell_entropy(strip.rise(method))}"
        found.append((titles[method], told, film_pictures(case, strip, method, null, prediction)))
    return found


def _card(case: Case, dossier: Dossier, method: str, table: Published | None) -> tuple[Row, ...]:
    own = dossier.lines(method, case.classifier.categories)
    return arrange_card(own, lines_over_photos(table, method) if table else {})


def _in_sentences(titles: dict[str, str]) -> dict[str, str]:
    return {method: find_method(method).title for method in titles}
