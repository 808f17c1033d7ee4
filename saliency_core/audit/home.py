"""Where audits lie that nobody named a folder for: one folder of this machine's, a folder in it for each."""

import os
from pathlib import Path

from saliency_core.audit.plan_file import PLAN

HOME = "SALIENCY_AUDITS"
"""The environment variable that names the folder of audits."""


def audits_folder() -> Path:
    """The folder of audits, which need not be there."""
    if named := os.environ.get(HOME):
        return Path(named).expanduser().resolve()
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "where-machines-look" / "audits"


def list_audits() -> tuple[str, ...]:
    """The names of the audits there, the newest first: those whose plan has been written."""
    found = [(path.stat().st_mtime, path.parent.name) for path in audits_folder().glob(f"*/{PLAN}")]
    return tuple(name for _, name in sorted(found, reverse=True))


def free_name(wanted: str) -> str:
    """A name that no audit has: the one wanted, or that with a number."""
    name, number = wanted, 1
    while (audits_folder() / name).exists():
        number += 1
        name = f"{wanted}-{number}"
    return name
