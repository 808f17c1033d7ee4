"""What each method costs, in gradients of one pass, beside Captum called plainly on the stock module."""

from collections.abc import Callable, Iterator

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
    plain = _PLAIN.get(method.key)
    if plain is not None:
        runs["Captum"] = lambda: plain(pair, inputs.clone(), grey, target)
    case = f"{method.title}, {pair.title}"
    seconds = take_turns(runs, effort if method.passes == 1 else effort.for_long())
    yield from tell_turns("methods", case, seconds)
    if plain is not None:
        shares = [ours / theirs for ours, theirs in zip(seconds["ours"], seconds["Captum"], strict=True)]
        yield Entry("methods", case, "ours, as a share of Captum's", "x", spread_of(shares))


def _saliency(pair: ModelPair, inputs: torch.Tensor, _grey: torch.Tensor, target: int) -> object:
    from captum.attr import Saliency

    return Saliency(pair.stock).attribute(inputs.requires_grad_(), target)


def _noise_tunnel(pair: ModelPair, inputs: torch.Tensor, _grey: torch.Tensor, target: int) -> object:
    from captum.attr import NoiseTunnel, Saliency

    spread = 0.15 * float(inputs.max() - inputs.min())
    return NoiseTunnel(Saliency(pair.stock)).attribute(
        inputs.requires_grad_(),
        nt_type="smoothgrad",
        nt_samples=core.Options().copies,
        nt_samples_batch_size=5,
        stdevs=spread,
        abs=False,
        target=target,
    )


def _input_x_gradient(pair: ModelPair, inputs: torch.Tensor, _grey: torch.Tensor, target: int) -> object:
    from captum.attr import InputXGradient

    return InputXGradient(pair.stock).attribute(inputs.requires_grad_(), target)


def _integrated_gradients(pair: ModelPair, inputs: torch.Tensor, grey: torch.Tensor, target: int) -> object:
    from captum.attr import IntegratedGradients

    return IntegratedGradients(pair.stock).attribute(inputs, grey, target, n_steps=STEPS, internal_batch_size=5)


def _grad_cam(pair: ModelPair, inputs: torch.Tensor, _grey: torch.Tensor, target: int) -> object:
    from captum.attr import LayerAttribution, LayerGradCam

    layer = pair.stock.get_submodule(pair.ours.engine.layers().last or "")
    coarse = LayerGradCam(pair.stock, layer).attribute(inputs.requires_grad_(), target, relu_attributions=True)
    return LayerAttribution.interpolate(coarse, (224, 224), "bilinear")


def _occlusion(pair: ModelPair, inputs: torch.Tensor, grey: torch.Tensor, target: int) -> object:
    from captum.attr import Occlusion

    first = occlusion_windows(inputs.shape[-1])[0]
    shape, strides = (3, first.height, first.width), (3, first.height // 2, first.width // 2)
    with torch.no_grad():
        return Occlusion(pair.stock).attribute(inputs, shape, strides, grey, target, perturbations_per_eval=16)


_PLAIN: dict[str, Plain] = {
    "gradient": _saliency,
    "smoothgrad": _noise_tunnel,
    "input_x_gradient": _input_x_gradient,
    "integrated_gradients": _integrated_gradients,
    "grad_cam": _grad_cam,
    "occlusion": _occlusion,
}
