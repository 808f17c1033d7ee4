"""An audit on a Ray cluster: its photos are measured by many processes, and what they find comes back in order."""

import os
import socket
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch

from saliency_core.audit.batches import BATCH, Work, gist
from saliency_core.audit.journal import Done
from saliency_core.audit.plan import Plan, Planned
from saliency_core.errors import AuditError, RequestError
from saliency_core.models.classifier import Classifier

DEVICES = ("auto", "cpu", "cuda")
_REACH = 5.0
"""Seconds that a cluster's head has for answering."""
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is told to Ray's authors
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".*",  # of what nodes print, and Ray about them, on this run's stdout
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # what Ray 3 will do; without, it warns
}


@contextmanager
def join_cluster(address: str | None = None) -> Iterator["Cluster"]:
    """Connect to a cluster for as long as it is needed; a process that is connected already stays so.

    address: HOST:PORT of its head, or "auto" for the one that this machine belongs to; None begins one of this machine
        alone, which ends with the block.

    Raises AuditError without Ray and where no cluster answers, RequestError for an address that is none.
    """
    ray = _load_ray()
    if ray.is_initialized():
        yield Cluster(ray)
        return
    _reach(address)
    try:
        ray.init(
            address=address or "local",
            include_dashboard=None if address else False,
            log_to_driver=False,
            logging_level="critical",
        )
    except Exception as error:  # Ray raises many kinds, its own and Python's
        raise AuditError(
            f"The cluster{f' at {address}' if address else ''} cannot be joined: {gist(error)} Run this on one "
            "of its machines, with the versions of Ray and Python that it has."
        ) from error
    try:
        yield Cluster(ray)
    finally:
        ray.shutdown()


@dataclass(frozen=True, slots=True, eq=False)
class Cluster:
    """A cluster that is connected to; its measure() is a Runner.

    ray: the module.
    """

    ray: Any

    def place(self, plan: Plan, device: str = "auto") -> Plan:
        """The plan for the processors that the cluster measures with, whatever this machine has.

        device: "cpu", "cuda", or "auto" for CUDA where the cluster has a GPU.

        Raises RequestError for another, AuditError where no node has it.
        """
        if device not in DEVICES:
            raise RequestError(f"On a cluster, the device is one of {', '.join(DEVICES)}, not {device}.")
        if device == "auto":
            device = "cuda" if self.room("cuda") else "cpu"
        if not self.room(device):
            cpus = f"{torch.get_num_threads()} CPUs, as many as PyTorch has threads here; OMP_NUM_THREADS=1 lowers it"
            raise AuditError(f"No node of the cluster has {'a GPU' if device == 'cuda' else cpus}.")
        return replace(plan, asked=replace(plan.asked, device=device))

    def room(self, device: str) -> int:
        """How many processes the nodes that are there have room for."""
        nodes = [node["Resources"] for node in self.ray.nodes() if node["Alive"]]
        return sum(min(int(node.get(what, 0) // each) for what, each in _needs(device).items()) for node in nodes)

    def first(self, plan: Plan) -> int:
        """By how many photos it can be told how long a plan takes: by what the processes have in hand at first."""
        return BATCH * self.room(plan.asked.device)

    def measure(self, plan: Plan, classifier: Classifier, photos: Sequence[Planned]) -> Generator[Done]:
        """Measure photos with as many processes as there is room for, each with its own copy of the model; give what is
        found in the photos' order.

        On CPUs each has as many threads as PyTorch has here: with others, sums are rounded differently. What a process
        had in hand that ended, or whose node did, is given to another; nodes that join are used.

        Raises AuditError where a node cannot load the model or does not see the photos, where processes keep ending,
        and where for five minutes there was none.
        """
        device = plan.asked.device
        with closing(Work(self.ray, _needs(device), lambda: self.room(device))) as work:
            yield from work.go_through(plan, classifier, photos)


def _needs(device: str) -> dict[str, int]:
    """What one process takes of its node, in Ray's words."""
    return {"CPU": 1, "GPU": 1} if device == "cuda" else {"CPU": torch.get_num_threads()}


def _load_ray() -> Any:  # noqa: ANN401
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
        import ray.cloudpickle
    except ImportError:
        raise AuditError(
            "An audit on a cluster needs Ray, which is not installed. Install it here and on every node: "
            "pip install ray"
        ) from None
    return ray


def _reach(address: str | None) -> None:
    """Raise AuditError unless somebody listens at an address: Ray itself would try for minutes."""
    if address in (None, "auto", "local"):
        return
    host, _, port = (address or "").rpartition(":")
    if not host or "/" in host or not port.isdecimal():
        raise RequestError(f"{address} is no address of a cluster. Give HOST:PORT of its head, or auto.")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _REACH).close()
    except (OSError, OverflowError) as error:
        raise AuditError(
            f"No cluster answers at {address}: {gist(error)} Start one there: ray start --head --port {port}"
        ) from None
