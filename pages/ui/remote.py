"""The keys of a presenter's remote: each presses a button of the page. Streamlit's buttons take one key each, and none
that a remote sends."""

from pathlib import Path

import streamlit as st

NEXT, BACK, LEAVE = "next_step", "last_step", "leave_presenting"
"""Keys of the buttons that are pressed, where a page has them."""

_KEYS = {"PageDown": NEXT, "PageUp": BACK, "Escape": LEAVE}

_remote = st.components.v2.component(
    "remote", js=(Path(__file__).parent / "remote.js").read_text(), html="<span></span>"
)


def listen() -> None:
    """Listen for the keys on this page."""
    _remote(key="remote", data=_KEYS)
