"""A model that can be loaded, and one whose declaration is of no use."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from torch import nn

from saliency_core.models.fitting import Fill, fill_published
from saliency_core.models.weights import File, Hub, Package
from saliency_core.photos.frame import Preset

Output = Literal["logits", "probabilities"]
"""What a network's last layer gives."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model that can be loaded.

    title: its name as people write it.
    about: one plain sentence on what it is.
    build: makes the module, with weights yet to come.
    preset: how it wants its input.
    source: where its weights come from.
    categories: gives the classes' names, in the order of the logits.
    fill: puts a weights file into the module, and tells how they fit.
    output: what the module gives.
    device: where it is run unless the caller says otherwise, see choose_device().
    declared: what its declaration says, as JSON; empty for a built-in model.
    """

    title: str
    about: str
    build: Callable[[], nn.Module]
    preset: Preset
    source: Hub | Package | File
    categories: Callable[[], Sequence[str]]
    fill: Fill = fill_published
    output: Output = "logits"
    device: str = "auto"
    declared: str = ""


@dataclass(frozen=True, slots=True)
class BrokenModel:
    """A declaration that cannot be used.

    title: its name as people write it.
    problem: what is wrong with it, and what to do, in a sentence or two.
    """

    title: str
    problem: str
