"""How often the passport's rule for input settings speaks, with right settings and with wrong ones.

python -m scripts.calibrate_passport FOLDER [--model NAME] [--photos N]

FOLDER has a subfolder of photos for each class. Each photo is asked about once under every combination of settings;
samples of these answers, drawn without replacement, then stand for people's folders.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from saliency_core.models.classifier import Classifier, load_classifier
from saliency_core.passport.labelled import LabelledPhoto, choose, read_labelled
from saliency_core.passport.photos import ask_all
from saliency_core.passport.rule import find_better
from saliency_core.passport.settings import declared_setting, usual_mistakes

SIZES = (10, 20, 50, 100, 200)
_SAMPLES = 2000
_BATCH = 10


def main() -> None:
    """Measure, and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="efficientnet_lite0")
    parser.add_argument("--photos", type=int, default=400)
    asked = parser.parse_args()
    print_level()
    classifier = load_classifier(asked.model)
    photos = choose(read_labelled(asked.folder, classifier.categories).photos, asked.photos)
    print_rates(classifier, photos)


def print_level() -> None:
    """How often the rule warns where the six settings are as good as the declared one, photo by photo at random."""
    random = np.random.default_rng(0)
    print(f"\n| warned, %, six equally good settings, top-1 | {' | '.join(map(str, SIZES))} |")
    print(f"| --- |{' --- |' * len(SIZES)}")
    for top in (0.3, 0.6, 0.9):
        rates = [_rate(random.random((_SAMPLES, size, 7)) < top, 0.001) for size in SIZES]
        print(f"| {top:.0%} | {' | '.join(f'{100 * rate:.1f}' for rate in rates)} |")


def print_rates(classifier: Classifier, photos: Sequence[LabelledPhoto]) -> None:
    """How often the rule warns where the settings are right, and where one of the usual mistakes is made."""
    right = declared_setting(classifier.preset)
    tables = {}
    for declared in (right, *usual_mistakes(right)):
        settings = (declared, *usual_mistakes(declared))
        tables[declared.title] = np.concatenate(
            [
                ask_all(classifier, photos[start : start + _BATCH], settings)[1]
                for start in range(0, len(photos), _BATCH)
            ]
        )
    chance = 1 / len(classifier.categories)
    sizes = [size for size in SIZES if size <= len(photos)]
    print(f"\n**{classifier.title}, {len(photos)} photos**\n")
    print(f"| warned, %, declared | top-1, % | {' | '.join(map(str, sizes))} |")
    print(f"| --- | --- |{' --- |' * len(sizes)}")
    random = np.random.default_rng(0)
    for title, answers in tables.items():
        samples = (np.stack([random.permutation(answers)[:size] for _ in range(_SAMPLES)]) for size in sizes)
        rates = [_rate(sample, chance) for sample in samples]
        print(f"| {title} | {100 * answers[:, 0].mean():.0f} | {' | '.join(f'{100 * rate:.1f}' for rate in rates)} |")


def _rate(samples: NDArray[np.bool_], chance: float) -> float:
    """The share of samples, bool [samples, photos, settings], of which the rule warns."""
    return float(np.mean([bool(find_better(one[:, 0], list(one[:, 1:].T), chance)[0]) for one in samples]))


if __name__ == "__main__":
    main()
