"""A photo to the square frame that a model sees of it."""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from PIL import Image

from saliency_core.checks import one_of, show
from saliency_core.errors import RequestError
from saliency_core.photos.photo import Photo, Pixels

CropMode = Literal["center", "squash", "border"]
CROP_MODES: tuple[CropMode, ...] = ("center", "squash", "border")
"""timm's words: the centre of the photo, the whole photo with its aspect lost, the whole photo with bars."""

Channels = Literal["rgb", "bgr"]
"""The order in which a model takes a pixel's colours."""

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a photo, in photo pixels; edges may lie between pixels, and beyond the photo."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """What a model sees of a photo, before normalisation.

    pixels: u8 [side, side, 3], RGB, read-only; side is the model's own input size.
    box: the part of the photo it covers, in pixels of a photo of `photo_size` (width, height); with bars
        it reaches beyond the photo.
    crop_mode: one of CROP_MODES.
    photo_digest: hexadecimal sha256 of the photo's file; empty if it is not known.
    mean_colour: the colour that the model's normalisation maps to about zero; mid grey if it is not known.

    Raises RequestError for pixels of another kind or shape.
    """

    pixels: Pixels
    box: Box
    photo_size: tuple[int, int]
    crop_mode: CropMode = "squash"
    photo_digest: str = ""
    mean_colour: Colour = (128, 128, 128)

    def __post_init__(self) -> None:
        shape, kind = np.shape(self.pixels), getattr(self.pixels, "dtype", type(self.pixels).__name__)
        if kind != np.uint8 or len(shape) != 3 or shape[0] != shape[1] or shape[2] != 3:
            raise RequestError(
                f"A frame's pixels are 8-bit unsigned numbers, [side, side, 3], not {kind}, {list(shape)}; "
                "frame_photo() makes one of a photo."
            )

    @property
    def side(self) -> int:
        """Height and width in frame pixels."""
        return int(self.pixels.shape[0])

    @property
    def photo_part(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of what the frame shows of its photo, in frame pixels: all but its bars."""
        box, (width, height) = self.box, self.photo_size
        across, down = self.side / (box.right - box.left), self.side / (box.bottom - box.top)
        return (
            max(0.0, -box.left * across),
            max(0.0, -box.top * down),
            min(float(self.side), (width - box.left) * across),
            min(float(self.side), (height - box.top) * down),
        )


@dataclass(frozen=True, slots=True)
class Preset:
    """How a model wants its input: the evaluation transform its weights were published with.

    resize: length of the photo's short side before the centre crop, in pixels.
    crop: side of the frame, in pixels.
    resampling: Pillow's filter for the resize.
    mean, std: of red, green and blue, for pixels scaled to [0, 1]; the input is (pixel / 255 - mean) / std.
    channels: the order of the input's channels.
    crop_mode: the one that the model was evaluated with.
    """

    resize: int
    crop: int
    resampling: Image.Resampling
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    channels: Channels = "rgb"
    crop_mode: CropMode = "center"

    @property
    def mean_colour(self) -> Colour:
        """The u8 RGB colour that normalises to about zero."""
        red, green, blue = (round(255 * value) for value in self.mean)
        return red, green, blue


def require_frame(frame: Frame) -> None:
    """Raise RequestError unless `frame` is a Frame."""
    if not isinstance(frame, Frame):
        raise RequestError(
            f"Models look at frames, not at a {type(frame).__name__}; frame_photo() makes a Frame of a Photo."
        )


class HasPreset(Protocol):
    """Whatever knows how it wants its input; a Classifier does."""

    @property
    def preset(self) -> Preset:
        """The evaluation transform."""


def frame_photo(photo: Photo, classifier: HasPreset, crop_mode: CropMode = "center") -> Frame:
    """Turn a photo into the frame that the classifier sees.

    "center" resizes the short side and cuts out the centre, as the weights' own evaluation transform
    does (bit for bit, see the tests). "squash" resizes the whole photo to a square, with a bilinear filter, or
    with the model's own if it was evaluated so: no part is lost, but its aspect is. "border" resizes the whole
    photo to fit the square and fills the rest with the model's mean colour: neither part nor aspect is lost, but
    the photo becomes smaller.

    Raises RequestError for any other crop mode, or if `photo` is not a Photo or `classifier` has no preset.
    """
    if not isinstance(photo, Photo):
        raise RequestError(f"frame_photo() needs a Photo, not {type(photo).__name__}; decode_photo() makes one.")
    preset = getattr(classifier, "preset", None)
    if not isinstance(preset, Preset):
        raise RequestError(
            f"frame_photo() needs a Classifier, not {show(classifier)}; load_classifier() loads one by its name."
        )
    crop_mode = one_of(crop_mode, "crop mode", CROP_MODES)
    pixels, box = _CROPS[crop_mode](photo, preset)
    pixels.setflags(write=False)
    return Frame(pixels, box, (photo.width, photo.height), crop_mode, photo.digest, preset.mean_colour)


def _cut_centre(photo: Photo, preset: Preset) -> tuple[Pixels, Box]:
    picture, side = Image.fromarray(photo.pixels), preset.crop
    short = min(picture.size)
    # Truncation and rounding below are torchvision's, so that frames match its transforms.
    width, height = (
        preset.resize if length == short else int(preset.resize * length / short) for length in picture.size
    )
    left, top = round((width - side) / 2), round((height - side) / 2)
    resized = picture.resize((width, height), preset.resampling).crop((left, top, left + side, top + side))
    across, down = photo.width / width, photo.height / height
    return np.array(resized), Box(left * across, top * down, (left + side) * across, (top + side) * down)


def _squash(photo: Photo, preset: Preset) -> tuple[Pixels, Box]:
    resampling = preset.resampling if preset.crop_mode == "squash" else Image.Resampling.BILINEAR
    resized = Image.fromarray(photo.pixels).resize((preset.crop, preset.crop), resampling)
    return np.array(resized), Box(0, 0, photo.width, photo.height)


def _add_border(photo: Photo, preset: Preset) -> tuple[Pixels, Box]:
    side, long = preset.crop, max(photo.width, photo.height)
    width, height = (max(1, round(side * length / long)) for length in (photo.width, photo.height))
    left, top = (side - width) // 2, (side - height) // 2
    pixels = np.empty((side, side, 3), np.uint8)
    pixels[:] = preset.mean_colour
    resized = Image.fromarray(photo.pixels).resize((width, height), preset.resampling)
    pixels[top : top + height, left : left + width] = np.asarray(resized)
    across, down = photo.width / width, photo.height / height
    return pixels, Box(-left * across, -top * down, (side - left) * across, (side - top) * down)


_CROPS = {"center": _cut_centre, "squash": _squash, "border": _add_border}
