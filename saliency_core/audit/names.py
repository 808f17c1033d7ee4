"""A model's classes by all that they may be called."""

import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from saliency_core.errors import RequestError
from saliency_core.models.class_names import imagenet_categories
from saliency_core.passport.labelled import imagenet_synsets
from saliency_core.text import cut, join_words

_SYNSET = re.compile(r"n[0-9]{8}(?![0-9])")
_SHARED = {"crane": 134, "maillot": 639}
"""Two of ImageNet's classes each are called so, of which torchvision calls one "crane bird", "maillot tank suit"."""
_NEAR, _ALIKE = 5, 0.75
"""How many classes are offered for a name that is none, and how alike their spelling must be, from 0 to 1."""


class NamedClasses:
    """A model's classes by all that they may be called, the strictest spelling first."""

    def __init__(self, categories: Sequence[str]) -> None:
        self._categories = categories
        self._pages: list[dict[str, set[int]]] = []
        for spellings in (_exactly, _folded, _squeezed, _singulars):
            page: dict[str, set[int]] = defaultdict(set)
            for index, category in enumerate(categories):
                for synonym in (category, *category.split(",")):
                    for spelling in spellings(synonym):
                        page[spelling].add(index)
            self._pages.append(page)
        self._synsets: dict[str, int] = {}
        if _are_imagenets(categories):
            self._synsets = {synset: index for index, synset in enumerate(imagenet_synsets())}
            for name, index in _SHARED.items():
                self._pages[0][name].add(index)
                self._pages[1][name].add(index)

    def find(self, name: str) -> tuple[int, ...]:
        """The classes that a name fits best; none, one or several."""
        exactly, folded, squeezed, singular = self._pages
        for page, spellings in ((exactly, _exactly), (folded, _folded), (squeezed, _squeezed)):
            if found := _gather(page, spellings(name)):
                return found
        if synset := _SYNSET.match(fold(name)):
            return (self._synsets[synset[0]],) if synset[0] in self._synsets else ()
        # One of the two is the plural: of the other, nothing may be taken off.
        if found := tuple(sorted({*_gather(folded, _singulars(name)), *_gather(singular, _folded(name))})):
            return found
        number = name.strip()
        if number.isascii() and number.isdecimal() and len(number) < 10 and int(number) < len(self._categories):
            return (int(number),)
        return ()

    def choose(self, name: str, classes: str | int | Sequence[str | int]) -> tuple[int, ...]:
        """The classes that a person chose for a name."""
        chosen: list[int] = []
        for each in map(str, [classes] if isinstance(classes, str | int) else classes):
            indices = self.find(each)
            if len(indices) != 1:
                raise RequestError(f"“{cut(name)}” cannot be taken as “{cut(each)}”: {self._refuse(each, indices)}")
            chosen.append(indices[0])
        if not chosen:
            raise RequestError(f"No class is given for “{cut(name)}”; give one, or leave it out.")
        return tuple(dict.fromkeys(chosen))

    def near(self, name: str) -> tuple[str, ...]:
        """Classes that have the name among their words, and those that are spelt nearly so."""
        plain = fold(name)
        if not 3 <= len(plain) <= 60:
            return ()
        folded = self._pages[1]
        words = {plain, *_singulars(name)}
        worded = [each for each in folded if any(f" {word} " in f" {each} " for word in words)]
        worded.sort(key=lambda each: not any(f" {each}".endswith(f" {word}") for word in words))
        alike = difflib.get_close_matches(plain, folded, _NEAR, _ALIKE)
        called = dict.fromkeys(self._categories[min(folded[each])] for each in (*worded, *alike))
        return tuple(called)[:_NEAR]

    def _refuse(self, name: str, indices: Sequence[int]) -> str:
        if indices:
            return f"several classes are called so. Give the number of one: {join_words([str(i) for i in indices])}."
        near = [f"“{cut(each)}”" for each in self.near(name)]
        return "the model has no such class." + (f" Near: {join_words(near)}." if near else "")


def _gather(page: Mapping[str, set[int]], spellings: Iterable[str]) -> tuple[int, ...]:
    return tuple(sorted({index for spelling in spellings for index in page.get(spelling, ())}))


def _are_imagenets(categories: Sequence[str]) -> bool:
    """Whether classes are ImageNet's, in its order; lists of it differ in how they tell some classes apart."""
    known = imagenet_categories()
    if len(categories) != len(known):
        return False
    alike = (fold(one.split(",")[0]) == fold(other) for one, other in zip(categories, known, strict=True))
    return sum(alike) > 0.9 * len(known)


def fold(name: str) -> str:
    """A name without capitals, with a space for each gap, and one way to write each accent and apostrophe."""
    plain = unicodedata.normalize("NFKC", name).casefold().replace("’", "'")
    return " ".join(re.sub(r"[\s_-]+", " ", plain).split())


def _exactly(name: str) -> set[str]:
    return {name.strip()} - {""}


def _folded(name: str) -> set[str]:
    return {fold(name)} - {""}


def _squeezed(name: str) -> set[str]:
    return {fold(name).replace(" ", "")} - {""}


def _singulars(name: str) -> set[str]:
    """What a name may be the plural of, by the regular endings."""
    plain = fold(name)
    found = set()
    if re.search(r"[a-z]{2}[^s\W]s$", plain):
        found.add(plain[:-1])
    if re.search(r"(x|z|ch|sh)es$", plain):
        found.add(plain[:-2])
    if re.search(r"[a-z]{2}ies$", plain):
        found.add(f"{plain[:-3]}y")
    return found
