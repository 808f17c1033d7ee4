"""Which maps are made of each photo, what they are compared with, and which comparisons are made."""

from dataclasses import dataclass

SIGMAS: dict[str, tuple[float, ...]] = {
    "gradient": (0, 2, 5, 10, 20),
    "smoothgrad": (0, 5, 10),
    "grad_cam": (0,),
    "layer_cam": (0,),
    "input_x_gradient": (5,),
    "integrated_gradients": (5,),
    "guided_backprop": (5,),
    "occlusion": (0,),
    "rise": (0,),
}
"""The sigmas by which each method's map is smoothed; maps that are coarse already are left as they are."""
CONTROL_SIGMAS = (5.0, 20.0)
"""Those of the controls."""
CENTRE, EDGES, NOISE, OTHER = "a spot in the middle", "plain edges", "noise", "another photo’s gradient"
TESTED: dict[str, float] = {"gradient": 5, "smoothgrad": 5, "grad_cam": 0, "layer_cam": 0, "guided_backprop": 5}
"""Methods whose cards are filled, and at which sigma. The others take minutes a photo."""
ROADED: dict[str, float] = {"gradient": 5, "smoothgrad": 5, "grad_cam": 0}
"""Maps that are scored by ROAD, beside the photo's edges."""
OTHERS = 4
"""Other photos whose maps a map is compared with."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether the first map scores more than the other on the same photos."""

    better: str
    worse: str


def name_map(what: str, sigma: float) -> str:
    """A map by its method or control and its sigma."""
    return f"{what}, sigma {sigma:g}"


BASE = name_map("gradient", 5)
COMPARISONS = tuple(
    Comparison(*pair)
    for pair in (
        *((BASE, name_map("gradient", sigma)) for sigma in (0, 2)),
        *((name_map("gradient", sigma), BASE) for sigma in (10, 20)),
        *((name_map("gradient", sigma), CENTRE) for sigma in (5, 20)),
        *((name_map("gradient", sigma), name_map(EDGES, sigma)) for sigma in (5, 20)),
        *((name_map("gradient", sigma), name_map(OTHER, sigma)) for sigma in (5, 20)),
        *((name_map(method, SIGMAS[method][0]), BASE) for method in SIGMAS if method not in ("gradient", "smoothgrad")),
        (name_map("smoothgrad", 5), BASE),
        (name_map("smoothgrad", 5), name_map("gradient", 20)),
        (name_map("smoothgrad", 5), CENTRE),
        (name_map("grad_cam", 0), name_map("gradient", 20)),
        (name_map("grad_cam", 0), CENTRE),
    )
)
"""Made whatever the photos show; all together are corrected by Holm's method."""
