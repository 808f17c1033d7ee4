"""An audit's summary.json read again: what was found, without its photos."""

import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from saliency_core.audit.boxes import LeftOut
from saliency_core.audit.measure import Settings
from saliency_core.audit.overview import SCHEMA_VERSION
from saliency_core.audit.plan_file import PLAN, as_settings, no_audit
from saliency_core.audit.store import SUMMARY
from saliency_core.audit.summary import ClassSummary
from saliency_core.audit.words import Word
from saliency_core.errors import AuditError

Plain = TypeVar("Plain")


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
        values = json.loads((out / SUMMARY).read_bytes())
        if values["schema_version"] == SCHEMA_VERSION:
            return _as_overview(values)
    except FileNotFoundError:
        if not (out / PLAN).exists():
            raise no_audit(out) from None
        raise AuditError(f"The audit in {out} is not finished. Start it again: it goes on from there.") from None
    except (OSError, KeyError, TypeError, ValueError, AttributeError):
        pass
    raise AuditError(
        f"{out / SUMMARY} cannot be read: it is damaged, or another version wrote it. Delete it, and start the audit "
        "again."
    )


def _as_overview(values: dict[str, Any]) -> Overview:
    given = {name: values.pop(name) for name in _GIVEN}
    photos = values.pop("photos")
    given |= {name: photos[name] for name in ("planned", "found", "done")}
    given |= {
        "settings": as_settings(given["settings"]),
        "classes": tuple(_as_told(each) for each in given["classes"]),
        "unmatched": tuple(given["unmatched"]),
        "left_out": tuple(as_plain(LeftOut, each) for each in given["left_out"]),
    }
    more = {name: value for name, value in values.items() if name not in ("schema_version", "per_shard")}
    return Overview(**given, more=more)


_GIVEN = tuple(each.name for each in fields(Overview) if each.name not in ("planned", "found", "done", "more"))


def _as_told(values: dict[str, Any]) -> Told:
    word, sentence = values.pop("word"), values.pop("sentence")
    return Told(as_plain(ClassSummary, values), Word(word), str(sentence))


def as_plain(kind: type[Plain], values: Mapping[str, Any]) -> Plain:
    """The dataclass of plain values, or of such dataclasses, that asdict() and JSON gave the values of.

    Raises KeyError, TypeError or ValueError for other values.
    """
    hints = _hints(cast("Hashable", kind))
    if values.keys() != hints.keys():
        raise ValueError(f"not the fields of {kind.__name__}: {sorted(values)}")
    return kind(**{name: _read(hints[name], value) for name, value in values.items()})


@cache
def _hints(kind: Hashable) -> dict[str, Any]:
    return get_type_hints(cast("type[Any]", kind))


def _read(hint: Any, value: Any) -> Any:  # noqa: ANN401  (whatever JSON and hints hold)
    """A value of JSON as what a type hint says."""
    kinds = get_args(hint)
    if get_origin(hint) in (UnionType, Union):
        (kind,) = (each for each in kinds if each is not NoneType)
        return None if value is None else _read(kind, value)
    if get_origin(hint) is dict:
        return {name: _read(kinds[1], each) for name, each in value.items()}
    if get_origin(hint) is tuple:
        return tuple(_read(kinds[0], each) for each in value)
    if is_dataclass(hint):
        return as_plain(cast("type[Any]", hint), value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise TypeError(f"{value!r} is no {hint}")
    return value
