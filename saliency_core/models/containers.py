"""What a checkpoint file would unpack to, found out before it is: files of a few bytes can stand for gigabytes, or for
tuples within tuples that take years to look up."""

import mmap
import pickletools
import re
import zipfile
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import IO, Any

from saliency_core.errors import WeightsError

MOST_ENTRIES = 100_000
"""Files in a ZIP file; a checkpoint has one for each tensor."""
MOST_REPEATED = 10_000_000
"""Values that a pickle may repeat by naming tuples again; a checkpoint repeats a few thousand."""
_ZIP, _DIRECTORY_ENTRY = b"PK\x03\x04", re.compile(b"PK\x01\x02")
_OLD_PICKLES = 5
"""torch.save()'s old files begin with so many, one after the other."""


def list_members(path: Path) -> list[str]:
    """The names of the files in a checkpoint that is a ZIP file, as torch.save() writes it; none if it is no ZIP file.

    Raises WeightsError if it is damaged, OSError if it cannot be opened.
    """
    if not _begins_as_zip(path):
        return []
    if _has_too_many(path):
        raise WeightsError(f"{path.name} is a ZIP file of more than {MOST_ENTRIES:,} files. {_AGAIN}")
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except OSError:
        raise
    except Exception as error:  # zipfile meets damaged files with many kinds
        raise WeightsError(f"{path.name} is a damaged ZIP file. {_AGAIN}") from error
    return [info.filename for info in infos]


def check_pickles(path: Path) -> None:
    """Follow the pickles in a checkpoint without making anything of them.

    Raises WeightsError for a ZIP file that unpacks to more than it is, since torch.save() packs nothing, and for tuples
    that repeat others so often that no one could look them up.
    """
    try:
        if not _begins_as_zip(path):
            with path.open("rb") as file:
                for _ in range(_OLD_PICKLES):
                    _follow(file, path)
            return
        with zipfile.ZipFile(path) as archive:
            if sum(info.file_size for info in archive.infolist()) > path.stat().st_size:
                raise WeightsError(f"{path.name} is packed, which torch.save() does not do. {_AGAIN}")
            for name in archive.namelist():
                if name.endswith("data.pkl"):
                    with archive.open(name) as file:
                        _follow(file, path)
    except (OSError, WeightsError):
        raise
    except Exception:  # noqa: S110  (no pickle from here on: torch says so)
        pass


_AGAIN = 'Save it again: torch.save(model.state_dict(), "weights.pth")'


def _has_too_many(path: Path) -> bool:
    """Whether a ZIP file has more than MOST_ENTRIES, found out without making something of each."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        found = _DIRECTORY_ENTRY.finditer(content)
        return next(islice(found, MOST_ENTRIES, None), None) is not None


def _begins_as_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_ZIP)) == _ZIP


def _follow(file: IO[bytes], path: Path) -> None:
    """Keep, for all that would be on the stack, of how many values it consists; marks are None."""
    stack: list[int | None] = []
    memo: dict[object, int] = {}
    repeated = 0
    for opcode, argument, _ in pickletools.genops(file):
        name = opcode.name
        if name in _TUPLES:
            parts = [_pop(stack) for _ in range(_TUPLES[name])] if name != "TUPLE" else _pop_to_mark(stack)
            stack.append(1 + sum(parts))
        elif name in ("BINPUT", "LONG_BINPUT", "PUT", "MEMOIZE"):
            memo[len(memo) if name == "MEMOIZE" else argument] = (stack[-1] if stack else None) or 1
        elif name in ("BINGET", "LONG_BINGET", "GET"):
            stack.append(memo.get(argument, 1))
            repeated += memo.get(argument, 1)
        else:
            _step(stack, opcode)
        if repeated > MOST_REPEATED:
            raise WeightsError(f"{path.name} holds tuples within tuples without end. {_AGAIN}")


_TUPLES: Mapping[str, int] = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3, "TUPLE": 0}


def _step(stack: list[int | None], opcode: Any) -> None:  # noqa: ANN401
    """What any other opcode takes from the stack and puts there; what it makes of tuples is as large as they are."""
    taken = 0
    for each in reversed(opcode.stack_before):
        if each is pickletools.stackslice:
            taken += sum(_pop_to_mark(stack))
        elif each is not pickletools.markobject:  # which is gone with the slice
            taken += _pop(stack)
    made = max(1, taken) if opcode.name in ("REDUCE", "NEWOBJ") else 1
    stack.extend(None if each is pickletools.markobject else made for each in opcode.stack_after)


def _pop(stack: list[int | None]) -> int:
    return (stack.pop() if stack else None) or 0


def _pop_to_mark(stack: list[int | None]) -> list[int]:
    parts: list[int] = []
    while stack and (top := stack.pop()) is not None:
        parts.append(top)
    return parts
