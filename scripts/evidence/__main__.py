"""Which maps point at what the answer needs? python -m scripts.evidence FOLDER --work DIR [--model NAME] ...

The best guess's map of each photo, by each method and several sigmas, orders the photo's pixels. Removing the most
relevant first should take the answer away soon, removing the least relevant first should leave it long: the score is
the difference of the two areas (symmetric relevance gain, Bluecher et al. 2024, arXiv:2401.06654; insertion less
deletion of Petsiuk et al. 2018 is the same number). Beside the maps stand orders that know nothing of the model, or
nothing of the photo.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import saliency_core as core
from saliency_core.errors import SaliencyError
from saliency_core.evidence.randomise import shuffled
from saliency_core.photos.fills import FILLS
from scripts.calibrate.folder import Entry, leave_unreadable, read_folder, sample
from scripts.evidence.maps import Maps
from scripts.evidence.measure import Line, Networks, measure_road, measure_scores, measure_tests
from scripts.evidence.plan import OTHERS, SIGMAS
from scripts.evidence.tables import published, tell_tables

ROAD_SHARES = (0.1, 0.3, 0.5, 0.7, 0.9)
Measure = Callable[[int, Line], Line]
"""What is measured of the photo at a place, from what was measured of it before."""
CALIBRATION = 12
"""Photos that give the shuffled network's normalisations their range."""


@dataclass
class Remaining:
    """Tells how far a long run is and how long the rest takes."""

    what: str
    of: int
    done: int = 0
    begun: float = field(default_factory=time.monotonic)

    def step(self) -> None:
        self.done += 1
        left = (time.monotonic() - self.begun) / self.done * (self.of - self.done)
        _say(f"{self.what}: {self.done} of {self.of} photos, {left / 60:.1f} minutes left")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure a folder, or go on where a run was stopped, and print the tables."""
    asked = _parse(arguments)
    try:
        entries = _choose(asked.folder, asked.skip, asked.photos, asked.seed)
        classifier = core.load_classifier(asked.model)
        lines = _measure(asked, classifier, entries)
    except (SaliencyError, OSError) as error:
        _say(str(error))
        return 2
    told = f"{len(lines)} photos, {classifier.title}, hidden in {asked.fill}"
    print(told, "", *tell_tables(lines, ROAD_SHARES), sep="\n")
    if asked.publish is not None:
        source = asked.source or asked.folder.name
        numbers = published(lines, asked.model, classifier.weights.sha256, source)
        asked.publish.write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
    return 0


def _choose(folder: Path, skip: Path | None, photos: int | None, seed: int) -> tuple[Entry, ...]:
    """The photos, but for those that a file names or whose names begin with a number in it."""
    words = set(skip.read_text(encoding="utf-8").split()) if skip is not None else set()
    numbers = {int(word) for word in words if word.isdigit()}

    def is_wanted(entry: Entry) -> bool:
        first = entry.path.name.partition("_")[0]
        return not ({entry.name, entry.path.name} & words or (first.isdigit() and int(first) in numbers))

    entries, problems = leave_unreadable(
        sample([each for each in read_folder(folder) if is_wanted(each)], photos, seed)
    )
    for problem in problems:
        _say(problem)
    return entries


def _measure(asked: argparse.Namespace, classifier: core.Classifier, entries: Sequence[Entry]) -> list[Line]:
    maps = Maps(classifier, asked.work, asked.methods)
    _say(f"Maps of the first photo took {maps.time_one(entries[0]):.0f} s; {len(entries)} photos follow.")
    progress = Remaining("maps", len(entries))
    for entry in entries:
        maps.photo(entry)
        progress.step()
    calibration = [maps.photo(entry).frame for entry in entries[-CALIBRATION:]]
    networks = Networks(classifier, shuffled(classifier, calibration))
    lines: list[Line] = [{"photo": entry.name} for entry in entries]
    # What all photos need comes first, so that a run that is stopped has it.
    steps: tuple[tuple[str, str, int, Measure], ...] = (
        (
            "scores",
            f"scores-{asked.fill}",
            len(entries),
            lambda place, known: measure_scores(
                classifier, maps.photo(entries[place]), maps.others(entries, place, 1), asked.fill, known
            ),
        ),
        (
            "tests",
            "tests",
            min(asked.tests, len(entries)),
            lambda place, known: measure_tests(
                networks, maps.photo(entries[place]), maps.others(entries, place, OTHERS), known
            ),
        ),
        (
            "road",
            "road",
            min(asked.road, len(entries)),
            lambda place, known: measure_road(classifier, maps.photo(entries[place]), ROAD_SHARES, known),
        ),
    )
    for name, file, count, measure in steps:
        names = [entry.name for entry in entries[:count]]
        for place, found in enumerate(_each(asked.work / f"{file}.jsonl", name, names, measure)):
            lines[place][name] = found
    return lines


def _each(file: Path, what: str, names: Sequence[str], measure: Measure) -> Iterator[Line]:
    """What was measured of each photo before, with what is missing measured now; written to the file photo by photo."""
    kept: dict[str, Line] = {}
    if file.is_file():
        for text in file.read_text(encoding="utf-8").split("\n"):
            if text.endswith("}"):  # the last one may be cut off
                line = json.loads(text)
                kept[line["photo"]] = line["found"]
    progress = Remaining(what, len(names))
    with file.open("w", encoding="utf-8") as written:
        written.writelines(json.dumps({"photo": name, "found": found}) + "\n" for name, found in kept.items())
        for place, name in enumerate(names):
            before = kept.get(name, {})
            found = measure(place, before)
            if found.keys() - before.keys():
                written.write(json.dumps({"photo": name, "found": before | found}) + "\n")  # in place of the line above
                written.flush()
            progress.step()
            yield found


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.evidence",
        description="Which maps point at what the answer needs, over a folder of photos; goes on where it was stopped.",
    )
    parser.add_argument("folder", type=Path, help="photos")
    parser.add_argument("--work", type=Path, required=True, metavar="DIR", help="where maps and numbers are kept")
    parser.add_argument("--model", default="efficientnet_lite0")
    parser.add_argument("--methods", nargs="+", default=list(SIGMAS), choices=SIGMAS, metavar="METHOD")
    parser.add_argument("--fill", default="grey", choices=FILLS)
    parser.add_argument("--photos", type=int, metavar="N", help="so many at random; all if not given")
    parser.add_argument("--tests", type=int, default=30, metavar="N", help="photos whose maps are put to all tests")
    parser.add_argument("--road", type=int, default=30, metavar="N", help="photos that are scored by ROAD")
    parser.add_argument(
        "--skip", type=Path, metavar="FILE", help="photos to leave out: their names, or the numbers they begin with"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the choice of photos")
    parser.add_argument("--publish", type=Path, metavar="FILE", help="write the numbers that the dashboard shows")
    parser.add_argument("--source", metavar="WORDS", help="what the photos are, to be shown beside the numbers")
    return parser.parse_args(arguments)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
