"""Whether an untrained network would give the same map."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from saliency_core.evidence.controls import Values
from saliency_core.evidence.similarity import similarity, spearman

Alike = Literal["alike", "different", "between"]

LEAST_OTHERS = 3
"""Maps of other photos without which nothing can be called different."""
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
    def claim(self) -> Alike:
        """What the numbers bear, in this order:

        1. From NEARLY_SAME on, the maps are "alike".
        2. With fewer than LEAST_OTHERS maps of other photos, or if one of them is as like this map as slight noise
           leaves it, nothing can be told: "between".
        3. "different" if the shuffled network's map is no more like this one than the most alike of other photos'.
        4. "alike" if it is nearer to what slight noise leaves than to that; otherwise "between".
        """
        if self.spearman >= NEARLY_SAME:
            return "alike"
        if len(self.null) < LEAST_OTHERS or max(self.null) >= self.noisy:
            return "between"
        if self.spearman <= max(self.null):
            return "different"
        return "alike" if self.spearman >= (max(self.null) + self.noisy) / 2 else "between"


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
