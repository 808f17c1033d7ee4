"""One model pass at a time, first come, first served, so that many people at once queue and do not thrash."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pages.ui import metrics
from saliency_core import SaliencyError


class BusyError(SaliencyError):
    """Too many people are waiting already."""


class Turns:
    """A fair queue.

    longest: how many may wait before more are turned away.
    """

    def __init__(self, longest: int) -> None:
        self.longest = longest
        self._waiting: deque[object] = deque()
        self._changed = threading.Condition()

    @contextmanager
    def take(self, on_wait: Callable[[int], object]) -> Iterator[None]:
        """Wait for one's turn and hold it for the block.

        on_wait: called a few times a second, not at once, with the number of those before; what it raises
            ends the waiting, which is how a page that has been left or changed gives up its place.

        Raises BusyError if the queue is full.
        """
        ticket = object()
        with self._changed:
            if len(self._waiting) > self.longest:
                metrics.turned_away()
                raise BusyError("Too many people are using the model right now. Try again in a minute.")
            self._waiting.append(ticket)
        try:
            while not self._wait_a_moment(ticket):  # most waits end here; telling of them would flicker
                on_wait(self._place(ticket))
            yield
        finally:
            with self._changed:
                self._waiting.remove(ticket)
                self._changed.notify_all()

    def length(self) -> int:
        """How many wait, with the one whose turn it is."""
        with self._changed:
            return len(self._waiting)

    def _wait_a_moment(self, ticket: object) -> bool:
        """Whether it is this ticket's turn, now or a quarter of a second from now."""
        with self._changed:
            return self._changed.wait_for(lambda: self._waiting[0] is ticket, timeout=0.25)

    def _place(self, ticket: object) -> int:
        with self._changed:
            return self._waiting.index(ticket)
