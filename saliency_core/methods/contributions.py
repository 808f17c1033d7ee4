"""Methods whose values are shares of a class's score: Input x Gradient and Integrated Gradients, by Captum."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch

from saliency_core.engine.engine import Forward
from saliency_core.methods.method import Explanation, Method, Options
from saliency_core.models.classifier import Classifier, classify_all
from saliency_core.models.prediction import make_prediction
from saliency_core.photos.fills import fill_pixels
from saliency_core.photos.frame import Frame

STEPS, BATCH = 50, 5
COMPLETE = 0.05
"""How far the values' sum may lie from the score's difference, as a share of it, to be called complete."""


def explain_by_input_x_gradient(
    classifier: Classifier, frame: Frame, target: int | None, _options: Options
) -> Iterator[Explanation]:
    """The normalised input times the gradient, by Captum's InputXGradient: f32 [3, side, side], signed, in one pass
    forward and one back. Of a linear model, the values sum to the logit less its bias (Shrikumar et al. 2016,
    arXiv:1605.01713)."""
    from captum.attr import InputXGradient  # lazy: Captum takes most of a second to import

    def multiply(forward: Forward, inputs: torch.Tensor) -> torch.Tensor:
        values: torch.Tensor = InputXGradient(forward).attribute(inputs)
        return values.detach()

    logits, values = classifier.engine.attribute(frame.pixels, target, multiply)
    prediction = make_prediction(logits, classifier.categories)
    yield Explanation(prediction, values, prediction.best(target), INPUT_X_GRADIENT.key)


def explain_by_integrated_gradients(
    classifier: Classifier, frame: Frame, target: int | None, options: Options
) -> Iterator[Explanation]:
    """Captum's IntegratedGradients from the baseline to the frame: f32 [3, side, side], signed.

    The values sum to the difference of the two logits, but for the error of STEPS points of Gauss and Legendre
    (Sundararajan et al. 2017, arXiv:1703.01365, proposition 1); the note tells that error.
    """
    from captum.attr import IntegratedGradients  # lazy: Captum takes most of a second to import

    paint = fill_pixels(frame, options.baseline, options.seed)
    shown, blank = classify_all(classifier, [frame, replace(frame, pixels=paint)])
    index = shown.best(target)
    baseline = classifier.engine.inputs(paint[None])

    def integrate(forward: Forward, inputs: torch.Tensor) -> torch.Tensor:
        values: torch.Tensor = IntegratedGradients(forward).attribute(
            inputs, baseline.to(inputs.device), n_steps=STEPS, internal_batch_size=BATCH
        )
        return values.detach().to(torch.float32)

    _, values = classifier.engine.attribute(frame.pixels, index, integrate)
    difference = float(shown.logits[index]) - float(blank.logits[index])
    note = tell_completeness(float(values.sum(dtype=np.float64)), difference, options.baseline)
    yield Explanation(shown, values, index, INTEGRATED_GRADIENTS.key, f"from {options.baseline}", note=note)


def tell_completeness(total: float, difference: float, baseline: str) -> str:
    """How far the values' sum lies from what it should be."""
    apart = abs(total - difference)
    share = apart / abs(difference) if difference else float("inf")
    close = share <= COMPLETE
    return (
        f"The map’s values sum to {total:.2f}; from {baseline} to the photo, the score changes by {difference:.2f}. "
        + ("They agree, as they should." if close else "They should agree, and do not: read this map with care.")
    )


INPUT_X_GRADIENT = Method(
    key="input_x_gradient",
    title="Input x Gradient",
    sentence="Warm where a pixel’s own value, by the slope at this photo, raises the class’s score, cold where it "
    "lowers it.",
    unit="share of the score",
    reference="Shrikumar et al. 2016, arXiv:1605.01713",
    url="https://arxiv.org/abs/1605.01713",
    signed=True,
    passes=1,
    needs="gradients",
    explain=explain_by_input_x_gradient,
)
INTEGRATED_GRADIENTS = Method(
    key="integrated_gradients",
    title="Integrated Gradients",
    sentence="Warm where pixels raise the class’s score on the way from an empty picture to the photo, cold where they "
    "lower it.",
    unit="share of the score",
    reference="Sundararajan et al. 2017, arXiv:1703.01365",
    url="https://arxiv.org/abs/1703.01365",
    signed=True,
    passes=50,
    needs="gradients",
    options=("baseline", "seed"),
    explain=explain_by_integrated_gradients,
)
