"""Saved results read again: the ZIP file of an archive, or the record alone, as checked values.

What comes from a file may be anything, so sizes are bounded before it is unpacked, each value is checked, names in a
ZIP file are only compared, and nothing is written anywhere.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from saliency_core.checks import check_seed, number, one_of, show, whole_number
from saliency_core.errors import RecordError, RequestError
from saliency_core.masking.experiment import Experiment
from saliency_core.masking.placements import check_count
from saliency_core.masking.sentences import Declared, check_declared
from saliency_core.methods.attribution import REDUCTIONS, Reduction
from saliency_core.methods.method import Options
from saliency_core.models.prediction import Prediction
from saliency_core.photos.fills import Fill, check_fill
from saliency_core.photos.frame import CROP_MODES, CropMode
from saliency_core.photos.photo import MAX_BYTES
from saliency_core.photos.regions import Placement, Region
from saliency_core.presentation.archive import RECORD
from saliency_core.presentation.case import PLAIN, MapStyle
from saliency_core.presentation.colours import COLOUR_MAPS
from saliency_core.presentation.record import FIRST_RULE, SCHEMA_VERSION, read_method
from saliency_core.presentation.saliency_pictures import MOST_SIGMAS
from saliency_core.text import cut, percent

MOST_BYTES = 64 * 2**20
"""Of a saved file: a photo, a dozen pictures and the maps."""
MOST_RECORD_BYTES = 8 * 2**20
MOST_FILES = 200
MOST_REGIONS = 1000
SAME = 1e-4
"""Probabilities that differ by no more are the same: processors and versions round differently."""

_DIRECTORY_ENTRY = b"PK\x01\x02"


@dataclass(frozen=True, slots=True, eq=False)
class SavedExperiment:
    """A masking experiment's choices, and what it found: the class's probability with the regions hidden and with only
    them left, the random places, and the claim in words."""

    regions: Placement
    declared: Declared
    from_map: bool
    fill: Fill
    seed: int
    n_controls: int
    hidden: float
    kept: float
    placements: tuple[Placement, ...]
    claim: str


@dataclass(frozen=True, slots=True, eq=False)
class Saved:
    """A result as it was saved.

    model: its name in the registry; model_title: as people write it; weights_sha256: of the weights used.
    photo_sha256: of the photo's file; photo: that file, where the person chose to save it, else empty; title: its
        name then, on one line.
    target: index of the class explained; label: its name. against: index of the class whose map was taken away, of a
        contrast.
    method, options: by which maps were made.
    probabilities: of all classes for the photo as it is, f64 [classes].
    sigmas: smoothings shown; style, reduction: how maps were drawn, of maps.
    experiment: None if it is about maps.
    """

    model: str
    model_title: str
    weights_sha256: str
    photo_sha256: str
    photo: bytes
    title: str
    crop_mode: CropMode
    target: int
    label: str
    method: str
    options: Options
    probabilities: NDArray[np.float64]
    sigmas: tuple[float, ...]
    style: MapStyle
    reduction: Reduction
    against: int | None
    experiment: SavedExperiment | None


def read_saved(data: bytes) -> Saved:
    """What an archive of saliency_archive() or masking_archive() holds, or the record in it.

    Raises RecordError, with a sentence fit to show, for anything else, for what is damaged, larger than any of ours, of
    a newer schema, or was judged by the first rule.
    """
    if len(data) > MOST_BYTES:
        raise RecordError(f"This file is larger than {MOST_BYTES // 2**20} MB; no saved result is.")
    files = _open_zip(data) if data[:2] == b"PK" else None
    record = _read_record(data if files is None else _extract(files, RECORD, MOST_RECORD_BYTES))
    try:
        return _check(record, files)
    except (RequestError, KeyError, TypeError, AttributeError, IndexError, ValueError, OverflowError) as error:
        lacking = f"it has no {error}" if isinstance(error, KeyError) else str(error).rstrip(".")
        raise RecordError(f"This saved result cannot be used: {cut(lacking, 160)}. Use the file as saved.") from None


def compare_experiment(saved: SavedExperiment, experiment: Experiment) -> str:
    """Whether an experiment done again found what was saved, in a sentence."""
    evidence = experiment.evidence
    if experiment.placements != saved.placements:
        return (
            "Opened from a saved result, which was compared with other random places than these: its counts may differ."
        )
    shares = (saved.hidden, evidence.hidden), (saved.kept, evidence.kept)
    if any(abs(before - now) > SAME for before, now in shares) or experiment.verdict.claim.value != saved.claim:
        return (
            f"Opened from a saved result, which found otherwise: {percent(saved.hidden)} hidden, {percent(saved.kept)} "
            f"alone, “{saved.claim}”. Another version or machine made it."
        )
    return "Opened from a saved result: these are the same numbers."


def compare_prediction(saved: Saved, prediction: Prediction) -> str:
    """Whether the model says again what was saved, in a sentence."""
    now = prediction.probabilities
    if now.shape == saved.probabilities.shape and np.abs(now - saved.probabilities).max() <= SAME:
        return "Opened from a saved result: the model’s answer is the same."
    return "Opened from a saved result, in which the model’s answer was another. Another version or machine made it."


def _open_zip(data: bytes) -> zipfile.ZipFile:
    if data.count(_DIRECTORY_ENTRY) > MOST_FILES:  # before all of them are read
        raise RecordError("This ZIP file holds more files than any saved result.")
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise RecordError("This ZIP file is damaged or cut short. Copy or download it again.") from None


def _extract(files: zipfile.ZipFile, name: str, most: int) -> bytes:
    """A file of a ZIP, at most `most` bytes of it whatever it says of itself."""
    try:
        with files.open(name) as file:
            content = file.read(most + 1)
    except KeyError:
        raise RecordError(f"This ZIP file has no {cut(name)}; it is none that “Save data” wrote.") from None
    except Exception:  # a damaged stream fails in any of a dozen ways, and to a person they all mean the same
        raise RecordError("This ZIP file is damaged or cut short. Copy or download it again.") from None
    if len(content) > most:
        raise RecordError(f"“{cut(name)}” in this ZIP file unpacks to more than any saved result.")
    return content


def _read_record(text: bytes) -> dict[str, Any]:
    if len(text) > MOST_RECORD_BYTES:
        raise RecordError("This file is larger than any record.")
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        raise RecordError("This is no saved result: open a ZIP file of “Save data”, or a “Result (.json)”.")
    return record


def _check(record: dict[str, Any], files: zipfile.ZipFile | None) -> Saved:
    schema = record.get("schema_version", 1)
    if not isinstance(schema, int) or schema > SCHEMA_VERSION:
        raise RecordError("This result was saved by a newer version than this one. Open it there.")
    masking = "verdict" in record
    if schema < 2 or (masking and (schema in FIRST_RULE or record["verdict"]["older_finding"])):
        raise RecordError(
            "This result was judged by the rule of versions before 0.3, which these pages no longer use: do the "
            "experiment again. replay_experiment() in Python still makes its numbers."
        )
    shown, kept = record.get("shown", {}), record.get("photo", {})
    digest, model, target = record["photo_sha256"], record["model"], record["target"]
    photo = b""
    if kept and files is not None:
        photo = _extract(files, str(kept["file"]), MAX_BYTES)
        if hashlib.sha256(photo).hexdigest() != digest:
            raise RecordError("The photo in this ZIP file is not the one that its result is of.")
    probabilities = record["probabilities"]
    original = _as_probabilities(probabilities["original"] if masking else probabilities)
    index = whole_number(target["index"], "A class", 0, len(original) - 1)
    method, options = read_method(record)
    sigmas = [shown.get("sigma", 5.0)] if masking else shown.get("sigmas") or [each["sigma"] for each in record["maps"]]
    if not 1 <= len(sigmas) <= MOST_SIGMAS:
        raise ValueError(f"it has {len(sigmas)} sigmas")
    return Saved(
        model=_as_name(model["name"]),
        model_title=cut(_as_name(model["title"])),
        weights_sha256=_as_name(model["weights_sha256"]),
        photo_sha256=_as_name(digest),
        photo=photo,
        title=cut(str(kept.get("title", "")), 100),
        crop_mode=one_of(record["crop_mode"], "crop mode", CROP_MODES),
        target=index,
        label=cut(_as_name(target["label"])),
        method=method,
        options=options,
        probabilities=original,
        sigmas=tuple(number(sigma, "A sigma", 0, 1000, "pixels") for sigma in sigmas),
        style=MapStyle(
            one_of(shown.get("colour_map", PLAIN.colour_map), "colour map", COLOUR_MAPS),
            number(shown.get("opacity", PLAIN.opacity), "An opacity", 0, 1, "(a share)"),
            bool(shown.get("one_scale", PLAIN.one_scale)),
        ),
        reduction=one_of(record.get("reduction", REDUCTIONS[0]), "reduction", REDUCTIONS),
        against=_check_against(record.get("against"), index, len(original)),
        experiment=_check_experiment(record, index) if masking else None,
    )


def _check_against(minus: Mapping[str, Any] | None, target: int, classes: int) -> int | None:
    if minus is None:
        return None
    index = whole_number(minus["index"], "A class", 0, classes - 1)
    if index == target:
        raise ValueError("it is of a class minus itself")
    return index


def _check_experiment(record: dict[str, Any], target: int) -> SavedExperiment:
    hidden, kept = (_as_probabilities(record["probabilities"][part]) for part in ("hidden", "kept"))
    return SavedExperiment(
        regions=_as_regions(record["regions"]),
        declared=check_declared(record["declared"]),
        from_map=bool(record["from_map"]),
        fill=check_fill(record["fill"]),
        seed=check_seed(record["seed"]),
        n_controls=check_count(record["n_controls"]),
        hidden=float(hidden[target]),
        kept=float(kept[target]),
        placements=tuple(_as_regions(control["regions"]) for control in record["controls"]),
        claim=cut(_as_name(record["verdict"]["claim"])),
    )


def _as_name(value: object) -> str:
    if not isinstance(value, str) or not value or len(value) > 1000:
        raise ValueError(f"{show(value)} is no name")
    return value


def _as_probabilities(values: Sequence[float]) -> NDArray[np.float64]:
    array = np.array(values, np.float64)
    if array.ndim != 1 or not len(array) or not ((array >= 0) & (array <= 1)).all():
        raise ValueError("its probabilities are none")
    return array


def _as_regions(regions: Sequence[Mapping[str, int]]) -> Placement:
    if not 1 <= len(regions) <= MOST_REGIONS:
        raise ValueError(f"it has {len(regions)} regions")
    return tuple(Region(each["top"], each["left"], each["height"], each["width"]) for each in regions)
