"""Checkpoints as trainers save them: a state dict, wrapped or not. Pickled code is never run."""

import argparse
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from saliency_core.checks import show
from saliency_core.errors import WeightsError
from saliency_core.models.containers import check_pickles, list_members
from saliency_core.text import cut

State = dict[str, torch.Tensor]

WRAPPINGS = (
    "state_dict_ema",
    "model_state_dict_ema",
    "ema_state_dict",
    "model_ema",
    "ema",
    "state_dict",
    "model_state_dict",
    "model",
    "net",
)
"""Where trainers put the weights in what they save, the one to take first; averaged weights (EMA) before the last."""
CLASS_NAMES = ("class_to_idx", "classes", "class_names", "idx_to_class")
"""Where trainers put the classes' names, if at all."""
_AVERAGED = "n_averaged"  # a count that torch's AveragedModel keeps among the weights


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """What a checkpoint file holds.

    state: the weights by their names in the file, on the CPU.
    taken: the part of the file they come from, one of WRAPPINGS; empty if they are all it holds.
    classes: what it says of the classes' names, as it says it; None if nothing.
    """

    state: State
    taken: str = ""
    classes: object = None


def open_checkpoint(path: Path) -> Checkpoint:
    """The weights in a .safetensors file, or in a state dict saved by torch.save().

    Raises WeightsError, naming the file and what to do instead, for anything else.
    """
    try:
        if path.suffix.lower() == ".safetensors":
            return Checkpoint(_read_safetensors(path))
        _refuse_by_kind(path)
        check_pickles(path)
        return _unwrap(_read_pickled(path), path)
    except OSError as error:
        raise WeightsError(f"{path.name} cannot be opened. Check that it is there, and readable.") from error


def _read_safetensors(path: Path) -> State:
    try:
        return load_file(path)
    except SafetensorError as error:
        raise WeightsError(
            f"{path.name} is damaged, or no safetensors file. Save it again, with safetensors.torch.save_file()."
        ) from error


def _refuse_by_kind(path: Path) -> None:
    """Raise WeightsError for a kind of file that is known, and of no use here."""
    if path.suffix.lower() == ".onnx":
        raise WeightsError(
            f"{path.name} is an ONNX file, which has no gradients to explain an answer by. Save the weights of the "
            'network that it was exported from: torch.save(model.state_dict(), "weights.pth")'
        )
    names = list_members(path)
    exported = any(name.endswith(("archive_format", "serialized_exported_program.json")) for name in names)
    if exported or path.suffix.lower() == ".pt2":
        raise WeightsError(
            f"{path.name} is a program saved by torch.export, which is unpickled as it is opened and could run code. "
            "Where you trust it, save its weights: "
            f'torch.save(torch.export.load("{path.name}").state_dict, "weights.pth")'
        )
    if any(name.endswith("/constants.pkl") for name in names):
        raise WeightsError(
            f"{path.name} is a TorchScript program, which could run code. Where you trust it, save its weights: "
            f'torch.save(torch.jit.load("{path.name}").state_dict(), "weights.pth")'
        )


def _read_pickled(path: Path) -> object:
    try:
        # timm's trainer saves its arguments in a Namespace, which does nothing but hold them.
        with torch.serialization.safe_globals([argparse.Namespace]):
            return torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except Exception as error:  # torch.load raises pickle, zip, runtime and key errors alike
        raise WeightsError(_tell_unreadable(path, error)) from error


def _tell_unreadable(path: Path, error: Exception) -> str:
    kinds = _pickled_kinds(path, error)
    load = f'torch.load("{path.name}", weights_only=False)'
    if any(kind.startswith("ultralytics") for kind in kinds):
        return (
            f"{path.name} is a model saved by Ultralytics, which pickles its own classes and could run code. "
            f'Where you trust it, save its weights: torch.save({load}["model"].float().state_dict(), "weights.pth") '
            "and name a function that builds the network as its architecture."
        )
    if kinds:
        whole = any(kind.startswith("torch.nn.modules.") for kind in kinds)
        what, part = ("a whole pickled module", ".state_dict()") if whole else ("pickled objects", '["state_dict"]')
        kinds.sort(key=lambda kind: kind.startswith("torch.nn.modules."))  # what is not torch's own tells more
        shown = ", ".join(kinds[:2]) + (" and others" if len(kinds) > 2 else "")
        return (
            f"{path.name} holds {what} ({shown}), which could run code as it is opened. Where you trust it, save its "
            f'weights alone: torch.save({load}{part}, "weights.pth")'
        )
    return (
        f"{path.name} is damaged, or nothing that torch.save() saved. Save it again: "
        'torch.save(model.state_dict(), "weights.pth")'
    )


def _pickled_kinds(path: Path, error: Exception) -> list[str]:
    """The classes and functions that a file wants to be unpickled and that torch does not; read without running it."""
    try:
        return sorted(torch.serialization.get_unsafe_globals_in_checkpoint(path))
    except Exception:  # an older file, which is one pickle: the message names the first
        return re.findall(r"GLOBAL ([\w.]+)", str(error))[:1]


def _unwrap(content: object, path: Path) -> Checkpoint:
    if not isinstance(content, Mapping):
        raise WeightsError(
            f"{path.name} holds a {type(content).__name__} instead of a model's weights. Save them: "
            'torch.save(model.state_dict(), "weights.pth")'
        )
    found = (content.get(name) for name in CLASS_NAMES)
    classes = next((each for each in found if isinstance(each, Mapping | list | tuple)), None)
    for name in WRAPPINGS:
        if state := _weights_in(content.get(name)):
            return Checkpoint(state, name, classes)
    if state := _weights_in(content):
        return Checkpoint(state, "", classes)
    named = (f"“{cut(name, 80)}”" if isinstance(name, str) else show(name) for name in list(content)[:5])
    held = ", ".join(named) or "nothing"
    raise WeightsError(
        f"{path.name} has no weights where trainers put them ({', '.join(WRAPPINGS)}); it holds {held}. Save them "
        'alone: torch.save(model.state_dict(), "weights.pth")'
    )


def _weights_in(content: object) -> State:
    """The tensors in a state dict by their names; none if it is no state dict."""
    if not isinstance(content, Mapping):
        return {}
    return {
        name: value
        for name, value in content.items()
        if isinstance(name, str) and torch.is_tensor(value) and name != _AVERAGED
    }
