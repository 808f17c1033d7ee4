"""What a server writes down and counts."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from threading import Event

import pytest
import streamlit as st

import saliency_core as core
from pages.ui import logs, metrics, serving
from pages.ui.turns import BusyError, Turns


@pytest.fixture
def written() -> Iterator[list[logging.LogRecord]]:
    """The records that are written."""
    records: list[logging.LogRecord] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    handler, level = Keeping(), logs.logger.level
    logs.logger.addHandler(handler)
    logs.logger.setLevel("INFO")
    yield records
    logs.logger.removeHandler(handler)
    logs.logger.setLevel(level)


class Ended(BaseException):
    """As Streamlit ends a run."""


@pytest.mark.parametrize(
    ("raised", "outcome", "level"),
    [
        (None, "done", "INFO"),
        (core.SaliencyError("secret-name.png is no photo."), "refused", "INFO"),
        (Ended(), "left", "INFO"),
        (ValueError("secret-name.png"), "fault", "ERROR"),
    ],
)
def test_a_run_is_one_line_without_what_it_was_about(
    written: list[logging.LogRecord], raised: BaseException | None, outcome: str, level: str
) -> None:
    def run() -> None:
        with logs.recording("Saliency"):
            if raised is not None:
                raise raised

    if raised is None:
        run()
    else:
        with pytest.raises(type(raised)):
            run()
    (record,) = written
    assert record.levelname == level
    line = json.loads(logs.JsonLines().format(record))
    assert (line["page"], line["outcome"], line["request"], line["session"]) == ("Saliency", outcome, "-", "-")
    assert line["seconds"] >= 0
    assert "secret" not in json.dumps(line)
    assert f'saliency_page_runs_total{{outcome="{outcome}",page="Saliency"}}' in metrics.exposition()[0].decode()


@pytest.mark.parametrize(
    ("said", "taken"), [("a1b2-c3.d4", "a1b2-c3.d4"), ("x\nlevel=error forged", "-"), ("x" * 65, "-"), ("", "-")]
)
def test_a_request_s_id_is_taken_only_if_it_is_one(monkeypatch: pytest.MonkeyPatch, said: str, taken: str) -> None:
    monkeypatch.setattr(type(st.context), "headers", {"X-Request-ID": said})
    assert logs.request_id() == taken


def test_a_level_that_there_is_not_is_told_and_the_usual_one_taken() -> None:
    code = "from pages.ui import logs; logs.set_up(); logs.logger.info('not this'); logs.logger.warning('this')"
    said = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env={logs.LEVEL: "loud", logs.FORMAT: "json"},
    )
    lines = [json.loads(line)["message"] for line in said.stderr.splitlines() if line.startswith("{")]
    assert lines == [f"{logs.LEVEL} is none of debug, info, warning, error, critical: taken as warning.", "this"]


def test_who_meets_a_full_queue_is_counted() -> None:
    def count() -> float:
        (line,) = (
            each
            for each in metrics.exposition()[0].decode().splitlines()
            if each.startswith("saliency_turned_away_total ")
        )
        return float(line.split()[1])

    before, turns = count(), Turns(longest=0)
    with turns.take(lambda _: None):
        assert turns.length() == 1
        with pytest.raises(BusyError), turns.take(lambda _: None):
            pass
    assert count() == before + 1


def test_a_server_is_ready_once_a_model_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = Event()
    monkeypatch.setattr(serving, "started", loaded)
    answer = serving.ready(None)  # type: ignore[arg-type]
    assert answer.status_code == 503
    assert bytes(answer.body).startswith(b"The first model is not loaded yet")
    loaded.set()
    assert serving.ready(None).status_code == 200  # type: ignore[arg-type]


def test_the_dashboard_works_without_the_package_for_metrics() -> None:
    code = (
        "import sys; sys.modules['prometheus_client'] = None\n"
        "from pages.ui import metrics, serving\n"
        "import pages.ui.compute\n"
        "metrics.answered(('kind',), 1.0); metrics.ran('Saliency', 'done'); metrics.turned_away()\n"
        "print(metrics.THERE, serving.tell_metrics(None).status_code)"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert said.stdout.split() == ["False", "501"]
