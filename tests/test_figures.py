"""Pictures: colours, geometry and what a saved figure holds."""

import io
from collections.abc import Callable
from dataclasses import replace

import matplotlib
import numpy as np
import pytest
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
from saliency_core.presentation.panels import draw_panels, encode_figure
from saliency_core.presentation.pictures import Picture

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


def test_a_saved_figure_opens_and_shows_every_panel(drawn: Drawn) -> None:
    photo, frame, saliency, scale = drawn
    overlay = core.draw_overlay(photo, frame, saliency, scale)
    pictures = [Picture(photo, "photo", "", ""), Picture(overlay, "sigma 0 of $a$", "", "", scale)]
    figure = draw_panels(pictures, "heading of $a$", "footer of $a$")
    drawn_texts = [text for text in figure.findobj(matplotlib.text.Text) if text.get_text()]
    texts = {text.get_text() for text in drawn_texts}
    assert {"photo", "sigma 0 of $a$", "heading of $a$", "footer of $a$"} <= texts
    assert not [text for text in drawn_texts if "$a" in text.get_text() and text.get_parse_math()]
    with Image.open(io.BytesIO(encode_figure(figure))) as picture:
        picture.load()
        assert picture.format == "PNG"
        assert picture.width > 900


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
