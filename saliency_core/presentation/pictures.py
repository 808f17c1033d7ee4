"""A picture with its words, scale and alternative text: the same for screen, figure and report."""

import base64
import io
from dataclasses import dataclass

from PIL import Image

from saliency_core.methods.smoothing import Scale
from saliency_core.photos.photo import Pixels
from saliency_core.presentation.colours import COLOUR_MAPS, colour_stops
from saliency_core.presentation.words import describe_scale, tell_marks


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture with its words, all of them plain text.

    pixels: u8 [height, width, 3].
    title: what it is, in a few words; caption: what it shows, in one line.
    alt: what a person who cannot see it needs to know.
    scale, colour_map: what its colours stand for; no scale for a photo.
    sides: what the two halves of its colour bar mean, if it has a zero in its middle; else empty.
    """

    pixels: Pixels
    title: str
    caption: str
    alt: str
    scale: Scale | None = None
    colour_map: str = COLOUR_MAPS[0]
    sides: tuple[str, ...] = ()

    def source(self) -> str:
        """What an <img> element shows."""
        return data_url(self.pixels) if self.scale is None else data_url(self.pixels, 92, full_colour=True)

    @property
    def ratio(self) -> float:
        """Width by height."""
        height, width = self.pixels.shape[:2]
        return float(width / height)

    @property
    def marks(self) -> tuple[str, ...]:
        """What stands below its colour bar, from left to right; empty for a photo."""
        return () if self.scale is None else tell_marks(self.scale)

    @property
    def short_marks(self) -> tuple[str, ...]:
        """The same where there is little room: one mark for both ends of a scale with a zero in its middle."""
        signed = self.scale is not None and self.scale.signed
        return (self.marks[-1].replace("≥", "±"),) if signed else self.marks

    @property
    def scale_words(self) -> str:
        """Its colour bar in words; empty for a photo."""
        return "" if self.scale is None else describe_scale(self.scale, self.sides)

    @property
    def stops(self) -> tuple[str, ...]:
        """The colours of its colour bar, lowest first, as #rrggbb."""
        return colour_stops(self.colour_map)


def encode_jpeg(pixels: Pixels, quality: int = 88, full_colour: bool = False) -> bytes:
    """Pixels, u8 [height, width, 3], as a JPEG file.

    quality: as Pillow takes it, 1 to 95.
    full_colour: keep the colours at full resolution; halved, those of a map would bleed into their neighbours.
    """
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality, subsampling=0 if full_colour else 2)
    return buffer.getvalue()


def data_url(pixels: Pixels, quality: int = 88, full_colour: bool = False) -> str:
    """The JPEG of encode_jpeg() as a data URL."""
    return jpeg_url(encode_jpeg(pixels, quality, full_colour))


def jpeg_url(data: bytes) -> str:
    """A JPEG file as a data URL."""
    return "data:image/jpeg;base64," + base64.b64encode(data).decode()
