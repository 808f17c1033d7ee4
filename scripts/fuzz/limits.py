"""One input at a time within the limits that are promised: a second's worth of time and of memory, both measured."""

import resource
import sys
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.fuzz.targets import TARGETS, Reader, answer, seeds

SECONDS, MEGABYTES = 5.0, 1000
"""More of neither for one input: over what was in use before it."""
_BACKSTOP = 4 * 2**30
"""Bytes of addresses over those in use, so that an input cannot take the machine's memory before it is measured."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one input.

    said: the sentence with which it was refused; empty if it was taken.
    wrong: what must not be: another exception, its last lines, or a limit that was passed; empty if all is well.
    seconds, megabytes: what it took.
    """

    said: str
    wrong: str
    seconds: float
    megabytes: float


def try_input(reader: Reader, data: bytes) -> Tried:
    """Give one input to a reader, and measure."""
    before = _reset_peak()
    began = time.monotonic()
    said = wrong = ""
    try:
        said = answer(reader, data)
    except Exception as error:  # a finding is whatever is none of ours
        wrong = tell_error(error)
    seconds = time.monotonic() - began
    megabytes = max(0.0, _peak() - before) / 1e6
    if not wrong and seconds > SECONDS:
        wrong = f"It took {seconds:.1f} s."
    if not wrong and megabytes > MEGABYTES:
        wrong = f"It took {megabytes:,.0f} MB."
    return Tried(said, wrong, seconds, megabytes)


def try_files(targets: Mapping[str, Sequence[Path]]) -> Iterator[tuple[Path, Tried]]:
    """Give files to targets, one after the other, with a hard limit on the addresses that this process may take."""
    with TemporaryDirectory() as folder:
        readers: dict[str, Reader] = {}
        for target in targets:
            (Path(folder) / target).mkdir()
            readers[target] = TARGETS[target](Path(folder) / target)
            for data in (b"", *(path.read_bytes() for path in seeds(target)[:2])):
                with suppress(Exception):
                    readers[target](data)  # what is imported at first is no input's
        _limit_addresses()
        for target, paths in targets.items():
            for path in paths:
                yield path, try_input(readers[target], path.read_bytes())


def tell_error(error: BaseException) -> str:
    """An error with where it was raised, on one line."""
    frames = traceback.extract_tb(error.__traceback__)
    at = next((each for each in reversed(frames) if "saliency_core" in each.filename or "pages" in each.filename), None)
    place = f" at {Path(at.filename).name}:{at.lineno}" if at else ""
    return f"{type(error).__name__}{place}: {' '.join(str(error).split())[:160]}"


def _limit_addresses() -> None:
    if sys.platform == "linux":
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + _BACKSTOP, resource.RLIM_INFINITY))


def _reset_peak() -> float:
    """Begin to measure anew, where the system can; bytes in use now."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return _peak()


def _peak() -> float:
    """The most bytes in memory since _reset_peak()."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return 1024.0 * int(line.split()[1])
    return 1024.0 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
