"""The pictures of a masking experiment: what the model saw in each of its three views, and the maps."""

from collections.abc import Sequence

from saliency_core.masking.experiment import View, Views
from saliency_core.masking.sentences import Declared
from saliency_core.methods.smoothing import shared_scale, smooth
from saliency_core.photos.frame import CropMode
from saliency_core.photos.regions import Region, covered
from saliency_core.presentation.captions import PART_TITLES, PARTS, Part, describe_map, name_sides
from saliency_core.presentation.case import PLAIN, Case
from saliency_core.presentation.colours import choose_colours
from saliency_core.presentation.figures import draw_overlay, draw_seen
from saliency_core.presentation.pictures import Picture
from saliency_core.text import percent

_ORIGINAL: dict[CropMode, str] = {
    "center": "The model sees the bright part.",
    "squash": "The model sees all of it, squashed.",
    "border": "The model sees all of it, with bars.",
}


def each_view(views: Views) -> tuple[View, ...]:
    """The three views in the order of PARTS."""
    return tuple(getattr(views, part) for part in PARTS)


def seen_picture(case: Case, view: View, title: str, caption: str) -> Picture:
    """What the model saw in a view, on the photo."""
    return Picture(draw_seen(case.photo, view.frame), title, caption, f"{case.name}. {title}: {caption}")


def seen_pictures(
    case: Case, views: Views, regions: Sequence[Region], declared: Declared = "other"
) -> tuple[Picture, ...]:
    """What the model saw in each of the three views, in the order of PARTS."""
    area = percent(float(covered(case.frame.side, regions).mean()))
    captions: dict[Part, str] = {
        "original": _ORIGINAL[case.frame.crop_mode],
        "hidden": f"{area} of what the model sees is hidden.",
        "kept": "Everything else is hidden.",
    }
    return tuple(
        seen_picture(case, view, PART_TITLES[declared][part], captions[part])
        for part, view in zip(PARTS, each_view(views), strict=True)
    )


def map_pictures(case: Case, views: Views, seen: Sequence[Picture], sigma: float) -> tuple[Picture, ...]:
    """The map of each view over its seen_pictures(), all on one colour scale.

    sigma: smoothing in frame pixels.

    Raises RequestError for an impossible sigma.
    """
    maps = [smooth(view.attribution, sigma) for view in each_view(views)]
    scale = shared_scale(maps)
    pictures = []
    for view, picture, each in zip(each_view(views), seen, maps, strict=True):
        title, what = f"{picture.title}: map", f"{describe_map(case, each, view.prediction)} · one scale for all"
        pixels = draw_overlay(picture.pixels, view.frame, each, scale)
        alt = f"Saliency map: {what}. {picture.title}."
        colours = choose_colours(each.signed, PLAIN.colour_map)
        pictures.append(Picture(pixels, title, what, alt, scale, colours, name_sides(case, each)))
    return tuple(pictures)
