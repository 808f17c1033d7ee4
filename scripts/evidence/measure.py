"""What is measured of one photo's maps: a line of JSON each, so that a run can be stopped and goes on where it was."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from zlib import crc32

import numpy as np

import saliency_core as core
from saliency_core.evidence.card import class_line, steadiness_line, untrained_line
from saliency_core.evidence.classes import ClassEvidence, class_stages
from saliency_core.evidence.controls import centred_gaussian, make_controls, smoothed, smoothed_noise, sobel_edges
from saliency_core.evidence.curves import Remover, ranking
from saliency_core.evidence.remaking import add_noise
from saliency_core.evidence.removal import RemovalEvidence, removal_stages
from saliency_core.evidence.road import Road, road_stages
from saliency_core.evidence.rules import removal_outcome
from saliency_core.evidence.steadiness import Steadiness, steadiness_stages
from saliency_core.evidence.untrained import compare_untrained
from saliency_core.methods.attribution import Attribution, fit_reduction, reduce_channels
from saliency_core.methods.smoothing import SaliencyMap, smooth
from saliency_core.photos.fills import Fill
from scripts.evidence.maps import Photo, Values
from scripts.evidence.plan import (
    CENTRE,
    CONTROL_SIGMAS,
    EDGES,
    NOISE,
    OTHER,
    OTHERS,
    ROADED,
    SIGMAS,
    TESTED,
    name_map,
)

Line = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Networks:
    """The network, and the same with its weights shuffled."""

    trained: core.Classifier
    shuffled: core.Classifier


def measure_scores(
    trained: core.Classifier, photo: Photo, others: Sequence[dict[str, Values]], fill: Fill, known: Line
) -> Line:
    """The symmetric relevance gain of each map and control of a photo, under one fill.

    known: those that were measured before.
    """
    remover = Remover(trained, photo.frame, photo.target, fill)
    seed = crc32(photo.entry.name.encode())  # other noise for each photo
    maps = {
        name_map(method, sigma): smoothed(values, sigma)
        for method, values in photo.maps.items()
        for sigma in SIGMAS[method]
    }
    maps[CENTRE] = centred_gaussian(photo.frame.side)
    for sigma in CONTROL_SIGMAS:
        maps[name_map(EDGES, sigma)] = smoothed(sobel_edges(photo.frame), sigma)
        maps[name_map(NOISE, sigma)] = smoothed_noise(photo.frame.side, seed, sigma)
        if others and "gradient" in others[0]:
            maps[name_map(OTHER, sigma)] = smoothed(others[0]["gradient"], sigma)
    return {
        name: known[name] if name in known else remover.curves(ranking(values)).srg for name, values in maps.items()
    }


def measure_tests(networks: Networks, photo: Photo, others: Sequence[dict[str, Values]], known: Line) -> Line:
    """How each method whose card is filled does in each of its tests on a photo: outcome and numbers.

    known: those that were measured before.
    """
    return {
        method: known[method]
        if method in known
        else _test(networks, photo, method, sigma, [each[method] for each in others if method in each])
        for method, sigma in TESTED.items()
        if method in photo.maps
    }


def _test(networks: Networks, photo: Photo, method: str, sigma: float, raw_others: Sequence[Values]) -> Line:
    saliency = smooth(Attribution(photo.maps[method], photo.target, fit_reduction(method), method), sigma)
    others = [smoothed(values, sigma) for values in raw_others]
    make = partial(_make, target=photo.target, method=method, sigma=sigma)
    untrained = compare_untrained(
        saliency.values, make(networks.shuffled, photo.frame), others, make(networks.trained, add_noise(photo.frame))
    )
    *_, classes = class_stages(networks.trained, photo.frame, saliency)
    *_, steadiness = steadiness_stages(networks.trained, photo.frame, saliency, others=others)
    controls = make_controls(photo.frame, sigma, raw_others[:OTHERS])
    *_, removal = removal_stages(
        networks.trained, photo.frame, photo.target, {method: saliency.values}, {method: controls}, ["grey"]
    )
    assert isinstance(classes, ClassEvidence)
    assert isinstance(steadiness, Steadiness)
    assert isinstance(removal, RemovalEvidence)
    names = networks.trained.categories
    return {
        "removal": removal_outcome(removal, method),
        "untrained": untrained_line(untrained).outcome,
        "class": class_line(classes, names).outcome,
        "steadiness": steadiness_line(steadiness).outcome,
        "untrained spearman": untrained.spearman,
        "null spearman": float(np.mean(untrained.null)),
        "noisy spearman": untrained.noisy,
        "second class spearman": classes.second.similarity.spearman,
        "sensitivity": steadiness.sensitivity,
    }


def measure_road(trained: core.Classifier, photo: Photo, shares: Sequence[float], known: Line) -> Line:
    """Whether the best guess stays, as ROAD removes more and more of a photo.

    known: what was measured before.
    """
    maps = {
        name_map(each, sigma): smoothed(photo.maps[each], sigma) for each, sigma in ROADED.items() if each in photo.maps
    }
    maps[name_map(EDGES, 5)] = smoothed(sobel_edges(photo.frame), 5)
    line = {name: known[name] for name in maps if name in known}
    for name, values in maps.items():
        if name in known:
            continue
        *_, road = road_stages(trained, photo.frame, ranking(values), photo.target, shares)
        assert isinstance(road, Road)
        line[name] = [road.most_first.tolist(), road.least_first.tolist()]
    return line


def _make(classifier: core.Classifier, frame: core.Frame, target: int, method: str, sigma: float) -> Values:
    made: SaliencyMap = smooth(
        reduce_channels(core.explain(classifier, frame, target, method), fit_reduction(method)), sigma
    )
    return made.values
