"""Results as a ZIP file: pictures as PNG, maps as NumPy arrays, and a record to do it again by."""

import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from saliency_core.masking.experiment import Experiment
from saliency_core.methods.attribution import Attribution
from saliency_core.methods.smoothing import smooth
from saliency_core.models.prediction import Prediction
from saliency_core.photos.photo import Pixels
from saliency_core.presentation.captions import PARTS
from saliency_core.presentation.case import PLAIN, Case, MapStyle, shrink
from saliency_core.presentation.masking_pictures import each_view, map_pictures, seen_pictures
from saliency_core.presentation.record import record_experiment, record_saliency
from saliency_core.presentation.saliency_pictures import saliency_pictures, smooth_distinct
from saliency_core.presentation.words import slug

RECORD = "result.json"
"""The name of the record in an archive; replay_saliency(), replay_experiment() and read_saved() take what it holds."""


def saliency_archive(
    case: Case,
    prediction: Prediction,
    attribution: Attribution,
    sigmas: Sequence[float],
    made_on: date,
    style: MapStyle = PLAIN,
    photo: bytes = b"",
) -> bytes:
    """What saliency_report() shows, as data: its pictures; the maps, f32 [side, side], with the one of sigma
    0 always among them; and a record for replay_saliency() and read_saved(). The same arguments give the same bytes.

    photo: the photo's file, if it is to be in the archive.

    Raises RequestError for no sigma, too many, an impossible one, or an impossible style.
    """
    stem = _stem("saliency", case, attribution.target)
    if attribution.against is not None:
        stem += f"-minus-{slug(case.classifier.categories[attribution.against])}"
    maps = smooth_distinct(attribution, sigmas)
    pictures = saliency_pictures(shrink(case), maps, style, prediction=prediction)
    arrays = {each.sigma: each.values for each in (smooth(attribution, 0), *maps)}
    files = {sigma: f"{stem}-sigma-{str(sigma).removesuffix('.0')}.npy" for sigma in arrays}
    shown = {
        "sigmas": [each.sigma for each in maps],
        "colour_map": style.colour_map,
        "opacity": style.opacity,
        "one_scale": style.one_scale,
    }
    record = record_saliency(prediction, attribution, files, case.classifier, case.frame) | {"shown": shown}
    return _pack(
        _begin(record, case, photo)
        | {f"{stem}-{slug(picture.title)}.png": _as_png(picture.pixels) for picture in pictures}
        | {name: _as_npy(values) for name, values in zip(files.values(), arrays.values(), strict=True)},
        made_on,
    )


def masking_record(case: Case, experiment: Experiment, sigma: float) -> dict[str, object]:
    """record_experiment() with how its maps were shown: smoothed by `sigma`."""
    return record_experiment(experiment, case.classifier) | {"shown": {"sigma": sigma}}


def masking_archive(case: Case, experiment: Experiment, sigma: float, made_on: date, photo: bytes = b"") -> bytes:
    """What masking_report() shows, as data: the three views and the maps of them as pictures, smoothed by
    `sigma`; the maps as computed, f32 [side, side]; and a record for replay_experiment() and read_saved(). The same
    arguments give the same bytes.

    photo: the photo's file, if it is to be in the archive.

    Raises RequestError for an impossible sigma.
    """
    stem = f"{_stem('masking', case, experiment.target)}-{experiment.fill}"
    files = _begin(masking_record(case, experiment, sigma), case, photo)
    small, views = shrink(case), each_view(experiment.views)
    seen = seen_pictures(small, experiment.views, experiment.regions, experiment.declared)
    maps = map_pictures(small, experiment.views, seen, sigma)
    for part, view, looked, drawn in zip(PARTS, views, seen, maps, strict=True):
        files[f"{stem}-{part}.png"] = _as_png(looked.pixels)
        files[f"{stem}-{part}-map.png"] = _as_png(drawn.pixels)
        files[f"{stem}-{part}-map-sigma-0.npy"] = _as_npy(view.attribution.values)
    return _pack(files, made_on)


def _begin(record: Mapping[str, object], case: Case, photo: bytes) -> dict[str, bytes]:
    """The record, and the photo's file with its name, where it is to be there."""
    if not photo:
        return {RECORD: _as_json(record)}
    with Image.open(io.BytesIO(photo)) as picture:
        file = f"photo.{(picture.format or 'bin').lower()}"
    return {RECORD: _as_json({**record, "photo": {"file": file, "title": case.title}}), file: photo}


def _stem(kind: str, case: Case, target: int) -> str:
    photo = re.sub(r"\.[A-Za-z0-9]{2,4}$", "", case.title)
    return f"{kind}-{slug(photo)}-{slug(case.classifier.categories[target])}"


def _as_json(record: Mapping[str, object]) -> bytes:
    return json.dumps(record, indent=1).encode()


def _as_png(pixels: Pixels) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def _as_npy(values: NDArray[np.float32]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, values)
    return buffer.getvalue()


def _pack(files: Mapping[str, bytes], made_on: date) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (made_on.year, made_on.month, made_on.day, 0, 0, 0))
            entry.external_attr = 0o644 << 16  # else nobody may read what some programs unpack
            packed = zipfile.ZIP_DEFLATED if name.endswith((".json", ".npy")) else zipfile.ZIP_STORED
            archive.writestr(entry, content, packed)
    return buffer.getvalue()
