"""Pictures beside each other as one figure, to save as PNG."""

import io
import textwrap
from collections.abc import Sequence
from dataclasses import replace

from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from saliency_core.masking.experiment import Experiment
from saliency_core.methods.registry import find_method
from saliency_core.methods.smoothing import SaliencyMap, Scale
from saliency_core.models.prediction import Prediction
from saliency_core.presentation.captions import (
    CROP_MODE_NAMES,
    FILL_CAPTIONS,
    PARTS,
    describe_class,
    describe_method,
    describe_sigma,
)
from saliency_core.presentation.case import PLAIN, Case, MapStyle
from saliency_core.presentation.masking_pictures import each_view, map_pictures, seen_pictures
from saliency_core.presentation.pictures import Picture
from saliency_core.presentation.pieces import arrange_cells
from saliency_core.presentation.saliency_pictures import overlay_pictures, photo_picture
from saliency_core.text import cut, percent

SLIDE = (13.33, 7.5)
"""Width and height of a slide in inches, 16 to 9."""


def saliency_figure(case: Case, prediction: Prediction, maps: Sequence[SaliencyMap], style: MapStyle = PLAIN) -> Figure:
    """The photo and each of one or more maps of one class over it, side by side.

    prediction: of the case's frame.

    Raises RequestError for an impossible style.
    """
    first = maps[0]
    heading = (
        f"Where {case.classifier.title} looks for {describe_class(case, first.target, prediction)}: "
        f"{describe_method(first.method, first.reduction)}"
    )
    pictures = (photo_picture(case), *overlay_pictures(case, maps, style, prediction))
    footer = ("Sigma: smoothing of the map, in pixels of what the model sees", *_tell_source(case, first.method))
    return draw_panels(pictures, heading, " · ".join(footer))


def masking_figure(case: Case, experiment: Experiment, sigma: float) -> Figure:
    """The three views of an experiment, and the map of each below it, on one colour scale.

    sigma: smoothing of the maps, in frame pixels.

    Raises RequestError for an impossible sigma.
    """
    views, target = experiment.views, experiment.target
    seen = seen_pictures(case, views, experiment.regions, experiment.declared)
    pictures = []
    for picture, view in zip(seen, each_view(views), strict=True):
        best = view.prediction.top(1)[0].index
        line = describe_class(case, target, view.prediction)
        line += "" if best == target else f"; best: {describe_class(case, best, view.prediction)}"
        pictures.append(replace(picture, title=f"{picture.title}\n{line}"))
    pictures += map_pictures(case, views, seen, sigma)
    attribution = views.original.attribution
    cells = [f"{title}: {percent(share)}" for title, share in arrange_cells(views)]
    footer = (
        *experiment.verdict.limits,
        *(cells if experiment.declared == "object" else ()),
        f"Maps: {case.classifier.title}, {describe_method(attribution.method, attribution.reduction)}, "
        f"{describe_sigma(sigma)}",
        f"hidden pixels become {FILL_CAPTIONS[experiment.fill]}",
        *_tell_source(case, attribution.method),
    )
    return draw_panels(pictures, experiment.verdict.sentence, " · ".join(footer), columns=len(PARTS), size=SLIDE)


def draw_panels(
    pictures: Sequence[Picture],
    heading: str,
    footer: str,
    columns: int | None = None,
    size: tuple[float, float] | None = None,
) -> Figure:
    """Pictures in rows of `columns` (all in one row if None), each with its title and colour bar; text from
    outside is drawn letter by letter.

    size: width and height in inches; None for what the pictures take.
    """
    columns = columns or len(pictures)
    rows = -(-len(pictures) // columns)
    panel_width = 3.6
    panel_height = panel_width / pictures[0].ratio + 0.8
    size = size or (panel_width * columns, panel_height * rows + 0.9)
    figure = Figure(figsize=size, layout="constrained")
    # Between two dollar signs Matplotlib would read a formula.
    figure.suptitle(textwrap.fill(heading, round(9.5 * size[0])), fontsize=13, parse_math=False)
    figure.supxlabel(textwrap.fill(footer, round(16.5 * size[0])), fontsize=8, color="0.35", parse_math=False)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid:
        axes.set_axis_off()
    for axes, picture in zip(grid, pictures, strict=False):
        axes.imshow(picture.pixels)
        axes.set_title(picture.title, fontsize=10, parse_math=False)
        scale = picture.scale or Scale(0, 1)
        bar = figure.colorbar(
            ScalarMappable(Normalize(scale.low, scale.high), picture.colour_map),
            ax=axes,
            orientation="horizontal",
            extend="max",
            fraction=0.05,
            pad=0.02,
        )
        bar.ax.tick_params(labelsize=7)
        # A photo has no scale, but keeps the room of one, so that it lines up with the maps.
        bar.ax.set_visible(picture.scale is not None)
    return figure


def encode_figure(figure: Figure, dots_per_inch: int = 150) -> bytes:
    """The figure as a PNG file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dots_per_inch)
    return buffer.getvalue()


def _tell_source(case: Case, method: str) -> tuple[str, ...]:
    """Where the pictures come from, and what their colours measure."""
    source = ", ".join(filter(None, (f"“{case.name}”", cut(case.credit, 160))))
    return f"colours: {find_method(method).unit}", f"crop mode: {CROP_MODE_NAMES[case.frame.crop_mode]}", source
