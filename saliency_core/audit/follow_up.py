"""What is done with the photos of a finished audit beside measuring them: looking for what its classes go by, and the
self-test, which tries whether that would be found."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from saliency_core.audit.choosing import Chosen, choose_photos, open_frames
from saliency_core.audit.confirm import confirm, find_then_confirm
from saliency_core.audit.files import hold
from saliency_core.audit.findings import LookedInto, class_path, write_class, write_index
from saliency_core.audit.overview import write_summary
from saliency_core.audit.plan import Plan
from saliency_core.audit.run import Progress, check_model
from saliency_core.audit.self_test import try_mark, try_without
from saliency_core.audit.store import Audit, read_audit
from saliency_core.audit.suspicions import Suspicion, look
from saliency_core.audit.trials import (
    MARKS,
    STRENGTHS,
    TRIAL_PHOTOS,
    SelfTest,
    Task,
    list_tasks,
    read_self_test,
    write_self_test,
)
from saliency_core.errors import AuditError
from saliency_core.models.classifier import Classifier
from saliency_core.photos.regions import Region

T = TypeVar("T")


def run_findings(plan: Plan, classifier: Classifier, out: Path | str) -> Iterator[Progress]:
    """Look into each class of a finished audit that has not been looked into, and write what is found into its folder;
    read_findings() reads it.

    The progress counts classes: first those done before, with the rate that is expected, then after each. It may be
    stopped at any time as run_audit() may; the class that it was at is begun anew. The photos of one class and as many
    others are in memory at a time, at most MOST_PHOTOS of each.

    Raises AuditError where there is no such audit or it is not finished, another run writes to it, photos are gone or
    others now, or it cannot be written; RequestError if the plan was made for another model.
    """
    out, asked = Path(out), plan.asked

    def look_into(chosen: Chosen) -> None:
        own, others = (open_frames(plan, classifier, some) for some in (chosen.own, chosen.others))
        found = find_then_confirm(classifier, chosen.target, own, others, asked.settings, asked.seed)
        write_class(out, LookedInto(chosen.target, len(own), len(others), found))

    with _follow(plan, classifier, out) as audit:
        chosen = choose_photos(audit)
        classes = len({each.row.target for each in audit.rows})
        write_index(out, classifier.preset.crop, classes, [each.target for each in chosen])
        left = [each for each in chosen if not class_path(out, each.target).exists()]
        seconds = sum(_expect(plan, classifier, each) for each in left[:1])
        yield from _do_each(left, len(chosen), look_into, seconds)
        write_summary(out)


def run_self_test(plan: Plan, classifier: Classifier, out: Path | str, marks: int = MARKS) -> Iterator[Progress]:
    """Try marks on the class of a finished audit that has most photos, and keep the trials in its folder;
    read_self_test() reads them.

    The progress counts trials, those of clean twins among them, as that of run_findings() counts classes. It may be
    stopped at any time; the trial that it was at is begun anew. Asked for more marks later, it makes those that are
    missing.

    marks: how many, each tried at all STRENGTHS, and with TWINS clean twins.

    Raises as run_findings() does, and RequestError for an impossible number, or where a photo has no room for a mark.
    """
    out, settings = Path(out), plan.asked.settings
    tasks = tuple(list_tasks(plan.asked.seed, marks))
    with _follow(plan, classifier, out) as audit:
        chosen = max(choose_photos(audit, TRIAL_PHOTOS), key=lambda each: each.of, default=None)
        if chosen is None:
            write_self_test(out, SelfTest())
            yield Progress(0, 0)
        else:
            target = chosen.target
            frames, others = (open_frames(plan, classifier, some) for some in (chosen.own, chosen.others))
            found = read_self_test(out) or SelfTest(target, len(frames), len(others))

            def make(task: Task) -> None:
                nonlocal found
                if task.strength is None:
                    twin = try_without(classifier, target, frames, others, STRENGTHS[-1], settings, task.seed)
                    found = replace(found, twins=(*found.twins, twin))
                else:
                    mark = task.strength, task.wandering
                    trial = try_mark(classifier, target, frames, others, *mark, settings, task.seed)
                    found = replace(found, trials=(*found.trials, trial))
                write_self_test(out, found)

            done = {(each.seed, each.strength) for each in found.trials} | {(each.seed, None) for each in found.twins}
            left = [each for each in tasks if (each.seed, each.strength) not in done]
            seconds = _expect(plan, classifier, chosen, maps_again=True) if left else 0.0
            yield from _do_each(left, len(tasks), make, seconds)
        write_summary(out)


@contextmanager
def _follow(plan: Plan, classifier: Classifier, out: Path) -> Iterator[Audit]:
    """The finished audit in a folder, which is kept for this run."""
    check_model(plan, classifier)
    audit = read_audit(out)
    if audit.plan.digest != plan.digest:
        raise AuditError(f"{out} holds an audit of something else.")
    if not audit.complete:
        raise AuditError(f"The audit in {out} is not finished: {audit.done} of {len(plan.photos)} photos are done.")
    try:
        with hold(out):
            yield audit
    except OSError as error:
        raise AuditError(
            f"{out} cannot be written: {error.strerror or error}. Make room there; the same command then goes on."
        ) from error


def _do_each(left: Sequence[T], of: int, do: Callable[[T], None], seconds: float) -> Iterator[Progress]:
    """Do what is left of so many; seconds: that each is expected to take."""
    before, begun = of - len(left), time.monotonic()
    yield Progress(before, of, 1 / seconds if seconds else None)
    for done, each in enumerate(left, 1):
        do(each)
        yield Progress(before + done, of, done / (time.monotonic() - begun))


def _expect(plan: Plan, classifier: Classifier, chosen: Chosen, maps_again: bool = False) -> float:
    """About how many seconds a class takes, or a trial, which makes the maps of all of its own photos again: most go
    into a map of each photo of one half, and into hiding places of each of the other."""
    (frame,), settings = open_frames(plan, classifier, chosen.own[:1]), plan.asked.settings
    square = Suspicion(Region(0, 0, frame.side // 7, frame.side // 7))
    for _ in range(2):  # the first passes take longer
        start = time.monotonic()
        look(classifier, frame, chosen.target, settings)
        middle = time.monotonic()
        confirm(classifier, chosen.target, [frame], [], [square], settings)
        end = time.monotonic()
    half = (len(chosen.own) + len(chosen.others)) / 2
    return half * (end - start) + (len(chosen.own) * (middle - start) if maps_again else 0)
