"""Which photos stand for a class, and which for all others, when it is looked into as a whole: some of those that were
measured."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from saliency_core.audit.measure import photo_seed
from saliency_core.audit.plan import Plan
from saliency_core.audit.store import Audit, Measured
from saliency_core.audit.summary import LEAST_PHOTOS
from saliency_core.audit.suspicions import MOST_PHOTOS
from saliency_core.errors import AuditError, PhotoError
from saliency_core.models.classifier import Classifier
from saliency_core.photos.frame import Frame, frame_photo
from saliency_core.photos.photo import open_photo


@dataclass(frozen=True, slots=True)
class Chosen:
    """A class with photos of it and photos of other classes, at least LEAST_PHOTOS of each.

    target: its index; of: how many photos it has, of which `own` are some.
    own, others: a row each, in an order that depends on the photos' digests and the audit's seed alone.
    """

    target: int
    of: int
    own: tuple[Measured, ...]
    others: tuple[Measured, ...]


def choose_photos(audit: Audit, most: int = MOST_PHOTOS) -> tuple[Chosen, ...]:
    """The classes that can be looked into, in the order of their indices, each with at most `most` photos and as many
    of all other classes. A class's photos are those that a row of it is about; photos of one file count once."""
    order = {digest: photo_seed(audit.plan.asked.seed, digest) for digest in {each.row.digest for each in audit.rows}}
    rows = sorted(audit.rows, key=lambda each: (order[each.row.digest], each.row.digest, each.photo))
    by_class: dict[int, dict[str, Measured]] = {}
    for each in rows:
        by_class.setdefault(each.row.target, {}).setdefault(each.row.digest, each)
    found = []
    for target, own in sorted(by_class.items()):
        if len(own) < LEAST_PHOTOS:
            continue
        others = _first((each for each in rows if each.row.digest not in own), most)
        if len(others) >= LEAST_PHOTOS:
            found.append(Chosen(target, len(own), tuple(own.values())[:most], others))
    return tuple(found)


def _first(rows: Iterable[Measured], most: int) -> tuple[Measured, ...]:
    found: dict[str, Measured] = {}
    for each in rows:
        found.setdefault(each.row.digest, each)
        if len(found) == most:
            break
    return tuple(found.values())


def open_frames(plan: Plan, classifier: Classifier, photos: Sequence[Measured]) -> tuple[Frame, ...]:
    """The photos as the model sees them.

    Raises AuditError where one is no longer there, or no longer what was measured.
    """
    frames = []
    for each in photos:
        try:
            photo = open_photo(Path(plan.folder) / each.photo)
        except PhotoError as error:
            raise AuditError(f"{each.photo} was measured, but cannot be opened any more: {error}") from None
        if photo.digest != each.row.digest:
            raise AuditError(f"{each.photo} is no longer the photo that was measured. Audit it into a new folder.")
        frames.append(frame_photo(photo, classifier, plan.asked.settings.crop_mode))
    return tuple(frames)
