"""An audit from a shell: python -m saliency_core audit FOLDER --model NAME --out DIR."""

import argparse
import sys
import time
from pathlib import Path

from saliency_core.audit.annotations import KINDS
from saliency_core.audit.cluster import Cluster, join_cluster
from saliency_core.audit.matching import read_given
from saliency_core.audit.measure import DEFAULT_SETTINGS, Settings
from saliency_core.audit.overview import tell_audit
from saliency_core.audit.plan import Plan
from saliency_core.audit.planning import make_plan
from saliency_core.audit.run import Progress, measure_here, run_audit
from saliency_core.audit.store import SUMMARY, read_audit
from saliency_core.errors import AuditError, RequestError, SaliencyError
from saliency_core.masking.placements import CONTROL_COUNTS
from saliency_core.models.classifier import Classifier, load_classifier
from saliency_core.photos.frame import CROP_MODES

TITLE = "audit a folder of photos: which classes need their object"
_ABOUT = "Hide what is boxed on each photo, ask the model again, and tell of each class whether it needs its object."
_EXIT_CODES = "exit code: 0 if the audit is finished, 1 if the model cannot be loaded or the audit cannot be written \
or gone on with, 2 for a command or a folder that is not understood, 130 if it was stopped"
_FIRST = 3
"""By so many photos it is told how long all take; on a cluster, by those that it takes at first."""
_PAUSE = 10.0
"""Seconds between two lines of progress, where lines stay."""


def fill_parser(parser: argparse.ArgumentParser) -> None:
    """Give a parser the arguments of an audit."""
    parser.description, parser.epilog = _ABOUT, _EXIT_CODES
    add = parser.add_argument
    add("folder", type=Path, metavar="FOLDER", help="photos, those in folders within it too")
    add("--model", required=True, metavar="NAME", help="one of the names that models list prints")
    add("--out", required=True, type=Path, metavar="DIR", help="where results go; the same command goes on")
    add("--boxes", choices=(*KINDS, "none"), default="auto", help="the format of the boxes (default: the one there)")
    add(
        "--labels",
        metavar="WHAT",
        default="folders",
        help="folders: the folders' names, or else a table in the folder (default); boxes: what a photo's boxes are "
        "called; index: the number that its name begins with; or a CSV file of file and label",
    )
    add(
        "--classes",
        metavar="FILE",
        help="which class a label is: a CSV file of label and class, or JSON, also by itself: "
        '\'{"kangaroo": "wallaby"}\'',
    )
    add("--crop-mode", choices=CROP_MODES, default=DEFAULT_SETTINGS.crop_mode, help="default: %(default)s")
    add(
        "--controls",
        type=int,
        choices=CONTROL_COUNTS,
        default=DEFAULT_SETTINGS.n_controls,
        help="random places that an object is compared with (default: %(default)s)",
    )
    add("--limit", type=int, metavar="N", help="measure only so many photos, spread evenly over the folder")
    add("--seed", type=int, default=0, help="of the random places (default: %(default)s)")
    add("--device", default="auto", help="auto, cpu, cuda, cuda:1 or mps (default: auto)")
    add("--json", action="store_true", help="print the summary as JSON")
    add("--runner", choices=("local", "ray"), default="local", help="this machine (default), or a Ray cluster")
    add("--address", metavar="HOST:PORT", help="the cluster's head, or auto; without, Ray is begun on this machine")
    parser.set_defaults(do=audit)


def audit(asked: argparse.Namespace) -> int:
    """Do what the arguments say, and return the exit code: the result to stdout, all else to stderr."""
    try:
        if asked.runner == "ray":
            with join_cluster(asked.address) as cluster:
                return _audit(asked, cluster)
        if asked.address:
            raise RequestError("--address names a cluster; it wants --runner ray.")
        return _audit(asked)
    except RequestError as error:
        return _end(str(error), 2)
    except AuditError as error:
        return _end(str(error), 1)


def _audit(asked: argparse.Namespace, cluster: Cluster | None = None) -> int:
    try:
        settings = Settings(crop_mode=asked.crop_mode, n_controls=asked.controls)
        given = read_given(asked.classes) if asked.classes else None
        if not asked.folder.is_dir():
            raise RequestError(f"There is no folder {asked.folder}.")
    except RequestError as error:
        return _end(str(error), 2)
    try:
        classifier = load_classifier(asked.model, device="cpu" if cluster else asked.device)
    except SaliencyError as error:
        return _end(str(error), 1)
    labels = None if asked.labels == "folders" else asked.labels
    boxes = None if asked.boxes == "none" else asked.boxes
    try:
        plan = make_plan(asked.folder, classifier, labels, boxes, given, settings, asked.seed, asked.limit)
        if cluster:
            plan = cluster.place(plan, asked.device)
        _say(_announce(plan))
        return _carry_out(plan, classifier, asked, cluster)
    except RequestError as error:
        return _end(str(error), 2)
    except SaliencyError as error:
        return _end(str(error), 1)


def _carry_out(plan: Plan, classifier: Classifier, asked: argparse.Namespace, cluster: Cluster | None) -> int:
    done = 0
    runner, teller = measure_here, _Teller(_FIRST)
    if cluster:
        runner, teller = cluster.measure, _Teller(cluster.first(plan))
    try:
        for progress in run_audit(plan, classifier, asked.out, runner):
            done = progress.done
            teller.tell(progress)
    except KeyboardInterrupt:
        return _end(f"Stopped at {done} of {len(plan.photos)} photos; the same command goes on from there.", 130)
    finally:
        _clear()
    if asked.json:
        print((asked.out / SUMMARY).read_text(encoding="utf-8"), end="")
    else:
        print(tell_audit(read_audit(asked.out)), end="")
    _say(f"All of it is in {asked.out}.")
    return 0


def _announce(plan: Plan) -> str:
    boxed = sum(any(target.boxes for target in photo.targets) for photo in plan.photos)
    some = f" of {plan.found}" if plan.found > len(plan.photos) else ""
    asked = plan.asked
    return (
        f"{len(plan.photos)}{some} photos, {boxed} of them with boxes that are hidden; {plan.title} on {asked.device}, "
        f"{asked.settings.n_controls} random places, crop mode {asked.settings.crop_mode}."
    )


class _Teller:
    """Tells of progress: in one line that changes, where stderr is a terminal, or else in a line now and then."""

    def __init__(self, first: int) -> None:
        self._first = first
        self._before: int | None = None
        self._estimated = False
        self._told = time.monotonic()

    def tell(self, progress: Progress) -> None:
        if self._before is None:
            self._before = progress.done
            if progress.done:
                _say(f"{progress.done} of {progress.of} photos were measured before.")
        if progress.rate is None or progress.seconds_left is None:
            return
        rate, left = f"{_rate(progress.rate)} photos a second", _duration(progress.seconds_left)
        now = time.monotonic()
        if not self._estimated:
            if progress.done - self._before < self._first:
                return
            self._estimated = True
            _say(f"The first {self._first} photos tell: {rate}, {left} for the others.")
        elif sys.stderr.isatty():
            print(f"\r\033[K{progress.done} of {progress.of} photos, {rate}, {left} left", end="", file=sys.stderr)
            sys.stderr.flush()
        elif now - self._told >= _PAUSE:
            self._told = now
            _say(f"{progress.done} of {progress.of} photos, {rate}, {left} left")


def _rate(rate: float) -> str:
    return f"{rate:.2f}" if rate < 1 else f"{rate:.1f}" if rate < 10 else f"{rate:.0f}"


def _duration(seconds: float) -> str:
    for most, unit, size in ((90, "seconds", 1), (5400, "minutes", 60), (172_800, "hours", 3600)):
        if seconds < most:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86_400:.0f} days"


def _clear() -> None:
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def _say(line: str) -> None:
    _clear()
    print(line, file=sys.stderr, flush=True)


def _end(line: str, code: int) -> int:
    _say(line)
    return code
