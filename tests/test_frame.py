"""Frames: the evaluation transform of the published weights, bit for bit, and where on the photo they lie."""

from typing import Any, get_args

import numpy as np
import pytest
import torch
from PIL import Image

from saliency_core import CROP_MODES, MODELS, Photo, RequestError, frame_photo
from saliency_core.engine.inputs import normalise
from saliency_core.models.vision import ResNet50_Weights
from saliency_core.photos.frame import CropMode

TORCHVISION = {
    "resnet50": ResNet50_Weights.IMAGENET1K_V2.transforms(),
    "resnet50_v1": ResNet50_Weights.IMAGENET1K_V1.transforms(),
}
SIZES = [
    (224, 224),
    (232, 232),
    (256, 256),
    (640, 480),
    (480, 640),
    (333, 251),
    (251, 333),
    (225, 1001),
    (1001, 225),
    (16, 16),
    (17, 31),
    (100, 99),
    (16, 320),
    (320, 16),
    (1537, 1021),
]
BY_SIZE = pytest.mark.parametrize(("width", "height"), SIZES)
BY_MODEL = pytest.mark.parametrize("name", MODELS)


def noise(width: int, height: int) -> Photo:
    pixels = np.random.default_rng(width * 10_000 + height).integers(0, 256, (height, width, 3), dtype=np.uint8)
    pixels.setflags(write=False)
    return Photo(pixels, "0" * 64)


def ramp(width: int, height: int) -> Photo:
    """Red rises from 0 to 255 from left to right, green from top to bottom."""
    across, down = np.linspace(0, 255, width), np.linspace(0, 255, height)
    red, green = np.meshgrid(across, down)
    return Photo(np.rint(np.dstack([red, green, 0 * red])).astype(np.uint8), "0" * 64)


@BY_SIZE
@pytest.mark.parametrize("name", TORCHVISION)
def test_a_cropped_frame_is_torchvisions_bit_for_bit(name: str, width: int, height: int) -> None:
    photo = noise(width, height)
    frame = frame_photo(photo, MODELS[name])
    ours = normalise(frame.pixels[None], MODELS[name].preset)[0]
    theirs: torch.Tensor = TORCHVISION[name](Image.fromarray(photo.pixels))
    assert ours.dtype == theirs.dtype
    assert torch.equal(ours, theirs)


@pytest.mark.parametrize("name", TORCHVISION)
def test_the_preset_is_the_one_published_with_the_weights(name: str) -> None:
    preset, transform = MODELS[name].preset, TORCHVISION[name]
    assert ([preset.resize], [preset.crop]) == (transform.resize_size, transform.crop_size)
    assert (preset.mean, preset.std) == (tuple(transform.mean), tuple(transform.std))
    assert transform.interpolation.value == preset.resampling.name.lower()


@BY_MODEL
def test_the_mean_colour_is_about_zero(name: str) -> None:
    preset = MODELS[name].preset
    pixels = np.full((1, 2, 2, 3), preset.mean_colour, dtype=np.uint8)
    assert normalise(pixels, preset).abs().max() < 0.5 / 255 / min(preset.std) + 1e-6


def test_several_frames_normalise_as_each_alone() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)
    preset = MODELS["resnet50"].preset
    alone = torch.cat([normalise(one[None], preset) for one in pixels])
    assert torch.equal(normalise(pixels, preset), alone)


def test_normalising_leaves_the_pixels_alone() -> None:
    frame = frame_photo(noise(300, 200), MODELS["resnet50"])
    before = frame.pixels.copy()
    normalise(frame.pixels[None], MODELS["resnet50"].preset)
    np.testing.assert_array_equal(frame.pixels, before)


@BY_SIZE
@pytest.mark.parametrize("crop_mode", CROP_MODES)
@BY_MODEL
def test_a_frame_has_the_models_size_and_cannot_be_changed(
    name: str, crop_mode: CropMode, width: int, height: int
) -> None:
    frame = frame_photo(noise(width, height), MODELS[name], crop_mode)
    side = MODELS[name].preset.crop
    assert frame.side == side
    assert frame.pixels.shape == (side, side, 3)
    assert frame.pixels.dtype == np.uint8
    assert not frame.pixels.flags.writeable
    assert frame.photo_size == (width, height)


@BY_SIZE
@BY_MODEL
def test_a_crop_lies_inside_the_photo_and_in_its_middle(name: str, width: int, height: int) -> None:
    frame = frame_photo(noise(width, height), MODELS[name])
    box, preset = frame.box, MODELS[name].preset
    assert -1e-9 <= box.left < box.right <= width + 1e-9
    assert -1e-9 <= box.top < box.bottom <= height + 1e-9
    pixel = max(box.right - box.left, box.bottom - box.top) / frame.side
    assert abs((box.left + box.right) / 2 - width / 2) <= pixel
    assert abs((box.top + box.bottom) / 2 - height / 2) <= pixel
    short = min(box.right - box.left, box.bottom - box.top)
    assert short == pytest.approx(min(width, height) * preset.crop / preset.resize)


@BY_SIZE
@BY_MODEL
def test_a_crop_keeps_the_aspect(name: str, width: int, height: int) -> None:
    """But for the whole number of pixels that the long side is resized to."""
    box = frame_photo(noise(width, height), MODELS[name]).box
    assert (box.right - box.left) / (box.bottom - box.top) == pytest.approx(1, rel=1 / MODELS[name].preset.resize)


@BY_SIZE
@BY_MODEL
def test_a_squashed_frame_covers_the_whole_photo(name: str, width: int, height: int) -> None:
    photo = noise(width, height)
    frame = frame_photo(photo, MODELS[name], "squash")
    box = frame.box
    assert (box.left, box.top, box.right, box.bottom) == (0, 0, width, height)
    side = frame.side
    expected = Image.fromarray(photo.pixels).resize((side, side), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(frame.pixels, np.asarray(expected))


@pytest.mark.parametrize(("width", "height"), [(640, 480), (480, 640), (1001, 300), (300, 1001)])
@pytest.mark.parametrize("crop_mode", CROP_MODES)
@BY_MODEL
def test_the_box_is_where_the_pixels_come_from(name: str, crop_mode: CropMode, width: int, height: int) -> None:
    """On a ramp, a frame's colours say which part of the photo it shows."""
    frame = frame_photo(ramp(width, height), MODELS[name], crop_mode)
    across = (np.arange(frame.side) + 0.5) / frame.side
    for channel, length, start, end in (
        (0, width, frame.box.left, frame.box.right),
        (1, height, frame.box.top, frame.box.bottom),
    ):
        middle = slice(frame.side // 2 - 10, frame.side // 2 + 10)  # no bar reaches there
        seen = frame.pixels[..., channel].take(range(middle.start, middle.stop), axis=channel).mean(axis=channel)
        place = start + across * (end - start)
        on_photo = (place > 0.02 * length) & (place < 0.98 * length)
        assert on_photo.sum() > 60
        np.testing.assert_allclose(seen[on_photo], ((place - 0.5) * 255 / (length - 1))[on_photo], atol=1)


@pytest.mark.parametrize(("width", "height"), [(640, 480), (480, 640), (1001, 300), (320, 320)])
@BY_MODEL
def test_a_border_keeps_the_whole_photo_and_its_aspect(name: str, width: int, height: int) -> None:
    frame = frame_photo(noise(width, height), MODELS[name], "border")
    box = frame.box
    assert box.left <= 0 <= width <= box.right
    assert box.top <= 0 <= height <= box.bottom
    assert (box.right - box.left) / (box.bottom - box.top) == pytest.approx(1, abs=0.01)
    assert min(-box.left, -box.top) == pytest.approx(0), "the longer side fills the frame"
    bars = np.ones((frame.side, frame.side), bool)
    rows, columns = (round(frame.side * length / max(width, height)) for length in (height, width))
    top, left = (frame.side - rows) // 2, (frame.side - columns) // 2
    bars[top : top + rows, left : left + columns] = False
    assert (frame.pixels[bars] == MODELS[name].preset.mean_colour).all()


def test_a_frame_knows_its_photo_and_how_it_was_cropped() -> None:
    photo = noise(60, 40)
    for crop_mode in CROP_MODES:
        frame = frame_photo(photo, MODELS["resnet50"], crop_mode)
        assert (frame.crop_mode, frame.photo_digest) == (crop_mode, photo.digest)
        assert frame.mean_colour == MODELS["resnet50"].preset.mean_colour


def test_what_is_no_photo_is_refused() -> None:
    with pytest.raises(RequestError, match=r"needs a Photo, not ndarray.*decode_photo"):
        frame_photo(noise(60, 40).pixels, MODELS["resnet50"])  # type: ignore[arg-type]


def test_a_photo_of_the_frames_own_size_is_squashed_to_itself() -> None:
    photo = noise(224, 224)
    frame = frame_photo(photo, MODELS["resnet50"], "squash")
    np.testing.assert_array_equal(frame.pixels, photo.pixels)


def test_cropping_is_the_usual_mode() -> None:
    photo = noise(300, 200)
    usual, cropped = (frame_photo(photo, MODELS["resnet50"], *crop_mode) for crop_mode in ((), ("center",)))
    np.testing.assert_array_equal(usual.pixels, cropped.pixels)
    assert usual.box == cropped.box


@pytest.mark.parametrize("crop_mode", ["stretch", "", "CENTER", None])
def test_an_unknown_crop_mode_is_refused_by_name(crop_mode: Any) -> None:
    with pytest.raises(RequestError, match=f"{crop_mode!r}.*center, squash"):
        frame_photo(noise(20, 20), MODELS["resnet50"], crop_mode)


def test_the_crop_modes_are_those_of_the_type() -> None:
    assert get_args(CropMode) == CROP_MODES
