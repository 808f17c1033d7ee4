"""Class activation maps: how strongly a late layer's channels answer at each place, weighed by what they do for a
class."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import interpolate

from saliency_core.checks import show
from saliency_core.engine.layers import Watched
from saliency_core.errors import RequestError
from saliency_core.methods.method import Explanation, Method, Options
from saliency_core.models.classifier import Classifier
from saliency_core.models.prediction import make_prediction
from saliency_core.photos.frame import Frame

Weigh = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""From a layer's activations and the gradients by them, f32 [channels, height, width], to f32 [height, width]."""


def layers(classifier: Classifier) -> tuple[str, ...]:
    """Names of the layers that a class activation map can look at, in the order in which the model runs them."""
    return classifier.engine.layers().names


def grad_cam(activations: torch.Tensor, gradients: torch.Tensor) -> torch.Tensor:
    """Channels weighed by their mean gradient, what speaks against the class left out (Selvaraju et al. 2017,
    arXiv:1610.02391, equations 1 and 2). Captum's LayerGradCam gives the same where channels come first; it does not
    know layers that give tokens, or channels last."""
    return (gradients.mean(dim=(1, 2), keepdim=True) * activations).sum(0).relu()


def layer_cam(activations: torch.Tensor, gradients: torch.Tensor) -> torch.Tensor:
    """Each activation weighed by its own gradient where that speaks for the class (Jiang et al. 2021,
    doi:10.1109/TIP.2021.3089943, equations 5 and 6)."""
    return (gradients.relu() * activations).sum(0).relu()


def explain_by_activations(
    weigh: Weigh, key: str, classifier: Classifier, frame: Frame, target: int | None, options: Options
) -> Iterator[Explanation]:
    """Prediction and class activation map of a frame, f32 [1, side, side], >= 0; bilinear between the layer's places.

    Raises RequestError if the layer asked for has no places, or the model has no layer with any.
    """
    layer = _choose_layer(classifier, options.layer)
    watched: Watched = classifier.engine.watch(frame.pixels, target, layer)
    coarse = weigh(watched.activations, watched.gradients)
    size = (frame.side, frame.side)
    fine: NDArray[np.float32] = interpolate(coarse[None, None], size, mode="bilinear", align_corners=False)[0].numpy()
    prediction = make_prediction(watched.logits.numpy(), classifier.categories)
    height, width = coarse.shape
    yield Explanation(prediction, fine, watched.target, key, f"layer {layer}, {height} x {width} places")


def _choose_layer(classifier: Classifier, asked: str | None) -> str:
    """The layer asked for, or the model's last one that has places.

    Raises RequestError if there is no such layer.
    """
    known = classifier.engine.layers()
    if asked is None:
        if known.last is None:
            raise RequestError(
                f"{classifier.title} has no layer whose output has places on the photo, so there is no class "
                "activation map of it. Choose another method."
            )
        return known.last
    if asked not in known.names:
        raise RequestError(
            f"{classifier.title} has no layer called {show(asked)} whose output has places on the photo. "
            + (f"Its last one is {known.last}." if known.last else "It has none.")
        )
    return asked


GRAD_CAM = Method(
    key="grad_cam",
    title="Grad-CAM",
    sentence="Bright where the features that speak for the class are strong in one of the model’s last layers; coarse.",
    unit="activation times change of the score",
    reference="Selvaraju et al. 2017, arXiv:1610.02391",
    url="https://arxiv.org/abs/1610.02391",
    signed=False,
    per_channel=False,
    passes=1,
    needs="a layer with places",
    options=("layer",),
    explain=partial(explain_by_activations, grad_cam, "grad_cam"),
)
LAYER_CAM = Method(
    key="layer_cam",
    title="Layer-CAM",
    sentence="Like Grad-CAM, but each place of the layer counts by its own effect on the score.",
    unit="activation times change of the score",
    reference="Jiang et al. 2021, doi:10.1109/TIP.2021.3089943",
    url="https://doi.org/10.1109/TIP.2021.3089943",
    signed=False,
    per_channel=False,
    passes=1,
    needs="a layer with places",
    options=("layer",),
    explain=partial(explain_by_activations, layer_cam, "layer_cam"),
)
