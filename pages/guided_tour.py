"""The argument in steps, each computed as it is shown."""

import time

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import session
from pages.ui.pictures import show_bars, show_pictures
from pages.ui.remote import BACK, NEXT
from pages.ui.shell import open_tour, pass_entry
from pages.ui.tour import guesses
from pages.ui.tour.scenes import Scene
from pages.ui.tour.showing import TOUR_STYLE, show_credits, show_notes, show_progress, show_sentences
from pages.ui.tour.steps import STEPS
from pages.ui.words import as_text

REST = 0.3  # seconds between two tellings of how far a comparison has come


def show_head(scene: Scene, step: int) -> None:
    """How far the tour is, the headline, and the way back and on."""
    question = scene.question
    shown = question is not None and guesses.round_of(question).shown
    show_progress(step, len(STEPS))
    left, right = st.columns([3, 1], vertical_alignment="center")
    left.title(as_text(scene.headline), anchor=False)
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        st.button(
            "Back",
            key=BACK,
            shortcut="Left",
            disabled=step == 1,
            on_click=guesses.cover if question and shown else session.choose_step,
            args=(question,) if question and shown else (step - 1,),
        )
        st.button(
            "Next",
            key=NEXT,
            type="primary",
            shortcut="Right",
            disabled=step == len(STEPS),
            on_click=guesses.reveal if question and not shown else session.choose_step,
            args=(question,) if question and not shown else (step + 1,),
        )


def show_guess(scene: Scene) -> None:
    """The answers to choose from, or what was chosen; and how often the room was right."""
    if (question := scene.question) is None:
        return
    found = guesses.round_of(question)
    with st.container(horizontal=True, vertical_alignment="center", key="guess"):
        if not found.shown:
            for stays in (True, False):
                st.button(
                    as_text(question.answer(stays)),
                    key=f"guess_{stays}",
                    shortcut="1" if stays else "2",
                    on_click=guesses.guess,
                    args=(question, stays),
                )
        st.markdown(as_text(guesses.tell_round(question)), width="content")
        if guesses.tell_score():
            st.markdown(f"**{guesses.tell_score()}**", width="content")
            st.button("Start again", type="tertiary", icon=":material/replay:", on_click=start_again)


def start_again() -> None:
    """To the first step, with no guess made."""
    guesses.start_again()
    session.choose_step(1)


def show_stage(scene: Scene) -> DeltaGenerator | None:
    """The pictures, and beside them the bars, where there are any; returns the place for notes below the bars, where
    there is more room than below the pictures."""
    tallest = f"max(9rem, calc(100vh - {room_around(scene)}rem))"
    if scene.prediction is None:
        show_pictures(scene.pictures, columns=max(3, len(scene.pictures)), tallest=tallest)
        return None
    single = len(scene.pictures) == 1 and not scene.question
    pictures, bars = st.columns(2 if single else [3, 2], gap="large")
    with pictures:
        show_pictures(scene.pictures, columns=len(scene.pictures), tallest=tallest)
    with bars:
        show_bars(scene.prediction, scene.target)
        return st.container()


def room_around(scene: Scene) -> float:
    """How high all but the pictures is, in rem, so that a step fits the screen."""
    scale = 4.2 if any(picture.scale for picture in scene.pictures) else 0  # its bar, and a caption of a line more
    notes = 5.2 if scene.prediction is None else 0
    ways_on = 6 if scale and scene.prediction else 0
    return 27.2 + scale + notes + ways_on


def show_ways_on() -> None:
    """Where to go from the last step; and what became of the guesses."""
    with st.container(horizontal=True, vertical_alignment="center", key="ways"):
        if guesses.tell_score():
            st.markdown(f"**{guesses.tell_score()}**", width="content")
        st.page_link("pages/classification.py", icon=":material/label:")
        st.page_link("pages/saliency.py", icon=":material/visibility:")
        st.page_link("pages/masking_experiment.py", icon=":material/crop:")
        st.page_link("pages/about.py", icon=":material/info:")
        st.button("Start again", key="restart", type="tertiary", icon=":material/replay:", on_click=start_again)


pass_entry()
st.html(TOUR_STYLE)
head = st.container()
with st.container(key="told"):
    told, guess = st.container(), st.container()
stage, below = st.container(key="stage"), st.container()
with st.container(key="foot"):
    foot = st.container()
    step, classifier = open_tour(len(STEPS), head)
with stage, st.spinner("Asking the model …", show_time=False):
    scene = STEPS[step - 1](classifier)
words = next(scene.words)
with head:
    show_head(scene, step)
waits = not words.final
told = show_sentences(told, words.sentences, waits)
with guess:
    show_guess(scene)
notes = show_notes(below, ())  # first, so that what stands there does not move while the pictures change
with stage:
    beside = show_stage(scene)
if beside is not None:
    notes = show_notes(beside, ())
with foot:
    if step == len(STEPS):
        show_ways_on()
    show_credits(scene.credits)
at = time.monotonic()
for words in scene.words:
    if words.final or time.monotonic() - at > REST:
        show_sentences(told, words.sentences, waits)
        show_notes(notes, words.notes)
        at = time.monotonic()
