"""The photos of a class, from low to high need, by case; a photo opens its masking experiment."""

from pathlib import Path
from typing import Literal

import streamlit as st

import saliency_core as core
from pages.ui import session
from pages.ui.audit.opening import open_photo
from pages.ui.audit.reading import find_table
from pages.ui.audit.strip import Tile, show_strip
from pages.ui.words import as_text
from saliency_core.audit.cases import Case
from saliency_core.audit.store import Measured
from saliency_core.audit.summary_file import Overview
from saliency_core.audit.tables import ORDERS, Order
from saliency_core.audit.thumbnails import thumbnail
from saliency_core.presentation.pictures import jpeg_url
from saliency_core.text import begin, cut, percent

PAGE = 24
"""Photos that are shown at a time."""
EVERY, NO_CASE = "all", "none"
CASES: dict[str, Case | Literal["none"] | None] = {
    EVERY: None,
    **{case.name.lower(): case for case in Case},
    NO_CASE: "none",
}
"""What a link calls the photos that are shown, and what the table is asked for."""
ABOUT = {
    Case.NEEDS: "with the object hidden the answer is another one, under every fill, and hiding random places does "
    "that less",
    Case.GETS_BY: "with the object hidden the answer stays, and the object alone gives it, too",
    Case.BACKGROUND: "with the object hidden the answer stays, and the object alone does not give it",
    Case.NEITHER: "neither of these is shown. It is no sign of the contrary: one photo shows a need for about a "
    "quarter of objects only",
}
ABOUT_ORDERS: dict[Order, str] = {
    "need": "need, the lowest first",
    "class probability": "the class’s probability",
    "size": "size of the object",
    "brightness": "brightness",
    "sharpness": "sharpness",
    "name": "name of the file",
}


def show_photos(out: Path, overview: Overview, target: int) -> None:
    """The strip of a class, a page at a time."""
    table = find_table(out)
    if table is None:
        return
    counts = table.counts(target)
    numbers = {EVERY: sum(counts.values())}
    numbers |= {case.name.lower() if case else NO_CASE: number for case, number in counts.items()}
    if session.recall("audit_case", EVERY) not in numbers:
        st.session_state["audit_case"] = EVERY
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.segmented_control(
            "Photos",
            list(numbers),
            format_func=lambda option: f"{_name(option)} ({numbers[option]:,})",
            required=True,
            help="  \n".join(f"**{begin(case.value)}**: {about}." for case, about in ABOUT.items())
            + f"  \n**{_name(NO_CASE)}**: nothing was hidden, or the model says another class to begin with.",
            on_change=first_page,
            **session.kept("audit_case", EVERY),
        )
        order: Order = st.selectbox(
            "In the order of",
            ORDERS,
            format_func=ABOUT_ORDERS.__getitem__,
            width=240,
            on_change=first_page,
            **session.kept("audit_order", "need"),
        )
        descending = st.toggle("Backwards", on_change=first_page, **session.kept("audit_backwards", False))
    pages = max(1, -(-numbers[chosen] // PAGE))
    st.session_state["audit_page"] = page = min(session.recall("audit_page", 1), pages)
    if pages > 1:
        page = int(st.number_input(f"Page of {pages:,}", 1, pages, step=1, width=160, key="audit_page"))
    shown = table.photos(target, CASES[chosen], order, descending, PAGE * (page - 1), PAGE)
    fill = overview.settings.fills[0]
    tiles = [_tile(out, table.heading.folder, each, fill, table.heading.categories) for each in shown]
    picked = show_strip(tiles, key="strip")
    st.caption(
        "The bar is the photo’s need: full where hiding the object takes more than hiding any of the random places. "
        f"“hidden” is the best guess with it hidden in {fill}, and what is left of the class. Click a photo to see its "
        "masking experiment."
    )
    if picked is not None:
        (measured,) = (each for each in shown if each.photo == picked)
        try:
            open_photo(table.heading, measured)
        except core.SaliencyError as error:
            st.error(as_text(str(error)), icon=":material/error:")


def first_page() -> None:
    """Begin with the first photos again."""
    st.session_state["audit_page"] = 1


def _name(option: str) -> str:
    """What the photos of a case are called."""
    case = CASES[option]
    return begin(case.value) if isinstance(case, Case) else {EVERY: "All", NO_CASE: "Not a case"}[option]


def _tile(out: Path, folder: str, measured: Measured, fill: str, categories: tuple[str, ...]) -> Tile:
    row = measured.row
    label = cut(measured.category, 30)
    found = dict(row.hidings).get(fill)
    lines = [f"Need {found.need:.2f}" if found else "Nothing hidden"]
    if row.named:
        lines.append(f"“{label}” {percent(row.probability)}")
    else:
        lines.append(
            f"“{cut(categories[row.predicted], 30)}” {percent(row.probability)}, “{label}” "
            f"{percent(row.target_probability)}"
        )
    if found:
        lines.append(f"hidden: “{cut(categories[found.hidden_top], 30)}”, “{label}” {percent(found.hidden)}")
    try:
        picture = jpeg_url(thumbnail(out, folder, measured.photo))
    except core.SaliencyError:
        picture = ""
    return Tile(measured.photo, cut(measured.photo, 80), picture, found.need if found else None, tuple(lines))
