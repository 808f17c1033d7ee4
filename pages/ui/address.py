"""The browser's side of the link: which changes of the address are entries in its history, and the cookie by which a
reload finds the person's own photo again."""

from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from pages.ui import uploads
from pages.ui.link import Link
from pages.ui.parameters import PAGES, PARAMETERS, STEPS, TOUR

_HERE = Path(__file__).parent

_address = st.components.v2.component("address", js=(_HERE / "address.js").read_text())

_NAMES = {
    "" if page == TOUR else page.lower().replace(" ", "_"): {
        "always": [each.name for each in PARAMETERS if page in each.pages and not each.optional],
        "sometimes": [each.name for each in PARAMETERS if page in each.pages and each.optional],
    }
    for page in PAGES
}
"""What the links of each page say, by the page's path; that of the tour for any other path."""


def keep_address(first: Link | None) -> None:
    """See to it that the browser's Back goes back by steps.

    first: the first link of a session, to be written into the address bar; None if that has been done.
    """
    with st.container(key="address"):
        _address(
            key="address_bar",
            data={
                "steps": STEPS,
                "pages": _NAMES,
                "first": urlencode(first or {}),
                "cookie": f"{uploads.COOKIE}={token}" if (token := uploads.token()) else "",
            },
        )
