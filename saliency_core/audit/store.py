"""An audit's folder: plan.json, shards/00000.parquet and so on, and at the end summary.json and rows.parquet."""

import io
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saliency_core.audit.boxes import LeftOut
from saliency_core.audit.cases import Case, find_case
from saliency_core.audit.files import DRAFT, write_whole
from saliency_core.audit.journal import Done, Values
from saliency_core.audit.plan import Plan, Planned, Target
from saliency_core.audit.plan_file import no_audit, read_plan
from saliency_core.audit.rows import Row, columns, read_row
from saliency_core.errors import AuditError
from saliency_core.masking.placements import Edges

SUMMARY, SHARDS, ROWS = "summary.json", "shards", "rows.parquet"
_OF_PHOTO = {"photo": str, "label": str, "object": str, "boxes": str, "category": str, "case": str}
_GROUP = 256
"""The rows of so many shards lie together in ROWS."""
_MOST_SHARD_BYTES = 100 * 2**20
"""A row takes about 500."""
_DIGEST, _LEFT_OUT = b"plan", b"left_out"


@dataclass(frozen=True, slots=True)
class Measured:
    """A row with what it is about.

    photo: its name; label: in the folder's words, None without one; what: what the boxes are called, empty without any;
    boxes: where that lies, each left, top, right and bottom as shares of the upright photo; category: the name of the
    class in question.
    """

    photo: str
    label: str | None
    what: str
    boxes: tuple[Edges, ...]
    category: str
    row: Row

    @property
    def case(self) -> Case | None:
        """What the photo is a case of, see find_case()."""
        return find_case(self.row)


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
        raise no_audit(out)
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


def find_shards(out: Path, shards: int) -> tuple[int, ...]:
    """The numbers of the shards that are there, of so many that there may be; those under way, too, have a file."""
    try:
        stems = {path.stem for path in (out / SHARDS).iterdir()}
    except OSError:
        return ()
    found = (int(stem) for stem in stems if stem.isascii() and stem.isdigit() and len(stem) < 10)
    return tuple(sorted(number for number in found if number < shards))


def values_of(plan: Plan, photo: Planned, target: Target, row: Row) -> Values:
    """A row's values by column, those of Measured among them; as_measured() gives them back."""
    case = find_case(row)
    about: Values = {
        "photo": photo.name,
        "label": photo.label,
        "object": target.what,
        "boxes": json.dumps(target.boxes),
        "category": plan.categories[row.target],
        "case": case.value if case else None,
    }
    return about | row.as_dict(plan.asked.settings.fills)


def as_measured(values: Mapping[str, Any], fills: Sequence[str]) -> Measured:
    """What values_of() gave the values of.

    Raises KeyError, TypeError or ValueError for other values.
    """
    boxes = tuple((left, top, right, bottom) for left, top, right, bottom in json.loads(values["boxes"]))
    row = read_row(values, fills)
    return Measured(values["photo"], values["label"], values["object"], boxes, values["category"], row)


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
    path = shard_path(out, number)
    table = _read_table(path, plan)
    try:
        rows = tuple(as_measured(each, plan.asked.settings.fills) for each in table.to_pylist())
        return rows, tuple(LeftOut(*each) for each in json.loads(table.schema.metadata[_LEFT_OUT]))
    except Exception as error:  # values of other kinds
        raise _damaged(path) from error


def _read_table(path: Path, plan: Plan) -> Any:  # noqa: ANN401
    """A shard as pyarrow's table."""
    _, parquet = load_arrow()
    try:
        with path.open("rb") as file:
            declared = parquet.ParquetFile(file).metadata
            most = sum(len(photo.targets) for photo in plan.photos)
            size = sum(declared.row_group(each).total_byte_size for each in range(declared.num_row_groups))
            if (
                declared.num_rows > most or size > _MOST_SHARD_BYTES
            ):  # a few bytes can stand for any number of equal rows
                raise ValueError(f"{declared.num_rows} rows of {size} bytes")
            table = parquet.read_table(file)
        if table.schema.metadata[_DIGEST] == plan.digest.encode():
            return table
    except Exception as error:  # pyarrow meets damaged files with many kinds
        raise _damaged(path) from error
    raise AuditError(f"{path} belongs to another audit. Delete it, and start the audit again.")


def _damaged(path: Path) -> AuditError:
    return AuditError(f"{path} is damaged. Delete it, and start the audit again.")


def write_rows(out: Path, plan: Plan) -> None:
    """Put the rows of all shards into one file, which opens much faster than many do.

    Raises AuditError where a shard is damaged and without pyarrow, OSError if it cannot be written.
    """
    draft = out / (ROWS + DRAFT)
    try:
        _join_shards(out, plan, draft)
        draft.replace(out / ROWS)
    except OSError:
        with suppress(OSError):  # on a full disk, half of a file takes room for nothing
            draft.unlink()
        raise


def _join_shards(out: Path, plan: Plan, path: Path) -> None:
    arrow, parquet = load_arrow()
    writer = None
    try:
        for start in range(0, plan.shards, _GROUP):
            numbers = range(start, min(start + _GROUP, plan.shards))
            tables = [_read_table(shard_path(out, number), plan) for number in numbers]
            if writer is None:
                schema = tables[0].schema.with_metadata({_DIGEST: plan.digest.encode()})
                writer = parquet.ParquetWriter(path, schema, compression="zstd")
            writer.write_table(arrow.concat_tables(each.cast(schema) for each in tables))
    finally:
        if writer is not None:
            writer.close()


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
