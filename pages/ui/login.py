"""Who may see the pages: everybody, or, where the owner has set up a login, whoever has logged in.

Streamlit does the login (OpenID Connect, `[auth]` in its secrets), by a signed cookie; see deploy/README.md.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

SWITCH = "SALIENCY_LOGIN"
"""Environment variable: "1" lets nobody in without a login, also where none is set up."""
_NOT_SET_UP = (
    "This dashboard asks for a login, and none is set up: its owner puts a readable file secrets.toml with a section "
    "[auth] into the folder .streamlit."
)


def is_asked() -> bool:
    """Whether a login is asked for: the owner says so, or has set one up. A file of secrets that cannot be read asks,
    too, since nobody can tell what it says."""
    if os.environ.get(SWITCH) == "1":
        return True
    if st.secrets.load_if_toml_exists():
        return "auth" in st.secrets
    return any(Path(each).exists() for each in st.get_option("secrets.files"))


def pass_login() -> None:
    """End the run with a page to log in on, unless none is asked for or this person has logged in. Called before
    anything else is drawn."""
    if is_asked() and not _has_logged_in():
        st.navigation([st.Page(_show_login, title="Log in", default=True)], position="hidden").run()
        st.stop()


def offer_leaving() -> None:
    """Who is logged in, and a way out; nothing where no login is asked for."""
    if not is_asked():
        return
    st.caption(f"Logged in as {_as_text(str(st.user.get('name') or st.user.get('email') or 'somebody'))}")
    st.button("Log out", icon=":material/logout:", on_click=st.logout)


def email() -> str:
    """The e-mail address of who is logged in, in lower case; empty for nobody, and where the provider says that it has
    not verified the address."""
    if not is_asked() or not _has_logged_in() or st.user.get("email_verified") is False:
        return ""
    return str(st.user.get("email") or "").lower()


def is_let_in(cookies: Mapping[str, str]) -> bool:
    """Whether a request outside pages may be answered: no login is asked for, or its cookies are of one.

    Streamlit signs that cookie, and has no public way to read it outside pages. Should a release move what is used
    here, nobody is let in.
    """
    if not is_asked():
        return True
    try:
        from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks

        signed = _get_signed_cookie_with_chunks(dict(cookies), "_streamlit_user")
        return bool(signed) and json.loads(signed or b"{}").get("is_logged_in") is True
    except Exception:
        return False


def _has_logged_in() -> bool:
    return st.user.get("is_logged_in") is True


def _show_login() -> None:
    st.space("large")  # without a sidebar, Streamlit's bar lies over the top of the page
    st.title("Log in", anchor=False)
    providers = _providers()
    if not providers:
        st.error(_NOT_SET_UP, icon=":material/error:")
        return
    st.markdown("This dashboard is for people who have logged in.")
    for provider in providers:
        label = f"Log in with {provider}" if provider else "Log in"
        st.button(label, type="primary", on_click=st.login, args=(provider,) if provider else ())


def _providers() -> tuple[str, ...]:
    """The providers in the secrets by their names; the one that has none is called ""."""
    if not st.secrets.load_if_toml_exists():
        return ()
    section: Mapping[str, Any] = st.secrets.get("auth", {})
    named = (name for name, value in section.items() if isinstance(value, Mapping) and "client_id" in value)
    return (*(("",) if "client_id" in section else ()), *named)


def _as_text(words: str) -> str:
    """A provider's words as Markdown that is no markup."""
    from pages.ui.words import as_text

    return as_text(words)
