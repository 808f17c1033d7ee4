"""Reports for people: one self-contained HTML file of two A4 pages about a saliency map or an experiment."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from html import escape

import numpy as np
from numpy.typing import NDArray

from saliency_core.attribution import Attribution
from saliency_core.case import (
    PLAIN,
    REDUCTION_WORDS,
    Case,
    MapStyle,
    choose_scales,
    cut,
    draw_saliency,
    draw_views,
    name_class,
    smooth_distinct,
)
from saliency_core.experiment import Experiment, evidence
from saliency_core.frame import Frame
from saliency_core.masking import GREY, Fill, Region
from saliency_core.prediction import Prediction
from saliency_core.record import package_versions
from saliency_core.sheet import (
    BAR_HEIGHT,
    GAP,
    SHEET_HEIGHT,
    SHEET_WIDTH,
    bind,
    draw_strip,
    fit_pictures,
    lay_columns,
    lay_facts,
    lay_guesses,
    lay_list,
    lay_pictures,
    lay_table,
    measure_guesses,
    measure_text,
)
from saliency_core.smoothing import CLIPPED_SHARE, SaliencyMap
from saliency_core.verdict import CHANCE, LARGE_LOSS, LEAST_BELIEF
from saliency_core.words import percent, tell_rarity, tell_sureness, tell_verdict

MOST_REGIONS = 4
"""Regions that are listed one by one; the data has them all."""
HEADING = 12
"""Millimetres that a heading takes, with the space around it."""
NUMBER = 10
"""Millimetres that a large number takes, with the space around it."""
_FILLS: dict[Fill, str] = {
    "black": "black",
    "grey": f"grey, ImageNet’s mean colour {GREY}",
    "blur": "a blurred photo, in which no object is left",
    "noise": "random dots",
}
_SIMONYAN = '<a href="https://arxiv.org/abs/1312.6034">Simonyan et al. 2013, arXiv:1312.6034</a>'
_WANG = '<a href="https://arxiv.org/abs/1910.01279">Wang et al. 2020, arXiv:1910.01279</a>'
_ALQARAAWI = '<a href="https://arxiv.org/abs/2002.00772">Alqaraawi et al. 2020, arXiv:2002.00772</a>'
_SALIENCY_LIMITS = (
    "<b>Not what the model needs.</b> A bright spot means that a small change there would move the score. "
    "It does not mean that the model would miss the object without it. To find that out, hide the "
    "region and ask again: that is the masking experiment.",
    "<b>Not in which direction.</b> The score might go up or down.",
    "<b>Not why this class and no other.</b> Maps of two classes often look alike, since strong edges "
    "move many scores.",
    "<b>Not exactly where.</b> More smoothing is easier to look at, but says less about where. "
    "It smooths the map, not the photo, and adds no knowledge.",
    "<b>Not whether to trust the model.</b> This is one photo and one model. In a study, maps alone helped "
    f"people little to predict what a model does ({_ALQARAAWI}).",
)
_MASKING_LIMITS = (
    f"<b>Relies on the region:</b> hiding it leaves less than {LARGE_LOSS:.0%} of the probability, and at "
    f"most {CHANCE:.0%} of random regions do as much. <b>The answer stays:</b> hiding it leaves "
    f"more, the region alone less, as with most small regions. <b>Does not rely on it:</b> both leave more. "
    f"<b>Inconclusive:</b> anything else, or a class with less than {LEAST_BELIEF:.0%} to begin with.",
    "It is one photo, one model and one way of hiding; another of each may answer differently.",
    "The model has never learnt from photos with patches on them: part of any change is due to the patch.",
    "A region may be missed for what is in it or for its edges. And where two regions say the same, hiding "
    "either of them changes little, although the model uses both.",
)


def saliency_report(
    case: Case,
    prediction: Prediction,
    attribution: Attribution,
    sigmas: Sequence[float],
    made_on: date,
    style: MapStyle = PLAIN,
) -> str:
    """Where the model looks for one class, as an HTML document: a map for each sigma, side by side.

    prediction, attribution: of the case's frame; the attribution's target is the class explained.

    Raises RequestError for no sigma, more than MOST_SIGMAS, an impossible one, or an impossible style.
    """
    maps = smooth_distinct(attribution, sigmas)
    label = name_class(case, attribution.target)
    pictures = draw_saliency(case, maps, attribution.reduction, style)
    title = f"Where the model looks for “{label}”"
    sentence = _tell_target(prediction, attribution.target, label)
    reason = f"The maps show which pixels the score of “{label}” depends on."
    reading = _tell_reading(case, maps, label, style.one_scale)
    answer = lay_guesses(prediction, attribution.target)
    lead_width, answer_width = 106, 71  # as 3 is to 2, and a gap
    room = (
        SHEET_HEIGHT
        - _measure_head(title)
        - max(
            _measure_lead(sentence, reason, lead_width),
            measure_guesses(prediction, attribution.target, answer_width),
        )
        - HEADING
        - measure_text(reading, SHEET_WIDTH, 8.5)
    )
    first = (
        _head("Saliency report", title, case, made_on)
        + lay_columns([_lead(sentence, reason), answer], (3, 2))
        + "<h2>The maps</h2>"
        + lay_pictures(pictures, *fit_pictures(pictures, room), note=reading)
    )
    smoothing = (
        f"gaussian of sigma {', '.join(f'{each.sigma:g}' for each in maps)}, in pixels of the {_size(case.frame)} that "
        "the model sees (scipy.ndimage.gaussian_filter); sigma 0 is the map as computed"
    )
    second = (
        "<h2>The maps in numbers</h2>"
        + lay_table(
            (
                ("Smoothing", 20),
                ("Largest value", 22),
                ("Top of its colour scale", 24),
                ("Half of the saliency lies on", 34),
            ),
            [
                (
                    f"Sigma {each.sigma:g}",
                    f"{each.values.max():.2g}",
                    f"{scale.high:.2g}",
                    f"{percent(half_share(each.values))} of what the model sees",
                )
                for each, scale in zip(maps, choose_scales(maps, style.one_scale), strict=True)
            ],
        )
        + "<p>A map that knew nothing, the same everywhere, would need 50% of the pixels for half of the saliency. "
        "The smaller the share, the fewer places the map points at; smoothing alone makes it larger.</p>"
        + "<h2>What a saliency map does not tell</h2>"
        + lay_list(_SALIENCY_LIMITS)
        + _made(
            case,
            made_on,
            [
                ("Class explained", _class(case, attribution.target)),
                ("Colour channels", escape(REDUCTION_WORDS[attribution.reduction])),
                ("Smoothing", escape(smoothing)),
                ("Colours", escape(f"{style.colour_map}; over the photo at {style.opacity:.0%} opacity")),
            ],
        )
    )
    return bind(title, [first, second])


def masking_report(
    case: Case,
    experiment: Experiment,
    sigma: float,
    made_on: date,
    fills: Mapping[Fill, Experiment] | None = None,
) -> str:
    """What a masking experiment found, as an HTML document.

    sigma: smoothing of its maps, in frame pixels.
    fills: the same experiment under every fill, see compare_fills(); None leaves that part out.

    Raises RequestError for an impossible sigma.
    """
    label = name_class(case, experiment.target)
    numbers = evidence(experiment.views, experiment.controls)
    verdict = experiment.verdict
    title = f"Does the model need what was hidden to say “{label}”?"
    sentence = tell_verdict(verdict, numbers, label)
    reason = f"{verdict.reason} {tell_rarity(numbers)}"
    room = SHEET_HEIGHT - _measure_head(title) - _measure_lead(sentence, reason, SHEET_WIDTH)
    first = (
        _head("Masking experiment", title, case, made_on)
        + _lead(sentence, reason)
        + _lay_views(case, experiment, sigma, room)
    )
    second = (
        "<h2>Compared with chance</h2>"
        + f"<p>{escape(tell_rarity(numbers))}</p>"
        + draw_strip(numbers, label)
        + f"<p>The region holds <b>{percent(experiment.saliency_share)}</b> of the saliency for “{escape(label)}” on "
        f"<b>{percent(experiment.area_share)}</b> of the area. A map that knew nothing would give it "
        f"{percent(experiment.area_share)} ({_WANG}).</p>"
        + ("" if not fills else _lay_fills(fills))
        + "<h2>How this is judged, and what it does not tell</h2>"
        + lay_list(_MASKING_LIMITS)
        + _made(
            case,
            made_on,
            [
                ("Class in question", _class(case, experiment.target)),
                ("Hidden", escape(_tell_regions(experiment.regions))),
                ("Fill", escape(f"hidden pixels become {_FILLS[experiment.fill]}")),
                (
                    "Chance",
                    f"{len(experiment.placements)} random regions of the same shapes; seed {experiment.seed}",
                ),
                ("Colour channels", escape(REDUCTION_WORDS[experiment.views.original.attribution.reduction])),
                ("Smoothing", f"gaussian of sigma {sigma:g}, in pixels of the {_size(case.frame)} that the model sees"),
            ],
        )
    )
    return bind(title, [first, second])


def half_share(values: NDArray[np.float32]) -> float:
    """The least share of pixels that together hold half of a map, in (0, 1]; 0.5 where it is flat."""
    falling = np.sort(values, axis=None)[::-1].astype(np.float64).cumsum()
    if falling[-1] <= 0:
        return 0.5
    return float(1 + np.searchsorted(falling, falling[-1] / 2)) / falling.size


def _lay_views(case: Case, experiment: Experiment, sigma: float, room: float) -> str:
    """Three rows of three: the pictures, the answers, the maps; in each column one view.

    room: millimetres of height.
    """
    target, label = experiment.target, name_class(case, experiment.target)
    drawn = draw_views(case, experiment, sigma)
    column = (SHEET_WIDTH - 2 * GAP) / 3
    before = experiment.views.original.prediction.guess(target).probability
    answers, heights = [], []
    for each in drawn:
        prediction = each.view.prediction
        after = prediction.guess(target).probability
        change = "with nothing hidden" if each.part == "original" else _tell_change(before, after)
        told = f"for “{label}”, {change}"
        answers.append(
            f'<div><p class="moved"><b>{percent(after)}</b><small>{escape(told)}</small></p>'
            f"{lay_guesses(prediction, target)}</div>"
        )
        heights.append(measure_text(told, column, 8) + measure_guesses(prediction, target, column))
    overlays = [each.overlay for each in drawn]
    # Two rows of pictures share what is left; those of the first have no colour bar.
    left = room - 2 * HEADING - NUMBER - max(heights) + BAR_HEIGHT
    columns, wide = fit_pictures(overlays, left / 2, columns=len(drawn))
    return (
        "<h2>What was hidden, and what the model said</h2>"
        + lay_pictures([each.seen for each in drawn], columns, wide)
        + lay_columns(answers, (1,) * columns)
        + "<h2>Where the score comes from, on one colour scale</h2>"
        + lay_pictures(overlays, columns, wide)
    )


def _lay_fills(fills: Mapping[Fill, Experiment]) -> str:
    findings = {experiment.verdict.finding for experiment in fills.values()}
    answer = (
        f"No. Under every fill the finding is the same: {findings.pop().value}."
        if len(findings) == 1
        else "Yes: the finding changes with the fill, so it says something about the fill too. "
        "Trust it less than one that holds under every fill."
    )
    rows = []
    for fill, experiment in fills.items():
        hidden, kept = experiment.views.hidden.prediction, experiment.views.kept.prediction
        rows.append(
            (
                fill.capitalize(),
                percent(hidden.guess(experiment.target).probability),
                cut(hidden.top(1)[0].label),
                percent(kept.guess(experiment.target).probability),
                experiment.verdict.finding.value.capitalize(),
            )
        )
    heads = (
        ("Fill", 10),
        ("Probability if hidden", 19),
        ("Top answer if hidden", 25),
        ("Probability if alone", 18),
        ("Finding", 28),
    )
    return f"<h2>Does it depend on how it is hidden?</h2><p>{escape(answer)}</p>{lay_table(heads, rows)}"


def _head(kind: str, title: str, case: Case, made_on: date) -> str:
    return (
        f'<p class="kicker">{kind} <span>· {made_on.isoformat()} · {escape(case.classifier.title)} · '
        f"“{escape(cut(case.title, 60))}”</span></p><h1>{escape(title)}</h1>"
    )


def _lead(sentence: str, reason: str) -> str:
    return f'<p class="lead">{escape(sentence)}<small>{escape(reason)}</small></p>'


def _measure_head(title: str) -> float:
    return 6 + measure_text(title, SHEET_WIDTH, 18)


def _measure_lead(sentence: str, reason: str, width: float) -> float:
    inside = width - 5  # its rule and the gap beside it
    return 9 + measure_text(sentence, inside, 12.5) + measure_text(reason, inside, 9.5)


def _made(case: Case, made_on: date, settings: Sequence[tuple[str, str]]) -> str:
    """The box from which the same could be made again; the settings' values are HTML."""
    width, height = case.frame.photo_size
    preset, weights = case.classifier.preset, case.classifier.weights
    fit = {
        "crop": f"crop: short side resized to {preset.resize} pixels, of which the central {_size(case.frame)}",
        "squash": f"squash: the whole photo resized to {_size(case.frame)} pixels, losing its proportions",
    }[case.fit]
    versions = ", ".join(f"{name} {number}" for name, number in package_versions().items())
    return (
        '<div class="made"><h2>How this was made</h2>'
        + lay_facts(
            [
                ("Photo", f"“{escape(cut(case.title, 60))}”, {width} x {height} pixels"),
                ("Credit and licence", escape(cut(case.credit, 160)) or "not given"),
                ("Photo’s sha256", f"<code>{escape(case.digest)}</code>"),
                ("Model", f"{escape(case.classifier.title)}; weights from {escape(weights.origin)}"),
                ("Weights’ sha256", f"<code>{escape(weights.sha256)}</code>"),
                ("Fit", escape(fit)),
                *settings,
                ("Method", f"size of the gradient of the class’s score (the logit) by the pixels; {_SIMONYAN}"),
                (
                    "Colour scale",
                    "change of the score per unit of normalised input; its top leaves the brightest "
                    f"{CLIPPED_SHARE:.1%} of the pixels above it",
                ),
                ("Made", f"on {made_on.isoformat()} with {escape(versions)}"),
            ]
        )
        + "</div>"
    )


def _tell_target(prediction: Prediction, target: int, label: str) -> str:
    best, second = (replace(guess, label=cut(guess.label)) for guess in prediction.top(2))
    if best.index == target:
        return tell_sureness(best, second)
    return (
        f"The model does not say “{label}”: it gives it {percent(prediction.guess(target).probability)}, "
        f"place {prediction.rank(target)} of {len(prediction.categories):,}. "
        f"It says “{best.label}”, with {percent(best.probability)}."
    )


def _tell_reading(case: Case, maps: Sequence[SaliencyMap], label: str, one_scale: bool) -> str:
    if len(maps) == 1:
        scale = "Both pictures of the map have the same colour scale."
    elif one_scale:
        scale = (
            "All maps share one colour scale: the same colour means the same value in every panel. Smoothing "
            "spreads peaks, so smoother maps are darker."
        )
    else:
        scale = "Each map has a colour scale of its own, so panels cannot be compared by colour."
    return (
        f"How to read this. Dark: the score of “{label}” hardly depends on this pixel. Bright: a small change there "
        f"would move it a lot. {scale} Sigma says how far each value is blurred into its neighbours, in pixels of "
        f"the {_size(case.frame)} that the model sees."
    )


def _tell_change(before: float, after: float) -> str:
    points = round(100 * (after - before))
    if points == 0:
        return "the same to within one point"
    counted = "1 point" if abs(points) == 1 else f"{abs(points)} points"
    return f"{counted} {'more' if points > 0 else 'less'} than before"


def _tell_regions(regions: Sequence[Region]) -> str:
    told = [f"top {one.top}, left {one.left}, height {one.height}, width {one.width}" for one in regions[:MOST_REGIONS]]
    more = len(regions) - len(told)
    return "; ".join(told) + (f"; and {more} more" if more else "") + " (in pixels of what the model sees)"


def _class(case: Case, target: int) -> str:
    return f"“{escape(name_class(case, target))}” (class {target} of {len(case.classifier.categories):,})"


def _size(frame: Frame) -> str:
    return f"{frame.side} x {frame.side}"
