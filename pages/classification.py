"""What the model says of a photo, and how sure it is."""

import streamlit as st

from pages.ui import compute
from pages.ui.downloads import case_of
from pages.ui.drawing import outlined
from pages.ui.pictures import show_bars, show_pictures
from pages.ui.shell import open_page
from saliency_core.presentation.saliency_pictures import photo_picture
from saliency_core.presentation.words import tell_sureness
from saliency_core.text import percent

subject = open_page("Classification", "What does the machine say this is, and how sure is it?")
timed = compute.prediction(subject)
guesses = timed.prediction.top(5)

left, right = st.columns([1, 1], gap="large")
with left:
    drawn, case = outlined(subject), case_of(subject)
    show_pictures([photo_picture(case, case.name, drawn.pixels, drawn.address)], columns=1, tallest="62vh")
with right:
    st.subheader(tell_sureness(*guesses[:2]))
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
        st.dataframe(
            {
                "class": [guess.label for guess in guesses],
                "logit": [round(float(timed.prediction.logits[guess.index]), 3) for guess in guesses],
                "probability": [percent(guess.probability) for guess in guesses],
            },
            hide_index=True,
        )
    st.caption(f"The model took {1000 * timed.seconds:.0f} ms for this answer.")
