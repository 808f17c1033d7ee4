"""What a way to a saliency map is, and what it gives."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from saliency_core.checks import check_seed, number, one_of, show, whole_number
from saliency_core.errors import RequestError
from saliency_core.models.classifier import Classifier
from saliency_core.models.prediction import Prediction
from saliency_core.photos.fills import FILLS, Fill
from saliency_core.photos.frame import Frame

MOST_COPIES = 200


@dataclass(frozen=True, slots=True)
class Options:
    """What a method may be told. Each method reads its own and leaves the others.

    copies: noisy copies of the photo that SmoothGrad averages over, from 1.
    noise: standard deviation of their noise, as a share of the range of the model's input; 0 for none.
    baseline: what "no photo" looks like, to methods that compare the photo with nothing or hide parts of it.
    layer: name of the layer that class activation maps look at; None for the model's last one that has places.
    seed: of whatever a method draws at random.

    Raises RequestError for an impossible one.
    """

    copies: int = 25
    noise: float = 0.15
    baseline: Fill = "grey"
    layer: str | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        whole_number(self.copies, "The number of copies", 1, MOST_COPIES)
        number(self.noise, "The noise", 0, 1, "of the input's range")
        one_of(self.baseline, "baseline", FILLS)
        check_seed(self.seed)
        if self.layer is not None and not isinstance(self.layer, str):
            raise RequestError(
                f"The layer must be the name of one, or None for the method's own, not {show(self.layer)}."
            )


DEFAULT_OPTIONS = Options()


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """What a method says of a frame, before channels become one value.

    prediction: the model's answer for the frame.
    values: f32 [channels, side, side], signed, in the frame's pixel grid, read-only; three channels for red, green and
        blue, one for a method that tells no colours apart.
    target: index of the class explained.
    method: key of the method.
    detail: what a caption has to say of how it was made: "25 copies", "layer4"; empty for nothing.
    share: how much of the work is done, in (0, 1].
    note: a sentence on how far it can be relied on, from its own numbers; empty for none.
    options: those that the method read, see Method.own(); whoever asks the method writes them down.
    """

    prediction: Prediction
    values: NDArray[np.float32]
    target: int
    method: str
    detail: str = ""
    share: float = 1.0
    note: str = ""
    options: Options = DEFAULT_OPTIONS


@dataclass(frozen=True, slots=True)
class Method:
    """One way to a saliency map: a row of the registry.

    key: its short name, in links and records.
    title: its name as the field writes it, to stand inside a caption.
    sentence: one plain sentence on what its map shows.
    unit: what a value is measured in.
    reference, url: where it was published.
    signed: whether its sign has a meaning (evidence for the class, or against it) that a map should show.
    per_channel: whether it tells red, green and blue apart.
    passes: forward and backward passes that one map takes, by the default options, roughly.
    needs: what it needs of the module, in words: "gradients", "a layer with places".
    options: names of the Options that it reads.
    explain: explains a frame for the class with an index, or for the best guess if that is None. Yields what there is
        so far, with `share`, and at last the whole; a short method yields once. Each step runs the model at most for
        some tenths of a second.
    warning: one sentence on what is known against it; empty for nothing.
    """

    key: str
    title: str
    sentence: str
    unit: str
    reference: str
    url: str
    signed: bool
    passes: int
    needs: str
    explain: Callable[[Classifier, Frame, int | None, Options], Iterator[Explanation]] = field(repr=False)
    per_channel: bool = True
    options: tuple[str, ...] = ()
    warning: str = ""

    @property
    def long(self) -> bool:
        """Whether a map takes so long that progress has to be shown."""
        return self.passes > LONG

    def own(self, options: Options) -> Options:
        """The options with those that it does not read as they are by default, so that what gives the same map is
        equal."""
        return replace(DEFAULT_OPTIONS, **{name: getattr(options, name) for name in self.options})


LONG = 60
"""Passes after which a method is a long one."""
