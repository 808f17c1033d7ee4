"""What each method costs, in gradients of one pass, beside Captum called plainly on the stock module."""

from collections.abc import Callable, Iterator
from functools import partial

import torch

import saliency_core as core
from benchmarks.baselines import open_naively
from benchmarks.measure import Effort, Entry, spread_of, take_turns, tell_turns
from benchmarks.models import ModelPair, load_pairs
from benchmarks.photos import read_sample
from saliency_core.engine.inputs import normalise
from saliency_core.methods.contributions import STEPS
from saliency_core.methods.occlusion import occlusion_windows
from saliency_core.photos.fills import fill_pixels

Plain = Callable[[ModelPair, torch.Tensor, torch.Tensor, int], object]
"""Captum's way to a map: of a model, from an input and a baseline f32 [1, 3, side, side], of a class."""


def measure_methods(effort: Effort) -> Iterator[Entry]:
    """Each method on each model."""
    for pair in load_pairs():
        for method in core.methods():
            if not (effort.quick and method.long):
                yield from _measure_method(pair, method, read_sample(), effort)


def _measure_method(pair: ModelPair, method: core.Method, data: bytes, effort: Effort) -> Iterator[Entry]:
    frame = core.frame_photo(core.decode_photo(data), pair.ours)
    target = core.classify(pair.ours, frame).best()
    inputs = pair.transform(open_naively(data)).unsqueeze(0)
    grey = normalise(fill_pixels(frame, "grey")[None], pair.ours.preset)
    runs: dict[str, Callable[[], object]] = {
        "one gradient, ours": lambda: core.explain(pair.ours, frame, target),
        "ours": lambda: core.explain(pair.ours, frame, target, method.key),
    }
    captums = _CAPTUMS.get(method.key, {})
    runs |= {name: partial(run, pair, inputs, grey, target) for name, run in captums.items()}
    case = f"{method.title}, {pair.title}"
    seconds = take_turns(runs, effort if method.passes == 1 else effort.for_long())
    yield from tell_turns("methods", case, seconds)
    for name in captums:
        shares = [ours / theirs for ours, theirs in zip(seconds["ours"], seconds[name], strict=True)]
        yield Entry("methods", case, f"ours, as a share of {name}", "x", spread_of(shares))


def _saliency(pair: ModelPair, inputs: torch.Tensor, _grey: torch.Tensor, target: int) -> object:
    from captum.attr import Saliency

    return Saliency(pair.stock).attribute(inputs.clone().requires_grad_(), target)


def _noise_tunnel(
    pair: ModelPair, inputs: torch.Tensor, _grey: torch.Tensor, target: int, batch: int | None = None
) -> object:
    from captum.attr import NoiseTunnel, Saliency

    return NoiseTunnel(Saliency(pair.stock)).attribute(
        inputs.clone().requires_grad_(),
        nt_type="smoothgrad",
        nt_samples=core.Options().copies,
        nt_samples_batch_size=batch,
        stdevs=core.Options().noise * float(inputs.max() - inputs.min()),
        abs=False,
        target=target,
    )


def _input_x_gradient(pair: ModelPair, inputs: torch.Tensor, _grey: torch.Tensor, target: int) -> object:
    from captum.attr import InputXGradient

    return InputXGradient(pair.stock).attribute(inputs.clone().requires_grad_(), target)


def _integrated_gradients(
    pair: ModelPair, inputs: torch.Tensor, grey: torch.Tensor, target: int, batch: int | None = None
) -> object:
    from captum.attr import IntegratedGradients

    return IntegratedGradients(pair.stock).attribute(inputs, grey, target, n_steps=STEPS, internal_batch_size=batch)


def _grad_cam(pair: ModelPair, inputs: torch.Tensor, _grey: torch.Tensor, target: int) -> object:
    from captum.attr import LayerAttribution, LayerGradCam

    layer = pair.stock.get_submodule(pair.ours.engine.layers().last or "")
    leaf = inputs.clone().requires_grad_()
    coarse = LayerGradCam(pair.stock, layer).attribute(leaf, target, relu_attributions=True)
    return LayerAttribution.interpolate(coarse, (inputs.shape[-1], inputs.shape[-1]), "bilinear")


def _occlusion(pair: ModelPair, inputs: torch.Tensor, grey: torch.Tensor, target: int, batch: int = 1) -> object:
    from captum.attr import Occlusion

    first = occlusion_windows(inputs.shape[-1])[0]
    shape, strides = (3, first.height, first.width), (3, first.height // 2, first.width // 2)
    with torch.no_grad():
        return Occlusion(pair.stock).attribute(inputs, shape, strides, grey, target, perturbations_per_eval=batch)


_CAPTUMS: dict[str, dict[str, Plain]] = {
    "gradient": {"Captum": _saliency},
    "smoothgrad": {
        "Captum, all at once as it does by default": _noise_tunnel,
        "Captum, 5 at a time": partial(_noise_tunnel, batch=5),
    },
    "input_x_gradient": {"Captum": _input_x_gradient},
    "integrated_gradients": {
        "Captum, all at once as it does by default": _integrated_gradients,
        "Captum, 5 at a time": partial(_integrated_gradients, batch=5),
    },
    "grad_cam": {"Captum": _grad_cam},
    "occlusion": {
        "Captum, one by one as it does by default": _occlusion,
        "Captum, 16 at a time": partial(_occlusion, batch=16),
    },
}
"""Captum's own ways, by method."""
