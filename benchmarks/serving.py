"""Streamlit servers of our own on this machine, and what they hold in memory."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.browsing import ROOT, free_port

START_SECONDS = 120.0
_POLL_SECONDS = 0.01
_SAID = ("VmRSS", "VmHWM", "Threads")


@dataclass(frozen=True, slots=True)
class Server:
    """A running Streamlit server.

    address: without a slash at its end, on the loopback interface.
    process: its number.
    started: when its process was started, in seconds since the epoch.
    """

    address: str
    process: int
    started: float


@contextmanager
def serve(script: Path, folder: Path, port: int = 0, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A server that runs for as long as the block, without a way to any other machine.

    folder: takes its log; stands for torch's hub cache, too, and is empty of weights.
    port: a free one for 0. environment: what else is set there.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    alone = {"TORCH_HOME": str(folder), "HTTPS_PROXY": "http://127.0.0.1:9"}
    variables = os.environ | alone | dict(environment or {})
    started = time.time()
    with (
        (folder / f"{script.stem}-{port}.log").open("wb") as log,
        subprocess.Popen(command, cwd=ROOT, env=variables, stdout=log, stderr=log) as process,  # noqa: S603
    ):
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(f"{address}/_stcore/health", process)
            yield Server(address, process.pid, started)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds: resident MiB, now and at its most so far; threads; open file handles."""

    mebibytes: float
    peak: float
    threads: int
    handles: int


def look_at(process: int) -> Held:
    """What a process holds now; Linux only."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    said = {name: int(value.split()[0]) for name, _, value in (line.partition(":") for line in lines) if name in _SAID}
    handles = len(list(Path(f"/proc/{process}/fd").iterdir()))
    return Held(said["VmRSS"] / 1024, said["VmHWM"] / 1024, said["Threads"], handles)


def forget_peak(process: int) -> None:
    """From now on, the most that a process holds is counted anew; Linux only."""
    Path(f"/proc/{process}/clear_refs").write_text("5")


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    begun = time.monotonic()
    while time.monotonic() - begun < START_SECONDS and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310
                return
        except OSError:  # noqa: PERF203
            time.sleep(_POLL_SECONDS)
    raise TimeoutError("the server did not start")
