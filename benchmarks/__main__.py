"""python -m benchmarks [--quick] [--turns N] [--seconds S] [--minutes M] [--json FILE] [--only NAME ...]"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.auditing import measure_audit
from benchmarks.explaining import measure_classes, measure_explanation, measure_sigma, measure_steps
from benchmarks.growth import measure_growth
from benchmarks.machine import describe_machine
from benchmarks.masking import measure_masking
from benchmarks.measure import Effort, Entry
from benchmarks.methods import measure_methods
from benchmarks.peers import measure_peers
from benchmarks.table import tell_entry, tell_heading, to_data


def _measure_page(effort: Effort) -> Iterator[Entry]:
    from benchmarks.page import measure_page  # needs playwright, a development requirement

    yield from measure_page(effort)


def _measure_load(effort: Effort) -> Iterator[Entry]:
    from benchmarks.load import measure_load

    yield from measure_load(effort)


def _measure_day(effort: Effort) -> Iterator[Entry]:
    from benchmarks.day import measure_day

    yield from measure_day(effort)


def _measure_memory(effort: Effort) -> Iterator[Entry]:
    from benchmarks.memory import measure_memory

    yield from measure_memory(effort)


MODEL_SIDE: dict[str, Callable[[Effort], Iterator[Entry]]] = {
    "explanation": measure_explanation,
    "steps": measure_steps,
    "sigma": measure_sigma,
    "classes": measure_classes,
    "methods": measure_methods,
    "masking": measure_masking,
    "growth": measure_growth,
    "audit": measure_audit,
    "peers": measure_peers,
}
SERVED: dict[str, Callable[[Effort], Iterator[Entry]]] = {"page": _measure_page, "load": _measure_load}
ONLY_ASKED: dict[str, Callable[[Effort], Iterator[Entry]]] = {"day": _measure_day, "memory": _measure_memory}
"""Take too long, or too much of the machine, to be among the others."""
SCENARIOS = MODEL_SIDE | SERVED | ONLY_ASKED


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked for, print the table as it grows, write the data."""
    asked = _parse(arguments)
    effort = (
        Effort(quick=True, turns=1)
        if asked.quick
        else Effort(turns=asked.turns, seconds=asked.seconds, minutes=asked.minutes)
    )
    names = asked.only or list(MODEL_SIDE if asked.quick else MODEL_SIDE | SERVED)
    machine = describe_machine()
    _say("\n".join(f"{name}: {value}" for name, value in machine.items()), "", tell_heading())
    entries: list[Entry] = []
    try:
        for name in names:
            case = None
            for entry in SCENARIOS[name](effort):
                _say(*tell_entry(entry, heading=(entry.scenario, entry.case) != case))
                case = entry.scenario, entry.case
                entries.append(entry)
            _say("")
    finally:  # what was measured until something failed is kept
        if asked.json is not None:
            _write(asked.json, machine, effort, entries)
    return 0


def _write(path: Path, machine: dict[str, Any], effort: Effort, entries: Sequence[Entry]) -> None:
    data = {
        "machine": machine,
        "effort": {"quick": effort.quick, "turns": effort.turns, "seconds": effort.seconds},
        "entries": [to_data(entry) for entry in entries],
    }
    path.write_text(json.dumps(data, indent=1, allow_nan=False) + "\n")


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measures ours and the baselines in turns. A ratio is a time divided by that of the first line "
        "of its case, taken in the same turn: more than 1 means that the first takes less.",
    )
    parser.add_argument("--quick", action="store_true", help="one turn of everything but page and load: does it run?")
    parser.add_argument("--turns", type=int, default=15, help="turns of short things; long ones take a third")
    parser.add_argument("--seconds", type=float, default=60, help="after this long a comparison ends early")
    parser.add_argument("--minutes", type=float, default=60, help="of the long day, which runs only if it is named")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures and the machine's description")
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, metavar="NAME", help=", ".join(SCENARIOS))
    return parser.parse_args(arguments)


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
