"""Numbers as words."""

import re
from pathlib import Path

import pytest

from pages.ui.words import as_text
from saliency_core.methods.smoothing import Scale
from saliency_core.presentation.words import tell_scale


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (0.00005936, 0.2279, ("0.00", "0.23")),
        (0.0026, 0.11, ("0.00", "0.11")),
        (0.0012, 0.0345, ("0.001", "0.035")),
        (3.2, 41.7, ("3", "42")),
        (7.0, 1234.5, ("7", "1234")),
        (0.1, 1.0, ("0.1", "1.0")),
        (0.0, 0.0000234, ("0.000000", "0.000023")),
        (0.0, 0.000000234, ("0", "2.3e-07")),
        (-0.2279, 0.2279, ("−0.23", "0.23")),
        (0.0, 0.0, ("0", "0")),
    ],
)
def test_the_ends_of_a_scale_have_the_digits_of_the_upper_one(low: float, high: float, told: tuple[str, str]) -> None:
    assert tell_scale(Scale(low, high)) == told


@pytest.mark.parametrize(
    "name",
    [
        "my *best* photo.jpg",
        "two $a$.jpg",
        "![](https://example.org/q.png).jpg",
        "[a](b) `c` <b> :red[x] # 1.",
        "www.example.org me@example.org.jpg",
    ],
)
def test_a_files_name_is_told_letter_by_letter(name: str) -> None:
    """Each letter that Markdown could read as a sign is escaped, and nothing else is changed."""
    told = as_text(name)
    assert told.replace("\\", "").replace("\u2060", "") == name
    assert not re.search(r"://|www\.|\w@", told.replace("\\", ""))
    assert not re.search(r"(?<!\\)[*_$`\[\]()<>#:~!]", told)


SAID_MORE_THAN_WAS_FOUND = re.compile(
    r"surroundings|rel(y|ies) on (what|the region|its)|does not rely|false.alarm|map of its own"
    r"|answer depends on|face holds|knew nothing would give|enough to tell one in|carries? (the )?least evidence"
    r"|recognises? \w+ by",
    re.IGNORECASE,
)
"""Sentences that measurements did not bear out: none is to come back."""


def test_no_sentence_says_more_than_was_found() -> None:
    root = Path(__file__).parents[1]
    told = [root / "README.md", root / "dashboard.py"]
    for folder in ("docs", "pages", "saliency_core", "scripts"):
        told += [file for file in (root / folder).rglob("*") if file.suffix in {".py", ".md", ".html", ".js"}]
    told.remove(root / "saliency_core" / "masking" / "first_rule.py")  # which quotes what it found
    for file in told:
        found = SAID_MORE_THAN_WAS_FOUND.search(" ".join(file.read_text(encoding="utf-8").split()))
        assert found is None, (file, found)
    assert SAID_MORE_THAN_WAS_FOUND.search("The model relies on what was hidden")
