"""An audit's folder: plan.json, shards/00000.parquet and so on, and summary.json at the end."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saliency_core.audit.boxes import LeftOut
from saliency_core.audit.files import write_whole
from saliency_core.audit.journal import Done, Values
from saliency_core.audit.plan import Plan, Planned, Target
from saliency_core.audit.plan_file import read_plan
from saliency_core.audit.rows import Row, columns, read_row
from saliency_core.errors import AuditError

SUMMARY, SHARDS = "summary.json", "shards"
_OF_PHOTO = {"photo": str, "label": str, "object": str, "category": str}
_DIGEST, _LEFT_OUT = b"plan", b"left_out"


@dataclass(frozen=True, slots=True)
class Measured:
    """A row with what it is about.

    photo: its name; label: in the folder's words, None without one; what: what the boxes are called, empty without any;
    category: the name of the class in question.
    """

    photo: str
    label: str | None
    what: str
    category: str
    row: Row


@dataclass(frozen=True, slots=True)
class Audit:
    """What has been measured of a plan.

    rows: in the order of the photos, one for each class asked of one.
    left_out: the plan's, and the photos that could not be measured, in the order of their names.
    done: how many photos are measured or left out; finished shards count.
    """

    plan: Plan
    rows: tuple[Measured, ...]
    left_out: tuple[LeftOut, ...]
    done: int

    @property
    def complete(self) -> bool:
        """Whether all of its photos are done."""
        return self.done == len(self.plan.photos)


def read_audit(out: Path | str) -> Audit:
    """An audit's finished shards, whether or not it is complete; a run may write to the folder meanwhile.

    Raises AuditError where there is none, or a file of it is damaged or cannot be read without pyarrow.
    """
    out = Path(out)
    plan = read_plan(out)
    if plan is None:
        raise AuditError(f"There is no audit in {out}; name a folder that an audit was written to.")
    rows: list[Measured] = []
    left_out = list(plan.left_out)
    done = 0
    for number in range(plan.shards):
        if shard_path(out, number).exists():
            found, without = read_shard(out, plan, number)
            rows.extend(found)
            left_out.extend(without)
            done += len(plan.shard(number))
    return Audit(plan, tuple(rows), tuple(sorted(left_out, key=lambda each: (each.name, each.reason))), done)


def shard_path(out: Path, number: int) -> Path:
    """A shard's file, which is there once all of its photos are done."""
    return out / SHARDS / f"{number:05}.parquet"


def values_of(plan: Plan, photo: Planned, target: Target, row: Row) -> Values:
    """A row's values by column, those of Measured among them; read_shard() gives them back."""
    about: Values = {
        "photo": photo.name,
        "label": photo.label,
        "object": target.what,
        "category": plan.categories[row.target],
    }
    return about | row.as_dict(plan.asked.settings.fills)


def write_shard(out: Path, plan: Plan, number: int, done: Sequence[Done]) -> None:
    """Keep a shard's photos, those without rows beside the table, in the file's metadata.

    The same photos give the same bytes with one version of pyarrow.

    Raises AuditError without pyarrow, OSError if it cannot be written.
    """
    arrow, parquet = load_arrow()
    kinds = {str: arrow.string(), int: arrow.int64(), float: arrow.float64(), bool: arrow.bool_()}
    names = _OF_PHOTO | columns(plan.asked.settings.fills)
    left_out = [(each.photo, each.reason) for each in done if each.reason]
    schema = arrow.schema(
        [(name, kinds[kind]) for name, kind in names.items()],
        metadata={_DIGEST: plan.digest.encode(), _LEFT_OUT: json.dumps(left_out).encode()},
    )
    buffer = io.BytesIO()
    table = arrow.Table.from_pylist([row for each in done for row in each.rows], schema=schema)
    parquet.write_table(table, buffer, compression="zstd")
    write_whole(shard_path(out, number), buffer.getvalue())


def read_shard(out: Path, plan: Plan, number: int) -> tuple[tuple[Measured, ...], tuple[LeftOut, ...]]:
    """A shard's rows, and its photos that could not be measured.

    Raises AuditError if it is damaged, or of another plan, and without pyarrow.
    """
    _, parquet = load_arrow()
    path = shard_path(out, number)
    fills = plan.asked.settings.fills
    try:
        with path.open("rb") as file:
            table = parquet.read_table(file)
        metadata = table.schema.metadata
        if metadata[_DIGEST] == plan.digest.encode():
            rows = tuple(
                Measured(each["photo"], each["label"], each["object"], each["category"], read_row(each, fills))
                for each in table.to_pylist()
            )
            return rows, tuple(LeftOut(*each) for each in json.loads(metadata[_LEFT_OUT]))
    except Exception as error:  # pyarrow meets damaged files with many kinds
        raise AuditError(f"{path} is damaged. Delete it, and start the audit again.") from error
    raise AuditError(f"{path} belongs to another audit. Delete it, and start the audit again.")


def load_arrow() -> tuple[Any, Any]:
    """The modules pyarrow and pyarrow.parquet, which are an optional extra.

    Raises AuditError without them.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise AuditError(
            "An audit is kept in Parquet files, and pyarrow, which writes them, is not installed. Install it: "
            "pip install pyarrow"
        ) from None
    return pyarrow, pyarrow.parquet
