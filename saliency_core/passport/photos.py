"""A model's answers to labelled photos, under its declared input settings and under the usual mistakes."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from saliency_core.errors import PhotoError, RequestError
from saliency_core.models.classifier import Classifier
from saliency_core.passport.finding import Details, Outcome
from saliency_core.passport.labelled import LabelledPhoto, choose, read_labelled
from saliency_core.passport.rule import LEVEL, RULE, above_chance, find_better
from saliency_core.passport.settings import Setting, declared_setting, usual_mistakes
from saliency_core.photos.frame import frame_photo
from saliency_core.photos.photo import Photo
from saliency_core.text import cut, join_words

KEY, TITLE, DOING = "photos", "Input settings on your photos", "Asking it about your photos"
MOST_PHOTOS, ENOUGH_PHOTOS = 200, 10
"""How many photos are asked about, and below which number they prove little."""
_BATCH = 10
_SHOWN = 3


def examine_photos(classifier: Classifier, folder: Path) -> Iterator[float | Outcome]:
    """Ask about photos, see read_labelled(), under each setting: the share that is done after each batch, at the end
    the outcome. Photos that cannot be read are left out and counted."""
    try:
        found = read_labelled(folder, classifier.categories)
    except RequestError as error:
        yield Outcome("warning", str(error))
        return
    chosen = choose(found.photos, MOST_PHOTOS)
    declared = declared_setting(classifier.preset)
    settings = (declared, *usual_mistakes(declared))
    right: list[NDArray[np.bool_]] = []
    tried: list[LabelledPhoto] = []
    for start in range(0, len(chosen), _BATCH):
        opened, answers = ask_all(classifier, chosen[start : start + _BATCH], settings)
        right.append(answers)
        tried.extend(opened)
        yield min(1.0, (start + _BATCH) / len(chosen))
    left_out = len(chosen) - len(tried)
    details: Details = (
        ("photos in the folder", len(found.photos)),
        ("photos asked about", len(tried)),
        ("photos that cannot be read", left_out),
        ("folders of no class", len(found.unknown)),
    )
    if not tried:
        yield Outcome("not tried", f"None of the {len(chosen)} photos can be read.", details)
        return
    notes = _note(left_out, found.unknown)
    chance = sum(len(one.targets) for one in tried) / len(tried) / len(classifier.categories)
    yield judge(settings, np.concatenate(right), chance, details, notes)


def judge(
    settings: Sequence[Setting], right: NDArray[np.bool_], chance: float, details: Details = (), notes: str = ""
) -> Outcome:
    """What right answers say of the settings.

    settings: the declared one first.
    right: bool [photos, settings], whether each photo is answered right under each.
    chance: the share that guessing gets right, in (0, 1).
    """
    photos, declared = len(right), int(right[:, 0].sum())
    better, p_values = find_better(right[:, 0], list(right[:, 1:].T), chance)
    counts: Details = (
        *(
            (f"right, {one.title}", f"{int(column.sum())} of {photos}")
            for one, column in zip(settings, right.T, strict=True)
        ),
        *((f"p, {one.title}", float(p_value)) for one, p_value in zip(settings[1:], p_values, strict=True)),
        ("rule", RULE),
    )
    details = (*details, *counts)
    told = f"Under the declared settings, {declared} of {photos} photos are answered right"
    if better:
        best = settings[1 + better[0]]
        several = [settings[1 + index].title for index in better[1:]]
        besides = f" So do, less or as well, {join_words(several)}." if several else ""
        return Outcome(
            "warning",
            f"{told}; with {best.title}, {int(right[:, 1 + better[0]].sum())}, which is clearly better. "
            f"Declare {best.advice}, and look again.{besides}{notes}",
            details,
        )
    if photos < ENOUGH_PHOTOS:
        return Outcome(
            "not tried",
            f"{told}. So few prove little: give {ENOUGH_PHOTOS} or more.{notes}",
            details,
        )
    if above_chance(declared, photos, chance) > LEVEL:
        return Outcome(
            "warning",
            f"{told}, no more than guessing would get, and no other setting does clearly better. The class names may "
            f"be in another order, or the weights another model’s.{notes}",
            details,
        )
    return Outcome(
        "passed", f"{told}, and none of {len(settings) - 1} usual mistakes does clearly better.{notes}", details
    )


def ask_all(
    classifier: Classifier, photos: Sequence[LabelledPhoto], settings: Sequence[Setting]
) -> tuple[tuple[LabelledPhoto, ...], NDArray[np.bool_]]:
    """The photos that can be read, and whether each is answered right under each setting, bool [readable, settings];
    in one batch a setting."""
    opened = [(one, photo) for one in photos if (photo := _open(one)) is not None]
    right = np.zeros((len(opened), len(settings)), np.bool_)
    if opened:
        frames = {
            mode: np.stack([frame_photo(photo, classifier, mode).pixels for _, photo in opened])
            for mode in {setting.crop_mode for setting in settings}
        }
        for place, setting in enumerate(settings):
            logits = classifier.engine.logits(frames[setting.crop_mode], setting.preset)
            right[:, place] = [int(row.argmax()) in one.targets for row, (one, _) in zip(logits, opened, strict=True)]
    return tuple(one for one, _ in opened), right


def _open(photo: LabelledPhoto) -> Photo | None:
    try:
        return photo.open()
    except PhotoError:
        return None


def _note(left_out: int, unknown: Sequence[str]) -> str:
    unread = (
        f" {left_out} {'photo' if left_out == 1 else 'photos'} could not be read and were left out." if left_out else ""
    )
    shown = join_words([f"“{cut(name)}”" for name in unknown[:_SHOWN]]) if unknown else ""
    folders = f" {len(unknown)} folders are called like no class, such as {shown}." if unknown else ""
    return f"{unread}{folders}"
