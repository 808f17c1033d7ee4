"""A folder and a model become a plan: what is asked of each photo, and what is left out."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from saliency_core.audit.boxes import Box, LeftOut
from saliency_core.audit.folder import Item, read_folder
from saliency_core.audit.matching import Given, Matching, match_labels
from saliency_core.audit.measure import DEFAULT_SETTINGS, Settings
from saliency_core.audit.names import fold
from saliency_core.audit.plan import PER_SHARD, Asked, Plan, Planned, Target
from saliency_core.checks import check_seed, whole_number
from saliency_core.errors import RequestError
from saliency_core.models.classifier import Classifier
from saliency_core.packages import package_versions
from saliency_core.text import cut, join_words
from saliency_core.version import __version__

NAMELESS = "object"
"""What a box is called of which its annotation gives no name: it is taken for whatever its photo's label is."""


def make_plan(
    folder: Path | str,
    classifier: Classifier,
    labels: Path | str | None = None,
    boxes: str | None = "auto",
    given: Given | None = None,
    settings: Settings = DEFAULT_SETTINGS,
    seed: int = 0,
    limit: int | None = None,
    per_shard: int = PER_SHARD,
) -> Plan:
    """What is to be measured of a folder: its photos are listed, and none is decoded.

    A photo with a label is asked about that class, with the boxes of that class; one whose label is no class is left
    out. One without a label is asked about each class that it has boxes of, or else about the model's best guess, with
    all of its boxes.

    labels, boxes: as read_folder() takes them; given: classes that a person chose, as match_labels() takes them.
    limit: how many photos to measure at most, spread evenly over all; None for all.

    Raises RequestError where read_folder() and match_labels() do, for an impossible seed or limit, for a label with
    several classes, and where no photo is left.
    """
    check_seed(seed)
    found = read_folder(folder, labels, boxes)
    matching = match_folder(found.items, classifier.categories, given)
    _refuse_several(matching, classifier.categories)
    unmatched = dict(zip(matching.missing, matching.listing, strict=True))
    photos: list[Planned] = []
    mixed: set[str] = set()
    left_out = list(found.left_out)
    for item in found.items:
        if item.label is not None and item.label in unmatched:
            left_out.append(LeftOut(item.name, f"Its label is no class: {unmatched[item.label]}"))
            continue
        targets, unused = _find_targets(item, matching.found)
        photos.append(Planned(item.name, _size(item.path), item.label, targets))
        if any(what in matching.found for what in unused):
            mixed.add(item.name)
        left_out.extend(
            LeftOut(item.name, f"Its boxes of “{cut(what)}” are of no class that is asked of it.") for what in unused
        )
    if not photos:
        raise RequestError(
            f"No photo in {folder} has a label that is a class of {classifier.title}. {' '.join(matching.listing[:3])} "
            "Say which class each label is, or give another model."
        )
    asked = Asked(
        classifier.name,
        classifier.weights.sha256,
        f"{classifier.preset} {classifier.output}",
        str(classifier.engine.device),
        settings,
        seed,
        __version__,
        package_versions(),
        whole_number(per_shard, "The number of photos in a file", 1),
    )
    measured = _spread(photos, limit)
    return Plan(
        str(Path(folder).resolve()),
        classifier.title,
        tuple(classifier.categories),
        asked,
        measured,
        len(photos),
        tuple(sorted(dict.fromkeys(left_out), key=lambda each: (each.name, each.reason))),
        matching.listing,
        tuple(photo.name for photo in measured if photo.name in mixed),
    )


def match_folder(items: Iterable[Item], categories: Sequence[str], given: Given | None = None) -> Matching:
    """The classes that a folder's labels and boxes' names are, as make_plan() finds them.

    Raises RequestError where match_labels() does.
    """
    names = dict.fromkeys(name for item in items for name in (item.label, *_names(item.boxes)) if name)
    return match_labels([name for name in names if name != NAMELESS], categories, given)


def _refuse_several(matching: Matching, categories: Sequence[str]) -> None:
    for name, indices in matching.found.items():
        if len(indices) > 1:
            called = join_words([f"“{cut(categories[index])}”" for index in indices])
            raise RequestError(f"“{cut(name)}” was given {called}; an audit asks about one class of each label.")


def _find_targets(item: Item, found: Mapping[str, tuple[int, ...]]) -> tuple[tuple[Target, ...], tuple[str, ...]]:
    """What is asked of a photo, and the names of boxes that play no part in it."""
    by_class: dict[int | None, list[Box]] = {}
    if item.label is not None:
        (target,) = found[item.label]
        for box in item.boxes:
            is_its = box.what == NAMELESS or fold(box.what) == fold(item.label) or found.get(box.what) == (target,)
            by_class.setdefault(target if is_its else None, []).append(box)
        targets = (_target(target, by_class.get(target, ())),)
        return targets, _names(by_class.get(None, ()))
    for box in item.boxes:
        (index,) = found.get(box.what, (None,))
        by_class.setdefault(index, []).append(box)
    classes = sorted(index for index in by_class if index is not None)
    if not classes:
        return (_target(None, item.boxes),), ()
    return tuple(_target(index, by_class[index]) for index in classes), _names(by_class.get(None, ()))


def _target(target: int | None, boxes: Sequence[Box]) -> Target:
    edges = tuple((box.left, box.top, box.right, box.bottom) for box in boxes)
    return Target(target, ", ".join(_names(boxes)), edges)


def _names(boxes: Iterable[Box]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(box.what for box in boxes))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # it is left out once it cannot be decoded either
        return 0


def _spread(photos: Sequence[Planned], limit: int | None) -> tuple[Planned, ...]:
    if limit is None or whole_number(limit, "The number of photos", 1) >= len(photos):
        return tuple(photos)
    return tuple(photos[place * len(photos) // limit] for place in range(limit))
