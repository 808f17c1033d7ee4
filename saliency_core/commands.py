"""What can be asked of the library from a shell: python -m saliency_core ..."""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from saliency_core.audit import command as audit
from saliency_core.errors import AuditError, SaliencyError
from saliency_core.models.classifier import load_classifier
from saliency_core.models.model import BrokenModel, Model
from saliency_core.models.registry import all_models
from saliency_core.passport.examine import examine, refuse
from saliency_core.passport.finding import Passport
from saliency_core.passport.words import to_json, to_text
from saliency_core.presentation.audit_report import audit_report

_EXIT_CODES = "exit code: 0 if nothing failed (warnings included), 1 if the model cannot be loaded or a check failed, \
2 for a command that is not understood"


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say (else the command line's), and return the exit code."""
    asked = _parser().parse_args(arguments)
    code: int = asked.do(asked)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m saliency_core", description="See what an image classifier looks at.")
    rooms = parser.add_subparsers(required=True, metavar="COMMAND")
    models = rooms.add_parser("models", help="list and examine models", epilog=_EXIT_CODES)
    commands = models.add_subparsers(required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="list the models that can be loaded", epilog=_EXIT_CODES)
    listing.add_argument("--json", action="store_true", help="as JSON")
    listing.set_defaults(do=_list)
    check = commands.add_parser(
        "check",
        help="examine a model: its passport",
        description="Examine a model before it is believed, and print its passport.",
        epilog=_EXIT_CODES,
    )
    check.add_argument("name", metavar="NAME", help="one of the names that models list prints")
    check.add_argument("--json", action="store_true", help="print the passport as JSON")
    check.add_argument(
        "--photos", type=Path, metavar="FOLDER", help="a folder of labelled photos, one subfolder a class; ten will do"
    )
    check.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 or mps (default: auto)")
    check.set_defaults(do=_check)
    audit.fill_parser(rooms.add_parser("audit", help=audit.TITLE))
    report = rooms.add_parser(
        "audit-report",
        help="a finished audit as one HTML file",
        description="Write what a finished audit found as one HTML file, which works offline and prints.",
        epilog="exit code: 0 if it is written, 1 if the audit cannot be read or the file cannot be written",
    )
    report.add_argument("out", type=Path, metavar="DIR", help="the audit's folder")
    report.add_argument("file", type=Path, metavar="FILE", help="the file to write, in the place of any before")
    report.set_defaults(do=_report)
    return parser


def _report(asked: argparse.Namespace) -> int:
    try:
        asked.file.write_text(audit_report(asked.out, date.today()), encoding="utf-8")
    except (AuditError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _list(asked: argparse.Namespace) -> int:
    rows = [_describe(name, model) for name, model in all_models().items()]
    if asked.json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return 0
    width = max(len(str(row["name"])) for row in rows)
    for row in rows:
        told = row.get("problem") or row["about"]
        missing = "" if row.get("downloaded", True) else " Its weights have to be downloaded first."
        print(f"{row['name']:{width}}  {row['title']}. {told}{missing}")
    return 0


def _describe(name: str, model: Model | BrokenModel) -> dict[str, Any]:
    if isinstance(model, BrokenModel):
        return {"name": name, "title": model.title, "problem": model.problem}
    return {"name": name, "title": model.title, "about": model.about, "downloaded": not model.source.missing}


def _check(asked: argparse.Namespace) -> int:
    def tell(share: float, doing: str) -> None:
        if sys.stderr.isatty():
            print(f"\r\033[K{share:4.0%}  {doing} ...", end="", file=sys.stderr, flush=True)

    if asked.photos is not None and not asked.photos.is_dir():
        print(f"There is no folder {asked.photos}.", file=sys.stderr)
        return 2
    passport: Passport
    try:
        passport = examine(load_classifier(asked.name, device=asked.device), photos=asked.photos, progress=tell)
    except SaliencyError as error:
        known = all_models().get(asked.name)
        passport = refuse(asked.name, known.title if known else asked.name, error)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    print(to_json(passport) if asked.json else to_text(passport), end="\n" if asked.json else "")
    return 1 if passport.status == "failed" else 0
