"""What was measured of maps over many photos, as it comes with the library."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from saliency_core.evidence.rules import Outcome
from saliency_core.models.classifier import Classifier

FILE = Path(__file__).parent / "published.json"

Interval = tuple[float, float, float]
"""A mean, and the low and the high end of its 95% interval."""


@dataclass(frozen=True, slots=True, eq=False)
class Published:
    """A table of scores and outcomes over many photos, of one model.

    photos: how many. source: where they come from, in a few words.
    mean: for each method and each sigma (as a link writes it: "5", "2.5") the score of removing pixels.
    controls: the same for what maps were compared with, by its title.
    outcomes: for each method and each test, on how many photos each outcome was found; these may be fewer photos.
    tested: the sigma of each method's maps in the tests.
    """

    photos: int
    source: str
    mean: Mapping[str, Mapping[str, Interval]]
    controls: Mapping[str, Mapping[str, Interval]]
    outcomes: Mapping[str, Mapping[str, Mapping[Outcome, int]]]
    tested: Mapping[str, float]

    def at(self, method: str, sigma: float) -> Interval | None:
        """The score of a method at a sigma, if it was measured."""
        return self.mean.get(method, {}).get(f"{sigma:g}")

    def counted(self, method: str, test: str) -> tuple[Outcome, ...]:
        """A method's outcome of a test on each photo, in no order; none if it was not measured."""
        counts = self.outcomes.get(method, {}).get(test, {})
        return tuple(outcome for outcome, count in counts.items() for _ in range(count))


def published(model_sha256: str, file: Path = FILE) -> Published | None:
    """The table of the model whose weights have a digest; None if there is no table, or it is another model's."""
    try:
        table = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if table["weights_sha256"] != model_sha256:
        return None
    return Published(
        int(table["photos"]),
        str(table["source"]),
        _intervals(table["scores"]),
        _intervals(table.get("controls", {})),
        table.get("outcomes", {}),
        table.get("tested_sigmas", {}),
    )


def find_published(classifier: Classifier) -> Published | None:
    """The table of a model, if there is one."""
    return published(classifier.weights.sha256)


def _intervals(rows: Mapping[str, Mapping[str, list[float]]]) -> dict[str, dict[str, Interval]]:
    return {
        name: {f"{float(sigma):g}": (float(each[0]), float(each[1]), float(each[2])) for sigma, each in row.items()}
        for name, row in rows.items()
    }
