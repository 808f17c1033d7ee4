"""Models kept through the browser: a folder of the server's, one folder in it a model."""

import os
from pathlib import Path

from saliency_core.models.declared import Declared, read_models

KEPT = "SALIENCY_KEPT_MODELS"
"""The environment variable that names the folder of kept models."""
DECLARATION = "model.toml"


def kept_folder() -> Path:
    """The folder of kept models, which need not be there."""
    if named := os.environ.get(KEPT):
        return Path(named)
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "where-machines-look" / "models"


def kept_models() -> Declared:
    """The models that were kept, by their names."""
    found: Declared = {}
    for path in sorted(kept_folder().glob(f"*/{DECLARATION}")):
        found |= read_models(path)
    return found
