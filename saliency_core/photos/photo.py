"""Bytes to a photo: decoded, upright, eight-bit sRGB, and refused in a sentence where that fails."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, TiffImagePlugin

from saliency_core.errors import PhotoError
from saliency_core.photos import refusals
from saliency_core.photos.formats import MAX_PIXELS
from saliency_core.photos.opening import open_picture
from saliency_core.photos.pixels import read_pixels

Pixels = NDArray[np.uint8]

MAX_BYTES = 20 * 1024 * 1024
MIN_SIDE = 16
MAX_ASPECT = 20
_TOO_MANY_BYTES = f"This file is larger than {MAX_BYTES // 2**20} MB. Save a smaller copy and open that."


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A decoded photo.

    pixels: u8 [height, width, 3], RGB, upright (EXIF orientation applied), read-only.
    digest: hexadecimal sha256 of the bytes it was decoded from.
    notes: sentences that a person should read of how the pixels differ from those in the file.
    """

    pixels: Pixels
    digest: str
    notes: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.pixels.shape[0])


def decode_photo(data: bytes | bytearray | memoryview) -> Photo:
    """Decode a JPEG, PNG, WebP, GIF (first frame), BMP, TIFF, AVIF or, with pi-heif installed, HEIC file.

    Transparent pixels are laid over white; greys of more bits are scaled to 8; colours are converted to sRGB through
    the file's colour profile. A JPEG that lacks its last bytes is read where nearly all of the picture is there.

    Raises PhotoError, with a sentence fit to show, if the bytes are not such a picture, are damaged,
    are larger than MAX_BYTES, or decode to more than MAX_PIXELS, a side under MIN_SIDE, or a strip
    longer than MAX_ASPECT times its width. So it does for a file's name instead of its bytes.
    """
    if not isinstance(data, bytes | bytearray | memoryview):
        raise PhotoError(
            f"decode_photo() takes the bytes of a file, not a {type(data).__name__}; "
            "pathlib.Path(...).read_bytes() reads them."
        )
    data = bytes(data)
    if not data:
        raise PhotoError("This file is empty. Choose a photo with something in it.")
    if len(data) > MAX_BYTES:
        raise PhotoError(_TOO_MANY_BYTES)
    picture = open_picture(data)
    _check_size(*picture.size)
    try:
        _check_tiles(picture)
        pixels, notes = read_pixels(picture, data)
    except Exception:  # as many kinds as in open_picture()
        raise refusals.damaged() from None
    pixels.setflags(write=False)
    return Photo(pixels, hashlib.sha256(data).hexdigest(), notes)


def open_photo(path: Path) -> Photo:
    """Decode a file; one larger than MAX_BYTES is not read.

    Raises PhotoError if it cannot be opened, and where decode_photo() does.
    """
    return decode_photo(read_photo(path))


def read_photo(path: Path) -> bytes:
    """A file's bytes.

    Raises PhotoError if it cannot be opened, or is larger than MAX_BYTES.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PhotoError(_TOO_MANY_BYTES)
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise PhotoError("This file cannot be opened.") from error


def _check_size(width: int, height: int) -> None:
    if min(width, height) < MIN_SIDE:
        raise PhotoError(
            f"This picture is only {width} x {height} pixels. Choose one with at least {MIN_SIDE} pixels on each side."
        )
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise PhotoError(
            f"This picture is a strip of {width} x {height} pixels. "
            f"Crop it so that one side is at most {MAX_ASPECT} times the other."
        )


def _check_tiles(picture: Image.Image) -> None:
    """Raise ValueError for a TIFF of oversize tiles: a few bytes can ask its decoder for gigabytes."""
    if isinstance(picture, TiffImagePlugin.TiffImageFile):
        tags = picture.tag_v2
        if tags.get(ExifTags.Base.TileWidth, 0) * tags.get(ExifTags.Base.TileLength, 0) > MAX_PIXELS:
            raise ValueError
