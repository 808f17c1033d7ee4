"""Smoothing and scales."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

import saliency_core as core
from saliency_core.methods.smoothing import CLIPPED_SHARE, normalise_values, shared_scale


def _attribution(values: np.ndarray) -> core.Attribution:
    return core.Attribution(values.astype(np.float32), 7, "max")


@pytest.fixture
def raw() -> core.Attribution:
    return _attribution(np.random.default_rng(3).gamma(0.5, size=(224, 224)))


@pytest.mark.parametrize("sigma", [0.5, 2, 5, 10, 20])
def test_equals_scipys_filter(raw: core.Attribution, sigma: float) -> None:
    smoothed = core.smooth(raw, sigma)
    np.testing.assert_array_equal(smoothed.values, gaussian_filter(raw.values, sigma))
    assert (smoothed.sigma, smoothed.target) == (sigma, 7)


def test_sigma_nought_changes_nothing(raw: core.Attribution) -> None:
    np.testing.assert_array_equal(core.smooth(raw, 0).values, raw.values)


@pytest.mark.parametrize("sigma", [1, 5, 20])
def test_keeps_the_sum(raw: core.Attribution, sigma: float) -> None:
    assert core.smooth(raw, sigma).values.sum() == pytest.approx(raw.values.sum(), rel=1e-4)


@pytest.mark.parametrize("sigma", [-1, float("nan"), float("inf"), 225])
def test_a_sigma_that_makes_no_sense_is_refused(raw: core.Attribution, sigma: float) -> None:
    with pytest.raises(core.RequestError, match="between 0 and 224"):
        core.smooth(raw, sigma)


@pytest.mark.parametrize("level", [0.0, 3.5])
def test_a_flat_map_normalises_to_zeros(level: float) -> None:
    flat = core.smooth(_attribution(np.full((32, 32), level)), 0)
    shares = normalise_values(flat.values, shared_scale([flat]))
    np.testing.assert_array_equal(shares, np.zeros((32, 32)))


def test_a_shared_scale_spans_all_maps(raw: core.Attribution) -> None:
    maps = [core.smooth(raw, sigma) for sigma in (0, 2, 5)]
    scale = shared_scale(maps)
    assert scale.low == min(each.values.min() for each in maps)
    for each in maps:
        assert (each.values > scale.high).mean() <= CLIPPED_SHARE + 1e-4
    own = shared_scale(maps[2:])
    assert own.high < scale.high


@pytest.mark.parametrize("side", [1, 2, 23, 224])
def test_the_top_of_a_scale_is_numpys_quantile(side: int) -> None:
    for seed, power in enumerate((1, 4, 12)):
        values = np.random.default_rng(seed).random((side, side)) ** power
        scale = shared_scale([core.smooth(_attribution(values), 0)])
        expected = np.quantile(values.astype(np.float32).astype(np.float64), 1 - CLIPPED_SHARE)
        assert scale.high == pytest.approx(expected, rel=2e-7)


def test_equal_values_get_equal_shares_on_one_scale(raw: core.Attribution) -> None:
    """The point of one scale: a colour means the same value in every panel."""
    scale = shared_scale([core.smooth(raw, sigma) for sigma in (0, 5)])
    value = np.full((4, 4), 0.3, np.float32)
    expected = (0.3 - scale.low) / (scale.high - scale.low)
    np.testing.assert_allclose(normalise_values(value, scale), expected, rtol=1e-5)
