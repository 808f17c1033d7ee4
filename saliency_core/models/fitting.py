"""Weights into a module: what they are called there, and how they fit."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import torch
from torch import nn

from saliency_core.errors import WeightsError
from saliency_core.models.checkpoint import State, open_checkpoint
from saliency_core.models.networks import innermost
from saliency_core.models.weights import read_state
from saliency_core.text import cut

PREFIXES = ("module.", "model.", "_orig_mod.", "net.")
"""What common trainers put before a weight's name: DataParallel, Lightning, torch.compile."""
_COUNTERS = "num_batches_tracked"  # what training counts, and answers do not need
_FEW = 3


@dataclass(frozen=True, slots=True)
class Loading:
    """How a weights file fitted its module.

    taken: the part of the file that was used, such as "state_dict_ema"; empty for the file as a whole.
    prefix: what was left out before the weights' names.
    matched: how many of the module's weights it had.
    missing: the module's weights that it lacks.
    unexpected: what it has and the module does not.
    """

    taken: str
    prefix: str
    matched: int
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()


Fill = Callable[[nn.Module, Path, str], Loading]
"""Puts a weights file into a module of a title, and tells how it fits."""


def fill_published(module: nn.Module, path: Path, title: str) -> Loading:
    """Put a file that the model's authors publish into the module; it has to fit to the letter.

    Raises WeightsError, naming the file, if it does not.
    """
    try:
        module.load_state_dict(read_state(path))
    except (RuntimeError, TypeError, AttributeError) as error:
        raise WeightsError(
            f"The weights file {path} does not fit {title}. Replace it with the file that the model's authors publish."
        ) from error
    return Loading("", "", len(module.state_dict()))


def fill_from_checkpoint(module: nn.Module, path: Path, title: str) -> Loading:
    """Put a checkpoint, as a trainer saves it, into the module. What it has more than the module is left out.

    Raises WeightsError, naming the file and what to do, if it cannot be opened, lacks a weight, or has one of another
    shape.
    """
    checkpoint = open_checkpoint(path)
    expected: State = innermost(module).state_dict()
    state, prefix = _strip_prefixes(checkpoint.state, expected)
    matched = [name for name in expected if name in state]
    unexpected = tuple(name for name in state if name not in expected)
    missing = tuple(name for name in expected if name not in state and not name.endswith(_COUNTERS))
    if not any(name in expected for name in state):
        raise WeightsError(
            f"None of the {len(state)} weights in {path.name} has a name that {title} has: the file's first is "
            f"“{next(iter(state))}”, the architecture's “{next(iter(expected))}”. Name the architecture that was "
            "trained."
        )
    _check_kinds({name: state[name] for name in matched}, path)
    _check_shapes(state, expected, path, title)
    if missing:
        raise WeightsError(tell_missing(path.name, title, missing, len(expected)))
    with torch.no_grad():
        for name in matched:
            expected[name].copy_(state[name])  # types of numbers that differ are converted
    return Loading(checkpoint.taken, prefix, len(matched), missing, unexpected)


def tell_missing(name: str, title: str, missing: Sequence[str], of: int) -> str:
    """That a file lacks weights, of so many that the model has."""
    return (
        f"{name} lacks {len(missing)} of the {of} weights of {title}: {_list(missing)}. "
        "Name the architecture, and its options, that was trained."
    )


def head_of(state: State) -> str | None:
    """The name of the last weight with two dimensions or more, which as a rule is of the layer that tells the classes;
    None if there is none."""
    return next((name for name in reversed(state) if state[name].dim() >= 2), None)


def _strip_prefixes(state: State, expected: State) -> tuple[State, str]:
    """The state under the names that fit best, and what was left out before them."""

    def fits(found: State) -> int:
        return sum(name in expected for name in found)

    best, prefix = state, ""
    for tried in _prefixes():
        renamed = {_without(tried, name): value for name, value in state.items()}
        if fits(renamed) > fits(best):
            best, prefix = renamed, "".join(tried)
    return best, prefix


def _prefixes() -> Iterator[Sequence[str]]:
    """Up to three prefixes, one within the other; the short ones first."""
    for count in (1, 2, 3):
        yield from product(PREFIXES, repeat=count)


def _without(prefixes: Sequence[str], name: str) -> str:
    return name.removeprefix("".join(prefixes))


def _check_kinds(state: State, path: Path) -> None:
    odd = next((name for name, value in state.items() if not _is_plain(value)), None)
    if odd is not None:
        raise WeightsError(
            f"“{cut(odd, 80)}” in {path.name} is no plain tensor of real numbers. Save the weights as they were before "
            "they were made sparse or quantized."
        )


def _is_plain(value: torch.Tensor) -> bool:
    odd = value.is_meta or value.is_nested or value.is_quantized or value.is_complex()
    return not odd and value.layout is torch.strided


def _check_shapes(state: State, expected: State, path: Path, title: str) -> None:
    other = [name for name, value in expected.items() if name in state and state[name].shape != value.shape]
    if not other:
        return
    head = head_of(expected)
    layer = "" if head is None else head.rpartition(".")[0]
    if head in other and all(name.rpartition(".")[0] == layer for name in other):
        raise WeightsError(
            f"The last layer in {path.name} tells {state[head].shape[0]} classes, but {expected[head].shape[0]} class "
            f"names are given for {title}. Give one name for each class, in the order of the training."
        )
    first = other[0]
    raise WeightsError(
        f"{len(other)} of the weights in {path.name} have another shape than in {title}; “{first}” is "
        f"{list(state[first].shape)} instead of {list(expected[first].shape)}. Name the architecture, and its options, "
        "that was trained."
    )


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:_FEW])
    return shown + (" and others" if len(names) > _FEW else "")
