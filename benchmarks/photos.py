"""What is looked at: a sample photo with a region on it, and synthetic photos of any size."""

import io
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

import saliency_core as core

SAMPLE = Path(__file__).parents[1] / "assets" / "photos" / "koala.jpg"
REGION = core.Region(29, 77, 68, 107)
"""The koala's head, on the centre crop of 224 pixels: a seventh of it."""
HALF = core.Region(33, 33, 158, 158)
"""Half of the crop: of what so large a region leaves as it was, passes gain little."""


def read_sample() -> bytes:
    """A sample photo's JPEG file, 600 x 800 pixels."""
    return SAMPLE.read_bytes()


def synthesise_photo(megapixels: float, seed: int = 0) -> bytes:
    """A JPEG file of smoothed noise, four pixels wide for three high; the same seed gives the same file."""
    width = round((megapixels * 1e6 * 4 / 3) ** 0.5)
    height = round(width * 3 / 4)
    generator = np.random.default_rng(seed)
    noise = generator.random((height, width, 3), dtype=np.float32)
    smoothed = gaussian_filter(noise, (2, 2, 0))
    low, high = smoothed.min(), smoothed.max()
    pixels = np.rint((smoothed - low) / (high - low) * 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
