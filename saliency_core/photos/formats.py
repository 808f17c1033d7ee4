"""Which files are opened as photos, and how Pillow is set up to read them."""

import ctypes
import logging
import warnings
from contextlib import suppress

from PIL import TiffImagePlugin, _imaging, features

try:  # the extra `heic`
    import pi_heif
except ImportError:
    pi_heif = None
else:
    pi_heif.register_heif_opener()

FORMATS = tuple(
    name
    for name, is_read in {
        "JPEG": True,
        "PNG": True,
        "WEBP": True,
        "GIF": True,
        "BMP": True,
        "TIFF": True,
        "AVIF": features.check("avif"),
        "HEIF": pi_heif is not None,
    }.items()
    if is_read
)
"""What Pillow may try; it reads dozens more, EPS by way of a PostScript interpreter."""
SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".avif"),
    *((".heic", ".heif") if "HEIF" in FORMATS else ()),
)
"""Endings of files that are photos, in small letters, where a folder's files are told apart by their names."""

MAX_PIXELS = 8192 * 6144
"""Of the largest photos that phones take, called 50 megapixels."""

# decode_photo says itself, in a sentence, what is wrong with a picture. Pillow's warnings, of a large one or of
# damaged metadata, would only add noise, and so would what libtiff writes to the error stream of the process.
warnings.filterwarnings("ignore", module=r"PIL\.")
logging.getLogger("PIL").setLevel(logging.CRITICAL)
with suppress(AttributeError, OSError):  # a Pillow that was built in another way
    ctypes.CDLL(_imaging.__file__).TIFFSetErrorHandler(None)

# Pillow's own reader takes planes of 16-bit colours for 8-bit ones.
TiffImagePlugin.READ_LIBTIFF = True

_NAMES = [{"WEBP": "WebP", "HEIF": "HEIC"}.get(name, name) for name in FORMATS]
KINDS = f"{', '.join(_NAMES[:-1])} or {_NAMES[-1]}"
"""What can be opened, in words."""
