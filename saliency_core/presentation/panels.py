"""The slides of a saliency map and of a masking experiment: what stands on them."""

from collections.abc import Sequence
from dataclasses import replace

from matplotlib.figure import Figure

from saliency_core.masking.experiment import Experiment
from saliency_core.methods.registry import find_method
from saliency_core.methods.smoothing import SaliencyMap
from saliency_core.models.prediction import Prediction
from saliency_core.presentation.captions import (
    CROP_MODE_NAMES,
    FILL_CAPTIONS,
    PARTS,
    describe_answer,
    describe_class,
    describe_maps,
    describe_method,
    describe_sigma,
    describe_unit,
    tell_signs,
    title_maps,
    title_masking,
)
from saliency_core.presentation.case import PLAIN, Case, MapStyle
from saliency_core.presentation.masking_pictures import each_view, map_pictures, seen_pictures
from saliency_core.presentation.pieces import arrange_cells
from saliency_core.presentation.saliency_pictures import overlay_pictures, photo_picture, saliency_pictures
from saliency_core.presentation.slides import draw_slide
from saliency_core.presentation.words import tell_explained
from saliency_core.text import begin, cut, percent


def saliency_figure(case: Case, prediction: Prediction, maps: Sequence[SaliencyMap], style: MapStyle = PLAIN) -> Figure:
    """The photo and each of one or more maps of one class over it, on a slide; a single map also alone.

    prediction: of the case's frame.

    Raises RequestError for an impossible style.
    """
    first = maps[0]
    pictures = [replace(each, caption="") for each in saliency_pictures(case, maps, style, prediction=prediction)]
    if len(maps) == 1:
        pictures[1] = replace(pictures[1], title=f"Map over the photo, {describe_sigma(first.sigma)}")
    footer = (
        describe_maps(case, first, prediction),
        "sigma: smoothing of the map, in pixels of what the model sees",
        *(() if len(maps) == 1 else ("one colour scale for all" if style.one_scale else "each map on its own scale",)),
        f"colours: {describe_unit(first)}",
        *_tell_source(case),
    )
    told = tell_explained(prediction, first.target), tell_signs(case, first)
    lead = " ".join(filter(None, told))
    return draw_slide(pictures, title_maps(case, first), lead, " · ".join(footer))


def methods_figure(case: Case, prediction: Prediction, maps: Sequence[SaliencyMap], style: MapStyle = PLAIN) -> Figure:
    """The photo and, over it, the maps of one class by several methods, on a slide; each on a scale of its own.

    prediction: of the case's frame.
    maps: of one class and sigma.

    Raises RequestError for an impossible style.
    """
    first, own = maps[0], replace(style, one_scale=False)
    drawn = overlay_pictures(case, maps, own, prediction=prediction)
    pictures = [
        replace(photo_picture(case), caption=""),
        *(
            replace(picture, title=begin(find_method(each.method).title), caption=describe_method(each))
            for picture, each in zip(drawn, maps, strict=True)
        ),
    ]
    footer = (
        f"{describe_answer(case, first.target, prediction)} · {describe_sigma(first.sigma)}",
        "sigma: smoothing of the map, in pixels of what the model sees",
        "each map on its own scale: methods measure different things",
        *_tell_source(case),
    )
    told = tell_explained(prediction, first.target), tell_signs(case, first)
    lead = " ".join(filter(None, told))
    return draw_slide(pictures, title_maps(case, first), lead, " · ".join(footer))


def masking_figure(case: Case, experiment: Experiment, sigma: float) -> Figure:
    """The three views of an experiment, and the map of each, on one colour scale, on a slide.

    sigma: smoothing of the maps, in frame pixels.

    Raises RequestError for an impossible sigma.
    """
    views, target = experiment.views, experiment.target
    seen = seen_pictures(case, views, experiment.regions, experiment.declared)
    pictures = []
    for picture, view in zip(seen, each_view(views), strict=True):
        best = view.prediction.top(1)[0]
        told = describe_class(case, target, view.prediction)
        told += "" if best.index == target else f"\nBest guess: “{cut(best.label)}”, {percent(best.probability)}"
        pictures.append(replace(picture, caption=told))
    pictures += [replace(each, caption="") for each in map_pictures(case, views, seen, sigma)]
    attribution = views.original.attribution
    cells = [f"{title}: {percent(share)}" for title, share in arrange_cells(views)]
    verdict = experiment.verdict
    footer = (
        *(cells if experiment.declared == "object" else ()),
        f"Maps of “{case.label(target)}” on one colour scale: {case.classifier.title}, "
        f"{describe_method(attribution)}, {describe_sigma(sigma)}",
        f"hidden pixels become {FILL_CAPTIONS[experiment.fill]}",
        f"colours: {describe_unit(attribution)}",
        *_tell_source(case),
    )
    lead = " ".join((verdict.sentence, *verdict.limits))
    return draw_slide(
        pictures, title_masking(case.label(target)), lead, " · ".join(footer), columns=(len(PARTS), 2 * len(PARTS))
    )


def _tell_source(case: Case) -> tuple[str, ...]:
    """Where the pictures come from."""
    source = ", ".join(filter(None, (f"“{case.name}”", cut(case.credit, 160))))
    return f"crop mode: {CROP_MODE_NAMES[case.frame.crop_mode]}", source
