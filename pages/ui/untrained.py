"""Beside a map: would an untrained network give the same? Found out behind the page, which does not wait for it."""

from dataclasses import replace

import streamlit as st

from pages.ui import compute, session, shared
from pages.ui.compute import Subject, case_of
from pages.ui.evidence import working
from pages.ui.evidence.working import Ingredients, Question
from pages.ui.pictures import show_pictures
from pages.ui.words import as_text
from saliency_core.evidence.words import explain_untrained, tell_untrained
from saliency_core.methods.attribution import Reduction
from saliency_core.methods.method import Options
from saliency_core.methods.registry import find_method
from saliency_core.presentation.case import shrink
from saliency_core.presentation.evidence_pictures import untrained_picture

QUESTION = "Would an untrained network give the same map?"
EVERY = 1.0
"""Seconds after which it is looked whether the answer is there."""
_SIDE = 320


def show_untrained(subject: Subject, target: int, method: str, magnitude: Reduction, options: Options) -> None:
    """One line and a small picture, once they are there; another sigma does not ask the model again."""
    asked = working.question(subject, target, method, magnitude, options)
    made = working.gathered(asked)
    with st.container(key="untrained"):
        if made is not None:
            _show(asked, made)
        elif find_method(method).long:
            _tell(asked, f"A map by {find_method(method).title} takes long; the page Evidence finds this out.")
        elif (problem := shared.behind.failure(asked.key())) is not None:
            _tell(asked, f"That cannot be told. {problem}")
        else:
            shared.behind.begin(asked.key(), lambda: working.gather(asked))
            _tell(asked, "This is being found out …")
            _look_again(asked)


@st.fragment(run_every=EVERY)
def _look_again(asked: Question) -> None:
    """Have the page run anew once the answer is there."""
    if working.gathered(asked) is not None or shared.behind.failure(asked.key()) is not None:
        st.rerun()


def _show(asked: Question, made: Ingredients) -> None:
    sigma = session.sigma()
    found = working.compare_with_untrained(asked, made, sigma)
    answer = compute.prediction(asked.subject).prediction
    picture = untrained_picture(shrink(case_of(asked.subject), _SIDE), asked.saliency(sigma), found, answer)
    left, right = st.columns([1, 4], vertical_alignment="center")
    with left:
        show_pictures([replace(picture, title="", caption="")], columns=1, tallest="9rem")
    with right:
        _tell(asked, tell_untrained(found))
        st.caption(as_text(f"{explain_untrained(found)} The picture: {picture.title.lower()}, {picture.caption}."))


def _tell(asked: Question, sentence: str) -> None:
    who = f"{asked.subject.classifier.title}: " if session.beside() else ""
    st.markdown(f"**{as_text(who)}{QUESTION}** {as_text(sentence)}")
