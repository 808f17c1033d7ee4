"""A photo of an audit in the masking experiment: the same object, model, fill and random places."""

from pathlib import Path

import streamlit as st

import saliency_core as core
from pages.ui import compute, hand, session, uploads
from pages.ui.samples import own_photo
from pages.ui.shapes import make_rectangle
from saliency_core.audit.measure import photo_seed
from saliency_core.audit.plan_file import Heading
from saliency_core.audit.store import Measured
from saliency_core.errors import AuditError
from saliency_core.models.model import Model
from saliency_core.models.registry import all_models
from saliency_core.photos.photo import MAX_BYTES


def open_photo(heading: Heading, measured: Measured) -> None:
    """Go to the masking experiment with a photo, its object drawn and declared.

    Raises AuditError where the photo or the model is no longer what was audited.
    """
    source = own_photo(Path(measured.photo).name, _read(heading, measured))
    asked = heading.asked
    if not isinstance(all_models().get(asked.model), Model):
        raise AuditError(f"The model of this audit, {asked.model}, does not exist here.")
    if compute.classifier(asked.model).weights.sha256 != asked.weights:
        raise AuditError("The model of this audit has other weights now. Audit the folder again to compare.")
    compute.photo(source)
    edges = [(left, top, right - left, bottom - top) for left, top, right, bottom in measured.boxes]
    drawn = [rectangle for each in edges if (rectangle := make_rectangle(*each)) is not None]
    if len(drawn) > hand.MOST:
        raise AuditError(
            f"This photo has {len(drawn)} boxes; the masking experiment takes up to {hand.MOST} rectangles."
        )
    uploads.remember(source)
    session.take_over(
        {
            "photo": source,
            "model": asked.model,
            "crop_mode": asked.settings.crop_mode,
            "target": measured.row.target,
            "rectangles": tuple(drawn),
            "declared": "object" if drawn else "other",
            "fill": asked.settings.fills[0],
            "control_count": asked.settings.n_controls,
            "seed": photo_seed(asked.seed, measured.row.digest),
        }
    )
    st.switch_page("pages/masking_experiment.py")


def _read(heading: Heading, measured: Measured) -> bytes:
    path = Path(heading.folder) / measured.photo
    try:
        if path.stat().st_size > MAX_BYTES:
            raise AuditError(f"This photo’s file is larger than {MAX_BYTES // 2**20} MB, which the pages take.")
        data = path.read_bytes()
    except OSError as error:
        raise AuditError(f"{path} cannot be read: {error.strerror or error}.") from error
    if core.decode_photo(data).digest != measured.row.digest:
        raise AuditError(f"{path} has changed since it was audited.")
    return data
