"""Packed convolutions: weights stored in the layout that oneDNN computes with.

oneDNN otherwise reorders each weight in every forward and backward pass: for ResNet50 a hundred megabytes each
time, a sixth of a single frame's pass. Here each layout is made once: for a single frame, for several, and for
the gradient. The operators are those of torch's own compiler and no
part of its public interface, so they are looked up when they are used; pack() raises whatever they raise, and what
they compute is compared with the plain convolutions before it is used.
"""

import platform
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn.functional import pad as pad_around
from torch.nn.functional import pixel_shuffle

from saliency_core.engine.watching import watch_pass
from saliency_core.engine.windows import SlidingWindow, sliding_windows

Shape = tuple[int, ...]

_SEVERAL = 4
"""oneDNN wants one layout for a single frame, and another for two or more."""
_FEW_CHANNELS = 4
"""oneDNN computes sixteen channels' gradients at a time, also where there are only a photo's three."""
_ONE = (1, 1)
ACTIVATIONS: dict[type[nn.Module], tuple[str, list[float]]] = {
    nn.Identity: ("none", []),
    nn.ReLU: ("relu", []),
    nn.ReLU6: ("hardtanh", [0.0, 6.0]),
}
"""Activations that the operators apply themselves, and their names for them."""
_ALONE = (*ACTIVATIONS[nn.Identity], "")


class PackedConvolution(nn.Module):
    """A frozen convolution in less time: f32 [n, in, height, width] -> f32 [n, out, height, width], with the
    values of the plain one and its gradient with respect to the input.

    plain: the convolution, not in groups.
    shape: [1, in, height, width] of its input.
    """

    def __init__(self, plain: nn.Conv2d, shape: Shape) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.dilation = plain.kernel_size, plain.stride, plain.dilation
        self.padding = tuple(map(int, plain.padding))
        self._bias = plain.bias
        settings = self.padding, self.stride, self.dilation
        self._single = _pack(plain.weight, shape, *settings)
        self._several = _pack(plain.weight, (_SEVERAL, *shape[1:]), *settings)
        even = all(len(set(pair)) == 1 for pair in (plain.kernel_size, plain.stride, plain.padding))
        stepping = plain.stride != _ONE and plain.dilation == _ONE
        few = plain.in_channels <= _FEW_CHANNELS and even and stepping
        self._backward = (_SubPixelBackward if few else _TransposedBackward)(plain, shape[2:])

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """The convolution."""
        if not torch.is_grad_enabled():
            return self.forward_packed(inputs)
        outputs: torch.Tensor = _Convolve.apply(inputs, self)  # type: ignore[no-untyped-call]
        return outputs

    def forward_packed(
        self, inputs: torch.Tensor, padded: bool = False, activation: type[nn.Module] = nn.Identity
    ) -> torch.Tensor:
        """The outputs, without a gradient.

        padded: the inputs have the padding around them already.
        activation: one of ACTIVATIONS, of the outputs as they are made.
        """
        packed = self._single if len(inputs) == 1 else self._several
        padding = (0, 0) if padded else self.padding
        outputs: torch.Tensor = torch.ops.mkldnn._convolution_pointwise(
            inputs, packed, self._bias, padding, self.stride, self.dilation, 1, *ACTIVATIONS[activation], ""
        )
        return outputs

    def input_gradient(self, gradient: torch.Tensor, shape: Shape) -> torch.Tensor:
        """The gradient with respect to inputs of this shape, from that with respect to the outputs."""
        by_inputs: torch.Tensor = self._backward(gradient, shape[2:])
        return by_inputs


class _TransposedBackward(nn.Module):
    """The transposed convolution."""

    def __init__(self, plain: nn.Conv2d, size: Shape) -> None:
        super().__init__()
        self._padding = tuple(map(int, plain.padding))
        self._stride, self._dilation = plain.stride, plain.dilation
        self._windows = _windows_of(plain)
        gradient_shape = _outputs_shape(plain, size)
        self._packed = _frozen(
            torch.ops.mkldnn._reorder_convolution_transpose_weight(
                plain.weight, self._padding, (0, 0), plain.stride, plain.dilation, 1, gradient_shape
            )
        )

    def forward(self, gradient: torch.Tensor, size: Shape) -> torch.Tensor:
        # With a stride above 1, inputs of several sizes have outputs of the same size.
        beyond = [window.remainder(length) for window, length in zip(self._windows, size, strict=True)]
        by_inputs: torch.Tensor = torch.ops.mkldnn._convolution_transpose_pointwise(
            gradient, self._packed, None, self._padding, beyond, self._stride, self._dilation, 1, *_ALONE
        )
        return by_inputs


class _SubPixelBackward(nn.Module):
    """The transposed convolution of a square one with few input channels, as a convolution of stride 1 whose
    channels are the pixels that one stride skips (Shi et al. 2016, "Is the deconvolution layer the same as a
    convolutional layer?", arXiv:1609.07009)."""

    def __init__(self, plain: nn.Conv2d, size: Shape) -> None:
        super().__init__()
        kernel, step, pad = plain.kernel_size[0], plain.stride[0], int(plain.padding[0])
        # The outputs that see an input pixel lie from `before` places before its own to `after` places after it.
        self._step, self._after = step, (step - 1 + pad) // step
        first = step * self._after - pad
        places = -(-(kernel + first) // step)
        self._before, last = places - 1 - self._after, places * step - kernel - first
        whole = pad_around(plain.weight, (first, last, first, last)).contiguous()
        by_rest = whole.view(*whole.shape[:2], places, step, places, step).flip(2, 4)
        gradient_shape = _outputs_shape(plain, size)
        self._packed = _pack(
            by_rest.permute(1, 3, 5, 0, 2, 4).flatten(0, 2), gradient_shape, self._padding(gradient_shape[2:], size)
        )

    def forward(self, gradient: torch.Tensor, size: Shape) -> torch.Tensor:
        padding = self._padding(gradient.shape[2:], size)
        convolved = torch.ops.mkldnn._convolution_pointwise(
            gradient, self._packed, None, padding, _ONE, _ONE, 1, *_ALONE
        )
        top, left = (pad - self._before for pad in padding)
        by_inputs = pixel_shuffle(convolved[:, :, top:, left:], self._step)
        return by_inputs[:, :, : size[0], : size[1]]

    def _padding(self, outputs: Shape, size: Shape) -> list[int]:
        """Enough around the outputs for every pixel of inputs of this size."""
        return [
            max(0, self._before, self._after + -(-length // self._step) - count)
            for length, count in zip(size, outputs, strict=True)
        ]


def _windows_of(plain: nn.Conv2d) -> tuple[SlidingWindow, SlidingWindow]:
    return sliding_windows(plain.kernel_size, plain.stride, tuple(map(int, plain.padding)), plain.dilation)


def _outputs_shape(plain: nn.Conv2d, size: Shape) -> Shape:
    counts = (window.outputs(length) for window, length in zip(_windows_of(plain), size, strict=True))
    return (1, plain.out_channels, *counts)


def _pack(
    weight: torch.Tensor, shape: Shape, padding: Sequence[int], stride: Shape = _ONE, dilation: Shape = _ONE
) -> nn.Parameter:
    """A kernel arranged for inputs of this shape."""
    reorder: Any = torch._C._nn.mkldnn_reorder_conv2d_weight  # whose published type misses arguments
    return _frozen(reorder(weight.contiguous().to_mkldnn(), padding, stride, dilation, 1, shape))


def _frozen(weight: torch.Tensor) -> nn.Parameter:
    return nn.Parameter(weight, requires_grad=False)


class _Convolve(torch.autograd.Function):
    """A packed convolution with its gradient by the input; the weights are frozen and get none."""

    @staticmethod
    def forward(context: Any, inputs: torch.Tensor, layer: PackedConvolution) -> torch.Tensor:  # noqa: ANN401
        context.layer, context.shape = layer, inputs.shape
        return layer.forward_packed(inputs)

    @staticmethod
    def backward(context: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:  # noqa: ANN401
        return context.layer.input_gradient(gradient, context.shape), None


def pack(module: nn.Module, side: int) -> None:
    """Replace a frozen module's convolutions by packed ones, on processors whose library it helps.

    side: height and width of the module's input, in pixels.
    """
    present = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    if not present or platform.machine() not in ("x86_64", "AMD64"):
        return
    for name, shape in _input_shapes(module, side).items():
        parent, _, leaf = name.rpartition(".")
        holder = module.get_submodule(parent)
        setattr(holder, leaf, PackedConvolution(getattr(holder, leaf), shape))


def _input_shapes(module: nn.Module, side: int) -> dict[str, Shape]:
    """What each plain convolution, by its name, is given when the module looks at one frame."""
    # The module itself has nobody to hold another in its place.
    names = {layer: name for name, layer in module.named_modules() if name and _is_plain(layer)}
    shapes: dict[str, Shape] = {}

    def watch(layer: nn.Module, inputs: tuple[torch.Tensor, ...], _output: torch.Tensor) -> None:
        shapes[names[layer]] = tuple(inputs[0].shape)

    watch_pass(module, side, names, watch)
    return shapes


def _is_plain(layer: nn.Module) -> bool:
    """Whether a layer is a convolution that can be packed and is worth it: a subclass may do more than
    convolve, padding in words is not what the operators take, and in groups there is little to rearrange."""
    return type(layer) is nn.Conv2d and layer.groups == 1 and not isinstance(layer.padding, str)
