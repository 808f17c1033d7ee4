"""An audit as a process of its own: begun, watched and stopped by another one, which it outlives."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from saliency_core.audit import journal
from saliency_core.audit.files import holder
from saliency_core.audit.home import log_path
from saliency_core.audit.plan_file import Heading
from saliency_core.audit.store import find_shards, shard_path
from saliency_core.errors import AuditError

_ROOT = Path(__file__).parents[2]
_NICENESS = 10
"""Others that use the machine, such as people at a dashboard, come first."""
_LAST = 2000
"""Bytes of what the process said that are looked at."""

_begun: dict[Path, "subprocess.Popen[bytes]"] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class State:
    """How an audit's process is doing.

    running: whether there is one; said: the last line that it wrote, empty before the first.
    """

    running: bool
    said: str


def begin(arguments: Sequence[str], out: Path) -> None:
    """Run python -m saliency_core audit with these arguments, into a folder, as a process that does not end with this
    one. What it says goes into a file beside the folder.

    Raises AuditError if the file cannot be written, or one is running already.
    """
    if state(out).running:
        raise AuditError(f"An audit is being written to {out} already.")
    command = [sys.executable, "-m", "saliency_core", "audit", *arguments, "--out", str(out)]
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with log_path(out).open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 (our own command, and no shell)
                command,
                env=os.environ | {"PYTHONPATH": path},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
    except OSError as error:
        raise AuditError(f"{out.parent} cannot be written: {error.strerror or error}.") from error
    if sys.platform != "win32":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, _NICENESS)
    with _lock:
        _begun[out] = process


def state(out: Path) -> State:
    """How the process that writes to a folder is doing, whoever began it."""
    with _lock:
        process = _begun.get(out)
        if process is not None and process.poll() is not None:
            del _begun[out]
            process = None
    return State(process is not None or holder(out) is not None, _read_end(log_path(out)))


def stop(out: Path) -> None:
    """End the process that writes to a folder, if there is one; what is measured is kept, and can be gone on with."""
    with _lock:
        process = _begun.get(out)
    if process is not None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
    elif (pid := holder(out)) is not None:
        with suppress(OSError):  # it has ended meanwhile
            os.kill(pid, signal.SIGTERM)


def count_done(out: Path, heading: Heading) -> int:
    """How many of an audit's photos are done, those of the file under way too."""
    per_shard = heading.asked.per_shard
    done = 0
    for number in find_shards(out, -(-heading.planned // per_shard)):
        path = shard_path(out, number)
        if path.exists():
            done += min(per_shard, heading.planned - number * per_shard)
        else:
            done += journal.count_done(journal.journal_path(path))
    return done


def _read_end(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _LAST))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
