"""How the time grows with the number of sigmas, classes and controls, and with the photo's size."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import saliency_core as core
from benchmarks.baselines import open_naively
from benchmarks.measure import Effort, Entry, Variant, compare
from benchmarks.models import load_pairs
from benchmarks.ours import explain_classes, smooth_and_draw
from benchmarks.photos import REGION, read_sample, synthesise_photo
from saliency_core.masking.controls import run_controls
from saliency_core.masking.placements import place_controls
from saliency_core.presentation.figures import DISPLAY_SIDE, display_photo

SIGMAS = (1, 2, 4, 8, 16)
CLASSES = (1, 2, 5, 10)
CONTROLS = (16, 64, 256)
MEGAPIXELS = (0.2, 1.0, 4.0, 12.0, 24.0)

Step = TypeVar("Step", int, float)


def measure_growth(effort: Effort) -> Iterator[Entry]:
    """Each against the smallest of its kind, on EfficientNet-Lite0."""
    pair = load_pairs()[-1]
    classifier = pair.ours
    photo = core.decode_photo(read_sample())
    frame = core.frame_photo(photo, classifier)
    screen = display_photo(photo)
    targets = [guess.index for guess in core.classify(classifier, frame).top(max(CLASSES))]
    attribution = core.attribute(classifier, frame, targets[0])

    def overlays(count: int) -> Variant:
        sigmas = [0.5 + index for index in range(count)]
        return Variant(lambda: smooth_and_draw(screen, frame, attribution, sigmas))

    def classes(count: int) -> Variant:
        return Variant(lambda: explain_classes(classifier, frame, targets[:count]))

    def controls(count: int) -> Variant:
        placements = place_controls(frame.side, [REGION], count)
        return Variant(lambda: run_controls(classifier, frame, placements, "black", targets[0]))

    def ours(data: bytes) -> Variant:
        def run() -> None:
            opened = core.decode_photo(data)
            core.frame_photo(opened, classifier)
            display_photo(opened)

        return Variant(run, "decode, frame, photo at screen size")

    def naive(data: bytes) -> Variant:
        def run() -> None:
            picture = open_naively(data)
            pair.transform(picture)
            picture.thumbnail((DISPLAY_SIDE, DISPLAY_SIDE))

        return Variant(run, "PIL, torchvision's transform, PIL's thumbnail")

    counts = _few(CONTROLS, effort) if not effort.quick else (2, 4)
    yield from compare("growth", "how many sigmas", {f"{n}": overlays(n) for n in _few(SIGMAS, effort)}, effort)
    yield from compare(
        "growth", "how many classes", {f"{n}": classes(n) for n in _few(CLASSES, effort)}, effort.for_long()
    )
    yield from compare("growth", "how many controls", {f"{n}": controls(n) for n in counts}, effort.for_long())
    photos = {size: synthesise_photo(size) for size in _few(MEGAPIXELS, effort)}
    sizes = {f"{size:g} megapixels": data for size, data in photos.items()}
    yield from compare(
        "growth", "how large a photo", {name: ours(data) for name, data in sizes.items()}, effort.for_long()
    )
    for name, data in sizes.items():
        yield from compare(
            "growth", f"a photo of {name}", {"ours": ours(data), "naive": naive(data)}, effort.for_long()
        )


def _few(steps: Sequence[Step], effort: Effort) -> Sequence[Step]:
    return steps[:2] if effort.quick else steps
