"""Occlusion: how much of a class's score goes where a square is hidden."""

from collections.abc import Iterator
from math import ceil

import numpy as np

from saliency_core.methods.method import Explanation, Method, Options
from saliency_core.models.classifier import Classifier, classify
from saliency_core.photos.fills import fill_pixels
from saliency_core.photos.frame import Frame
from saliency_core.photos.regions import Region

WINDOW_SHARE = 1 / 7
"""The hidden square's side, as a share of the frame's; it moves by half of itself."""
BATCH = 16


def occlusion_windows(side: int) -> tuple[Region, ...]:
    """The squares that are hidden one after another, row by row; those at the right and lower edge are cut to it."""
    window = max(1, round(side * WINDOW_SHARE))
    stride = max(1, window // 2)
    starts = [stride * step for step in range(ceil((side - window) / stride) + 1)]
    lengths = [min(window, side - start) for start in starts]
    return tuple(
        Region(top, left, height, width)
        for top, height in zip(starts, lengths, strict=True)
        for left, width in zip(starts, lengths, strict=True)
    )


def explain_by_occlusion(
    classifier: Classifier, frame: Frame, target: int | None, options: Options
) -> Iterator[Explanation]:
    """At each pixel, the mean loss of the logit over the squares that hide it: f32 [1, side, side], signed.

    The values of Captum's Occlusion (Zeiler and Fergus 2013, arXiv:1311.2901, section 4.2), with the engine's passes,
    which compute again only what a square changes.
    """
    prediction = classify(classifier, frame)
    index = prediction.best(target)
    windows = occlusion_windows(frame.side)
    paint = fill_pixels(frame, options.baseline, options.seed)
    hidden = classifier.engine.hide_in(frame.pixels)
    lost, count = np.zeros((2, frame.side, frame.side))
    for start in range(0, len(windows), BATCH):
        batch = windows[start : start + BATCH]
        for window, logits in zip(batch, hidden.logits(paint, [(window,) for window in batch]), strict=True):
            inside = np.s_[window.top : window.top + window.height, window.left : window.left + window.width]
            lost[inside] += float(prediction.logits[index]) - float(logits[index])
            count[inside] += 1
        done = start + len(batch)
        values = (lost / np.maximum(count, 1)).astype(np.float32)[None]
        part = "" if done == len(windows) else f"{done} of {len(windows)} places, "
        detail = f"{part}squares of {windows[0].height} pixels in {options.baseline}"
        yield Explanation(prediction, values, index, OCCLUSION.key, detail, done / len(windows))


OCCLUSION = Method(
    key="occlusion",
    title="Occlusion",
    sentence="Warm where hiding a small square lowers the class’s score, cold where it raises it.",
    unit="loss of the score",
    reference="Zeiler and Fergus 2013, arXiv:1311.2901",
    url="https://arxiv.org/abs/1311.2901",
    signed=True,
    per_channel=False,
    passes=169,
    needs="nothing but answers",
    options=("baseline", "seed"),
    explain=explain_by_occlusion,
)
