"""Shares in [0, 1] as colours."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from saliency_core.checks import one_of
from saliency_core.photos.photo import Pixels

COLOUR_MAPS = ("magma", "inferno", "plasma", "viridis", "cividis")
"""Perceptually uniform colour maps: equal steps in value look like equal steps."""
SIGNED_COLOURS = "RdBu_r"
"""Of every map with signs: blue below zero, pale at zero, red above; colour-blind eyes tell them apart, too. It is not
one to choose: in those above, zero would look like any other value."""


def choose_colours(signed: bool, colour_map: str) -> str:
    """The colour map that a map is drawn in.

    colour_map: the one chosen for maps without signs.
    """
    return SIGNED_COLOURS if signed else colour_map


def colourise(shares: NDArray[np.float32], colour_map: str = COLOUR_MAPS[0]) -> Pixels:
    """Shares in [0, 1] as colours: f32 [height, width] -> u8 [height, width, 3].

    Raises RequestError for a colour map that is neither one of COLOUR_MAPS nor SIGNED_COLOURS.
    """
    return paint(Image.fromarray((shares * 255).round().astype(np.uint8)), colour_map)


def colour_stops(colour_map: str, count: int = 9) -> tuple[str, ...]:
    """Evenly spaced colours of a colour map as #rrggbb, lowest first: what a colour bar is made of."""
    return tuple(
        "#{:02x}{:02x}{:02x}".format(*pixel)
        for pixel in colourise(np.linspace(0, 1, count, dtype=np.float32)[None], colour_map)[0]
    )


def paint(numbers: Image.Image, colour_map: str) -> Pixels:
    """Entries of a colour map as its colours: a picture of mode "L", 0 to 255 -> u8 [height, width, 3].

    Raises RequestError for a colour map that is neither one of COLOUR_MAPS nor SIGNED_COLOURS.
    """
    numbers.putpalette(_palette(colour_map))
    return np.asarray(numbers.convert("RGB"))


@cache
def _palette(colour_map: str) -> bytes:
    import matplotlib  # lazy: takes a fifth of a second to import

    known = one_of(colour_map, "colour map", (*COLOUR_MAPS, SIGNED_COLOURS))
    shades = matplotlib.colormaps[known](np.arange(256))[:, :3]
    return (shades * 255).round().astype(np.uint8).tobytes()
