"""Numbers as they stand in sentences."""

import pytest

from saliency_core.text import count, duration


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.2, "1 second"),
        (89.4, "89 seconds"),
        (90, "2 minutes"),
        (100 * 60, "2 hours"),
        (5300, "88 minutes"),
        (47 * 3600, "47 hours"),
        (3 * 86_400, "3 days"),
    ],
)
def test_how_long_something_takes(seconds: float, told: str) -> None:
    assert duration(seconds) == told


def test_how_many_there_are() -> None:
    assert [count(number, "photo") for number in (0, 1, 1200)] == ["0 photos", "1 photo", "1,200 photos"]
    assert [count(number, "class", "classes") for number in (1, 2)] == ["1 class", "2 classes"]
