"""Photos side by side with what was found on each; clicking one tells which."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent

_strip = st.components.v2.component(
    "strip",
    html='<ul class="strip"></ul>',
    css=(_HERE / "strip.css").read_text(),
    js=(_HERE / "strip.js").read_text(),
)


@dataclass(frozen=True, slots=True)
class Tile:
    """A photo in the strip, in plain text.

    name: what Python gets when it is clicked; title: what it is called.
    picture: an address that a browser draws, empty where there is none.
    share: a bar's length in [0, 1], None for no bar; lines: what stands below it.
    """

    name: str
    title: str
    picture: str
    share: float | None
    lines: tuple[str, ...]


def show_strip(tiles: Sequence[Tile], key: str) -> str | None:
    """Show the photos; the name of one that was clicked just now."""
    found = _strip(key=key, data={"tiles": [asdict(tile) for tile in tiles]}, on_picked_change=lambda: None)
    names = {tile.name for tile in tiles}
    picked = found.get("picked")
    return picked if picked in names else None
