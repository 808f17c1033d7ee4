"""The input settings that are usually mistaken for each other."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from saliency_core.photos.frame import Channels, CropMode, Preset

Triple = tuple[float, float, float]
_ALIKE = 0.02
"""Means and deviations that differ by less are taken for one setting: 127/255 is half."""
NORMALISATIONS: tuple[tuple[str, Triple, Triple], ...] = (
    ("values from 0 to 255", (0.0, 0.0, 0.0), (1 / 255, 1 / 255, 1 / 255)),
    ("values from 0 to 1, no mean and std", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
    ("ImageNet’s mean and std", (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    ("mean and std 0.5", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """One way to give a model its input.

    title: what is other than declared, in words. advice: what to declare, as in a file.
    """

    title: str
    advice: str
    preset: Preset
    crop_mode: CropMode


def declared_setting(preset: Preset) -> Setting:
    """The settings as they are declared."""
    return Setting("as declared", "", preset, preset.crop_mode)


def usual_mistakes(declared: Setting) -> tuple[Setting, ...]:
    """The settings that are right if one usual mistake was made in declaring them: the channels' order, the scale of
    values, mean and std, crop mode."""
    return (_swap(declared), *_normalise(declared), *_crop(declared))


def _swap(declared: Setting) -> Setting:
    other: Channels = "rgb" if declared.preset.channels == "bgr" else "bgr"
    preset = replace(declared.preset, channels=other)
    return replace(declared, title=f"channels {other.upper()}", advice=f'channels = "{other}"', preset=preset)


def _normalise(declared: Setting) -> Iterator[Setting]:
    for title, mean, std in NORMALISATIONS:
        if not _alike(declared.preset, mean, std):
            advice = f"mean = {_show(mean)} and std = {_show(std)}"
            yield replace(declared, title=title, advice=advice, preset=replace(declared.preset, mean=mean, std=std))


def _crop(declared: Setting) -> Iterator[Setting]:
    modes: tuple[tuple[CropMode, str], ...] = (
        ("center", "the centre cut out"),
        ("squash", "the whole photo squashed to a square"),
    )
    for mode, title in modes:
        if mode != declared.crop_mode:
            yield replace(declared, title=title, advice=f'crop_mode = "{mode}"', crop_mode=mode)


def _alike(preset: Preset, mean: Triple, std: Triple) -> bool:
    """Whether a normalisation is nearly the preset's."""
    shift = max(abs(one - other) for one, other in zip(preset.mean, mean, strict=True))
    stretch = max(abs(one / other - 1) for one, other in zip(preset.std, std, strict=True))
    return shift <= _ALIKE and stretch <= _ALIKE


def _show(values: Triple) -> str:
    return f"[{', '.join(f'{value:.6g}' for value in values)}]"
