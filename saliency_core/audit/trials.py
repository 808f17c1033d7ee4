"""The trials of an audit's self-test, as a file of its folder: self_test.json, written anew after each."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from saliency_core.audit.files import write_whole
from saliency_core.audit.self_test import Trial, Twin
from saliency_core.checks import check_seed, whole_number
from saliency_core.errors import AuditError
from saliency_core.plain import as_plain, read_json

SELF_TEST = "self_test.json"
STRENGTHS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""In logits; each mark is tried at all of them."""
MARKS, TWINS = 2, 2
"""How many marks there are, unless asked otherwise, and how many clean twins for each."""
TRIAL_PHOTOS = 40
"""Of the class, and of others, no more photos take part in a trial: with so many it takes about half a minute."""


@dataclass(frozen=True, slots=True)
class SelfTest:
    """The trials so far.

    target: the class on whose photos marks lie; None where none has enough photos, or others have too few.
    photos, others: how many photos of it, and of other classes, take part.
    """

    target: int | None = None
    photos: int = 0
    others: int = 0
    trials: tuple[Trial, ...] = ()
    twins: tuple[Twin, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """A trial to be made: of a mark at a strength, or without one, of a clean twin, where that is None.

    seed: of the mark, its places, the halves of the photos and the random places.
    """

    seed: int
    wandering: bool
    strength: float | None


def list_tasks(seed: int, marks: int) -> Iterator[Task]:
    """All trials of so many marks, mark by mark, so that fewer marks are the beginning of more. Every other mark
    wanders. The first of the twins have the marks' own seeds.

    seed: the audit's.

    Raises RequestError for an impossible seed or number.
    """
    for mark in range(whole_number(marks, "The number of marks", 1, 1000)):
        wandering = mark % 2 == 1
        for strength in STRENGTHS:
            yield Task(_trial_seed(seed, mark), wandering, strength)
        for twin in range(TWINS * mark, TWINS * (mark + 1)):
            yield Task(_trial_seed(seed, twin), wandering=False, strength=None)


def _trial_seed(seed: int, number: int) -> int:
    return int(np.random.default_rng([check_seed(seed), number]).integers(2**31))


def read_self_test(out: Path | str) -> SelfTest | None:
    """The trials so far; None where nobody has begun. A run may write to the folder meanwhile.

    Raises AuditError where the file is damaged.
    """
    path = Path(out) / SELF_TEST
    try:
        values = read_json(path.read_bytes())
        if not {"trials", "twins"} <= values.keys():
            raise ValueError("it says of no trials")
        return as_plain(SelfTest, values)
    except FileNotFoundError:
        return None
    except (OSError, AttributeError, OverflowError, TypeError, ValueError) as error:
        raise AuditError(f"{path} is damaged. Delete it, and start the self-test again.") from error


def write_self_test(out: Path, found: SelfTest) -> None:
    """Keep the trials, one a line. Raises OSError if it cannot be written."""
    parts = []
    for name, value in asdict(found).items():
        lines = ",\n".join(json.dumps(each) for each in value) if isinstance(value, tuple) else ""
        parts.append(f"{json.dumps(name)}: " + (f"[\n{lines}\n]" if lines else json.dumps(value)))
    write_whole(out / SELF_TEST, ("{\n" + ",\n".join(parts) + "\n}\n").encode())
