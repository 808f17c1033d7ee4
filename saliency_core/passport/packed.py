"""Labelled photos in one ZIP file, as a browser can send them."""

import io
import zipfile
from pathlib import Path, PurePosixPath

from saliency_core.errors import RequestError
from saliency_core.photos.formats import SUFFIXES
from saliency_core.photos.photo import MAX_BYTES

MOST_PHOTOS, MOST_BYTES = 500, 500 * 2**20
"""More are left out: an examination takes time for each, and a small ZIP may hold much."""


def unpack_photos(data: bytes, folder: Path) -> int:
    """Write the photos of a ZIP into a folder, in a subfolder for each class, and tell how many there are.

    The folder that a photo lies in is its class; what is no photo, or larger than one may be, is left out.

    Raises RequestError if it is no ZIP, or has no folder with photos.
    """
    count, size = 0, 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                path = PurePosixPath(entry.filename.replace("\\", "/"))
                label, suffix = path.parent.name, path.suffix.lower()
                hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
                if entry.is_dir() or not label or hidden or suffix not in SUFFIXES or entry.file_size > MAX_BYTES:
                    continue
                size += entry.file_size
                if size > MOST_BYTES:
                    break
                content = archive.read(entry)
                (folder / label).mkdir(exist_ok=True)
                (folder / label / f"{count:04}{suffix}").write_bytes(content)
                count += 1
                if count == MOST_PHOTOS:
                    break
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as error:
        raise RequestError(
            "The labelled photos cannot be read. Pack them into a ZIP, with a folder for each class."
        ) from error
    if count == 0:
        raise RequestError("The ZIP has no folder with photos. Put the photos of each class into a folder of its name.")
    return count
