"""The argument in seven steps, each computed as it is shown."""

import streamlit as st

from pages.ui import compute, session
from pages.ui.pictures import show_bars, show_pictures
from pages.ui.tour import STEPS
from pages.ui.widgets import open_tour, show_progress, show_sentences

step = session.step(len(STEPS))
top, stage = st.container(), st.container()
classifier = open_tour(step)
with top:
    compute.reserve_waiting()
with stage, st.spinner("Asking the model …", show_time=False):
    scene = STEPS[step - 1](classifier)

with top:
    show_progress(step, len(STEPS))
    left, right = st.columns([3, 1], vertical_alignment="center")
    left.title(scene.headline, anchor=False)
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        st.button(
            "Back",
            shortcut="Left",
            disabled=step == 1,
            on_click=session.choose_step,
            args=(step - 1,),
        )
        st.button(
            "Next",
            type="primary",
            shortcut="Right",
            disabled=step == len(STEPS),
            on_click=session.choose_step,
            args=(step + 1,),
        )
with stage:
    show_sentences(scene.sentences)
    if step == len(STEPS):
        with st.container(horizontal=True):
            st.page_link("pages/classification.py", icon=":material/label:")
            st.page_link("pages/saliency.py", icon=":material/visibility:")
            st.page_link("pages/masking_experiment.py", icon=":material/crop:")
            st.page_link("pages/about.py", icon=":material/info:")
    tallest = "38vh"
    if scene.guesses:
        pictures, bars = st.columns(2, gap="large")
        with pictures:
            show_pictures(scene.pictures, columns=1, tallest=tallest)
        with bars:
            show_bars(scene.guesses, marked=scene.guesses[0].index)
    else:
        show_pictures(scene.pictures, columns=max(3, len(scene.pictures)), tallest=tallest)
