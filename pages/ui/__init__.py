"""What the dashboard's pages share; importing any of it first says how torch is to be run."""

import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path

# Read when torch is loaded. While its threads wait for each other they spin for some microseconds, then
# sleep. Sleeping at once made the server's passes take half as long again, and spinning without end takes
# many times as long beside another busy process.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # for runtimes that do not know the first

# By itself, glibc keeps a heap for each thread, and what large arrays took in it. Smaller thresholds give back more,
# but then each pass asks for its memory anew and takes half as long again.
if sys.platform == "linux":
    with suppress(OSError, AttributeError):  # another C library
        _mallopt = ctypes.CDLL("libc.so.6").mallopt
        for _option, _value in ((-8, 2), (-3, 32 * 2**20), (-1, 64 * 2**20)):  # heaps, mmap threshold, trim threshold
            _mallopt(_option, _value)

# The file of declared models lies beside dashboard.py, from wherever that is run.
if (_declared := Path(__file__).parents[2] / "models.toml").exists():
    os.environ.setdefault("SALIENCY_MODELS", str(_declared))
