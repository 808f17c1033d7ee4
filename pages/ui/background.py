"""Work that no page waits for: one piece at a time, the newest first, in a thread of its own."""

import atexit
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator

from saliency_core import SaliencyError
from saliency_core.text import cut

Work = Callable[[], Iterator[object]]
"""Begins a piece of work, which is done as its steps are drawn."""
MOST = 8
"""Pieces that wait; the oldest make room for new ones, and are begun when they are asked for again."""


class Background:
    """Pieces of work by their keys. A piece keeps its own result where whoever asked can find it."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._waiting: OrderedDict[Hashable, Work] = OrderedDict()
        self._running: Hashable = None
        self._stopping = False
        self._failed: OrderedDict[Hashable, str] = OrderedDict()
        self._changed = threading.Condition()
        self._worker: threading.Thread | None = None

    def begin(self, key: Hashable, work: Work) -> None:
        """Have a piece of work done, unless it is waiting, under way, or has failed."""
        with self._changed:
            if key == self._running or key in self._failed:
                return
            self._waiting[key] = work
            self._waiting.move_to_end(key)
            while len(self._waiting) > self.most:
                self._waiting.popitem(last=False)
            if self._worker is None:
                atexit.register(self.forget)  # a thread that runs a model as the process ends would abort it
                self._worker = threading.Thread(target=self._work, name="background", daemon=True)
                self._worker.start()
            self._changed.notify()

    def failure(self, key: Hashable) -> str | None:
        """Why a piece of work could not be done; None if it has not failed."""
        with self._changed:
            return self._failed.get(key)

    def forget(self) -> None:
        """Let go of everything; what is under way ends after its step, which is waited for."""
        with self._changed:
            self._waiting.clear()
            self._stopping = True
            self._changed.wait_for(lambda: self._running is None)
            self._stopping = False
            self._failed.clear()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._waiting))
                key, work = self._waiting.popitem()
                self._running = key
            problem = self._do(work)
            with self._changed:
                self._running = None
                if problem:
                    self._failed[key] = problem
                    while len(self._failed) > self.most:
                        self._failed.popitem(last=False)
                self._changed.notify_all()

    def _do(self, work: Work) -> str:
        """Do it; why it could not be done, if so. A fault must not end the thread."""
        try:
            for _ in work():
                if self._stopping:
                    break
        except SaliencyError as error:
            return str(error)
        except Exception as error:
            return f"{type(error).__name__}: {cut(str(error), 200)}"
        return ""
