"""Ours, by the library's public functions only, as the pages use them."""

from collections.abc import Sequence
from dataclasses import dataclass

import saliency_core as core
from saliency_core.methods.attribution import reduce_channels
from saliency_core.methods.smoothing import shared_scale, smooth_all
from saliency_core.models.prediction import Guess
from saliency_core.photos.photo import Pixels
from saliency_core.presentation.figures import display_photo, draw_overlays
from saliency_core.presentation.pictures import data_url

SIGMAS = (0.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What one explanation gives: the five best classes, the map before smoothing, the overlays."""

    best: tuple[Guess, ...]
    attribution: core.Attribution
    overlays: tuple[Pixels, ...]


def explain_photo(classifier: core.Classifier, data: bytes, sigmas: Sequence[float]) -> Answer:
    """One photo from its bytes to overlays at screen size."""
    photo = core.decode_photo(data)
    frame = core.frame_photo(photo, classifier)
    explanation = core.explain(classifier, frame)
    attribution = reduce_channels(explanation)
    overlays = smooth_and_draw(display_photo(photo), frame, attribution, sigmas)
    return Answer(explanation.prediction.top(5), attribution, overlays)


def smooth_and_draw(
    screen: Pixels, frame: core.Frame, attribution: core.Attribution, sigmas: Sequence[float]
) -> tuple[Pixels, ...]:
    """A map smoothed by each sigma, on one scale, over the photo at screen size."""
    maps = smooth_all(attribution, sigmas)
    return draw_overlays(screen, frame, maps, [shared_scale(maps)] * len(maps))


def move_sigma(screen: Pixels, frame: core.Frame, attribution: core.Attribution, sigma: float) -> tuple[Pixels, Pixels]:
    """The overlay and the map alone for another sigma."""
    smoothed = core.smooth(attribution, sigma)
    scale = shared_scale([smoothed])
    return core.draw_overlay(screen, frame, smoothed, scale), core.draw_map(screen, frame, smoothed, scale)


def encode(pictures: Sequence[Pixels]) -> list[str]:
    """Pictures of maps as reports hold them."""
    return [data_url(picture, 92, full_colour=True) for picture in pictures]


def explain_classes(classifier: core.Classifier, frame: core.Frame, targets: Sequence[int]) -> list[core.Attribution]:
    """One map for each of several classes."""
    return [core.attribute(classifier, frame, target) for target in targets]
