"""Checkpoints as trainers save them are opened, all else is refused in a sentence, and nothing pickled ever runs."""

import argparse
import os
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torch.optim.swa_utils import AveragedModel

from saliency_core import WeightsError
from saliency_core.models.checkpoint import open_checkpoint
from saliency_core.models.fitting import fill_from_checkpoint


def readable(caught: pytest.ExceptionInfo[WeightsError]) -> str:
    """The error's message, after checking that it is fit to show."""
    message = str(caught.value)
    assert re.match(r"[\w.]+ .*[^.]\. [A-Z].*", message)
    assert not re.search(r"[A-Z][a-z]+Error|Exception|Traceback|Errno|\n", message)
    return message


def network(classes: int = 3) -> nn.Sequential:
    torch.manual_seed(classes)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, classes))


State = dict[str, torch.Tensor]


def prefixed(prefix: str, state: State) -> State:
    return {prefix + name: value for name, value in state.items()}


WRAPPINGS: dict[str, tuple[Callable[[State, State], Any], str, str]] = {
    "plain": (lambda state, _: state, "", ""),
    "state_dict": (lambda state, _: {"state_dict": state, "epoch": 3}, "state_dict", ""),
    "model": (lambda state, _: {"model": state, "optimizer": {"lr": 0.1}}, "model", ""),
    "model_state_dict": (
        lambda state, _: {"model_state_dict": state, "loss": torch.tensor(0.5)},
        "model_state_dict",
        "",
    ),
    "lightning": (
        lambda state, _: {"state_dict": prefixed("model.", state) | {"loss.weight": torch.ones(3)}, "epoch": 1},
        "state_dict",
        "model.",
    ),
    "parallel": (lambda state, _: prefixed("module.", state), "", "module."),
    "compiled": (lambda state, _: {"model": prefixed("_orig_mod.", state)}, "model", "_orig_mod."),
    "parallel and compiled": (lambda state, _: prefixed("module._orig_mod.", state), "", "module._orig_mod."),
    "timm": (
        lambda state, other: {
            "state_dict": other,
            "state_dict_ema": state,
            "args": argparse.Namespace(lr=0.1, model="resnet18"),
            "arch": "resnet18",
        },
        "state_dict_ema",
        "",
    ),
    "averaged": (
        lambda state, other: {"model": other, "model_ema": prefixed("module.", state)},
        "model_ema",
        "module.",
    ),
}


@pytest.mark.parametrize("kind", WRAPPINGS)
def test_each_wrapping_opens_to_the_same_weights(tmp_path: Path, kind: str) -> None:
    wrap, taken, prefix = WRAPPINGS[kind]
    trained, other = network(), network(3)
    for parameter in other.parameters():
        parameter.data.zero_()
    path = tmp_path / "saved.ckpt"
    torch.save(wrap(trained.state_dict(), other.state_dict()), path)
    module = network()
    for parameter in module.parameters():
        parameter.data.fill_(7)
    loading = fill_from_checkpoint(module, path, "Mine")
    for name, value in trained.state_dict().items():
        assert torch.equal(module.state_dict()[name], value), name
    assert (loading.taken, loading.prefix, loading.matched, loading.missing) == (taken, prefix, 9, ())
    assert loading.unexpected == (("loss.weight",) if kind == "lightning" else ())


def test_torchs_own_average_opens(tmp_path: Path) -> None:
    trained = network()
    torch.save(AveragedModel(trained).state_dict(), tmp_path / "saved.pth")
    module = network(3)
    assert fill_from_checkpoint(module, tmp_path / "saved.pth", "Mine").unexpected == ()


def test_safetensors_and_half_precision_open(tmp_path: Path) -> None:
    trained = network()
    save_file({name: value.clone() for name, value in trained.half().state_dict().items()}, tmp_path / "w.safetensors")
    module = network().float()
    fill_from_checkpoint(module, tmp_path / "w.safetensors", "Mine")
    weight, expected = (each.state_dict()["0.weight"] for each in (module, trained))
    assert weight.dtype == torch.float32
    assert torch.equal(weight, expected.float())


def test_counters_of_old_files_may_lack(tmp_path: Path) -> None:
    state = {name: value for name, value in network().state_dict().items() if "num_batches" not in name}
    torch.save(state, tmp_path / "saved.pth")
    assert fill_from_checkpoint(network(), tmp_path / "saved.pth", "Mine").matched == 8


def test_class_names_that_come_with_the_weights_are_found(tmp_path: Path) -> None:
    torch.save({"state_dict": network().state_dict(), "class_to_idx": {"cat": 0, "dog": 1}}, tmp_path / "saved.pth")
    assert open_checkpoint(tmp_path / "saved.pth").classes == {"cat": 0, "dog": 1}


class Canary:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize("packed", [True, False], ids=["torch", "plain pickle"])
def test_a_checkpoint_that_would_run_code_is_refused_and_nothing_runs(tmp_path: Path, packed: bool) -> None:
    trap = {"state_dict": network().state_dict(), "more": Canary(tmp_path / "ran")}
    path = tmp_path / "trap.pth"
    if packed:
        torch.save(trap, path)
    else:
        path.write_bytes(pickle.dumps(trap))
    with pytest.raises(WeightsError) as caught:
        open_checkpoint(path)
    readable(caught)
    assert not (tmp_path / "ran").exists()
    if packed:
        assert "posix.mkdir" in str(caught.value)
        torch.load(path, weights_only=False)
        assert (tmp_path / "ran").exists(), "the trap itself must work"


def save_whole(path: Path) -> None:
    torch.save(network(), path)


def save_script(path: Path) -> None:
    torch.jit.trace(network().eval(), torch.zeros(1, 3, 3, 3)).save(str(path))  # type: ignore[no-untyped-call]


def save_program(path: Path) -> None:
    torch.export.save(torch.export.export(network().eval(), (torch.zeros(1, 3, 3, 3),)), path)


def save_ultralytics(path: Path) -> None:
    # What such a file names, without the library: a class of a module called ultralytics.
    torch.save({"model": "TO BE NAMED"}, path)
    named = type("ClassificationModel", (), {"__module__": "ultralytics.nn.tasks"})
    import sys
    from types import ModuleType

    module = ModuleType("ultralytics.nn.tasks")
    module.ClassificationModel = named  # type: ignore[attr-defined]
    sys.modules |= {"ultralytics": ModuleType("ultralytics"), "ultralytics.nn": ModuleType("ultralytics.nn")}
    sys.modules["ultralytics.nn.tasks"] = module
    try:
        torch.save({"model": named()}, path)
    finally:
        for name in ("ultralytics", "ultralytics.nn", "ultralytics.nn.tasks"):
            del sys.modules[name]


REFUSED: dict[str, tuple[str, Callable[[Path], object], str, str]] = {
    "whole module": ("m.pth", save_whole, "a whole pickled module", r"torch.load\(.*\).state_dict\(\)"),
    "TorchScript": ("m.pt", save_script, "TorchScript", r"torch.jit.load\("),
    "exported program": ("m.pt2", save_program, "torch.export", r"torch.export.load\("),
    "Ultralytics": ("m.pt", save_ultralytics, "Ultralytics", r'\["model"\]'),
    "ONNX": ("m.onnx", lambda path: path.write_bytes(b"\x08\x07"), "ONNX", r"torch.save\("),
    "text": ("m.pth", lambda path: path.write_text("hello"), "damaged", r"torch.save\("),
    "nothing": ("m.pth", lambda path: path.write_bytes(b""), "damaged", r"torch.save\("),
    "not safetensors": ("m.safetensors", lambda path: path.write_bytes(b"hello there"), "safetensors", r"save_file\("),
    "a tensor": ("m.pth", lambda path: torch.save(torch.ones(3), path), "holds a Tensor", r"torch.save\("),
    "an optimizer": ("m.pth", lambda path: torch.save({"lr": 0.1, "seen": [1]}, path), "“lr”, “seen”", r"torch.save\("),
    "a dictionary of nothing": ("m.pth", lambda path: torch.save({}, path), "holds nothing", r"torch.save\("),
    "arrays": ("m.pth", lambda path: torch.save({"state_dict": Path("x")}, path), "pathlib", r'\["state_dict"\]'),
    "no file": ("m.pth", lambda path: path.mkdir(), "cannot be opened", "readable"),
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_checkpoint_is_refused_by_name(tmp_path: Path, kind: str) -> None:
    name, make, reason, remedy = REFUSED[kind]
    path = tmp_path / name
    make(path)
    with pytest.raises(WeightsError) as caught:
        open_checkpoint(path)
    message = readable(caught)
    assert name in message
    assert reason in message
    assert re.search(remedy, message)
    assert str(tmp_path) not in message, "where a file lies on the server is nobody's business"


def test_a_head_of_another_size_is_told_by_its_numbers(tmp_path: Path) -> None:
    torch.save(network(5).state_dict(), tmp_path / "saved.pth")
    with pytest.raises(WeightsError, match=r"saved.pth tells 5 classes, but 3 class names are given for Mine"):
        fill_from_checkpoint(network(3), tmp_path / "saved.pth", "Mine")


def test_weights_that_lack_are_told(tmp_path: Path) -> None:
    state = network().state_dict()
    del state["3.bias"]
    torch.save(state, tmp_path / "saved.pth")
    with pytest.raises(WeightsError, match=r"lacks 1 of the 9 weights of Mine: “3.bias”\."):
        fill_from_checkpoint(network(), tmp_path / "saved.pth", "Mine")


def test_another_networks_weights_are_told(tmp_path: Path) -> None:
    torch.save({"stem.weight": torch.ones(3)}, tmp_path / "saved.pth")
    with pytest.raises(WeightsError, match=r"the file's first is “stem.weight”, the architecture's “0.weight”"):
        fill_from_checkpoint(network(), tmp_path / "saved.pth", "Mine")
    state = network().state_dict()
    state["0.weight"] = torch.ones(4, 3, 5, 5)
    torch.save(state, tmp_path / "saved.pth")
    with pytest.raises(WeightsError, match=r"“0.weight” is \[4, 3, 5, 5\] instead of \[4, 3, 3, 3\]"):
        fill_from_checkpoint(network(), tmp_path / "saved.pth", "Mine")
