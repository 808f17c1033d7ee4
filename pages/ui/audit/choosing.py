"""Which audit is looked at, and the way to a new one."""

from pathlib import Path

import streamlit as st

import saliency_core as core
from pages.ui import owner, session
from pages.ui.words import as_text
from saliency_core.audit.home import delete_audit, find_audit, list_audits

NOBODY = (
    "No audit has been made here yet. Audits are begun by whoever sits at the machine that runs this dashboard, here "
    "or by `python -m saliency_core audit`. Its owner can let everybody begin them by setting "
    f"{owner.START_AUDITS}=1: they can then have any folder of that machine looked through."
)


def may_start() -> bool:
    """Whether this session may begin audits; the switch between the form and the results, if so."""
    if not owner.may(owner.START_AUDITS):
        return False
    if not list_audits():
        st.session_state["starting_audit"] = True
    st.toggle("Audit a folder", **session.kept("starting_audit", False))
    return True


def choose_audit() -> Path | None:
    """The picker of audits, the newest first; None where there is none."""
    names = list_audits()
    if not names:
        st.info(NOBODY, icon=":material/lock:")
        return None
    if session.recall("audit", None) not in names:
        st.session_state["audit"] = names[0]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Audit", names, on_change=_forget_class, **session.kept("audit", names[0]))
        if owner.may(owner.START_AUDITS):
            with st.popover("Delete it", icon=":material/delete:"):
                st.markdown("All that was measured is deleted. The photos stay.")
                st.button("Delete", key="delete_audit", on_click=_delete, args=(name,))
    if problem := st.session_state.pop("audit_delete_problem", None):
        st.error(as_text(problem), icon=":material/error:")
    return find_audit(name)


def _forget_class() -> None:
    st.session_state.pop("audit_class", None)


def _delete(name: str) -> None:
    try:
        delete_audit(name)
    except core.SaliencyError as error:
        st.session_state["audit_delete_problem"] = str(error)
        return
    st.session_state.pop("audit", None)
    _forget_class()
