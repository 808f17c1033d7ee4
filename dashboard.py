"""Where the machines look: the dashboard's entry, page set-up and router only."""

import os
from pathlib import Path

import streamlit as st

# Read when torch is loaded: its threads then sleep, rather than spin, while they wait for each other.
# Beside one other busy process that was measured to be several times faster.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

ASSETS = Path(__file__).parent / "assets"

st.set_page_config(page_title="Where the machines look", page_icon=ASSETS / "icon.svg", layout="wide")
st.logo(str(ASSETS / "logo.svg"), size="large", icon_image=str(ASSETS / "icon.svg"))

st.navigation(
    [
        st.Page("pages/classification.py", title="Classification", icon=":material/label:", default=True),
        st.Page("pages/saliency.py", title="Saliency", icon=":material/visibility:"),
        st.Page("pages/masking_experiment.py", title="Masking experiment", icon=":material/crop:"),
        st.Page("pages/about.py", title="About", icon=":material/info:"),
    ]
).run()
