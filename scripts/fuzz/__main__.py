"""Throws changed files at the readers of files and links, guided by which branches they take.

python -m scripts.fuzz TARGET [TARGET ...] --seconds N begins with the files in tests/corpus/TARGET, prints how often
each target was run, and keeps what broke a promise in --findings: an error that is none of the library's, more than
5 s, or more than 1 GB. Each is tried again in a process of its own before it is called so. `all` is every target.
python -m scripts.fuzz TARGET --try FILE ... gives it files, and says what came of each.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from scripts.fuzz.limits import Tried, try_files
from scripts.fuzz.targets import TARGETS, seeds

_PATIENCE = 15
"""Seconds after which libFuzzer ends an input: guided, everything is some times slower."""
_LARGEST = 1 << 16
_MOST_STARTS = 40


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz, or try files; 1 if anything was found."""
    parser = argparse.ArgumentParser(
        "python -m scripts.fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("targets", nargs="+", choices=(*TARGETS, "all"), metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--findings", type=Path, default=Path("build/fuzz"), metavar="DIR")
    parser.add_argument("--try", dest="tried", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--json", action="store_true", help="what came of each file tried, a line each")
    asked = parser.parse_args(arguments)
    targets = tuple(TARGETS) if "all" in asked.targets else tuple(asked.targets)
    if asked.tried:
        return _try(targets[0], asked.tried, asked.json)
    if find_spec("atheris") is None:
        print("atheris is not installed. Install it: pip install atheris (Python 3.11 to 3.13 on Linux).")
        return 2
    return max(_fuzz(target, asked.seconds, asked.findings / target) for target in targets)


def _try(target: str, paths: list[Path], as_json: bool) -> int:
    wrong = False
    for path, one in try_files({target: paths}):
        print(json.dumps({"file": str(path)} | asdict(one)) if as_json else f"{path}: {_tell(one)}", flush=True)
        wrong = wrong or bool(one.wrong)
    return int(wrong)


def _tell(tried: Tried) -> str:
    return f"{tried.seconds:.2f} s, {tried.megabytes:.0f} MB, {tried.wrong or tried.said or 'taken'}"


def _fuzz(target: str, seconds: int, findings: Path) -> int:
    findings.mkdir(parents=True, exist_ok=True)
    executions = 0
    until = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as corpus:
        for number, path in enumerate(seeds(target)):
            (Path(corpus) / f"seed-{number}").write_bytes(path.read_bytes())
        for _ in range(_MOST_STARTS):
            left = round(until - time.monotonic())
            if left < 1:
                break
            executions += _run(target, left, findings, corpus)
    confirmed = 0
    for path in sorted(findings.iterdir()):
        wrong = _confirm(target, path)
        if wrong:
            confirmed += 1
            print(f"{target}: {path}: {wrong}", flush=True)
        else:
            path.unlink()
    print(f"{target}: {executions:,} inputs, {confirmed} of them broke a promise", flush=True)
    return int(confirmed > 0)


def _run(target: str, seconds: int, findings: Path, corpus: str) -> int:
    """Fuzz once, until the time is up or libFuzzer ends it; how many inputs were given."""
    largest = max((path.stat().st_size for path in Path(corpus).iterdir()), default=0)
    limits = (f"-max_total_time={seconds}", f"-timeout={_PATIENCE}", f"-max_len={max(_LARGEST, 2 * largest)}")
    command = (sys.executable, "-m", "scripts.fuzz.guided", target, str(findings), corpus, *limits)
    more = (f"-artifact_prefix={findings}/", "-print_final_stats=1")
    done = subprocess.run((*command, *more), capture_output=True, check=False)
    said = done.stderr.decode("utf-8", "replace")
    counted = re.findall(r"number_of_executed_units: (\d+)", said) or re.findall(r"^#(\d+)\s", said, re.MULTILINE)
    if not counted:
        raise SystemExit(f"The fuzzer did not run: {said[-2000:]}")
    return int(counted[-1])


def _confirm(target: str, path: Path) -> str:
    """What is wrong with what a target makes of a file, in a process of its own; empty if nothing is."""
    command = (sys.executable, "-m", "scripts.fuzz", target, "--json", "--try", str(path))
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    except subprocess.TimeoutExpired:
        return "It took more than 60 s."
    lines = done.stdout.splitlines()
    return str(json.loads(lines[-1])["wrong"]) if lines else f"The process ended with {done.returncode}."


if __name__ == "__main__":
    sys.exit(main())
