"""What an audit found: in words, class by class, photo by photo."""

from pathlib import Path

import streamlit as st

from pages.ui.audit.beside import choose_beside, show_beside
from pages.ui.audit.classes import list_classes
from pages.ui.audit.exports import offer_exports
from pages.ui.audit.looking import show_looking
from pages.ui.audit.photos import show_photos
from pages.ui.audit.reading import find_overview, find_table
from pages.ui.words import as_text
from saliency_core.audit.overall import tell_classes
from saliency_core.audit.store import SUMMARY
from saliency_core.audit.summary_file import Overview, Told
from saliency_core.photos.frame import CropMode
from saliency_core.text import count, cut

FITTED: dict[CropMode, str] = {
    "center": "cut out of the middle",
    "squash": "squashed to squares",
    "border": "with bars that make them squares",
}


def show_results(out: Path) -> None:
    """The page below the choice of an audit; of one that is not over, its classes so far."""
    if not (out / SUMMARY).exists():
        _show_so_far(out)
        return
    overview = find_overview(out)
    st.caption(_tell_made(overview))
    st.markdown("  \n".join(as_text(sentence) for sentence in tell_classes(overview.classes)))
    with st.container(horizontal=True):
        offer_exports(out)
    other = choose_beside(out)
    if other is not None:
        show_beside(out, other)
        return
    told = list_classes(overview, out.name)
    if told is not None:
        _show_class(out, overview, told)
    _show_left_out(overview)
    show_looking(out, overview)


def _show_class(out: Path, overview: Overview, told: Told) -> None:
    summary = told.summary
    st.subheader(as_text(f"“{cut(summary.label)}”: {told.word.value}"), anchor=False)
    st.markdown(as_text(told.sentence))
    show_photos(out, overview, summary.target)


def _show_so_far(out: Path) -> None:
    """Counts and means without any word: who looks often enough sees anything once."""
    table = find_table(out)
    classes = table.so_far() if table is not None else ()
    if not classes:
        return
    st.markdown("**So far**, class by class. What it says of a class is told once all photos are measured.")
    st.dataframe(
        [
            {
                "Class": each.label,
                "Photos": each.photos,
                "Right": 100 * each.right / each.labelled if each.labelled else None,
                "Judged": each.judged,
                "Need": each.need,
            }
            for each in classes
        ],
        hide_index=True,
        column_config={
            "Right": st.column_config.NumberColumn(format="%.0f%%"),
            "Need": st.column_config.NumberColumn(format="%.2f"),
        },
    )


def _show_left_out(overview: Overview) -> None:
    """What plays no part in the numbers, and why."""
    not_hidden, left_out = sum(overview.not_hidden.values()), len(overview.left_out)
    noted = sum(overview.noted.values())
    if overview.unmatched:
        with st.expander(f"{count(len(overview.unmatched), 'name')} without a class of the model"):
            st.markdown("\n".join(f"- {as_text(sentence)}" for sentence in overview.unmatched[:100]))
    if not_hidden:
        with st.expander(f"Nothing was hidden on {count(not_hidden, 'photo')}"):
            st.markdown("\n".join(f"- {often:,}: {as_text(why)}" for why, often in overview.not_hidden.items()))
    if noted:
        with st.expander(f"{count(noted, 'photo')} not measured just as in the file"):
            st.markdown("\n".join(f"- {often:,}: {as_text(note)}" for note, often in overview.noted.items()))
    if left_out:
        with st.expander(f"{left_out:,} left out"):
            st.dataframe(
                [{"File": each.name, "Why": each.reason} for each in overview.left_out], hide_index=True, height=300
            )


def _tell_made(overview: Overview) -> str:
    settings = overview.settings
    some = f" of {overview.found:,}" if overview.found > overview.planned else ""
    return as_text(
        f"{overview.title}, {overview.done:,}{some} photos, {FITTED[settings.crop_mode]}; objects hidden in "
        f"{' and '.join(settings.fills)}, {settings.n_controls} random places each, seed {overview.seed}."
    )
