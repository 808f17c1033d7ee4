"""A folder of pictures as decode_photo() reads it, beside libvips and Chromium.

    python -m scripts.decoders FOLDER

needs Chromium and `pip install pyvips[binary]`. For each file the largest difference of the mean colours of 16 x 16
parts, in levels of 255, from each of the two; where neither agrees within the tolerance, the file is listed. What the
two do not agree on themselves settles nothing.
"""

import argparse
import base64
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page

from saliency_core.errors import PhotoError
from saliency_core.photos.photo import MAX_BYTES, decode_photo
from scripts.browsing import open_chromium

PARTS = 16
"""Along each side: means over parts tell a shifted, turned or dark picture, and not how a decoder rounds."""
TOLERANCE = 6.0
"""Levels of 255; colour profiles and chroma are interpolated differently."""

Means = NDArray[np.float64]

# As a person sees it: upright, in sRGB, over white.
_DRAW = """async (address) => {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    const context = canvas.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0);
    return canvas.toDataURL("image/png").split(",")[1];
}"""


@dataclass(frozen=True, slots=True)
class Compared:
    """One file: each difference in levels of 255, or in words why there is none.

    told: what decode_photo() said of it.
    """

    name: str
    told: str
    vips: float | str
    chromium: float | str

    @property
    def differs(self) -> bool:
        """Whether a decoder that reads the file shows another picture, and none shows this one."""
        found = [each for each in (self.vips, self.chromium) if isinstance(each, float)]
        return bool(found) and min(found) > TOLERANCE

    @property
    def is_refused(self) -> bool:
        """Whether both others read what decode_photo() refuses."""
        return self.vips == self.chromium == "it alone reads it"


def compare(paths: Sequence[Path]) -> Iterator[Compared]:
    """Each file by the three decoders."""
    with open_chromium() as browser:
        page = browser.new_page()
        for path in paths:
            data = path.read_bytes()
            told = ""
            try:
                photo = decode_photo(data)
                ours, told = _means(photo.pixels), " ".join(photo.notes)
            except PhotoError as error:
                ours, told = None, str(error)
            yield Compared(path.name, told, _differ(ours, _by_vips(data)), _differ(ours, _by_chromium(data, page)))


def _differ(ours: Means | None, other: Means | None) -> float | str:
    if other is None:
        return "does not read it"
    return "it alone reads it" if ours is None else float(np.abs(ours - other).max())


def _means(pixels: NDArray[np.uint8]) -> Means:
    picture = Image.fromarray(pixels).resize((PARTS, PARTS), Image.Resampling.BOX)
    return np.asarray(picture, np.float64)


def _by_vips(data: bytes) -> Means | None:
    import pyvips

    try:
        picture = pyvips.Image.new_from_buffer(data, "", access="sequential").copy_memory().autorot()
        if picture.get_typeof("icc-profile-data"):
            picture = picture.icc_transform("srgb", intent="perceptual")
        picture = picture.colourspace("srgb")
        if picture.hasalpha():
            picture = picture.flatten(background=255)
        pixels = picture.cast("uchar").numpy()
    except pyvips.Error:
        return None
    return _means(np.repeat(pixels.reshape(*pixels.shape[:2], -1)[..., :1], 3, 2) if pixels.ndim == 2 else pixels)


def _by_chromium(data: bytes, page: Page) -> Means | None:
    try:
        drawn = page.evaluate(_DRAW, "data:;base64," + base64.b64encode(data).decode())
    except Exception:  # what Chromium cannot decode
        return None
    return _means(np.asarray(Image.open(io.BytesIO(base64.b64decode(drawn))).convert("RGB")))


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare, print what differs, and count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args(arguments).folder
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size <= MAX_BYTES)
    compared = []
    for each in compare(paths):
        compared.append(each)
        if each.differs or each.is_refused:
            parts = [
                f"{name} {value:.1f}" if isinstance(value, float) else f"{name}: {value}"
                for name, value in (("libvips", each.vips), ("Chromium", each.chromium))
            ]
            print(f"{each.name}: {'; '.join(parts)}. {each.told}")
    differs = sum(each.differs for each in compared)
    agree = sum(isinstance(each.vips, float) or isinstance(each.chromium, float) for each in compared) - differs
    refused = sum(each.is_refused for each in compared)
    print(f"{len(compared)} files: {agree} as another decoder reads them, {differs} differ;")
    print(f"{refused} refused that both others read")


if __name__ == "__main__":
    main()
