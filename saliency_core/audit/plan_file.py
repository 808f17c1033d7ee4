"""A plan as a file of an audit's folder."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from saliency_core.audit.boxes import LeftOut
from saliency_core.audit.files import write_whole
from saliency_core.audit.measure import Settings
from saliency_core.audit.plan import Asked, Plan, Planned, Target
from saliency_core.errors import AuditError

PLAN = "plan.json"
FORMAT = 1
"""Raised when the file's meaning changes."""


def write_plan(out: Path, plan: Plan) -> None:
    """Keep a plan, one line a photo. Raises OSError if it cannot be written."""
    parts = {"format": FORMAT} | {name: value for name, value in asdict(plan).items() if name != "digest"}
    lines = [f"{json.dumps(name)}: {_lines(value)}" for name, value in parts.items()]
    write_whole(out / PLAN, ("{\n" + ",\n".join(lines) + "\n}\n").encode())


def read_plan(out: Path) -> Plan | None:
    """The plan of a folder; None where there is none.

    Raises AuditError if it cannot be read.
    """
    try:
        values = json.loads((out / PLAN).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        values = None
    try:
        if values["format"] == FORMAT:
            return _as_plan(values)
    except (KeyError, TypeError, ValueError):
        pass
    raise AuditError(
        f"{out / PLAN} cannot be read: it is damaged, or another version wrote it. Name another folder for the audit."
    )


def _lines(value: object) -> str:
    """JSON with a line for each element of a list of dictionaries."""
    if isinstance(value, tuple) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(json.dumps(each, ensure_ascii=False) for each in value) + "\n]"
    return json.dumps(value, ensure_ascii=False)


def _as_plan(values: Mapping[str, Any]) -> Plan:
    asked = dict(values["asked"])
    settings = asked.pop("settings")
    return Plan(
        folder=values["folder"],
        title=values["title"],
        categories=tuple(values["categories"]),
        asked=Asked(settings=Settings(**settings | {"fills": tuple(settings["fills"])}), **asked),
        photos=tuple(_as_planned(each) for each in values["photos"]),
        found=values["found"],
        left_out=tuple(LeftOut(**each) for each in values["left_out"]),
        unmatched=tuple(values["unmatched"]),
        mixed=tuple(values.get("mixed", ())),
    )


def _as_planned(values: Mapping[str, Any]) -> Planned:
    targets = (
        Target(each["target"], each["what"], tuple(tuple(edges) for edges in each["boxes"]))
        for each in values["targets"]
    )
    return Planned(values["name"], values["size"], values["label"], tuple(targets))
