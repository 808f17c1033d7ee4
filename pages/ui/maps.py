"""A photo and maps over it, drawn in the browser of what payload.py has sent: at once for any sigma, and without
another picture on the way."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from pages.ui import compute, session
from pages.ui.compute import Subject
from pages.ui.payload import map_name, photo_name
from saliency_core import SaliencyMap
from saliency_core.methods.smoothing import CLIPPED_SHARE, SIGMA_STEP
from saliency_core.presentation.captions import SIGMA_HELP, SIGMA_LABEL, SIGMA_MEASURED
from saliency_core.presentation.case import MapStyle
from saliency_core.presentation.colours import SIGNED_COLOURS, colour_stops
from saliency_core.presentation.live import pack_colours, place_frame, read_script
from saliency_core.text import cut

_HERE = Path(__file__).parent
TOP_SHARE = 0.2
"""The share of what the model sees that an outline goes around."""

_maps = st.components.v2.component(
    "maps",
    html='<div class="maps"><div class="control" hidden><label for="sigma">'
    + SIGMA_LABEL
    + '</label><output for="sigma" aria-hidden="true"></output><small id="sigma-help">'
    + f"{SIGMA_HELP} {SIGMA_MEASURED}"
    + '</small><input id="sigma" type="range" min="0" aria-describedby="sigma-help"></div>'
    '<div class="figures"></div><p class="caption"></p><p class="reading"></p><p class="measured"></p></div>',
    css=(_HERE / "maps.css").read_text(),
    js=read_script() + (_HERE / "maps.js").read_text(),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One picture.

    kind: the photo, a map over it, or a map alone.
    title: what it is, in a few words; note: what is to be told of it and of no other.
    sigma: of its map; None for that of the slider.
    second: whether its map is of the model that stands beside the other.
    """

    kind: Literal["photo", "over", "alone"]
    title: str
    note: str = ""
    sigma: float | None = None
    second: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """What maps are drawn of, and how.

    raw: a class's map before smoothing; caption: what it is of, but for sigma. Of a map with signs, sides: what the
        halves of its colour bar mean; reading: what its colours do.
    of_best: whether that class is the model's best guess, of which a photo shows the map when it is picked.
    outlined: whether a line goes around the TOP_SHARE of each map with the largest values.
    slider: whether there is one, for figures that have no sigma of their own.
    beside: what the maps of a second model are drawn of, on the same photo.
    each: where every figure has another map, those maps before smoothing and what each is of and no other; they
        are smoothed as the slider of another component on the page says. `raw` is then the first of them, and `caption`
        what they have in common.
    """

    raw: SaliencyMap
    style: MapStyle
    caption: str
    of_best: bool
    outlined: bool = False
    slider: bool = False
    beside: "BesideMap | None" = None
    sides: tuple[str, ...] = ()
    reading: str = ""
    each: "tuple[MethodMap, ...]" = ()


@dataclass(frozen=True, slots=True, eq=False)
class MethodMap:
    """One of several methods' maps before smoothing, what is to be told of it and of no other, and what the two sides
    of its colours mean, if it has signs."""

    raw: SaliencyMap
    caption: str
    sides: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class BesideMap:
    """What a second model's maps are drawn of: its subject, and the rest as of the first."""

    subject: Subject
    raw: SaliencyMap
    caption: str
    sides: tuple[str, ...] = ()


def show_figures(
    key: str, subject: Subject, figures: Sequence[Figure], tallest: str, drawing: Drawing | None = None
) -> None:
    """Pictures side by side of one photo and one class's map, with one caption below them all; where maps of two models
    are among them, with one below each.

    key: of the component; drawing: None for the photo alone; tallest: a picture's greatest height, as CSS has it.
    """

    def take() -> None:
        asked = st.session_state[key].get("sigma")
        if isinstance(asked, int | float) and 0 <= asked <= largest:
            session.choose_sigma(float(asked))

    largest = session.largest_sigma(compute.frame(subject).side)
    data: dict[str, object] = {
        "photo": photo_name(subject.source),
        "alt": f"The photo “{cut(subject.source.title, 60)}”",
        "box": place_frame(compute.frame(subject)),
        "figures": [asdict(figure) for figure in figures],
        "tallest": tallest,
        # Pictures of two photos belong to one view if nothing but the photo has to change from one to the other.
        "view": " ".join(subject.key()[1:]),
        "asPicked": True,
    }
    if drawing is not None:
        data |= {
            "map": map_name(subject, drawing.raw),
            "caption": drawing.caption,
            "sides": drawing.sides,
            "reading": drawing.reading if drawing.slider else "",
            "half": _name_half(drawing.raw),
            "colours": [
                {"table": pack_colours(name), "stops": colour_stops(name)}
                for name in (drawing.style.colour_map, SIGNED_COLOURS)
            ],
            "opacity": drawing.style.opacity,
            "oneScale": drawing.style.one_scale,
            "clippedShare": CLIPPED_SHARE,
            "topShare": TOP_SHARE if drawing.outlined else 0,
            "view": " ".join((*subject.key()[1:], drawing.raw.reduction, drawing.raw.method, str(drawing.raw.against))),
            "asPicked": drawing.of_best,
        }
        if (other := drawing.beside) is not None:
            data["second"] = {
                "map": map_name(other.subject, other.raw),
                "box": place_frame(compute.frame(other.subject)),
                "caption": other.caption,
                "sides": other.sides,
                "frames": [compute.frame(each).side for each in (subject, other.subject)],
            }
            data["view"] = " ".join((str(data["view"]), *other.subject.key()[1:]))
        if drawing.each:
            data["each"] = [
                {"map": map_name(subject, each.raw), "caption": each.caption, "sides": each.sides}
                for each in drawing.each
            ]
            data["view"] = " ".join((str(data["view"]), *(each.raw.method for each in drawing.each)))
            data["follows"] = {"max": largest, "step": SIGMA_STEP, "value": session.sigma()}
        if drawing.slider:
            data["slider"] = {"sigma": session.sigma(), "most": largest, "step": SIGMA_STEP}
    _maps(key=key, data=data, on_sigma_change=take)


def _name_half(raw: SaliencyMap) -> str:
    """What the share below the maps is the share of."""
    if raw.against is not None:
        return "Half of this difference, of both signs,"
    return "Half of this map, for and against together," if raw.signed else "Half of this map"
