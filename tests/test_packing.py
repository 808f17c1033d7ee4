"""Packed convolutions give the values and gradients of plain ones."""

import copy
import platform

import pytest
import torch
from torch import nn

from saliency_core.engine.packing import PackedConvolution, pack
from saliency_core.models.vision import resnet50

pytestmark = pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="packed on x86 only")

LAYERS = {
    "one pixel": nn.Conv2d(16, 32, 1),
    "three pixels": nn.Conv2d(16, 32, 3, padding=1, bias=False),
    "uneven": nn.Conv2d(16, 8, (3, 5), padding=(1, 2)),
    "in steps of two": nn.Conv2d(16, 32, 3, padding=1, stride=2),
    "skipping": nn.Conv2d(16, 8, 1, stride=2, bias=False),
    "without padding": nn.Conv2d(16, 8, 3),
    "padded too much": nn.Conv2d(16, 8, 3, padding=2),
    "spread out": nn.Conv2d(16, 8, 3, padding=2, dilation=2),
    "spread out, in steps": nn.Conv2d(16, 8, 3, padding=1, dilation=2, stride=3),
    "of colours": nn.Conv2d(3, 8, 3, padding=1),
    "of colours, in steps of two": nn.Conv2d(3, 8, 7, padding=3, stride=2),
    "of colours, in steps of three": nn.Conv2d(3, 8, 5, padding=4, stride=3),
    "of colours, patch by patch": nn.Conv2d(3, 8, 4, stride=4, bias=False),
    "of colours, skipping": nn.Conv2d(3, 8, 1, stride=2),
    "of colours, padded too much": nn.Conv2d(3, 8, 1, padding=3, stride=2),
    "of colours, uneven": nn.Conv2d(3, 8, (3, 5), padding=(1, 2), stride=2),
    "of colours, spread out": nn.Conv2d(3, 8, 3, dilation=2, stride=2),
}


def _answers(layer: nn.Module, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Outputs, and the gradient of a sum of them that weighs each differently."""
    leaf = inputs.clone().requires_grad_()
    outputs = layer(leaf)
    weights = torch.linspace(-1, 1, outputs.numel()).view(outputs.shape)
    (gradient,) = torch.autograd.grad((outputs * weights).sum(), leaf)
    return outputs.detach(), gradient


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("frames", [1, 3])
def test_a_packed_convolution_answers_as_the_plain_one(name: str, frames: int) -> None:
    plain = copy.deepcopy(LAYERS[name]).requires_grad_(False)
    inputs = torch.randn(frames, plain.in_channels, 14, 14, generator=torch.Generator().manual_seed(1))
    packed = PackedConvolution(plain, (1, *inputs.shape[1:]))
    for layout in (torch.contiguous_format, torch.channels_last):
        laid = inputs.contiguous(memory_format=layout)
        torch.testing.assert_close(_answers(packed, laid), _answers(plain, laid))
        with torch.inference_mode():
            torch.testing.assert_close(packed(laid), plain(laid))


@pytest.mark.parametrize("name", LAYERS)
def test_another_size_than_it_was_packed_for_is_answered_too(name: str) -> None:
    plain = copy.deepcopy(LAYERS[name]).requires_grad_(False)
    packed = PackedConvolution(plain, (1, plain.in_channels, 14, 14))
    for height, width in ((9, 21), (20, 11), (13, 16)):
        inputs = torch.randn(1, plain.in_channels, height, width, generator=torch.Generator().manual_seed(1))
        torch.testing.assert_close(_answers(packed, inputs), _answers(plain, inputs))


def test_a_packed_resnet50_is_the_same_model() -> None:
    torch.manual_seed(0)
    plain = resnet50().eval().requires_grad_(False)
    packed = copy.deepcopy(plain)
    pack(packed, 64)
    assert sum(isinstance(layer, PackedConvolution) for layer in packed.modules()) == 53
    inputs = torch.randn(1, 3, 64, 64)
    for each, expected in zip(_answers(packed, inputs), _answers(plain, inputs), strict=True):
        torch.testing.assert_close(each, expected, rtol=1e-4, atol=1e-5 * float(expected.abs().max()))


def test_what_does_more_than_convolve_is_left_as_it_is() -> None:
    class Doubled(nn.Conv2d):
        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            return 2 * super().forward(inputs)

    layers = [Doubled(3, 4, 1), nn.Conv2d(4, 4, 3, groups=4), nn.Conv2d(4, 4, 3, padding="same")]
    module = nn.Sequential(*layers).requires_grad_(False)
    pack(module, 16)
    assert list(module) == layers


def test_a_lone_convolution_stays_as_it_is() -> None:
    lone = nn.Conv2d(3, 4, 1).requires_grad_(False)
    pack(lone, 8)
    assert type(lone) is nn.Conv2d
    assert lone(torch.zeros(1, 3, 8, 8)).shape == (1, 4, 8, 8)
