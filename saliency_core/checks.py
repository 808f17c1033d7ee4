"""Arguments as plain Python values, or refused in a sentence: each kind of check, once."""

import operator
import reprlib
from collections.abc import Iterable
from numbers import Real
from typing import Any, TypeVar

from saliency_core.errors import RequestError

Choice = TypeVar("Choice", bound=str)


def show(value: object) -> str:
    """A value as a message shows it: shortened."""
    return reprlib.repr(value)


def as_whole(value: Any) -> int | None:  # noqa: ANN401
    """A whole number as a plain int, NumPy's among what is taken; None for all else, True and 5.0 included."""
    if isinstance(value, bool):
        return None
    try:
        return operator.index(value)
    except TypeError:
        return None


def whole_number(value: int, what: str, least: int, most: int | None = None) -> int:
    """A whole number of a range as a plain int.

    what: its name, to begin a sentence with.

    Raises RequestError for anything else.
    """
    whole = as_whole(value)
    if whole is None or whole < least or (most is not None and whole > most):
        bounds = f"of at least {least}" if most is None else f"from {least} to {most:,}"
        raise RequestError(f"{what} must be a whole number {bounds}, not {show(value)}.")
    return whole


def check_seed(seed: int) -> int:
    """A seed as a plain int.

    Raises RequestError for anything but a whole number from 0 up; None too, with which nothing could be repeated.
    """
    return whole_number(seed, "The seed, by which a result can be repeated,", 0)


def number(value: float, what: str, least: float, most: float, unit: str) -> float:
    """A number of a range as a plain float.

    what: its name, to begin a sentence with.

    Raises RequestError for anything else; not-a-number is in no range.
    """
    if isinstance(value, bool) or not isinstance(value, Real) or not least <= value <= most:
        raise RequestError(f"{what} must be between {least} and {most} {unit}, not {show(value)}.")
    return float(value)


def one_of(value: Choice, what: str, choices: Iterable[Choice]) -> Choice:
    """The choice that a value equals.

    what: what the choices are, as in "there is no fill called".

    Raises RequestError, naming the choices, if it equals none.
    """
    choices = tuple(choices)
    found = next((choice for choice in choices if isinstance(value, str) and choice == value), None)
    if found is None:
        raise RequestError(f"There is no {what} called {show(value)}; use one of {', '.join(choices)}.")
    return found
