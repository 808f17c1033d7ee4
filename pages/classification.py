"""What the model says of a photo, and how sure it is; and what another says, if one stands beside it."""

import streamlit as st

from pages.ui import compute
from pages.ui.beside import names_of, open_beside
from pages.ui.compute import Subject, Timed
from pages.ui.maps import Figure, show_figures
from pages.ui.pictures import show_bars
from pages.ui.shell import open_page
from pages.ui.words import as_text, tell_truth
from saliency_core.presentation.beside import tell_answers, tell_others_answers, tell_seen
from saliency_core.presentation.captions import CROP_MODE_CAPTIONS
from saliency_core.presentation.words import tell_sureness
from saliency_core.text import cut, percent


def show_photo(subject: Subject, note: str, tallest: str) -> None:
    """The photo, and what the model sees of it."""
    show_figures("photo_figure", subject, [Figure("photo", cut(subject.source.title, 60), note)], tallest)


def show_answer(subject: Subject, timed: Timed) -> None:
    """Whether the best guess is right, the five best as bars, and the scores behind them."""
    guesses = timed.prediction.top(5)
    if told := tell_truth(subject.source.shows, subject.source.classes, timed.prediction):
        st.markdown(told)
    show_bars(timed.prediction, guesses[0].index)
    st.caption(
        "The bars are the model's own estimate that each class is right; all "
        f"{len(subject.classifier.categories):,} classes together make 100%. It always names one of "
        "them, also for things that it has never learnt."
    )
    with st.expander("Raw scores"):
        st.markdown(
            "A *logit* is the score before it is turned into a probability: "
            "the larger, the more evidence. Saliency maps explain this score."
        )
        st.table(
            [
                {
                    "Class": as_text(guess.label),
                    "Logit": f"{timed.prediction.logits[guess.index]:.3f}",
                    "Probability": percent(guess.probability),
                }
                for guess in guesses
            ],
            hide_index=True,
        )
    st.caption(f"The model took {1000 * timed.seconds:.0f} ms for this answer.")


def show_one(subject: Subject) -> None:
    """The photo, and the model's answer."""
    timed = compute.prediction(subject)
    left, right = st.columns([1, 1], gap="large")
    with left:
        show_photo(subject, CROP_MODE_CAPTIONS[subject.crop_mode], "62vh")
    with right:
        st.subheader(tell_sureness(*timed.prediction.top(2)))
        show_answer(subject, timed)


def show_both(first: Subject, second: Subject) -> None:
    """The photo, and the answers of two models beside each other."""
    names, subjects = names_of(first, second), (first, second)
    answers = [compute.prediction(subject) for subject in subjects]
    predictions = [timed.prediction for timed in answers]
    st.subheader(as_text(tell_answers(names, *predictions)))
    if told := tell_others_answers(names, *predictions):
        st.markdown(as_text(told))
    photo, *columns = st.columns(3, gap="medium")
    with photo:
        frames = [compute.frame(subject) for subject in subjects]
        show_photo(first, tell_seen(names, first.crop_mode, *frames), "50vh")
    for column, name, subject, timed in zip(columns, names, subjects, answers, strict=True):
        with column:
            st.markdown(f"**{as_text(name)}**")
            show_answer(subject, timed)


subject = open_page("Classification", "What does the machine say this is, and how sure is it?")
beside = open_beside(subject)
if beside is None:
    show_one(subject)
else:
    show_both(subject, beside)
