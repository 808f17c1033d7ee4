"""Small pictures of an audit's photos, made once."""

import hashlib
import io
from contextlib import suppress
from pathlib import Path, PurePosixPath, PureWindowsPath
from tempfile import NamedTemporaryFile

from PIL import Image

from saliency_core.audit.boxes import Header
from saliency_core.errors import PhotoError
from saliency_core.photos.formats import MAX_PIXELS
from saliency_core.photos.orientation import find_turn
from saliency_core.photos.photo import open_photo

THUMBNAILS = "thumbnails"
HEIGHT, WIDEST = 192, 576
"""In pixels. A picture takes about 12 KB, so those of 100,000 photos take 1.2 GB, if all of them are looked at."""
_QUALITY = 82


def thumbnail(out: Path | str, folder: Path | str, name: str) -> bytes:
    """A photo as a JPEG file of HEIGHT pixels, from the audit's folder, where it is kept once it was made.

    out: the audit's folder; folder: where the photos lie; name: a photo's path within that.

    Raises PhotoError for a name that leads out of the folder, and where the photo is gone, damaged or too large.
    """
    place = Path(out) / THUMBNAILS / f"{hashlib.sha256(name.encode('utf-8', 'surrogateescape')).hexdigest()}.jpg"
    with suppress(OSError):
        return place.read_bytes()
    path = _within(Path(folder), name)
    buffer = io.BytesIO()
    _shrink(path).save(buffer, "JPEG", quality=_QUALITY)
    with suppress(OSError):  # one that cannot be kept is made again
        _keep(place, buffer.getvalue())
    return buffer.getvalue()


def _within(folder: Path, name: str) -> Path:
    posix, windows = PurePosixPath(name), PureWindowsPath(name)
    if posix.is_absolute() or windows.drive or windows.root or ".." in (*posix.parts, *windows.parts) or "\0" in name:
        raise PhotoError("This is no name of a photo in the folder.")
    return folder / name


def _shrink(path: Path) -> Image.Image:
    size = (WIDEST, HEIGHT)
    with suppress(Exception), Image.open(path, formats=("JPEG",)) as picture:
        if picture.mode == "RGB" and picture.width * picture.height <= MAX_PIXELS:
            header = Header(picture.size, find_turn(picture))
            picture.thumbnail(size if header.upright == picture.size else size[::-1])  # decodes few of its pixels
            return picture.copy() if header.turn is None else picture.transpose(header.turn)
    other = Image.fromarray(open_photo(path).pixels)
    other.thumbnail(size)
    return other


def _keep(place: Path, data: bytes) -> None:
    """Write a file that others find whole or not at all, whoever else is writing it."""
    place.parent.mkdir(exist_ok=True)
    with NamedTemporaryFile(dir=place.parent, suffix=".part", delete=False) as file:
        draft = Path(file.name)
        try:
            file.write(data)
            file.close()
            draft.replace(place)
        except OSError:
            draft.unlink()
            raise
