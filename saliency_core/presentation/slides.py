"""Pictures beside each other on a slide, and the slide as a file."""

import io
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.textpath import TextToPath
from numpy.typing import NDArray

from saliency_core.presentation.pictures import Picture

SLIDE = (40 / 3, 7.5)
"""Width and height of a slide in inches, 16 to 9."""
DOTS_PER_INCH = 144
"""Makes a slide 1920 x 1080 pixels, as many as most projectors have."""
FigureFormat = Literal["png", "svg", "pdf"]
Align = Literal["left", "center", "right"]
FIGURE_FORMATS: tuple[FigureFormat, ...] = ("png", "svg", "pdf")

_MARGIN, _GAP, _ROW_GAP = 0.4, 0.3, 0.2
_BAR = 0.36
"""Height of a colour bar with its marks and what keeps it off the picture, in inches."""
_SIDES = 0.17
"""Height of the line below them that says what the halves of a bar mean, where it is needed."""
_HEADING, _LEAD, _TITLE, _END, _FOOTER = 22, 13, 11.5, 9, 8.5
"""Sizes of letters, in points."""
_SPACING = 1.35
"""From one line to the next, as a multiple of the letters' size."""
_FONT = "DejaVu Sans"  # comes with Matplotlib, so that a slide looks the same everywhere
_saving = threading.Lock()


def draw_slide(
    pictures: Sequence[Picture], heading: str, lead: str, footer: str, columns: Sequence[int] | None = None
) -> Figure:
    """Pictures of one size below a heading and a sentence or two, each with its title and caption above it and its
    colour bar below; text from outside is drawn letter by letter.

    columns: how many pictures may stand in a row; what makes them largest is taken. None for any number.
    """
    figure = Figure(figsize=SLIDE)
    figure.set_label(heading)
    across = SLIDE[0] - 2 * _MARGIN
    top = _write(figure, _wrap(heading, across, _HEADING, "bold"), _MARGIN, SLIDE[1] - 0.3, _HEADING, "bold")
    top = _write(figure, _wrap(lead, across, _LEAD), _MARGIN, top - 0.06, _LEAD) - 0.18
    feet = _wrap(footer, across, _FOOTER)
    bottom = 0.25 + _height(feet, _FOOTER)
    _write(figure, feet, _MARGIN, bottom, _FOOTER, colour="0.35")
    every = [_arrange(pictures, count, across, top - bottom - 0.15) for count in columns or range(1, len(pictures) + 1)]
    grid = max(every, key=lambda each: each.width)
    top -= (top - bottom - 0.15 - grid.height) / 2
    for row, words in enumerate(grid.words):
        start = top - max(_height(title + caption, _TITLE) for title, caption in words)
        shown = pictures[row * grid.columns :][: grid.columns]
        for column, (picture, (title, caption)) in enumerate(zip(shown, words, strict=True)):
            left = _MARGIN + column * grid.step
            under = _write(figure, title, left, start + _height(title + caption, _TITLE), _TITLE, "bold")
            _write(figure, caption, left, under, _TITLE)
            _draw(figure, picture, left, start - 0.06, grid.width)
        top -= grid.heights[row] + _ROW_GAP
    return figure


def encode_figure(figure: Figure, kind: FigureFormat = "png") -> bytes:
    """The figure as a file: a PNG, or an SVG or PDF whose text is text. The same figure gives the same bytes."""
    metadata: dict[FigureFormat, dict[str, Any]] = {
        "png": {"Software": None},
        "svg": {"Date": None, "Creator": None, "Title": figure.get_label()},
        "pdf": {"CreationDate": None, "Title": figure.get_label()},
    }
    buffer = io.BytesIO()
    with _saving, matplotlib.rc_context():  # the settings are the process's, not the thread's
        matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "slide", "pdf.fonttype": 42})
        figure.savefig(buffer, format=kind, dpi=DOTS_PER_INCH, metadata=metadata[kind])
    # An SVG's document type names an address that some readers ask for.
    return re.sub(rb"<!DOCTYPE[^>]*>\s*", b"", buffer.getvalue(), count=1) if kind == "svg" else buffer.getvalue()


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where pictures stand, in inches: their width, from one's left edge to the next's, the rows' heights; and the
    lines of their titles and captions, row by row."""

    columns: int
    width: float
    step: float
    heights: tuple[float, ...]
    words: tuple[tuple[tuple[tuple[str, ...], tuple[str, ...]], ...], ...]

    @property
    def height(self) -> float:
        return sum(self.heights) + _ROW_GAP * (len(self.heights) - 1)


def _arrange(pictures: Sequence[Picture], columns: int, across: float, down: float) -> _Grid:
    """Pictures in rows of `columns`, as large as a room of `across` by `down` inches lets them be."""
    slot = (across - _GAP * (columns - 1)) / columns
    rows = [pictures[start : start + columns] for start in range(0, len(pictures), columns)]
    words = tuple(
        tuple((_wrap(each.title, slot, _TITLE, "bold"), _wrap(each.caption, slot, _TITLE)) for each in row)
        for row in rows
    )
    around = [  # a picture, in height
        max(_height(title + caption, _TITLE) for title, caption in told)
        + 0.06
        + _BAR * any(each.scale for each in row)
        + _SIDES * any(each.sides for each in row)
        for told, row in zip(words, rows, strict=True)
    ]
    ratio = pictures[0].ratio
    width = min(slot, max(0.01, (down - sum(around) - _ROW_GAP * (len(rows) - 1)) / len(rows) * ratio))
    return _Grid(columns, width, slot + _GAP, tuple(each + width / ratio for each in around), words)


def _draw(figure: Figure, picture: Picture, left: float, top: float, width: float) -> None:
    """A picture with its colour bar, as wide as itself, below it."""
    bottom = top - width / picture.ratio
    _show(figure, picture.pixels, left, bottom, width, top - bottom)
    if picture.scale is not None:
        shades = matplotlib.colormaps[picture.colour_map](np.linspace(0, 1, 256)[None])[..., :3]
        _show(figure, shades, left, bottom - 0.18, width, 0.11)
        marks = picture.marks if _fit(picture.marks, width) else picture.short_marks
        _write_across(figure, marks, left, bottom - 0.2, width)
        if _fit(picture.sides, width):  # else what stands above the pictures has to do
            _write_across(figure, picture.sides, left, bottom - 0.2 - _SIDES, width)


def _write_across(figure: Figure, words: Sequence[str], left: float, top: float, width: float) -> None:
    """Up to three words on one line: in its middle, at its two ends, or both."""
    aligned: dict[int, tuple[Align, ...]] = {1: ("center",), 2: ("left", "right"), 3: ("left", "center", "right")}
    for word, align in zip(words, aligned.get(len(words), ()), strict=True):
        at = {"left": left, "center": left + width / 2, "right": left + width}[align]
        _write(figure, (word,), at, top, _END, align=align)


def _fit(words: Sequence[str], width: float) -> bool:
    """Whether words below a colour bar have room beside each other."""
    font = FontProperties(family=_FONT, size=_END)
    return sum(_width(word, font) + 0.08 for word in words) <= width


def _show(figure: Figure, pixels: NDArray[Any], left: float, bottom: float, width: float, height: float) -> None:
    place = (left / SLIDE[0], bottom / SLIDE[1], width / SLIDE[0], height / SLIDE[1])
    axes = figure.add_axes(place)
    axes.set_axis_off()
    axes.imshow(pixels, aspect="auto")


def _write(
    figure: Figure,
    lines: tuple[str, ...],
    left: float,
    top: float,
    size: float,
    weight: str = "normal",
    colour: str = "black",
    align: Align = "left",
) -> float:
    """Write lines below `top` and tell where they end; each by itself, since together they would be placed by the
    letters that are in them. Between two dollar signs Matplotlib would read a formula."""
    style = {"fontsize": size, "weight": weight, "color": colour, "ha": align, "family": _FONT, "parse_math": False}
    for number, line in enumerate(lines):
        figure.text(left / SLIDE[0], (top - _height(lines[:number], size) - size / 72) / SLIDE[1], line, style)
    return top - _height(lines, size)


def _height(lines: tuple[str, ...], size: float) -> float:
    return len(lines) * size / 72 * _SPACING


def _wrap(text: str, inches: float, size: float, weight: str = "normal") -> tuple[str, ...]:
    """Text in lines that are no wider than that many inches; letters that the font lacks become boxes."""
    font = FontProperties(family=_FONT, size=size, weight=weight)
    known = _letters()
    lines = []
    for paragraph in text.splitlines():
        line = ""
        for word in "".join(letter if ord(letter) in known else "□" for letter in paragraph).split():
            longer = f"{line} {word}".strip()
            if line and _width(longer, font) > inches:
                lines.append(line)
                longer = word
            while _width(longer, font) > inches and len(longer) > 1:  # a word without spaces, such as a file's name
                fits = max([1, *(end for end in range(1, len(longer)) if _width(longer[:end], font) <= inches)])
                lines.append(longer[:fits])
                longer = longer[fits:]
            line = longer
        lines.append(line)
    return tuple(lines)


def _width(text: str, font: FontProperties) -> float:
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    return float(width) / 72


@cache
def _letters() -> frozenset[int]:
    return frozenset(get_font(findfont(_FONT)).get_charmap())
