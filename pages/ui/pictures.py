"""Pictures, bars of guesses, strips of random places and an object's four cells on a page: the library's HTML, which
does not flicker on reruns as st.image does."""

from collections.abc import Sequence

import streamlit as st

from saliency_core import Prediction
from saliency_core.masking.effects import Evidence
from saliency_core.masking.experiment import Views
from saliency_core.presentation.pictures import Picture
from saliency_core.presentation.pieces import render_bars, render_cells, render_pictures, render_strips


def show_pictures(pictures: Sequence[Picture], columns: int, tallest: str = "70vh") -> None:
    """Pictures side by side, each with title, caption and, where it has a scale, its colour bar."""
    st.html(render_pictures(pictures, columns, tallest))


def show_bars(prediction: Prediction, target: int) -> None:
    """The five best classes as labelled bars, and the target if it is not among them; the target stands out."""
    st.html(render_bars(prediction, target))


def show_strips(evidence: Evidence, label: str) -> None:
    """The random places as dots on two lines of probabilities, with this part and the photo marked."""
    st.html(render_strips(evidence, label))


def show_cells(views: Views) -> None:
    """The class's probability with a declared object and its background, with one of them, and with neither."""
    st.html(render_cells(views))
