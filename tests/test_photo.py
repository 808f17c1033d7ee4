"""Photos: every kind of picture becomes upright eight-bit RGB, all else is refused in a sentence."""

import hashlib
import io
import re
import struct
import subprocess
import sys
import time
import tracemalloc
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageCms, ImageSequence, TiffImagePlugin

from saliency_core import Photo, PhotoError, decode_photo
from saliency_core.photos.formats import FORMATS, MAX_PIXELS
from saliency_core.photos.photo import MAX_BYTES, open_photo

Pixels = NDArray[np.uint8]
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
WHITE = (255, 255, 255)


def encode(picture: Image.Image, file_format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, file_format, **options)
    return buffer.getvalue()


def smooth_picture(width: int = 40, height: int = 32, seed: int = 0) -> Image.Image:
    """Soft random colours, different in every corner."""
    colours = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    return Image.fromarray(colours).resize((width, height), Image.Resampling.BICUBIC)


def noise(*shape: int, seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def over_white(colours: Pixels, alpha: ArrayLike) -> Pixels:
    """What colours of an opacity in [0, 255] look like on white paper."""
    share = np.asarray(alpha, dtype=np.float64)[..., None] / 255
    return np.rint(colours * share + 255 * (1 - share)).astype(np.uint8)


def assert_close(photo: Photo, expected: ArrayLike, tolerance: int = 1) -> None:
    assert np.abs(photo.pixels.astype(int) - np.asarray(expected, dtype=int)).max() <= tolerance


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_header(width: int, height: int) -> bytes:
    """A PNG that promises so many pixels of 8-bit RGB and holds next to none."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return PNG_SIGNATURE + header + png_chunk(b"IDAT", zlib.compress(bytes(64)))


def exif_block(orientation: int, *entries: tuple[int, int, bytes]) -> bytes:
    """EXIF data with an orientation, and further (tag, type, value) entries as they are, right or wrong."""
    fields = [
        *((tag, kind, 1, value) for tag, kind, value in entries),
        (0x112, 3, 1, bytes([0, orientation])),
    ]
    packed = b"".join(struct.pack(">HHI4s", *field) for field in sorted(fields))
    return b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", len(fields)) + packed + bytes(4)


def animation(file_format: str, frames: int = 2, side: int = 64, **options: Any) -> bytes:
    """A ramp that moves by three levels a frame, exact in every format."""
    down, across = np.mgrid[:side, :side]
    levels = [(down + across + 3 * index).astype(np.uint8) for index in range(frames)]
    pictures = [Image.fromarray(level).convert("RGB" if file_format == "WEBP" else "L") for level in levels]
    return encode(pictures[0], file_format, save_all=True, append_images=pictures[1:], **options)


EXACT: dict[str, bytes] = {
    "png": encode(smooth_picture(), "PNG"),
    "webp": encode(smooth_picture(), "WEBP", lossless=True),
    "bmp": encode(smooth_picture(), "BMP"),
    "tiff": encode(smooth_picture(), "TIFF"),
    "tiff lzw": encode(smooth_picture(), "TIFF", compression="tiff_lzw"),
    "tiff deflate": encode(smooth_picture(), "TIFF", compression="tiff_adobe_deflate"),
}
LOSSY: dict[str, bytes] = {
    "jpeg": encode(smooth_picture(), "JPEG", quality=95),
    "jpeg progressive": encode(smooth_picture(), "JPEG", quality=95, progressive=True),
    "jpeg of several": encode(
        smooth_picture(), "MPO", quality=95, save_all=True, append_images=[smooth_picture(seed=1)]
    ),
    "webp lossy": encode(smooth_picture(), "WEBP", quality=95),
    "tiff jpeg": encode(smooth_picture(), "TIFF", compression="jpeg", quality=95),
}


class TestFiles:
    @pytest.mark.parametrize("name", EXACT)
    def test_lossless_ones_are_exact(self, name: str) -> None:
        np.testing.assert_array_equal(decode_photo(EXACT[name]).pixels, np.asarray(smooth_picture()))

    @pytest.mark.parametrize("name", LOSSY)
    def test_lossy_ones_are_close(self, name: str) -> None:
        difference = decode_photo(LOSSY[name]).pixels.astype(int) - np.asarray(smooth_picture(), dtype=int)
        assert np.abs(difference).mean() < 4

    @pytest.mark.parametrize("file_format", ["GIF", "PNG", "WEBP", "TIFF"])
    def test_the_first_of_several_frames(self, file_format: str) -> None:
        options = {"lossless": True} if file_format == "WEBP" else {}
        down, across = np.mgrid[:64, :64]
        expected = np.repeat((down + across)[..., None], 3, axis=2)
        np.testing.assert_array_equal(decode_photo(animation(file_format, **options)).pixels, expected.astype(np.uint8))

    def test_a_photo_says_its_size_and_cannot_be_changed(self) -> None:
        photo = decode_photo(EXACT["png"])
        assert (photo.width, photo.height) == (40, 32)
        assert photo.pixels.shape == (32, 40, 3)
        assert photo.pixels.dtype == np.uint8
        with pytest.raises(ValueError, match="read-only"):
            photo.pixels[0, 0, 0] = 1

    def test_the_digest_is_that_of_the_bytes(self) -> None:
        assert decode_photo(EXACT["png"]).digest == hashlib.sha256(EXACT["png"]).hexdigest()

    def test_trailing_bytes_up_to_the_limit_do_no_harm(self) -> None:
        padded = EXACT["png"].ljust(MAX_BYTES, b"\0")
        np.testing.assert_array_equal(decode_photo(padded).pixels, np.asarray(smooth_picture()))


class TestModes:
    @pytest.mark.parametrize("file_format", ["PNG", "TIFF", "GIF", "BMP"])
    def test_grey(self, file_format: str) -> None:
        levels = noise(32, 40)
        photo = decode_photo(encode(Image.fromarray(levels), file_format))
        np.testing.assert_array_equal(photo.pixels, np.repeat(levels[..., None], 3, axis=2))

    @pytest.mark.parametrize("options", [{"format": "PNG"}, {"format": "TIFF", "compression": "group4"}])
    def test_one_bit(self, options: dict[str, str]) -> None:
        bits = noise(32, 40) > 127
        photo = decode_photo(encode(Image.fromarray(bits), options.pop("format"), **options))
        np.testing.assert_array_equal(photo.pixels, np.repeat(bits[..., None], 3, axis=2) * np.uint8(255))

    @pytest.mark.parametrize("file_format", ["PNG", "GIF", "BMP", "TIFF"])
    def test_palette(self, file_format: str) -> None:
        picture = smooth_picture().quantize(16)
        photo = decode_photo(encode(picture, file_format))
        np.testing.assert_array_equal(photo.pixels, np.asarray(picture.convert("RGB")))

    def test_grey_with_alpha_lies_over_white(self) -> None:
        levels = noise(32, 40, 2)
        photo = decode_photo(encode(Image.fromarray(levels), "PNG"))
        assert_close(photo, over_white(np.repeat(levels[..., :1], 3, axis=2), levels[..., 1]))

    @pytest.mark.parametrize(
        ("file_format", "options"),
        [("PNG", {}), ("WEBP", {"lossless": True, "exact": True}), ("TIFF", {})],
    )
    def test_colour_with_alpha_lies_over_white(self, file_format: str, options: dict[str, bool]) -> None:
        colours = noise(32, 40, 4)
        colours[:2, :, 3] = [[0], [128]]
        photo = decode_photo(encode(Image.fromarray(colours), file_format, **options))
        assert_close(photo, over_white(colours[..., :3], colours[..., 3]))
        assert (photo.pixels[0] == 255).all()

    def test_half_transparent_black_is_middle_grey(self) -> None:
        photo = decode_photo(encode(Image.new("RGBA", (16, 16), (0, 0, 0, 128)), "PNG"))
        assert_close(photo, 127, tolerance=0)

    @pytest.mark.parametrize("file_format", ["PNG", "GIF"])
    def test_a_transparent_palette_entry_is_white(self, file_format: str) -> None:
        picture = smooth_picture().quantize(16)
        expected = np.asarray(picture.convert("RGB")).copy()
        clear = np.asarray(picture) == 3
        assert 0 < clear.sum() < clear.size
        expected[clear] = 255
        np.testing.assert_array_equal(decode_photo(encode(picture, file_format, transparency=3)).pixels, expected)

    def test_palette_entries_of_every_opacity(self) -> None:
        picture = smooth_picture().quantize(16)
        opacities = np.arange(0, 256, 17, dtype=np.uint8)
        photo = decode_photo(encode(picture, "PNG", transparency=opacities.tobytes()))
        assert_close(photo, over_white(np.asarray(picture.convert("RGB")), opacities[np.asarray(picture)]))

    @pytest.mark.parametrize(("mode", "clear"), [("RGB", (10, 20, 30)), ("L", 10)])
    def test_a_transparent_colour_is_white(self, mode: str, clear: int | tuple[int, ...]) -> None:
        picture = Image.new(mode, (32, 16), clear)
        picture.paste(0, (16, 0, 32, 16))
        photo = decode_photo(encode(picture, "PNG", transparency=clear))
        assert (photo.pixels[:, :16] == 255).all()
        assert (photo.pixels[:, 16:] == 0).all()


def cmyk_profile() -> bytes:
    """A CMYK colour profile in which one ink or three are a middle grey, and all four are black."""
    table = bytes([255, 128, 128]) + 14 * bytes([128, 128, 128]) + bytes([0, 128, 128])
    ramp = bytes(range(256))
    identity = struct.pack(">9i", *(65536 * (place % 4 == 0) for place in range(9)))
    lookup = b"mft1" + bytes([0, 0, 0, 0, 4, 3, 2, 0]) + identity + 4 * ramp + table + 3 * ramp
    header = struct.pack(
        ">II4s4s4s12s4s24sI3i48s",
        *(144 + len(lookup), 0x02400000, b"prtrCMYKLab "[:4], b"CMYK", b"Lab "),
        *(bytes(12), b"acsp", bytes(24), 0, 0xF6D6, 0x10000, 0xD32D, bytes(48)),
    )
    return header[:4] + bytes(4) + header[4:124] + struct.pack(">I4sII", 1, b"A2B0", 144, len(lookup)) + lookup


class TestInks:
    """CMYK, as printers leave it in JPEG and TIFF files."""

    INKS = (((0, 0, 0, 0), WHITE), ((255, 0, 0, 0), (0, 255, 255)), ((0, 0, 0, 255), (0, 0, 0)))

    @pytest.mark.parametrize("file_format", ["JPEG", "TIFF"])
    @pytest.mark.parametrize(("ink", "colour"), INKS)
    def test_plain(self, file_format: str, ink: tuple[int, ...], colour: tuple[int, ...]) -> None:
        assert_close(decode_photo(encode(Image.new("CMYK", (16, 16), ink), file_format)), colour, 3)

    @pytest.mark.parametrize(("ink", "level"), [((0, 0, 0, 0), 255), ((255, 0, 0, 0), 119)])
    def test_through_the_files_own_profile(self, ink: tuple[int, ...], level: int) -> None:
        data = encode(Image.new("CMYK", (16, 16), ink), "JPEG", icc_profile=cmyk_profile())
        assert_close(decode_photo(data), level, 3)

    @pytest.mark.parametrize(
        "profile",
        [
            b"this is no profile",
            cmyk_profile()[:300],
            ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        ],
        ids=["text", "cut short", "of another colour space"],
    )
    def test_an_unusable_profile_is_passed_over(self, profile: bytes) -> None:
        data = encode(Image.new("CMYK", (16, 16), (255, 0, 0, 0)), "JPEG", icc_profile=profile)
        assert_close(decode_photo(data), (0, 255, 255), 3)


def deep_file(values: NDArray[np.generic], file_format: str = "TIFF") -> bytes:
    """A file of 16 equal rows of 16- or 32-bit greys."""
    picture = Image.fromarray(np.tile(np.repeat(values, 4), (16, 1)))
    return encode(picture, file_format)


def big_endian_tiff(values: NDArray[np.uint16]) -> bytes:
    rows = np.tile(np.repeat(values, 4), (16, 1)).astype(">u2")
    return encode(Image.frombytes("I;16B", rows.shape[::-1], rows.tobytes()), "TIFF")


class TestDepth:
    @pytest.mark.parametrize("write", [deep_file, big_endian_tiff, lambda values: deep_file(values, "PNG")])
    @pytest.mark.parametrize(
        ("values", "expected"),
        [([0, 257, 32768, 65535], [0, 1, 128, 255]), ([0, 50, 100, 200], [0, 0, 0, 1])],
        ids=["full", "dark"],
    )
    def test_sixteen_bits(
        self, write: Callable[[NDArray[np.uint16]], bytes], values: list[int], expected: list[int]
    ) -> None:
        photo = decode_photo(write(np.array(values, np.uint16)))
        np.testing.assert_array_equal(photo.pixels[0, ::4], np.repeat(np.array(expected)[:, None], 3, axis=1))

    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ([0, 100, 200, 255], [0, 100, 200, 255]),
            ([0, 257, 32768, 65535], [0, 1, 128, 255]),
            ([-(2**31), -1, 2**30, 2**31 - 1], [0, 0, 128, 255]),
            ([0, 0, 0, 0], [0, 0, 0, 0]),
            ([-4, -3, -2, -1], [0, 0, 0, 0]),
        ],
    )
    def test_thirty_two_bit_integers(self, values: list[int], expected: list[int]) -> None:
        photo = decode_photo(deep_file(np.array(values, np.int32)))
        np.testing.assert_array_equal(photo.pixels[0, ::4, 0], expected)

    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ([0.0, 0.5, 0.25, 1.0], [0, 128, 64, 255]),
            ([0.0, 127.5, 200.0, 255.0], [0, 128, 200, 255]),
            ([0.0, 1e20, 5e19, 1e10], [0, 255, 128, 0]),
            ([np.nan, 0.5, np.inf, -np.inf], [0, 128, 255, 0]),
            ([np.nan] * 4, [0, 0, 0, 0]),
            ([np.inf] * 4, [255, 255, 255, 255]),
            ([-1.0, -2.0, -3.0, 0.0], [0, 0, 0, 0]),
        ],
    )
    def test_floats(self, values: list[float], expected: list[int]) -> None:
        photo = decode_photo(deep_file(np.array(values, np.float32)))
        assert_close(photo, np.repeat(expected, 4)[None, :, None])


def as_a_camera_stores(upright: Pixels, orientation: int) -> Pixels:
    """The pixels that EXIF's orientation turns into upright ones: mirrored, turned or both."""
    stored = upright.swapaxes(0, 1) if orientation >= 5 else upright
    if orientation in (3, 4, 6, 7):
        stored = stored[::-1]
    if orientation in (2, 3, 7, 8):
        stored = stored[:, ::-1]
    return np.ascontiguousarray(stored)


# In EXIF's words, where row 0 and column 0 of the stored picture lie on the upright one.
ORIENTATIONS = {
    1: ("top", "left"),
    2: ("top", "right"),
    3: ("bottom", "right"),
    4: ("bottom", "left"),
    5: ("left", "top"),
    6: ("right", "top"),
    7: ("right", "bottom"),
    8: ("left", "bottom"),
}


class TestOrientation:
    @pytest.mark.parametrize("orientation", ORIENTATIONS)
    @pytest.mark.parametrize(
        ("file_format", "options"),
        [
            ("PNG", {}),
            ("WEBP", {"lossless": True}),
            ("TIFF", {}),
            ("TIFF", {"compression": "tiff_lzw"}),
        ],
    )
    def test_exact(self, file_format: str, options: dict[str, Any], orientation: int) -> None:
        upright = np.asarray(smooth_picture())
        exif = Image.Exif()
        exif[0x112] = orientation
        stored = Image.fromarray(as_a_camera_stores(upright, orientation))
        photo = decode_photo(encode(stored, file_format, exif=exif, **options))
        np.testing.assert_array_equal(photo.pixels, upright)

    @pytest.mark.parametrize("orientation", ORIENTATIONS)
    def test_jpeg_by_the_words_of_the_standard(self, orientation: int) -> None:
        """Row 0 is drawn in red and column 0 in blue; upright they lie where the table says."""
        stored = Image.new("RGB", (64, 48), "white")
        stored.paste((255, 0, 0), (0, 0, 64, 8))
        stored.paste((0, 0, 255), (0, 16, 8, 48))
        data = encode(stored, "JPEG", quality=95, subsampling=0, exif=exif_block(orientation))
        pixels = decode_photo(data).pixels.astype(int)
        edges = {"top": pixels[2], "bottom": pixels[-3], "left": pixels[:, 2], "right": pixels[:, -3]}
        row, column = (edges[name].mean(axis=0) for name in ORIENTATIONS[orientation])
        assert row[0] - row[2] > 150
        assert column[2] - column[0] > 100

    @pytest.mark.parametrize("orientation", [0, 9, 255])
    def test_one_that_means_nothing_changes_nothing(self, orientation: int) -> None:
        photo = decode_photo(encode(smooth_picture(), "PNG", exif=exif_block(orientation)))
        np.testing.assert_array_equal(photo.pixels, np.asarray(smooth_picture()))

    @pytest.mark.parametrize("entry", [(0x10F, 11, b"\x3f\x80\0\0"), (0x11A, 1, b"a\0\0\0")])
    @pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
    def test_holds_beside_an_entry_of_the_wrong_type(self, file_format: str, entry: tuple[int, int, bytes]) -> None:
        photo = decode_photo(encode(smooth_picture(), file_format, exif=exif_block(6, entry)))
        assert (photo.width, photo.height) == (32, 40)

    @pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
    def test_damaged_exif_data_leaves_the_picture_as_it_is(self, file_format: str) -> None:
        damaged = exif_block(6).replace(b"MM\0*", b"MX\0*")
        photo = decode_photo(encode(smooth_picture(), file_format, exif=damaged))
        assert (photo.width, photo.height) == (40, 32)


def refusal(data: bytes) -> str:
    """The message that bytes are refused with, after checking that it is fit to show."""
    with pytest.raises(PhotoError) as caught:
        decode_photo(data)
    message = str(caught.value)
    assert re.fullmatch(r"([A-Z][^.]*\. )?[A-Z][^.]*\.", message)
    assert not re.search(r"[A-Z][a-z]+Error|Exception|Traceback|[_<>{}\[\]]|None|\bPIL\b", message)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return message


WHOLE: dict[str, bytes] = {
    **EXACT,
    **LOSSY,
    "gif": animation("GIF"),
    "animated png": animation("PNG"),
    "animated webp": animation("WEBP"),
    "palette": encode(smooth_picture().quantize(16), "PNG", transparency=bytes(range(0, 256, 16))),
    "turned": encode(smooth_picture(), "JPEG", exif=exif_block(6, (0x10F, 2, b"a\0\0\0"))),
    "inks": encode(smooth_picture().convert("CMYK"), "JPEG", icc_profile=cmyk_profile()),
    "sixteen bits": deep_file(np.arange(0, 65536, 4096).astype(np.uint16), "PNG"),
    "floats": deep_file(np.linspace(0, 1, 16, dtype=np.float32)),
    "fax": encode(smooth_picture().convert("1"), "TIFF", compression="group4"),
}


NO_PICTURES: dict[str, bytes] = {
    "text": b"these are no pixels",
    "page": b"<!DOCTYPE html><html><body>404</body></html>",
    "another format": encode(smooth_picture(), "PPM"),
    "one byte": b"\0",
    "zeros": bytes(1000),
}
BEGUN: dict[str, bytes] = {
    "jpeg": b"\xff\xd8\xff",
    "png": PNG_SIGNATURE,
    "gif": b"GIF89a",
    "bmp": b"BM",
    "tiff": b"II*\0",
    "webp": b"RIFF\0\0\0\0WEBP",
}


class TestRefusals:
    @pytest.mark.parametrize("name", NO_PICTURES)
    def test_what_is_no_picture(self, name: str) -> None:
        assert "not a picture" in refusal(NO_PICTURES[name])
        assert "JPEG" in refusal(NO_PICTURES[name])
        assert "damaged" not in refusal(NO_PICTURES[name])

    @pytest.mark.parametrize("name", BEGUN)
    def test_the_first_bytes_of_a_picture(self, name: str) -> None:
        assert "cut short" in refusal(BEGUN[name])

    def test_an_empty_file(self) -> None:
        assert "empty" in refusal(b"")

    @pytest.mark.parametrize("share", [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98])
    @pytest.mark.parametrize("name", ["jpeg", "jpeg progressive", "png", "webp", "webp lossy", "bmp", "tiff"])
    def test_a_file_cut_short(self, name: str, share: float) -> None:
        assert "damaged" in refusal(WHOLE[name][: int(share * len(WHOLE[name]))])

    def test_a_file_of_too_many_bytes(self) -> None:
        assert "20 MB" in refusal(EXACT["png"].ljust(MAX_BYTES + 1, b"\0"))

    @pytest.mark.parametrize(
        "size",
        [(1000, MAX_PIXELS // 1000 + 1), (8000, 8000), (10_000, 10_000), (20_000, 20_000), (2**31 - 1,) * 2],
    )
    def test_a_picture_of_too_many_pixels(self, size: tuple[int, int]) -> None:
        assert "50 million pixels" in refusal(png_header(*size))

    def test_a_picture_at_the_limit_is_read(self) -> None:
        """Only its pixels are missing."""
        assert "damaged" in refusal(png_header(10_000, MAX_PIXELS // 10_000))

    @pytest.mark.parametrize("size", [(1, 1), (15, 100), (100, 15), (1, 100)])
    def test_a_picture_too_small(self, size: tuple[int, int]) -> None:
        assert f"only {size[0]} x {size[1]} pixels" in refusal(encode(Image.new("RGB", size), "PNG"))

    @pytest.mark.parametrize("size", [(16, 321), (321, 16)])
    def test_a_strip(self, size: tuple[int, int]) -> None:
        assert f"strip of {size[0]} x {size[1]}" in refusal(encode(Image.new("RGB", size), "PNG"))

    @pytest.mark.parametrize("size", [(16, 16), (16, 320), (320, 16)])
    def test_the_smallest_and_the_longest_are_read(self, size: tuple[int, int]) -> None:
        photo = decode_photo(encode(Image.new("RGB", size), "PNG"))
        assert (photo.width, photo.height) == size


class TestHostileFiles:
    @pytest.mark.parametrize("name", WHOLE)
    def test_damage_anywhere_gives_a_photo_or_a_refusal(self, name: str) -> None:
        """A few hundred mutations of a small file: bytes overwritten, mostly near its start, or cut off."""
        random = np.random.default_rng(0)
        photos = refusals = 0
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            warnings.filterwarnings("ignore", module=r"PIL\.")  # as importing the library does
            for _ in range(300):
                data = bytearray(WHOLE[name])
                for _ in range(random.integers(1, 6)):
                    reach = len(data) if random.random() < 0.5 else min(len(data), 200)
                    data[random.integers(reach)] = random.integers(256)
                if random.random() < 0.2:
                    del data[random.integers(1, len(data)) :]
                try:
                    pixels = decode_photo(bytes(data)).pixels
                except PhotoError:
                    refusals += 1
                    continue
                photos += 1
                height, width, channels = pixels.shape
                assert pixels.dtype == np.uint8
                assert channels == 3
                assert 16 <= min(width, height) <= max(width, height) <= 20 * min(width, height)
                assert width * height <= MAX_PIXELS
        assert not warned
        assert refusals > 0
        assert photos + refusals == 300

    @pytest.mark.parametrize("file_format", ["GIF", "PNG", "WEBP", "TIFF"])
    def test_only_the_first_of_many_frames_costs_time(self, file_format: str) -> None:
        data = animation(file_format, frames=200, side=128)

        def walk() -> None:
            frames = [frame.load() for frame in ImageSequence.Iterator(Image.open(io.BytesIO(data)))]
            assert len(frames) == 200

        assert _fastest(lambda: decode_photo(data)) < _fastest(walk) / 3

    @pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"iCCP"])
    @pytest.mark.parametrize("early", [True, False], ids=["before the pixels", "after the pixels"])
    def test_a_bomb_in_a_text_chunk_is_not_unpacked(self, kind: bytes, early: bool) -> None:
        bomb = zlib.compress(bytes(32 * 2**20))
        text = {b"zTXt": b"a\0\0", b"iTXt": b"a\0\1\0\0\0", b"iCCP": b"a\0\0"}[kind] + bomb
        place = 33 if early else -12
        data = EXACT["png"][:place] + png_chunk(kind, text) + EXACT["png"][place:]
        tracemalloc.start()
        try:
            decode_photo(data)
        except PhotoError:
            pass
        finally:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert peak < 8 * 2**20

    @pytest.mark.parametrize(("side", "decodes"), [(32, True), (45_000, False)])
    def test_no_decoder_makes_room_for_oversize_tiles(
        self, monkeypatch: pytest.MonkeyPatch, side: int, decodes: bool
    ) -> None:
        """Two gigabytes, asked for in 151 bytes; a sound size gets as far as a decoder."""
        packed = zlib.compress(bytes(1000))
        tags = {256: 40, 257: 32, 258: 8, 259: 8, 262: 1, 277: 1, 322: side, 323: side, 324: 8}
        tags[325] = len(packed)
        entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
        start = b"II*\0" + struct.pack("<I", 8 + len(packed)) + packed + struct.pack("<H", len(tags))
        started: list[Image.Image] = []
        monkeypatch.setattr(TiffImagePlugin.TiffImageFile, "load", lambda picture: started.append(picture))
        assert "damaged" in refusal(start + entries + bytes(4))
        assert bool(started) == decodes

    def test_only_named_formats_are_tried(self) -> None:
        """Pillow reads dozens more, EPS by way of a PostScript interpreter."""
        assert set(FORMATS) - {"AVIF", "HEIF"} == {"JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"}
        eps = encode(smooth_picture(), "EPS")
        assert Image.open(io.BytesIO(eps)).format == "EPS"
        assert "not a picture" in refusal(eps)


def _fastest(action: Callable[[], object]) -> float:
    seconds = []
    for _ in range(5):
        start = time.process_time()
        action()
        seconds.append(time.process_time() - start)
    return min(seconds)


def test_pillows_own_warnings_stay_out_of_the_log(tmp_path: Path) -> None:
    """In a process of its own, for pytest puts warning filters of its own before the library's."""
    large = tmp_path / "large.png"
    large.write_bytes(png_header(10_000, 10_000))
    odd = tmp_path / "odd.jpg"
    odd.write_bytes(encode(smooth_picture(), "JPEG", exif=exif_block(6)[:-2]))
    with pytest.warns(Image.DecompressionBombWarning):
        Image.open(large).close()
    with pytest.warns(UserWarning, match="Corrupt EXIF"), Image.open(odd) as picture:
        picture.getexif()
    script = (
        "import sys, pathlib; from saliency_core import decode_photo, PhotoError\n"
        "for name in sys.argv[1:]:\n"
        "    try: print(decode_photo(pathlib.Path(name).read_bytes()).width)\n"
        "    except PhotoError as error: print(error)\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", script, str(large), str(odd)],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    refused, width = finished.stdout.splitlines()
    assert "50 million pixels" in refused
    assert width == "32"
    assert finished.stderr == ""


def test_a_file_is_opened_or_refused_in_a_sentence(tmp_path: Path) -> None:
    photo, large = tmp_path / "photo.png", tmp_path / "large.png"
    Image.new("RGB", (30, 20)).save(photo)
    assert open_photo(photo).digest == decode_photo(photo.read_bytes()).digest
    with large.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    for path, told in (
        (large, "larger than 20 MB"),
        (tmp_path / "none", "cannot be opened"),
        (tmp_path, "cannot be op"),
    ):
        with pytest.raises(PhotoError, match=told):
            open_photo(path)
