"""The same network with nothing learned: its weights shuffled, all at once or from the top down."""

import copy
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from saliency_core.checks import check_seed
from saliency_core.engine.engine import plain_numbers
from saliency_core.engine.inputs import normalise
from saliency_core.errors import RequestError, SaliencyError
from saliency_core.models.classifier import Classifier, check_frame
from saliency_core.models.weights import Weights
from saliency_core.photos.frame import Frame

STAGES = 8
"""Stages of a cascade, at most."""
_LEAST_PARTS = 7
"""Containers of layers are opened until a network has at least as many parts."""
_BATCH = 16


@dataclass(frozen=True, slots=True, eq=False)
class Reset:
    """A stage of a cascade.

    classifier: the network with its upper parts shuffled; of use until the next stage is asked for.
    parts: names of the parts that are shuffled so far, from the top down, as the module calls them.
    of: how many parts there are.
    share: how much of the cascade is done, in (0, 1].
    """

    classifier: Classifier
    parts: tuple[str, ...]
    of: int
    share: float

    @property
    def title(self) -> str:
        """What is shuffled, in words."""
        if len(self.parts) == self.of:
            return "everything"
        return "the last layer" if len(self.parts) == 1 else f"the last {len(self.parts)} of {self.of} parts"


def shuffled(classifier: Classifier, calibration: Sequence[Frame], seed: int = 0) -> Classifier:
    """The same architecture with each weight tensor's entries in a random order, so that they have the sizes of the
    trained ones and nothing of what they learned. The original is left as it is.

    Batch normalisations are given the means and variances that the calibration frames have in the shuffled network:
    with those of the trained one, its values would leave every range.

    calibration: at least two frames, not the one to be explained.

    Raises RequestError for fewer frames or ones of another size, SaliencyError if the answers are not finite.
    """
    _check(classifier, calibration)
    module = copy.deepcopy(classifier.module)
    _shuffle(list(module.parameters()), torch.Generator().manual_seed(check_seed(seed)))
    _recalibrate(module, classifier, calibration)
    return _as_classifier(classifier, module, f"all, seed {seed}", calibration)


def cascade(classifier: Classifier, calibration: Sequence[Frame], seed: int = 0) -> Iterator[Reset]:
    """The network with its class layer shuffled, then more and more from the top down, at last all of it, in at most
    STAGES stages (cascading randomisation, Adebayo et al. 2018, arXiv:1810.03292). The last stage's weights are those
    of shuffled() in another random order.

    One copy is changed in place: use each stage's classifier before the next is asked for.

    Raises RequestError and SaliencyError where shuffled() does.
    """
    _check(classifier, calibration)
    generator = torch.Generator().manual_seed(check_seed(seed))
    module = copy.deepcopy(classifier.module)
    parameters = dict(module.named_parameters())
    parts = find_parts(tuple(parameters))[::-1]
    ends = _ends(len(parts))
    for place, (start, end) in enumerate(zip([0, *ends], ends, strict=False)):
        _shuffle([parameters[name] for _, names in parts[start:end] for name in names], generator)
        _recalibrate(module, classifier, calibration)
        titles = tuple(title for title, _ in parts[:end])
        changed = _as_classifier(classifier, module, f"{end} of {len(parts)}, seed {seed}", calibration, plain=True)
        yield Reset(changed, titles, len(parts), (place + 1) / len(ends))


def find_parts(names: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """A network's parts from the bottom up, as its module lists them: each one's name and its parameters' names.

    names: of all parameters, in the module's order.

    The part with the most parameters is opened until there are at least seven, as far as there is something to open.
    """
    parts: list[tuple[str, tuple[str, ...]]] = [("", tuple(names))]
    closed: set[str] = set()
    while len(parts) < _LEAST_PARTS:
        open_ones = [part for part in parts if part[0] not in closed]
        if not open_ones:
            break
        largest = max(open_ones, key=lambda part: len(part[1]))
        inside = _open(*largest)
        if len(inside) == 1 and inside[0][0] == largest[0]:
            closed.add(largest[0])
            continue
        place = parts.index(largest)
        parts[place : place + 1] = inside
    return tuple(parts)


def _open(title: str, names: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """A part's own parts; itself where it is a layer, whose weight and bias stay together."""
    start = f"{title}." if title else ""
    inside: dict[str, list[str]] = {}
    for name in names:
        head, dot, _ = name.removeprefix(start).partition(".")
        inside.setdefault(start + head if dot else title, []).append(name)
    return [(name, tuple(own)) for name, own in inside.items()]


def _ends(parts: int) -> list[int]:
    """How many parts are shuffled after each stage: one first, then as many more as spread the rest evenly."""
    stages = min(STAGES, parts)
    return [1, *(1 + round((parts - 1) * (stage + 1) / (stages - 1)) for stage in range(stages - 1))]


def _shuffle(parameters: Sequence[nn.Parameter], generator: torch.Generator) -> None:
    with torch.inference_mode(mode=False), torch.no_grad():
        for parameter in parameters:
            order = torch.randperm(parameter.numel(), generator=generator)
            parameter.copy_(parameter.flatten()[order].view_as(parameter))


def _recalibrate(module: nn.Module, classifier: Classifier, calibration: Sequence[Frame]) -> None:
    """Give batch normalisations the statistics of the calibration frames, and see that the answers are finite."""
    layers = [layer for layer in module.modules() if isinstance(layer, _BatchNorm) and layer.track_running_stats]
    momenta = [layer.momentum for layer in layers]
    pixels = np.stack([frame.pixels for frame in calibration])
    # A batch of one would leave a layer behind the pooling without a variance.
    batches = np.array_split(pixels, -(-len(pixels) // _BATCH))
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None  # the mean over all batches
        layer.train()
    with plain_numbers(torch.device("cpu")):
        for batch in batches if layers else ():
            module(normalise(batch, classifier.preset))
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
            layer.eval()
        logits: torch.Tensor = module(normalise(pixels[:2], classifier.preset))
    if not bool(torch.isfinite(logits).all()):
        raise SaliencyError(f"{classifier.title} with shuffled weights gives no finite answers, so it shows nothing.")


def _as_classifier(
    classifier: Classifier, module: nn.Module, what: str, calibration: Sequence[Frame], plain: bool = False
) -> Classifier:
    """The changed module as a classifier of its own name and digest, so that nobody takes it for the original."""
    digest = hashlib.sha256(f"{classifier.weights.sha256}, {what}".encode())
    for frame in calibration:
        digest.update(frame.pixels.tobytes())
    return replace(
        classifier,
        name=f"{classifier.name} (weights shuffled)",
        title=f"{classifier.title} with shuffled weights",
        module=module,
        weights=Weights(f"{classifier.weights.origin}, shuffled: {what}", digest.hexdigest()),
        loading=None,
        plain=plain,
    )


def _check(classifier: Classifier, calibration: Sequence[Frame]) -> None:
    for frame in calibration:
        check_frame(classifier, frame)
    if len(calibration) < 2:
        raise RequestError("Shuffled weights need at least two photos to find the range of their values.")
