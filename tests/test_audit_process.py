"""An audit as a process of its own, and where audits lie."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from saliency_core.audit import process
from saliency_core.audit.files import LOCK, hold, holder
from saliency_core.audit.home import HOME, audits_folder, free_name, list_audits
from saliency_core.audit.plan_file import PLAN, read_heading
from saliency_core.audit.process import State, begin, count_done, state, stop
from saliency_core.audit.store import SUMMARY
from saliency_core.errors import AuditError
from tests.test_audit_run import draw_photos


def wait(until: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Enough photos that an audit of them can be met under way."""
    return draw_photos(tmp_path / "photos", 40)


@pytest.fixture
def arguments(photos: Path) -> list[str]:
    """The photos have labels that the model does not know, which does not matter: they are asked about them."""
    given = json.dumps({f"{colour} thing": f"{index}" for index, colour in enumerate(("red", "green", "blue"))})
    return [str(photos), "--model", "efficientnet_lite0", "--classes", given, "--boxes", "none"]


@pytest.fixture
def out(tmp_path: Path) -> Iterator[Path]:
    """Where it writes; nothing runs there afterwards."""
    yield tmp_path / "audits" / "mine"
    stop(tmp_path / "audits" / "mine")


def test_it_is_watched_stopped_and_gone_on_with(
    arguments: list[str], out: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert state(out) == State(False, "")
    begin(arguments, out)
    with pytest.raises(AuditError, match="is being written to"):
        begin(arguments, out)
    wait(lambda: (out / PLAN).exists())
    plan = read_heading(out)
    assert plan.planned == 40
    assert count_done(tmp_path, plan) == 0
    wait(lambda: count_done(out, plan) >= 2)
    assert holder(out) is not None
    with monkeypatch.context() as patch:  # also a dashboard that was started anew meanwhile can stop it
        patch.setattr(process, "_begun", {})
        assert state(out).running
        stop(out)
        wait(lambda: holder(out) is None)
    wait(lambda: not state(out).running)
    before = count_done(out, plan)
    assert state(out).said == f"Stopped at {before} of 40 photos; the same command goes on from there."
    assert 2 <= before < 40
    assert not (out / SUMMARY).exists()
    begin((), out)
    wait(lambda: not state(out).running)
    assert state(out) == State(False, f"All of it is in {out}.")
    assert count_done(out, plan) == 40
    assert (out / SUMMARY).exists()
    assert f"{before} of 40 photos were done before." in out.with_name("mine.log").read_text()


def test_why_it_came_to_nothing_is_read(out: Path) -> None:
    begin(["nowhere", "--model", "efficientnet_lite0"], out)
    wait(lambda: not state(out).running)
    assert state(out).said == "There is no folder nowhere."
    assert not out.exists()


def test_who_was_killed_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / LOCK).write_text("4194304\n")
    assert holder(tmp_path) is None
    assert holder(tmp_path / "nowhere") is None
    with hold(tmp_path):
        assert holder(tmp_path) == os.getpid()
    assert holder(tmp_path) is None


def test_stopping_what_does_not_run_ends_nobody(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out.mkdir(parents=True)
    (out / LOCK).write_text(f"{os.getpid()}\n")
    monkeypatch.setattr(os, "kill", lambda *_: pytest.fail("somebody was ended"))
    stop(out)
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_audits_lie_in_one_folder_the_newest_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME, str(tmp_path / "home"))
    assert audits_folder() == tmp_path / "home"
    assert list_audits() == ()
    for age, name in enumerate(("new", "old")):
        (tmp_path / "home" / name).mkdir(parents=True)
        (tmp_path / "home" / name / "plan.json").write_text("{}")
        os.utime(tmp_path / "home" / name / "plan.json", (1000 - age, 1000 - age))
    (tmp_path / "home" / "other").mkdir()
    assert list_audits() == ("new", "old")
    assert [free_name(name) for name in ("new", "other", "mine")] == ["new-2", "other-2", "mine"]
    monkeypatch.delenv(HOME)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert audits_folder() == tmp_path / "where-machines-look" / "audits"
