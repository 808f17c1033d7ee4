"""Computations in steps, which several sessions may share, and which are taken up again where they were left."""

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

Step = TypeVar("Step")


class Works(Generic[Step]):
    """Computations that have been begun.

    most: how many of those that nobody is at are held; the one that was longest left lets go of its memory, and would
        begin anew. Those that somebody is at stay, however many: sessions that push out each other's never end.

    One step of a computation must be over before another is asked for: whoever takes turns sees to that.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._begun: OrderedDict[Hashable, Iterator[Step]] = OrderedDict()
        self._sessions: Counter[Hashable] = Counter()
        self._lock = threading.RLock()  # a generator that is collected meanwhile leaves at()

    @contextmanager
    def at(self, key: Hashable) -> Iterator[None]:
        """A session is at the computation under a key, for the block."""
        with self._lock:
            self._sessions[key] += 1
        try:
            yield
        finally:
            with self._lock:
                self._sessions[key] -= 1
                if not self._sessions[key]:
                    del self._sessions[key]
                self._make_room()

    def step(self, key: Hashable, begin: Callable[[], Iterator[Step]]) -> Step:
        """One more step of the computation under a key, which begins if need be.

        Raises what the step raises; the computation then begins anew.
        """
        with self._lock:
            work = self._begun.pop(key, None) or begin()
            self._begun[key] = work
            self._make_room()
        try:
            return next(work)
        except BaseException:
            self.end(key)
            raise

    def _make_room(self) -> None:
        left = [key for key in list(self._begun) if key not in self._sessions]
        for key in left[: max(0, len(left) - self.most)]:
            self._begun.pop(key, None)

    def end(self, key: Hashable) -> None:
        """Let go of a computation."""
        with self._lock:
            self._begun.pop(key, None)

    def forget(self) -> None:
        """Let go of all."""
        with self._lock:
            self._begun.clear()
