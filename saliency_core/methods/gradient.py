"""The gradient of a class's logit by the input, by Captum's Saliency."""

import numpy as np
import torch

from saliency_core.engine.engine import Forward
from saliency_core.errors import SaliencyError
from saliency_core.methods.method import Explanation, Method
from saliency_core.models.classifier import Classifier
from saliency_core.models.prediction import make_prediction
from saliency_core.photos.frame import Frame


def explain_by_gradient(classifier: Classifier, frame: Frame, target: int | None = None) -> Explanation:
    """Prediction and gradient of a frame, in one pass forward and one back.

    The gradient is with respect to the normalised input: f32 [3, side, side], signed. It is of the
    logit rather than the probability, so that other classes do not enter (Simonyan, Vedaldi &
    Zisserman 2013, arXiv:1312.6034, section 3).

    Raises SaliencyError if the gradient is not finite.
    """
    from captum.attr import Saliency  # lazy: Captum takes most of a second to import

    def differentiate(forward: Forward, inputs: torch.Tensor) -> torch.Tensor:
        gradient: torch.Tensor = Saliency(forward).attribute(inputs, abs=False)
        return gradient

    logits, values = classifier.engine.attribute(frame.pixels, target, differentiate)
    if not np.isfinite(values).all():
        raise SaliencyError(
            f"{classifier.title} gives no finite gradient for this photo, so there is no map to show. "
            "Try another photo or model."
        )
    values.setflags(write=False)
    prediction = make_prediction(logits, classifier.categories)
    explained = prediction.top(1)[0].index if target is None else target
    return Explanation(prediction, values, explained, GRADIENT.key)


GRADIENT = Method(
    key="gradient",
    title="gradient",
    sentence="Bright where a small change of a pixel would move the class’s score a lot, dark where hardly.",
    unit="change of the score per unit of normalised input",
    reference="Simonyan et al. 2013, arXiv:1312.6034",
    url="https://arxiv.org/abs/1312.6034",
    signed=False,
    passes=1,
    needs="gradients",
    explain=explain_by_gradient,
)
