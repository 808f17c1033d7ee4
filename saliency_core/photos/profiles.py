"""Colours through a file's own profile to sRGB, which models are trained on and screens show."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageCms

_SPACES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}
_SAME = 3
"""Levels of 255: a profile that moves no colour by more is sRGB's, and is not applied."""
_STEPS = np.linspace(0, 255, 6, dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Managed:
    """Colours in sRGB, and what the profile that they went through calls itself."""

    picture: Image.Image
    profile: str


def manage_colours(picture: Image.Image) -> Managed | None:
    """A picture of mode L, RGB or CMYK through its profile, as RGB.

    None where it has none, or one that cannot be used, is of another colour space, or is sRGB's.
    """
    data = picture.info.get("icc_profile")
    if not data:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(data))
        if _SPACES.get(source.profile.xcolor_space) != picture.mode:
            return None
        target = ImageCms.createProfile("sRGB")
        transform = ImageCms.buildTransform(source, target, picture.mode, "RGB")
        if picture.mode != "CMYK" and _changes_little(transform, picture.mode):
            return None
        managed = ImageCms.applyTransform(picture, transform)
        name = ImageCms.getProfileDescription(source)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    return Managed(managed, " ".join(name.split())) if managed is not None else None


def _changes_little(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether colours of the whole cube, or all greys, stay where they are."""
    if mode == "L":
        before = np.arange(256, dtype=np.uint8)[None]
        colours = np.repeat(before[..., None], 3, axis=2)
    else:
        before = colours = np.stack(np.meshgrid(_STEPS, _STEPS, _STEPS), axis=-1).reshape(1, -1, 3)
    after = ImageCms.applyTransform(Image.fromarray(before), transform)
    return after is not None and bool(np.abs(np.asarray(after, int) - colours).max() <= _SAME)
