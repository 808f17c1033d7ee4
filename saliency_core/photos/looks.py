"""How bright and how sharp a picture is, as people see it."""

import numpy as np
from numpy.typing import NDArray

from saliency_core.photos.photo import Pixels


def luma(pixels: Pixels) -> NDArray[np.float32]:
    """Brightness as seen (ITU-R BT.601): u8 [height, width, 3] -> f32 [height, width], 0 to 255."""
    seen: NDArray[np.float32] = pixels.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    return seen


def brightness(pixels: Pixels) -> float:
    """The mean luma, in [0, 1]: 0 for black, 1 for white."""
    return float(luma(pixels).mean(dtype=np.float64)) / 255


def sharpness(pixels: Pixels) -> float:
    """The variance of the Laplacian (four neighbours) of the luma, with luma in [0, 1]; from 0, low where the picture
    is blurred or plain. It depends on the size, so only pictures of one size are compared."""
    from scipy.ndimage import laplace  # lazy: takes a third of a second to import

    return float(laplace(luma(pixels) / np.float32(255)).var(dtype=np.float64))
