"""Other libraries where they are installed: one map each, of one class, from a prepared input."""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import numpy as np
import torch

import saliency_core as core
from benchmarks.baselines import attribute_naively, open_naively
from benchmarks.measure import Effort, Entry, Variant, compare
from benchmarks.models import ModelPair, load_pairs
from benchmarks.photos import read_sample

Maker = Callable[[ModelPair, torch.Tensor, int], Callable[[], object]]


def measure_peers(effort: Effort) -> Iterator[Entry]:
    """One class's map by each, on ResNet50, as each one's front page says."""
    pair = load_pairs()[0]
    data = read_sample()
    frame = core.frame_photo(core.decode_photo(data), pair.ours)
    target = core.classify(pair.ours, frame).top(1)[0].index
    inputs = pair.transform(open_naively(data)).unsqueeze(0)
    variants = {
        "ours": Variant(
            lambda: core.attribute(pair.ours, frame, target), "gradient of the logit by every pixel, 224 x 224"
        ),
        "captum": Variant(lambda: attribute_naively(pair, inputs.clone(), target), "the same"),
    }
    missing = []
    for name, (make, about) in _PEERS.items():
        try:
            variants[name] = Variant(make(pair, inputs, target), about)
        except ImportError as error:  # noqa: PERF203
            missing.append(Entry("peers", pair.title, name, "ms", None, note=f"not installed: {error.name}; {about}"))
    yield from compare("peers", pair.title, variants, effort)
    yield from missing


def _make_grad_cam(pair: ModelPair, inputs: torch.Tensor, target: int) -> Callable[[], object]:
    library: Any = import_module("pytorch_grad_cam")
    targets: Any = import_module("pytorch_grad_cam.utils.model_targets")
    layers = [pair.stock.get_submodule("layer4")[-1]]  # type: ignore[index]

    def run() -> object:
        with library.GradCAM(model=pair.stock, target_layers=layers) as extractor:
            return extractor(input_tensor=inputs, targets=[targets.ClassifierOutputTarget(target)])

    return run


def _make_torchcam(pair: ModelPair, inputs: torch.Tensor, target: int) -> Callable[[], object]:
    library: Any = import_module("torchcam.methods")

    def run() -> object:
        with library.LayerCAM(pair.stock, "layer4") as extractor:
            return extractor(target, pair.stock(inputs))

    return run


def _make_pair_saliency(pair: ModelPair, inputs: torch.Tensor, target: int) -> Callable[[], object]:
    library: Any = import_module("saliency.core")
    method = library.GradientSaliency()
    values = inputs[0].permute(1, 2, 0).numpy()

    def call_model(batch: Any, call_model_args: Any = None, expected_keys: Any = None) -> dict[str, Any]:  # noqa: ANN401, ARG001
        leaf = torch.tensor(np.asarray(batch)).permute(0, 3, 1, 2).float().requires_grad_()
        logit = pair.stock(leaf)[:, target].sum()
        (slopes,) = torch.autograd.grad(logit, leaf)
        return {library.INPUT_OUTPUT_GRADIENTS: slopes.permute(0, 2, 3, 1).numpy()}

    return lambda: library.VisualizeImageGrayscale(method.GetMask(values, call_model))


_PEERS: dict[str, tuple[Maker, str]] = {
    "pytorch-grad-cam": (_make_grad_cam, "Grad-CAM: last layer's channels weighted by their gradient, 7 x 7, enlarged"),
    "torchcam": (_make_torchcam, "Layer-CAM of the last layer, 7 x 7"),
    "PAIR saliency": (_make_pair_saliency, "the same gradient, summed over channels"),
}
