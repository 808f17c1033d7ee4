"""python -m scripts.calibrate FOLDER [--model NAME] [--fill FILL ...] [--photos N] [--json FILE] ..."""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

from saliency_core.errors import SaliencyError
from saliency_core.masking.placements import N_CONTROLS
from saliency_core.models.classifier import load_classifier
from saliency_core.models.registry import MODELS
from saliency_core.photos.fills import FILLS
from saliency_core.photos.frame import CROP_MODES
from scripts.calibrate.cases import Case, read_cases, to_line
from scripts.calibrate.folder import leave_out, leave_unreadable, read_folder, sample
from scripts.calibrate.measure import Settings, measure
from scripts.calibrate.tables import tell_tables


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure a folder, or read what was measured, and print the tables."""
    asked = _parse(arguments)
    try:
        names = Path(asked.skip).read_text(encoding="utf-8").split("\n") if asked.skip else []
        skipped = {name.strip() for name in names} - {""}
        sources = [Path(source) for source in asked.source]
        if all(source.is_file() for source in sources):
            cases = [case for case in read_cases(sources) if not {case.photo, Path(case.photo).name} & skipped]
            cases = [case for case in cases if asked.label in (None, case.label)]
        else:
            cases = list(_measure(asked, sources, skipped))
    except (SaliencyError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(tell_tables(cases)))
    return 0


def _measure(asked: argparse.Namespace, sources: Sequence[Path], skipped: set[str]) -> Iterator[Case]:
    entries = leave_out([entry for source in sources for entry in read_folder(source)], skipped)
    entries, problems = leave_unreadable(sample(entries, asked.photos, asked.seed))
    for problem in problems:
        _say(problem)
    settings = Settings(
        asked.crop_mode,
        tuple(asked.fill or ["black"]),
        asked.controls,
        asked.seed,
        asked.label,
        windows=asked.only != "boxes",
        boxes=asked.only != "windows",
    )
    classifier, began = load_classifier(asked.model), time.monotonic()
    with Path(asked.json).open("w", encoding="utf-8") if asked.json else nullcontext() as file:
        for done, cases in enumerate(measure(classifier, entries, settings), start=1):
            if file is not None:
                file.writelines(f"{to_line(case)}\n" for case in cases)
                file.flush()
            left = (time.monotonic() - began) / done * (len(entries) - done)
            _say(f"{done} of {len(entries)} photos, {left / 60:.1f} minutes left")
            yield from cases


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.calibrate",
        description="How often the verdict's rule makes each claim: of random regions, of the brightest of a map, and "
        "of boxes round objects.",
    )
    parser.add_argument(
        "source",
        nargs="+",
        metavar="FOLDER",
        help="a folder of photos, with boxes in Pascal VOC files in a folder 'annotations' or in manifest.json; "
        "or files that --json wrote, for their tables without a pass",
    )
    parser.add_argument("--model", default="efficientnet_lite0", choices=sorted(MODELS))
    parser.add_argument("--fill", action="append", choices=FILLS, help="again for another; black if none is named")
    parser.add_argument("--crop-mode", default="center", choices=CROP_MODES)
    parser.add_argument("--photos", type=int, metavar="N", help="so many at random; all if not given")
    parser.add_argument("--skip", metavar="FILE", help="names of photos to leave out, one a line")
    parser.add_argument("--class", dest="label", metavar="LABEL", help="only photos whose best guess is this class")
    parser.add_argument("--only", choices=("windows", "boxes"))
    parser.add_argument("--controls", type=int, default=N_CONTROLS, metavar="N", help="random places of each shape")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", metavar="FILE", help="where to write what was measured, a line of JSON a case")
    return parser.parse_args(arguments)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
