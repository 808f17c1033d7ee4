"""Text files of unknown origin: their characters, the rows of a table in them, and numbers."""

import codecs
import csv
import io
import itertools
import math
from collections.abc import Sequence
from pathlib import Path

from saliency_core.errors import RequestError

MAX_BYTES = 1024 * 1024 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins with UTF-16's mark, so comes before it
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = "\t;,"


def read_text(path: Path) -> str:
    """A file's characters: Unicode by its mark, else UTF-8, else Windows' Western letters.

    Raises RequestError if it cannot be opened, or is larger than MAX_BYTES.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RequestError(f"It is larger than {MAX_BYTES // 2**20} MB.")
        data = path.read_bytes()
    except OSError:
        raise RequestError("It cannot be opened.") from None
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def read_table(path: Path, most: int | None = None) -> list[list[str]]:
    """The rows of a CSV file that are not empty, by what its first line has most of: tabs, semicolons or commas.

    most: how many rows to read; None for all.

    Raises RequestError if it cannot be opened or is no table.
    """
    text = read_text(path)
    first = text.lstrip().partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        filled = (stripped for row in rows if any(stripped := [cell.strip() for cell in row]))
        return list(itertools.islice(filled, most))
    except csv.Error:
        raise RequestError("It is not a table.") from None


def find_column(header: Sequence[str], names: Sequence[str]) -> int | None:
    """The place of the first of the names that a header has; capitals, spaces, _ and - do not matter."""
    plain = ["".join(letter for letter in cell.casefold() if letter.isalnum()) for cell in header]
    return next((plain.index(name) for name in names if name in plain), None)


def as_number(value: object) -> float | None:
    """A finite number, or text that is one; None for all else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
