"""Which smoothing points best at what the answer loses: the score, and the command."""

import numpy as np
import pytest

import saliency_core as core
from saliency_core.photos.frame import Box
from scripts.sigmas import COMPARED, SIGMAS, main, score
from tests.conftest import PHOTOS


def test_an_order_and_its_reverse_have_opposite_scores(linear: core.Classifier) -> None:
    """What one of them shows first is what the other leaves when it hides."""
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (16, 16, 3), np.uint8)
    frame = core.Frame(pixels, Box(0, 0, 16, 16), (16, 16))
    given = (pixels - np.array(frame.mean_colour, float)).transpose(2, 0, 1) * linear.module.state_dict()["weights"][
        1
    ].numpy()
    values = given.sum(axis=0).astype(np.float32)
    forth, back = (score(linear, frame, 1, each) for each in (values, -values))
    assert forth == pytest.approx(-back, abs=1e-5)
    assert forth > 0.3


def test_the_command_tells_every_map_and_difference(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(PHOTOS), "--photos", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "1 photos, EfficientNet-Lite0"
    assert len(lines) == 1 + len(SIGMAS) + 2 + len(COMPARED)
