"""The gradient of a class's logit by the input, by Captum's Saliency."""

from collections.abc import Iterator

import torch

from saliency_core.engine.engine import Forward
from saliency_core.methods.method import Explanation, Method, Options
from saliency_core.models.classifier import Classifier
from saliency_core.models.prediction import make_prediction
from saliency_core.photos.frame import Frame


def differentiate(forward: Forward, inputs: torch.Tensor) -> torch.Tensor:
    """The gradient of each input's logit, by Captum's Saliency: f32 as `inputs`, signed."""
    from captum.attr import Saliency  # lazy: Captum takes most of a second to import

    gradient: torch.Tensor = Saliency(forward).attribute(inputs, abs=False)
    return gradient


def explain_by_gradient(
    classifier: Classifier, frame: Frame, target: int | None, _options: Options
) -> Iterator[Explanation]:
    """Prediction and gradient of a frame, in one pass forward and one back.

    The gradient is with respect to the normalised input: f32 [3, side, side], signed. It is of the
    logit rather than the probability, so that other classes do not enter (Simonyan, Vedaldi &
    Zisserman 2013, arXiv:1312.6034, section 3).
    """
    logits, values = classifier.engine.attribute(frame.pixels, target, differentiate)
    prediction = make_prediction(logits, classifier.categories)
    yield Explanation(prediction, values, prediction.best(target), GRADIENT.key)


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
