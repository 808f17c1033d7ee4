"""Where one class's map holds more than another's: the difference of two maps, each as shares of itself."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from saliency_core.errors import RequestError
from saliency_core.methods.attribution import Attribution


def contrast(a: Attribution, b: Attribution) -> Attribution:
    """The map of one class minus that of another, each divided by the sum of its magnitudes, so that neither counts
    for more because its score moves more.

    a, b: of one frame, made by one method and reduction, for two classes.

    Returns values f32 [side, side], in shares of a map: above zero where `a` holds more, below where `b` does; all of
    them together at most 2 in magnitude, and 0 in sum where neither map has signs. `target` is a's class, `against`
    b's.

    Raises RequestError for maps of one class, of two methods, reductions or sizes, or of two classes already.
    """
    if a.against is not None or b.against is not None:
        raise RequestError("A map of two classes cannot be compared with another again. Give the map of one class.")
    if a.target == b.target:
        raise RequestError(f"Both maps are of class {a.target}; a class minus itself leaves nothing. Give two classes.")
    for what, first, second in (
        ("methods", a.method, b.method),
        ("channel reductions", a.reduction, b.reduction),
        ("sizes", a.values.shape, b.values.shape),
    ):
        if first != second:
            raise RequestError(f"The maps are of two {what}, {first} and {second}. Make both alike.")
    values = _as_shares(a.values) - _as_shares(b.values)
    values.setflags(write=False)
    detail = a.detail if a.detail == b.detail else f"{a.detail} and {b.detail}"
    return replace(a, values=values, detail=detail, against=b.target)


def _as_shares(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each pixel's share of a map; of a map of zeros, zeros."""
    total = np.abs(values).sum(dtype=np.float64)
    shares: NDArray[np.float32] = (values / (total or 1)).astype(np.float32)
    return shares
