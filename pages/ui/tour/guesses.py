"""What the room guesses before it sees, and how often it was right.

A question is asked of one photo, part, model and crop mode; with another model it is another question. A guess
counts once, and only before the answer was shown.
"""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import cast

import streamlit as st

_KEY = "tour_guesses"


@dataclass(frozen=True, slots=True)
class Question:
    """Whether a class is still the best guess when a part is hidden.

    key: tells it from other questions; label: the class.
    """

    key: Hashable
    label: str

    def answer(self, stays: bool) -> str:
        """What is said of it, as on its button."""
        return f"Still “{self.label}”" if stays else "Something else"


@dataclass(frozen=True, slots=True)
class Round:
    """How a question stands.

    guess: whether the room thinks that the class stays, None without a guess; right: whether it was, once known.
    shown: whether the answer is on screen; seen: whether it ever was.
    """

    guess: bool | None = None
    right: bool | None = None
    shown: bool = False
    seen: bool = False


def round_of(question: Question) -> Round:
    """How the question stands."""
    return _rounds().get(question.key, Round())


def guess(question: Question, stays: bool) -> None:
    """The room guesses, and then sees."""
    if not round_of(question).seen:
        _change(question, guess=stays)
    reveal(question)


def reveal(question: Question) -> None:
    """Show the answer."""
    _change(question, shown=True, seen=True)


def cover(question: Question) -> None:
    """Go back to the question; a guess that has been made stays."""
    _change(question, shown=False)


def settle(question: Question, stays: bool) -> None:
    """The answer is known: a guess was right or not."""
    found = round_of(question)
    if found.guess is not None and found.right is None:
        _change(question, right=found.guess == stays)


def tell_round(question: Question) -> str:
    """What the room said, or that it may no longer say it."""
    found = round_of(question)
    if found.guess is not None:
        said = f"The room said “{question.answer(found.guess).replace('“', '‘').replace('”', '’')}”"
        return f"{said}: {'right' if found.right else 'wrong'}." if found.shown else f"{said}."
    if found.shown:
        return "Nobody guessed."
    return "Seen already: a guess no longer counts." if found.seen else ""


def tell_score() -> str:
    """How often the room was right; empty before its first guess."""
    settled = [found.right for found in _rounds().values() if found.right is not None]
    return f"The room: {sum(settled)} of {len(settled)} right" if settled else ""


def start_again() -> None:
    """Forget all guesses, and what was shown."""
    st.session_state.pop(_KEY, None)


def _rounds() -> dict[Hashable, Round]:
    return cast("dict[Hashable, Round]", st.session_state.setdefault(_KEY, {}))


def _change(question: Question, **changes: bool) -> None:
    _rounds()[question.key] = replace(round_of(question), **changes)
