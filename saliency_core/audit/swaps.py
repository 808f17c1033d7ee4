"""A photo's object on two other backgrounds: that of another photo of its class, and that of another class's photo."""

from dataclasses import dataclass, replace

from saliency_core.audit.rows import Row
from saliency_core.masking.placements import Edges, box_regions, photo_area
from saliency_core.models.classifier import Classifier, classify_all
from saliency_core.photos.fills import fill_pixels, paint_over
from saliency_core.photos.frame import Frame
from saliency_core.photos.regions import Placement, covered


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """A photo that lends its background.

    frame: what the model sees of it; boxes: of its own object, which is hidden.
    """

    frame: Frame
    boxes: tuple[Edges, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Backgrounds:
    """What an object is put on: own, of another photo of its class; other, of a photo of another class."""

    own: Background
    other: Background


def swap_backgrounds(
    row: Row, classifier: Classifier, frame: Frame, regions: Placement, backgrounds: Backgrounds
) -> Row:
    """The row with what the model says of the object on each of two backgrounds."""
    own_frame, other_frame, size = swap(frame, regions, backgrounds)
    own, other = classify_all(classifier, [own_frame, other_frame])
    return replace(
        row,
        background_size=size,
        own_background_probability=float(own.probabilities[row.target]),
        own_background_named=own.best() == row.target,
        other_background_probability=float(other.probabilities[row.target]),
        other_background_named=other.best() == row.target,
    )


def swap(frame: Frame, regions: Placement, backgrounds: Backgrounds) -> tuple[Frame, Frame, float]:
    """The frame with its own class's background, with another's, and the share of the photo that is background there.

    The regions keep their pixels and their places. Where either of the two backgrounds has its own object, both are
    grey, unless the regions cover it: so the two frames differ in what lies around all three objects and in nothing
    else, and what pasting does is in both.
    """
    side, lent = frame.side, (backgrounds.own, backgrounds.other)
    kept = covered(side, regions)
    hidden = covered(side, [region for each in lent for region in box_regions(each.frame, each.boxes)]) & ~kept
    grey = fill_pixels(frame, "grey")
    own, other = (paint_over(paint_over(frame, ~kept, each.frame.pixels), hidden, grey) for each in lent)
    return own, other, float((~(kept | hidden))[covered(side, photo_area(frame))].mean())
