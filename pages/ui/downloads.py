"""What a page offers to keep: the report, its data, and the files' names."""

from collections.abc import Callable
from functools import partial

import streamlit as st

import saliency_core as core
from pages.ui import compute, session
from pages.ui.compute import Subject
from saliency_core.presentation.words import slug


def case_of(subject: Subject) -> core.Case:
    """What a report of the subject is about."""
    source = subject.source
    return core.Case(
        compute.picture(source),
        source.title,
        source.credit,
        subject.classifier,
        compute.frame(subject),
    )


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


def file_name(kind: str, subject: Subject, target: int, ending: str) -> str:
    """A clean file name that says what is inside."""
    photo = subject.source.sample or slug(subject.source.title.rsplit(".", 1)[0])
    return f"{kind}-{photo}-{slug(subject.classifier.categories[target])}{ending}"
