"""The answer under the hand: what the model says with the regions hidden where they are right now."""

from dataclasses import asdict
from pathlib import Path

import streamlit as st

import saliency_core as core
from pages.ui import compute, hand, masking
from pages.ui.compute import Subject
from pages.ui.shapes import on_frame
from pages.ui.words import Answer, tell_answer, tell_no_answer
from saliency_core.methods.method import Options
from saliency_core.photos.fills import Fill

_HERE = Path(__file__).parent
_KEY = "answer_line"

_line = st.components.v2.component(
    "answer_line",
    html='<div class="answer-line"><div class="seen" aria-hidden="true"><p class="class"><b></b><span></span></p>'
    '<div class="bar"><i class="share"></i><i class="mark"></i></div><p class="best"></p></div>'
    '<p class="said" aria-live="polite"></p></div>',
    css=(_HERE / "answer_line.css").read_text(),
    js=(_HERE / "answer_line.js").read_text(),
)


@st.fragment
def answer_line(subject: Subject, target: int, fill: Fill, seed: int, method: str, options: Options) -> None:
    """One line of a fixed height: the class's probability with the regions hidden, and the best guess then. It
    asks for the newest position of a region that is moved, which runs nothing but this function.

    method, options: of the maps, by which an experiment's results are found that hold the answer already.
    """
    try:
        answer = _answer(subject, target, fill, seed, method, options)
    except core.SaliencyError as error:
        answer = tell_no_answer(str(error))
    _line(key=_KEY, data={"at": hand.last_moment(), **asdict(answer)}, on_asked_change=_take)


def _answer(subject: Subject, target: int, fill: Fill, seed: int, method: str, options: Options) -> Answer:
    frame, original = compute.frame(subject), compute.prediction(subject).prediction
    rectangles = hand.rectangles()
    regions = tuple(filter(None, (on_frame(each, frame) for each in rectangles)))
    hidden = original
    if regions:
        hidden = masking.hidden_prediction(subject, regions, fill, target, seed, method, options)
    return tell_answer(original, hidden, target, len(regions), len(rectangles))


def _take() -> None:
    position = hand.read_position(st.session_state[_KEY].get("asked"))
    if position is not None:
        hand.follow(position)
