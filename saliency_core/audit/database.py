"""Parquet files as DuckDB's tables."""

from collections.abc import Mapping, Sequence
from glob import escape
from pathlib import Path
from typing import Any, Literal

from saliency_core.errors import AuditError

_SETTINGS: dict[str, Any] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "800MB",
}
"""Nothing is fetched from anywhere, and a damaged file cannot take the machine's memory."""


class Database:
    """Views of Parquet files, each by a name; nothing is kept but what they say of their columns.

    Each query has a cursor of its own, so that several threads may ask at once.

    Raises AuditError if a file is damaged or gone, and without duckdb, as all of its methods do.
    """

    def __init__(self, views: Mapping[str, Sequence[Path]]) -> None:
        self._errors, self._connection = _connect()
        self._files = {name: tuple(files) for name, files in views.items()}
        self._closed = False
        try:
            for name, files in views.items():
                self._connection.read_parquet([escape(str(file)) for file in files]).create_view(name)
        except self._errors as error:
            damaged = self._name_damaged(error)
            self.close()
            raise damaged from error

    def ask(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows that a query finds. `values` are bound to its question marks; never put one into its text."""
        _, rows = self._execute(query, values)
        return rows

    def ask_by_name(self, query: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
        """The same, each row by its columns' names."""
        names, rows = self._execute(query, values)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def write(self, view: str, path: Path, kind: Literal["csv", "parquet"]) -> None:
        """Write all of a view's rows into one file.

        Raises AuditError, too, if it cannot be written.
        """
        try:
            path.touch()
        except OSError as error:
            raise AuditError(f"{path} cannot be written: {error.strerror or error}.") from error
        try:
            with self._connection.cursor() as cursor:
                if kind == "csv":
                    cursor.view(view).write_csv(str(path), header=True)
                else:
                    cursor.view(view).write_parquet(str(path), compression="zstd")
        except self._errors as error:
            raise self._name_damaged(error) from error

    def strangers(self, files: Sequence[Path], digest: str) -> list[str]:
        """Those of the files that say of themselves that they belong to another plan, or do not say."""
        paths = [escape(str(file)) for file in files]
        own = self.ask(
            "SELECT file_name FROM parquet_kv_metadata(?) WHERE key = 'plan' AND value = ?", [paths, digest.encode()]
        )
        return sorted({str(file) for file in files} - {name for (name,) in own})

    def close(self) -> None:
        """Free its memory; nothing can be asked then."""
        self._closed = True
        self._connection.close()

    def _execute(self, query: str, values: Sequence[object]) -> tuple[list[str], list[tuple[Any, ...]]]:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(query, list(values))
                return [column[0] for column in cursor.description or ()], cursor.fetchall()
        except self._errors as error:
            raise self._name_damaged(error) from error

    def _name_damaged(self, error: Exception) -> AuditError:
        if self._closed:
            return AuditError("The audit's table was closed meanwhile. Open the audit again.")
        for file in (file for files in self._files.values() for file in files):
            if not self._is_whole(file):
                return AuditError(f"{file} is damaged or gone. Delete it, and start the audit again.")
        return AuditError(f"The audit's table cannot be read: {error}")

    def _is_whole(self, file: Path) -> bool:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute("SELECT count(COLUMNS(*)) FROM read_parquet(?)", [escape(str(file))])
        except self._errors:
            return False
        return True


def _connect() -> tuple[tuple[type[Exception], ...], Any]:
    try:
        import duckdb
    except ImportError:
        raise AuditError(
            "An audit's photos are looked up with duckdb, which is not installed. Install it: pip install duckdb"
        ) from None
    # A RuntimeError is of its Python binding: a damaged file's column may have a name that is not UTF-8.
    return (duckdb.Error, RuntimeError), duckdb.connect(config=_SETTINGS)
