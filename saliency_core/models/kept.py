"""Models kept through the browser: a folder of the server's, one folder in it a model.

A model is made in a folder of its own beside them, and moved among them whole once it is to be kept: none is ever
there half.
"""

import os
import shutil
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit

from saliency_core.errors import ModelError
from saliency_core.models.declared import Declared, declare, read_models
from saliency_core.models.model import Model

KEPT = "SALIENCY_KEPT_MODELS"
"""The environment variable that names the folder of kept models."""
DECLARATION = "model.toml"
_DRAFTS = ".drafts"
_FORGOTTEN = 86_400.0
"""Seconds after which nobody is thought to come back for a draft."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A model that is about to be kept.

    name: what it is to be called in links; folder: where its files lie meanwhile.
    """

    name: str
    folder: Path

    def open(self) -> Model:
        """The model.

        Raises ModelError or WeightsError where it cannot be used.
        """
        table = tomlkit.parse((self.folder / DECLARATION).read_text(encoding="utf-8")).unwrap()[self.name]
        return declare(self.name, table, self.folder)

    def keep(self) -> None:
        """Move it among the kept models.

        Raises ModelError if there is one of that name, or the folder cannot be written.
        """
        kept = kept_folder() / self.name
        try:
            if not kept.exists():
                self.folder.rename(kept)
                return
        except OSError as error:
            if not os.path.exists(kept):  # noqa: PTH110  (never raises); else another process was quicker
                raise ModelError(_tell_unwritable()) from error
        raise ModelError(f"There is a kept model called “{self.name}” already. Give this one another title.")

    def discard(self) -> None:
        """Take it away."""
        shutil.rmtree(self.folder, ignore_errors=True)


def kept_folder() -> Path:
    """The folder of kept models, which need not be there."""
    if named := os.environ.get(KEPT):
        return Path(named)
    return data_folder() / "models"


def data_folder() -> Path:
    """The folder for what is kept for a person on this machine, which need not be there."""
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "where-machines-look"


def kept_models() -> Declared:
    """The models that were kept, by their names."""
    found: Declared = {}
    for path in sorted(kept_folder().glob(f"*/{DECLARATION}")):
        found |= read_models(path)
    return found


def make_draft(name: str, table: Mapping[str, Any], files: Mapping[str, bytes]) -> Draft:
    """A model that is about to be kept.

    name: what it is to be called in links; table: its declaration; files: those that the declaration names.

    Raises ModelError if they cannot be written.
    """
    drafts = kept_folder() / _DRAFTS
    folder = drafts / uuid.uuid4().hex
    try:
        folder.mkdir(parents=True)
        _clear(drafts)
        for file, content in files.items():
            (folder / file).write_bytes(content)
        (folder / DECLARATION).write_text(tomlkit.dumps({name: dict(table)}), encoding="utf-8")
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise ModelError(_tell_unwritable()) from error
    return Draft(name, folder)


def _clear(drafts: Path) -> None:
    """Take away drafts that nobody comes back for: of sessions that ended, and of processes that were killed."""
    for old in drafts.iterdir():
        with suppress(OSError):  # another process does the same
            if time.time() - old.stat().st_mtime > _FORGOTTEN:
                shutil.rmtree(old, ignore_errors=True)


def forget_model(name: str) -> None:
    """Take a kept model away, with its files.

    Raises ModelError if there is none of that name, or its folder cannot be written.
    """
    path = kept_folder() / name
    if name not in {each.parent.name for each in kept_folder().glob(f"*/{DECLARATION}")}:
        raise ModelError(f"There is no kept model called “{name}”. Those of models.toml are taken away there.")
    away = kept_folder() / _DRAFTS / uuid.uuid4().hex
    try:
        away.parent.mkdir(exist_ok=True)
        path.rename(away)  # at once, so that it is never there half
    except OSError as error:
        raise ModelError(_tell_unwritable()) from error
    shutil.rmtree(away, ignore_errors=True)


def _tell_unwritable() -> str:
    return (
        f"The folder of kept models cannot be written. Make room there, or have the server's owner set {KEPT} to "
        "another folder."
    )
