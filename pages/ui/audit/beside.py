"""Two audits side by side: two models on one folder, or a model before and after."""

from pathlib import Path

import streamlit as st

from pages.ui import session
from pages.ui.words import as_text
from saliency_core.audit.differences import ClassDifference, Measure, Verdict, compare_audits
from saliency_core.audit.home import find_audit, list_audits
from saliency_core.audit.store import SUMMARY
from saliency_core.presentation.intervals import interval_drawing, svg_url
from saliency_core.text import count

WHICH = ("first", "second")
MOST_TOLD = 10
"""So many classes are told in sentences."""


def choose_beside(out: Path) -> Path | None:
    """The picker of a second finished audit; None without one."""
    others = [name for name in list_audits() if name != out.name and (find_audit(name) / SUMMARY).exists()]
    if not others:
        return None
    if session.recall("audit_beside", "") not in others:
        st.session_state["audit_beside"] = ""
    chosen = st.selectbox(
        "Beside it",
        ["", *others],
        format_func=lambda name: name or "nothing",
        help="Another model on the same photos, or the same model before and after. Classes are matched by name.",
        **session.kept("audit_beside", ""),
    )
    return find_audit(chosen) if chosen else None


def show_beside(out: Path, other: Path) -> None:
    """What differs, class by class."""
    st.subheader(as_text(f"{out.name} (first) and {other.name} (second)"), anchor=False)
    found = _compare(out, other, (out / SUMMARY).stat().st_mtime_ns, (other / SUMMARY).stat().st_mtime_ns)
    if not found:
        st.info("The two have no class in common.", icon=":material/info:")
        return
    differing = [each for each in found if each.verdict is Verdict.DIFFERS]
    st.markdown(
        f"{count(len(found), 'class', 'classes')} with photos in both; a difference is shown of "
        f"{len(differing) or 'none'}: only where chance hardly explains it, corrected for all classes."
    )
    st.dataframe(
        [_row(each) for each in found],
        hide_index=True,
        row_height=36,
        column_config={
            "Difference of need": st.column_config.ImageColumn(
                width=150, help="The second less the first, with its 95% interval, between -1 and 1."
            ),
            **{f"Need, {which}": st.column_config.NumberColumn(format="%.2f") for which in WHICH},
            **{f"Right, {which}": st.column_config.NumberColumn(format="%.0f%%") for which in WHICH},
        },
    )
    for each in (differing or found)[:MOST_TOLD]:
        st.markdown(as_text(each.sentence))


@st.cache_resource(max_entries=8, show_spinner="Comparing the two …")
def _compare(first: Path, second: Path, *_written: int) -> tuple[ClassDifference, ...]:
    return compare_audits(first, second)


def _row(difference: ClassDifference) -> dict[str, object]:
    need = difference.found.get(Measure.NEED)
    right = difference.found.get(Measure.RIGHT)
    return {
        "Class": difference.label,
        "What it says": difference.verdict.value,
        "Need, first": need.first if need else None,
        "Need, second": need.second if need else None,
        "Difference of need": svg_url(interval_drawing(need.by, (-1.0, 1.0))) if need else None,
        "Right, first": 100 * right.first if right else None,
        "Right, second": 100 * right.second if right else None,
    }
