"""What can be kept of an audit: its report, its table, its numbers."""

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from saliency_core.audit.store import SUMMARY
from saliency_core.audit.tables import Table, open_table
from saliency_core.presentation.audit_report import audit_report


def offer_exports(out: Path) -> None:
    """Buttons; each file is made only when it is asked for, and must not touch Streamlit."""
    st.download_button(
        "Save report (.html)",
        lambda: audit_report(out, date.today()),
        f"audit-{out.name}-report.html",
        "text/html",
        icon=":material/description:",
        on_click="ignore",
        help="One file for whoever was not here: the sentences, the classes with their intervals, the photos that say "
        "most, and what was left out.",
    )
    with st.popover("More"):
        for label, ending, media, write, told in (
            ("Table (.csv)", ".csv", "text/csv", Table.export_csv, "A row for each photo and class, for any program."),
            (
                "Table (.parquet)",
                ".parquet",
                "application/vnd.apache.parquet",
                Table.export_parquet,
                "The same with its types, for pandas, Polars or DuckDB.",
            ),
        ):
            st.download_button(
                label,
                partial(_export, out, write),
                f"audit-{out.name}{ending}",
                media,
                icon=":material/download:",
                on_click="ignore",
                help=told,
            )
        st.download_button(
            "Summary (.json)",
            (out / SUMMARY).read_bytes,
            f"audit-{out.name}.json",
            "application/json",
            icon=":material/download:",
            on_click="ignore",
            help="The classes with all numbers, the settings, the model’s digest and the versions.",
        )


def _export(out: Path, write: Callable[[Table, Path], None]) -> bytes:
    with TemporaryDirectory() as folder, open_table(out) as table:
        path = Path(folder) / "rows"
        write(table, path)
        return path.read_bytes()
