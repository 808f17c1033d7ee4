"""What the model says of a photo, and how sure it is."""

import streamlit as st

from pages.ui import compute
from pages.ui.maps import Figure, show_figures
from pages.ui.pictures import show_bars
from pages.ui.shell import open_page
from pages.ui.words import as_text, tell_truth
from saliency_core.presentation.captions import CROP_MODE_CAPTIONS
from saliency_core.presentation.words import tell_sureness
from saliency_core.text import cut, percent

subject = open_page("Classification", "What does the machine say this is, and how sure is it?")
timed = compute.prediction(subject)
guesses = timed.prediction.top(5)

left, right = st.columns([1, 1], gap="large")
with left:
    photo = Figure("photo", cut(subject.source.title, 60), CROP_MODE_CAPTIONS[subject.crop_mode])
    show_figures("photo", subject, [photo], "62vh")
with right:
    st.subheader(tell_sureness(*guesses[:2]))
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
