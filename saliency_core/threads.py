"""Pieces of work that do not depend on each other, on all processors at once; and what becomes of threads in a
process that is forked, as multiprocessing does on Linux: they stay behind, and to wait for them would never end."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TypeVar

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")


@lru_cache(maxsize=1)
def _pool(_process: int) -> ThreadPoolExecutor:
    """The threads of the process with this id."""
    return ThreadPoolExecutor(os.cpu_count(), "together")


if hasattr(os, "register_at_fork"):
    # torch's own threads stay behind too; with one it waits for no other, as in the workers of its DataLoader.
    os.register_at_fork(after_in_child=lambda: torch.set_num_threads(1))


def together(make: Callable[[Item], Result], items: Sequence[Item]) -> tuple[Result, ...]:
    """What `make` makes of each item, in their order. It should spend its time in libraries that let other
    threads run meanwhile, as NumPy, SciPy and Pillow do, and must not come here itself: all threads might
    then wait for each other.

    Raises what `make` raises.
    """
    return tuple(_pool(os.getpid()).map(make, items) if len(items) > 1 else map(make, items))
