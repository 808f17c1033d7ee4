"""Pictures: colours, geometry and what a saved figure holds."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D, Bbox
from PIL import Image

import saliency_core as core
from saliency_core.methods.smoothing import Scale, normalise_values
from saliency_core.presentation.colours import COLOUR_MAPS, colour_stops, colourise
from saliency_core.presentation.figures import (
    OUTSIDE_GREY,
    OUTSIDE_SHARE,
    dim_unseen,
    display_photo,
    draw_seen,
    outline_region,
)
from saliency_core.presentation.pictures import Picture
from saliency_core.presentation.slides import FIGURE_FORMATS, SLIDE, draw_slide, encode_figure

OpenSample = Callable[[str], core.Photo]
Drawn = tuple[np.ndarray, core.Frame, core.SaliencyMap, Scale]


@pytest.fixture(params=["center", "squash"])
def drawn(request: pytest.FixtureRequest, classifier: core.Classifier, sample_photo: OpenSample) -> Drawn:
    """A photo at screen size, its frame, and a map that is bright in the frame's upper left quarter."""
    photo = sample_photo("cat")
    frame = core.frame_photo(photo, classifier, request.param)
    values = np.zeros((224, 224), np.float32)
    values[:112, :112] = 1
    return display_photo(photo), frame, core.SaliencyMap(values, 0, 0), Scale(0, 1)


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_colours_are_matplotlibs(name: str) -> None:
    shares = np.linspace(0, 1, 256, dtype=np.float32)[None]
    expected = (matplotlib.colormaps[name](np.arange(256))[None, :, :3] * 255).round()
    np.testing.assert_array_equal(colourise(shares, name), expected)
    assert colour_stops(name)[0] == "#{:02x}{:02x}{:02x}".format(*expected[0, 0].astype(int))


def test_an_unknown_colour_map_is_refused() -> None:
    with pytest.raises(core.RequestError, match="viridis"):
        colourise(np.zeros((2, 2), np.float32), "jet")


def test_brightness_rises_with_the_value() -> None:
    """The strongest pixel must be the brightest, in every colour map that is offered."""
    for name in COLOUR_MAPS:
        colours = colourise(np.linspace(0, 1, 64, dtype=np.float32)[None], name)[0]
        luminance = colours @ [0.2126, 0.7152, 0.0722]
        assert (np.diff(luminance) > -0.5).all(), name


def test_the_map_lies_where_the_frame_lies(drawn: Drawn) -> None:
    photo, frame, saliency, scale = drawn
    picture = core.draw_map(photo, frame, saliency, scale)
    assert picture.shape == photo.shape
    middle = ((frame.box.left + frame.box.right) / 2, (frame.box.top + frame.box.bottom) / 2)
    luminance = picture @ [0.2126, 0.7152, 0.0722]
    inside = np.zeros(luminance.shape, bool)
    inside[round(frame.box.top) + 3 : round(middle[1]) - 3, round(frame.box.left) + 3 : round(middle[0]) - 3] = True
    assert luminance[inside].min() > 200
    right = luminance[round(frame.box.top) : round(frame.box.bottom), round(middle[0]) + 3 : round(frame.box.right) - 1]
    assert right.max() < 30


def test_a_regions_outline_lies_on_the_edge_of_what_is_hidden(drawn: Drawn) -> None:
    photo, frame, _, _ = drawn
    region = core.Region(40, 60, 80, 100)
    outlined = (outline_region(photo, frame, region) != photo).any(axis=2)
    black, white = (np.full_like(frame.pixels, level) for level in (0, 255))
    black[40:120, 60:160] = 255
    hidden = draw_seen(photo, replace(frame, pixels=black)).min(axis=2) > 127
    seen = draw_seen(photo, replace(frame, pixels=white)).min(axis=2) == 255
    rows, columns = (np.flatnonzero((hidden & seen).any(axis=axis)) for axis in (1, 0))
    drawn_rows, drawn_columns = (np.flatnonzero(outlined.any(axis=axis)) for axis in (1, 0))
    for edges, own in ((rows, drawn_rows), (columns, drawn_columns)):
        assert abs(edges[0] - own[0]) <= 2
        assert abs(edges[-1] - own[-1]) <= 2
    inside = outlined[rows[0] + 10 : rows[-1] - 10, columns[0] + 10 : columns[-1] - 10]
    assert not inside.any(), "what is outlined stays to be seen"


def test_outside_the_frame_there_is_no_map(classifier: core.Classifier, sample_photo: OpenSample) -> None:
    photo = sample_photo("cat")
    frame = core.frame_photo(photo, classifier, "center")
    saliency = core.SaliencyMap(np.ones((224, 224), np.float32), 0, 0)
    picture = core.draw_map(photo.pixels, frame, saliency, Scale(0, 1))
    assert (picture[:, : int(frame.box.left) - 1] == OUTSIDE_GREY).all()


@pytest.mark.parametrize("size", [(600, 900), (900, 600), (400, 400)])
def test_what_the_model_does_not_see_is_dimmed_to_the_last_row_and_column(
    classifier: core.Classifier, size: tuple[int, int]
) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    frame = core.frame_photo(core.Photo(pixels, ""), classifier, "center")
    picture = dim_unseen(pixels, frame)
    share = OUTSIDE_SHARE / 256
    dimmed = np.abs(picture - (share * pixels + (1 - share) * OUTSIDE_GREY)).max(axis=2) <= 0.51
    rows, columns = (~dimmed).nonzero()
    top, left = round(frame.box.top), round(frame.box.left)
    bottom, right = round(frame.box.bottom), round(frame.box.right)
    assert (rows.min(), columns.min(), rows.max() + 1, columns.max() + 1) == (top, left, bottom, right)
    np.testing.assert_array_equal(picture[top:bottom, left:right], pixels[top:bottom, left:right])


def test_opacity_blends_from_photo_to_map(drawn: Drawn) -> None:
    photo, frame, saliency, scale = drawn
    rows = slice(round(frame.box.top) + 1, round(frame.box.bottom) - 1)
    columns = slice(round(frame.box.left) + 1, round(frame.box.right) - 1)
    nothing = core.draw_overlay(photo, frame, saliency, scale, opacity=0)
    everything = core.draw_overlay(photo, frame, saliency, scale, opacity=1)
    np.testing.assert_array_equal(nothing[rows, columns], photo[rows, columns])
    alone = core.draw_map(photo, frame, saliency, scale)
    np.testing.assert_array_equal(everything[rows, columns], alone[rows, columns])
    for opacity in (0.05, 0.5, 0.6, 0.95):  # of each, the nearest of 256 levels
        overlay = core.draw_overlay(photo, frame, saliency, scale, opacity=opacity)
        blend = (1 - opacity) * photo[rows, columns] + opacity * alone[rows, columns]
        assert np.abs(overlay[rows, columns] - blend).max() <= 0.5 + 1e-6
    with pytest.raises(core.RequestError, match="between 0 and 1"):
        core.draw_overlay(photo, frame, saliency, scale, opacity=1.5)


def test_a_large_photo_is_shrunk_for_the_screen_and_a_small_one_left() -> None:
    photo = core.Photo(np.zeros((3000, 2000, 3), np.uint8), "")
    assert display_photo(photo, 1024).shape == (1024, 683, 3)
    small = core.Photo(np.zeros((30, 20, 3), np.uint8), "")
    assert display_photo(small, 1024) is small.pixels


OUTSIDE = "of $a$ <b> & “写”"
TOLD = "of $a$ <b> & “□”"


def _slide(drawn: Drawn, count: int = 1) -> Figure:
    photo, frame, saliency, scale = drawn
    overlay = core.draw_overlay(photo, frame, saliency, scale)
    maps = [Picture(overlay, f"sigma {number} {OUTSIDE}", "a caption", "", scale) for number in range(count)]
    pictures = [Picture(photo, "photo", "", ""), *maps]
    return draw_slide(pictures, f"heading {OUTSIDE}", f"lead {OUTSIDE}", f"footer {OUTSIDE}")


def test_a_slide_is_as_large_as_a_projector_and_shows_every_text_letter_by_letter(drawn: Drawn) -> None:
    figure = _slide(drawn)
    texts = [text for text in figure.findobj(matplotlib.text.Text) if text.get_text()]
    told = {text.get_text() for text in texts}
    assert {"photo", f"sigma 0 {TOLD}", f"heading {TOLD}", f"lead {TOLD}", f"footer {TOLD}", "0.0", "≥ 1.0"} <= told
    assert not [text for text in texts if "$a" in text.get_text() and text.get_parse_math()]
    with Image.open(io.BytesIO(encode_figure(figure))) as picture:
        picture.load()
        assert (picture.format, picture.size) == ("PNG", (1920, 1080))


@pytest.mark.parametrize("count", [1, 3, 9])
def test_pictures_on_a_slide_are_legible_and_keep_apart(drawn: Drawn, count: int) -> None:
    """In inches: each picture in its own proportions, its colour bar exactly as wide, and nothing on anything."""
    photo = drawn[0]
    figure = _slide(drawn, count)
    boxes = [axes.get_position().transformed(Affine2D().scale(*SLIDE)) for axes in figure.axes]
    bars, pictures = [box for box in boxes if box.height < 0.2], [box for box in boxes if box.height >= 0.2]
    assert (len(bars), len(pictures)) == (count, count + 1)
    for bar, picture in zip(bars, pictures[1:], strict=True):
        assert (bar.x0, bar.x1) == pytest.approx((picture.x0, picture.x1))
        assert 0 < picture.y0 - bar.y1 < 0.1
    for picture in pictures:
        assert picture.width / picture.height == pytest.approx(photo.shape[1] / photo.shape[0])
        assert picture.width > 1.6  # 230 pixels of 1920
    shown = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    words = [text.get_window_extent(shown) for text in figure.texts]
    drawn_boxes = [Bbox(box.get_points() * figure.dpi) for box in boxes]
    for one, other in combinations((*words, *drawn_boxes), 2):
        shared = Bbox.intersection(one, other)
        assert shared is None or min(shared.width, shared.height) < 2, (one, other)
    for box in (*words, *drawn_boxes):
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= SLIDE[0] * figure.dpi
        assert box.y1 <= SLIDE[1] * figure.dpi


def test_drawings_keep_their_text_ask_nobody_and_are_the_same_again(drawn: Drawn) -> None:
    for kind in FIGURE_FORMATS:
        assert encode_figure(_slide(drawn), kind) == encode_figure(_slide(drawn), kind), kind
    svg = encode_figure(_slide(drawn), "svg")
    root = ElementTree.fromstring(svg)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    assert width / height == pytest.approx(16 / 9, abs=1e-3)
    tag = "{http://www.w3.org/2000/svg}"
    assert f"heading {TOLD}" in {text.text for text in root.iter(f"{tag}text")}
    images = list(root.iter(f"{tag}image"))
    assert len(images) == 3
    for element in root.iter():
        for name, value in element.attrib.items():
            if name.endswith("href"):
                assert value.startswith(("data:image/png;base64,", "#")), value[:80]
    assert b"<!DOCTYPE" not in svg
    assert b"@import" not in svg
    assert re.findall(rb"url\((?!#)", svg) == []
    pdf = encode_figure(_slide(drawn), "pdf")
    assert pdf.startswith(b"%PDF")
    assert pdf.rstrip().endswith(b"%%EOF")
    assert b"CreationDate" not in pdf
    assert b"/FontFile2" in pdf  # text as letters of a font, not as shapes
    (box,) = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", pdf)
    assert [float(side) for side in box] == [960, 540]


@pytest.mark.parametrize("scale", [Scale(0.1, 0.7), Scale(0.3, 0.3)])
def test_a_maps_colours_are_those_of_its_shares_of_the_scale(drawn: Drawn, scale: Scale) -> None:
    photo, frame, _, _ = drawn
    values = np.random.default_rng(0).random((224, 224), np.float32)
    picture = core.draw_map(photo, frame, core.SaliencyMap(values, 0, 0), scale)
    rows, columns = (picture != OUTSIDE_GREY).any(axis=2).nonzero()
    part = picture[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    enlarged = np.asarray(Image.fromarray(values).resize(part.shape[1::-1], Image.Resampling.BILINEAR))
    numbers = {tuple(colour): number for number, colour in enumerate(_all_colours())}
    drawn_numbers = np.array([numbers[tuple(colour)] for colour in part.reshape(-1, 3)])
    expected = 255 * normalise_values(enlarged, scale).ravel()
    assert np.abs(drawn_numbers - expected).max() <= 0.51


def _all_colours() -> np.ndarray:
    colours: np.ndarray = colourise(np.linspace(0, 1, 256, dtype=np.float32)[None])[0]
    return colours
