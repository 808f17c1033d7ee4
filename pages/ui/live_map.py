"""Photo, map over it and map alone, with a sigma slider that redraws them while the hand moves."""

import base64
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui import session
from pages.ui.pickers import SIGMA_HELP, SIGMA_LABEL, SIGMA_STEP
from saliency_core import Frame, SaliencyMap
from saliency_core.methods.smoothing import CLIPPED_SHARE, Scale
from saliency_core.photos.photo import Pixels
from saliency_core.presentation.colours import colour_stops, colourise
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
    js=(_HERE / "live_map.js").read_text(),
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
    across, down = frame.photo_size
    box = frame.box
    colour_map = pictures[1].colour_map
    shades = colourise(np.linspace(0, 1, 256, dtype=np.float32)[None], colour_map)
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
            "raw": _pack(raw.values),
            "peak": float(raw.values.max()),
            "side": frame.side,
            "box": [
                box.left / across,
                box.top / down,
                (box.right - box.left) / across,
                (box.bottom - box.top) / down,
            ],
            "table": base64.b64encode(shades.tobytes()).decode(),
            "stops": colour_stops(colour_map),
            "clippedShare": CLIPPED_SHARE,
            "opacity": opacity,
            "sigma": session.sigma(),
            "most": largest,
            "step": SIGMA_STEP,
            "low": low,
            "high": high,
        },
        on_sigma_change=take,
    )


def _pack(values: NDArray[np.float32]) -> str:
    """The map as 16-bit shares of its peak: half the bytes, and a hundredth of a colour's step off."""
    peak = float(values.max())
    shares = values / peak if peak > 0 else values
    return base64.b64encode(np.rint(shares * 65535).astype("<u2").tobytes()).decode()
