"""Photo, map over it and map alone, with a sigma slider that redraws them while the hand moves."""

from pathlib import Path

import streamlit as st

from pages.ui import session
from saliency_core import Frame, SaliencyMap
from saliency_core.methods.smoothing import SIGMA_STEP, Scale
from saliency_core.photos.photo import Pixels
from saliency_core.presentation.captions import SIGMA_HELP, SIGMA_LABEL
from saliency_core.presentation.colours import colour_stops
from saliency_core.presentation.live import pack_map, read_script
from saliency_core.presentation.pictures import Picture
from saliency_core.presentation.words import tell_scale

_HERE = Path(__file__).parent
_FIGURE = '<figure><div class="picture"><img alt="">{canvas}</div>{bar}<figcaption><b></b><span class="caption"></span>'
_BAR = '<div class="bar"></div><div class="ends"><span></span><span></span></div>'

_live_map = st.components.v2.component(
    "live_map",
    html='<div class="live"><div class="control"><label for="sigma">'
    + SIGMA_LABEL
    + '</label><output for="sigma" aria-hidden="true"></output><small id="sigma-help">'
    + SIGMA_HELP
    + '</small><input id="sigma" type="range" min="0" aria-describedby="sigma-help"></div><div class="figures">'
    + _FIGURE.format(canvas="", bar="")
    + "</figcaption></figure>"
    + _FIGURE.format(canvas='<canvas data-over="true" hidden></canvas>', bar=_BAR)
    + "</figcaption></figure>"
    + _FIGURE.format(canvas='<canvas data-over="false" hidden></canvas>', bar=_BAR)
    + "</figcaption></figure></div></div>",
    css=(_HERE / "live_map.css").read_text(),
    js=read_script() + (_HERE / "live_map.js").read_text(),
)


def live_map(
    photo: Pixels,
    plain: str,
    frame: Frame,
    raw: SaliencyMap,
    scale: Scale,
    opacity: float,
    pictures: tuple[Picture, Picture, Picture],
) -> None:
    """Show three pictures made by Python for the session's sigma, and let the browser draw the last two
    anew while the slider is held; the session learns the sigma when it is let go.

    photo: as on screen; plain: the same as an address, with what the model does not see dimmed.
    raw: the map before smoothing; scale: of the two smoothed maps.
    """

    low, high = tell_scale(scale)
    largest = session.largest_sigma(frame.side)

    def take() -> None:
        asked = st.session_state["live_map"].get("sigma")
        if isinstance(asked, int | float) and 0 <= asked <= largest:
            session.choose_sigma(float(asked))

    height, width = photo.shape[:2]
    colour_map = pictures[1].colour_map
    _live_map(
        key="live_map",
        data={
            "pictures": [
                {
                    "source": picture.source(),
                    "title": picture.title,
                    "caption": picture.caption,
                    "alt": picture.alt,
                }
                for picture in pictures
            ],
            "plain": plain,
            "width": width,
            "height": height,
            **pack_map(raw.values, frame, colour_map),
            "stops": colour_stops(colour_map),
            "opacity": opacity,
            "sigma": session.sigma(),
            "most": largest,
            "step": SIGMA_STEP,
            "low": low,
            "high": high,
        },
        on_sigma_change=take,
    )
