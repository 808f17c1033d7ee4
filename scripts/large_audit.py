"""How long the photos of a large audit take to open, count, sort and write out.

python -m scripts.large_audit DIR OUT [--rows N] makes an audit of N rows in OUT, of the rows of a small finished one in
DIR again and again, under other names and digests, and prints the times. If OUT is there already, it is timed again.
The names lead to the small one's photos by links in OUT, if the system lets one make them.
"""

import argparse
import hashlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from saliency_core.audit.cases import Case
from saliency_core.audit.journal import Done
from saliency_core.audit.overview import summary_json
from saliency_core.audit.plan import Plan, Planned, Target
from saliency_core.audit.plan_file import write_plan
from saliency_core.audit.store import SUMMARY, Audit, Measured, read_audit, values_of, write_rows, write_shard
from saliency_core.audit.summary_file import read_summary
from saliency_core.audit.tables import Table, open_table

Result = TypeVar("Result")


def main(arguments: Sequence[str] | None = None) -> int:
    """Make what is missing, and print the times."""
    parser = argparse.ArgumentParser("python -m scripts.large_audit", description=__doc__)
    parser.add_argument("small", type=Path, metavar="DIR", help="a finished audit")
    parser.add_argument("out", type=Path, metavar="OUT", help="the folder of the large one")
    parser.add_argument("--rows", type=int, default=100_000)
    asked = parser.parse_args(arguments)
    if not (asked.out / SUMMARY).exists():
        began = time.monotonic()
        make_large(asked.small, asked.out, asked.rows)
        print(f"{'made':44} {time.monotonic() - began:8.2f} s", flush=True)
    for what, seconds in time_all(asked.out):
        print(f"{what:44} {seconds:8.2f} s", flush=True)
    return 0


def make_large(small: Path, out: Path, rows: int) -> None:
    """An audit of `rows` rows of those of a small one."""
    audit = read_audit(small)
    folder = (out / "photos").resolve()
    folder.mkdir(parents=True)
    (out / "shards").mkdir()
    planned = {photo.name: photo for photo in audit.plan.photos}
    copies = [
        _copy(planned[each.photo], each, f"{place // len(audit.rows):05}")
        for place, each in ((place, audit.rows[place % len(audit.rows)]) for place in range(rows))
    ]
    for name in dict.fromkeys(photo.name.partition("/")[0] for photo, _ in copies):
        with suppress(OSError):
            (folder / name).symlink_to(audit.plan.folder, target_is_directory=True)
    photos = tuple(photo for photo, _ in copies)
    plan = replace(audit.plan, folder=str(folder), photos=photos, found=len(photos), left_out=())
    write_plan(out, plan)
    for number in range(plan.shards):
        write_shard(out, plan, number, _shard(plan, number, copies))
    measured = tuple(each for _, each in copies)
    (out / SUMMARY).write_text(summary_json(Audit(plan, measured, (), len(photos))), encoding="utf-8")
    write_rows(out, plan)


def _copy(photo: Planned, measured: Measured, folder: str) -> tuple[Planned, Measured]:
    """A photo with one of its rows, under another name."""
    name = f"{folder}/{photo.name}"
    row = replace(measured.row, digest=hashlib.sha256(name.encode()).hexdigest())
    target = Target(row.target, measured.what, measured.boxes)
    return replace(photo, name=name, targets=(target,)), replace(measured, photo=name, row=row)


def _shard(plan: Plan, number: int, copies: Sequence[tuple[Planned, Measured]]) -> list[Done]:
    start = number * plan.asked.per_shard
    some = copies[start : start + plan.asked.per_shard]
    return [Done(photo.name, (values_of(plan, photo, photo.targets[0], each.row),)) for photo, each in some]


def time_all(out: Path) -> Iterator[tuple[str, float]]:
    """What a page does, and how long each takes in seconds."""
    overview, seconds = _time(lambda: read_summary(out))
    yield f"summary read, {len(overview.classes)} classes", seconds
    table, seconds = _time(lambda: open_table(out))
    yield "table opened", seconds
    with table:
        for what, ask in _questions(table, overview.classes[0].summary.target):
            yield what, _time(ask)[1]
        for kind, export in (("csv", table.export_csv), ("parquet", table.export_parquet)):
            path = out / f"export.{kind}"
            yield f"all rows written as {kind}", _time(lambda export=export, path=path: export(path))[1]  # type: ignore[misc]
            path.unlink()


def _questions(table: Table, target: int) -> Iterator[tuple[str, Callable[[], object]]]:
    counts = table.counts(target)
    case = max((each for each in counts if each), key=lambda each: counts[each], default=Case.NEITHER)
    name = table.photos(target, count=1)[0].photo
    yield f"cases of a class counted, {sum(counts.values())} photos", lambda: table.counts(target)
    yield "cases of all photos counted", table.counts
    yield "all classes so far", table.so_far
    yield "first page of a class by need", lambda: table.photos(target)
    yield "first page of one case", lambda: table.photos(target, case)
    yield "first page of all photos by need", table.photos
    yield "page in the middle of a class", lambda: table.photos(target, start=sum(counts.values()) // 2)
    yield "last page of all photos by name", lambda: table.photos(order="name", descending=True)
    yield "one photo found by its name", lambda: table.find(name)


def _time(make: Callable[[], Result]) -> tuple[Result, float]:
    began = time.monotonic()
    result = make()
    return result, time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
