"""Bytes to a Pillow picture whose pixels are not decoded yet, or a sentence that says what the bytes are instead."""

import ctypes
import io
import logging
import struct
import warnings
import zlib
from contextlib import suppress

from PIL import (
    Image,
    PngImagePlugin,
    TiffImagePlugin,
    _imaging,
    features,
)

from saliency_core.errors import PhotoError

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
_USE = f"Use a {KINDS} file."
_DAMAGED = (
    "This picture is damaged or cut short and cannot be read to its end. Copy or download it again, or choose another."
)
_PNG = b"\x89PNG\r\n\x1a\n"
_STARTS = (b"\xff\xd8\xff", _PNG, b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*")
_SCAN = 0xDA
_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_OTHERS = {
    b"%PDF": "a PDF document",
    b"8BPS": "a Photoshop document",
    b"\xff\x0a": "a JPEG XL picture",
    b"\0\0\0\x0cJXL ": "a JPEG XL picture",
    b"\0\0\0\x0cjP  ": "a JPEG 2000 picture",
    b"\xff\x4f\xff\x51": "a JPEG 2000 picture",
    b"PK\x03\x04": "a ZIP file",
}
_MOST_PROFILE = PngImagePlugin.MAX_TEXT_CHUNK
"""Bytes of an unpacked colour profile."""
_PASSED_OVER = (b"tEXt", b"zTXt", b"iTXt", b"acTL", b"fcTL", b"fdAT")
"""Texts, and the frames of an animation after its first picture."""
_MOST_SCANS = 64
"""Of a JPEG. Progressive ones have ten; a file of thousands would be decoded for minutes."""
_MOST_PIECES = 200_000
"""Of a PNG, or before the pixels of a JPEG. Millions fit into a file, and Pillow takes a microsecond for each."""
_UNUSUAL = "This file is packed in an unusual way that takes too long to read. Save a copy of it and open that."
_PREVIEW, _SUBFILE_TYPE, _SUB_IFDS = 1, 254, 330


def open_picture(data: bytes) -> Image.Image:
    """A picture that Pillow can decode. Texts and animations in a PNG are passed over.

    Raises PhotoError, with a sentence fit to show, if the bytes are not such a picture, are damaged, or have more than
    MAX_PIXELS.
    """
    # Pillow's decoders meet hostile bytes with a whole zoo of exceptions (OSError, SyntaxError,
    # ValueError, struct.error, zlib.error, IndexError, ...); to a person they all mean the same.
    if _count_scans(data) > _MOST_SCANS or _is_scattered(data):
        raise PhotoError(_UNUSUAL)
    try:
        picture = Image.open(io.BytesIO(_picture_alone(data) if data.startswith(_PNG) else data), formats=FORMATS)
        forget_xmp(picture)
        is_preview = _is_preview(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    except Exception:
        raise PhotoError(_tell(data)) from None
    if picture.width * picture.height > MAX_PIXELS:
        raise _too_large()
    if is_preview:
        raise PhotoError(
            "This is a camera’s raw file, of which only a small preview can be read. Save it as a JPEG file."
        )
    return picture


def forget_xmp(picture: Image.Image) -> None:
    """Let Pillow find no orientation in XMP data, where no other decoder looks for one."""
    for name in ("xmp", "XML:com.adobe.xmp"):
        picture.info.pop(name, None)


def damaged() -> PhotoError:
    """What is said of a picture whose pixels cannot be decoded."""
    return PhotoError(_DAMAGED)


def _too_large() -> PhotoError:
    return PhotoError(
        f"This picture has more than {MAX_PIXELS // 1_000_000} million pixels once it is unpacked. "
        "Save a smaller copy and open that."
    )


def _tell(data: bytes) -> str:
    """A sentence for bytes that Pillow does not take."""
    if data[4:8] == b"ftyp":
        if data[8:12] in (b"avif", b"avis"):
            return _DAMAGED if "AVIF" in FORMATS else f"This is an AVIF picture, which this server cannot read. {_USE}"
        if data[8:12] in _HEIC_BRANDS:
            return _DAMAGED if "HEIF" in FORMATS else _tell_heic()
        return f"This is a video or another kind of media file. {_USE}"
    for start, name in _OTHERS.items():
        if data.startswith(start):
            return f"This is {name}, which cannot be opened here. {_USE}"
    if b"<svg" in data[:1000]:
        return f"This is an SVG drawing, which cannot be opened here. {_USE}"
    if data.startswith((b"II*\0", b"MM\0*")) and _is_of_unknown_kind(data):
        return "This TIFF file holds a kind of pixels that cannot be read here. Save it as a PNG or JPEG file."
    if data.startswith((b"II+\0", b"MM\0+")):
        return "This TIFF file is a BigTIFF, which cannot be read here. Save it as a PNG or JPEG file."
    if data.startswith(_STARTS) or (data[:4] == b"RIFF" and b"WEBP".startswith(data[8:12])):
        return _DAMAGED
    return f"This file is not a picture of a kind that can be read here. {_USE}"


def _tell_heic() -> str:
    told = "This is a HEIC photo, as iPhones take them, and this server cannot read it."
    return f"{told} Export it as JPEG and open that, or have pi-heif installed on the server."


def _is_of_unknown_kind(data: bytes) -> bool:
    """Whether a TIFF file says how its pixels lie, and Pillow does not know that kind."""
    try:
        TiffImagePlugin.TiffImageFile(io.BytesIO(data))
    except SyntaxError as error:
        return "unknown pixel mode" in str(error)
    except Exception:
        return False
    return False


def _is_preview(picture: Image.Image) -> bool:
    """Whether a TIFF file begins with a preview of pictures that lie deeper in it, as cameras' raw files do."""
    if not isinstance(picture, TiffImagePlugin.TiffImageFile):
        return False
    return bool(picture.tag_v2.get(_SUBFILE_TYPE, 0) & _PREVIEW and _SUB_IFDS in picture.tag_v2)


def _count_scans(data: bytes) -> int:
    """Scans of a JPEG, also one inside a TIFF; 0 for other files. The marker is none of the bytes that pack pixels."""
    return data.count(b"\xff\xda") if data.startswith((b"\xff\xd8", b"II*\0", b"MM\0*")) else 0


def _is_scattered(data: bytes) -> bool:
    """Whether a PNG, or a JPEG before its pixels, has more pieces than a picture needs."""
    place, pieces = len(_PNG), 0
    if data.startswith(_PNG):
        while place + 12 <= len(data) and pieces <= _MOST_PIECES and data[place + 4 : place + 8] != b"IEND":
            place += 12 + int.from_bytes(data[place : place + 4], "big")
            pieces += 1
    elif data.startswith(b"\xff\xd8"):
        place = 2
        while place + 4 <= len(data) and pieces <= _MOST_PIECES and data[place + 1] != _SCAN:
            # Bytes between segments, which mean nothing, are passed over one by one, as Pillow does.
            is_segment = data[place] == 255 and data[place + 1] not in (0, 255)
            place += 2 + int.from_bytes(data[place + 2 : place + 4], "big") if is_segment else 1
            pieces += 1
    return pieces > _MOST_PIECES


def _picture_alone(data: bytes) -> bytes:
    """A PNG without texts, animation, a profile that is too large and what follows its end, which it gets if it is cut:
    Pillow refuses a picture over each of these."""
    pieces, begun, place, kind, is_ended = [], 0, len(_PNG), b"", False
    while not is_ended and place + 8 <= len(data):
        (length,), kind = struct.unpack_from(">I", data, place), data[place + 4 : place + 8]
        end = place + 12 + length
        if end > len(data):
            break
        if kind in _PASSED_OVER or (kind == b"iCCP" and _is_bomb(data[place + 8 : end - 4])):
            pieces.append(data[begun:place])
            begun = end
        place = end
        is_ended = kind == b"IEND"
    if is_ended or kind != b"IDAT":  # pixels that are cut stay, and are found to be
        data = data[:place] + (b"" if is_ended else _PNG_END)
    return b"".join([*pieces, data[begun:]])


def _is_bomb(chunk: bytes) -> bool:
    """Whether a profile unpacks to more than Pillow takes."""
    packed = chunk.partition(b"\0")[2][1:]
    unpacker = zlib.decompressobj()
    try:
        unpacker.decompress(packed, _MOST_PROFILE)
    except zlib.error:
        return True
    return bool(unpacker.unconsumed_tail)
