"""What pictures, figures, reports and archives are about, and how maps are drawn."""

from dataclasses import dataclass, replace

from saliency_core.models.classifier import Classifier
from saliency_core.photos.frame import Frame
from saliency_core.photos.photo import Photo, Pixels
from saliency_core.presentation.colours import COLOUR_MAPS
from saliency_core.presentation.figures import display_photo
from saliency_core.text import cut

REPORT_SIDE = 900
"""Longer side of a report's pictures in pixels: 300 to the inch at the size they are printed."""


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A photo as one model sees it, and what to call it.

    photo: u8 [height, width, 3], the whole photo, at screen size or larger.
    title, credit: its name, and its author and licence; plain text from anywhere.
    frame: what the model sees of it; knows the crop mode and the digest of the photo's file.
    """

    photo: Pixels
    title: str
    credit: str
    classifier: Classifier
    frame: Frame

    def label(self, target: int) -> str:
        """A class's name, cut to fit into a sentence."""
        return cut(self.classifier.categories[target])

    @property
    def name(self) -> str:
        """The photo's title, cut to fit into a sentence."""
        return cut(self.title, 60)


@dataclass(frozen=True, slots=True)
class MapStyle:
    """How maps are drawn: their colours, their opacity over the photo, in [0, 1], and whether panels
    beside each other share one colour scale."""

    colour_map: str = COLOUR_MAPS[0]
    opacity: float = 0.6
    one_scale: bool = False


PLAIN = MapStyle()


def shrink(case: Case, longest: int = REPORT_SIDE) -> Case:
    """The case with its photo's longer side at most `longest` pixels: as a report's pictures are, unless told."""
    return replace(case, photo=display_photo(Photo(case.photo, ""), longest))
