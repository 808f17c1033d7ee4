"""Where a page says that its session waits for the model.

The place is on the page whether or not there is anything to wait for: elements that come and go make the browser
build all below them anew. The session remembers it, since a fragment runs without the page around it.
"""

from contextlib import AbstractContextManager, suppress
from typing import cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx


def reserve(place: DeltaGenerator) -> None:
    """Say it here, until the next page reserves another place."""
    st.session_state["waiting"] = place


def tell(before: int) -> None:
    """Say how many are before this session. What Streamlit raises here, since the page has been left or changed,
    ends the waiting."""
    if (place := _place()) is not None:
        with _where_allowed():
            place.caption(f"Waiting for the model: {before} before you …")


def wait_silently(_before: int) -> None:
    """Say nothing, where words that come and go would unsettle what is looked at. Streamlit raises here, too."""
    _place()


def clear() -> None:
    """Say nothing more."""
    if (place := _place()) is not None:
        with _where_allowed():
            place.empty()


def _where_allowed() -> AbstractContextManager[None]:
    """Around words: a fragment that runs by itself may not write to a place outside it, and then says nothing."""
    return suppress(StreamlitAPIException)


def _place() -> DeltaGenerator | None:
    """The place reserved; outside a page, such as in a test or behind pages, there is none, and nobody to tell."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return None
    return cast("DeltaGenerator | None", st.session_state.get("waiting"))
