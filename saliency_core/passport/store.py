"""Passports kept beside their models: a folder of the server's, one file a model."""

import hashlib
from pathlib import Path

from saliency_core.errors import ModelError, RequestError
from saliency_core.models.kept import kept_folder
from saliency_core.models.model import Model
from saliency_core.models.weights import clear_partials, partial_path
from saliency_core.passport.finding import Passport
from saliency_core.passport.words import from_json, to_json


def passport_folder() -> Path:
    """The folder of passports, beside that of kept models; it need not be there."""
    return kept_folder().parent / "passports"


def find_passport(name: str, model: Model) -> Passport | None:
    """The passport of a model as it is declared now; None if it has not been examined, or has changed since."""
    try:
        return from_json(_path(name, model).read_bytes())
    except (OSError, RequestError):
        return None


def keep_passport(name: str, model: Model, passport: Passport) -> None:
    """Keep a model's passport in the place of any before.

    Raises ModelError if it cannot be written.
    """
    path = _path(name, model)
    partial = partial_path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        clear_partials(path)
        try:
            partial.write_text(to_json(passport), encoding="utf-8")
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise ModelError(
            "The passport cannot be kept: the folder beside that of kept models cannot be written. Make room there."
        ) from error


def _path(name: str, model: Model) -> Path:
    """Another file once the declaration or the weights are others."""
    stamp = f"{model.declared} {model.source.stamp} {model.preset}"
    return passport_folder() / f"{name}-{hashlib.sha256(stamp.encode()).hexdigest()[:16]}.json"
