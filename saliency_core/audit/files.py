"""Files that are there whole or not at all, and a folder that one run at a time may write into."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from saliency_core.errors import AuditError

LOCK = "lock"
DRAFT = ".part"
_PATIENCE = 0.5
"""Seconds for which a lock is asked for: holder() has it for a moment."""

if sys.platform == "win32":
    import msvcrt

    def _take(file: BinaryIO) -> None:
        file.seek(1 << 30)  # locked bytes cannot be read, and what the file says is to be
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)

else:
    import fcntl

    def _take(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file in the place of any before; whenever the process or the machine stops, one of both is there.

    One process at a time may write it: see hold(). Raises OSError if it cannot be written.
    """
    draft = path.with_name(path.name + DRAFT)
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        with suppress(OSError):  # on a full disk, half of a file takes room for nothing
            draft.unlink()
        raise
    with suppress(OSError):  # the folder's own entry; Windows opens no folders
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Keep a folder for one run; the operating system gives it back when the process ends, however it does.

    Raises AuditError if another run holds it, OSError if it cannot be written or its file system has no locks.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a+b") as file:
        until = time.monotonic() + _PATIENCE
        while not _try_to_take(file):
            if time.monotonic() > until:
                by = _read_holder(file) or "unknown"
                raise AuditError(
                    f"Another run (process {by}) writes to {folder}. Wait until it is done or stop it, or name another "
                    "folder."
                )
            time.sleep(_PATIENCE / 10)
        file.truncate(0)
        file.write(f"{os.getpid()}\n".encode())
        file.flush()
        yield
        file.truncate(0)


def holder(folder: Path) -> int | None:
    """The process that holds a folder, as it wrote down; None if there is none."""
    try:
        with (folder / LOCK).open("r+b") as file:
            pid = _read_holder(file)
            # Who was killed has left its number behind, but no lock.
            return pid if pid and not _try_to_take(file) else None
    except OSError:
        return None


def _try_to_take(file: BinaryIO) -> bool:
    try:
        _take(file)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _read_holder(file: BinaryIO) -> int | None:
    file.seek(0)
    said = file.read(20).strip()
    return int(said) if said.isdigit() else None
