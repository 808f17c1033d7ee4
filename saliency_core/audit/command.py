"""An audit from a shell: python -m saliency_core audit FOLDER --model NAME --out DIR."""

import argparse
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from saliency_core.audit.annotations import KINDS
from saliency_core.audit.cluster import Cluster, join_cluster
from saliency_core.audit.findings import read_findings
from saliency_core.audit.follow_up import run_findings, run_self_test
from saliency_core.audit.matching import read_given
from saliency_core.audit.measure import DEFAULT_SETTINGS, Settings
from saliency_core.audit.overview import tell_audit
from saliency_core.audit.plan import Plan
from saliency_core.audit.plan_file import read_plan
from saliency_core.audit.planning import make_plan
from saliency_core.audit.run import Progress, measure_here, run_audit
from saliency_core.audit.store import SUMMARY, read_audit
from saliency_core.audit.trials import MARKS, STRENGTHS, read_self_test
from saliency_core.errors import AuditError, RequestError, SaliencyError
from saliency_core.masking.placements import CONTROL_COUNTS
from saliency_core.models.classifier import Classifier, load_classifier
from saliency_core.photos.frame import CROP_MODES
from saliency_core.text import duration

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
    add(
        "folder",
        type=Path,
        nargs="?",
        metavar="FOLDER",
        help="photos, those in folders within it too; without it, the audit in DIR goes on as it was begun",
    )
    add("--model", metavar="NAME", help="one of the names that models list prints")
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
    add(
        "--find",
        action="store_true",
        help="also look for places and patterns that each class goes by, and test them on photos not looked at",
    )
    add(
        "--self-test",
        type=int,
        nargs="?",
        const=MARKS,
        metavar="MARKS",
        help="also try whether such a pattern would be found: so many marks, each at "
        f"{len(STRENGTHS)} strengths, that the model is made to read (default: {MARKS})",
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
        plan, classifier = _go_on(asked, cluster) if asked.folder is None else _begin(asked, cluster)
        _say(_announce(plan))
        return _carry_out(plan, classifier, asked, cluster)
    except RequestError as error:
        return _end(str(error), 2)
    except SaliencyError as error:
        return _end(str(error), 1)


def _begin(asked: argparse.Namespace, cluster: Cluster | None) -> tuple[Plan, Classifier]:
    settings = Settings(crop_mode=asked.crop_mode, n_controls=asked.controls)
    given = read_given(asked.classes) if asked.classes else None
    if not asked.folder.is_dir():
        raise RequestError(f"There is no folder {asked.folder}.")
    if asked.model is None:
        raise RequestError("Name a model: --model NAME, one of those that models list prints.")
    classifier = load_classifier(asked.model, device="cpu" if cluster else asked.device)
    labels = None if asked.labels == "folders" else asked.labels
    boxes = None if asked.boxes == "none" else asked.boxes
    plan = make_plan(asked.folder, classifier, labels, boxes, given, settings, asked.seed, asked.limit)
    return cluster.place(plan, asked.device) if cluster else plan, classifier


def _go_on(asked: argparse.Namespace, cluster: Cluster | None) -> tuple[Plan, Classifier]:
    """What was begun in the folder of results, whatever else is asked."""
    plan = read_plan(asked.out)
    if plan is None:
        raise RequestError(f"There is no audit in {asked.out} to go on with. Name a folder of photos and a model.")
    return plan, load_classifier(plan.asked.model, device="cpu" if cluster else plan.asked.device)


def _carry_out(plan: Plan, classifier: Classifier, asked: argparse.Namespace, cluster: Cluster | None) -> int:
    runner, first = (cluster.measure, cluster.first(plan)) if cluster else (measure_here, _FIRST)
    parts = [("photos", first, run_audit(plan, classifier, asked.out, runner))]
    if asked.find:
        parts.append(("classes", _FIRST, run_findings(plan, classifier, asked.out)))
    if asked.self_test is not None:
        parts.append(("trials", _FIRST, run_self_test(plan, classifier, asked.out, asked.self_test)))
    done, of = 0, len(plan.photos)
    try:
        with _ending_by_request():
            for things, first, steps in parts:
                teller, done = _Teller(things, first), 0
                for progress in steps:
                    done, of = progress.done, progress.of
                    teller.tell(progress)
    except KeyboardInterrupt:
        return _end(f"Stopped at {done} of {of} {things}; the same command goes on from there.", 130)
    finally:
        _clear()
    if asked.json:
        print((asked.out / SUMMARY).read_text(encoding="utf-8"), end="")
    else:
        found = read_audit(asked.out), read_findings(asked.out), read_self_test(asked.out)
        print(tell_audit(*found), end="")
    _say(f"All of it is in {asked.out}.")
    return 0


@contextmanager
def _ending_by_request() -> Iterator[None]:
    """Have a request to end the process, as a dashboard or a service manager makes it, end it as Ctrl+C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


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

    def __init__(self, things: str, first: int) -> None:
        """things: that are counted, "photos"; first: by how many of them it can be told how long all take."""
        self._things, self._first = things, first
        self._before: int | None = None
        self._estimated = False
        self._told = time.monotonic()

    def tell(self, progress: Progress) -> None:
        if self._before is None:
            self._before = progress.done
            if progress.done:
                _say(f"{progress.done} of {progress.of} {self._things} were done before.")
            if progress.seconds_left:
                self._estimated = True
                _say(f"{progress.of - progress.done} {self._things}: about {duration(progress.seconds_left)}.")
        if not progress.rate or not progress.seconds_left:
            return
        rate, left = _speed(progress.rate, self._things), duration(progress.seconds_left)
        done = f"{progress.done} of {progress.of} {self._things}"
        now = time.monotonic()
        if not self._estimated:
            if progress.done - self._before < self._first:
                return
            self._estimated = True
            _say(f"The first {self._first} {self._things} tell: {rate}, {left} for the others.")
        elif sys.stderr.isatty():
            print(f"\r\033[K{done}, {rate}, {left} left", end="", file=sys.stderr)
            sys.stderr.flush()
        elif now - self._told >= _PAUSE:
            self._told = now
            _say(f"{done}, {rate}, {left} left")


def _speed(rate: float, things: str) -> str:
    return f"{_rate(rate)} {things} a second" if rate >= 0.1 else f"{_rate(60 * rate)} {things} a minute"


def _rate(rate: float) -> str:
    return f"{rate:.2f}" if rate < 1 else f"{rate:.1f}" if rate < 10 else f"{rate:.0f}"


def _clear() -> None:
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def _say(line: str) -> None:
    _clear()
    print(line, file=sys.stderr, flush=True)


def _end(line: str, code: int) -> int:
    _say(line)
    return code
