"""What any Streamlit page costs: a slider and a button that swap stored pictures, and nothing else.

Run by benchmarks/page.py. BARE_PICTURES names a folder of JPEG files, shown in the order of their names.
"""

import os
from pathlib import Path

import streamlit as st

st.set_page_config(page_title="Bare", layout="wide")
pictures = sorted(Path(os.environ["BARE_PICTURES"]).glob("*.jpg"))
place = st.slider("Picture", 0, len(pictures) // 2 - 1, 1)
if st.button("Swap"):
    st.session_state["swapped"] = not st.session_state.get("swapped", False)
half = len(pictures) // 2 if st.session_state.get("swapped") else 0
st.image(pictures[half + place].read_bytes(), width="stretch")
