"""The benchmarks run and tell finite numbers; how fast anything is depends on the machine."""

import json
import math
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from benchmarks.load import measure_load
from benchmarks.measure import Effort, Entry, single, spread_of, take_turns, tell_turns
from benchmarks.table import tell_entry, to_data

ROOT = Path(__file__).parents[1]
MODEL_SIDE = {"explanation", "steps", "sigma", "classes", "methods", "masking", "growth", "audit", "peers"}


def test_runs_take_turns_after_one_to_warm_up() -> None:
    order: list[str] = []
    seconds = take_turns({name: partial(order.append, name) for name in "abc"}, Effort(turns=2))
    assert "".join(order) == "abc" * 3
    assert [len(taken) for taken in seconds.values()] == [2, 2, 2]


def test_a_slow_comparison_ends_early_but_not_at_once() -> None:
    seconds = take_turns({"a": lambda: None}, Effort(turns=10, seconds=-1))
    assert len(seconds["a"]) == 3


def test_ratios_are_taken_turn_by_turn() -> None:
    # The machine was ten times slower in the second turn; the ratio is the same in every turn.
    ours, theirs = tell_turns("s", "c", {"ours": [1, 10, 1], "theirs": [2, 20, 2]})
    assert ours.value == spread_of([1000, 10_000, 1000])
    assert ours.ratio is None
    assert theirs.ratio == spread_of([2, 2, 2])


def test_a_spread_is_median_quartiles_and_extremes() -> None:
    spread = spread_of([5, 1, 2, 4, 3])
    assert (spread.least, spread.low, spread.median, spread.high, spread.most) == (1, 2, 3, 4, 5)
    assert spread.count == 5


def test_the_table_tells_value_ratio_and_what_could_not_be_measured() -> None:
    theirs = Entry("s", "c", "theirs", "ms", single(3.0), spread_of([2.0, 3.0]), "a note")
    heading, line = tell_entry(theirs, heading=True)
    assert heading == "s: c"
    assert "3 ms" in line
    assert "2.5" in line
    assert line.endswith("a note")
    other = Entry("s", "d", "other", "ms", None, note="not installed")
    (line,) = tell_entry(other, heading=False)
    assert line.endswith("not installed")
    assert json.loads(json.dumps(to_data(other)))["value"] is None


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a quick run writes. On one thread, which a busy machine disturbs least."""
    path = tmp_path_factory.mktemp("benchmarks") / "quick.json"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--json", str(path)]
    run = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(path.read_text())
    return found


@pytest.mark.slow
def test_a_quick_run_measures_everything_but_page_and_load(measured: dict[str, Any]) -> None:
    assert {entry["scenario"] for entry in measured["entries"]} == MODEL_SIDE
    for entry in measured["entries"]:
        assert entry["who"]
        assert entry["value"] or entry["note"].startswith("not installed")
        difference = entry["who"].startswith(("largest difference", "ours beyond"))
        for spread in filter(None, (entry["value"], entry["ratio"])):
            assert all(math.isfinite(number) for number in spread.values()), entry
            assert difference or min(spread.values()) > 0, entry


@pytest.mark.slow
def test_a_quick_run_tells_the_machine(measured: dict[str, Any]) -> None:
    machine = measured["machine"]
    assert machine["processor"]
    assert machine["cores"] >= 1
    assert machine["torch_threads"] == 1
    assert {"torch", "captum", "streamlit"} <= set(machine["packages"])
    assert measured["effort"]["quick"] is True


@pytest.mark.slow
def test_ours_says_what_the_stock_model_says(measured: dict[str, Any]) -> None:
    notes = [entry["note"] for entry in measured["entries"] if entry["who"] == "largest difference, probability"]
    assert len(notes) == 4
    assert all(note.startswith(("the same five classes", "the same claim")) for note in notes)


@pytest.mark.slow
def test_people_who_act_at_the_same_time_each_see_their_own_picture() -> None:
    wrong = [entry for entry in measure_load(Effort(quick=True)) if entry.who == "answers that failed or were wrong"]
    assert len(wrong) == 4
    for entry in wrong:
        assert entry.value is not None
        assert entry.value.most == 0, entry
