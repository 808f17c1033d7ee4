"""What else classes may go by, and whether that would be found: what was looked for and tried, and the way to begin."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

import saliency_core as core
from pages.ui import owner
from pages.ui.words import as_text
from saliency_core.audit import process
from saliency_core.audit.summary_file import Overview

PARTS = (
    (
        "findings",
        "What else its classes go by",
        "Places and small patterns that matter to a class are looked for on one half of its photos, and what is "
        "suspected is hidden on the other half. Only what holds there is told. It takes minutes.",
        ("--find",),
        "Look for it",
    ),
    (
        "self_test",
        "Would it be found if it were there?",
        "Your own model is made to read a small mark, the mark is put on photos of one class, and the audit has to "
        "find it. Without the mark it has to stay silent. It takes some minutes to an hour; how far it is, is shown "
        "above.",
        ("--self-test",),
        "Put it to the test",
    ),
)
"""Of each: its name in the summary, its heading, what it is, what the command is told, and the button's words."""


def show_looking(out: Path, overview: Overview) -> None:
    """Both parts, below the classes."""
    running = process.state(out).running
    for name, heading, about, arguments, words in PARTS:
        st.subheader(heading, anchor=False)
        st.markdown(about)
        found: Mapping[str, Any] | None = overview.more.get(name)
        if found:
            st.markdown("  \n".join(as_text(sentence) for sentence in found["sentences"]))
            if name == "self_test":
                _show_strengths(found)
        elif owner.may(owner.START_AUDITS):
            st.button(words, key=f"begin_{name}", disabled=running, on_click=_begin, args=(out, arguments))
        else:
            st.caption("Nobody has begun this yet.")
    if problem := st.session_state.pop("audit_look_problem", None):
        st.error(as_text(problem), icon=":material/error:")


def _show_strengths(found: Mapping[str, Any]) -> None:
    st.dataframe(
        [
            {
                "The mark adds": each["strength"],
                "Found": f"{each['confirmed']} of {each['marks']}",
                "It alone decides": None if each["decides"] is None else round(100 * each["decides"]),
                "Maps show it": round(100 * each["on_maps"]),
            }
            for each in found["strengths"]
        ],
        hide_index=True,
        width="content",
        column_config={
            "The mark adds": st.column_config.NumberColumn(
                format="%g", help="To the class’s score before it becomes a probability."
            ),
            "Found": st.column_config.TextColumn(help="Marks that were suspected and confirmed."),
            "It alone decides": st.column_config.NumberColumn(
                format="%d%%", help="Other classes’ photos that are called the class with the mark on them."
            ),
            "Maps show it": st.column_config.NumberColumn(
                format="%d%%", help="The class’s photos whose map alone shows the mark."
            ),
        },
    )


def _begin(out: Path, arguments: tuple[str, ...]) -> None:
    try:
        process.begin(arguments, out)
    except core.SaliencyError as error:
        st.session_state["audit_look_problem"] = str(error)
