"""What is said of bytes that cannot be opened as a photo, and of what they are instead."""

import io

from PIL import TiffImagePlugin

from saliency_core.errors import PhotoError
from saliency_core.photos.formats import FORMATS, KINDS, MAX_PIXELS
from saliency_core.photos.pieces import PNG

_USE = f"Use a {KINDS} file."
_DAMAGED = (
    "This picture is damaged or cut short and cannot be read to its end. Copy or download it again, or choose another."
)
_STARTS = (b"\xff\xd8\xff", PNG, b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*")
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


def damaged() -> PhotoError:
    """What is said of a picture whose pixels cannot be decoded."""
    return PhotoError(_DAMAGED)


def too_large() -> PhotoError:
    """What is said of more than MAX_PIXELS."""
    return PhotoError(
        f"This picture has more than {MAX_PIXELS // 1_000_000} million pixels once it is unpacked. "
        "Save a smaller copy and open that."
    )


def unusual() -> PhotoError:
    """What is said of a file that would take too long to read."""
    return PhotoError(
        "This file is packed in an unusual way that takes too long to read. Save a copy of it and open that."
    )


def preview() -> PhotoError:
    """What is said of a camera's raw file."""
    return PhotoError("This is a camera’s raw file, of which only a small preview can be read. Save it as a JPEG file.")


def unknown(data: bytes) -> PhotoError:
    """What is said of bytes that Pillow does not take."""
    return PhotoError(_tell(data))


def _tell(data: bytes) -> str:
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
