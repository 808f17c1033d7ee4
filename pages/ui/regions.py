"""Choosing regions: drawn, taken from a sample's objects, or typed; all three show the same ones."""

import streamlit as st

import saliency_core as core
from pages.ui import compute, session
from pages.ui.compute import Subject
from pages.ui.drawing import outlined
from pages.ui.region_picker import region_picker
from pages.ui.shapes import Rectangle, on_frame, on_photo


def draw_regions(subject: Subject) -> None:
    """The photo, to draw on."""
    region_picker(
        outlined(subject),
        f"The photo “{subject.source.title}”. Drag on it to draw a region.",
        session.rectangles(),
        session.drawing(),
        session.remember_drawn,
    )


def choose_regions(subject: Subject) -> tuple[core.Region, ...]:
    """The other ways to regions: an object of the sample's, numbers, or none; returns what is chosen."""
    frame = compute.frame(subject)
    st.markdown("**Draw a region on the photo with the mouse**" + (", or take one:" if subject.source.boxes else "."))
    with st.container(horizontal=True):
        for box in subject.source.boxes:
            rectangle = Rectangle(box.left, box.top, box.right - box.left, box.bottom - box.top)
            st.button(
                box.what.capitalize(),
                key=f"preset_{box.what}",
                on_click=session.replace_rectangles,
                args=((rectangle,),),
            )
        st.button(
            "Clear",
            icon=":material/delete:",
            type="tertiary",
            disabled=not session.rectangles(),
            on_click=session.replace_rectangles,
            args=((),),
        )
    _type_regions(frame)
    regions = tuple(filter(None, (on_frame(each, frame) for each in session.rectangles())))
    if len(regions) < len(session.rectangles()):
        st.info("A region lies where the model does not see the photo, so it plays no part.")
    return regions


def _type_regions(frame: core.Frame) -> None:
    """The regions as numbers, for those who cannot or would rather not draw."""
    with st.expander("Regions by numbers"):
        st.caption(
            f"In pixels of the {frame.side} x {frame.side} square that the model sees, from its upper left corner."
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
    session.replace_rectangles((*session.rectangles(), middle))
