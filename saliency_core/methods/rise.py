"""RISE: which parts are shown when the class's score is high, over many random masks."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import interpolate

from saliency_core.methods.method import Explanation, Method, Options
from saliency_core.models.classifier import Classifier, classify
from saliency_core.photos.fills import fill_pixels
from saliency_core.photos.frame import Frame

MASKS, CELLS, SHOWN = 1000, 7, 0.5
"""Masks; cells along each side of one; the share of its cells that it shows."""
BATCH = 20


def random_masks(count: int, side: int, cells: int, generator: torch.Generator) -> NDArray[np.float32]:
    """Masks f32 [count, side, side] in [0, 1]: cells shown or hidden at random, bilinear between them, and moved by
    less than a cell (Petsiuk et al. 2018, arXiv:1806.07421, section 3.2). Each pixel is shown by SHOWN on average.
    With as many cells as pixels, a mask is the cells themselves."""
    shown = (torch.rand(count, 1, cells + 1, cells + 1, generator=generator) < SHOWN).to(torch.float32)
    if cells == side:
        return shown[:, 0, :side, :side].contiguous().numpy()
    cell = -(-side // cells)
    large = interpolate(shown, size=(cells + 1) * cell, mode="bilinear", align_corners=False)[:, 0]
    moves = torch.randint(0, cell, (count, 2), generator=generator).tolist()
    return np.stack(
        [mask[top : top + side, left : left + side].numpy() for mask, (top, left) in zip(large, moves, strict=True)]
    )


def explain_by_rise(
    classifier: Classifier,
    frame: Frame,
    target: int | None,
    options: Options,
    masks: int = MASKS,
    cells: int = CELLS,
) -> Iterator[Explanation]:
    """At each pixel, the covariance of the logit with the pixel's being shown, over SHOWN (1 - SHOWN), which is what
    an independent cell's being shown varies by: f32 [1, side, side], signed.

    Of a linear model with a cell for each pixel, the expected value is the pixel's own part of the score. The
    authors' mean of masks weighed by scores (arXiv:1806.07421, equation 6) has the same expected value but for a
    constant, and more noise.
    """
    prediction = classify(classifier, frame)
    index = prediction.best(target)
    paint = fill_pixels(frame, options.baseline, options.seed)
    generator = torch.Generator().manual_seed(options.seed)
    weighed, shown, scores = np.zeros((frame.side, frame.side)), np.zeros((frame.side, frame.side)), 0.0
    for start in range(0, masks, BATCH):
        batch = random_masks(min(BATCH, masks - start), frame.side, cells, generator)
        # Beside the photo's own score, which keeps the sums small.
        found = classifier.engine.mixed(frame.pixels, paint, batch)[:, index] - float(prediction.logits[index])
        weighed += np.tensordot(found.astype(np.float64), batch, 1)
        shown += batch.sum(axis=0, dtype=np.float64)
        scores += float(found.sum(dtype=np.float64))
        done = start + len(batch)
        covariance = (weighed - shown * scores / done) / max(1, done - 1)
        values = (covariance / (SHOWN * (1 - SHOWN))).astype(np.float32)[None]
        detail = f"{done:,} masks" if done == masks else f"{done:,} of {masks:,} masks"
        yield Explanation(prediction, values, index, RISE.key, f"{detail}, hidden in {options.baseline}", done / masks)


RISE = Method(
    key="rise",
    title="RISE",
    sentence="Warm where the class’s score is higher when that part is shown, over many random masks; cold where it is "
    "lower.",
    unit="gain of the score where shown",
    reference="Petsiuk et al. 2018, arXiv:1806.07421",
    url="https://arxiv.org/abs/1806.07421",
    signed=True,
    per_channel=False,
    passes=MASKS,
    needs="nothing but answers",
    options=("baseline", "seed"),
    explain=explain_by_rise,
)
