"""The argument in seven steps, each computed as it is shown."""

import streamlit as st

from pages.ui import session
from pages.ui.pictures import show_bars, show_pictures
from pages.ui.shell import open_tour, show_progress, show_sentences
from pages.ui.tour import STEPS

top, stage = st.container(), st.container()
step, classifier = open_tour(len(STEPS), top)
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
    tallest = "38vh" if step < len(STEPS) else "33vh"  # the last step has links below its pictures
    if scene.prediction is not None:
        pictures, bars = st.columns(2, gap="large")
        with pictures:
            show_pictures(scene.pictures, columns=1, tallest=tallest)
        with bars:
            show_bars(scene.prediction, scene.prediction.top(1)[0].index)
    else:
        show_pictures(scene.pictures, columns=max(3, len(scene.pictures)), tallest=tallest)
