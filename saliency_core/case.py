"""What a report or an archive is about, and the pictures that it shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from saliency_core.attribution import Attribution, Reduction
from saliency_core.classifier import Classifier
from saliency_core.errors import RequestError
from saliency_core.experiment import Experiment, View
from saliency_core.figures import COLOUR_MAPS, display_photo, draw_map, draw_overlay, draw_overlays, draw_seen, outline
from saliency_core.frame import Fit, Frame
from saliency_core.photo import Photo, Pixels
from saliency_core.smoothing import SaliencyMap, Scale, shared_scale, smooth, smooth_all
from saliency_core.words import percent

MOST_SIGMAS = 9
"""With the photo, two rows of five pictures: more would be too small to see anything on."""
PICTURE_SIDE = 900
"""Longer side of a picture in pixels: 300 to the inch at the size they are printed."""

REDUCTION_WORDS: dict[Reduction, str] = {
    "max": "strongest channel",
    "mean": "mean of the channels",
    "l2": "length (L2) of the channels",
    "red": "red only",
    "green": "green only",
    "blue": "blue only",
}


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """What a report is about: a photo as one model sees it, and what to call it.

    photo: u8 [height, width, 3], the whole photo, at screen size or larger.
    title, credit: its name, and its author and licence; plain text from anywhere.
    digest: hexadecimal sha256 of the photo's file.
    frame, fit: what the model sees of it, and how that was made.
    """

    photo: Pixels
    title: str
    credit: str
    digest: str
    classifier: Classifier
    frame: Frame
    fit: Fit


@dataclass(frozen=True, slots=True)
class MapStyle:
    """How maps are drawn: their colours, their opacity over the photo, in [0, 1], and whether panels
    beside each other share one colour scale."""

    colour_map: str = COLOUR_MAPS[0]
    opacity: float = 0.6
    one_scale: bool = True


PLAIN = MapStyle()


@dataclass(frozen=True, slots=True, eq=False)
class Illustration:
    """A picture with its words, all of them plain text.

    pixels: u8 [height, width, 3].
    title: what it is, in a word or two; caption: what it shows.
    alt: what a person who cannot see it needs to know.
    scale, colour_map: what its colours stand for; no scale for a photo.
    """

    pixels: Pixels
    title: str
    caption: str
    alt: str
    scale: Scale | None = None
    colour_map: str = COLOUR_MAPS[0]


@dataclass(frozen=True, slots=True, eq=False)
class DrawnView:
    """One view of an experiment: "original", "hidden" or "kept", what the model saw, and the map of it."""

    part: str
    view: View
    seen: Illustration
    overlay: Illustration


def cut(text: str, longest: int = 40) -> str:
    """Text from outside, fit to stand in a sentence: on one line, of characters that can be seen, and
    at most `longest` of them. Characters that turn the reading direction are among those left out."""
    seen = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return seen if len(seen) <= longest else seen[: longest - 1].rstrip() + "…"


def name_class(case: Case, target: int) -> str:
    """What a class is called, short enough for a sentence."""
    return cut(case.classifier.categories[target])


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


def draw_saliency(
    case: Case, maps: Sequence[SaliencyMap], reduction: Reduction, style: MapStyle = PLAIN
) -> tuple[Illustration, ...]:
    """The photo, and each map over it; a single map also alone. All of one size.

    Raises RequestError for an impossible style.
    """
    photo = _shrink(case.photo)
    seen = {
        "crop": "The model sees the bright part; the rest is cropped away.",
        "squash": "The model sees all of it, squashed to a square.",
    }[case.fit]
    pictures = [Illustration(outline(photo, case.frame), "Photo", seen, f"The photo “{cut(case.title, 60)}”")]
    scales = choose_scales(maps, style.one_scale)
    overlays = draw_overlays(photo, case.frame, maps, scales, style.colour_map, style.opacity)
    for each, scale, over in zip(maps, scales, overlays, strict=True):
        what = _caption(case, each.target, reduction, each.sigma)
        alt = f"Saliency map: {what}, laid over the photo"
        pictures.append(Illustration(over, f"Sigma {each.sigma:g}", what, alt, scale, style.colour_map))
        if len(maps) == 1:
            alone = draw_map(photo, case.frame, each, scale, style.colour_map)
            alt = f"Saliency map: {what}"
            pictures.append(Illustration(alone, "The map alone", what, alt, scale, style.colour_map))
    return tuple(pictures)


def draw_views(case: Case, experiment: Experiment, sigma: float) -> tuple[DrawnView, ...]:
    """The three views of an experiment, each with its map over it, on one colour scale and of one size.

    Raises RequestError for an impossible sigma.
    """
    photo, views = _shrink(case.photo), experiment.views
    original = {
        "crop": "What the model sees; the dim part is cropped away.",
        "squash": "What the model sees: all of it, squashed to a square.",
    }[case.fit]
    hidden = f"{percent(experiment.area_share)} of what the model sees is hidden."
    told = (
        ("original", views.original, "The photo as it is", original),
        ("hidden", views.hidden, "Region hidden", hidden),
        ("kept", views.kept, "Only the region", "Everything else is hidden."),
    )
    maps = [smooth(view.attribution, sigma) for _, view, _, _ in told]
    scale = shared_scale(maps)
    drawn = []
    for (part, view, title, caption), each in zip(told, maps, strict=True):
        seen = draw_seen(photo, view.frame)
        over = draw_overlay(seen, view.frame, each, scale)
        what = _caption(case, each.target, view.attribution.reduction, sigma)
        drawn.append(
            DrawnView(
                part,
                view,
                Illustration(seen, title, caption, f"{title}. {caption}"),
                Illustration(over, title, what, f"Saliency map: {what}. {title}.", scale),
            )
        )
    return tuple(drawn)


def _caption(case: Case, target: int, reduction: Reduction, sigma: float) -> str:
    return (
        f"“{name_class(case, target)}” · {case.classifier.title} · gradient, {REDUCTION_WORDS[reduction]} · "
        f"sigma {sigma:g}"
    )


def _shrink(photo: Pixels) -> Pixels:
    return display_photo(Photo(photo, ""), PICTURE_SIDE)
