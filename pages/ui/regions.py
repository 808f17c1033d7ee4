"""Choosing regions: drawn, taken from a sample or the map, or typed; all show the same ones."""

import streamlit as st

import saliency_core as core
from pages.ui import compute, hand, session
from pages.ui.compute import Subject
from pages.ui.methods import short_method
from pages.ui.region_picker import region_picker
from pages.ui.shapes import on_frame, on_photo
from saliency_core.masking.placements import photo_area
from saliency_core.masking.sentences import DECLARATIONS
from saliency_core.methods.attribution import fit_reduction
from saliency_core.methods.measures import brightest_region
from saliency_core.methods.method import DEFAULT_OPTIONS, Options
from saliency_core.methods.registry import DEFAULT_METHOD
from saliency_core.presentation.captions import DECLARATION_NAMES
from saliency_core.text import begin

BRIGHTEST_SHARE = 1 / 7
"""The share of the frame that the brightest square covers."""


def draw_regions(subject: Subject) -> bool:
    """The photo, to draw on; returns whether a hand holds a region and waits for its answer, in which case the page
    must not begin what takes long."""
    waits = hand.waits()
    region_picker(subject, session.rectangles(), session.drawing())
    return waits


def choose_regions(subject: Subject, target: int) -> None:
    """The other ways to regions: a sample's named things, the brightest of the map, or none; and what they are."""
    for box in subject.source.boxes:
        st.button(begin(box.what), key=f"preset_{box.what}", on_click=session.mark_box, args=(box,))
    st.button(
        "From the map",
        help="Where the map is brightest: the square of a seventh of what the model sees that holds most of it.",
        on_click=_take_brightest,
        args=(subject, target),
    )
    st.button(
        "Clear",
        icon=":material/delete:",
        type="tertiary",
        disabled=not session.rectangles(),
        on_click=session.mark_box,
        args=(None,),
    )
    st.selectbox(
        "What it is",
        DECLARATIONS,
        format_func=lambda key: begin(DECLARATION_NAMES[key]),
        disabled=not session.rectangles(),
        width=190,
        help="Whether what you marked is the object, a part of it, or something else. Only of what you call the object "
        "do the results speak of an object and its background.",
        on_change=session.declare_chosen,
        **session.kept("declared", session.declared()),
    )


def chosen_regions(subject: Subject) -> tuple[core.Region, ...]:
    """What is chosen, as the model sees it."""
    frame = compute.frame(subject)
    regions = tuple(filter(None, (on_frame(each, frame) for each in session.rectangles())))
    if len(regions) < len(session.rectangles()):
        st.info("A region lies where the model does not see the photo, so it plays no part.")
    return regions


def type_regions(subject: Subject) -> None:
    """The regions as numbers, for those who cannot or would rather not draw."""
    frame = compute.frame(subject)
    st.caption(
        f"Regions in pixels of the {frame.side} x {frame.side} square that the model sees, from its upper left corner."
    )
    for index, rectangle in enumerate(session.rectangles()):
        region = on_frame(rectangle, frame)
        if region is None:
            continue
        for column, name in zip(st.columns(4), ("top", "left", "height", "width"), strict=True):
            key = f"region_{index}_{name}"
            st.session_state[key] = getattr(region, name)
            column.number_input(
                f"{name.capitalize()} {index + 1}",
                min_value=0 if name in ("top", "left") else 1,
                max_value=frame.side,
                step=1,
                key=key,
                on_change=_take_numbers,
                args=(index, frame),
            )
    st.button("Add a region", on_click=_add_region, args=(frame,), icon=":material/add:")


def brightest_square(
    subject: Subject, target: int, method: str = DEFAULT_METHOD, options: Options = DEFAULT_OPTIONS
) -> core.Region:
    """The square of BRIGHTEST_SHARE that holds most of the map."""
    frame = compute.frame(subject)
    size = round(frame.side * BRIGHTEST_SHARE**0.5)
    values = compute.attribution(subject, target, fit_reduction(method), method, options).values
    return brightest_region(values, size, size, photo_area(frame))


def _take_brightest(subject: Subject, target: int) -> None:
    region = brightest_square(subject, target, short_method().key, session.options())
    session.replace_rectangles((on_photo(region, compute.frame(subject)),), "other", from_map=True)


def _take_numbers(index: int, frame: core.Frame) -> None:
    """Replace a region by what its numbers say, kept inside the frame."""
    top, left, height, width = (
        int(st.session_state[f"region_{index}_{name}"]) for name in ("top", "left", "height", "width")
    )
    top, left = min(top, frame.side - 1), min(left, frame.side - 1)
    region = core.Region(top, left, min(height, frame.side - top), min(width, frame.side - left))
    every = list(session.rectangles())
    every[index] = on_photo(region, frame)
    session.replace_rectangles(tuple(every))


def _add_region(frame: core.Frame) -> None:
    """One more region, in the middle."""
    quarter = frame.side // 4
    middle = on_photo(core.Region(3 * quarter // 2, 3 * quarter // 2, quarter, quarter), frame)
    session.replace_rectangles((*session.rectangles(), middle), "other")
