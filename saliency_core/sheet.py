"""Pieces of a report on paper: HTML that asks nothing of the network and prints on A4."""

import base64
import io
from collections.abc import Sequence
from html import escape
from math import ceil
from textwrap import wrap

import numpy as np
from PIL import Image

from saliency_core.case import Illustration, cut
from saliency_core.figures import colour_stops
from saliency_core.photo import Pixels
from saliency_core.prediction import Guess, Prediction
from saliency_core.smoothing import Scale
from saliency_core.verdict import Evidence
from saliency_core.words import percent, tell_scale

SHEET_HEIGHT = 269
"""Millimetres between the upper and lower margins of an A4 page."""
SHEET_WIDTH = 182
"""Millimetres between the margins of an A4 page."""
GAP = 5
"""Millimetres between two columns."""
BAR_HEIGHT = 7.5
"""Millimetres that a colour bar and its numbers take."""
BESIDES = 8
"""Millimetres of a picture's row that are neither picture, colour bar nor caption: title, gap."""
LETTER_WIDTH = 0.19
"""Millimetres that a letter takes on average for each point of its size, in a wide font (DejaVu Sans)."""

# Whatever text from outside might smuggle in, a browser that reads this loads nothing from anywhere.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

_STYLE = """
@page{size:A4;margin:13mm 14mm 15mm;
  @bottom-right{content:"Page " counter(page) " of " counter(pages);font:8pt Arial,sans-serif;color:#5c6b71}}
*{box-sizing:border-box}
html{color-scheme:light;background:#e6ecee;-webkit-print-color-adjust:exact;print-color-adjust:exact}
body{margin:0;color:#1b2428;font:9.5pt/1.4 "Segoe UI","Helvetica Neue",Arial,sans-serif;overflow-wrap:break-word}
.sheet{width:210mm;max-width:100%;min-height:297mm;margin:6mm auto;padding:13mm 14mm;background:#fff;
  box-shadow:0 1px 6px #0003}
.kicker{margin:0;color:#0b6e7f;font-weight:600;font-size:9pt;
  white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.kicker span{color:#5c6b71;font-weight:400}
h1{margin:.8mm 0 0;font-size:17pt;line-height:1.2;font-weight:700}
.lead{margin:3mm 0 0;padding:2.2mm 0 2.2mm 4mm;border-left:1.2mm solid #0b6e7f;font-size:12.5pt;line-height:1.35}
.lead small{display:block;margin-top:1mm;font-size:9.5pt;line-height:1.4;color:#3c4a50}
h2{margin:5mm 0 1.5mm;font-size:12pt;line-height:1.25;break-after:avoid}
.sheet>h2:first-child{margin-top:0}
p{margin:0 0 1.5mm}
a{color:#0b6e7f}
.columns{display:grid;gap:3mm 5mm;align-items:start}
.columns>*{min-width:0}
.columns+.columns{margin-top:4mm}
h1+.columns{margin-top:3mm}
.columns>.lead{margin-top:0}
figure{margin:0;break-inside:avoid}
figure b{display:block;margin-bottom:1mm}
figure img{display:block;height:auto}
.note{font-size:8.5pt;line-height:1.4;color:#3c4a50}
figcaption{margin-top:1mm;font-size:8pt;line-height:1.35;color:#47565c}
.colour-bar{margin-top:1.2mm;font-size:7.5pt;line-height:1.2;min-width:28mm}
.colour-bar i{display:block;height:2.4mm;border-radius:.6mm}
.colour-bar span{display:flex;justify-content:space-between;margin-top:.4mm}
table{border-collapse:collapse;width:100%;table-layout:fixed;font-size:8.5pt;break-inside:avoid}
table+p{margin-top:2mm}
th{font-weight:400;text-align:left}
th,td{padding:.7mm 2mm .7mm 0;vertical-align:top}
thead th{font-weight:600;font-size:8.5pt;line-height:1.3;color:#3c4a50;vertical-align:bottom;
  border-bottom:.3mm solid #9fb0b6}
.lines tbody>tr>*{border-bottom:.2mm solid #dbe3e6}
.guesses{font-size:8.5pt;line-height:1.25;font-variant-numeric:tabular-nums;border-collapse:separate;
  border-spacing:0 .5mm}
.guesses td,.guesses th{padding:.7mm 0;vertical-align:middle}
.guesses td:first-child{width:8mm;color:#5c6b71}
.guesses td:last-child{width:17mm;text-align:right}
.guesses th{position:relative}
.guesses i{position:absolute;left:0;top:0;bottom:0;min-width:.3mm;background:#d5e4e7;border-radius:.4mm}
.guesses span{position:relative;display:block;padding:0 1mm}
.guesses .target>*{font-weight:700}
.guesses .target i{background:#7cc0cb}
.moved{margin:0 0 1.5mm;padding-top:1.2mm;border-top:.5mm solid #0b6e7f;line-height:1.25}
.moved b{font-size:15pt}
.moved small{display:block;font-size:8pt;color:#47565c}
.strip{display:block;width:100%;height:auto}
.key{display:flex;flex-wrap:wrap;gap:1mm 6mm;margin:.5mm 0 2mm;font-size:8.5pt}
.key svg{width:4mm;height:3.5mm;vertical-align:-.6mm;margin-right:1mm}
.limits{margin:0;padding-left:4.5mm;font-size:9pt}
.limits li{margin-bottom:.9mm}
.made{padding:3.5mm 4.5mm;background:#f2f5f6;border-radius:1.5mm;margin-top:5mm;break-inside:avoid}
.made h2{margin-top:0}
dl{display:grid;grid-template-columns:30mm 1fr;gap:.5mm 4mm;margin:0;font-size:8pt;line-height:1.35}
dt{color:#47565c}
dd{margin:0;min-width:0}
code{font:7.6pt "DejaVu Sans Mono",Consolas,Menlo,monospace}
@media print{
  html{background:#fff}
  .sheet{width:auto;min-height:0;margin:0;padding:0;box-shadow:none}
  .sheet+.sheet{break-before:page}
}
@media screen and (max-width:50rem){
  .sheet{padding:6mm 5mm;margin:0 0 3mm;min-height:0}
  .columns{grid-template-columns:repeat(auto-fill,minmax(70mm,1fr))!important}
  .note{grid-column:1/-1!important}
  dl{grid-template-columns:1fr}
  dd{margin-bottom:1mm}
}
"""


def measure_text(text: str, width: float, points: float) -> float:
    """Millimetres of height that a paragraph takes at most, `width` millimetres wide, `points` large.

    Nobody knows in which font a browser will set it. This is for a wide one, so that pictures which
    fill the rest of a page do not push anything over its edge.
    """
    letters = max(1, int(width / (LETTER_WIDTH * points)))
    return len(wrap(text, letters)) * points * 1.4 * 25.4 / 72


def data_url(pixels: Pixels) -> str:
    """Pixels as a JPEG in an address of its own."""
    buffer = io.BytesIO()
    # Full colour resolution: halved, map colours would bleed into their neighbours.
    Image.fromarray(pixels).save(buffer, "JPEG", quality=88, subsampling=0)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def lay_columns(parts: Sequence[str], widths: Sequence[int]) -> str:
    """Pieces of HTML beside each other, as wide as `widths` are to each other."""
    tracks = " ".join(f"minmax(0,{width}fr)" for width in widths)
    return f'<div class="columns" style="grid-template-columns:{tracks}">' + "".join(parts) + "</div>"


def fit_pictures(pictures: Sequence[Illustration], room: float, columns: int | None = None) -> tuple[int, float]:
    """How many pictures of one size to a row, and how wide each, in millimetres, to be as large as they
    can be within `room` millimetres of height; `columns`, if given, is how many to a row."""
    choices = range(1, len(pictures) + 1) if columns is None else (columns,)
    wide, chosen = max((_picture_width(pictures, room, choice), choice) for choice in choices)
    return chosen, wide


def _picture_width(pictures: Sequence[Illustration], room: float, columns: int) -> float:
    height, width = pictures[0].pixels.shape[:2]
    column = (SHEET_WIDTH - GAP * (columns - 1)) / columns
    caption = max(measure_text(picture.caption, column, 8) for picture in pictures)
    tallest = room / ceil(len(pictures) / columns) - BAR_HEIGHT - BESIDES - caption
    return min(column, max(1.0, tallest) * float(width / height))


def lay_pictures(pictures: Sequence[Illustration], columns: int, wide: float, note: str = "") -> str:
    """Pictures in rows, each `wide` millimetres; a plain-text note in what is left of the last row, or
    else below it."""
    parts = [_figure(picture, wide) for picture in pictures]
    if note:
        left = -len(pictures) % columns or columns
        parts.append(f'<div class="note" style="grid-column:span {left}">{escape(note)}</div>')
    return lay_columns(parts, (1,) * columns)


def _figure(picture: Illustration, wide: float) -> str:
    size = f'style="width:min(100%,{wide:.1f}mm)"'
    bar = "" if picture.scale is None else _colour_bar(picture.scale, picture.colour_map, size)
    return (
        f'<figure><b>{escape(picture.title)}</b><img {size} src="{data_url(picture.pixels)}" '
        f'alt="{escape(picture.alt)}">{bar}<figcaption>{escape(picture.caption)}</figcaption></figure>'
    )


def _colour_bar(scale: Scale, colour_map: str, size: str) -> str:
    stops = ",".join(colour_stops(colour_map))
    low, high = tell_scale(scale)
    return (
        f'<div class="colour-bar" {size}><i style="background:linear-gradient(to right,{stops})"></i>'
        f"<span><span>{low}</span><span>≥ {high}</span></span></div>"
    )


def lay_guesses(prediction: Prediction, target: int) -> str:
    """The five best classes as a table with bars; the target stands out, on a sixth line if need be."""
    rows = "".join(
        f"<tr{' class=target' if guess.index == target else ''}><td>{prediction.rank(guess.index)}</td>"
        f'<th scope="row"><i style="width:{100 * guess.probability:.2f}%"></i>'
        f"<span>{escape(cut(guess.label))}</span></th><td>{percent(guess.probability)}</td></tr>"
        for guess in _guesses(prediction, target)
    )
    return f'<table class="guesses" aria-label="The model’s best guesses"><tbody>{rows}</tbody></table>'


def measure_guesses(prediction: Prediction, target: int, width: float) -> float:
    """Millimetres of height that lay_guesses() takes at most, `width` millimetres wide."""
    return sum(2 + measure_text(cut(guess.label), width - 27, 8.5) for guess in _guesses(prediction, target))


def _guesses(prediction: Prediction, target: int) -> tuple[Guess, ...]:
    best = prediction.top(5)
    return best if target in [guess.index for guess in best] else (*best, prediction.guess(target))


def lay_table(heads: Sequence[tuple[str, int]], rows: Sequence[Sequence[str]]) -> str:
    """A table of plain text; the first cell of each row names the row.

    heads: each column's name, and its width in percent.
    """
    head = "".join(f'<th scope="col" style="width:{width}%">{escape(text)}</th>' for text, width in heads)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>' + "".join(f"<td>{escape(text)}</td>" for text in row[1:]) + "</tr>"
        for row in rows
    )
    return f'<table class="lines"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def lay_list(sentences: Sequence[str]) -> str:
    """Sentences of HTML as a list."""
    return '<ul class="limits">' + "".join(f"<li>{sentence}</li>" for sentence in sentences) + "</ul>"


def lay_facts(facts: Sequence[tuple[str, str]]) -> str:
    """Names and their values, pairs of HTML."""
    return "<dl>" + "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts) + "</dl>"


_DOT = 'r="4.2" fill="#5b7f88" fill-opacity=".6"'
_HIDDEN_LINE = 'stroke="#b3261e" stroke-width="3"'
_ORIGINAL_LINE = 'stroke="#1b2428" stroke-width="2.5" stroke-dasharray="5 4"'


def draw_strip(evidence: Evidence, label: str) -> str:
    """The random regions as dots on a line of probabilities, with this region and the photo marked."""
    most = max(0.01, evidence.original, evidence.hidden, *evidence.controls)

    def across(probability: float) -> str:
        return f"{10 + 668 * probability / most:.1f}"

    heights = np.random.default_rng(0).uniform(10, 62, len(evidence.controls))
    dots = "".join(
        f'<circle cx="{across(probability)}" cy="{height:.1f}" {_DOT}/>'
        for probability, height in zip(evidence.controls, heights, strict=True)
    )
    words = (
        f"Probability of “{label}” with random regions hidden: {len(evidence.controls)} dots. "
        f"With this region hidden: {percent(evidence.hidden)}. As it is: {percent(evidence.original)}."
    )

    def upright(probability: float, stroke: str) -> str:
        place = across(probability)
        return f'<line x1="{place}" x2="{place}" y1="0" y2="72" {stroke}/>'

    def sign(mark: str, meaning: str) -> str:
        return f'<span><svg viewBox="0 0 16 14" aria-hidden="true">{mark}</svg>{meaning}</span>'

    return (
        f'<svg class="strip" viewBox="0 0 688 90" role="img" aria-label="{escape(words)}">'
        f'<line x1="10" x2="678" y1="73" y2="73" stroke="#8a979c" stroke-width="2"/>{dots}'
        f"{upright(evidence.original, _ORIGINAL_LINE)}{upright(evidence.hidden, _HIDDEN_LINE)}"
        '<g font-size="11" fill="#47565c"><text x="10" y="87">0%</text>'
        f'<text x="344" y="87" text-anchor="middle">Probability of “{escape(label)}”</text>'
        f'<text x="678" y="87" text-anchor="end">{percent(most)}</text></g></svg>'
        '<p class="key">'
        + sign(
            f'<line x1="8" x2="8" y1="0" y2="14" {_HIDDEN_LINE}/>', f"this region hidden: {percent(evidence.hidden)}"
        )
        + sign(f'<circle cx="8" cy="7" {_DOT}/>', "a random region hidden")
        + sign(
            f'<line x1="8" x2="8" y1="0" y2="14" {_ORIGINAL_LINE}/>', f"nothing hidden: {percent(evidence.original)}"
        )
        + "</p>"
    )


def bind(title: str, sheets: Sequence[str]) -> str:
    """A whole document of one or more sheets of HTML, each of which starts a page."""
    body = "".join(f'<section class="sheet">{sheet}</section>' for sheet in sheets)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer">'
        f'<link rel="icon" href="data:,"><title>{escape(title)}</title><style>{_STYLE}</style></head>'
        f"<body>{body}</body></html>"
    )
