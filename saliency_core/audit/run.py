"""An audit carried out: photo by photo, shard by shard, gone on with wherever it was stopped. A Runner measures the
photos: this machine, or a cluster (cluster.py)."""

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from pathlib import Path

from saliency_core.audit.compare import tell_differences
from saliency_core.audit.donors import Opened, open_planned
from saliency_core.audit.files import DRAFT, LOCK, hold
from saliency_core.audit.journal import Done, Journal, journal_path, open_journal
from saliency_core.audit.measure import measure_photo
from saliency_core.audit.overview import write_summary
from saliency_core.audit.plan import Plan, Planned
from saliency_core.audit.plan_file import PLAN, read_plan, write_plan
from saliency_core.audit.store import (
    SHARDS,
    load_arrow,
    shard_path,
    values_of,
    write_rows,
    write_shard,
)
from saliency_core.errors import AuditError, RequestError, SaliencyError
from saliency_core.models.classifier import Classifier

Runner = Callable[[Plan, Classifier, Sequence[Planned]], Generator[Done]]
"""Measures photos of a plan, and gives what it found of each, in their order. It may be closed at any time, and does
nothing before it is first asked. Raises AuditError where it cannot go on."""
_RECENT, _SECONDS = 64, 30.0
"""The rate is that of so many photos, the newest, and of so many seconds at least: a cluster's come many at once."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an audit is.

    done, of: photos. rate: photos a second of late; seconds_left: at that rate. Both None before two are measured.
    """

    done: int
    of: int
    rate: float | None = None

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes at the rate of late."""
        return (self.of - self.done) / self.rate if self.rate else None


def measure_here(plan: Plan, classifier: Classifier, photos: Sequence[Planned]) -> Generator[Done]:
    """The Runner of this machine: one photo after the other, two of them in memory at most, each with what is lent to
    it."""
    for photo, opened in _open_ahead(plan, classifier, photos):
        yield _measure_photo(plan, classifier, photo, opened)


def run_audit(plan: Plan, classifier: Classifier, out: Path | str, runner: Runner = measure_here) -> Iterator[Progress]:
    """Measure what of a plan is not measured yet, and write it into a folder; read_audit() reads it.

    The progress comes after each photo. The generator may be closed, or the process killed, at any time: the next run
    with the same plan and folder goes on from there, and the files are the same byte for byte as without a stop, with
    the same packages on the same processor, whichever runner measures. At most one shard's rows are in memory at a
    time besides what the runner holds, and all rows at the end, for the summary.

    Raises AuditError where another run writes to the folder, where it holds another audit or other files, where it
    cannot be written, where the folder of photos is gone, and without pyarrow; RequestError if the plan was made for
    another model, or the folder lies among the photos.
    """
    out = Path(out)
    load_arrow()
    check_model(plan, classifier)
    if out.resolve().is_relative_to(plan.folder):
        raise RequestError(f"{out} lies among the photos; name a folder outside of {plan.folder}.")
    try:
        _refuse_others(out)
        with hold(out):
            _settle(plan, out)
            yield from _measure(plan, classifier, out, runner)
            write_summary(out)
            write_rows(out, plan)
    except OSError as error:
        raise AuditError(
            f"{out} cannot be written: {error.strerror or error}. Make room there; the same audit then goes on."
        ) from error


def check_model(plan: Plan, classifier: Classifier) -> None:
    """Raise RequestError if a plan was made for another model, or other weights of it."""
    if (classifier.name, classifier.weights.sha256) != (plan.asked.model, plan.asked.weights):
        raise RequestError(f"The plan was made for the model {plan.asked.model}, not for {classifier.name}.")


def _refuse_others(out: Path) -> None:
    """Raise AuditError for a folder that holds anything but an audit, or the beginnings of one."""
    if out.is_dir() and not (out / PLAN).exists():
        others = [path.name for path in out.iterdir() if path.name != LOCK and path.suffix != DRAFT]
        if others:
            raise AuditError(f"{out} holds other files than an audit's. Name an empty folder, or one to be made.")


def _settle(plan: Plan, out: Path) -> None:
    """Keep the plan, or go on with the same one."""
    before = read_plan(out)
    if before is not None and before.digest != plan.digest:
        raise AuditError(
            f"{out} holds an audit of something else: {tell_differences(before, plan)}. Name another folder, or ask "
            "for the same again."
        )
    if before is None or before.folder != plan.folder:  # the same photos may have been moved
        write_plan(out, plan if before is None else replace(before, folder=plan.folder))
    (out / SHARDS).mkdir(exist_ok=True)
    for folder in (out, out / SHARDS):
        for draft in folder.glob(f"*{DRAFT}"):
            draft.unlink()


def _measure(plan: Plan, classifier: Classifier, out: Path, runner: Runner) -> Iterator[Progress]:
    of, before = len(plan.photos), 0
    ends = deque([time.monotonic()])
    with closing(runner(plan, classifier, _missing(plan, out))) as found:
        for number in range(plan.shards):
            if shard_path(out, number).exists():
                _journal_path(out, number).unlink(missing_ok=True)
            else:
                for done, is_new in _fill_shard(plan, out, number, found):
                    if is_new:
                        ends.append(time.monotonic())
                        while len(ends) > _RECENT + 1 and ends[-1] - ends[1] > _SECONDS:
                            ends.popleft()
                    spent = ends[-1] - ends[0]
                    yield Progress(before + done, of, (len(ends) - 1) / spent if len(ends) > 2 and spent else None)
            before += len(plan.shard(number))
    yield Progress(of, of)


def _missing(plan: Plan, out: Path) -> tuple[Planned, ...]:
    """The photos that are in no finished shard and no journal."""
    missing: list[Planned] = []
    for number in range(plan.shards):
        if not shard_path(out, number).exists():
            done = 0
            if _journal_path(out, number).exists():
                with _journal(plan, out, number) as journal:
                    done = len(journal.done)
            missing.extend(plan.shard(number)[done:])
    return tuple(missing)


def _fill_shard(plan: Plan, out: Path, number: int, found: Iterator[Done]) -> Iterator[tuple[int, bool]]:
    """Take what is missing of a shard from what is found, then write its file; after each photo, and first of all after
    those that an earlier run measured: how many are done, and whether that one was measured now.

    Raises AuditError where the folder of photos is gone, OSError where `out` cannot be written.
    """
    with _journal(plan, out, number) as journal:
        yield len(journal.done), False
        for _ in plan.shard(number)[len(journal.done) :]:
            journal.add(next(found))
            yield len(journal.done), True
    write_shard(out, plan, number, journal.done)
    _journal_path(out, number).unlink()


def _journal(plan: Plan, out: Path, number: int) -> AbstractContextManager[Journal]:
    return open_journal(_journal_path(out, number), plan.digest, [photo.name for photo in plan.shard(number)])


def _journal_path(out: Path, number: int) -> Path:
    return journal_path(shard_path(out, number))


def _open_ahead(
    plan: Plan, classifier: Classifier, photos: Sequence[Planned]
) -> Iterator[tuple[Planned, "Future[Opened]"]]:
    """Each photo with what is lent to it, decoded while the model looks at the one before."""
    with ThreadPoolExecutor(1, "decoding") as pool:
        waiting: deque[Future[Opened]] = deque()
        for place, photo in enumerate(photos):
            for ahead in photos[place + len(waiting) : place + 2]:
                waiting.append(pool.submit(open_planned, plan, classifier, ahead))
            yield photo, waiting.popleft()


def _measure_photo(plan: Plan, classifier: Classifier, photo: Planned, opened: "Future[Opened]") -> Done:
    asked = plan.asked
    try:
        found = opened.result()
        rows = [
            (
                target,
                measure_photo(classifier, found.photo, target.target, target.boxes, asked.settings, asked.seed, lent),
            )
            for target, lent in zip(photo.targets, found.backgrounds, strict=True)
        ]
    except SaliencyError as error:
        if not Path(plan.folder).is_dir():
            raise AuditError(f"{plan.folder} is no longer there. Once it is, the same audit goes on.") from None
        return Done(photo.name, reason=str(error))
    return Done(photo.name, tuple(values_of(plan, photo, target, row) for target, row in rows))
