"""Ours, by the library's public functions only, as the pages use them."""

from collections.abc import Sequence
from dataclasses import dataclass

import saliency_core as core
from pages.ui.pictures import data_url
from saliency_core.photo import Pixels

SIGMAS = (0.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What one explanation gives: the five best classes, the map before smoothing, the overlays."""

    best: tuple[core.Guess, ...]
    attribution: core.Attribution
    overlays: tuple[Pixels, ...]


def explain_photo(classifier: core.Classifier, data: bytes, sigmas: Sequence[float]) -> Answer:
    """One photo from its bytes to overlays at screen size."""
    photo = core.decode_photo(data)
    frame = core.frame_photo(photo, classifier)
    prediction, slopes, target = core.explain(classifier, frame)
    attribution = core.reduce_channels(slopes, target)
    return Answer(prediction.top(5), attribution, draw_overlays(core.display_photo(photo), frame, attribution, sigmas))


def draw_overlays(
    screen: Pixels, frame: core.Frame, attribution: core.Attribution, sigmas: Sequence[float]
) -> tuple[Pixels, ...]:
    """A map smoothed by each sigma, on one scale, over the photo at screen size."""
    maps = core.smooth_all(attribution, sigmas)
    return core.draw_overlays(screen, frame, maps, [core.shared_scale(maps)] * len(maps))


def move_sigma(screen: Pixels, frame: core.Frame, attribution: core.Attribution, sigma: float) -> tuple[Pixels, Pixels]:
    """The overlay and the map alone for another sigma."""
    smoothed = core.smooth(attribution, sigma)
    scale = core.shared_scale([smoothed])
    return core.draw_overlay(screen, frame, smoothed, scale), core.draw_map(screen, frame, smoothed, scale)


def encode(pictures: Sequence[Pixels]) -> list[str]:
    """Pictures as a page sends them."""
    return [data_url(picture) for picture in pictures]


def explain_classes(classifier: core.Classifier, frame: core.Frame, targets: Sequence[int]) -> list[core.Attribution]:
    """One map for each of several classes."""
    return [core.attribute(classifier, frame, target) for target in targets]
