"""A photo to the square frame that a model sees of it."""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from PIL import Image

from saliency_core.errors import RequestError
from saliency_core.photo import Photo, Pixels

Fit = Literal["crop", "squash"]
FITS: tuple[Fit, ...] = ("crop", "squash")


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a photo, in photo pixels; edges may lie between pixels."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """What a model sees of a photo, before normalisation.

    pixels: u8 [side, side, 3], RGB, read-only; side is the model's own input size.
    box: the part of the photo it covers, in pixels of a photo of `photo_size` (width, height).
    """

    pixels: Pixels
    box: Box
    photo_size: tuple[int, int]

    @property
    def side(self) -> int:
        """Height and width in frame pixels."""
        return int(self.pixels.shape[0])


@dataclass(frozen=True, slots=True)
class Preset:
    """How a model wants its input: the evaluation transform its weights were published with.

    resize: length of the photo's short side before the centre crop, in pixels.
    crop: side of the frame, in pixels.
    resampling: Pillow's filter for the resize.
    mean, std: per channel, for pixels scaled to [0, 1]; the input is (pixel / 255 - mean) / std.
    """

    resize: int
    crop: int
    resampling: Image.Resampling
    mean: tuple[float, float, float]
    std: tuple[float, float, float]

    @property
    def mean_colour(self) -> tuple[int, int, int]:
        """The u8 RGB colour that normalises to about zero."""
        red, green, blue = (round(255 * value) for value in self.mean)
        return red, green, blue


class HasPreset(Protocol):
    """Whatever knows how it wants its input; a Classifier does."""

    @property
    def preset(self) -> Preset:
        """The evaluation transform."""


def frame_photo(photo: Photo, classifier: HasPreset, fit: Fit = "crop") -> Frame:
    """Turn a photo into the frame that the classifier sees.

    "crop" resizes the short side and cuts out the centre, as the weights' own evaluation transform
    does (bit for bit, see the tests); "squash" resizes the whole photo to a square, losing its
    aspect but no part of it, always with a bilinear filter.

    Raises RequestError for any other fit.
    """
    preset = classifier.preset
    picture = Image.fromarray(photo.pixels)
    side = preset.crop
    if fit == "squash":
        resized = picture.resize((side, side), Image.Resampling.BILINEAR)
        box = Box(0, 0, photo.width, photo.height)
    elif fit == "crop":
        short = min(picture.size)
        # Truncation and rounding below are torchvision's, so that frames match its transforms.
        width, height = (
            preset.resize if length == short else int(preset.resize * length / short) for length in picture.size
        )
        left, top = round((width - side) / 2), round((height - side) / 2)
        resized = picture.resize((width, height), preset.resampling)
        resized = resized.crop((left, top, left + side, top + side))
        across, down = photo.width / width, photo.height / height
        box = Box(left * across, top * down, (left + side) * across, (top + side) * down)
    else:
        raise RequestError(f"There is no fit called {fit!r}; use one of {', '.join(FITS)}.")
    pixels = np.array(resized)
    pixels.setflags(write=False)
    return Frame(pixels, box, (photo.width, photo.height))
