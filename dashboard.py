"""Where the machines look: the dashboard's entry, page set-up and router only."""

import gc
from pathlib import Path

import streamlit as st

from pages.ui import logs
from pages.ui.login import pass_login
from pages.ui.opening import show_opening, started
from pages.ui.style import PRESENTER_STYLE, STYLE

# Streamlit offers the pages while a fresh server still imports what follows, and whoever goes to one meanwhile
# leaves the link's own words behind.
st.session_state.setdefault("link", st.query_params.to_dict())

NAME = "Where the machines look"
ASSETS = Path(__file__).parent / "assets"

st.set_page_config(page_title=NAME, page_icon=ASSETS / "icon.svg", layout="wide")
st.logo(str(ASSETS / "logo.svg"), size="large", icon_image=str(ASSETS / "icon.svg"))
presenting = st.session_state.get("presenting", st.session_state["link"].get("present") == "1")
# Before anything is drawn: what changes its look afterwards jumps.
st.html(STYLE + PRESENTER_STYLE if presenting else STYLE)
pass_login()
logs.set_up()
page = st.navigation(
    [
        st.Page("pages/guided_tour.py", title="Guided tour", icon=":material/signpost:", url_path="tour", default=True),
        st.Page("pages/classification.py", title="Classification", icon=":material/label:"),
        st.Page("pages/saliency.py", title="Saliency", icon=":material/visibility:"),
        st.Page("pages/masking_experiment.py", title="Masking experiment", icon=":material/crop:"),
        st.Page("pages/evidence.py", title="Evidence", icon=":material/balance:"),
        st.Page("pages/audit.py", title="Audit", icon=":material/fact_check:"),
        st.Page("pages/models.py", title="Models", icon=":material/deployed_code:"),
        st.Page("pages/about.py", title="About", icon=":material/info:"),
        # The first page's address is "/", and Streamlit would not find it at another.
        st.Page("pages/guided_tour.py", title="Guided tour", url_path="guided_tour", visibility="hidden"),
    ],
    position="top" if presenting else "sidebar",
)
st.set_page_config(page_title=f"{page.title} · {NAME}")
# A fresh server takes seconds to import what follows and to load its first model.
starting = st.empty()
fresh = not started.is_set()
if fresh:
    with starting.container():
        show_opening(page.title, st.session_state["link"])
    gc.disable()  # it would look through all that is imported again and again

from pages.ui.link import open_link  # noqa: E402
from pages.ui.readiness import load_first  # noqa: E402
from pages.ui.session import come_in  # noqa: E402
from pages.ui.shell import telling_errors  # noqa: E402

open_link()
if fresh:
    gc.enable()
    with starting.container():
        load_first(page.title)
    started.set()
come_in()
starting.empty()
with telling_errors(), logs.recording(page.title):
    page.run()
