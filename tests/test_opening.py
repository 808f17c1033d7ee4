"""What a fresh server shows before it has imported what the pages need."""

import base64
import subprocess
import sys

import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import PHOTOS


def test_the_opening_waits_for_nothing_that_takes_long() -> None:
    code = (
        "import sys, pages.ui.opening, pages.ui.style; print(*{'torch', 'saliency_core', 'scipy'} & set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert said.stdout.split() == []


@pytest.mark.parametrize(
    ("page", "link", "sample"),
    [
        ("Guided tour", {}, "cat"),
        ("Guided tour", {"step": "5"}, None),
        ("Saliency", {"photo": "koala"}, "koala"),
        ("Saliency", {"photo": "own-0123456789abcdef"}, None),
        ("About", {}, None),
    ],
)
def test_it_shows_the_photo_that_the_page_is_about(page: str, link: dict[str, str], sample: str | None) -> None:
    app = AppTest.from_string(f"from pages.ui.opening import show_opening\nshow_opening({page!r}, {link!r})").run()
    assert app.title[0].value == page
    shown = [each.proto.body for each in app.get("html")]
    assert len(shown) == (sample is not None)
    for body in shown:
        assert base64.b64encode((PHOTOS / f"{sample}.jpg").read_bytes()).decode() in body
