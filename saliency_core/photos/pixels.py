"""A picture of any kind to upright, opaque, eight-bit sRGB."""

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImagePalette, TiffImagePlugin

from saliency_core.photos.levels import Scale, find_scale
from saliency_core.photos.orientation import find_turn, turn_upright
from saliency_core.photos.profiles import Profile, find_profile
from saliency_core.photos.shortened import complete_jpeg
from saliency_core.photos.transparency import find_clear_colour, find_frame, lay_over_white

_ROWS = 256
"""Converted at a time."""


def read_pixels(picture: Image.Image, data: bytes) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Pixels (u8 [height, width, 3]) of a picture that open_picture() opened, upright and opaque, and sentences of how
    they differ from those in its file, `data`.

    Raises many kinds of exceptions, Pillow's, if it is damaged.
    """
    notes = []
    frame = find_frame(picture)
    try:
        picture.load()
    except OSError:
        if picture.format not in ("JPEG", "MPO"):
            raise
        picture, missing = complete_jpeg(data)
        notes.append(_tell_missing(missing))
    _mend_palette(picture)
    clear, scale = find_clear_colour(picture, data), find_scale(picture)
    profile = find_profile(picture, _mode_of_colours(picture, scale))
    if profile:
        notes.append(f"Its colours were converted from “{profile.name}” to sRGB, as screens show them.")
    width, height = picture.size
    pixels = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, _ROWS):  # a large picture is not held several times over
        box = (0, top, width, min(top + _ROWS, height))
        part = picture.crop(box)
        rows = pixels[top : top + _ROWS]
        rows[:] = np.asarray(_to_rgb(part if scale is None else scale.apply(part), profile))
        if clear is not None:
            rows[clear.find(part, box)] = 255
    if frame is not None:
        left, upper, right, lower = frame
        filled = pixels[upper:lower, left:right].copy()
        pixels[:] = 255
        pixels[upper:lower, left:right] = filled
    return turn_upright(pixels, find_turn(picture)), tuple(notes)


def _mend_palette(picture: Image.Image) -> None:
    """Read a TIFF's palette as it was meant: some programs write entries of 8 bits where the standard has 16."""
    if isinstance(picture, TiffImagePlugin.TiffImageFile) and picture.mode == "P":
        entries = picture.tag_v2.get(ExifTags.Base.ColorMap, ())
        if max(entries, default=256) < 256:
            picture.palette = ImagePalette.raw("RGB;L", bytes(entries))


def _mode_of_colours(picture: Image.Image, scale: Scale | None) -> str:
    """What of L, RGB and CMYK the colours of a profile have to be, or the picture's mode."""
    if scale is not None:
        return "L"
    return {"P": "RGB", "PA": "RGB", "RGBA": "RGB", "RGBa": "RGB", "LA": "L", "La": "L"}.get(picture.mode, picture.mode)


def _to_rgb(part: Image.Image, profile: Profile | None) -> Image.Image:
    """A part of a decoded picture as opaque sRGB."""
    if profile is None:
        return lay_over_white(part)
    if not part.has_transparency_data:
        return profile.apply(part)
    layer = part.convert("RGBA")
    colours = profile.apply(layer)
    colours.putalpha(layer.getchannel("A"))
    return lay_over_white(colours)


def _tell_missing(missing: float) -> str:
    if missing == 0:
        return "The file lacks its last bytes; all of the picture is there."
    share = f"{max(missing, 0.01):.0%}"
    return f"The file lacks its last bytes; {share} of the picture, at its end, has a flat colour instead."
