"""One explanation, its steps, another sigma, several classes."""

from collections.abc import Iterator

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

import saliency_core as core
from benchmarks.baselines import attribute_naively, explain_naively, make_pass, open_naively, overlay_naively
from benchmarks.measure import Effort, Entry, Variant, compare, single, spread_of, take_turns, tell_turns
from benchmarks.models import ModelPair, load_pairs
from benchmarks.ours import SIGMAS, encode, explain_classes, explain_photo, move_sigma, smooth_and_draw
from benchmarks.photos import read_sample
from saliency_core.methods.attribution import reduce_channels
from saliency_core.methods.smoothing import shared_scale, smooth_all
from saliency_core.presentation.figures import display_photo, draw_overlays, outline

CLASSES = 5
MOVED = 5.5


def measure_explanation(effort: Effort) -> Iterator[Entry]:
    """A photo's bytes to its five best classes and four smoothed overlays at screen size."""
    for pair in load_pairs():
        yield from _measure_explanation(pair, read_sample(), effort)


def _measure_explanation(pair: ModelPair, data: bytes, effort: Effort) -> Iterator[Entry]:
    ours, naive = explain_photo(pair.ours, data, SIGMAS), explain_naively(pair, data, SIGMAS)
    inputs = pair.transform(open_naively(data)).unsqueeze(0)
    yield from compare(
        "explanation",
        pair.title,
        {
            "ours": Variant(lambda: explain_photo(pair.ours, data, SIGMAS)),
            "naive": Variant(
                lambda: explain_naively(pair, data, SIGMAS),
                "PIL, torchvision's transform, predict, Captum Saliency, gaussian_filter, matplotlib's colours",
            ),
            "floor": Variant(
                make_pass(pair.stock, inputs, ours.best[0].index),
                "one forward and backward pass of the stock model and nothing else",
            ),
        },
        effort,
    )
    same = [guess.index for guess in ours.best] == [index for index, _ in naive.best]
    apart = max(abs(guess.probability - share) for guess, (_, share) in zip(ours.best, naive.best, strict=True))
    far = float(np.abs(ours.attribution.values - naive.saliency).max() / naive.saliency.max())
    words = "the same five classes" if same else "OTHER classes among the five best"
    yield Entry("explanation", pair.title, "largest difference, probability", "", single(apart), note=words)
    yield Entry("explanation", pair.title, "largest difference, map", "", single(far), note="as a share of its maximum")


def measure_steps(effort: Effort) -> Iterator[Entry]:
    """Where the time of an explanation goes: the whole of it, then its steps, the dearest first."""
    for pair in load_pairs():
        first, *steps = _measure_steps(pair.ours, pair.title, read_sample(), effort)
        yield first
        yield from sorted(steps, key=lambda entry: -entry.value.median if entry.value else 0)


def _measure_steps(classifier: core.Classifier, case: str, data: bytes, effort: Effort) -> list[Entry]:
    photo = core.decode_photo(data)
    frame = core.frame_photo(photo, classifier)
    explanation = core.explain(classifier, frame)
    attribution = reduce_channels(explanation)
    maps = smooth_all(attribution, SIGMAS)
    scale = shared_scale(maps)
    screen = display_photo(photo)
    overlay = core.draw_overlay(screen, frame, maps[-1], scale)
    page_only = "no part of the whole: for the page only"
    runs = {
        "whole explanation": Variant(lambda: explain_photo(classifier, data, SIGMAS)),
        "decode the file": Variant(lambda: core.decode_photo(data)),
        "make the frame": Variant(lambda: core.frame_photo(photo, classifier)),
        "predict and gradient": Variant(lambda: core.explain(classifier, frame)),
        "channels to one value": Variant(lambda: reduce_channels(explanation)),
        "photo at screen size": Variant(lambda: display_photo(photo)),
        "smooth, four sigmas": Variant(lambda: smooth_all(attribution, SIGMAS)),
        "scale of four maps": Variant(lambda: shared_scale(maps)),
        "draw four overlays": Variant(lambda: draw_overlays(screen, frame, maps, [scale] * len(maps))),
        "predict alone": Variant(lambda: core.classify(classifier, frame), page_only),
        "draw one map alone": Variant(lambda: core.draw_map(screen, frame, maps[-1], scale), page_only),
        "outline the photo": Variant(lambda: outline(screen, frame), page_only),
        "encode one overlay": Variant(lambda: encode([overlay]), page_only),
    }
    return compare("steps", case, runs, effort)


def measure_sigma(effort: Effort) -> Iterator[Entry]:
    """Another sigma once the gradient is there, on the server: smooth, scale, draw, encode."""
    data = read_sample()
    pair = load_pairs()[-1]
    photo = core.decode_photo(data)
    frame = core.frame_photo(photo, pair.ours)
    attribution = core.attribute(pair.ours, frame, core.classify(pair.ours, frame).top(1)[0].index)
    screen = display_photo(photo)
    picture = Image.fromarray(screen)
    pictures = move_sigma(screen, frame, attribution, MOVED)
    case = f"sigma {MOVED:g}, {screen.shape[1]} x {screen.shape[0]} pixels"
    seconds = take_turns(
        {
            "ours": lambda: encode(move_sigma(screen, frame, attribution, MOVED)),
            "encoding alone": lambda: encode(pictures),
            "naive": lambda: encode([overlay_naively(picture, gaussian_filter(attribution.values, MOVED))]),
            "ours, four sigmas": lambda: encode(smooth_and_draw(screen, frame, attribution, SIGMAS)),
        },
        effort,
    )
    notes = {
        "ours": "smooth, scale, overlay and map alone at screen size, both encoded for the page",
        "encoding alone": "the same two pictures",
        "naive": "gaussian_filter, matplotlib's colours, overlay encoded; no map alone",
        "ours, four sigmas": "four overlays on one scale, all encoded",
    }
    yield from tell_turns("sigma", case, seconds, notes)
    beyond = [1000 * (whole - least) for whole, least in zip(seconds["ours"], seconds["encoding alone"], strict=True)]
    yield Entry("sigma", case, "ours beyond encoding", "ms", spread_of(beyond))


def measure_classes(effort: Effort) -> Iterator[Entry]:
    """Maps of the five best classes of one photo."""
    for pair in load_pairs():
        yield from _measure_classes(pair, read_sample(), effort)


def _measure_classes(pair: ModelPair, data: bytes, effort: Effort) -> list[Entry]:
    frame = core.frame_photo(core.decode_photo(data), pair.ours)
    count = 2 if effort.quick else CLASSES
    targets = [guess.index for guess in core.classify(pair.ours, frame).top(count)]
    inputs = pair.transform(open_naively(data)).unsqueeze(0)
    passes = [make_pass(pair.stock, inputs, target) for target in targets]
    return compare(
        "classes",
        f"{count} classes, {pair.title}",
        {
            "ours": Variant(lambda: explain_classes(pair.ours, frame, targets)),
            "naive": Variant(
                lambda: [attribute_naively(pair, inputs.clone(), target) for target in targets],
                "Captum Saliency for each class",
            ),
            "floor": Variant(
                lambda: [run() for run in passes], "one forward and backward pass of the stock model for each class"
            ),
        },
        effort.for_long(),
    )
