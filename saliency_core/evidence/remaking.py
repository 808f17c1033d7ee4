"""A map made again in the same way, of another class, photo or network; and a photo with slight noise."""

from collections.abc import Generator
from dataclasses import replace

import numpy as np

from saliency_core.checks import check_seed, number
from saliency_core.methods.attribution import explanation_stages, reduce_channels
from saliency_core.methods.method import DEFAULT_OPTIONS, Options
from saliency_core.methods.smoothing import SaliencyMap, smooth
from saliency_core.models.classifier import Classifier
from saliency_core.photos.frame import Frame

SLIGHT_NOISE = 0.02
"""Standard deviation of noise that people hardly see, as a share of the range of pixels."""


def remake(
    classifier: Classifier,
    frame: Frame,
    like: SaliencyMap,
    options: Options = DEFAULT_OPTIONS,
    target: int | None = None,
    done: float = 0.0,
    span: float = 1.0,
) -> Generator[float, None, SaliencyMap]:
    """The map of a frame by the method, channel reduction and sigma that another map was made with. Yields the share
    done after each step that runs the model, and returns the map.

    options: those that the other map was made with.
    target: index of the class; None for the other map's.
    done, span: where the shares begin and how far they go, for one map of several.

    Raises RequestError and SaliencyError where explain() does.
    """
    target = like.target if target is None else target
    explanation = None
    for explanation in explanation_stages(classifier, frame, target, like.method, options):
        yield done + span * explanation.share
    assert explanation is not None  # a method yields at least once
    return smooth(reduce_channels(explanation, like.reduction), like.sigma)


def add_noise(frame: Frame, seed: int = 0, share: float = SLIGHT_NOISE) -> Frame:
    """The frame with gaussian noise on each colour of each pixel, rounded to what a photo can hold.

    share: its standard deviation, as a share of the range of pixels, in [0, 1].
    """
    deviation = 255 * number(share, "The noise", 0, 1, "of the pixels' range")
    noise = np.random.default_rng(check_seed(seed)).normal(0, deviation, frame.pixels.shape)
    return with_pixels(frame, frame.pixels + noise)


def with_pixels(frame: Frame, pixels: np.ndarray) -> Frame:
    """The frame with other pixels, [side, side, 3], rounded and cut to 0 to 255."""
    rounded = np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
    rounded.setflags(write=False)
    return replace(frame, pixels=rounded)
