"""All that was found out about the maps of one photo and class, as far as it has been asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from saliency_core.evidence.card import (
    Line,
    class_line,
    line_over_photos,
    removal_line,
    steadiness_line,
    untrained_line,
)
from saliency_core.evidence.card import Test as Test
from saliency_core.evidence.classes import ClassEvidence
from saliency_core.evidence.filmstrip import Filmstrip
from saliency_core.evidence.published import Published
from saliency_core.evidence.removal import RemovalEvidence
from saliency_core.evidence.steadiness import Steadiness
from saliency_core.evidence.untrained import Untrained
from saliency_core.methods.registry import find_method
from saliency_core.methods.smoothing import SaliencyMap


@dataclass(slots=True, eq=False)
class Dossier:
    """What was found out, filled in as it is; everything by the methods' keys.

    maps: the maps in question, smoothed.
    removal: removing pixels by all of them, once that is done. sigmas: the same for one method at several sigmas,
        named by them: "5".
    nulls: how like each map is to the same method's maps of other photos, by rank.
    """

    maps: Mapping[str, SaliencyMap]
    removal: RemovalEvidence | None = None
    sigmas: RemovalEvidence | None = None
    sigmas_of: str = ""
    untrained: dict[str, Untrained] = field(default_factory=dict)
    filmstrips: dict[str, Filmstrip] = field(default_factory=dict)
    nulls: dict[str, tuple[float, ...]] = field(default_factory=dict)
    classes: dict[str, ClassEvidence] = field(default_factory=dict)
    steadiness: dict[str, Steadiness] = field(default_factory=dict)

    def lines(self, method: str, categories: Sequence[str]) -> dict[Test, Line]:
        """A method's lines of the tests that were made.

        categories: the classes' names, by their indices.
        """
        found: dict[Test, Line] = {}
        if self.removal is not None and method in self.removal.maps:
            found["removal"] = removal_line(self.removal, method, find_method(method).title)
        if method in self.untrained:
            found["untrained"] = untrained_line(self.untrained[method])
        if method in self.classes:
            found["class"] = class_line(self.classes[method], categories)
        if method in self.steadiness:
            found["steadiness"] = steadiness_line(self.steadiness[method])
        return found


def lines_over_photos(table: Published, method: str) -> dict[Test, Line]:
    """A method's lines over the published photos, of the tests that were made there."""
    tests: tuple[Test, ...] = ("removal", "untrained", "class", "steadiness")
    return {
        test: line_over_photos(test, outcomes, table.tested[method])
        for test in tests
        if (outcomes := table.counted(method, test))
    }
