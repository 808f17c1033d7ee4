"""A file's pieces before anything of it is decoded: how many there are, and those of a PNG that are of use."""

import struct
import zlib

from PIL import PngImagePlugin

PNG = b"\x89PNG\r\n\x1a\n"
"""What every PNG file begins with."""
_SCAN = 0xDA
_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"
_MOST_PROFILE = PngImagePlugin.MAX_TEXT_CHUNK
"""Bytes of an unpacked colour profile."""
_PASSED_OVER = (b"tEXt", b"zTXt", b"iTXt", b"acTL", b"fcTL", b"fdAT")
"""Texts, and the frames of an animation after its first picture."""
_MOST_SCANS = 64
"""Of a JPEG. Progressive ones have ten; a file of thousands would be decoded for minutes."""
_MOST_PIECES = 200_000
"""Of a PNG, or before the pixels of a JPEG. Millions fit into a file, and Pillow takes a microsecond for each."""


def is_scattered(data: bytes) -> bool:
    """Whether a JPEG, also one inside a TIFF, has more scans, or a PNG, or a JPEG before its pixels, more pieces than a
    picture needs."""
    return _count_scans(data) > _MOST_SCANS or _count_pieces(data) > _MOST_PIECES


def picture_alone(data: bytes) -> bytes:
    """A PNG without texts, animation, a profile that is too large and what follows its end, which it gets if it is cut:
    Pillow refuses a picture over each of these. Other files are as they were."""
    if not data.startswith(PNG):
        return data
    pieces, begun, place, kind, is_ended = [], 0, len(PNG), b"", False
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


def _count_scans(data: bytes) -> int:
    """Scans of a JPEG, also one inside a TIFF; 0 for other files. The marker is none of the bytes that pack pixels."""
    return data.count(b"\xff\xda") if data.startswith((b"\xff\xd8", b"II*\0", b"MM\0*")) else 0


def _count_pieces(data: bytes) -> int:
    """Chunks of a PNG, or segments of a JPEG before its pixels, up to a few more than are allowed; 0 for others."""
    place, pieces = len(PNG), 0
    if data.startswith(PNG):
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
    return pieces


def _is_bomb(chunk: bytes) -> bool:
    """Whether a profile unpacks to more than Pillow takes."""
    packed = chunk.partition(b"\0")[2][1:]
    unpacker = zlib.decompressobj()
    try:
        unpacker.decompress(packed, _MOST_PROFILE)
    except zlib.error:
        return True
    return bool(unpacker.unconsumed_tail)
