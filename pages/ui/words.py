"""What controls and settings are called on screen; no Streamlit, no mathematics."""

import re

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#|~$:&^!]|(?<=www)\.)")

REDUCTION_NAMES = {
    "max": "Strongest channel",
    "mean": "Mean of the channels",
    "l2": "Length (L2) of the channels",
    "red": "Red only",
    "green": "Green only",
    "blue": "Blue only",
}

FIT_NAMES = {"crop": "Crop", "squash": "Squash"}
FIT_CAPTIONS = {
    "crop": "The model sees the bright part; the rest is cropped away.",
    "squash": "The model sees all of it, squashed to a square.",
}

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


def describe_sigma(sigma: float) -> str:
    """A sigma as it stands under a picture."""
    return f"sigma {sigma:g}" if sigma else "sigma 0 (as computed)"


FILL_NAMES = {"black": "Black", "grey": "Grey", "blur": "Blur", "noise": "Noise"}
