"""What a fresh server shows while it imports what pages need, which takes seconds: the photo that a page is about.

Nothing here may take long to import.
"""

import base64
import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from threading import Event

import streamlit as st

_PHOTOS = Path(__file__).parents[2] / "assets" / "photos"
_FIRST = "cat"
"""The sample of the tour's first step, and of whoever has chosen none."""
WITHOUT_PHOTO = ("Audit", "Models", "About")
"""Pages that are about no single photo."""

started = Event()
"""Whether the server has imported everything and loaded a model once."""


def show_opening(page: str, link: Mapping[str, str]) -> None:
    """The title of a page, and the photo that its link is about, if it is one of the samples."""
    st.title(page, anchor=False)
    st.caption("Starting …")
    if page not in WITHOUT_PHOTO and (photo := _find_photo(link)) is not None:
        data = base64.b64encode((_PHOTOS / photo["file"]).read_bytes()).decode()
        alt = escape(f"The photo “{photo['title']}”")
        st.html(f'<figure class="opening"><img src="data:image/jpeg;base64,{data}" alt="{alt}"></figure>')


def _find_photo(link: Mapping[str, str]) -> dict[str, str] | None:
    if link.get("step", "1") != "1":  # another step has a photo of its own
        return None
    photos = json.loads((_PHOTOS / "manifest.json").read_text())["photos"]
    return next((each for each in photos if each["id"] == link.get("photo", _FIRST)), None)
