"""What was measured: one shape on one photo under one fill, and the same as a line of text."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from saliency_core.errors import RequestError
from saliency_core.masking.effects import Evidence

RANDOM = "random"
BOX = "box"


@dataclass(frozen=True, slots=True)
class Case:
    """Parts of one shape that were hidden and kept, and random places of that shape.

    photo: the file's name; label, original: the best guess and its probability, which all others are of.
    what: what is boxed; empty for windows of a chosen size.
    size: the share of the frame that a part covers.
    parts: hidden and kept, by what the part is: RANDOM, BOX or another kind of window.
    hidden, kept: the same for each of the random places.
    """

    model: str
    crop_mode: str
    fill: str
    photo: str
    label: str
    original: float
    what: str
    size: float
    parts: dict[str, tuple[float, float]]
    hidden: list[float]
    kept: list[float]

    def evidence(self, part: str) -> Evidence:
        """The numbers that a part's verdict rests on."""
        hidden, kept = self.parts[part]
        return Evidence(self.original, hidden, kept, self.hidden, self.kept)

    def turns(self) -> Iterator[Evidence]:
        """The random window and each of its random places in turn as the part, the others as its places."""
        first_hidden, first_kept = self.parts[RANDOM]
        hidden, kept = [first_hidden, *self.hidden], [first_kept, *self.kept]
        for index in range(len(hidden)):
            rest_hidden = hidden[:index] + hidden[index + 1 :]
            rest_kept = kept[:index] + kept[index + 1 :]
            yield Evidence(self.original, hidden[index], kept[index], rest_hidden, rest_kept)


def to_line(case: Case) -> str:
    """A case as a line of JSON."""
    return json.dumps(asdict(case))


def read_cases(files: Iterable[Path]) -> list[Case]:
    """The cases in files of such lines.

    Raises RequestError for a file of anything else.
    """
    cases = []
    for file in files:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
            for number in (json.loads(line) for line in lines):
                parts = {name: (float(pair[0]), float(pair[1])) for name, pair in number.pop("parts").items()}
                cases.append(Case(parts=parts, **number))
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise RequestError(f"{file} is no file of cases; --json writes such files.") from error
    return cases
