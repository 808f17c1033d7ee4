"""Words of the pages alone; no Streamlit, no mathematics."""

import re

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#|~$:&^!]|(?<=www)\.)")

COLOUR_MAP_NAMES = {
    "magma": "Magma (dark to bright)",
    "inferno": "Inferno",
    "plasma": "Plasma",
    "viridis": "Viridis",
    "cividis": "Cividis",
}


def as_text(text: str) -> str:
    """Text from anywhere, such as a file's name, as Markdown that shows it letter by letter; not for the start
    of a line, where more letters have a meaning."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
