"""Classes' names as people keep them: one a line, a JSON list, or an object of indices and names."""

import json
import runpy
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

from saliency_core.errors import ModelError

_KINDS = 'one name a line, a JSON list of names, or a JSON object such as {"0": "cat", "1": "dog"}'


@cache
def imagenet_categories() -> tuple[str, ...]:
    """The names of ImageNet's classes, from the one file of torchvision that has them.

    The file is run by itself, since importing torchvision takes two seconds.
    """
    file = distribution("torchvision").locate_file("torchvision/models/_meta.py")
    return tuple(runpy.run_path(str(file))["_IMAGENET_CATEGORIES"])


def read_class_names(path: Path) -> tuple[str, ...]:
    """The names in a file, in the order of the model's scores.

    Raises ModelError, naming the file, if it cannot be read or is of another kind.
    """
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise ModelError(f"The class names {path.name} cannot be opened. Check that the file is there.") from error
    return parse_class_names(content, path.name)


def parse_class_names(content: bytes, name: str) -> tuple[str, ...]:
    """The names in a file's bytes, in the order of the model's scores.

    name: the file's.

    Raises ModelError, naming the file, if they are of another kind.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ModelError(f"{name} is no text in UTF-8. Save the class names as {_KINDS}.") from error
    if text.lstrip().startswith(("[", "{")):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ModelError(f"{name} is no JSON. Save the class names as {_KINDS}.") from error
        return order_class_names(found, name)
    return order_class_names([line.strip() for line in text.splitlines() if line.strip()], name)


def order_class_names(found: object, name: str) -> tuple[str, ...]:
    """Names in the order of the scores, of a list, or of an object of indices and names, whichever is the key.

    name: of what they are from, to begin a sentence with.

    Raises ModelError if they are something else, or an index lacks its name.
    """
    if isinstance(found, Mapping):
        found = _by_index(found, name)
    if not isinstance(found, Sequence) or isinstance(found, str) or not all(isinstance(each, str) for each in found):
        raise ModelError(f"{name} holds something else than class names. Save them as {_KINDS}.")
    names = tuple(" ".join(each.split()) for each in found)
    if len(names) < 2 or not all(names):
        raise ModelError(f"{name} must hold at least two class names, none of them empty. Save them as {_KINDS}.")
    return names


def _by_index(found: Mapping[object, object], name: str) -> list[object]:
    """The names of an object, in the order of its indices."""
    pairs = list(found.items())
    if all(isinstance(value, int) for _, value in pairs):  # as torchvision's ImageFolder has it
        pairs = [(value, key) for key, value in pairs]
    try:
        by_index = {int(str(key)): _plain(value) for key, value in pairs}
    except ValueError as error:
        raise ModelError(f"{name} has keys that are no indices. Save the class names as {_KINDS}.") from error
    lacking = next((index for index in range(len(by_index)) if index not in by_index), None)
    if lacking is not None or len(by_index) < len(pairs):
        raise ModelError(f"{name} gives no name, or two, for class {lacking or 0}. Give one for each index from 0 up.")
    return [by_index[index] for index in range(len(by_index))]


def _plain(value: object) -> object:
    """A name; ImageNet's usual file has a pair of identifier and name for it."""
    return value[-1] if isinstance(value, list) and value else value
