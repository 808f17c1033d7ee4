"""Readers of files, fuzzed: whatever the bytes, an answer or one of our errors, within limits of time and memory.

The inputs in tests/corpus are seeds, and what once found something; python -m scripts.fuzz goes on from them.
"""

import copy
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scripts.fuzz.targets import CORPUS, TARGETS, Reader, answer, seeds

ROOT = Path(__file__).parents[1]
FILES = tuple(target for target in TARGETS if target not in ("photo", "link"))
OF_JSON = tuple(target for target in FILES if any(path.suffix == ".json" for path in seeds(target)))
SLOW = ("record", "rows", "shard", "models", "transformers")
"""Readers that take some milliseconds."""
ODD: tuple[Any, ...] = (
    *(None, True, -1, 0, 10**400, 1e308, float("nan"), "", "../../etc/passwd", "a\0b", "\ud800", 5000 * "9"),
    *([], [[]], {}, {"a": {}}, [None] * 20),
)
TOKENS = (
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"[",
    b"{",
    b'"',
    b"'",
    b",",
    b"\n",
    b"1e999",
    b"-",
    b"NaN",
    b"PK\x05\x06",
)


@pytest.fixture(scope="module")
def reader_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Reader]:
    """Each target's reader, made once."""
    made: dict[str, Reader] = {}

    def make(target: str) -> Reader:
        if target not in made:
            made[target] = TARGETS[target](tmp_path_factory.mktemp(target))
        return made[target]

    return make


@pytest.mark.parametrize("target", [*FILES, "photo"])
def test_the_corpus_is_answered(target: str, reader_of: Callable[[str], Reader]) -> None:
    """What a target began with, and what once found something."""
    paths = [path for path in seeds(target) if path.is_relative_to(CORPUS)]
    assert paths or target == "photo"
    for path in paths:
        said = answer(reader_of(target), path.read_bytes())
        assert bool(said) == path.name.startswith("found-") or target in ("models", "record", "journal"), (path, said)


@st.composite
def changed(draw: st.DrawFn, target: str) -> bytes:
    """A seed that is cut short, with bits, tokens and pieces changed, doubled or gone."""
    data = bytearray(draw(st.sampled_from([path.read_bytes() for path in seeds(target)])))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.integers(0, 4)):
            case 0:
                del data[place:]
            case 1 if data:
                data[place] ^= 1 << draw(st.integers(0, 7))
            case 2:
                data[place:place] = draw(st.sampled_from(TOKENS)) * draw(st.sampled_from((1, 3, 300)))
            case 3:
                del data[place : place + draw(st.integers(1, 40))]
            case _:
                data[place:place] = data[place : place + draw(st.integers(1, 40))]
    return bytes(data)


@pytest.mark.parametrize("target", FILES)
def test_what_is_changed_anywhere(target: str, reader_of: Callable[[str], Reader]) -> None:
    reader = reader_of(target)

    @settings(
        max_examples=15 if target in SLOW else 100,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.one_of(changed(target), st.binary(max_size=200)))
    def throw(data: bytes) -> None:
        answer(reader, data)

    throw()


@pytest.mark.parametrize("target", FILES)
def test_a_file_cut_short(target: str, reader_of: Callable[[str], Reader]) -> None:
    whole = max((path.read_bytes() for path in seeds(target)), key=len)
    for cut in range(0, len(whole), max(1, len(whole) // (8 if target in SLOW else 60))):
        answer(reader_of(target), whole[:cut])


@pytest.mark.parametrize("target", OF_JSON)
def test_any_value_in_the_place_of_any_other(target: str, reader_of: Callable[[str], Reader]) -> None:
    """One after the other: each value of a file, in lists the first two, replaced by each of the odd ones."""
    seed = next(path for path in seeds(target) if path.suffix == ".json" and not path.name.startswith("found-"))
    content = json.loads(seed.read_bytes())
    places = list(_places(content))
    every = 12 if target in SLOW else 20 if target in ("plan", "summary") else 1
    for number, (place, odd) in enumerate((place, odd) for place in places for odd in ODD):
        if number % every == 0:
            text = json.dumps(_put(content, place, odd))
            lines = text if target != "plan" else _in_lines(json.loads(text))
            answer(reader_of(target), lines.encode("utf-8", "surrogatepass"))


def _places(content: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if at:
        yield at
    if isinstance(content, dict):
        for name, each in content.items():
            yield from _places(each, (*at, name))
    elif isinstance(content, list):
        for number, each in enumerate(content[:2]):
            yield from _places(each, (*at, number))


def _put(content: Any, place: tuple[Any, ...], value: Any) -> Any:
    changed_copy = copy.deepcopy(content)
    inner = changed_copy
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    return changed_copy


def _in_lines(plan: Any) -> str:
    """A plan as it is written: its heading is read line by line."""
    return "{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in plan.items()) + "\n}\n"


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux does")
@pytest.mark.parametrize(
    "targets",
    [
        ("models", "passport", "voc", "yolo-names", "plan", "findings-index", "pickle", "safetensors"),
        pytest.param(("saved", "record", "checkpoint"), marks=pytest.mark.slow),
        pytest.param(("classes", "transformers", "coco", "table", "labels", "yolo"), marks=pytest.mark.slow),
        pytest.param(("summary", "findings", "self-test", "journal", "matches"), marks=pytest.mark.slow),
        pytest.param(("rows", "shard"), marks=pytest.mark.slow),
    ],
    ids=lambda targets: targets[0],
)
def test_the_worst_are_answered_within_limits(targets: tuple[str, ...]) -> None:
    """Never more than 5 s, nor more than 1 GB: measured in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.bombs", *targets], cwd=ROOT, capture_output=True, text=True
    )
    tried = [json.loads(line) for line in done.stdout.splitlines()]
    assert len({each["what"].partition(",")[0] for each in tried}) == len(targets), done.stderr[-2000:]
    assert not [each for each in tried if each["wrong"]]
