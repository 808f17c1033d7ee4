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
class Profile:
    """A way for colours of a mode (L, RGB or CMYK) to sRGB, and what it calls itself."""

    name: str
    mode: str
    transform: ImageCms.ImageCmsTransform

    def apply(self, picture: Image.Image) -> Image.Image:
        """The colours of a picture as RGB; opacity, if it has one, is left out."""
        plain = picture if picture.mode == self.mode else picture.convert(self.mode)
        return self.transform.apply(plain)


def find_profile(picture: Image.Image, mode: str) -> Profile | None:
    """The profile of a picture whose colours are of a mode.

    None where it has none, or one that cannot be used, is of another colour space, or is sRGB's.
    """
    data = picture.info.get("icc_profile")
    if not data or mode not in _SPACES.values():
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(data))
        if _SPACES.get(source.profile.xcolor_space) != mode:
            return None
        target = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
        transform = ImageCms.ImageCmsTransform(source, target, mode, "RGB")
        profile = Profile(" ".join(ImageCms.getProfileDescription(source).split()), mode, transform)
        return None if mode != "CMYK" and _changes_little(profile) else profile
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _changes_little(profile: Profile) -> bool:
    """Whether colours of the whole cube, or all greys, stay where they are."""
    if profile.mode == "L":
        before = np.arange(256, dtype=np.uint8)[None]
        colours = np.repeat(before[..., None], 3, axis=2)
    else:
        before = colours = np.stack(np.meshgrid(_STEPS, _STEPS, _STEPS), axis=-1).reshape(1, -1, 3)
    after = np.asarray(profile.apply(Image.fromarray(before)), int)
    return bool(np.abs(after - colours).max() <= _SAME)
