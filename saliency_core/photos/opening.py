"""Bytes to a Pillow picture whose pixels are not decoded yet, or a sentence that says what the bytes are instead."""

import io

from PIL import Image, TiffImagePlugin

from saliency_core.photos import refusals
from saliency_core.photos.formats import FORMATS, MAX_PIXELS
from saliency_core.photos.pieces import is_scattered, picture_alone

_PREVIEW, _SUBFILE_TYPE, _SUB_IFDS = 1, 254, 330


def open_picture(data: bytes) -> Image.Image:
    """A picture that Pillow can decode. Texts and animations in a PNG are passed over.

    Raises PhotoError, with a sentence fit to show, if the bytes are not such a picture, are damaged, or have more than
    MAX_PIXELS.
    """
    if is_scattered(data):
        raise refusals.unusual()
    # Pillow's decoders meet hostile bytes with a whole zoo of exceptions (OSError, SyntaxError,
    # ValueError, struct.error, zlib.error, IndexError, ...); to a person they all mean the same.
    try:
        picture = Image.open(io.BytesIO(picture_alone(data)), formats=FORMATS)
        forget_xmp(picture)
        is_preview = _is_preview(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise refusals.too_large() from None
    except Exception:
        raise refusals.unknown(data) from None
    if picture.width * picture.height > MAX_PIXELS:
        raise refusals.too_large()
    if is_preview:
        raise refusals.preview()
    return picture


def forget_xmp(picture: Image.Image) -> None:
    """Let Pillow find no orientation in XMP data, where no other decoder looks for one."""
    for name in ("xmp", "XML:com.adobe.xmp"):
        picture.info.pop(name, None)


def _is_preview(picture: Image.Image) -> bool:
    """Whether a TIFF file begins with a preview of pictures that lie deeper in it, as cameras' raw files do."""
    if not isinstance(picture, TiffImagePlugin.TiffImageFile):
        return False
    return bool(picture.tag_v2.get(_SUBFILE_TYPE, 0) & _PREVIEW and _SUB_IFDS in picture.tag_v2)
