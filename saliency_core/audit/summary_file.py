"""An audit's summary.json read again: what was found, without its photos."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_type_hints

from saliency_core.audit.boxes import LeftOut
from saliency_core.audit.measure import Settings
from saliency_core.audit.overview import SCHEMA_VERSION
from saliency_core.audit.plan_file import PLAN, check_settings, no_audit
from saliency_core.audit.store import SUMMARY
from saliency_core.audit.summary import ClassSummary
from saliency_core.audit.words import Word
from saliency_core.errors import AuditError
from saliency_core.plain import as_hinted, as_plain, read_json


@dataclass(frozen=True, slots=True)
class Told:
    """A class with what is said of it."""

    summary: ClassSummary
    word: Word
    sentence: str


@dataclass(frozen=True, slots=True)
class Overview:
    """A finished audit over all of its photos.

    title, model, weights: of the model: for people, its name, and its weights' sha256; device: that it ran on.
    version, packages: the library's own, and those of the packages that it computed with.
    plan: the plan's digest. planned, found, done: photos that were to be measured, that could have been, and that are
        measured or left out; rows: one for each class asked of a photo.
    classes: the ranked ones from the least mean need up, then the others by how many photos were judged.
    not_hidden, left_out_by_reason: how often there is each reason, the most frequent first.
    noted: on how many photos there is each note, see Photo.
    unmatched: a sentence for each name that is no class.
    more: what else the file has, by its key.
    """

    title: str
    model: str
    weights: str
    device: str
    settings: Settings
    seed: int
    version: str
    packages: Mapping[str, str]
    plan: str
    planned: int
    found: int
    done: int
    rows: int
    classes: tuple[Told, ...]
    not_hidden: Mapping[str, int]
    noted: Mapping[str, int]
    unmatched: tuple[str, ...]
    left_out_by_reason: Mapping[str, int]
    left_out: tuple[LeftOut, ...]
    more: Mapping[str, Any]


def read_summary(out: Path | str) -> Overview:
    """What a finished audit found; quick, however many photos it has.

    Raises AuditError where there is no audit, where it is not finished, and where the file is damaged or another
    version's.
    """
    out = Path(out)
    try:
        values = read_json((out / SUMMARY).read_bytes())
        if values["schema_version"] == SCHEMA_VERSION:
            return _as_overview(values)
    except FileNotFoundError:
        if not (out / PLAN).exists():
            raise no_audit(out) from None
        raise AuditError(f"The audit in {out} is not finished. Start it again: it goes on from there.") from None
    except (OSError, AttributeError, KeyError, OverflowError, TypeError, ValueError):
        pass
    raise AuditError(
        f"{out / SUMMARY} cannot be read: it is damaged, or another version wrote it. Delete it, and start the audit "
        "again."
    )


def _as_overview(values: dict[str, Any]) -> Overview:
    check_settings(values["settings"])
    photos, classes = values.pop("photos"), values.pop("classes")
    given = {name: as_hinted(_HINTS[name], photos[name]) for name in _OF_PHOTOS}
    values.setdefault("noted", {})  # an older version's
    given |= {name: as_hinted(_HINTS[name], values.pop(name)) for name in _GIVEN}
    given["classes"] = tuple(_as_told(each) for each in classes)
    more = {name: value for name, value in values.items() if name not in ("schema_version", "per_shard")}
    return Overview(**given, more=more)


_HINTS = get_type_hints(Overview)
_OF_PHOTOS = ("planned", "found", "done")
_GIVEN = tuple(each.name for each in fields(Overview) if each.name not in (*_OF_PHOTOS, "classes", "more"))


def _as_told(values: dict[str, Any]) -> Told:
    word, sentence = values.pop("word"), values.pop("sentence")
    return Told(as_plain(ClassSummary, values), Word(word), str(sentence))
