"""People who come and go leave nothing behind on the server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect

from benchmarks.client import visit
from benchmarks.day import let_go
from benchmarks.expected import MODEL, is_right
from benchmarks.serving import Held, Server, look_at, serve
from pages.ui.samples import samples
from scripts.browsing import ROOT

LET_GO = 3
"""Seconds for which Streamlit keeps a session that was left, in case its browser comes back; 120 by itself."""
VISITS = 12
FRAGMENT = """
import streamlit as st
from pages.ui import waiting

waiting.reserve(st.empty())

@st.fragment
def part():
    if st.session_state.get("here before"):
        waiting.tell(1)
        waiting.clear()
    st.session_state["here before"] = True
    st.text("in the fragment")

part()
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """The dashboard, which lets go of sessions early."""
    early = {"STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": str(LET_GO)}
    with serve(ROOT / "dashboard.py", tmp_path, environment=early) as found:
        yield found


def come_and_go(server: Server, visits: int) -> Held:
    """Short visits one after another, each a photo and another class: what is held once all have been let go of."""
    for place in range(visits):
        with visit(server.address, MODEL, "squash", "cat") as visitor:
            visitor.choose_class(place)
    let_go(server.address, LET_GO)
    return look_at(server.process)


@pytest.mark.slow
def test_visits_leave_no_handle_no_thread_and_no_memory(server: Server) -> None:
    come_and_go(server, VISITS // 2)  # results of a photo's best classes are made, and kept
    before = come_and_go(server, VISITS)
    after = come_and_go(server, VISITS)
    assert after.handles <= before.handles + 2  # of a request that is under way; a session that stays has three
    assert after.threads <= before.threads + 2
    assert after.mebibytes < before.mebibytes + 12, (before, after)


@pytest.mark.slow
def test_a_photo_that_was_taken_is_not_taken_again(server: Server) -> None:
    """A browser's message may still name the control through which it came: it was sent before the answer was there."""
    with visit(server.address, MODEL, "squash", "cat") as visitor:
        late = WidgetState(id=visitor.files)
        assert is_right(visitor.open_photo("mine.jpg", samples()["espresso"].data))
        late.file_uploader_state_value.uploaded_file_info.append(visitor.send_file("late.jpg", samples()["cat"].data))
        assert is_right(visitor.choose_photo("koala"))
        visitor.states[late.id] = late
        assert is_right(visitor.choose_class(1))


def test_a_fragment_that_runs_by_itself_may_wait(tmp_path: Path) -> None:
    """It may not write to the page's place, which Streamlit answers with a fault in the middle of the page."""
    script = tmp_path / "waits.py"
    script.write_text(FRAGMENT)
    with (
        serve(script, tmp_path, environment={"PYTHONPATH": str(ROOT)}) as server,
        connect(server.address.replace("http:", "ws:") + "/_stcore/stream") as connection,
    ):
        page = run_script(connection, "")
        (fragment,) = {each.delta.fragment_id for each in page} - {""}
        told = {each.delta.new_element.WhichOneof("type") for each in run_script(connection, fragment)}
    assert "text" in told
    assert "exception" not in told


def run_script(connection: ClientConnection, fragment: str) -> list[ForwardMsg]:
    """What a run of the page or of a fragment sends."""
    asked = BackMsg()
    asked.rerun_script.fragment_id = fragment
    connection.send(asked.SerializeToString())
    found: list[ForwardMsg] = []
    while not found or found[-1].WhichOneof("type") != "script_finished":
        data = connection.recv(20)
        found.append(ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode()))
    return found
