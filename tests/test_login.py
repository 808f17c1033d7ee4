"""When a login is asked for, and whose rights follow from it; tests/test_deploy.py logs in for real."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit import config
from streamlit.testing.v1 import AppTest

from pages.ui import login, owner
from tests.conftest import PHOTOS

ENTRY = str(PHOTOS.parents[1] / "dashboard.py")


@pytest.fixture
def secrets(tmp_path: Path) -> Iterator[Path]:
    """The one file that Streamlit reads secrets from, which is not there yet."""
    path, usual = tmp_path / "secrets.toml", st.get_option("secrets.files")
    config.set_option("secrets.files", [str(path)])
    st.secrets._reset()
    yield path
    config.set_option("secrets.files", usual)
    st.secrets._reset()


@pytest.mark.parametrize(
    ("text", "switch", "asked"),
    [
        (None, None, False),
        ('other = "secret"', None, False),
        ('[auth]\nclient_id = "1"', None, True),
        ("[auth\nnot TOML", None, True),
        (None, "1", True),
    ],
)
def test_a_login_is_asked_for_where_one_is_set_up_or_may_have_been(
    secrets: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str | None,
    switch: str | None,
    asked: bool,
) -> None:
    if text is not None:
        secrets.write_text(text)
    if switch is not None:
        monkeypatch.setenv(login.SWITCH, switch)
    assert login.is_asked() == asked
    assert login.is_let_in({}) != asked
    assert login.is_let_in({"_streamlit_user": "forged"}) != asked


def test_a_login_that_nobody_set_up_lets_nobody_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(login.SWITCH, "1")
    app = AppTest.from_file(ENTRY).run()
    assert not app.exception
    assert [each.value for each in app.title] == ["Log in"]
    assert "none is set up" in app.error[0].value
    assert not app.sidebar.children
    assert not app.get("html")[1:], "the style alone, and no photo"


@pytest.mark.parametrize("page", sorted(each.stem for each in (PHOTOS.parents[1] / "pages").glob("*.py")))
def test_a_page_that_streamlit_runs_by_itself_is_closed_as_well(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(login.SWITCH, "1")
    app = AppTest.from_file(str(PHOTOS.parents[1] / "pages" / f"{page}.py")).run()
    assert not app.exception
    assert [each.value for each in app.title] == ["Log in"]
    assert not app.sidebar.children


@pytest.mark.parametrize(
    ("said", "verified", "owners", "may"),
    [
        ("Ada@example.org", True, "bob@example.org, ada@EXAMPLE.org", True),
        ("ada@example.org", None, "ada@example.org", True),
        ("ada@example.org", False, "ada@example.org", False),
        ("eve@example.org", True, "ada@example.org", False),
        ("", True, "", False),
        ("", True, ",", False),
    ],
)
def test_owners_are_known_by_their_verified_addresses(
    monkeypatch: pytest.MonkeyPatch, said: str, verified: bool | None, owners: str, may: bool
) -> None:
    user = {"is_logged_in": True, "email": said} | ({} if verified is None else {"email_verified": verified})
    monkeypatch.setenv(login.SWITCH, "1")
    monkeypatch.setenv(owner.OWNERS, owners)
    monkeypatch.setattr(st, "user", user)
    monkeypatch.setattr(type(st.context), "headers", {"X-Forwarded-For": "192.0.2.1"})
    assert owner.may(owner.ADD_MODELS) == may
    monkeypatch.setenv(owner.ADD_MODELS, "0")
    assert not owner.may(owner.ADD_MODELS)
