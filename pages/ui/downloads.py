"""What a page offers to keep: figures, the report, its data, and the files' names."""

from collections.abc import Callable
from functools import partial

import streamlit as st
from matplotlib.figure import Figure

from pages.ui import session
from pages.ui.compute import Subject
from saliency_core.presentation.slides import FIGURE_FORMATS, FigureFormat, encode_figure
from saliency_core.presentation.words import slug

FIGURE_WORDS: dict[FigureFormat, tuple[str, str, str]] = {
    "png": ("Picture (.png)", "image/png", "One slide, 1920 x 1080 pixels."),
    "svg": ("Drawing (.svg)", "image/svg+xml", "One slide whose words can be edited."),
    "pdf": ("Page (.pdf)", "application/pdf", "One slide, to print or to lay into a document."),
}


def offer_report(
    subject: Subject, report: Callable[[], str], archive: Callable[[bytes], bytes], name: Callable[[str], str]
) -> None:
    """A report and its data to download; both are made only when asked for, and must not touch Streamlit.

    archive: takes the photo's file, empty if it is not to be in there. Only a photo of the person's own is put in,
        and only by their choice; every dashboard has the samples.
    """
    own = not subject.source.sample
    photo = subject.source.data if own and session.recall("with_photo", False) else b""
    st.download_button(
        "Save report (.html)",
        report,
        name("-report.html"),
        "text/html",
        icon=":material/description:",
        on_click="ignore",
        help="One file with the pictures, the numbers and how they were made; prints on two pages.",
    )
    st.download_button(
        "Save data (.zip)",
        partial(archive, photo),
        name("-data.zip"),
        "application/zip",
        icon=":material/folder_zip:",
        on_click="ignore",
        help="The pictures, the maps as arrays, and a record from which the numbers can be made again, also by "
        "“Open a saved result” in the sidebar.",
    )
    if own:
        st.checkbox(
            "with the photo in it",
            help="Whoever has the data then has the photo, and can open the result without it. Otherwise they need "
            "the photo's file too.",
            **session.kept("with_photo", False),
        )


def offer_figure(figure: Callable[[], Figure], name: Callable[[str], str]) -> None:
    """A figure to download in each format, folded away; see list_formats()."""
    with st.popover("Save picture", icon=":material/image:"):
        list_formats(figure, name)


def list_formats(figure: Callable[[], Figure], name: Callable[[str], str]) -> None:
    """A button for each format of a figure, which is made only when asked for and must not touch Streamlit."""
    for kind in FIGURE_FORMATS:
        label, media, told = FIGURE_WORDS[kind]
        st.download_button(
            label,
            partial(_encode, figure, kind),
            name(f".{kind}"),
            media,
            icon=":material/download:",
            on_click="ignore",
            help=told,
        )


def _encode(figure: Callable[[], Figure], kind: FigureFormat) -> bytes:
    return encode_figure(figure(), kind)


def file_name(kind: str, subject: Subject, target: int, ending: str) -> str:
    """A clean file name that says what is inside."""
    photo = subject.source.sample or slug(subject.source.title.rsplit(".", 1)[0])
    return f"{kind}-{photo}-{slug(subject.classifier.categories[target])}{ending}"
