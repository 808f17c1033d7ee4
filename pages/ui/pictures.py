"""Pictures, bars of guesses and the strip of controls on a page: the library's HTML, which does not flicker on
reruns as st.image does."""

from collections.abc import Sequence

import streamlit as st

from saliency_core import Prediction
from saliency_core.masking.verdict import Evidence
from saliency_core.presentation.pictures import Picture
from saliency_core.presentation.pieces import render_bars, render_pictures, render_strip


def show_pictures(pictures: Sequence[Picture], columns: int, tallest: str = "70vh") -> None:
    """Pictures side by side, each with title, caption and, where it has a scale, its colour bar."""
    st.html(render_pictures(pictures, columns, tallest))


def show_bars(prediction: Prediction, target: int) -> None:
    """The five best classes as labelled bars, and the target if it is not among them; the target stands out."""
    st.html(render_bars(prediction, target))


def show_strip(evidence: Evidence, label: str) -> None:
    """The random regions as dots on a line of probabilities, with this region and the photo marked."""
    st.html(render_strip(evidence, label))
