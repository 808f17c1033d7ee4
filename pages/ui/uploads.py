"""People's own photos, kept in the server's memory while it lives, so that a reload or the browser's Back finds them.

A link names such a photo by the first digits of its digest and does not hold it. Only the browser that opened the
photo gets it back: it has a cookie with a random token, which is set when a photo is opened and ends with the browser.
Nothing is written to disk, but for the nameless temporary file in which Streamlit takes an upload above a megabyte.
"""

import re
import secrets

import streamlit as st

from pages.ui import session
from pages.ui.keeping import Keeper
from pages.ui.samples import Source

CAPACITY = 100 * 2**20
"""Bytes of all photos together; the least recently used go first. Five of the largest, fifty of a phone's."""
COOKIE = "own_photos"
DIGITS = 16

_TOKEN = re.compile(r"[\w-]{43}", re.ASCII)

_kept = Keeper(CAPACITY)


def remember(source: Source) -> None:
    """Keep an own photo for this browser."""
    st.session_state.setdefault("upload_token", token() or secrets.token_urlsafe(32))
    _kept.keep((token(), name_of(source)), source)


def find(name: str) -> Source | None:
    """This browser's own photo of a name_of(), or None."""
    found = _kept.find((token(), name)) if token() else None
    return found[0] if found and isinstance(found[0], Source) else None


def name_of(source: Source) -> str:
    """What a link calls an own photo."""
    return f"own-{source.digest[:DIGITS]}"


def absent(name: str) -> Source | None:
    """Somebody's own photo that is not here, by its name in a link; None for any other text."""
    digest = name.removeprefix("own-")
    named = name != digest and re.fullmatch(f"[0-9a-f]{{{DIGITS}}}", digest)
    return Source("", "", "", digest) if named else None


def token() -> str:
    """What this browser is known by; empty before it has opened a photo."""
    cookie = st.context.cookies.get(COOKIE)
    return session.recall("upload_token", cookie if isinstance(cookie, str) and _TOKEN.fullmatch(cookie) else "")


def forget() -> None:
    """Let go of every photo; for tests."""
    _kept.forget()
