"""What has been measured of a shard so far: a line a photo, each written as soon as it is known."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from saliency_core.audit.rows import Value
from saliency_core.plain import as_plain, read_json

Values = dict[str, Value]
"""A row's values by column."""


@dataclass(frozen=True, slots=True)
class Done:
    """A photo that is done: its rows, or why it has none.

    photo: its name; reason: a sentence, empty where there are rows.
    """

    photo: str
    rows: tuple[Values, ...] = ()
    reason: str = ""


class Journal:
    """The lines of one shard; open_journal() opens one.

    done: the photos that are done, in their order.
    """

    def __init__(self, path: Path, done: Sequence[Done]) -> None:
        self.done = list(done)
        self._file = path.open("ab")

    def add(self, done: Done) -> None:
        """Write a line: once this returns, the process may be killed without loss."""
        self._file.write(_line(asdict(done)))
        self._file.flush()
        self.done.append(done)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@contextmanager
def open_journal(path: Path, digest: str, photos: Sequence[str]) -> Iterator[Journal]:
    """Go on with a journal, or begin one.

    It is believed as far as it goes: to the first line that is broken or is about another photo than the next one; the
    rest is cut off. One of another plan is begun anew.

    digest: the plan's; photos: the names of the shard's photos, in their order.

    Raises OSError if it cannot be written.
    """
    first = _line({"plan": digest})
    done: list[Done] = []
    good = 0
    with path.open("a+b") as file:
        file.seek(0)
        if file.readline() == first:
            good = len(first)
            for photo, line in zip(photos, file, strict=False):
                found = _read(line)
                if found is None or found.photo != photo:
                    break
                done.append(found)
                good += len(line)
        file.truncate(good)
        if not good:
            file.write(first)
    journal = Journal(path, done)
    try:
        yield journal
    finally:
        journal.close()


def journal_path(shard: Path) -> Path:
    """The journal of a shard that is to be the file `shard`."""
    return shard.with_suffix(".jsonl")


def count_done(journal: Path) -> int:
    """How many photos a journal has, which another process may be writing; 0 where there is none."""
    try:
        return max(0, journal.read_bytes().count(b"\n") - 1)
    except OSError:
        return 0


def _line(values: object) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode() + b"\n"


def _read(line: bytes) -> Done | None:
    """What a line says; None of one that was cut short."""
    if not line.endswith(b"\n"):
        return None
    try:
        return as_plain(Done, read_json(line))
    except (AttributeError, OverflowError, TypeError, ValueError):
        return None
