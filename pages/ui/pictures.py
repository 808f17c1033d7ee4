"""Pictures, bars and colour bars as one piece of HTML: with alt texts, and no flicker on reruns."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st
from PIL import Image

from saliency_core import Guess, Scale, colour_stops, percent, tell_scale
from saliency_core.photo import Pixels

_STYLE = """<style>
.pictures{display:grid;gap:1rem;align-items:start}
.pictures figure{margin:0;min-width:0}
.pictures img{width:100%;max-height:var(--tallest);object-fit:contain;object-position:top left;display:block}
.pictures figcaption{font-size:.9rem;line-height:1.35;margin-top:.4rem;overflow-wrap:anywhere}
.pictures figcaption b{display:block}
.colour-bar{margin:.5rem 0 0;font-size:.8rem;max-width:32rem}
.colour-bar i{display:block;height:.7rem;border-radius:.2rem}
.colour-bar span{display:flex;justify-content:space-between;gap:1rem;margin-top:.15rem}
.bars{display:grid;grid-template-columns:minmax(6rem,max-content) 1fr max-content;gap:.55rem .8rem;
  align-items:center;margin:.2rem 0 .6rem;max-width:44rem}
.bars .name{overflow-wrap:anywhere}
.bars .track{background:light-dark(#e3e9eb,#2a373c);border-radius:.3rem;height:1.15rem;overflow:hidden}
.bars .track i{display:block;height:100%;background:light-dark(#5b97a2,#4a8a97)}
.bars .marked .track i{background:light-dark(#0b6e7f,#3cb7c9)}
.bars .share{font-variant-numeric:tabular-nums;text-align:right;white-space:nowrap;min-width:4rem}
.bars .bar{display:contents}
.bars .marked{font-weight:600}
</style>"""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture on a page.

    pixels: u8 [height, width, 3].
    title: what it is, in a few words; caption: what it shows, one line.
    alt: what a person who cannot see it needs to know.
    address: data_url() of the pixels, where it is known already.
    """

    pixels: Pixels
    title: str
    caption: str
    alt: str
    scale: Scale | None = None
    colour_map: str = "magma"
    address: str = ""

    def source(self) -> str:
        """What an <img> shows."""
        return self.address or data_url(self.pixels)


def show_pictures(pictures: Sequence[Picture], columns: int, tallest: str = "70vh") -> None:
    """Pictures side by side, each with title, caption and, where it has a scale, its colour bar."""
    figures = "".join(_figure(picture) for picture in pictures)
    st.html(
        f'{_STYLE}<div class="pictures" style="--tallest:{tallest};'
        f'grid-template-columns:repeat({columns},minmax(0,1fr))">{figures}</div>'
    )


def show_bars(guesses: Sequence[Guess], marked: int | None = None) -> None:
    """Classes as labelled bars; the class at index `marked` stands out."""
    rows = "".join(_bar(guess, guess.index == marked) for guess in guesses)
    st.html(f'{_STYLE}<div class="bars" role="list" aria-label="Classes and their probabilities">{rows}</div>')


def data_url(pixels: Pixels, quality: int = 92) -> str:
    """Pixels as a JPEG in an address of its own."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality, subsampling=0)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def _figure(picture: Picture) -> str:
    bar = "" if picture.scale is None else _colour_bar(picture.scale, picture.colour_map)
    return (
        f'<figure><img src="{picture.source()}" alt="{escape(picture.alt)}">{bar}'
        f"<figcaption><b>{escape(picture.title)}</b>{escape(picture.caption)}</figcaption></figure>"
    )


def _colour_bar(scale: Scale, colour_map: str) -> str:
    stops = ",".join(colour_stops(colour_map))
    low, high = tell_scale(scale)
    return (
        f'<div class="colour-bar" role="img" aria-label="Colour scale from {low} to {high} and more">'
        f'<i style="background:linear-gradient(to right,{stops})"></i>'
        f"<span><span>{low}</span><span>≥ {high}</span></span></div>"
    )


def _bar(guess: Guess, marked: bool) -> str:
    flag = " marked" if marked else ""
    share = percent(guess.probability)
    return (
        f'<div class="bar{flag}" role="listitem"><span class="name">{escape(guess.label)}</span>'
        f'<span class="track"><i style="width:{100 * guess.probability:.2f}%"></i></span>'
        f'<span class="share">{share}</span></div>'
    )
