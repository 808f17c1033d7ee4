"""Whether an untrained network would give the same map."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Literal

from saliency_core.evidence.controls import Values
from saliency_core.evidence.similarity import similarity, spearman

Alike = Literal["alike", "different", "between"]

LEAST_OTHERS = 3
"""Maps of other photos without which nothing can be told."""
DIFFERENT, ALIKE = 1 / 3, 2 / 3
"""How far an untrained network's map may be, and has to be, on the way from other photos' maps to slight noise."""
NEARLY_SAME = 0.9
"""From this rank correlation on two maps are alike, whatever other photos' maps are."""


@dataclass(frozen=True, slots=True, eq=False)
class Untrained:
    """A map beside the one that the same network gives with its weights shuffled.

    values: the shuffled network's map, f32 [side, side].
    spearman, ssim: how alike the two are, see similarity().
    null: the rank correlation of this map with the same network's maps of other photos, each.
    noisy: its rank correlation with the same network's map of the same photo under slight noise; 1 if not known.
    """

    values: Values
    spearman: float
    ssim: float
    null: tuple[float, ...]
    noisy: float = 1.0

    @property
    def part(self) -> float:
        """How far the shuffled network's map is on the way from being as like this one as other photos' maps are on
        average (0) to as like as slight noise leaves it (1)."""
        unrelated = mean(self.null)
        return (self.spearman - unrelated) / (self.noisy - unrelated)

    @property
    def telling(self) -> bool:
        """Whether the measure can tell the same map from unrelated ones: there are at least LEAST_OTHERS maps of other
        photos, and slight noise leaves this one more alike than any of them is."""
        return len(self.null) >= LEAST_OTHERS and max(self.null) < self.noisy

    @property
    def claim(self) -> Alike:
        """What the numbers bear, in this order:

        1. From NEARLY_SAME on, the maps are "alike".
        2. Where the measure is not telling, nothing can be told: "between".
        3. "different" if the shuffled network's map is at most a third of the way from other photos' maps to slight
           noise, and no more like this one than the most alike of them; "alike" from two thirds on; else "between".

        Not to be told from other photos' maps would not be enough: they reach far up where maps are smooth.
        """
        if self.spearman >= NEARLY_SAME:
            return "alike"
        if not self.telling:
            return "between"
        if self.part <= DIFFERENT and self.spearman <= max(self.null):
            return "different"
        return "alike" if self.part >= ALIKE else "between"


def compare_untrained(
    values: Values, shuffled_values: Values, others: Sequence[Values], noisy: Values | None = None
) -> Untrained:
    """A map beside the shuffled network's, all f32 [side, side] and smoothed alike.

    others: the same network's maps of other photos. noisy: its map of this photo under slight noise.

    Raises RequestError if they are not of one size.
    """
    found = similarity(values, shuffled_values)
    null = tuple(spearman(values, other) for other in others)
    steady = 1.0 if noisy is None else spearman(values, noisy)
    return Untrained(shuffled_values, found.spearman, found.ssim, null, steady)
