"""Photos of rare kinds show what their files say, as other decoders read them; photos from phones open."""

import base64
import io
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageCms

from saliency_core import PhotoError, decode_photo
from saliency_core.photos import opening, refusals
from saliency_core.photos.formats import FORMATS
from saliency_core.photos.shortened import MOST_MISSING
from tests.test_photo import assert_close, encode, exif_block, noise, png_chunk, smooth_picture

SIDE = 32
RAMP = np.linspace(0, 1, SIDE)
"""From left to right, in every row."""
EIGHT = np.rint(RAMP * 255).astype(int)[None, :, None]
"""What every ramp from black to white must become."""
GIVEN = Path(__file__).parents[2] / "shared" / "failing-inputs"


def tiff(values: NDArray[np.generic], tags: dict[int, int | tuple[int, ...]]) -> bytes:
    """A little-endian TIFF file of one uncompressed strip, or a strip a plane, with tags beyond the usual ones.

    values: [height, width] or planes [channels, height, width]. A tag that is a tuple of one has type BYTE.
    """
    planes = values if values.ndim == 3 else values[None]
    pixels = planes.tobytes()
    bits = values.dtype.itemsize * 8
    offset = 8
    fields: dict[int, int | tuple[int, ...]] = {
        256: planes.shape[2],
        257: planes.shape[1],
        259: 1,
        262: 1,
        277: len(planes),
        278: planes.shape[1],
        258: (bits,) * len(planes) if len(planes) > 1 else bits,
        273: tuple(offset + place * len(pixels) // len(planes) for place in range(len(planes)))
        if len(planes) > 1
        else offset,
        279: (len(pixels) // len(planes),) * len(planes) if len(planes) > 1 else len(pixels),
        **tags,
    }
    start = offset + len(pixels)
    beyond = start + 2 + 12 * len(fields) + 4
    entries, extra = b"", b""
    for tag, value in sorted(fields.items()):
        if isinstance(value, int):
            entries += struct.pack("<HHII", tag, 4, 1, value)
        elif len(value) == 1:
            entries += struct.pack("<HHIBxxx", tag, 1, 1, *value)
        else:
            wide = tag in (273, 279)
            entries += struct.pack("<HHII", tag, 4 if wide else 3, len(value), beyond + len(extra))
            extra += struct.pack(f"<{len(value)}{'I' if wide else 'H'}", *value)
    return b"II*\0" + struct.pack("<I", start) + pixels + struct.pack("<H", len(fields)) + entries + bytes(4) + extra


def ramp(kind: type[np.generic], top: float) -> NDArray[np.generic]:
    values = RAMP * top
    return np.tile((values if issubclass(kind, np.floating) else np.rint(values)).astype(kind), (SIDE, 1))


def twelve_bits() -> bytes:
    values = np.tile(np.rint(RAMP * 4095).astype(int), (SIDE, 1)).reshape(-1, 2)
    packed = np.stack([values[:, 0] >> 4, (values[:, 0] & 15) << 4 | values[:, 1] >> 8, values[:, 1] & 255], axis=1)
    return tiff(packed.astype(np.uint8).reshape(SIDE, -1), {256: SIDE, 258: 12})


def overshooting() -> NDArray[np.generic]:
    """A ramp whose first and last level lie beyond it, and one lamp far beyond."""
    values = ramp(np.float32, 1.0).astype(np.float32)
    values[:, 0], values[:, -1] = -0.08, 1.08
    values[-1, -1] = 40
    return values


GREYS: dict[str, bytes] = {
    "12 bits": twelve_bits(),
    "16 bits": tiff(ramp(np.uint16, 65535), {}),
    "signed 16 bits": tiff(ramp(np.int16, 32767), {339: 2}),
    "unsigned 32 bits": tiff(ramp(np.uint32, 2**32 - 1), {}),
    "signed 32 bits": tiff(ramp(np.int32, 2**31 - 1), {339: 2}),
    "16 bits in 32": tiff(ramp(np.uint32, 65535), {}),
    "floats to 1": tiff(ramp(np.float32, 1), {339: 3}),
    "floats beyond 1": tiff(overshooting(), {339: 3}),
    "floats to 255": tiff(ramp(np.float32, 255), {339: 3}),
    "white is zero, 16 bits": tiff(65535 - ramp(np.uint16, 65535).astype(np.uint16), {262: 0}),
    "a palette of eight bits": tiff(
        np.tile(np.arange(SIDE, dtype=np.uint8), (SIDE, 1)),
        {262: 3, 320: (*([*EIGHT.ravel().tolist(), *[0] * (256 - SIDE)] * 3),)},
    ),
}


@pytest.mark.parametrize("name", GREYS)
def test_greys_are_a_ramp_whatever_their_numbers(name: str) -> None:
    assert_close(decode_photo(GREYS[name]), np.broadcast_to(EIGHT, (SIDE, SIDE, 3)), 1)


@pytest.mark.parametrize("bits", [8, 16])
def test_planes_of_colours(bits: int) -> None:
    colours = np.asarray(smooth_picture(), np.uint16 if bits == 16 else np.uint8)
    planes = np.moveaxis(colours * 257 if bits == 16 else colours, -1, 0)
    photo = decode_photo(tiff(np.ascontiguousarray(planes), {262: 2, 284: 2}))
    np.testing.assert_array_equal(photo.pixels, colours)


def test_an_orientation_that_is_stored_as_a_byte() -> None:
    upright = np.tile(np.arange(0, 160, 4, dtype=np.uint8), (SIDE, 1))
    photo = decode_photo(tiff(np.ascontiguousarray(np.rot90(upright, -1)), {274: (8,)}))
    np.testing.assert_array_equal(photo.pixels[..., 0], upright)


def png(width: int, depth: int, colour: int, rows: bytes, clear: bytes) -> bytes:
    """A PNG of 16 equal packed rows, one colour of which is transparent."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, 16, depth, colour, 0, 0, 0))
    pixels = png_chunk(b"IDAT", zlib.compress((b"\0" + rows) * 16))
    return b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"tRNS", clear) + pixels + png_chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "left", "right"),
    [
        (png(16, 1, 0, b"\xff\x00", b"\0\1"), 255, 0),
        (png(16, 1, 0, b"\x00\xff", b"\0\0"), 255, 255),
        (png(16, 2, 0, b"\x55\x55\xaa\xaa", b"\0\1"), 255, 170),
        (png(16, 4, 0, b"\x33" * 4 + b"\xaa" * 4, b"\0\3"), 255, 170),
        (png(16, 8, 0, b"\x33" * 8 + b"\xaa" * 8, b"\0\x33"), 255, 170),
        (png(16, 16, 0, b"\x33\x44" * 8 + b"\x33\x45" * 8, b"\x33\x44"), 255, 51),
        (png(16, 8, 2, b"\x33\x44\x55" * 8 + b"\x33" * 24, b"\0\x33\0\x44\0\x55"), 255, 51),
        (png(16, 16, 2, b"\x33\1\x33\2\x33\3" * 8 + b"\x33\1\x33\2\x33\4" * 8, b"\x33\1\x33\2\x33\3"), 255, 51),
    ],
    ids=["1 bit, white", "1 bit, black", "2 bits", "4 bits", "8 bits", "16 bits", "colour", "16-bit colour"],
)
def test_a_transparent_colour_is_compared_in_all_of_its_bits(data: bytes, left: int, right: int) -> None:
    pixels = decode_photo(data).pixels
    assert (pixels[:, :8] == left).all()
    assert (pixels[:, 8:] == right).all()


def test_what_a_gifs_first_frame_leaves_out_is_white() -> None:
    frame = encode(Image.new("P", (16, 16), 0), "GIF")
    for place in (6, 8):  # the screen's width and height; the frame's stay
        frame = frame[:place] + struct.pack("<H", 32) + frame[place + 2 :]
    pixels = decode_photo(frame).pixels
    assert pixels.shape == (32, 32, 3)
    assert (pixels[:16, :16] == 0).all()
    assert (pixels[16:] == 255).all()
    assert (pixels[:, 16:] == 255).all()


def rgb_profile(matrix: ArrayLike, gamma: float = 2.2, kind: bytes = b"RGB ") -> bytes:
    """A colour profile of three primaries (rows: XYZ of red, green and blue under D50) and a gamma, or of greys."""

    def fixed(*values: float) -> bytes:
        return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))

    curve = b"curv" + bytes(4) + struct.pack(">IHxx", 1, round(gamma * 256))
    name = b"desc" + bytes(4) + struct.pack(">I", 13) + b"wide colours\0" + bytes(78)
    tags = {b"desc": name, b"wtpt": b"XYZ " + bytes(4) + fixed(0.9642, 1, 0.8249)}
    if kind == b"GRAY":
        tags[b"kTRC"] = curve
    else:
        for letter, row in zip((b"r", b"g", b"b"), np.asarray(matrix), strict=True):
            tags |= {letter + b"XYZ": b"XYZ " + bytes(4) + fixed(*row), letter + b"TRC": curve}
    table, body, start = b"", b"", 128 + 4 + 12 * len(tags)
    for tag, content in tags.items():
        table += struct.pack(">4sII", tag, start + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    size = start + len(body)
    whole = struct.pack(">I", size) + bytes(4) + b"\x02\x10\0\0mntr" + kind + b"XYZ " + bytes(12) + b"acsp"
    return whole.ljust(68, b"\0") + fixed(0.9642, 1, 0.8249) + bytes(48) + struct.pack(">I", len(tags)) + table + body


DISPLAY_P3 = ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841))
SRGB = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))


class TestProfiles:
    @pytest.mark.parametrize(("colour", "expected"), [((40, 200, 40), (0, 206, 0)), ((128, 128, 128), (128, 128, 128))])
    @pytest.mark.parametrize("file_format", ["JPEG", "PNG", "TIFF", "WEBP"])
    def test_a_phones_colours_become_srgb(
        self, file_format: str, colour: tuple[int, ...], expected: tuple[int, ...]
    ) -> None:
        options = {"quality": 100} if file_format in ("JPEG", "WEBP") else {}
        data = encode(Image.new("RGB", (16, 16), colour), file_format, icc_profile=rgb_profile(DISPLAY_P3), **options)
        photo = decode_photo(data)
        assert_close(photo, expected, 3)
        assert photo.notes == ("Its colours were converted from “wide colours” to sRGB, as screens show them.",)

    def test_the_opacity_stays(self) -> None:
        picture = Image.new("RGBA", (32, 16), (40, 200, 40, 255))
        picture.paste((40, 200, 40, 0), (16, 0, 32, 16))
        pixels = decode_photo(encode(picture, "PNG", icc_profile=rgb_profile(DISPLAY_P3))).pixels
        assert np.abs(pixels[:, :16].astype(int) - (0, 206, 0)).max() <= 3
        assert (pixels[:, 16:] == 255).all()

    def test_a_palettes_colours_too(self) -> None:
        picture = Image.new("RGB", (16, 16), (40, 200, 40)).quantize(2)
        assert_close(decode_photo(encode(picture, "PNG", icc_profile=rgb_profile(DISPLAY_P3))), (0, 206, 0), 3)

    @pytest.mark.parametrize("gamma", [1.8, 2.2])
    def test_greys(self, gamma: float) -> None:
        photo = decode_photo(encode(Image.new("L", (16, 16), 100), "PNG", icc_profile=rgb_profile((), gamma, b"GRAY")))
        linear = (100 / 255) ** gamma
        assert_close(photo, round(255 * (1.055 * linear ** (1 / 2.4) - 0.055)), 1)

    def test_srgb_changes_no_pixel(self) -> None:
        srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        photo = decode_photo(encode(smooth_picture(), "PNG", icc_profile=srgb))
        np.testing.assert_array_equal(photo.pixels, np.asarray(smooth_picture()))
        assert photo.notes == ()

    def test_a_profile_that_is_none_changes_no_pixel(self) -> None:
        for profile in (b"", b"none", rgb_profile(DISPLAY_P3)[:200], bytes(5000)):
            photo = decode_photo(encode(smooth_picture(), "PNG", icc_profile=profile))
            np.testing.assert_array_equal(photo.pixels, np.asarray(smooth_picture()))

    def test_a_bomb_of_a_profile_is_passed_over(self) -> None:
        whole = encode(smooth_picture(), "PNG")
        bomb = png_chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(8 * 2**20)))
        np.testing.assert_array_equal(decode_photo(whole[:33] + bomb + whole[33:]).pixels, np.asarray(smooth_picture()))


class TestShortened:
    """JPEG files that lack their last bytes."""

    @pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}, {"quality": 30}])
    @pytest.mark.parametrize("seed", range(4))
    def test_one_without_its_end_marker_loses_nothing(self, options: dict[str, int], seed: int) -> None:
        whole = encode(smooth_picture(200, 160, seed), "JPEG", **options)
        photo = decode_photo(whole[:-2])
        np.testing.assert_array_equal(photo.pixels, decode_photo(whole).pixels)
        # Where the last byte of pixels is a whole one, Pillow misses nothing.
        assert photo.notes in ((), ("The file lacks its last bytes; all of the picture is there.",))

    def test_what_is_missing_is_told(self) -> None:
        whole = encode(Image.fromarray(noise(400, 200, 3)), "JPEG")
        photo = decode_photo(whole[: int(0.97 * len(whole))])
        differs = (photo.pixels != decode_photo(whole).pixels).any(axis=(1, 2))
        share = 1 - np.flatnonzero(differs)[0] / 400
        assert 0 < share <= MOST_MISSING
        assert photo.notes == (
            f"The file lacks its last bytes; {share:.0%} of the picture, at its end, has a flat colour instead.",
        )

    def test_one_that_lacks_more_is_damaged(self) -> None:
        whole = encode(Image.fromarray(noise(400, 200, 3)), "JPEG")
        for share in (0.3, 0.9):
            with pytest.raises(PhotoError, match="damaged or cut short"):
                decode_photo(whole[: int(share * len(whole))])

    def test_that_nothing_is_missing_is_told_as_well(self) -> None:
        photo = decode_photo(encode(smooth_picture(), "JPEG")[:-2])
        assert photo.notes == ("The file lacks its last bytes; all of the picture is there.",)

    def test_an_upright_one_stays_upright(self) -> None:
        whole = encode(smooth_picture(), "JPEG", exif=exif_block(6))
        np.testing.assert_array_equal(decode_photo(whole[:-2]).pixels, decode_photo(whole).pixels)


def test_large_comments_are_passed_over() -> None:
    whole = encode(smooth_picture(), "PNG")
    for kind, start in ((b"tEXt", b"a\0"), (b"zTXt", b"a\0\0"), (b"iTXt", b"a\0\1\0\0\0")):
        text = bytes(3 * 2**20)
        chunk = png_chunk(kind, start + (text if kind == b"tEXt" else zlib.compress(text)))
        for place in (33, -12):
            photo = decode_photo(whole[:place] + chunk + whole[place:])
            np.testing.assert_array_equal(photo.pixels, np.asarray(smooth_picture()))


@pytest.mark.parametrize("cut", [1, 4, 8, 11])
def test_a_png_that_lacks_its_end_lacks_no_pixel(cut: int) -> None:
    photo = decode_photo(encode(smooth_picture(), "PNG")[:-cut])
    np.testing.assert_array_equal(photo.pixels, np.asarray(smooth_picture()))


def test_a_broken_animation_shows_its_first_picture() -> None:
    whole = encode(smooth_picture(), "PNG")
    control = png_chunk(b"acTL", struct.pack(">II", 2, 0))
    photo = decode_photo(whole[:33] + control + whole[33:-12] + png_chunk(b"fdAT", bytes(9)) + whole[-12:])
    np.testing.assert_array_equal(photo.pixels, np.asarray(smooth_picture()))


@pytest.mark.parametrize("file_format", ["JPEG", "WEBP", "TIFF"])
def test_an_orientation_in_xmp_alone_changes_nothing(file_format: str) -> None:
    """Neither browsers nor libvips look for it there; Pillow does."""
    xmp = b'<rdf:Description tiff:Orientation="6"/>'
    options = {"tiffinfo": {700: xmp}} if file_format == "TIFF" else {"xmp": xmp}
    data = encode(smooth_picture(), file_format, **options)
    assert Image.open(io.BytesIO(data)).getexif()[0x112] == 6
    photo = decode_photo(data)
    assert (photo.width, photo.height) == (40, 32)


@pytest.mark.parametrize("size", [(8192, 6144), (8160, 6144)])
def test_a_photo_of_50_megapixels_is_read(size: tuple[int, int]) -> None:
    """Its pixels are one bit each, so that the file is made in a moment."""
    photo = decode_photo(encode(Image.new("1", size, 1), "PNG"))
    assert (photo.width, photo.height) == size
    assert photo.pixels.min() == 255


def test_avif() -> None:
    if "AVIF" not in FORMATS:
        pytest.skip("this Pillow reads no AVIF")
    photo = decode_photo(encode(smooth_picture(), "AVIF", quality=95))
    assert np.abs(photo.pixels.astype(int) - np.asarray(smooth_picture(), int)).mean() < 4


# A picture of 64 x 64 pixels as libheif writes it: red grows to the right, green downwards by 4 a pixel, blue is 90.
HEIC = base64.b64decode(
    """
AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAVZtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAAAERAAA
EAAQAAAAABegABAAAAAAAAAJUAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA1mlwcnAAAAC3aXBjbwAAAHho
dmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbqSSmubg
IaDAgAAAMAyAAAAwAIQGIAAQAHRAHBcrAiQAAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABAAAAAQAAAABBwaXhpAAAAAAMICAgAAAAXaXBt
YQAAAAAAAAABAAEEgQIDBAAAAJ1tZGF0AAAAkSgBrwng6wjmFUx1IshpftnzL8+xuoOEVL1DxSguDwsoQ6nUsvndExveopnD97oaP4Vu/3mli4j8v0UwH6
+snJILwq527MIoRoQSu0sBu4OWBZVxi2HNzCoImY4FGT0GWI11K4zrUmPMvYRu65vUZD1d5hkqBhFS9kZvV9jrRCi3I3TFbepChG1ihH1trPi3THA=
"""
)


class TestHeic:
    def test_it_is_read_where_the_package_is_installed(self) -> None:
        pytest.importorskip("pi_heif")
        down, across = np.mgrid[:64, :64] * 4
        expected = np.stack([across, down, np.full_like(down, 90)], axis=-1)
        assert np.abs(decode_photo(HEIC).pixels - expected).mean() < 4

    @pytest.mark.parametrize("data", [HEIC, HEIC[:88], b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"])
    def test_without_it_a_sentence_says_so(self, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        for module in (opening, refusals):
            monkeypatch.setattr(module, "FORMATS", tuple(each for each in FORMATS if each != "HEIF"))
        with pytest.raises(PhotoError) as caught:
            decode_photo(data)
        assert str(caught.value) == (
            "This is a HEIC photo, as iPhones take them, and this server cannot read it. "
            "Export it as JPEG and open that, or have pi-heif installed on the server."
        )


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"%PDF-1.7\n", "This is a PDF document, which"),
        (b'<?xml version="1.0"?><svg width="99"/>', "This is an SVG drawing, which"),
        (b"PK\x03\x04" + bytes(99), "This is a ZIP file, which"),
        (b"\0\0\0\x20ftypisom" + bytes(99), "This is a video"),
        (b"II+\0\x08\0\0\0" + bytes(99), "is a BigTIFF, which cannot be read here. Save it as a PNG or JPEG"),
        (tiff(np.zeros((3, 16, 16), np.float32), {262: 2, 284: 2, 339: (3, 3, 3)}), "a kind of pixels that cannot"),
        (tiff(np.zeros((16, 16), np.uint8), {254: 1, 330: 8}), "a camera’s raw file"),
    ],
    ids=["pdf", "svg", "zip", "video", "bigtiff", "float colours", "raw"],
)
def test_a_sentence_calls_no_whole_file_damaged(data: bytes, told: str) -> None:
    with pytest.raises(PhotoError, match=told) as caught:
        decode_photo(data)
    assert "damaged" not in str(caught.value)


def test_a_jpeg_of_thousands_of_scans_is_refused_at_once() -> None:
    """Each of them is a few bytes, and has a decoder go through all of the picture once more."""
    whole = encode(Image.new("L", (4000, 4000)), "JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    with pytest.raises(PhotoError, match="unusual way"):
        decode_photo(whole[:-2] + whole[last:-2] * 1000 + whole[-2:])


@pytest.mark.parametrize("kind", ["png", "jpeg segments", "jpeg fill"])
def test_a_file_of_millions_of_pieces_is_refused_at_once(kind: str) -> None:
    """Pillow's own readers take ten seconds for each."""
    if kind == "png":
        whole = encode(smooth_picture(), "PNG")
        data = whole[:33] + png_chunk(b"abCd", b"") * 1_000_000 + whole[33:]
    else:
        whole = encode(smooth_picture(), "JPEG")
        data = whole[:2] + (b"\xff\xee\0\2" * 1_000_000 if "segments" in kind else b"\xff" * 4_000_000) + whole[2:]
    with pytest.raises(PhotoError, match="unusual way"):
        decode_photo(data)


def run_alone(script: str, path: Path) -> subprocess.CompletedProcess[str]:
    """What a script prints in a process of its own, which is given a file's path."""
    command, root = [sys.executable, "-c", script, str(path)], Path(__file__).parents[1]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)


LARGEST: dict[str, Callable[[], bytes]] = {
    "a palette with clear entries": lambda: encode(
        Image.new("P", (8192, 6144)), "PNG", transparency=bytes(256), compress_level=1
    ),
    "opacity and a profile": lambda: encode(
        Image.new("RGBA", (8192, 6144)), "PNG", icc_profile=rgb_profile(DISPLAY_P3), compress_level=1
    ),
    "without its end": lambda: encode(Image.new("RGB", (8192, 6144)), "JPEG")[:-2],
    "many scans": lambda: many_scans(),
}


def many_scans() -> bytes:
    whole = encode(Image.new("L", (8192, 6144)), "JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * (64 - whole.count(b"\xff\xda")) + whole[-2:]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read as Linux tells it")
@pytest.mark.parametrize("name", LARGEST)
def test_the_largest_photos_take_less_than_a_gigabyte_and_five_seconds(name: str, tmp_path: Path) -> None:
    """Each in a process of its own, the library with torch included; seconds are the processor's."""
    (tmp_path / "photo").write_bytes(LARGEST[name]())
    script = (
        "import pathlib, re, sys, time; from saliency_core import decode_photo\n"
        "data = pathlib.Path(sys.argv[1]).read_bytes(); start = time.process_time(); decode_photo(data)\n"
        "told = pathlib.Path('/proc/self/status').read_text()\n"  # ru_maxrss would tell the parent's memory too
        "print(time.process_time() - start, re.search(r'VmHWM:\\s*(\\d+)', told)[1])\n"
    )
    finished = run_alone(script, tmp_path / "photo")
    seconds, kibibytes = map(float, finished.stdout.split())
    assert kibibytes < 2**20
    assert seconds < 5


def test_libtiff_writes_nothing_to_the_error_stream(tmp_path: Path) -> None:
    data = bytearray(encode(Image.fromarray(noise(64, 64, 3)), "TIFF", compression="tiff_lzw"))
    data[300:400] = b"\xff" * 100
    (tmp_path / "broken.tif").write_bytes(data)
    script = (
        "import sys, pathlib; from saliency_core import decode_photo, PhotoError\n"
        "try: decode_photo(pathlib.Path(sys.argv[1]).read_bytes())\n"
        "except PhotoError as error: print(error)\n"
    )
    finished = run_alone(script, tmp_path / "broken.tif")
    assert "damaged" in finished.stdout
    assert finished.stderr == ""


# Means of red, green and blue, as two other decoders read the file; a word of what is said where it cannot be read.
OTHERS: dict[str, tuple[float, ...] | str] = {
    "tif-16-rgb-planar.tif": (125.7, 125.0, 123.0),  # libvips, ImageMagick
    "tif-16-whiteiszero.tif": (127.5,) * 3,  # both; bright at the left
    "tif-12.tif": (127.5,) * 3,  # ImageMagick
    "tif-float-0-to-1.01.tif": (128.7,) * 3,  # ImageMagick
    "tif-float-bicubic-overshoot.tif": (127.5,) * 3,  # ImageMagick
    "tif-palette-8bit-entries.tif": (127.0,) * 3,  # both
    "tif-u32.tif": (127.5,) * 3,  # ImageMagick
    "tif-orientation-as-byte.tif": (125.7,) * 3,  # both
    "png-4bit-trns.png": (212.5,) * 3,  # ImageMagick, Chromium
    "png-16bit-trns.png": (212.2,) * 3,  # ImageMagick, Chromium
    "gif-part-of-screen.gif": (191.25, 191.25, 255),  # ImageMagick, Chromium
    "jpg-display-p3-green.jpg": (0, 206, 0),  # Chromium
    "jpg-no-eoi.jpg": (127.4, 122.3, 129.1),  # both
    "png-comment-2mb.png": (126, 126, 90),  # both
    "png-8160x6144.png": (0, 0, 0),  # both
    "saved-from-a-web-page.jfif": (126.0, 126.0, 90.0),  # both
    "photo.avif": (125.6, 126.5, 89.4),  # libvips, Chromium
    "tif-float-rgb.tif": "a kind of pixels",
    "tif-cmyka.tif": "a kind of pixels",
}


@pytest.mark.parametrize("name", OTHERS)
def test_files_are_read_as_other_decoders_read_them(name: str) -> None:
    if not (GIVEN / name).exists():
        pytest.skip("the files are not here")
    data, expected = (GIVEN / name).read_bytes(), OTHERS[name]
    if isinstance(expected, str):
        with pytest.raises(PhotoError, match=expected):
            decode_photo(data)
        return
    assert np.abs(decode_photo(data).pixels.mean(axis=(0, 1)) - expected).max() <= 1


def test_sides_of_files_that_have_two() -> None:
    """A mean does not tell left from right."""

    if not GIVEN.exists():
        pytest.skip("the files are not here")
    white_left = decode_photo((GIVEN / "tif-16-whiteiszero.tif").read_bytes()).pixels
    assert white_left[:, 0].min() > 250
    assert white_left[:, -1].max() < 5
    turned = decode_photo((GIVEN / "tif-orientation-as-byte.tif").read_bytes()).pixels
    assert turned[0].min() > 250
    assert turned[-1].max() < 5
