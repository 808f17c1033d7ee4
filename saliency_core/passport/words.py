"""A passport as text to read and as JSON to keep, the same on a page and in a shell."""

import json
import math
from typing import Any

from saliency_core.checks import show
from saliency_core.errors import RequestError
from saliency_core.passport.finding import STATUSES, Finding, Passport, Value
from saliency_core.plain import read_json

SCHEMA_VERSION = 1
_WIDTH = max(map(len, STATUSES))


def to_text(passport: Passport, details: bool = True) -> str:
    """The passport in lines: what was examined, the result, then each finding.

    details: whether the numbers behind each finding are told too.
    """
    weights = f"weights: {passport.weights_origin}" if passport.weights_origin else "no weights"
    digest = f", sha256 {passport.weights_sha256}" if passport.weights_sha256 else ""
    versions = ", ".join(f"{name} {number}" for name, number in passport.versions)
    lines = [f"{passport.title} ({passport.name})", f"{weights}{digest}", f"{passport.date}; {versions}"]
    lines += ["", passport.result]
    for finding in passport.findings:
        lines += ["", f"{finding.status.upper():{_WIDTH}}  {finding.title}", f"{'':{_WIDTH}}  {finding.sentence}"]
        if details:
            lines += [f"{'':{_WIDTH}}    {name}: {tell_value(value)}" for name, value in finding.details]
    return "\n".join(lines) + "\n"


def tell_value(value: Value) -> str:
    """A detail's value as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.6g}"
    return f"{value:,}" if isinstance(value, int) else value


def to_json(passport: Passport) -> str:
    """The passport as JSON, its result and worst status besides."""
    return json.dumps(
        {
            "schema_version": SCHEMA_VERSION,
            "name": passport.name,
            "title": passport.title,
            "weights": passport.weights_origin,
            "weights_sha256": passport.weights_sha256,
            "date": passport.date,
            "versions": dict(passport.versions),
            "status": passport.status,
            "result": passport.result,
            "findings": [
                {
                    "key": finding.key,
                    "title": finding.title,
                    "status": finding.status,
                    "sentence": finding.sentence,
                    "details": {name: _as_json(value) for name, value in finding.details},
                }
                for finding in passport.findings
            ],
        },
        ensure_ascii=False,
        indent=2,
        allow_nan=False,
    )


def from_json(text: str | bytes) -> Passport:
    """The passport that to_json() wrote.

    Raises RequestError for anything else.
    """
    try:
        read = read_json(text)
        if read["schema_version"] != SCHEMA_VERSION:
            raise RequestError(
                f"This passport has the schema version {show(read['schema_version'])}; this library reads version "
                f"{SCHEMA_VERSION}. Examine the model again."
            )
        return Passport(
            _text(read["name"]),
            _text(read["title"]),
            _text(read["weights"]),
            _text(read["weights_sha256"]),
            _text(read["date"]),
            tuple((name, _text(number)) for name, number in read["versions"].items()),
            tuple(_read_finding(finding) for finding in read["findings"]),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, RequestError):
            raise
        raise RequestError("This is no passport of a model, or it is damaged. Examine the model again.") from error


def _read_finding(read: dict[str, Any]) -> Finding:
    details = tuple((name, _value(value)) for name, value in read["details"].items())
    if read["status"] not in STATUSES:
        raise ValueError(read["status"])
    return Finding(_text(read["key"]), _text(read["title"]), read["status"], _text(read["sentence"]), details)


def _text(value: Any) -> str:  # noqa: ANN401
    if not isinstance(value, str):
        raise TypeError(type(value))
    return value


def _value(value: Any) -> Value:  # noqa: ANN401
    if not isinstance(value, str | int | float | bool):
        raise TypeError(type(value))
    return value


def _as_json(value: Value) -> Value:
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
