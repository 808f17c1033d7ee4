"""How the C library's memory is handed out, and given back to the system once it is free."""

import ctypes
import sys
import threading
from contextlib import suppress
from typing import Any

AFTER = 2.0
"""Seconds from work that freed memory until it is given back; all work in between is served at once."""
_HEAPS, _MMAP_THRESHOLD, _TRIM_THRESHOLD = -8, -3, -1
_lock = threading.Lock()
_pending = False
_library: Any = None
if sys.platform == "linux":
    with suppress(OSError, AttributeError):  # another C library keeps nothing of that kind
        _library = ctypes.CDLL("libc.so.6")
        _library.mallopt, _library.malloc_trim  # noqa: B018 (are they there?)


def set_up() -> None:
    """Have few heaps, and give the largest arrays back at once.

    By itself, glibc keeps a heap for each thread. Smaller thresholds give back more by themselves, but then each pass
    asks for its memory anew and takes half as long again.
    """
    if _library is not None:
        for option, value in ((_HEAPS, 2), (_MMAP_THRESHOLD, 32 * 2**20), (_TRIM_THRESHOLD, 64 * 2**20)):
            _library.mallopt(option, value)


def give_back_soon() -> None:
    """Have what is free given back AFTER some seconds; much lies between what is kept, and stays otherwise."""
    global _pending
    with _lock:
        if _library is None or _pending:
            return
        _pending = True
    timer = threading.Timer(AFTER, _give_back)
    timer.daemon = True
    timer.start()


def _give_back() -> None:
    global _pending
    with _lock:
        _pending = False
    _library.malloc_trim(0)
