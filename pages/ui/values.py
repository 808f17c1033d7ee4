"""The values that a link's words stand for, and the words for what is on screen: read_*() give None for words that
stand for nothing."""

import re
from collections.abc import Callable, Collection

from pages.ui import session, uploads
from pages.ui.hand import MOST
from pages.ui.samples import Source, samples
from pages.ui.shapes import DIGITS, Rectangle, make_rectangle
from saliency_core import methods

NONE = "none"
"""Says that nothing is chosen, where nothing said means something else."""
LARGEST_SEED = 2**31 - 1
AUTOMATIC = "automatic"
"""Says that the method chooses its layer."""
COPIES, MOST_NOISE, NOISE_STEP = (5, 50), 0.5, 0.05
"""What the controls of SmoothGrad offer."""

_LAYER = re.compile(r"[A-Za-z0-9_.]{1,200}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?", re.ASCII)


def one_of(values: Collection[str]) -> Callable[[str], str | None]:
    return lambda text: text if text in values else None


def whole_number(text: str, most: int = 10**9) -> int | None:
    """Digits as a number; None for anything else, and for more than any of ours is."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(most)) else None
    return number if number is not None and number <= most else None


def number(text: str, most: float) -> float | None:
    """A plain number from 0 to `most`, with at most six digits behind the point."""
    return float(text) if _NUMBER.fullmatch(text) and float(text) <= most else None


def read_photo(text: str) -> Source | None:
    if text in samples():
        return samples()[text]
    in_view = session.source()
    return in_view if text == uploads.name_of(in_view) else uploads.find(text) or uploads.absent(text)


def write_photo() -> str:
    return session.source().sample or uploads.name_of(session.source())


def read_sigma(text: str) -> float | None:
    value = number(text, session.MAX_SIGMA)
    return None if value is None else round(2 * value) / 2  # a multiple of the slider's step


def read_sigmas(text: str) -> list[int] | None:
    if text == NONE:
        return []
    offered = {str(sigma): sigma for sigma in session.COMPARABLE}
    asked = set(re.split("[-,]", text[:100]))
    return sorted(offered[each] for each in asked) if asked <= offered.keys() else None


def write_sigmas() -> str:
    return "-".join(str(sigma) for sigma in sorted(session.setting("compared"))) or NONE


def read_opacity(text: str) -> int | None:
    value = whole_number(text, 100)
    return None if value is None else 5 * round(value / 5)


def read_flag(text: str) -> bool | None:
    return {"1": True, "0": False}.get(text)


def write_flag(value: bool) -> str:
    return "1" if value else "0"


def read_regions(text: str) -> tuple[Rectangle, ...] | None:
    """left-top-width-height in percent of the photo, one after the other with _ between them."""
    if text == NONE:
        return ()
    rows = re.split("[_;]", text[: 60 * MOST])
    return tuple(filter(None, map(read_region, rows))) if len(rows) <= MOST and all(map(read_region, rows)) else None


def read_region(text: str) -> Rectangle | None:
    shares = [number(each, 100) for each in re.split("[-,]", text)]
    if len(shares) != 4:
        return None
    known = [each / 100 for each in shares if each is not None]
    return make_rectangle(*known) if len(known) == 4 else None


def write_regions() -> str:
    return "_".join(map(write_region, session.rectangles()[:MOST])) or NONE


def write_region(rectangle: Rectangle) -> str:
    shares = (rectangle.left, rectangle.top, rectangle.width, rectangle.height)
    return "-".join(f"{100 * share:.{DIGITS - 2}f}".rstrip("0").rstrip(".") for share in shares)


def setting(name: str) -> Callable[[], str]:
    return lambda: str(session.setting(name))


def read_methods(text: str) -> list[str] | None:
    """Keys of methods, in the order in which they are offered."""
    if text == NONE:
        return []
    known, asked = [each.key for each in methods()], set(text[:500].split("-"))
    return [key for key in known if key in asked] if asked <= set(known) else None


def between(text: str, ends: tuple[int, int]) -> int | None:
    value = whole_number(text, ends[1])
    return value if value is not None and value >= ends[0] else None


def read_noise(text: str) -> float | None:
    value = number(text, MOST_NOISE)
    return None if value is None else round(round(value / NOISE_STEP) * NOISE_STEP, 2)


def read_layer(text: str) -> str | None:
    """The name of a layer of any model; whether the one in use has it is found out where it is looked at."""
    if text == AUTOMATIC:
        return ""
    return text if _LAYER.fullmatch(text) else None
