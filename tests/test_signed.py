"""Maps with signs: one scale around zero, colours of their own, and words for both ends."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

import saliency_core as core
from saliency_core.methods.smoothing import CLIPPED_SHARE, Scale, shared_scale
from saliency_core.presentation.captions import name_sides, tell_reading, tell_signs
from saliency_core.presentation.case import MapStyle
from saliency_core.presentation.colours import COLOUR_MAPS, SIGNED_COLOURS, colourise
from saliency_core.presentation.live import pack_map
from saliency_core.presentation.masking_pictures import map_pictures, seen_pictures
from saliency_core.presentation.panels import saliency_figure
from saliency_core.presentation.saliency_pictures import saliency_pictures
from saliency_core.presentation.words import describe_scale, tell_marks, tell_range

OpenSample = Callable[[str], core.Photo]


def make(values: np.ndarray, reduction: str = "signed") -> core.Attribution:
    return core.Attribution(values.astype(np.float32), 105, reduction)  # type: ignore[arg-type]


@pytest.fixture
def raw() -> core.Attribution:
    return make(np.random.default_rng(0).normal(0.2, size=(224, 224)) ** 3)


@pytest.fixture(scope="module")
def koala(classifier: core.Classifier, sample_photo: OpenSample) -> core.Case:
    photo = sample_photo("koala")
    return core.Case(photo.pixels, "Koala", "", classifier, core.frame_photo(photo, classifier))


def unpack(about: dict[str, object], levels: bytes) -> np.ndarray:
    """What unpack() of smoothing.js does."""
    kind, most = ("<i2", 32767) if about["signed"] else ("<u2", 65535)
    return np.frombuffer(levels, kind).astype(np.float64) / most * float(str(about["peak"]))


@pytest.mark.parametrize("reduction", ["signed", "max"])
def test_a_packed_map_is_unpacked_to_what_it_was(raw: core.Attribution, reduction: str) -> None:
    values = raw.values if reduction == "signed" else np.abs(raw.values)
    about, levels = pack_map(make(values, reduction))
    assert about == {"side": 224, "peak": pytest.approx(np.abs(values).max()), "signed": reduction == "signed"}
    np.testing.assert_allclose(unpack(about, levels).reshape(224, 224), values, atol=np.abs(values).max() / 65000)


def test_the_least_value_packs_as_well_as_the_largest() -> None:
    about, levels = pack_map(make(np.array([[-4.0, 0], [1, 2]])))
    np.testing.assert_allclose(unpack(about, levels), [-4, 0, 1, 2], atol=4 / 65000)


def test_the_scale_is_as_wide_below_zero_as_above(raw: core.Attribution) -> None:
    smoothed = core.smooth(raw, 2)
    scale = shared_scale([smoothed])
    assert scale.low == -scale.high
    assert scale.signed
    assert (np.abs(smoothed.values) > scale.high).mean() == pytest.approx(CLIPPED_SHARE, abs=1e-4)
    assert shared_scale([core.smooth(make(np.zeros((8, 8))), 0)]) == Scale(-1, 1)
    assert not shared_scale([core.smooth(make(np.abs(raw.values), "max"), 2)]).signed


def test_zero_is_pale_and_the_ends_are_warm_above_and_cold_below(koala: core.Case) -> None:
    middles = []
    for value in (-2.0, 0.0, 2.0):
        saliency = core.smooth(make(np.full((224, 224), value)), 0)
        drawn = core.draw_map(koala.photo, koala.frame, saliency, shared_scale([saliency]))
        middles.append([int(part) for part in drawn[drawn.shape[0] // 2, drawn.shape[1] // 2]])
    cold, pale, warm = middles
    assert cold[2] > 1.5 * cold[0]
    assert min(pale) > 240
    assert warm[0] > 2 * max(warm[1:])
    shades = colourise(np.linspace(0, 1, 256, dtype=np.float32)[None], SIGNED_COLOURS)[0]
    luminance = shades @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(luminance[:128]) > -0.5).all()
    assert (np.diff(luminance[128:]) < 0.5).all()


@pytest.mark.parametrize("chosen", COLOUR_MAPS)
def test_signed_maps_have_one_look_whatever_is_chosen_for_the_others(
    koala: core.Case, raw: core.Attribution, chosen: str
) -> None:
    saliency = core.smooth(raw, 5)
    scale = shared_scale([saliency])
    drawn = core.draw_overlay(koala.photo, koala.frame, saliency, scale, chosen)
    np.testing.assert_array_equal(drawn, core.draw_overlay(koala.photo, koala.frame, saliency, scale))
    small = replace(koala, photo=koala.photo[::4, ::4])
    prediction = core.classify(koala.classifier, koala.frame)
    _, over, alone = saliency_pictures(small, [saliency], MapStyle(chosen), prediction=prediction)
    assert {over.colour_map, alone.colour_map} == {SIGNED_COLOURS}
    assert over.sides == alone.sides == ("against it", "for it")
    _, plain, _ = saliency_pictures(
        small, [replace(saliency, reduction="max")], MapStyle(chosen), prediction=prediction
    )
    assert (plain.colour_map, plain.sides) == (chosen, ())


def test_words_say_which_end_is_which(koala: core.Case, raw: core.Attribution) -> None:
    saliency = core.smooth(raw, 5)
    scale = Scale(-0.2279, 0.2279)
    assert tell_marks(scale) == ("≤ −0.23", "0", "≥ 0.23")
    assert tell_marks(Scale(0, 0.2279)) == ("0.00", "≥ 0.23")
    sides = name_sides(koala, saliency)
    told = "Colour scale from −0.23 and less, against it, over 0 to 0.23 and more, for it"
    assert describe_scale(scale, sides) == told
    assert describe_scale(Scale(0, 0.2279)) == "Colour scale from 0.00 to 0.23 and more"
    assert "(red) speak for “koala”, cold ones (blue) against it" in tell_signs(koala, saliency)
    assert tell_signs(koala, saliency) in tell_reading(koala, [saliency], one_scale=False)
    assert tell_signs(koala, replace(saliency, reduction="max")) == ""
    assert tell_range(np.array([[-0.5, 0.25]], np.float32), signed=True) == "−0.5 to 0.25"
    assert tell_range(np.array([[0, 0.25]], np.float32), signed=False) == "0.25"


@pytest.mark.parametrize("kind", ["signed", "contrast"])
def test_slides_and_reports_have_both_ends_and_the_words(koala: core.Case, raw: core.Attribution, kind: str) -> None:
    prediction = core.classify(koala.classifier, koala.frame)
    attribution = raw
    title, sides = "Pixels that the score of “koala” reacts to", ("against it", "for it")
    if kind == "contrast":
        attribution = core.contrast(make(np.abs(raw.values), "max"), replace(make(raw.values**2, "max"), target=106))
        title = "Where the map of “koala” differs from that of “wombat”"
        sides = ("more of “wombat”", "more of “koala”")
    maps = [core.smooth(attribution, sigma) for sigma in (0, 5)]
    slide = saliency_figure(koala, prediction, maps)
    written = [text.get_text() for text in slide.texts]
    for words in (title, *sides, "0"):
        assert words in written, words
    assert " ".join(tell_signs(koala, maps[0]).split()) in " ".join(written)
    for each in maps:
        low, zero, high = tell_marks(shared_scale([each]))
        assert {low, zero, high} <= set(written)
    document = core.saliency_report(koala, prediction, attribution, [0, 5], date(2026, 1, 2))
    for words in (title, *sides, SIGNED_COLOURS, "Least and largest value", "as far below 0 as above"):
        assert words in document, words
    assert "magma" not in document


def test_maps_of_a_masking_experiment_keep_their_signs(koala: core.Case) -> None:
    experiment = core.run_experiment(koala.classifier, koala.frame, [core.Region(50, 50, 80, 80)], n_controls=19)
    views = experiment.views
    signed = replace(views.original.attribution, reduction="signed")
    turned = replace(views, original=replace(views.original, attribution=signed))
    seen = seen_pictures(koala, turned, experiment.regions)
    assert map_pictures(koala, turned, seen, 5)[0].colour_map == SIGNED_COLOURS
