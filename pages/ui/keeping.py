"""Results kept in memory up to a stated number of bytes; the least recently used go first."""

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import TypeVar, cast

import numpy as np

Result = TypeVar("Result")


class Keeper:
    """A store of results for all sessions, safe to use from many threads.

    capacity: bytes that all results together may take, by size_of().
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.size = 0
        self._results: OrderedDict[Hashable, tuple[object, int]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: Hashable) -> tuple[object] | None:
        """What is kept under a key, as a tuple of one, or None."""
        with self._lock:
            if key not in self._results:
                return None
            self._results.move_to_end(key)
            return (self._results[key][0],)

    def keep(self, key: Hashable, result: object) -> None:
        """Keep a result, and let go of others until all fit; one larger than everything is not kept."""
        size = size_of(result)
        if size > self.capacity:
            return
        with self._lock:
            if key in self._results:
                self.size -= self._results.pop(key)[1]
            self._results[key] = (result, size)
            self.size += size
            while self.size > self.capacity:
                _, (_, freed) = self._results.popitem(last=False)
                self.size -= freed

    def get(self, key: Hashable, make: Callable[[], Result]) -> Result:
        """What is kept under a key, made and kept first if need be."""
        found = self.find(key)
        if found is None:
            found = (make(),)
            self.keep(key, found[0])
        return cast("Result", found[0])

    def forget(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._results.clear()
            self.size = 0


def size_of(result: object) -> int:
    """The bytes a result takes: its arrays, and a little for each object that holds them."""
    if isinstance(result, np.ndarray):
        return result.nbytes
    if isinstance(result, bytes | str):
        return len(result)
    held: Iterable[object] = ()
    if is_dataclass(result):
        held = (getattr(result, field.name) for field in fields(result))
    elif isinstance(result, Mapping):
        held = result.values()
    elif isinstance(result, tuple | list):
        held = result if len(result) < 1000 else ()  # a model's class names are shared by all results
    return sys.getsizeof(result) + sum(size_of(each) for each in held)
