"""Numbers and names as they stand in sentences, never more certain than they are."""

import math
from collections.abc import Sequence


def percent(share: float) -> str:
    """A share in [0, 1] as people say it: "92%", "3.4%", "under 0.1%"."""
    hundredths = 100 * share
    if hundredths < 0.1:
        return "under 0.1%"
    if hundredths < 10:
        return f"{hundredths:.1f}%"
    return "over 99%" if 99.5 <= hundredths < 100 else f"{hundredths:.0f}%"


def join_words(words: Sequence[str]) -> str:
    """Words in one line: "black", "black and grey", "black, grey and blur"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def begin(text: str) -> str:
    """A name with a capital letter, to stand by itself."""
    return text[:1].upper() + text[1:]


def cut(text: str, longest: int = 40) -> str:
    """Text from outside, fit to stand in a sentence: on one line, without characters that are invisible or turn
    the reading direction, and at most `longest` characters."""
    seen = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return seen if len(seen) <= longest else seen[: longest - 1].rstrip() + "…"


def duration(seconds: float) -> str:
    """About how long something takes: "40 seconds", "1 minute", "12 minutes"."""
    units = (("second", 1, 90), ("minute", 60, 5400), ("hour", 3600, 172_800), ("day", 86_400, math.inf))
    unit, size = next((unit, size) for unit, size, most in units if seconds < most)
    return count(max(1, round(seconds / size)), unit)


def count(number: int, what: str, several: str = "") -> str:
    """How many of a thing there are: "1 photo", "1,200 photos"; `several` where the plural is not made by an s."""
    return f"{number:,} {what if number == 1 else several or what + 's'}"
