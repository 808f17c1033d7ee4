"""Bytes that several components of a page draw from, such as a photo or a map: sent once, kept by the browser.

They travel apart from what is drawn of them. Streamlit does not send an element again that has not changed, so that
another sigma or caption costs a few words and not the photo.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st

from pages.ui import compute, shared
from pages.ui.compute import Subject
from pages.ui.samples import Source
from saliency_core import SaliencyMap
from saliency_core.methods.registry import find_method
from saliency_core.presentation.live import pack_map
from saliency_core.presentation.pictures import encode_jpeg

_send = st.components.v2.component("payload", js=(Path(__file__).parent / "payload.js").read_text())


def send_words(name: str, make: Callable[[], object]) -> None:
    """Anything that JSON can hold, made once for everyone; once on a page."""
    data = shared.keep(f"words {name}", lambda: _pack({"name": name}, json.dumps(make()).encode()))
    _send(key=f"payload_{name}", data=data)


def photo_name(source: Source) -> str:
    """The name that components find a photo under."""
    return f"photo {source.digest}"


def map_name(subject: Subject, raw: SaliencyMap) -> str:
    """The name that components find a map under."""
    read = (f"{name}={getattr(raw.options, name)}" for name in find_method(raw.method).options)
    part = () if raw.share == 1 else (f"{raw.share:.4f}",)
    minus = () if raw.against is None else (f"minus={raw.against}",)
    return " ".join(("map", *subject.key(), str(raw.target), raw.reduction, raw.method, *read, *part, *minus))


def send_photo(subject: Subject) -> None:
    """The photo at screen size; once on a page."""
    name, pixels = photo_name(subject.source), compute.picture(subject.source)
    height, width = pixels.shape[:2]
    # Components are built after what lies below them, which must not move then: shell.css keeps their room.
    st.html(f"<style>:root{{--photo-ratio:{width / height:.4f}}}</style>")

    def make() -> bytes:
        about = {"name": name, "type": "image/jpeg", "width": width, "height": height}
        return _pack(about, encode_jpeg(pixels))

    _send(key="payload_photo", data=shared.keep(name, make))


def send_map(subject: Subject, raw: SaliencyMap, key: str = "map") -> None:
    """A map before smoothing, as pack_map() packs it; once on a page under a key."""
    name = map_name(subject, raw)

    def make() -> bytes:
        about, packed = pack_map(raw)
        return _pack({"name": name, **about}, packed)

    _send(key=f"payload_{key}", data=shared.keep(name, make))


def _pack(about: Mapping[str, object], data: bytes) -> bytes:
    """The length of a header, the header as JSON, and the bytes."""
    header = json.dumps(about).encode()
    header += b" " * (-len(header) % 4)  # numbers of several bytes have to begin at a multiple of their size
    return len(header).to_bytes(4, "little") + header + data
