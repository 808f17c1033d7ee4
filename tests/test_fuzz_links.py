"""Whatever a link says: it is taken, or told of and left out, and no path in it is ever looked at."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pages.ui.parameters import PARAMETERS, Parameter
from saliency_core.audit.home import HOME
from tests.made_audit import draw_rows, write_audit
from tests.test_links import NONSENSE
from tests.test_pages import offline as offline
from tests.test_pages import open_dashboard, texts

SENTINEL = "passwords-of-all"
QUICK = settings(
    max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
NUMBERS = ("0", "1", "2", "999999999", "1000000000", "2147483647", "100", "99.9", "0.000001", "224", "1-224", "0-0.5")
WORDS = (
    *("koala", "own-0123456789abcdef", "efficientnet_lite0", "center", "border", "squash", "none", "automatic"),
    *("gradient", "grad_cam", "layer_cam-occlusion", "black", "noise", "object", "part", "other", "viridis", "l2"),
    *("..", "_", "__class__", "features.0.0", "training", "a." * 99, "all", "need", "name", "sharpness", "19", "59"),
    *("0-0-1-1", "99.99-99.99-0.01-0.01", "_".join(12 * ["1-1-98-98"]), "50-50-50-50"),
)
POOL = (*NUMBERS, *WORDS, *NONSENSE)

_seen: list[str] | None = None


def _listen(event: str, arguments: tuple[Any, ...]) -> None:
    if _seen is not None and event.startswith(("open", "os.", "pathlib.", "glob.", "shutil.", "subprocess.", "import")):
        _seen.extend(f"{event}: {each!r}" for each in arguments if isinstance(each, str | bytes | os.PathLike))


sys.addaudithook(_listen)  # none can be taken away again; it listens only while a test asks it to


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """All that is asked of the disk, questions whether a file is there included."""
    global _seen
    _seen = seen = []
    for name in ("stat", "lstat", "readlink"):
        ask = getattr(os, name)

        def asked(path: Any, *more: Any, _ask: Any = ask, **named: Any) -> Any:
            seen.append(f"stat: {path!r}")
            return _ask(path, *more, **named)

        monkeypatch.setattr(os, name, asked)
    yield seen
    _seen = None


@pytest.fixture
def remembered(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """A session outside a page."""
    state: dict[str, object] = {}
    monkeypatch.setattr(streamlit, "session_state", state)
    return state


def paths_to(file: Path) -> tuple[str, ...]:
    """A file by all that may be tried to have it opened."""
    up = "/".join(20 * [".."]) + str(file)
    return (
        str(file),
        up,
        f"own-{file}",
        f"./{up}",
        up.replace("/", "\\"),
        f"{file}\x00",
        f"file://{file}",
        f"torchvision:{file}",
        f"transformers:{file.parent}",
        f"~/{up}",
        f"{file}" + 100_000 * "/.",
    )


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda each: each.name)
@QUICK
@given(text=st.one_of(st.text(max_size=200), st.from_regex(r"[0-9]{1,12}([-_.,;][0-9]{1,6}){0,9}", fullmatch=True)))
def test_any_text_is_read_or_refused(parameter: Parameter, text: str) -> None:
    parameter.read(text)


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda each: each.name)
def test_no_path_is_looked_at(parameter: Parameter, tmp_path: Path, opened: list[str]) -> None:
    file = tmp_path / SENTINEL
    file.write_text("secret")
    opened.clear()
    for text in paths_to(file):
        assert not parameter.read(text)
    assert not [each for each in opened if SENTINEL in each]
    file.read_text()  # the ear is open
    file.exists()
    assert {each.partition(":")[0] for each in opened if SENTINEL in each} >= {"open", "stat"}


@pytest.fixture
def audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME, str(tmp_path / "audits"))
    write_audit(tmp_path / "audits" / "made", draw_rows(60, 3), ("cat", "dog", "cup", "hat"))


@pytest.mark.usefixtures("audit")
@pytest.mark.parametrize("number", [0, 9])
def test_pages_of_a_link_of_paths(number: int, tmp_path: Path, opened: list[str]) -> None:
    file = tmp_path / SENTINEL
    file.write_text("secret")
    asked = {parameter.name: paths_to(file)[number] for parameter in PARAMETERS}
    opened.clear()
    app = open_dashboard("guided_tour", **asked)
    told = texts(app)
    assert all(parameter.problem in told or parameter.name == "present" for parameter in PARAMETERS)
    assert SENTINEL not in told
    for page in ("classification", "audit", "models"):
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception
        assert not app.warning
    assert not [each for each in opened if SENTINEL in each]


@pytest.mark.usefixtures("audit")
@pytest.mark.parametrize("turn", [pytest.param(0, marks=pytest.mark.slow), pytest.param(1, marks=pytest.mark.slow), 2])
def test_pages_of_all_that_may_be_said(turn: int) -> None:
    """Values that are taken, one of each parameter's at a time, odd ones too."""
    asked = {"audit": "made", "model": "efficientnet_lite0"}
    for parameter in PARAMETERS:
        if parameter.name in ("audit", "model", "beside", "step", "present"):
            continue
        taken = [text for text in POOL if text and _takes(parameter, text)]
        asked[parameter.name] = taken[(17 - turn * 7) % len(taken)] if taken else "1"
    app = open_dashboard("classification", **asked, step=("7", "1000000000", "1")[turn])
    for page in ("saliency", "masking_experiment", "audit"):
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception, (page, asked)


def _takes(parameter: Parameter, text: str) -> bool:
    return parameter.read(text) is not None
