"""The networks of the built-in models as their publishers build them, without weights, and one around others.

Lazy: torchvision takes two seconds to import, so only loading a ResNet imports it.
"""

import torch
from efficientnet_lite_pytorch import EfficientNet
from torch import nn


def build_resnet50() -> nn.Module:
    """torchvision's ResNet50."""
    from saliency_core.models.vision import resnet50

    module: nn.Module = resnet50()
    return module


def build_efficientnet_lite0() -> nn.Module:
    """EfficientNet-Lite0 of the package efficientnet-lite-pytorch."""
    module: nn.Module = EfficientNet.from_name("efficientnet-lite0")
    return module


class Around(nn.Module):
    """A network whose answer is changed before it is given on."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network


def innermost(module: nn.Module) -> nn.Module:
    """The network itself, whose weights are the ones that a file names."""
    return innermost(module.network) if isinstance(module, Around) else module


class LogitsAlone(Around):
    """A network of the transformers library, which gives its logits among other things."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """f32 [n, 3, side, side] -> f32 [n, classes]."""
        logits: torch.Tensor = self.network(pixel_values=inputs).logits
        return logits


class LogOfProbabilities(Around):
    """A network that gives probabilities, as one whose softmax gives them.

    Their logarithm is what softmax takes them back from: softmax(log p) = p where p sums to one.
    """

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """f32 [n, 3, side, side] -> f32 [n, classes]."""
        probabilities: torch.Tensor = self.network(inputs)
        return probabilities.clamp_min(torch.finfo(probabilities.dtype).tiny).log()
