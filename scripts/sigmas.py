"""Which smoothing points best at what the answer loses? python -m scripts.sigmas FOLDER [--photos N] [--model NAME]

For each photo the map of its best guess is smoothed by several sigmas. Each map orders the pixels. Taking the brightest
away first should take the answer away soon, showing them first should give it back soon: the score is the mean
probability while pixels are shown, less that while they are hidden (insertion and deletion, Petsiuk et al. 2018,
arXiv:1806.07421), in grey. Beside the maps stand orders that know nothing of the model: plain edges, and the middle
first. Differences are of the same photos, with 95% intervals over photos drawn anew.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, sobel

import saliency_core as core
from saliency_core.models.prediction import make_prediction
from saliency_core.photos.fills import fill_pixels
from scripts.calibrate.folder import read_folder
from scripts.calibrate.rates import Rate, bootstrap

SIGMAS = (0, 1, 2, 5, 10, 20)
STEPS = 14
EDGES, MIDDLE = "plain edges, sigma 5", "the middle first"
COMPARED = (
    ("5", "0"),
    ("5", "2"),
    ("10", "5"),
    ("20", "5"),
    ("5", EDGES),
    ("20", EDGES),
    ("5", MIDDLE),
    ("20", MIDDLE),
)

Values = NDArray[np.float32]


def order_pixels(frame: core.Frame, raw: core.Attribution) -> dict[str, Values]:
    """The maps that are compared, f32 [side, side], by what they are called."""
    grey = frame.pixels.astype(np.float32).mean(axis=2)
    far = np.linspace(-1, 1, frame.side) ** 2
    return {
        **{f"{sigma:g}": core.smooth(raw, sigma).values for sigma in SIGMAS},
        EDGES: gaussian_filter(np.hypot(sobel(grey, 0), sobel(grey, 1)), 5),
        MIDDLE: -(far[:, None] + far[None]).astype(np.float32),
    }


def score(classifier: core.Classifier, frame: core.Frame, target: int, values: Values) -> float:
    """Mean probability while the brightest pixels are shown first, less that while they are hidden first."""
    paint = fill_pixels(frame, "grey")
    place = np.empty(values.size, np.int64)
    place[np.argsort(-values, axis=None, kind="stable")] = np.arange(values.size)
    cuts = np.rint(np.linspace(0, values.size, STEPS + 2)[1:-1])
    first = place.reshape(values.shape) < cuts[:, None, None]
    shown = np.where(first[..., None], frame.pixels, paint)
    hidden = np.where(first[..., None], paint, frame.pixels)
    logits = classifier.engine.logits(np.concatenate([shown, hidden]))
    found = [make_prediction(each, classifier.categories).probabilities[target] for each in logits]
    return float(np.mean(found[:STEPS]) - np.mean(found[STEPS:]))


def tell(rate: Rate) -> str:
    """A mean and its interval: +.023 (-.013 to +.060)."""
    return f"{rate.share:+.3f} ({rate.low:+.3f} to {rate.high:+.3f})"


def main(arguments: Sequence[str] | None = None) -> int:
    """Score all photos, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m scripts.sigmas", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=int, default=100, help="how many, spread over the folder")
    parser.add_argument("--model", default="efficientnet_lite0")
    asked = parser.parse_args(arguments)
    classifier = core.load_classifier(asked.model)
    entries = read_folder(asked.folder)
    chosen = [entries[place] for place in np.unique(np.linspace(0, len(entries) - 1, asked.photos).astype(int))]
    scores: dict[str, list[float]] = {}
    for count, entry in enumerate(chosen, 1):
        frame = core.frame_photo(core.decode_photo(entry.path.read_bytes()), classifier)
        explanation = core.explain(classifier, frame)
        raw = core.attribute(classifier, frame, explanation.target)
        for name, values in order_pixels(frame, raw).items():
            scores.setdefault(name, []).append(score(classifier, frame, explanation.target, values))
        sys.stderr.write(f"\r{count} of {len(chosen)} photos")
    sys.stderr.write("\n")
    sys.stdout.write(f"{len(chosen)} photos, {classifier.title}\n")
    for name, found in scores.items():
        sys.stdout.write(f"{name:>24}  {tell(bootstrap(found))}\n")
    for better, worse in COMPARED:
        difference = np.subtract(scores[better], scores[worse])
        sys.stdout.write(f"{better:>3} less {worse}: {tell(bootstrap(difference))}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
