"""The maps of two models over one photo, side by side."""

from dataclasses import dataclass

from saliency_core.methods.attribution import Attribution
from saliency_core.methods.smoothing import SaliencyMap, share_sigma, shared_scale, smooth
from saliency_core.models.prediction import Prediction
from saliency_core.presentation.beside import ONE_SCALE, OWN_SCALES, name_both, tell_reach, tell_sigmas
from saliency_core.presentation.captions import describe_map, name_sides
from saliency_core.presentation.case import PLAIN, Case, MapStyle
from saliency_core.presentation.colours import choose_colours
from saliency_core.presentation.figures import draw_overlay
from saliency_core.presentation.pictures import Picture


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """A photo as one model sees it, what it says of it, and the map of one of its classes before smoothing."""

    case: Case
    prediction: Prediction
    attribution: Attribution


def tell_pair(first: Explained, second: Explained, sigma: float, one_scale: bool = True) -> str:
    """How the maps of pair_pictures() are coloured and smoothed, in a few sentences.

    Raises RequestError for an impossible sigma.
    """
    sides = first.case.frame.side, second.case.frame.side
    told = [ONE_SCALE if one_scale else OWN_SCALES]
    if one_scale:
        names = name_both(first.case.classifier, second.case.classifier)
        told.append(tell_reach(names, *(shared_scale([each]) for each in _smooth_both(first, second, sigma))))
    told.append(tell_sigmas(sigma, *sides))
    return " ".join(filter(None, told))


def pair_pictures(
    first: Explained, second: Explained, sigma: float, style: MapStyle = PLAIN, *, one_scale: bool = True
) -> tuple[Picture, Picture]:
    """The map of each of two models over the photo, at the photo's size.

    sigma: in the first one's frame pixels; the second's map is smoothed by the same share of its frame.
    one_scale: whether both have one colour scale; style.one_scale is about maps of one model.

    Raises RequestError for an impossible sigma or style.
    """
    both = first, second
    maps = _smooth_both(first, second, sigma)
    scales = [shared_scale(maps if one_scale else [each]) for each in maps]
    pictures = []
    for name, each, drawn, scale in zip(
        name_both(first.case.classifier, second.case.classifier), both, maps, scales, strict=True
    ):
        what = describe_map(each.case, drawn, each.prediction)
        # The first one's photo for both: pictures beside each other have one size.
        pixels = draw_overlay(first.case.photo, each.case.frame, drawn, scale, style.colour_map, style.opacity)
        alt = f"Saliency map: {what}, laid over the photo. {ONE_SCALE if one_scale else OWN_SCALES}"
        colours, sides = choose_colours(drawn.signed, style.colour_map), name_sides(each.case, drawn)
        pictures.append(Picture(pixels, name, what, alt, scale, colours, sides))
    return pictures[0], pictures[1]


def _smooth_both(first: Explained, second: Explained, sigma: float) -> tuple[SaliencyMap, SaliencyMap]:
    other = share_sigma(sigma, first.case.frame.side, second.case.frame.side)
    return smooth(first.attribution, sigma), smooth(second.attribution, other)
