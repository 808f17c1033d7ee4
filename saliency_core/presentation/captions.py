"""What choices, classes and maps are called in captions, wherever they are shown."""

from collections.abc import Sequence
from typing import Literal

from saliency_core.masking.sentences import Declared
from saliency_core.methods.attribution import Attribution, Reduction
from saliency_core.methods.method import Method
from saliency_core.methods.registry import find_method
from saliency_core.methods.smoothing import SaliencyMap
from saliency_core.models.prediction import Prediction
from saliency_core.photos.fills import Fill
from saliency_core.photos.frame import CropMode, Frame
from saliency_core.presentation.case import Case
from saliency_core.text import cut, percent

REDUCTION_NAMES: dict[Reduction, str] = {
    "max": "strongest channel",
    "mean": "mean of the channels",
    "l2": "length (L2) of the channels",
    "red": "red only",
    "green": "green only",
    "blue": "blue only",
    "signed": "sum of the channels",
}
FILL_NAMES: dict[Fill, str] = {"black": "black", "grey": "grey", "blur": "blur", "noise": "noise"}
FILL_CAPTIONS: dict[Fill, str] = {
    "black": "black",
    "grey": "grey, the mean colour of the model’s training photos",
    "blur": "a blurred photo, in which no object is left",
    "noise": "random dots",
}
CROP_MODE_NAMES: dict[CropMode, str] = {"center": "crop", "squash": "squash", "border": "border"}
CROP_MODE_CAPTIONS: dict[CropMode, str] = {
    "center": "The model sees the bright part; the rest is cropped away.",
    "squash": "The model sees all of it, squashed to a square.",
    "border": "The model sees all of it, with bars around it to make a square.",
}
Part = Literal["original", "hidden", "kept"]
PARTS: tuple[Part, ...] = ("original", "hidden", "kept")
PART_TITLES: dict[Declared, dict[Part, str]] = {
    "object": {"original": "The photo as it is", "hidden": "The object hidden", "kept": "Only the object"},
    "part": {"original": "The photo as it is", "hidden": "This part hidden", "kept": "Only this part"},
    "other": {"original": "The photo as it is", "hidden": "This part hidden", "kept": "Only this part"},
}
DECLARATION_NAMES: dict[Declared, str] = {
    "object": "the object",
    "part": "a part of the object",
    "other": "something else",
}
LONGEST_SIDE = 16
"""Letters of a class's name below a colour bar, which may be narrow."""

SIGMA_LABEL = "Smoothing: sigma, in pixels of what the model sees"
SIGMA_HELP = (
    "How far each value of the map is blurred into its neighbours (the standard deviation of a gaussian). "
    "0 shows the map as computed. It smooths the map, not the photo."
)
SIGMA_MEASURED = (
    "No sigma is right: with EfficientNet-Lite0 on 100 photos, 10 and 20 told a little better than 5 what the answer "
    "loses, and neither 5 nor 20 was shown to do better than a spot in the middle of the photo."
)
"""What was measured of sigmas, see docs/evidence.md; python -m scripts.evidence FOLDER does it on other photos."""


def describe_sigma(sigma: float) -> str:
    """A sigma as it stands in a caption."""
    return f"sigma {sigma:g}" if sigma else "sigma 0 (as computed)"


def describe_class(case: Case, target: int, prediction: Prediction) -> str:
    """A class with its probability and place: “koala” (92%, the best guess), “wombat” (0.3%, place 4 of 1,000)."""
    rank = prediction.rank(target)
    place = "the best guess" if rank == 1 else f"place {rank:,} of {len(prediction.categories):,}"
    return f"“{case.label(target)}” ({percent(prediction.guess(target).probability)}, {place})"


def describe_classes(case: Case, explained: Attribution | SaliencyMap, prediction: Prediction) -> str:
    """The class of a map, see describe_class(); of a contrast, both: “koala” (…) minus “wombat” (…)."""
    told = describe_class(case, explained.target, prediction)
    if explained.against is None:
        return told
    return f"{told} minus {describe_class(case, explained.against, prediction)}"


def name_sides(case: Case, explained: Attribution | SaliencyMap) -> tuple[str, ...]:
    """What values below and above zero mean, in a word or two each; empty for a map without signs."""
    if explained.against is not None:
        of_two = explained.against, explained.target
        first, second = (f"more of “{cut(case.classifier.categories[each], LONGEST_SIDE)}”" for each in of_two)
        return first, second
    return ("against it", "for it") if explained.signed else ()


def tell_signs(case: Case, explained: Attribution | SaliencyMap) -> str:
    """How to read a map that has signs, in a few sentences; empty for one without."""
    if not explained.signed:
        return ""
    label = case.label(explained.target)
    if explained.against is None:
        return (
            f"Warm colours (red) speak for “{label}”, cold ones (blue) against it, by this method’s reckoning; pale "
            "ones hardly count."
        )
    other = case.label(explained.against)
    told = (
        f"Each map is divided by its own sum. Warm pixels (red) hold more of the map of “{label}” than of the map of "
        f"“{other}”, cold ones (blue) less; pale ones about as much of both."
    )
    return told if explained.reduction == "signed" else f"{told} That is no evidence for either class."


def describe_unit(explained: Attribution | SaliencyMap) -> str:
    """What a map's values are measured in.

    Raises RequestError if the method is not registered.
    """
    if explained.against is not None:
        return "difference of a pixel’s shares in two maps"
    return find_method(explained.method).unit


def describe_method(explained: Attribution | SaliencyMap) -> str:
    """How a map was made, but for its smoothing: “gradient, strongest channel”, “SmoothGrad, 25 copies, …”.

    Raises RequestError if the method is not registered.
    """
    method = find_method(explained.method)
    reduction = REDUCTION_NAMES[explained.reduction] if method.per_channel else ""
    return ", ".join(filter(None, (method.title, explained.detail, reduction)))


def tell_method(method: Method) -> str:
    """What a method's map shows, and what is known against it."""
    return " ".join(filter(None, (method.sentence, method.warning)))


def describe_options(explained: Attribution | SaliencyMap) -> str:
    """The options that its method read, as a record has them: “copies 25, noise 0.15, seed 0”; empty for none.

    Raises RequestError if the method is not registered.
    """
    told = {name: getattr(explained.options, name) for name in find_method(explained.method).options}
    return ", ".join(f"{name} {'automatic' if value is None else value}" for name, value in told.items())


def describe_answer(case: Case, target: int, prediction: Prediction) -> str:
    """What maps of one class have in common, whichever method made them: class, probability, place, model."""
    return f"{describe_class(case, target, prediction)} · {case.classifier.title}"


def describe_maps(case: Case, explained: Attribution | SaliencyMap, prediction: Prediction) -> str:
    """What maps that differ in sigma alone have in common: class, probability, place, model, method, channel reduction.

    Raises RequestError if the method is not registered.
    """
    return " · ".join(
        (
            describe_classes(case, explained, prediction),
            case.classifier.title,
            describe_method(explained),
        )
    )


def describe_map(case: Case, saliency: SaliencyMap, prediction: Prediction) -> str:
    """What one map is of: describe_maps() and its sigma.

    Raises RequestError if the method is not registered.
    """
    return f"{describe_maps(case, saliency, prediction)} · {describe_sigma(saliency.sigma)}"


def title_maps(case: Case, explained: Attribution | SaliencyMap) -> str:
    """What maps of a class show, and no more, as a heading: a class that the model does not say has maps, too."""
    label = case.label(explained.target)
    if explained.against is not None:
        return f"Where the map of “{label}” differs from that of “{case.label(explained.against)}”"
    return f"Pixels that the score of “{label}” reacts to"


def title_masking(label: str) -> str:
    """What a masking experiment is about, as a heading; neither what it found, nor that the model says the class."""
    return f"“{label}”, with a part hidden and from that part alone"


def describe_crop(case: Case) -> str:
    """How the frame was made from the photo, in numbers."""
    size = describe_size(case.frame)
    told: dict[CropMode, str] = {
        "center": f"crop: short side resized to {case.classifier.preset.resize} pixels, of which the central {size}",
        "squash": f"squash: the whole photo resized to {size} pixels, losing its proportions",
        "border": f"border: the whole photo resized to fit {size} pixels, with bars of the mean colour",
    }
    return told[case.frame.crop_mode]


def describe_size(frame: Frame) -> str:
    """The frame's size in pixels: 224 x 224."""
    return f"{frame.side} x {frame.side}"


def tell_reading(case: Case, maps: Sequence[SaliencyMap], one_scale: bool) -> str:
    """How to read maps of one class beside each other.

    Raises RequestError if the method is not registered.
    """
    if len(maps) == 1:
        scale = "Both pictures of the map have the same colour scale."
    elif one_scale:
        scale = (
            "All maps share one colour scale: the same colour means the same value in every panel. Smoothing "
            f"spreads peaks, so smoother maps are {'paler' if maps[0].signed else 'darker'}."
        )
    else:
        scale = "Each map has a colour scale of its own, so panels cannot be compared by colour."
    first = maps[0]
    minus = "" if first.against is None else f", minus “{case.label(first.against)}”"
    told = (
        f"How to read this. Class: “{case.label(first.target)}”{minus}.",
        tell_method(find_method(first.method)) if first.against is None else "",
        tell_signs(case, first),
        scale,
        "Sigma says how far each value is blurred into its neighbours, in pixels of the "
        f"{describe_size(case.frame)} that the model sees.",
    )
    return " ".join(filter(None, told))
