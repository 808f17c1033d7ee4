"""On which device models are run."""

import os

import torch

from saliency_core.errors import RequestError

VARIABLE = "SALIENCY_DEVICE"
"""The environment variable that names the device where the caller leaves it to us."""


def choose_device(name: str = "auto") -> torch.device:
    """The device called `name`: "cpu", "cuda", "cuda:1", "mps"; for "auto" the one that SALIENCY_DEVICE names,
    else the first present of CUDA, MPS and the CPU.

    Raises RequestError, saying what to use instead, for a name that torch does not know or a device that this
    machine does not have.
    """
    asked, source = (name, "") if name != "auto" else (os.environ.get(VARIABLE, "auto") or "auto", VARIABLE)
    if asked == "auto":
        return torch.device(_first_present())
    hint = f"Set {source} to" if source else "Use"
    choices = f"{hint} auto, cpu, cuda, cuda:0 or mps."
    try:
        device = torch.device(asked)
    except (RuntimeError, TypeError):
        raise RequestError(f"There is no device called {asked!r}. {choices}") from None
    if device.type not in ("cpu", "cuda", "mps"):
        raise RequestError(f"Models cannot be run on a device of the kind {device.type!r} here. {choices}")
    if not _is_present(device):
        raise RequestError(f"This machine has no device {asked!r} that PyTorch can use. {hint} auto or cpu.")
    return device


def _first_present() -> str:
    return next(name for name in ("cuda", "mps", "cpu") if _is_present(torch.device(name)))


def _is_present(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count()
    if device.type == "mps":
        return torch.backends.mps.is_available()
    return not device.index  # there is one CPU
