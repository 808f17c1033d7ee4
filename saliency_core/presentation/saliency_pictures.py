"""The pictures of a saliency map: the photo, maps over it, a map alone."""

from collections.abc import Sequence

from saliency_core.errors import RequestError
from saliency_core.methods.attribution import Attribution
from saliency_core.methods.smoothing import SaliencyMap, Scale, shared_scale, smooth_all
from saliency_core.models.prediction import Prediction
from saliency_core.presentation.captions import CROP_MODE_CAPTIONS, describe_map, describe_sigma, name_sides
from saliency_core.presentation.case import PLAIN, Case, MapStyle
from saliency_core.presentation.colours import choose_colours
from saliency_core.presentation.figures import draw_map, draw_overlays, outline
from saliency_core.presentation.pictures import Picture
from saliency_core.text import begin

MOST_SIGMAS = 9
"""With the photo, two rows of five pictures: more would be too small to see anything on."""


def smooth_distinct(attribution: Attribution, sigmas: Sequence[float]) -> tuple[SaliencyMap, ...]:
    """A map for each sigma, from the least to the most smoothed.

    Raises RequestError for no sigma, more than MOST_SIGMAS, or an impossible one.
    """
    distinct = sorted(set(sigmas))
    if not 1 <= len(distinct) <= MOST_SIGMAS:
        raise RequestError(f"Choose 1 to {MOST_SIGMAS} sigmas, not {len(distinct)}.")
    return smooth_all(attribution, distinct)


def choose_scales(maps: Sequence[SaliencyMap], one_scale: bool) -> tuple[Scale, ...]:
    """The scale of each map: one for all, or for each its own."""
    return (shared_scale(maps),) * len(maps) if one_scale else tuple(shared_scale([each]) for each in maps)


def photo_picture(case: Case, title: str = "Photo") -> Picture:
    """The photo with the part that the model sees outlined."""
    caption = CROP_MODE_CAPTIONS[case.frame.crop_mode]
    return Picture(outline(case.photo, case.frame), title, caption, f"The photo “{case.name}”. {caption}")


def overlay_pictures(
    case: Case, maps: Sequence[SaliencyMap], style: MapStyle = PLAIN, *, prediction: Prediction
) -> tuple[Picture, ...]:
    """Each map over the photo, at the photo's size.

    prediction: of the case's frame.

    Raises RequestError for an impossible style.
    """
    scales = choose_scales(maps, style.one_scale)
    drawn = draw_overlays(case.photo, case.frame, maps, scales, style.colour_map, style.opacity)
    pictures = []
    for pixels, each, scale in zip(drawn, maps, scales, strict=True):
        what = describe_map(case, each, prediction)
        alt = f"Saliency map: {what}, laid over the photo"
        colours, sides = choose_colours(each.signed, style.colour_map), name_sides(case, each)
        pictures.append(Picture(pixels, begin(describe_sigma(each.sigma)), what, alt, scale, colours, sides))
    return tuple(pictures)


def map_picture(case: Case, saliency: SaliencyMap, style: MapStyle = PLAIN, *, prediction: Prediction) -> Picture:
    """A map alone, at the photo's size, on a scale of its own.

    Raises RequestError for an unknown colour map.
    """
    scale = shared_scale([saliency])
    what = describe_map(case, saliency, prediction)
    pixels = draw_map(case.photo, case.frame, saliency, scale, style.colour_map)
    colours, sides = choose_colours(saliency.signed, style.colour_map), name_sides(case, saliency)
    return Picture(pixels, "Map alone", what, f"Saliency map: {what}", scale, colours, sides)


def saliency_pictures(
    case: Case, maps: Sequence[SaliencyMap], style: MapStyle = PLAIN, *, prediction: Prediction
) -> tuple[Picture, ...]:
    """The photo, and each map over it; a single map also alone. All of one size.

    Raises RequestError for an impossible style.
    """
    pictures = (photo_picture(case), *overlay_pictures(case, maps, style, prediction=prediction))
    return pictures if len(maps) > 1 else (*pictures, map_picture(case, maps[0], style, prediction=prediction))
