"""A plan as a file of an audit's folder."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from saliency_core.audit.boxes import LeftOut
from saliency_core.audit.files import write_whole
from saliency_core.audit.plan import Asked, Plan, Planned, Target
from saliency_core.errors import AuditError
from saliency_core.plain import as_plain, read_json

PLAN = "plan.json"
FORMAT = 2
"""Raised when the meaning of this file or of the rows changes: an audit is gone on with, and read, by what began it."""
MOST_PHOTOS = 100_000_000
_DAMAGES = (OSError, AttributeError, KeyError, OverflowError, TypeError, ValueError)
"""What a file that this library did not write leads to; SaliencyError's RequestError is a ValueError."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A plan without its photos.

    planned: how many there are; digest, folder, title, categories, asked: the plan's.
    """

    digest: str
    planned: int
    folder: str
    title: str
    categories: tuple[str, ...]
    asked: Asked


def write_plan(out: Path, plan: Plan) -> None:
    """Keep a plan, one line a photo, after those of its heading. Raises OSError if it cannot be written."""
    values = asdict(plan)
    parts = {"format": FORMAT, "digest": values.pop("digest"), "planned": len(plan.photos)} | values
    lines = [f"{json.dumps(name)}: {_lines(value)}" for name, value in parts.items()]
    write_whole(out / PLAN, ("{\n" + ",\n".join(lines) + "\n}\n").encode())


def read_plan(out: Path) -> Plan | None:
    """The plan of a folder; None where there is none.

    Raises AuditError if it cannot be read.
    """
    try:
        values = read_json((out / PLAN).read_bytes())
        _check_format(values)
        return _as_plan(values)
    except FileNotFoundError:
        return None
    except _DAMAGES as error:
        raise _unreadable(out) from error


def read_heading(out: Path) -> Heading:
    """The heading of a folder's plan, which takes as long for a hundred thousand photos as for one.

    Raises AuditError if it cannot be read, or there is none.
    """
    values: dict[str, Any] = {}
    try:
        with (out / PLAN).open("rb") as file:
            for line in islice(file, 1, None):
                name, _, value = line.decode().partition(": ")
                if name == '"photos"':
                    break
                values[read_json(name)] = read_json(value.rstrip().removesuffix(","))
        _check_format(values)
        digest, planned = values["digest"], values["planned"]
        _texts([digest])
        if not 0 <= _whole(planned) <= MOST_PHOTOS:
            raise ValueError(planned)
        return Heading(digest, planned, **_as_heading(values))
    except FileNotFoundError:
        raise no_audit(out) from None
    except _DAMAGES as error:
        raise _unreadable(out) from error


def no_audit(out: Path) -> AuditError:
    """The error for a folder without one."""
    return AuditError(f"There is no audit in {out}; name a folder that an audit was written to.")


def _unreadable(out: Path) -> AuditError:
    return AuditError(
        f"{out / PLAN} cannot be read: it is damaged, or another version wrote it. Run the audit again into another "
        "folder."
    )


def _check_format(values: Mapping[str, Any]) -> None:
    if values["format"] != FORMAT:
        raise ValueError("another version's")


def _lines(value: object) -> str:
    """JSON with a line for each element of a list of dictionaries."""
    if isinstance(value, tuple) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(json.dumps(each, ensure_ascii=False) for each in value) + "\n]"
    return json.dumps(value, ensure_ascii=False)


def _as_plan(values: Mapping[str, Any]) -> Plan:
    heading = _as_heading(values)
    return Plan(
        **heading,
        photos=tuple(_as_planned(each, len(heading["categories"])) for each in values["photos"]),
        found=_whole(values["found"]),
        left_out=tuple(as_plain(LeftOut, each) for each in values["left_out"]),
        unmatched=_texts(values["unmatched"]),
        mixed=_texts(values.get("mixed", [])),
    )


def _as_heading(values: Mapping[str, Any]) -> dict[str, Any]:
    check_settings(values["asked"]["settings"])
    asked = as_plain(Asked, values["asked"])
    if asked.per_shard < 1:
        raise ValueError(asked.per_shard)
    folder, title = _texts([values["folder"], values["title"]])
    return {"folder": folder, "title": title, "categories": _texts(values["categories"]), "asked": asked}


def check_settings(values: Mapping[str, Any]) -> None:
    """Raise ValueError for settings that do not say by which fills: they have a default, which need not be meant."""
    if "fills" not in values:
        raise ValueError(values)


def _as_planned(values: Mapping[str, Any], classes: int) -> Planned:
    name, label = values["name"], values["label"]
    _texts([name, label or ""])
    return Planned(name, _whole(values["size"]), label, tuple(_as_target(each, classes) for each in values["targets"]))


def _as_target(values: Mapping[str, Any], classes: int) -> Target:
    target = values["target"]
    if target is not None and not 0 <= _whole(target) < classes:
        raise ValueError(target)
    _texts([values["what"]])
    boxes = tuple((left, top, right, bottom) for left, top, right, bottom in values["boxes"])
    if not all(isinstance(edge, float | int) for edges in boxes for edge in edges):
        raise TypeError(boxes)
    return Target(target, values["what"], boxes)


def _texts(values: list[Any]) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise TypeError(values)
    "".join(values).encode()  # which not every text of JSON can be
    return tuple(values)


def _whole(value: Any) -> int:  # noqa: ANN401
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(value)
    return value
