"""What the page reads of an audit, opened once for all sessions and anew once it has changed."""

from pathlib import Path

import streamlit as st

from saliency_core.audit.plan_file import PLAN
from saliency_core.audit.store import SHARDS, SUMMARY
from saliency_core.audit.summary_file import Overview, read_summary
from saliency_core.audit.tables import Table, open_table

OPEN = 8
"""So many audits are held open."""


def find_overview(out: Path) -> Overview:
    """What a finished audit found.

    Raises AuditError where read_summary() does.
    """
    return _find_overview(out, _written(out / SUMMARY))


def find_table(out: Path) -> Table | None:
    """An audit's photos, those of its finished files; None before the first.

    Raises AuditError where open_table() does.
    """
    if not (out / PLAN).exists() or not any((out / SHARDS).glob("*.parquet")):
        return None
    return _find_table(out, max(_written(out / SHARDS), _written(out)))


@st.cache_resource(max_entries=OPEN, show_spinner=False)
def _find_overview(out: Path, written: int) -> Overview:  # noqa: ARG001 (what it is known by)
    return read_summary(out)


@st.cache_resource(max_entries=OPEN, show_spinner=False, on_release=Table.close)
def _find_table(out: Path, written: int) -> Table:  # noqa: ARG001 (what it is known by)
    return open_table(out)


def _written(path: Path) -> int:
    """When, in nanoseconds; 0 of what is not there."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
