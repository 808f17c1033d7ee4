"""Pieces of work that do not depend on each other, on all processors at once."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_pool = ThreadPoolExecutor(os.cpu_count(), "together")


def together(make: Callable[[Item], Result], items: Sequence[Item]) -> tuple[Result, ...]:
    """What `make` makes of each item, in their order. It should spend its time in libraries that let other
    threads run meanwhile, as NumPy, SciPy and Pillow do, and must not come here itself: all threads might
    then wait for each other.

    Raises what `make` raises.
    """
    return tuple(_pool.map(make, items) if len(items) > 1 else map(make, items))
