"""The photos of an audit, looked up: how many there are of each case, which come first, and where one is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, get_args

from saliency_core.audit.cases import Case
from saliency_core.audit.database import Database
from saliency_core.audit.plan_file import Heading, read_heading
from saliency_core.audit.store import ROWS, Measured, as_measured, find_shards, shard_path
from saliency_core.checks import one_of, whole_number
from saliency_core.errors import AuditError

Order = Literal["need", "name", "class probability", "size", "brightness", "sharpness"]
ORDERS: tuple[Order, ...] = get_args(Order)
_COLUMNS: Mapping[Order, str] = {
    "name": "photo",
    "class probability": "target_probability",
    "size": "size",
    "brightness": "brightness",
    "sharpness": "sharpness",
}
_MOST = 1000
"""So many photos are given at a time."""


@dataclass(frozen=True, slots=True)
class ClassSoFar:
    """A class of an audit, finished or not, without anything tested.

    photos, judged: how many there are, and on how many the object was hidden; need: their mean under the first fill,
        None without any.
    labelled, right: photos with a label, and those of them that the model answers with it.
    """

    target: int
    label: str
    photos: int
    judged: int
    need: float | None
    labelled: int
    right: int


class Table:
    """The rows of an audit; open_table() opens one. It may be asked by several threads.

    Of its queries, nothing but the library's own names is in the text; all else is bound.

    heading: what was asked for.
    """

    def __init__(self, heading: Heading, database: Database) -> None:
        self.heading = heading
        self._database = database
        self._fills = heading.asked.settings.fills

    def counts(self, target: int | None = None) -> dict[Case | None, int]:
        """How many photos there are of each case, those that are none of them under None; only cases with any.

        target: of one class; None for all.
        """
        where, values = _where(target)
        found = self._database.ask(f'SELECT "case", count(*) FROM audit{where} GROUP BY 1', values)  # noqa: S608
        counted = {None if case is None else Case(case): count for case, count in found}
        return {case: counted[case] for case in (*Case, None) if case in counted}

    def photos(
        self,
        target: int | None = None,
        case: Case | Literal["none"] | None = None,
        order: Order = "need",
        descending: bool = False,
        start: int = 0,
        count: int = 24,
    ) -> tuple[Measured, ...]:
        """Photos of a class, of one case or of all, in an order: `count` of them from `start` on. Where the order's
        value is missing, they come last; equal ones come by name.

        target: of one class; None for all. case: of one case; "none" for those that are none of them, None for all.
        order: "need" is that under the first fill.

        Raises RequestError for another order, and an impossible start or count.
        """
        whole_number(start, "The first photo", 0)
        whole_number(count, "The number of photos", 1, _MOST)
        where, values = _where(target, case)
        direction = "DESC" if descending else "ASC"
        order_by = f"{self._column(order)} {direction} NULLS LAST, photo, target"
        query = f"SELECT * FROM audit{where} ORDER BY {order_by} LIMIT ? OFFSET ?"  # noqa: S608
        found = self._database.ask_by_name(query, [*values, count, start])
        return self._as_measured(found)

    def find(self, photo: str) -> tuple[Measured, ...]:
        """A photo's rows, one for each class asked of it; none if the audit has no such photo."""
        found = self._database.ask_by_name("SELECT * FROM audit WHERE photo = ? ORDER BY target", [photo])
        return self._as_measured(found)

    def so_far(self) -> tuple[ClassSoFar, ...]:
        """Each class with what is known of it, those with most photos first."""
        numbers = f'count({self._need}), avg({self._need}), count("right"), count(*) FILTER (WHERE "right")'
        found = self._database.ask(
            f"SELECT target, any_value(category), count(*), {numbers} FROM audit "  # noqa: S608
            "GROUP BY target ORDER BY count(*) DESC, target"
        )
        return tuple(ClassSoFar(*row) for row in found)

    def export_csv(self, path: Path) -> None:
        """All rows as one CSV file, in the order of the photos. Raises AuditError if it cannot be written."""
        self._database.write("audit", path, "csv")

    def export_parquet(self, path: Path) -> None:
        """All rows as one Parquet file. Raises AuditError if it cannot be written."""
        self._database.write("audit", path, "parquet")

    def close(self) -> None:
        """Free its memory; nothing can be asked then."""
        self._database.close()

    def __enter__(self) -> "Table":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _as_measured(self, found: Iterable[Mapping[str, Any]]) -> tuple[Measured, ...]:
        try:
            return tuple(as_measured(row, self._fills) for row in found)
        except (KeyError, TypeError, ValueError) as error:
            raise AuditError("Another version wrote this audit. Run it again into another folder.") from error

    @property
    def _need(self) -> str:
        return f'"{self._fills[0]}_need"'  # one of the library's fills: Settings takes no other

    def _column(self, order: Order) -> str:
        one_of(order, "order", ORDERS)
        return self._need if order == "need" else _COLUMNS[order]


def open_table(out: Path | str) -> Table:
    """The photos of an audit, finished or not: those of the shards that are finished now. A run that goes on meanwhile
    changes nothing of it; open it anew for what came since. Close it after use, or use it in a `with` statement.

    Raises AuditError where there is no audit or no shard yet, where a file is damaged or of another audit, and without
    duckdb.
    """
    out = Path(out)
    heading = read_heading(out)
    return Table(heading, open_database({"audit": (out, heading)}))


def open_database(audits: Mapping[str, tuple[Path, Heading]]) -> Database:
    """Audits' rows as views of one database, each by a name that is given.

    Raises AuditError where open_table() does.
    """
    files = {name: _find_files(out, heading) for name, (out, heading) in audits.items()}
    database = Database(files)
    try:
        for name, (_, heading) in audits.items():
            others = database.strangers(files[name], heading.digest)
            if others:
                raise AuditError(f"{others[0]} belongs to another audit. Delete it, and start the audit again.")
    except AuditError:
        database.close()
        raise
    return database


def _find_files(out: Path, heading: Heading) -> list[Path]:
    """The file of all rows, once it is there, or else the shards that are."""
    if (out / ROWS).exists():
        return [out / ROWS]
    shards = find_shards(out, -(-heading.planned // heading.asked.per_shard))
    files = [shard for number in shards if (shard := shard_path(out, number)).exists()]
    if not files:
        raise AuditError(f"No file of the audit in {out} is finished yet. Look again later, or start it again.")
    return files


def _where(target: int | None, case: Case | Literal["none"] | None = None) -> tuple[str, list[object]]:
    """The condition on a class and a case, and its values."""
    values: list[object] = [] if target is None else [target]
    conditions = ["target = ?"] * len(values)
    if isinstance(case, Case):
        conditions.append('"case" = ?')
        values.append(case.value)
    elif case is not None:
        conditions.append('"case" IS NULL')
    return f" WHERE {' AND '.join(conditions)}" if conditions else "", values
