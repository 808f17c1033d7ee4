"""A control that takes one file after another."""

from collections.abc import Callable, Sequence

import streamlit as st


def file_input(
    name: str, label: str, endings: Sequence[str] | None, largest: int, told: str, take: Callable[[str, bytes], None]
) -> None:
    """Hand each file to `take`, by its name and content, and be empty again: the same file can then be chosen twice.

    name: tells one control from another. endings: of files' names; None for any; largest: bytes; told: the help.
    """
    counter = f"{name}_generation"
    generation = st.session_state.setdefault(counter, 0)
    key = f"{name}_{generation}"

    def take_file() -> None:
        if st.session_state[counter] != generation:  # a late message of the browser's names a control that is gone
            return
        if (upload := st.session_state.get(key)) is not None:
            st.session_state[counter] = generation + 1  # Streamlit empties the control by its having another key
            take(upload.name, upload.getvalue())

    kinds = None if endings is None else list(endings)
    size = largest // 2**20
    st.file_uploader(label, type=kinds, key=key, max_upload_size=size, on_change=take_file, help=told)
