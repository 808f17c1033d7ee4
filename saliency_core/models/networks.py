"""The networks of the built-in models as their publishers build them, without weights.

Lazy: torchvision takes two seconds to import, so only loading a ResNet imports it.
"""

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
