"""Where audits lie that nobody named a folder for: one folder of this machine's, a folder in it for each."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from saliency_core.audit.files import holder
from saliency_core.audit.plan_file import PLAN
from saliency_core.errors import AuditError
from saliency_core.models.kept import data_folder
from saliency_core.text import cut

HOME = "SALIENCY_AUDITS"
"""The environment variable that names the folder of audits."""
LOG = ".log"


def audits_folder() -> Path:
    """The folder of audits, which need not be there."""
    if named := os.environ.get(HOME):
        return Path(named).expanduser().resolve()
    return data_folder() / "audits"


def list_audits() -> tuple[str, ...]:
    """The names of the audits there, the newest first: those whose plan has been written, and those of which a process
    has said something."""
    home = audits_folder()
    places = [(path.parent.name, path) for path in home.glob(f"*/{PLAN}")]
    places += [(path.name.removesuffix(LOG), path) for path in home.glob(f"*{LOG}")]
    found: dict[str, float] = {}
    for name, path in places:
        with suppress(OSError, UnicodeEncodeError):  # deleted meanwhile, or a link to nowhere; no text in UTF-8
            name.encode()
            found[name] = path.stat().st_mtime
    return tuple(sorted(found, key=lambda name: (found[name], name), reverse=True))


def find_audit(name: str) -> Path:
    """The folder of one of list_audits()."""
    return audits_folder() / name


def free_name(wanted: str) -> str:
    """A name that nothing there has: the one wanted, or that with a number."""
    name, number = wanted, 1
    while find_audit(name).exists() or log_path(find_audit(name)).exists():
        number += 1
        name = f"{wanted}-{number}"
    return name


def delete_audit(name: str) -> None:
    """Take one of list_audits() away, with all that was measured; the photos stay.

    Raises AuditError if it is being written, or cannot be deleted.
    """
    out = find_audit(name)
    if holder(out) is not None:
        raise AuditError(f"“{cut(name)}” is being measured. Stop it first.")
    try:
        if out.exists():
            shutil.rmtree(out)
        log_path(out).unlink(missing_ok=True)
    except OSError as error:
        raise AuditError(f"{out} cannot be deleted: {error.strerror or error}.") from error


def log_path(out: Path) -> Path:
    """What the process that writes to a folder says, beside it."""
    return out.with_name(out.name + LOG)
