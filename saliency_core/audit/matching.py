"""Labels of a folder and names of boxes as a model's classes: the same name or none, never a guess."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from saliency_core.audit.names import NamedClasses, fold
from saliency_core.audit.reading import read_table, read_text
from saliency_core.errors import RequestError
from saliency_core.text import cut, join_words

Given = Mapping[str, str | int | Sequence[str | int]]
"""Classes that a person chose for a label, by name or number: "wallaby" for kangaroo, several where all are right."""

_HEADERS = {(label, of) for label in ("label", "name", "folder") for of in ("class", "category", "model class")}


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """Names, and the classes that they are.

    found: the classes' indices, several only where a person chose several.
    missing: the names that are no class, or that several classes have.
    ambiguous: of the missing ones, the classes that have the name.
    near: of the missing ones, names of classes that may be meant.
    """

    found: Mapping[str, tuple[int, ...]]
    missing: tuple[str, ...]
    ambiguous: Mapping[str, tuple[int, ...]]
    near: Mapping[str, tuple[str, ...]]

    @property
    def listing(self) -> tuple[str, ...]:
        """A sentence for each missing name."""
        return tuple(self._tell(name) for name in self.missing)

    def _tell(self, name: str) -> str:
        called = f"“{cut(name)}”"
        if name in self.ambiguous:
            return f"{called} is the name of several classes: {join_words([str(i) for i in self.ambiguous[name]])}."
        near = [f"“{cut(each)}”" for each in self.near.get(name, ())]
        return f"{called} is none of the model’s classes." + (f" Near: {join_words(near)}." if near else "")


def match_labels(names: Iterable[str], categories: Sequence[str], given: Given | None = None) -> Matching:
    """The classes that names are.

    A name is a class if it is spelt like it, or else like it but for capitals, spaces, underscores and hyphens, or
    else but for a plural's ending; or like one of the names that a category has between commas ("tabby, tabby cat").
    Of ImageNet's classes WordNet's number, also at a name's beginning, is the class (n02123045-tabby); of any model's,
    its index (281). A name that fits several classes is none.

    given: classes that a person chose, which come before all else; keys that are not among the names do nothing.

    Raises RequestError for a choice that is none of the model's classes.
    """
    named = NamedClasses(categories)
    chosen = {fold(name): named.choose(name, of) for name, of in (given or {}).items()}
    found: dict[str, tuple[int, ...]] = {}
    ambiguous: dict[str, tuple[int, ...]] = {}
    near: dict[str, tuple[str, ...]] = {}
    unique = tuple(dict.fromkeys(names))
    for name in unique:
        indices = chosen.get(fold(name)) or named.find(name)
        if len(indices) == 1 or fold(name) in chosen:
            found[name] = indices
        elif indices:
            ambiguous[name] = indices
        else:
            near[name] = named.near(name)
    return Matching(found, tuple(name for name in unique if name not in found), ambiguous, near)


def read_given(said: Path | str) -> dict[str, tuple[str, ...]]:
    """Choices from a file: JSON such as {"kangaroo": "wallaby"}, or a CSV file of label and class, one pair a row; or
    from such JSON itself.

    Raises RequestError if it cannot be read or is something else.
    """
    try:
        text = said if isinstance(said, str) and said.lstrip().startswith("{") else read_text(Path(said))
        if not text.lstrip().startswith("{"):
            pairs = [(row[0], row[1]) for row in read_table(Path(said)) if len(row) > 1 and row[0] and row[1]]
            if pairs and (pairs[0][0].casefold(), pairs[0][1].casefold()) in _HEADERS:
                pairs = pairs[1:]
        else:
            pairs = [
                (label, str(each))
                for label, classes in json.loads(text).items()
                for each in (classes if isinstance(classes, list) else [classes])
                if isinstance(each, str | int)
            ]
    except (RequestError, ValueError, RecursionError):
        pairs = []
    if not pairs:
        raise RequestError(
            f"{cut(str(said), 80)} gives no label a class. Write a CSV file of label and class, "
            'or JSON such as {"kangaroo": "wallaby"}.'
        )
    given: dict[str, tuple[str, ...]] = {}
    for label, of in pairs:
        given[label] = (*given.get(label, ()), of)
    return given
