"""What a person chooses on the page Evidence: the methods, what stands for removed pixels, and what takes long."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import streamlit as st

import saliency_core as core
from pages.ui import session
from saliency_core.methods.registry import find_method, methods
from saliency_core.photos.fills import FILLS, Fill
from saliency_core.presentation.captions import FILL_NAMES
from saliency_core.text import begin, join_words


@dataclass(frozen=True, slots=True)
class Fills:
    """What removed pixels become.

    shown: in the curves on the page; judged: in what is told, all of them or the one that is shown.
    """

    shown: Fill
    judged: tuple[Fill, ...]


def title_of(method: str) -> str:
    """A method's name at the start of a line."""
    return begin(find_method(method).title)


def choose_methods() -> tuple[str, ...]:
    """The methods whose maps are tested, in the registry's order."""
    every = [each.key for each in methods()]
    session.kept("tested")
    st.session_state["tested"] = [key for key in every if key in session.setting("tested")]
    chosen = st.pills(
        "Methods to test",
        every,
        selection_mode="multi",
        format_func=title_of,
        help="Each makes its map of this photo and class in its own way. All are put to the same tests.",
        **session.kept("tested"),
    )
    return tuple(key for key in every if key in chosen)


def allow_long(chosen: Sequence[str]) -> tuple[str, ...]:
    """The chosen methods without those that take long, unless the person wants them."""
    long = [key for key in chosen if find_method(key).long]
    if not long:
        return tuple(chosen)
    names = join_words([find_method(key).title for key in long])
    allowed = st.toggle(
        f"Test {names}, too",
        help="It has to make several such maps, of this photo and of others, which may take minutes. They are kept.",
        **session.kept("test_long", False),
    )
    return tuple(key for key in chosen if allowed or key not in long)


def choose_fill() -> Fills:
    """What removed pixels become, and whether all of them count."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        chosen = st.segmented_control(
            "Removed pixels become",
            FILLS,
            format_func=lambda fill: begin(FILL_NAMES[fill]),
            required=True,
            help="No choice is neutral: the model sees what is put there, too. Grey is the mean colour of what it "
            "learned from.",
            width="content",
            **session.kept("removed_fill"),
        )
        every = st.toggle(
            "Judge by all four",
            help="The score is then the mean over all four; it takes four times as long.",
            width="content",
            **session.kept("every_fill"),
        )
    shown = cast("Fill", chosen)
    return Fills(shown, core.FILLS if every else (shown,))
