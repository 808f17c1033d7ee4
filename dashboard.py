"""Where the machines look: the dashboard's entry, page set-up and router only."""

from pathlib import Path

import streamlit as st

ASSETS = Path(__file__).parent / "assets"

st.set_page_config(page_title="Where the machines look", page_icon=ASSETS / "icon.svg", layout="wide")
st.logo(str(ASSETS / "logo.svg"), size="large", icon_image=str(ASSETS / "icon.svg"))

st.navigation(
    [
        st.Page("pages/classification.py", title="Classification", icon=":material/label:", default=True),
        st.Page("pages/saliency.py", title="Saliency", icon=":material/visibility:"),
        st.Page("pages/masking_experiment.py", title="Masking experiment", icon=":material/crop:"),
    ]
).run()
