"""Bytes to a photo: decoded, upright, eight-bit RGB, and refused in a sentence where that fails."""

import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms, TiffImagePlugin

from saliency_core.errors import PhotoError

Pixels = NDArray[np.uint8]

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 50_000_000
MIN_SIDE = 16
MAX_ASPECT = 20
_TOO_MANY_BYTES = f"This file is larger than {MAX_BYTES // 2**20} MB. Save a smaller copy and open that."

# decode_photo says itself, in a sentence, what is wrong with a picture. Pillow's warnings, of a large
# one or of damaged metadata, would only add noise.
warnings.filterwarnings("ignore", module=r"PIL\.")

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
    """

    pixels: Pixels
    digest: str

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.pixels.shape[0])


def decode_photo(data: bytes | bytearray | memoryview) -> Photo:
    """Decode a JPEG, PNG, WebP, GIF (first frame), BMP or TIFF file.

    Transparent pixels are laid over white; 16-bit greys are scaled to 8 bits; CMYK is converted
    through its colour profile where the file carries one.

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
    # Pillow's decoders meet hostile bytes with a whole zoo of exceptions (OSError, SyntaxError,
    # ValueError, struct.error, zlib.error, IndexError, ...); to a person they all mean the same.
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    except Exception:
        raise PhotoError(
            "This file is not a picture that can be read, or it is damaged. "
            "Use a JPEG, PNG, WebP, GIF, BMP or TIFF file."
        ) from None
    _check_size(*picture.size)
    try:
        _check_tiles(picture)
        picture.load()
        pixels = np.array(_to_rgb(_upright(picture)))
    except Exception:
        raise PhotoError(
            "This picture is damaged or cut short and cannot be read to its end. "
            "Copy or download it again, or choose another."
        ) from None
    pixels.setflags(write=False)
    return Photo(pixels, hashlib.sha256(data).hexdigest())


def open_photo(path: Path) -> Photo:
    """Decode a file; one larger than MAX_BYTES is not read.

    Raises PhotoError if it cannot be opened, and where decode_photo() does.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PhotoError(_TOO_MANY_BYTES)
        data = path.read_bytes()
    except OSError as error:
        raise PhotoError("This file cannot be opened.") from error
    return decode_photo(data)


def find_turn(picture: Image.Image) -> Image.Transpose | None:
    """What makes a picture upright, by its EXIF orientation; None for one that is, or whose EXIF data is damaged."""
    try:
        return _TURNS.get(picture.getexif().get(ExifTags.Base.Orientation))
    except Exception:
        return None


def _too_large() -> PhotoError:
    return PhotoError(
        f"This picture has more than {MAX_PIXELS // 1_000_000} million pixels once it is unpacked. "
        "Save a smaller copy and open that."
    )


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise _too_large()
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


def _upright(picture: Image.Image) -> Image.Image:
    """The picture turned as its EXIF orientation says.

    Pillow's own exif_transpose also writes the EXIF data anew, and refuses good pictures over it.
    """
    turn = find_turn(picture)
    return picture if turn is None else picture.transpose(turn)


def _to_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        return Image.fromarray(_to_eight_bits(np.asarray(picture))).convert("RGB")
    if picture.mode == "CMYK" and picture.info.get("icc_profile"):
        managed = _through_profile(picture)
        if managed is not None:
            return managed
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(paper, layer).convert("RGB")
    # Not even a copy where it is RGB already: on a large photo that would take half as long as decoding.
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def _to_eight_bits(values: NDArray[np.generic]) -> Pixels:
    """Greys to u8: unsigned ones have 16 bits, others the nominal range that fits (1, 255 or 65,535)."""
    levels = values.astype(np.float32)
    levels[np.isnan(levels)] = 0
    top = 65535.0
    if values.dtype.kind != "u":
        largest = float(levels.max(initial=0, where=np.isfinite(levels)))
        top = next((nominal for nominal in (1.0, 255.0, 65535.0) if largest <= nominal), largest)
    scaled: NDArray[np.float32] = np.clip(levels / top, 0, 1) * 255
    return np.rint(scaled).astype(np.uint8)


def _through_profile(picture: Image.Image) -> Image.Image | None:
    """CMYK to sRGB through the file's own profile; None where the profile is unusable."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(picture.info["icc_profile"]))
        return ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return None
