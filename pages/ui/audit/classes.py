"""The classes of an audit as a list that can be sorted and searched, and the choice of one."""

from typing import Any

import streamlit as st

from pages.ui import session
from pages.ui.audit.photos import first_page
from saliency_core.audit.rates import Rate
from saliency_core.audit.summary_file import Overview, Told
from saliency_core.presentation.intervals import interval_drawing, svg_url

ROW, MOST_ROWS = 36, 12
"""Pixels of a row, and rows that are seen at once."""
HELP = {
    "Photos": "Of this class: labelled so, or without a label and the model’s best guess.",
    "Right": "Of the photos labelled so, the share that the model gives this class.",
    "Judged": "Photos on which the object was hidden. On the others nothing is boxed, or the class had less than 5% to "
    "begin with.",
    "Need": "On how large a share of random places of the object’s shape hiding takes less than hiding the object, on "
    "average. 0.5 is chance.",
    "95% interval": "Where the mean need lies, from 0 at the left to 1 at the right. The upright line is chance.",
    "Hidden, still named": "Of the judged photos that are named so, the share that still is with the object hidden.",
    "At random": "The same with a random place of its shape hidden.",
    "Alone": "The same with only the object left.",
    "What it says": "The word for the class; the sentence with its numbers stands below.",
}


def list_classes(overview: Overview, name: str) -> Told | None:
    """The list, and the class that is chosen: in the list, by name, or the first; None without any.

    name: the audit's.
    """
    classes = overview.classes
    if not classes:
        return None
    by_target = {each.summary.target: each for each in classes}
    if session.recall("audit_class", None) not in by_target:
        st.session_state["audit_class"] = classes[0].summary.target
    key = f"classes_{name}"

    def take() -> None:
        if rows := st.session_state[key].selection.rows:
            st.session_state["audit_class"] = classes[rows[0]].summary.target
            first_page()

    rows = [_row(each, overview.settings.fills[0]) for each in classes]
    known = [name for name in rows[0] if any(row[name] is not None for row in rows)]
    st.dataframe(
        [{name: row[name] for name in known} for row in rows],
        key=key,
        hide_index=True,
        row_height=ROW,
        height=ROW * (1 + min(len(classes), MOST_ROWS)) + 2,
        on_select=take,
        selection_mode="single-row",
        column_config=_configure(),
    )
    if len(classes) > 1:
        st.selectbox(
            "Class",
            list(by_target),
            format_func=lambda target: by_target[target].summary.label,
            help="Or click a row above.",
            on_change=first_page,
            **session.kept("audit_class"),
        )
    return by_target[session.recall("audit_class", classes[0].summary.target)]


def _row(told: Told, fill: str) -> dict[str, object]:
    summary = told.summary
    found = summary.fills.get(fill)
    return {
        "Class": summary.label,
        "Photos": summary.photos,
        "Right": _share(summary.accuracy),
        "Judged": summary.judged,
        "Need": found.need.share if found else None,
        "95% interval": svg_url(interval_drawing(found.need)) if found else None,
        "Hidden, still named": _share(found.stays) if found else None,
        "At random": 100 * found.random_stays if found and found.random_stays is not None else None,
        "Alone": _share(found.alone) if found else None,
        "What it says": told.word.value,
    }


def _configure() -> dict[str, Any]:
    column = st.column_config
    shares = ("Right", "Hidden, still named", "At random", "Alone")
    return {
        "Class": column.TextColumn(pinned=True),
        **{name: column.NumberColumn(help=HELP[name]) for name in ("Photos", "Judged")},
        **{name: column.NumberColumn(help=HELP[name], format="%.0f%%") for name in shares},
        "Need": column.NumberColumn(help=HELP["Need"], format="%.2f"),
        "95% interval": column.ImageColumn(help=HELP["95% interval"], width=150),
        "What it says": column.TextColumn(help=HELP["What it says"], width="medium"),
    }


def _share(rate: Rate | None) -> float | None:
    """In percent."""
    return 100 * rate.share if rate else None
