"""People's own photos: found again by their browser alone, told of in links and never shown as somebody else's."""

import hashlib
from collections.abc import Iterator

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from pages.ui import session, uploads
from pages.ui.keeping import Keeper
from pages.ui.samples import Source
from pages.ui.shell import NOT_HERE
from tests.conftest import PHOTOS
from tests.test_pages import offline as offline
from tests.test_pages import open_dashboard, pictures, texts

ESPRESSO = (PHOTOS / "espresso.jpg").read_bytes()
NAME = f"own-{hashlib.sha256(ESPRESSO).hexdigest()[:16]}"
LINK = {
    "model": "efficientnet_lite0",
    "photo": NAME,
    "class": "605",
    "regions": "10-20-30-40",
    "declared": "part",
    "crop_mode": "squash",
}


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    uploads.forget()
    yield
    uploads.forget()


def upload(app: AppTest, name: str, data: bytes) -> AppTest:
    return app.file_uploader[0].set_value((name, data, "image/jpeg")).run()


def come_with(cookie: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be a browser with a cookie."""
    monkeypatch.setattr(type(streamlit.context), "cookies", {uploads.COOKIE: cookie})


def source(digest: str, size: int = 10) -> Source:
    return Source("", "mine.jpg", "", digest, data=size * b"x")


@pytest.mark.parametrize("page", ["classification", "saliency", "masking_experiment"])
def test_whoever_opens_a_link_to_somebodys_photo_reads_so_and_sees_no_other(page: str) -> None:
    app = open_dashboard(page, **LINK)
    assert [info.value for info in app.info] == [NOT_HERE]
    assert not app.warning
    assert "<figure" not in pictures(app)
    assert not [each for each in app.get("bidi_component") if each.proto.component_name == "region_picker"]
    assert "cat" not in texts(app).lower().replace("classification", "")
    assert app.query_params["photo"] == NAME


def test_the_same_file_opened_shows_what_the_link_says() -> None:
    app = upload(open_dashboard("masking_experiment", **LINK), "cup.jpg", ESPRESSO)
    assert NOT_HERE not in texts(app)
    assert LINK.items() <= dict(app.query_params).items()
    assert "“iPod”" in texts(app)
    assert "Your photo: cup.jpg" in texts(app)


def test_what_was_done_to_a_photo_stands_beside_its_name() -> None:
    koala = (PHOTOS / "koala.jpg").read_bytes()
    app = upload(open_dashboard("classification", model="efficientnet_lite0"), "cut.jpg", koala[:-2])
    assert "Your photo: cut.jpg. The file lacks its last bytes; all of the picture is there." in texts(app)
    upload(app, "whole.jpg", koala)
    assert "Your photo: whole.jpg" in texts(app)
    assert "last bytes" not in texts(app)


def test_another_file_or_a_sample_is_shown_as_itself() -> None:
    app = upload(open_dashboard("masking_experiment", **LINK), "koala.jpg", (PHOTOS / "koala.jpg").read_bytes())
    assert app.query_params["regions"] == "none"
    assert "class" not in app.query_params
    assert "Drag on the photo" in app.info[0].value


def test_a_reload_finds_the_photo_by_the_browsers_cookie_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    app = upload(open_dashboard(photo="koala", model="efficientnet_lite0"), "cup.jpg", ESPRESSO)
    link, token = dict(app.query_params), app.session_state["upload_token"]
    assert link["photo"] == NAME
    assert not any(told in value for value in link.values() for told in (token, "cup"))
    come_with(token, monkeypatch)
    again = open_dashboard(**link)
    assert "Your photo: cup.jpg" in texts(again)
    assert "espresso" in again.subheader[0].value
    come_with(token[::-1], monkeypatch)
    assert [info.value for info in open_dashboard(**link).info] == [NOT_HERE]


@pytest.mark.parametrize(
    "name", ["own-", "own-zz", f"{NAME}0", NAME.upper(), "own-" + 16 * "٣", f"own-{16 * 'g'}", "own-../../etc/passwd"]
)
def test_what_names_no_photo_is_told_as_any_bad_link(name: str) -> None:
    assert uploads.absent(name) is None


def test_a_cookie_that_is_no_token_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamlit, "session_state", {})
    for cookie in ("", "x", 5000 * "x", 43 * "٣", 42 * "a" + "\n"):
        come_with(cookie, monkeypatch)
        assert uploads.token() == ""
        assert uploads.find(NAME) is None


def test_the_least_recently_used_go_when_there_is_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamlit, "session_state", {})
    monkeypatch.setattr(uploads, "_kept", Keeper(2500))
    photos = [source(f"{number:064x}"[::-1], 800) for number in range(3)]
    uploads.remember(photos[0])
    uploads.remember(photos[1])
    assert uploads.find(uploads.name_of(photos[0])) == photos[0]
    uploads.remember(photos[2])
    found = [uploads.find(uploads.name_of(photo)) for photo in photos]
    assert found == [photos[0], None, photos[2]]
    assert session.recall("upload_token", "") == uploads.token() != ""
