"""A plan as a file of an audit's folder."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from saliency_core.audit.boxes import LeftOut
from saliency_core.audit.files import write_whole
from saliency_core.audit.measure import Settings
from saliency_core.audit.plan import Asked, Plan, Planned, Target
from saliency_core.errors import AuditError

PLAN = "plan.json"
FORMAT = 2
"""Raised when the meaning of this file or of the rows changes: an audit is gone on with, and read, by what began it."""


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
        values = json.loads((out / PLAN).read_bytes())
        _check_format(values)
        return _as_plan(values)
    except FileNotFoundError:
        return None
    except (OSError, KeyError, TypeError, ValueError) as error:
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
                values[json.loads(name)] = json.loads(value.rstrip().removesuffix(","))
        _check_format(values)
        return Heading(values["digest"], values["planned"], **_as_heading(values))
    except FileNotFoundError:
        raise no_audit(out) from None
    except (OSError, KeyError, TypeError, ValueError) as error:
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
    return Plan(
        **_as_heading(values),
        photos=tuple(_as_planned(each) for each in values["photos"]),
        found=values["found"],
        left_out=tuple(LeftOut(**each) for each in values["left_out"]),
        unmatched=tuple(values["unmatched"]),
        mixed=tuple(values.get("mixed", ())),
    )


def _as_heading(values: Mapping[str, Any]) -> dict[str, Any]:
    asked = {**values["asked"], "settings": as_settings(values["asked"]["settings"])}
    return {
        "folder": values["folder"],
        "title": values["title"],
        "categories": tuple(values["categories"]),
        "asked": Asked(**asked),
    }


def as_settings(values: Mapping[str, Any]) -> Settings:
    """Settings from JSON. Raises KeyError, TypeError or ValueError for other values."""
    return Settings(**{**values, "fills": tuple(values["fills"])})


def _as_planned(values: Mapping[str, Any]) -> Planned:
    targets = (
        Target(each["target"], each["what"], tuple(tuple(edges) for edges in each["boxes"]))
        for each in values["targets"]
    )
    return Planned(values["name"], values["size"], values["label"], tuple(targets))
