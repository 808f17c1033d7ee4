"""Pixels to look at: a photo with what the model sees of it, a map in colours, a map over a photo."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from saliency_core.errors import RequestError
from saliency_core.methods.smoothing import SaliencyMap, Scale
from saliency_core.photos.frame import Frame
from saliency_core.photos.photo import Photo, Pixels
from saliency_core.photos.regions import Region
from saliency_core.presentation.colours import COLOUR_MAPS, choose_colours, paint
from saliency_core.threads import together

DISPLAY_SIDE = 1024
OUTSIDE_SHARE = 90
"""How much of the photo shows where the model does not see it, in 256ths; whole numbers are quicker to mix."""
OUTSIDE_GREY = 128
OPACITY_STEPS = 240
"""Opacity is rounded to one of so many steps: with more, 255 times a step and half a step to round do not fit in
16 bits. Every multiple of five percent is one."""


def display_photo(photo: Photo, longest: int = DISPLAY_SIDE) -> Pixels:
    """The photo for a screen: u8 [height, width, 3], its longer side at most `longest` pixels."""
    factor = longest / max(photo.width, photo.height)
    if factor >= 1:
        return photo.pixels
    size = (max(1, round(photo.width * factor)), max(1, round(photo.height * factor)))
    return np.asarray(Image.fromarray(photo.pixels).resize(size, Image.Resampling.BOX, reducing_gap=2))


def dim_unseen(photo: Pixels, frame: Frame) -> Pixels:
    """The photo with what the model does not see dimmed."""
    rows, columns = _cover(photo, frame)
    return _dim_around(photo, rows, columns, photo[rows, columns])


def outline(photo: Pixels, frame: Frame) -> Pixels:
    """The photo with the part that the model sees outlined, and the rest dimmed."""
    dimmed = dim_unseen(photo, frame)
    rows, columns = _cover(photo, frame)
    if (rows, columns) == (slice(0, photo.shape[0]), slice(0, photo.shape[1])):
        return dimmed
    picture = Image.fromarray(dimmed)
    width = max(2, round(max(photo.shape) / 250))
    edges = (columns.start, rows.start, columns.stop - 1, rows.stop - 1)
    ImageDraw.Draw(picture).rectangle(edges, outline="white", width=width)
    return np.asarray(picture)


def outline_region(photo: Pixels, frame: Frame, region: Region) -> Pixels:
    """The photo, at any size, with a region of its frame outlined so that it is seen on any ground."""
    height, width = photo.shape[:2]
    across = (frame.box.right - frame.box.left) / frame.side * width / frame.photo_size[0]
    down = (frame.box.bottom - frame.box.top) / frame.side * height / frame.photo_size[1]
    left = frame.box.left * width / frame.photo_size[0] + region.left * across
    top = frame.box.top * height / frame.photo_size[1] + region.top * down
    right, bottom = left + region.width * across, top + region.height * down
    line = max(3, round(max(photo.shape) / 140))
    picture = Image.fromarray(photo)
    draw = ImageDraw.Draw(picture)
    edges = (left, top, max(left, right - 1), max(top, bottom - 1))
    draw.rectangle(edges, outline="black", width=line + 1)
    draw.rectangle(edges, outline="#ffd400", width=line)
    return np.asarray(picture)


def draw_seen(photo: Pixels, frame: Frame) -> Pixels:
    """What the model sees, in the photo's own geometry: the frame's pixels, enlarged, where it covers
    the photo; the rest dimmed."""
    rows, columns = _cover(photo, frame)
    size = (columns.stop - columns.start, rows.stop - rows.start)
    seen = Image.fromarray(frame.pixels).resize(size, Image.Resampling.BICUBIC, frame.photo_part)
    return _dim_around(photo, rows, columns, np.asarray(seen))


def draw_map(
    photo: Pixels, frame: Frame, saliency: SaliencyMap, scale: Scale, colour_map: str = COLOUR_MAPS[0]
) -> Pixels:
    """The map in the photo's own geometry and size; grey where the model does not see the photo.

    colour_map: of a map without signs; one with signs has colours of its own.
    """
    rows, columns = _cover(photo, frame)
    canvas = np.full_like(photo, OUTSIDE_GREY)
    canvas[rows, columns] = _coloured(frame, saliency, scale, colour_map, rows, columns)
    return canvas


def draw_overlay(
    photo: Pixels,
    frame: Frame,
    saliency: SaliencyMap,
    scale: Scale,
    colour_map: str = COLOUR_MAPS[0],
    opacity: float = 0.6,
) -> Pixels:
    """The map laid over the photo, at the photo's size; dimmed where the model does not see it.

    photo: u8 [height, width, 3], the photo the frame was made of, at any size.
    colour_map: of a map without signs; one with signs has colours of its own.
    opacity: 0 shows the photo alone, 1 the map alone.

    Raises RequestError for an opacity outside [0, 1].
    """
    if not 0 <= opacity <= 1:
        raise RequestError(f"Opacity must be between 0 and 1, not {opacity}.")
    rows, columns = _cover(photo, frame)
    coloured = _coloured(frame, saliency, scale, colour_map, rows, columns)
    # Whole numbers take two thirds of the time, for the same bytes.
    share = round(opacity * OPACITY_STEPS)
    blend: NDArray[np.uint16] = np.multiply(photo[rows, columns], OPACITY_STEPS - share, dtype=np.uint16)
    blend += np.multiply(coloured, share, dtype=np.uint16)
    blend += OPACITY_STEPS // 2  # for rounding
    blend //= OPACITY_STEPS
    return _dim_around(photo, rows, columns, blend)


def draw_overlays(
    photo: Pixels,
    frame: Frame,
    maps: Sequence[SaliencyMap],
    scales: Sequence[Scale],
    colour_map: str = COLOUR_MAPS[0],
    opacity: float = 0.6,
) -> tuple[Pixels, ...]:
    """The picture that draw_overlay() gives for each of several maps, each on its own scale.

    Raises RequestError where draw_overlay() does.
    """
    pairs = list(zip(maps, scales, strict=True))
    return together(lambda pair: draw_overlay(photo, frame, *pair, colour_map, opacity), pairs)


def _cover(photo: Pixels, frame: Frame) -> tuple[slice, slice]:
    """Rows and columns of a resized photo that the frame covers, at least one pixel of each."""
    height, width = photo.shape[:2]
    across, down = width / frame.photo_size[0], height / frame.photo_size[1]
    top, left = max(0, round(frame.box.top * down)), max(0, round(frame.box.left * across))
    bottom = max(top + 1, round(frame.box.bottom * down))
    right = max(left + 1, round(frame.box.right * across))
    return slice(top, min(bottom, height)), slice(left, min(right, width))


def _dim_around(photo: Pixels, rows: slice, columns: slice, inside: Pixels | NDArray[np.uint16]) -> Pixels:
    """The photo with `inside` in place of some rows and columns, and everything around them dimmed."""
    canvas = np.empty_like(photo)
    canvas[rows, columns] = inside
    every, left, right = slice(None), slice(columns.start), slice(columns.stop, None)
    grey = (256 - OUTSIDE_SHARE) * OUTSIDE_GREY + 128  # the last for rounding
    for strip in ((slice(rows.start), every), (slice(rows.stop, None), every), (rows, left), (rows, right)):
        canvas[strip] = (photo[strip].astype(np.uint16) * OUTSIDE_SHARE + grey) >> 8
    return canvas


def _coloured(
    frame: Frame, saliency: SaliencyMap, scale: Scale, colour_map: str, rows: slice, columns: slice
) -> Pixels:
    """The map enlarged and in colours; the same as colourise() of its shares of the scale.

    Values are upsampled, then coloured: upsampled colours would not lie on the colour bar. Bilinear,
    because it invents no value beyond those it interpolates.
    """
    size = (columns.stop - columns.start, rows.stop - rows.start)
    span = scale.high - scale.low
    # The colour's number, before it is cut to 0..255 and down to a whole number by convert().
    factor, offset = (255 / span, 0.5 - 255 * scale.low / span) if span > 0 else (0.0, 0.0)
    values = Image.fromarray(saliency.values).resize(size, Image.Resampling.BILINEAR, frame.photo_part)
    return paint(
        values.point(lambda value: value * factor + offset).convert("L"), choose_colours(saliency.signed, colour_map)
    )
