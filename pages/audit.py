"""A folder of photos, class by class: which need their object, and which get by without it."""

import streamlit as st

from pages.ui.audit.choosing import choose_audit, may_start
from pages.ui.audit.results import show_results
from pages.ui.audit.starting import start_audit
from pages.ui.audit.watching import show_state
from pages.ui.shell import open_text, telling_errors

open_text(
    "Audit",
    "One photo convinces nobody. Here a whole folder is asked: the object on each photo is hidden, random places of "
    "its shape are hidden, and what that does is compared, class by class.",
)
with telling_errors():
    if may_start() and st.session_state.get("starting_audit"):
        start_audit()
    elif (chosen := choose_audit()) is not None:
        show_state(chosen)
        show_results(chosen)
