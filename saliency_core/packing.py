"""Convolutions whose weights lie in memory the way the processor's library computes with them.

oneDNN otherwise rearranges each weight anew in every pass, on the way forward and on the way back: for
ResNet50 a hundred megabytes each time, a sixth of a single frame's pass. Here each arrangement is made once:
for a single frame, for several, and for the way back. The operators are those of torch's own compiler and no
part of its public interface; the requirements name the one torch that they were tested with.
"""

import platform
from typing import Any

import torch
from torch import nn
from torch.nn.grad import conv2d_input

from saliency_core.watching import watch_pass

Shape = tuple[int, ...]

_SEVERAL = 4
"""From two frames on oneDNN wants the same arrangement, and another for one."""
ACTIVATIONS: dict[type[nn.Module], tuple[str, list[float]]] = {
    nn.Identity: ("none", []),
    nn.ReLU: ("relu", []),
    nn.ReLU6: ("hardtanh", [0.0, 6.0]),
}
"""What can be done to outputs while they are made, rather than in a step of its own; the operators' words for it."""
_operators: Any = torch._C._nn  # whose published types miss arguments


class PackedConvolution(nn.Module):
    """A frozen convolution that takes less time: f32 [n, in, height, width] -> f32 [n, out, height, width],
    the same values as before, and the same gradient by its input.

    plain: the convolution; its own weight is kept only where it is needed to go back.
    shape: [1, in, height, width] of its input.
    """

    def __init__(self, plain: nn.Conv2d, shape: Shape) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.dilation, self.groups = (
            plain.kernel_size,
            plain.stride,
            plain.dilation,
            plain.groups,
        )
        self.padding = tuple(map(int, plain.padding))
        self._bias = plain.bias
        self._single = self._pack(plain.weight, shape)
        self._several = self._pack(plain.weight, (_SEVERAL, *shape[1:]))
        # In steps of one pixel, going back is the same convolution from the outputs to the inputs, with the
        # kernel turned around, if the padding keeps the picture's size.
        steps_of_one = plain.stride == plain.dilation == (1, 1)
        size_kept = tuple(2 * int(pad) + 1 for pad in plain.padding) == plain.kernel_size
        self._back: nn.Parameter | None = None
        self._weight: torch.Tensor | None = None
        if steps_of_one and size_kept:
            turned = plain.weight.flip(2, 3).transpose(0, 1).contiguous()
            self._back = self._pack(turned, (1, plain.out_channels, *shape[2:]))
        else:
            self._weight = plain.weight

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """The convolution."""
        if not torch.is_grad_enabled():
            return self.ahead(inputs)
        outputs: torch.Tensor = _Convolve.apply(inputs, self)  # type: ignore[no-untyped-call]
        return outputs

    def ahead(
        self, inputs: torch.Tensor, padded: bool = False, activation: type[nn.Module] = nn.Identity
    ) -> torch.Tensor:
        """The outputs, without a way back.

        padded: the inputs have the padding around them already.
        activation: one of ACTIVATIONS, of the outputs as they are made.
        """
        packed = self._single if len(inputs) == 1 else self._several
        padding = (0, 0) if padded else self.padding
        return self._convolve(inputs, packed, self._bias, padding, activation)

    def back(self, slopes: torch.Tensor, shape: Shape) -> torch.Tensor:
        """The gradient by inputs of this shape, from the one by the outputs."""
        if self._back is not None:
            return self._convolve(slopes, self._back, None, self.padding)
        by_inputs: torch.Tensor = conv2d_input(  # type: ignore[no-untyped-call]
            shape, self._weight, slopes, self.stride, self.padding, self.dilation, self.groups
        )
        return by_inputs

    def _pack(self, weight: torch.Tensor, shape: Shape) -> nn.Parameter:
        settings = self.padding, self.stride, self.dilation, self.groups
        packed = _operators.mkldnn_reorder_conv2d_weight(weight.to_mkldnn(), *settings, shape)
        return nn.Parameter(packed, requires_grad=False)

    def _convolve(
        self,
        inputs: torch.Tensor,
        packed: torch.Tensor,
        bias: torch.Tensor | None,
        padding: Shape,
        activation: type[nn.Module] = nn.Identity,
    ) -> torch.Tensor:
        convolve = torch.ops.mkldnn._convolution_pointwise
        settings = padding, self.stride, self.dilation, self.groups
        outputs: torch.Tensor = convolve(inputs, packed, bias, *settings, *ACTIVATIONS[activation], "")
        return outputs


class _Convolve(torch.autograd.Function):
    """A packed convolution with its gradient by the input; the weights are frozen and get none."""

    @staticmethod
    def forward(context: Any, inputs: torch.Tensor, layer: PackedConvolution) -> torch.Tensor:  # noqa: ANN401
        context.layer, context.shape = layer, inputs.shape
        return layer.ahead(inputs)

    @staticmethod
    def backward(context: Any, slopes: torch.Tensor) -> tuple[torch.Tensor, None]:  # noqa: ANN401
        return context.layer.back(slopes, context.shape), None


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
