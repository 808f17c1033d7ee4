"""Computations in steps, which several sessions may share, and which are taken up again where they were left."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

Step = TypeVar("Step")


class Works(Generic[Step]):
    """Computations that have been begun.

    most: how many are held at once; the one that was longest left lets go of its memory, and would begin anew.

    One step of a computation must be over before another is asked for: whoever takes turns sees to that.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._begun: OrderedDict[Hashable, Iterator[Step]] = OrderedDict()
        self._lock = threading.Lock()

    def step(self, key: Hashable, begin: Callable[[], Iterator[Step]]) -> Step:
        """One more step of the computation under a key, which begins if need be.

        Raises what the step raises; the computation then begins anew.
        """
        with self._lock:
            work = self._begun.pop(key, None) or begin()
            self._begun[key] = work
            while len(self._begun) > self.most:
                self._begun.popitem(last=False)
        try:
            return next(work)
        except BaseException:
            self.end(key)
            raise

    def end(self, key: Hashable) -> None:
        """Let go of a computation."""
        with self._lock:
            self._begun.pop(key, None)

    def forget(self) -> None:
        """Let go of all."""
        with self._lock:
            self._begun.clear()
