"""Where the machines look: the dashboard's entry, page set-up and router only."""

import streamlit as st

st.set_page_config(page_title="Where the machines look", page_icon="assets/icon.svg", layout="wide")
st.logo("assets/logo.svg", size="large", icon_image="assets/icon.svg")

st.navigation(
    [
        st.Page("pages/classification.py", title="Classification", icon=":material/label:", default=True),
        st.Page("pages/saliency.py", title="Saliency", icon=":material/visibility:"),
    ]
).run()
