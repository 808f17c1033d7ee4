"""What the figures were measured on."""

import os
import platform
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

PACKAGES = ("torch", "torchvision", "captum", "numpy", "scipy", "pillow", "matplotlib", "streamlit")
PEERS = ("grad-cam", "torchcam", "saliency")
_FLAGS = (
    "avx2",
    "fma",
    "avx_vnni",
    "avx512f",
    "avx512_vnni",
    "avx512_bf16",
    "avx512_fp16",
    "amx_tile",
    "amx_int8",
    "amx_bf16",
)
_SETTINGS = ("OMP_NUM_THREADS", "OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "MKL_NUM_THREADS")
_PROCESSOR = Path("/proc/cpuinfo")


def describe_machine() -> dict[str, Any]:
    """Processor, memory, threads, versions and date: what to tell beside any figure."""
    processor = _read_processor()
    present = processor.get("flags", "").split()
    return {
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "system": platform.platform(),
        "processor": processor.get("model name") or platform.processor() or platform.machine(),
        "processor_family": " ".join(processor.get(name, "?") for name in ("vendor_id", "cpu family", "model")),
        "cores": os.cpu_count() or 1,
        "usable_cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "flags": [flag for flag in _FLAGS if flag in present],
        "torch_uses": torch.backends.cpu.get_cpu_capability(),
        "memory_gib": _memory_gib(),
        "torch_threads": torch.get_num_threads(),
        "settings": {name: os.environ[name] for name in _SETTINGS if name in os.environ},
        "load_average": list(os.getloadavg()) if hasattr(os, "getloadavg") else [],
        "python": platform.python_version(),
        "packages": {name: found for name in (*PACKAGES, *PEERS) if (found := find_version(name))},
    }


def find_version(package: str) -> str | None:
    """The installed version of a package, None where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _read_processor() -> dict[str, str]:
    """The first processor's lines in /proc/cpuinfo; nothing where there is no such file."""
    if not _PROCESSOR.exists():
        return {}
    first = _PROCESSOR.read_text().split("\n\n", 1)[0]
    pairs = (line.partition(":") for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _memory_gib() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (ValueError, OSError, AttributeError):
        return None
