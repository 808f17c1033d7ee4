"""Reports for people: one self-contained HTML file of two A4 pages about a saliency map or an experiment, and more
where a second model stands beside the first."""

import base64
from collections.abc import Mapping, Sequence
from datetime import date

from saliency_core.masking.experiment import ComparedFill, Experiment
from saliency_core.methods.attribution import Attribution
from saliency_core.methods.measures import half_share
from saliency_core.methods.registry import find_method
from saliency_core.methods.smoothing import CLIPPED_SHARE, SIGMA_STEP, SaliencyMap, largest_sigma
from saliency_core.models.prediction import Prediction
from saliency_core.packages import package_versions
from saliency_core.photos.fills import Fill
from saliency_core.presentation.beside_pictures import Explained
from saliency_core.presentation.beside_report import Judged, masking_section, saliency_section
from saliency_core.presentation.captions import (
    DECLARATION_NAMES,
    FILL_CAPTIONS,
    FILL_NAMES,
    PARTS,
    SIGMA_HELP,
    SIGMA_LABEL,
    describe_crop,
    describe_maps,
    describe_method,
    describe_options,
    describe_sigma,
    describe_size,
    describe_unit,
    name_sides,
    tell_reading,
    title_maps,
    title_masking,
)
from saliency_core.presentation.case import PLAIN, Case, MapStyle, shrink
from saliency_core.presentation.colours import choose_colours
from saliency_core.presentation.live import pack_colours, pack_map, place_frame, read_script
from saliency_core.presentation.masking_pictures import each_view, map_pictures, seen_pictures
from saliency_core.presentation.pieces import arrange_cells, arrange_strips, choose_columns, ranked, render
from saliency_core.presentation.rule import EFFECTS, LIMITS, RULE, tell_fills, tell_mass
from saliency_core.presentation.saliency_pictures import choose_scales, saliency_pictures, smooth_distinct
from saliency_core.presentation.words import tell_change, tell_explained, tell_range, tell_regions
from saliency_core.text import begin, cut, percent


def saliency_report(
    case: Case,
    prediction: Prediction,
    attribution: Attribution,
    sigmas: Sequence[float],
    made_on: date,
    style: MapStyle = PLAIN,
    beside: Explained | None = None,
    beside_scale: bool = True,
) -> str:
    """Which pixels the score of one class reacts to, as an HTML document: a map for each sigma, side by side.

    prediction, attribution: of the case's frame; the attribution's target is the class explained.
    beside: what a second model says of the photo, and its map; both maps are shown at the middle one of the sigmas.
    beside_scale: whether the two models' maps share one colour scale.

    Raises RequestError for no sigma, more than MOST_SIGMAS, an impossible one, an impossible style, or a method
    that is not registered.
    """
    maps = smooth_distinct(attribution, sigmas)
    target, label = attribution.target, case.label(attribution.target)
    pictures = saliency_pictures(shrink(case), maps, style, prediction=prediction)
    columns = choose_columns(len(pictures), pictures[0].ratio)
    middle = maps[len(maps) // 2].sigma
    explained = Explained(case, prediction, attribution)
    minus = "" if attribution.against is None else f", minus {_class(case, attribution.against)}"
    colours = choose_colours(attribution.signed, style.colour_map)
    settings = (
        ("Class explained", f"{_class(case, target)}{minus}"),
        (
            "Smoothing",
            f"gaussian of sigma {', '.join(f'{each.sigma:g}' for each in maps)}, in pixels of the "
            f"{describe_size(case.frame)} that the model sees (scipy.ndimage.gaussian_filter); sigma 0 is the map "
            "as computed",
        ),
        ("Colours", f"{colours}; over the photo at {style.opacity:.0%} opacity"),
    )
    return render(
        "saliency_report.html",
        **common_values(case, made_on, attribution, settings),
        script=read_script() + read_script("saliency_report.js"),
        largest="Least and largest value" if attribution.signed else "Largest value",
        live=_live(case, prediction, attribution, middle, style),
        sigma_label=SIGMA_LABEL,
        sigma_help=SIGMA_HELP,
        beside=beside and saliency_section(explained, beside, middle, style, beside_scale),
        kind="Saliency report",
        title=title_maps(case, attribution),
        sentence=tell_explained(prediction, target),
        label=label,
        pictures=pictures,
        columns=columns,
        reading=tell_reading(case, maps, style.one_scale),
        guesses=ranked(prediction, target),
        target=target,
        numbers=[
            (
                begin(describe_sigma(each.sigma)),
                tell_range(each.values, each.signed),
                f"{scale.high:.2g}",
                percent(half_share(each.values)),
            )
            for each, scale in zip(maps, choose_scales(maps, style.one_scale), strict=True)
        ],
    )


def masking_report(
    case: Case,
    experiment: Experiment,
    sigma: float,
    made_on: date,
    fills: Mapping[Fill, ComparedFill] | None = None,
    beside: Judged | None = None,
) -> str:
    """What a masking experiment found, as an HTML document.

    sigma: smoothing of its maps, in frame pixels.
    fills: the same experiment under every fill, see compare_fills(); None leaves that part out.
    beside: a second model's experiment on the same regions of the photo.

    Raises RequestError for an impossible sigma or a method that is not registered.
    """
    target, label = experiment.target, case.label(experiment.target)
    numbers, attribution = experiment.evidence, experiment.views.original.attribution
    small = shrink(case)
    seen = seen_pictures(small, experiment.views, experiment.regions, experiment.declared)
    settings = (
        ("Class in question", _class(case, target)),
        ("Hidden", f"{tell_regions(experiment.regions)}; declared as {DECLARATION_NAMES[experiment.declared]}"),
        ("Fill", f"hidden pixels become {FILL_CAPTIONS[experiment.fill]}"),
        ("Chance", f"{len(experiment.placements)} random places of the same shapes; seed {experiment.seed}"),
        ("Smoothing", f"gaussian of sigma {sigma:g}, in pixels of the {describe_size(case.frame)} that the model sees"),
    )
    changes = (
        "with nothing hidden",
        tell_change(numbers.original, numbers.hidden),
        tell_change(numbers.original, numbers.kept),
    )
    return render(
        "masking_report.html",
        **common_values(case, made_on, attribution, settings),
        script="",
        parts=PARTS,
        beside=beside and masking_section(Judged(case, experiment), beside, sigma),
        kind="Masking experiment",
        title=title_masking(label),
        verdict=experiment.verdict,
        label=label,
        seen=seen,
        maps=map_pictures(small, experiment.views, seen, sigma),
        columns=len(PARTS),
        answers=[
            (view.prediction.guess(target).probability, change, ranked(view.prediction, target))
            for view, change in zip(each_view(experiment.views), changes, strict=True)
        ],
        target=target,
        strips=arrange_strips(numbers),
        cells=arrange_cells(experiment.views) if experiment.declared == "object" else (),
        experiment=experiment,
        fills=_compare(fills, target),
        fills_sentence=tell_fills({fill: each.claim for fill, each in fills.items()}) if fills else "",
        mass=tell_mass(experiment.relevance_mass, experiment.area_share, label),
        effects=EFFECTS,
        rule=[(begin(claim.value), when) for claim, when in RULE],
        limits=LIMITS,
    )


def common_values(
    case: Case, made_on: date, attribution: Attribution | SaliencyMap, settings: Sequence[tuple[str, str]]
) -> dict[str, object]:
    """What every report tells: photo, model, method, and how it was made.

    settings: what it tells besides, as names and values.
    """
    return {
        "case": case,
        "credit": cut(case.credit, 160) or "not given",
        "made_on": made_on.isoformat(),
        "method": find_method(attribution.method),
        "method_words": describe_method(attribution),
        "method_options": describe_options(attribution),
        "crop": describe_crop(case),
        "settings": settings,
        "unit": describe_unit(attribution),
        "beyond": _tell_beyond(attribution),
        "versions": ", ".join(f"{name} {number}" for name, number in package_versions().items()),
    }


def _tell_beyond(attribution: Attribution | SaliencyMap) -> str:
    """How much of a map lies beyond its colour scale."""
    if attribution.signed:
        return f"its ends, as far below 0 as above, leave {CLIPPED_SHARE:.1%} of the pixels beyond them"
    return f"its top leaves the brightest {CLIPPED_SHARE:.1%} of the pixels above it"


def _live(
    case: Case, prediction: Prediction, attribution: Attribution, sigma: float, style: MapStyle
) -> dict[str, object]:
    """What the report's script draws maps of; sigma: the one that it begins with."""
    about, packed = pack_map(attribution)
    return {
        **about,
        "raw": base64.b64encode(packed).decode(),
        "sides": name_sides(case, attribution),
        "box": place_frame(case.frame),
        "table": pack_colours(choose_colours(attribution.signed, style.colour_map)),
        "opacity": style.opacity,
        "clippedShare": CLIPPED_SHARE,
        "told": describe_maps(case, attribution, prediction),
        "sigma": sigma,
        "most": largest_sigma(case.frame.side),
        "step": SIGMA_STEP,
    }


def _compare(fills: Mapping[Fill, ComparedFill] | None, target: int) -> list[tuple[str, ...]]:
    return [
        (
            begin(FILL_NAMES[fill]),
            percent(each.hidden.guess(target).probability),
            cut(each.hidden.top(1)[0].label),
            percent(each.kept.guess(target).probability),
            begin(each.claim.value),
        )
        for fill, each in (fills or {}).items()
    ]


def _class(case: Case, target: int) -> str:
    return f"“{case.label(target)}” (class {target} of {len(case.classifier.categories):,})"
