"""Bytes to a photo: decoded, upright, eight-bit sRGB, and refused in a sentence where that fails."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImagePalette, TiffImagePlugin

from saliency_core.errors import PhotoError
from saliency_core.photos.formats import MAX_PIXELS, damaged, open_picture
from saliency_core.photos.levels import is_deep, to_eight_bits
from saliency_core.photos.profiles import manage_colours
from saliency_core.photos.shortened import complete_jpeg
from saliency_core.photos.transparency import find_clear_colour, find_frame, lay_over_white

Pixels = NDArray[np.uint8]

MAX_BYTES = 20 * 1024 * 1024
MIN_SIDE = 16
MAX_ASPECT = 20
_STRIP = 256
"""Rows."""
_TOO_MANY_BYTES = f"This file is larger than {MAX_BYTES // 2**20} MB. Save a smaller copy and open that."

_TURNS: dict[object, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


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
        pixels, notes = _decode(picture, data)
    except Exception:  # as many kinds as in open_picture()
        raise damaged() from None
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


def find_turn(picture: Image.Image) -> Image.Transpose | None:
    """What makes a picture upright, by its EXIF orientation; None for one that is, or whose EXIF data is damaged."""
    try:
        orientation = picture.getexif().get(ExifTags.Base.Orientation)
        # Some programs write a byte where the standard has a number of 16 bits.
        return _TURNS.get(orientation[0] if isinstance(orientation, bytes) else orientation)
    except Exception:
        return None


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


def _decode(picture: Image.Image, data: bytes) -> tuple[Pixels, tuple[str, ...]]:
    """Pixels, and sentences about them; raises what Pillow raises."""
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
    clear = find_clear_colour(picture, data)
    turn = find_turn(picture)
    colours, profile = _to_rgb(picture)
    if profile:
        notes.append(f"Its colours were converted from “{profile}” to sRGB, as screens show them.")
    if frame is not None:
        screen = Image.new("RGB", colours.size, "white")
        screen.paste(colours.crop(frame), frame[:2])
        colours = screen
    if clear is not None:
        colours.paste("white", (0, 0), Image.fromarray(clear))
    # Pillow's own exif_transpose also writes the EXIF data anew, and refuses good pictures over it.
    return _to_pixels(colours if turn is None else colours.transpose(turn)), tuple(notes)


def _to_pixels(picture: Image.Image) -> Pixels:
    """An RGB picture's pixels, taken over in strips: all at once would take three times their memory for a moment."""
    pixels = np.empty((picture.height, picture.width, 3), np.uint8)
    for top in range(0, picture.height, _STRIP):
        strip = picture.crop((0, top, picture.width, min(top + _STRIP, picture.height)))
        pixels[top : top + _STRIP] = np.asarray(strip)
    return pixels


def _mend_palette(picture: Image.Image) -> None:
    """Read a TIFF's palette as it was meant: some programs write entries of 8 bits where the standard has 16."""
    if isinstance(picture, TiffImagePlugin.TiffImageFile) and picture.mode == "P":
        entries = picture.tag_v2.get(ExifTags.Base.ColorMap, ())
        if max(entries, default=256) < 256:
            picture.palette = ImagePalette.raw("RGB;L", bytes(entries))


def _to_rgb(picture: Image.Image) -> tuple[Image.Image, str]:
    """A decoded picture as opaque sRGB, and what the profile that its colours went through calls itself, or ""."""
    plain = picture
    if is_deep(picture):
        plain = to_eight_bits(picture)
        plain.info = picture.info
    elif picture.mode in ("P", "PA", "LA", "La", "RGBA", "RGBa") and picture.info.get("icc_profile"):
        plain = picture.convert("RGBA") if picture.has_transparency_data else picture.convert("RGB")
    if plain.mode != "RGBA":
        managed = manage_colours(plain)
        return (managed.picture, managed.profile) if managed else (lay_over_white(plain), "")
    opaque = plain.convert("RGB")
    opaque.info = plain.info
    managed = manage_colours(opaque)
    if managed is None:
        return lay_over_white(plain), ""
    managed.picture.putalpha(plain.getchannel("A"))
    return lay_over_white(managed.picture), managed.profile


def _tell_missing(missing: float) -> str:
    if missing == 0:
        return "The file lacks its last bytes; all of the picture is there."
    share = f"{max(missing, 0.01):.0%}"
    return f"The file lacks its last bytes; {share} of the picture, at its end, has a flat colour instead."
