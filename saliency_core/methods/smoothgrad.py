"""SmoothGrad: the gradient, averaged over noisy copies of the photo. The noise lies on the photo; sigma, which smooths
the map, is another thing."""

from collections.abc import Iterator

import numpy as np
import torch

from saliency_core.engine.engine import Forward
from saliency_core.methods.gradient import differentiate
from saliency_core.methods.method import Explanation, Method, Options
from saliency_core.models.classifier import Classifier, classify
from saliency_core.photos.frame import Frame

BATCH = 5
"""Copies in one pass: more do not take less time each on a CPU."""


def explain_by_smoothgrad(
    classifier: Classifier, frame: Frame, target: int | None, options: Options
) -> Iterator[Explanation]:
    """Mean of Captum's Saliency over copies of the normalised frame with gaussian noise: f32 [3, side, side], signed.

    The noise's standard deviation is a share of the range of the frame's own values (Smilkov et al. 2017,
    arXiv:1706.03825, section 2.2). Captum's NoiseTunnel does the same, but draws the noise from torch's global
    generator, which other threads draw from, too.
    """
    prediction = classify(classifier, frame)
    index = prediction.best(target)
    generator = torch.Generator().manual_seed(options.seed)
    total = np.zeros((3, frame.side, frame.side))
    for done in range(0, options.copies, BATCH):
        noise = torch.randn(min(BATCH, options.copies - done), 3, frame.side, frame.side, generator=generator)

        def add_gradients(forward: Forward, inputs: torch.Tensor, noise: torch.Tensor = noise) -> torch.Tensor:
            shown = inputs.detach()
            spread = options.noise * (shown.max() - shown.min())
            return differentiate(forward, (shown + spread * noise.to(shown.device)).requires_grad_()).sum(0, True)

        _, summed = classifier.engine.attribute(frame.pixels, index, add_gradients)
        total += summed
        count = done + len(noise)
        yield Explanation(
            prediction,
            (total / count).astype(np.float32),
            index,
            SMOOTHGRAD.key,
            _tell(count, options),
            count / options.copies,
        )


def _tell(count: int, options: Options) -> str:
    """How many noisy copies a map is the mean of."""
    copies = f"{count} copies" if count != 1 else "1 copy"
    part = "" if count == options.copies else f" of {options.copies}"
    return f"{copies}{part} with {100 * options.noise:g}% noise"


SMOOTHGRAD = Method(
    key="smoothgrad",
    title="SmoothGrad",
    sentence="Like the gradient, but the mean over noisy copies of the photo, so that what flickers is left out.",
    unit="change of the score per unit of normalised input",
    reference="Smilkov et al. 2017, arXiv:1706.03825",
    url="https://arxiv.org/abs/1706.03825",
    signed=False,
    passes=25,
    needs="gradients",
    options=("copies", "noise", "seed"),
    explain=explain_by_smoothgrad,
)
