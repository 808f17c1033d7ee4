"""What only the tour shows on a page: how far it is, sentences in large type, findings and credits in small."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui.tour.scenes import Note

TOUR_STYLE = f"<style>{(Path(__file__).parent / 'tour.css').read_text()}</style>"


def show_progress(done: int, steps: int) -> None:
    """How far a person has come, as dots and in words."""
    dots = "".join(f'<i class="{"done" if number <= done else ""}"></i>' for number in range(1, steps + 1))
    words = f"Step {done} of {steps}"
    st.html(f'<div class="progress">{words}<span aria-hidden="true">{dots}</span></div>')


def show_sentences(place: DeltaGenerator, sentences: Sequence[str], waits: bool) -> DeltaGenerator:
    """Sentences in large type, one a line. Whoever shows others in the place returned replaces them; until then,
    those of the run before stay, so that nothing below them moves.

    waits: whether longer ones may follow.
    """
    told = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
    return place.html(f'<div class="told{" waits" if waits else ""}">{told}</div>')


def show_notes(place: DeltaGenerator, notes: Sequence[Note]) -> DeltaGenerator:
    """Findings, as the masking page tells them; as show_sentences()."""
    told = "".join(f"<p><b>{escape(note.heading)}</b> {escape(note.text)}</p>" for note in notes)
    return place.html(f'<div class="tour-notes">{told}</div>')


def show_credits(text: str) -> None:
    """Who made the photos."""
    st.html(f'<div class="tour-credits">{escape(text)}</div>')
