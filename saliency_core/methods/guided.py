"""Guided Backprop: the gradient, with only what is positive let through on the way back."""

import copy
from collections.abc import Iterator
from itertools import chain
from warnings import catch_warnings, filterwarnings

import torch
from torch import nn

from saliency_core.engine.engine import Forward
from saliency_core.errors import RequestError
from saliency_core.methods.method import Explanation, Method, Options
from saliency_core.models.classifier import Classifier
from saliency_core.models.prediction import make_prediction
from saliency_core.photos.frame import Frame


class _Ask(nn.Module):
    """What Captum is given as a model: it hooks the layers below, and calls `forward`."""

    def __init__(self, layers: nn.Module, forward: Forward) -> None:
        super().__init__()
        self.layers, self._ask = layers, forward

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self._ask(inputs)


def explain_by_guided_backprop(
    classifier: Classifier, frame: Frame, target: int | None, _options: Options
) -> Iterator[Explanation]:
    """Captum's GuidedBackprop on a copy of the stock module: f32 [3, side, side], signed.

    Raises RequestError for a model without ReLU layers, where it would be the plain gradient.
    """
    from captum.attr import GuidedBackprop  # lazy: Captum takes most of a second to import

    module = _separate(classifier.module)
    if not any(isinstance(layer, nn.ReLU) for layer in module.modules()):
        raise RequestError(
            f"{classifier.title} has no ReLU layers, without which Guided Backprop is the plain gradient. "
            "Choose another method."
        )

    def guide(forward: Forward, inputs: torch.Tensor) -> torch.Tensor:
        with catch_warnings():
            filterwarnings("ignore", "Setting backward hooks on ReLU activations", UserWarning)
            values: torch.Tensor = GuidedBackprop(_Ask(module, forward)).attribute(inputs)
        return values.detach()

    logits, values = classifier.engine.attribute(frame.pixels, target, guide, module)
    prediction = make_prediction(logits, classifier.categories)
    yield Explanation(prediction, values, prediction.best(target), GUIDED_BACKPROP.key)


def _separate(module: nn.Module) -> nn.Module:
    """A copy that shares the weights, whose every ReLU is a layer that Captum's hooks can follow."""
    shared = {id(tensor): tensor for tensor in chain(module.parameters(), module.buffers())}
    separate = copy.deepcopy(module, shared)
    for name, layer in list(separate.named_modules()):
        if isinstance(layer, nn.ReLU):
            layer.inplace = False
        elif isinstance(layer, nn.ReLU6) and name:
            parent, _, leaf = name.rpartition(".")
            setattr(separate.get_submodule(parent), leaf, nn.Sequential(nn.ReLU(), _AtMostSix()))
    return separate


class _AtMostSix(nn.Module):
    """The upper end of ReLU6."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return inputs.clamp(max=6.0)


GUIDED_BACKPROP = Method(
    key="guided_backprop",
    title="Guided Backprop",
    sentence="Fine lines that the model’s layers react to on the way to the class’s score.",
    unit="change of the score per unit of normalised input, positive steps only",
    reference="Springenberg et al. 2014, arXiv:1412.6806",
    url="https://arxiv.org/abs/1412.6806",
    signed=False,
    passes=2,
    needs="ReLU layers and gradients",
    explain=explain_by_guided_backprop,
    warning="It looks sharp, but was found to change little when a model’s weights are randomised (Adebayo et al. "
    "2018): it may show the photo’s edges rather than what the model learnt.",
)
