"""Batches of photos handed out to the processes of a Ray cluster, and handed out again where one ends."""

import re
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import torch

from saliency_core.audit.journal import Done
from saliency_core.audit.plan import Plan, Planned
from saliency_core.audit.worker import Worker
from saliency_core.errors import AuditError, SaliencyError
from saliency_core.models.classifier import Classifier

BATCH = 4
"""How many photos a process is given at a time."""
AHEAD = 2
"""How many batches it is given before the first is answered, so that it does not wait between them."""
_LOOK = 2.0
"""Seconds between two looks at which nodes there are."""
_PATIENCE = 300.0
"""Seconds without any process that measures after which a run gives up."""
_DEATHS = 3
"""How many processes may end over one batch, or before they have loaded the model."""


class Work:
    """Photos handed out in batches. A process is an actor's handle; it is ready once it has loaded the model.

    ray: the module; needs: what one process takes of its node, in Ray's words; room: how many the nodes have room for.
    """

    def __init__(self, ray: Any, needs: Mapping[str, int], room: Callable[[], int]) -> None:  # noqa: ANN401
        self._ray, self._room = ray, room
        self._kind = ray.remote(Worker).options(
            num_cpus=needs["CPU"], num_gpus=needs.get("GPU", 0), max_restarts=0, scheduling_strategy="SPREAD"
        )
        self._given: tuple[Any, ...] = ()  # what each process is made of
        self._batches: list[Sequence[Planned]] = []
        self._waiting: deque[int] = deque()
        self._loads: dict[Any, list[int]] = {}  # of each process, the batches in its hands, the first of them in work
        self._ready: set[Any] = set()
        self._asked: dict[Any, tuple[Any, int | None]] = {}  # of each answer to come: of whom, about which batch
        self._deaths: Counter[int | None] = Counter()  # over each batch, and None: before the model was loaded
        self._looked = 0.0
        self._alive = time.monotonic()

    def go_through(self, plan: Plan, classifier: Classifier, photos: Sequence[Planned]) -> Iterator[Done]:
        """What is found of photos, in order. Raises AuditError where that comes to no end."""
        self._batches = [photos[start : start + BATCH] for start in range(0, len(photos), BATCH)]
        self._waiting.extend(range(len(self._batches)))
        packed = self._ray.cloudpickle.dumps(classifier)
        shared = self._ray.put(plan), self._ray.put(packed)
        self._given = *shared, torch.get_num_threads(), list(sys.path)
        found: dict[int, list[Done]] = {}
        for number in range(len(self._batches)):
            while number not in found:
                self._begin_processes()
                self._hand_out()
                self._collect(found)
            yield from found.pop(number)

    def close(self) -> None:
        """End all processes."""
        for process in self._loads:
            self._kill(process)

    def _begin_processes(self) -> None:
        now = time.monotonic()
        if self._ready:
            self._alive = now
        if now - self._looked < _LOOK:
            return
        self._looked = now
        if now - self._alive > _PATIENCE:
            raise AuditError(
                "For five minutes no node of the cluster had room for this audit. Once one has, the same audit goes on."
            )
        room = min(self._room(), len(self._waiting) + sum(map(len, self._loads.values())))
        if self._deaths[None] < _DEATHS:
            for _ in range(room - len(self._loads)):
                process = self._kind.remote(*self._given)
                self._loads[process] = []
                self._asked[process.prepare.remote()] = process, None

    def _hand_out(self) -> None:
        for ahead in range(1, AHEAD + 1):  # to each its first before any has its second
            for process in self._ready:
                if self._waiting and len(self._loads[process]) < ahead:
                    batch = self._waiting.popleft()
                    self._loads[process].append(batch)
                    self._asked[process.measure.remote(self._batches[batch])] = process, batch

    def _collect(self, found: dict[int, list[Done]]) -> None:
        if not self._asked:
            time.sleep(_LOOK / 10)
            return
        answers, _ = self._ray.wait(list(self._asked), timeout=_LOOK)
        for answer in answers:
            if answer not in self._asked:  # its process has just been given up
                continue
            process, batch = self._asked.pop(answer)
            try:
                result = self._ray.get(answer)
            except self._ray.exceptions.RayTaskError as error:
                raise _as_told(error) from None
            except self._ray.exceptions.RayError as error:  # the process has ended, or its node, or the way to it
                self._lose(process, error)
                continue
            if batch is None:
                self._ready.add(process)
            else:
                self._loads[process].remove(batch)
                found[batch] = result

    def _lose(self, process: Any, error: Exception) -> None:  # noqa: ANN401
        batches, was_ready = self._loads.pop(process), process in self._ready
        self._ready.discard(process)
        self._asked = {answer: about for answer, about in self._asked.items() if about[0] is not process}
        self._kill(process)
        self._waiting.extendleft(reversed(batches))
        self._looked = 0.0
        over = batches[0] if batches else None
        if was_ready and over is None:
            return
        self._deaths[over] += 1
        if over is not None and self._deaths[over] >= _DEATHS:
            raise AuditError(
                f"{_DEATHS} processes ended while they measured {self._batches[over][0].name} or the photos after it: "
                f"{gist(error)} Ray's logs say more; the same audit goes on from there."
            )
        if self._deaths[None] >= _DEATHS and not self._loads:
            raise AuditError(
                f"No node of the cluster can take part: {gist(error)} Install this program on each, the same "
                "version as here."
            )

    def _kill(self, process: Any) -> None:  # noqa: ANN401
        with suppress(Exception):  # it may have ended, or the cluster
            self._ray.kill(process)


def _as_told(error: Any) -> Exception:  # noqa: ANN401
    """What a process raised, in its own words where they are meant for people."""
    return AuditError(str(error.cause)) if isinstance(error.cause, SaliencyError) else error


def gist(error: Exception) -> str:
    """What an error says, without the traceback and the identifiers around it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    line = next((line for line in lines if re.match(r"[\w.]+Error: ", line)), lines[0])
    return f"{line.rstrip('.')[:200]}."
