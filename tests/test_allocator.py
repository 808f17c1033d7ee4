"""Memory that was freed between what is kept goes back to the system."""

import subprocess
import sys

import pytest

from scripts.browsing import ROOT

FREED = """
import os, time
from pathlib import Path
from pages.ui import allocator

def held():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS:"))

blocks = [bytes(b"x" * 100_000) for _ in range(2000)]
kept = blocks[::2]
del blocks
before = held()
allocator.AFTER = 0.1
allocator.give_back_soon()
allocator.give_back_soon()
time.sleep(1)
print(before - held())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="of the C library on Linux")
def test_memory_freed_between_what_is_kept_goes_back() -> None:
    run = subprocess.run([sys.executable, "-c", FREED], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(run.stdout) > 60  # of 95 MiB
