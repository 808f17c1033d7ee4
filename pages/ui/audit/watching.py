"""An audit that is being measured, or was stopped: how far it is, and what can be done."""

import time
from collections import deque
from pathlib import Path
from typing import cast

import streamlit as st

import saliency_core as core
from pages.ui import owner
from pages.ui.words import as_text
from saliency_core.audit import process
from saliency_core.audit.plan_file import PLAN, Heading, read_heading
from saliency_core.audit.store import SUMMARY
from saliency_core.text import duration

PACE = 2.0
"""Seconds between two looks at an audit that is being measured."""
ENDS = ("Stopped at", "All of it is in")
"""So begins what the command says last when it is asked to stop, and when it is done."""
SEEN = 30
"""The rate is that of so many looks, the newest."""


def show_state(out: Path) -> None:
    """Whether an audit is under way, has stopped, or could not begin; nothing of one that is over."""
    if process.state(out).running:
        _watch(out)
        return
    st.session_state.pop(_key(out), None)
    said = process.state(out).said
    heading = _read_heading(out)
    if heading is None:
        st.error(as_text(said or "Nothing has been measured."), icon=":material/error:")
        return
    if not (out / SUMMARY).exists():
        done = process.count_done(out, heading)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**Stopped at {done:,} of {heading.planned:,} photos.** What is measured is kept.")
            if owner.may(owner.START_AUDITS):
                st.button("Go on", icon=":material/play_arrow:", on_click=_go_on, args=(out,))
        _tell_problem()
    if said and not said.startswith(ENDS):
        st.caption(f"The last that was said of it: {as_text(said)}")


@st.fragment(run_every=PACE)
def _watch(out: Path) -> None:
    """The bar, looked at every now and then; the page is drawn anew when the process has ended."""
    now = process.state(out)
    if not now.running:
        st.rerun()
    heading = _read_heading(out)
    with st.container(horizontal=True, vertical_alignment="center"):
        if heading is None:
            st.progress(0.0, "Loading the model and looking through the folder …")
        else:
            done = process.count_done(out, heading)
            st.progress(done / heading.planned, _tell(out, heading.planned, done, now.said))
        if owner.may(owner.START_AUDITS):
            st.button("Stop", icon=":material/stop:", on_click=process.stop, args=(out,))


def _tell(out: Path, of: int, done: int, said: str) -> str:
    if done == of:
        return f"All {of:,} photos are measured. {as_text(said)}"
    told = f"{done:,} of {of:,} photos"
    rate = _rate(out, done)
    return f"{told}, {duration((of - done) / rate)} left" if rate else f"{told} …"


def _rate(out: Path, done: int) -> float | None:
    """Photos a second of late; None before two have been seen done."""
    looks = cast("deque[tuple[float, int]]", st.session_state.setdefault(_key(out), deque(maxlen=SEEN)))
    looks.append((time.monotonic(), done))
    seconds, photos = looks[-1][0] - looks[0][0], done - looks[0][1]
    return photos / seconds if photos >= 2 else None


def _read_heading(out: Path) -> Heading | None:
    """What was asked for; None where it has not been written yet."""
    return read_heading(out) if (out / PLAN).exists() else None


def _go_on(out: Path) -> None:
    try:
        process.begin((), out)
    except core.SaliencyError as error:
        st.session_state["audit_problem"] = str(error)


def _tell_problem() -> None:
    if problem := st.session_state.pop("audit_problem", None):
        st.error(as_text(problem), icon=":material/error:")


def _key(out: Path) -> str:
    return f"watched_{out.name}"
