"""Who may change what the server keeps, or have it read its folders: whoever sits at its machine, others only if its
owner says so."""

import os

import streamlit as st

from pages.ui import login

ADD_MODELS, START_AUDITS = "SALIENCY_ADD_MODELS", "SALIENCY_START_AUDITS"
"""Environment variables by which the owner lets everybody add models, or begin audits of the server's folders ("1"), or
nobody ("0")."""
OWNERS = "SALIENCY_OWNERS"
"""Environment variable with e-mail addresses, set apart by commas: who has logged in with one of them may do both."""
_HERE = ("localhost", "127.0.0.1", "[::1]")
_FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via")


def may(switch: str) -> bool:
    """Whether this session may do what one of the switches is for; of models also, take them away, and of audits, stop
    and delete them.

    Without a word of the owner's, whoever has logged in as one of OWNERS may. Of others, the browser has to be on the
    server's machine, to have asked for it by a name of that machine alone (so that no page of another host can ask in
    its place), and not to come through a proxy.
    """
    said = os.environ.get(switch)
    if said in ("0", "1"):
        return said == "1"
    owners = {each.strip().lower() for each in os.environ.get(OWNERS, "").split(",")} - {""}
    if login.email() in owners:
        return True
    headers = st.context.headers
    host = (headers.get("Host") or "localhost").rsplit(":", 1)[0] if headers else "localhost"
    forwarded = any(name in headers for name in _FORWARDED)
    return st.context.ip_address is None and host in _HERE and not forwarded
