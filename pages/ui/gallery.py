"""The sample photos as a grid of thumbnails."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from pages.ui.payload import photo_name, send_words
from pages.ui.samples import samples
from saliency_core import decode_photo
from saliency_core.presentation.figures import display_photo
from saliency_core.presentation.pictures import data_url

_HERE = Path(__file__).parent
_THUMBNAIL = 112
_NAME = "thumbnails"

_gallery = st.components.v2.component(
    "gallery",
    html='<div class="gallery" role="group" aria-label="Sample photos"></div>',
    css=(_HERE / "gallery.css").read_text(),
    js=(_HERE / "gallery.js").read_text(),
)


def gallery(chosen: str, on_pick: Callable[[str], None]) -> None:
    """Show the samples, the one called `chosen` marked; `on_pick` gets the name of one clicked."""

    def take() -> None:
        picked = st.session_state["gallery"].get("picked")
        if picked in samples():
            on_pick(picked)

    send_words(_NAME, _make_thumbnails)  # apart, since another choice does not change them
    _gallery(key="gallery", data={"photos": _NAME, "chosen": chosen}, on_picked_change=take)


def _make_thumbnails() -> list[dict[str, str]]:
    return [
        {
            "name": name,
            "title": source.title,
            "photo": photo_name(source),
            "thumbnail": data_url(display_photo(decode_photo(source.data), _THUMBNAIL), quality=80),
        }
        for name, source in samples().items()
    ]
