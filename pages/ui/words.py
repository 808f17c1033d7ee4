"""Numbers as words for people; no Streamlit, no mathematics."""

from saliency_core import Guess


def percent(share: float) -> str:
    """A share in [0, 1] as people say it: "92%", "3.4%", "under 0.1%"."""
    hundredths = 100 * share
    if 0 < hundredths < 0.1:
        return "under 0.1%"
    if hundredths < 10:
        return f"{hundredths:.1f}%"
    return "over 99%" if 99.5 <= hundredths < 100 else f"{hundredths:.0f}%"


def sureness(best: Guess, second: Guess) -> str:
    """One plain sentence on how sure the model is, never more certain than the number."""
    if best.probability >= 0.8:
        return f"The model is {percent(best.probability)} sure that this is “{best.label}”."
    if best.probability >= 0.5:
        return f"The model leans towards “{best.label}”, but it is only {percent(best.probability)} sure."
    return (
        f"The model is not sure. Its best guess, “{best.label}”, gets {percent(best.probability)}; "
        f"the next, “{second.label}”, {percent(second.probability)}."
    )


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


def slug(text: str) -> str:
    """Text as part of a file name: lower-case letters, digits and single hyphens, never empty."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in text.lower())
    return "-".join(plain.split())[:60] or "photo"


def describe_sigma(sigma: float) -> str:
    """A sigma as it stands under a picture."""
    return f"sigma {sigma:g}" if sigma else "sigma 0 (as computed)"
