"""JSON of unknown origin: read without ever failing otherwise than by a ValueError, and made a dataclass of."""

import json
from collections.abc import Hashable, Mapping
from dataclasses import is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Plain = TypeVar("Plain")


def read_json(text: str | bytes) -> Any:  # noqa: ANN401  (whatever JSON holds)
    """The value that a text is the JSON of.

    Raises ValueError for any other text, and for values within values too deep to be followed.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("values lie within values too deep") from None


def as_plain(kind: type[Plain], values: Mapping[str, Any]) -> Plain:
    """The dataclass of plain values, or of such dataclasses, that asdict() and JSON gave the values of; fields with a
    default may be missing.

    Raises AttributeError, OverflowError, TypeError or ValueError for other values.
    """
    hints = _hints(cast("Hashable", kind))
    if not values.keys() <= hints.keys():
        raise ValueError(f"not the fields of {kind.__name__}: {sorted(values)}")
    return kind(**{name: as_hinted(hints[name], value) for name, value in values.items()})


@cache
def _hints(kind: Hashable) -> dict[str, Any]:
    return get_type_hints(cast("type[Any]", kind))


def as_hinted(hint: Any, value: Any) -> Any:  # noqa: ANN401  (whatever JSON and hints hold)
    """A value of JSON as what a type hint says; a whole number may stand for a float, and stays one.

    Raises what as_plain() does.
    """
    kinds, origin = get_args(hint), get_origin(hint)
    if origin in (UnionType, Union):
        others = tuple(each for each in kinds if each is not NoneType)
        if value is None or (len(others) > 1 and isinstance(value, others)):
            return value
        (kind,) = others
        return as_hinted(kind, value)
    if origin is Literal:
        if not isinstance(value, str) or value not in kinds:
            raise ValueError(f"{value!r} is none of {kinds}")
        return value
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {name: as_hinted(kinds[1], each) for name, each in value.items()}
    if origin is tuple:
        if not isinstance(value, list) or (kinds[-1] is not ... and len(value) != len(kinds)):
            raise TypeError(f"{value!r} is no {hint}")
        return tuple(as_hinted(kinds[0], each) for each in value)
    if is_dataclass(hint):
        return as_plain(cast("type[Any]", hint), value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        float(value)  # which not every whole number can be
        return value
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise TypeError(f"{value!r} is no {hint}")
    if isinstance(value, str):
        value.encode()  # which not every text of JSON can be
    return value
