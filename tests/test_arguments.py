"""What a notebook hands over is taken as what it means, or refused in a sentence that says what to do."""

import array
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import saliency_core as core
from saliency_core.masking.controls import run_controls
from saliency_core.masking.placements import MOST_CONTROLS, place_controls
from saliency_core.methods.smoothing import shared_scale, smooth_all
from saliency_core.photos.fills import fill_pixels
from saliency_core.photos.frame import Box
from saliency_core.photos.regions import covered
from tests.conftest import PHOTOS

OpenSample = Callable[[str], core.Photo]
SIDE = 16
REGION = core.Region(2, 3, 5, 6)
KOALA = PHOTOS / "koala.jpg"


@pytest.fixture
def frame() -> core.Frame:
    pixels = np.random.default_rng(5).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    return core.Frame(pixels, Box(0, 0, SIDE, SIDE), (SIDE, SIDE))


@pytest.fixture(scope="module")
def photo() -> core.Photo:
    return core.decode_photo(KOALA.read_bytes())


@pytest.fixture
def raw() -> core.Attribution:
    return core.Attribution(np.random.default_rng(3).random((SIDE, SIDE), np.float32), 1, "max")


FRAME_USES: dict[str, Callable[[core.Classifier, Any], object]] = {
    "classify": core.classify,
    "attribute": core.attribute,
    "explain": core.explain,
    "hide": lambda _, frame: core.hide(frame, [REGION]),
    "keep_only": lambda _, frame: core.keep_only(frame, [REGION]),
    "fill_pixels": lambda _, frame: fill_pixels(frame, "grey"),
    "run_experiment": lambda classifier, frame: core.run_experiment(classifier, frame, [REGION]),
    "experiment_stages": lambda classifier, frame: list(core.experiment_stages(classifier, frame, [REGION])),
    "compare_fills": lambda classifier, frame: core.compare_fills(classifier, frame, [REGION]),
    "run_controls": lambda classifier, frame: run_controls(classifier, frame, [(REGION,)], "black", 0),
}


@pytest.mark.parametrize("use", FRAME_USES.values(), ids=FRAME_USES)
def test_only_a_frame_is_a_frame(
    linear: core.Classifier, photo: core.Photo, use: Callable[[core.Classifier, Any], object]
) -> None:
    for other in (photo, photo.pixels, None, "koala.jpg"):
        with pytest.raises(core.RequestError, match=r"Models look at frames.* frame_photo\(\) makes"):
            use(linear, other)


def test_only_a_classifier_is_a_classifier(linear: core.Classifier, frame: core.Frame, photo: core.Photo) -> None:
    for act in (core.classify, core.attribute):
        with pytest.raises(core.RequestError, match="needs a Classifier, not a Frame"):
            act(frame, linear)  # type: ignore[arg-type]
    with pytest.raises(core.RequestError, match="needs a Classifier, not 'efficientnet_lite0'"):
        core.frame_photo(photo, "efficientnet_lite0")  # type: ignore[arg-type]
    with pytest.raises(core.RequestError, match="needs a Photo"):
        core.frame_photo(KOALA, linear)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "pixels", [np.zeros((4, 4, 3)), np.zeros((4, 5, 3), np.uint8), np.zeros((4, 4), np.uint8), [[0]], None]
)
def test_a_frame_of_other_pixels_is_refused(pixels: Any) -> None:
    with pytest.raises(core.RequestError, match=r"8-bit unsigned numbers, \[side, side, 3\]"):
        core.Frame(pixels, Box(0, 0, 4, 4), (4, 4))


INTEGERS = [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64]


@pytest.mark.parametrize("kind", INTEGERS)
def test_a_region_of_numpy_integers_is_the_region(kind: type[np.integer[Any]]) -> None:
    edges = (100, 120, 110, 90)  # in 8 bits their sums wrap
    region = core.Region(*(kind(edge) for edge in edges))  # type: ignore[arg-type]
    assert region == core.Region(*edges)
    assert {type(edge) for edge in (region.top, region.left, region.height, region.width)} == {int}
    np.testing.assert_array_equal(covered(224, [region]), covered(224, [core.Region(*edges)]))


def test_numbers_that_wrap_in_eight_bits_are_refused_where_they_lie_beyond_the_frame() -> None:
    with pytest.raises(core.RequestError, match="columns 178 to 281 reaches beyond"):
        covered(224, [core.Region(*np.array([52, 178, 49, 103], np.uint8))])


@pytest.mark.parametrize("edge", [52.0, np.float32(52), "52", None, True, [52], 52 + 0j])
def test_a_regions_edges_are_whole_numbers(edge: Any) -> None:
    with pytest.raises(core.RequestError, match="height must be a whole number of pixels"):
        core.Region(0, 0, edge, 5)


@pytest.mark.parametrize(
    "regions",
    [[(2, 3, 5, 6)], [[2, 3, 5, 6]], (2, 3, 5, 6), np.array([[2, 3, 5, 6]]), [REGION, None], None, 5, "head"],
    ids=repr,
)
def test_what_is_no_region_is_refused(linear: core.Classifier, frame: core.Frame, regions: Any) -> None:
    for act in (
        lambda: covered(SIDE, regions),
        lambda: core.hide(frame, regions),
        lambda: core.keep_only(frame, regions),
        lambda: core.run_experiment(linear, frame, regions),
        lambda: core.compare_fills(linear, frame, regions),
        lambda: place_controls(SIDE, regions, 3),
    ):
        with pytest.raises(core.RequestError, match=r"Region\(top, left, height, width\)"):
            act()


def test_one_region_counts_as_one_of_several(linear: core.Classifier, frame: core.Frame) -> None:
    generated: Callable[[], Iterator[core.Region]] = lambda: (each for each in [REGION])  # noqa: E731
    for change in (core.hide, core.keep_only):
        for regions in (REGION, generated()):
            np.testing.assert_array_equal(change(frame, regions).pixels, change(frame, [REGION]).pixels)
    expected = core.run_experiment(linear, frame, [REGION], n_controls=5)
    for regions in (REGION, generated()):
        found = core.run_experiment(linear, frame, regions, n_controls=5)
        assert (found.regions, found.placements, found.verdict) == (
            expected.regions,
            expected.placements,
            expected.verdict,
        )
    assert place_controls(SIDE, REGION, 3) == place_controls(SIDE, [REGION], 3)


@pytest.mark.parametrize("seed", [None, -1, 1.0, "1", True, [1], np.float64(1), np.random.default_rng(1)], ids=repr)
def test_a_seed_that_could_not_be_repeated_is_refused(linear: core.Classifier, frame: core.Frame, seed: Any) -> None:
    for act in (
        lambda: core.hide(frame, [REGION], "noise", seed),
        lambda: core.keep_only(frame, [REGION], "black", seed),
        lambda: core.run_experiment(linear, frame, [REGION], seed=seed),
        lambda: core.compare_fills(linear, frame, [REGION], seed=seed),
        lambda: place_controls(SIDE, [REGION], 3, seed),
        lambda: run_controls(linear, frame, [(REGION,)], "black", 0, seed),
    ):
        with pytest.raises(core.RequestError, match="seed, by which a result can be repeated, must be a whole number"):
            act()


@pytest.mark.parametrize("kind", INTEGERS)
def test_a_seed_of_numpy_is_that_seed(linear: core.Classifier, frame: core.Frame, kind: type[np.integer[Any]]) -> None:
    plain = core.run_experiment(linear, frame, [REGION], "noise", n_controls=4, seed=7)
    other = core.run_experiment(linear, frame, [REGION], "noise", n_controls=kind(4), seed=kind(7))  # type: ignore[arg-type]
    np.testing.assert_array_equal(other.controls.hidden, plain.controls.hidden)
    assert (type(other.seed), type(other.n_controls)) == (int, int)


@pytest.mark.parametrize("target", ["koala", 1.0, np.float32(1), True, [1], np.array([1, 2]), 3, -1, np.int64(-1)])
def test_what_is_no_class_is_refused(linear: core.Classifier, frame: core.Frame, target: Any) -> None:
    prediction = core.classify(linear, frame)
    for act in (
        lambda: core.attribute(linear, frame, target),
        lambda: core.explain(linear, frame, target),
        lambda: core.run_experiment(linear, frame, [REGION], target=target),
        lambda: core.compare_fills(linear, frame, [REGION], target=target),
        lambda: run_controls(linear, frame, [(REGION,)], "black", target),
        lambda: prediction.guess(target),
        lambda: prediction.rank(target),
    ):
        with pytest.raises(core.RequestError, match=r"A class is given by its index|There is no class"):
            act()


def test_a_target_of_argmax_is_taken(linear: core.Classifier, frame: core.Frame) -> None:
    prediction = core.classify(linear, frame)
    best = np.argmax(prediction.logits)
    raw = core.attribute(linear, frame, best)  # type: ignore[arg-type]
    assert (raw.target, type(raw.target)) == (prediction.top(1)[0].index, int)
    experiment = core.run_experiment(linear, frame, [REGION], target=best, n_controls=3)  # type: ignore[arg-type]
    assert type(experiment.target) is int
    assert prediction.rank(best) == 1  # type: ignore[arg-type]
    assert type(prediction.guess(best).index) is int  # type: ignore[arg-type]


@pytest.mark.parametrize("k", [-1, 2.0, "2", None])
def test_how_many_guesses_is_a_whole_number(linear: core.Classifier, frame: core.Frame, k: Any) -> None:
    prediction = core.classify(linear, frame)
    assert len(prediction.top(np.int8(2))) == 2  # type: ignore[arg-type]
    with pytest.raises(core.RequestError, match="How many classes"):
        prediction.top(k)


@pytest.mark.parametrize("data", [str(KOALA), KOALA, None, 5, KOALA.read_bytes()[:20].hex(), array.array("B", [1])])
def test_a_photo_is_made_of_bytes_not_of_a_name(data: Any) -> None:
    with pytest.raises(core.PhotoError, match=r"bytes of a file, not a .*read_bytes\(\)"):
        core.decode_photo(data)


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_bytes_of_any_kind_are_a_photo(photo: core.Photo, kind: Callable[[bytes], Any]) -> None:
    again = core.decode_photo(kind(KOALA.read_bytes()))
    assert again.digest == photo.digest
    np.testing.assert_array_equal(again.pixels, photo.pixels)
    with pytest.raises(core.PhotoError, match="empty"):
        core.decode_photo(kind(b""))


@pytest.mark.parametrize("sigma", ["5", float("nan"), np.float32("nan"), float("inf"), -1, None, True, [5], 5j, 17])
def test_a_sigma_that_is_no_number_in_range_is_refused(raw: core.Attribution, sigma: Any) -> None:
    for act in (lambda: core.smooth(raw, sigma), lambda: smooth_all(raw, [1, sigma])):
        with pytest.raises(core.RequestError, match="Sigma must be between 0 and 16 pixels"):
            act()


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, np.int8, np.uint8])
def test_a_sigma_of_numpy_is_that_sigma(raw: core.Attribution, kind: type[np.number[Any]]) -> None:
    smoothed = core.smooth(raw, kind(2))  # type: ignore[arg-type]
    np.testing.assert_array_equal(smoothed.values, core.smooth(raw, 2).values)
    assert type(smoothed.sigma) is float


def test_only_an_attribution_is_smoothed(raw: core.Attribution, frame: core.Frame) -> None:
    for other in (frame, raw.values, core.smooth(raw, 2), None):
        with pytest.raises(core.RequestError, match=r"Only an Attribution can be smoothed.*attribute\(\)"):
            core.smooth(other, 2)  # type: ignore[arg-type]


def test_several_sigmas_come_in_any_iterable(raw: core.Attribution) -> None:
    expected = [core.smooth(raw, sigma).values for sigma in (1, 2, 1)]
    for sigmas in ([1, 2, 1], iter([1, 2, 1]), np.array([1, 2, 1]), (sigma for sigma in (1, 2, 1))):
        for smoothed, values in zip(smooth_all(raw, sigmas), expected, strict=True):
            np.testing.assert_array_equal(smoothed.values, values)
    with pytest.raises(core.RequestError, match="several sigmas"):
        smooth_all(raw, 5)  # type: ignore[arg-type]
    with pytest.raises(core.RequestError, match="at least one"):
        shared_scale(smooth_all(raw, []))


@pytest.mark.parametrize("count", [-1, 4.0, "4", True, None, [4], MOST_CONTROLS + 1, 10**30])
def test_how_many_controls_is_a_whole_number(linear: core.Classifier, frame: core.Frame, count: Any) -> None:
    for act in (
        lambda: core.run_experiment(linear, frame, [REGION], n_controls=count),
        lambda: core.compare_fills(linear, frame, [REGION], n_controls=count),
        lambda: place_controls(SIDE, [REGION], count),
    ):
        with pytest.raises(core.RequestError, match="n_controls, must be a whole number from 0 to 10,000"):
            act()


def test_no_control_is_a_number_of_controls(linear: core.Classifier, frame: core.Frame) -> None:
    experiment = core.run_experiment(linear, frame, [REGION], n_controls=0)
    assert (experiment.n_controls, experiment.placements, len(experiment.controls.hidden)) == (0, (), 0)


def test_nothing_is_asked_of_the_model_before_the_arguments_are_right(
    frame: core.Frame, linear: core.Classifier
) -> None:
    asked: list[object] = []

    def ask(step: object, make: Callable[[], Any]) -> Any:
        asked.append(step)
        return make()

    wrongs: list[dict[str, Any]] = [{"seed": None}, {"n_controls": -1}, {"fill": "pink"}, {"compared": ["pink"]}]
    for wrong in (*wrongs, {"placements": [()]}):
        with pytest.raises(core.RequestError):
            list(core.experiment_stages(linear, frame, [REGION], ask=ask, **wrong))
    assert asked == []


@pytest.mark.parametrize("value", [["max"], None, {}, 5, b"max", np.array(["max", "black"])], ids=repr)
def test_a_choice_of_another_kind_is_refused(
    linear: core.Classifier, frame: core.Frame, photo: core.Photo, value: Any
) -> None:
    for what, act in (
        ("crop mode", lambda: core.frame_photo(photo, linear, value)),
        ("fill", lambda: core.hide(frame, [REGION], value)),
        ("fill", lambda: core.run_experiment(linear, frame, [REGION], value)),
        ("channel reduction", lambda: core.attribute(linear, frame, 0, reduction=value)),
        ("method", lambda: core.attribute(linear, frame, 0, value)),
        ("model", lambda: core.load_classifier(value)),
    ):
        with pytest.raises(core.RequestError, match=f"There is no {what} called .*; use one of "):
            act()


@pytest.mark.parametrize("device", [["cpu"], None, {}, 5.5, "gpu", ""], ids=repr)
def test_a_device_of_another_kind_is_refused(device: Any) -> None:
    with pytest.raises(core.RequestError, match="auto"):
        core.load_classifier("efficientnet_lite0", device=device)


def test_choices_of_numpy_are_those_choices(linear: core.Classifier, frame: core.Frame) -> None:
    words: Any = np.array(["black", "l2"])
    fill, reduction = words
    experiment = core.run_experiment(linear, frame, [REGION], fill, n_controls=0)
    assert type(experiment.fill) is str
    assert type(core.attribute(linear, frame, 0, reduction=reduction).reduction) is str


def test_what_a_notebook_shows_of_a_result_is_short(classifier: core.Classifier, sample_photo: OpenSample) -> None:
    frame = core.frame_photo(sample_photo("koala"), classifier)
    for each in (classifier, core.classify(classifier, frame), frame, core.attribute(classifier, frame)):
        assert len(repr(each)) < 1500


def test_a_message_stays_short_whatever_is_handed_over(linear: core.Classifier, frame: core.Frame) -> None:
    for act in (
        lambda: core.attribute(linear, frame, "x" * 10_000),  # type: ignore[arg-type]
        lambda: core.hide(frame, np.zeros((1000, 1000))),
        lambda: core.hide(frame, [REGION], list(range(1000))),  # type: ignore[arg-type]
    ):
        with pytest.raises(core.RequestError) as caught:
            act()
        assert len(str(caught.value)) < 250
