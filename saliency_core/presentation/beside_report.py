"""A report's section on a second model: its answer, its map or its experiment beside the first one's."""

from dataclasses import dataclass

from saliency_core.masking.experiment import Experiment
from saliency_core.models.prediction import Prediction
from saliency_core.presentation.beside import (
    NO_TEST,
    SCALE_READING,
    compare_numbers,
    name_both,
    tell_answers,
    tell_counterpart,
    tell_findings,
    tell_lists,
    tell_others_answers,
)
from saliency_core.presentation.beside_pictures import Explained, pair_pictures, tell_pair
from saliency_core.presentation.captions import describe_class, describe_crop
from saliency_core.presentation.case import PLAIN, Case, MapStyle, shrink
from saliency_core.presentation.masking_pictures import each_view, seen_pictures
from saliency_core.presentation.pieces import arrange_cells, arrange_strips, ranked
from saliency_core.presentation.words import tell_regions

Section = dict[str, object]
"""What the template beside.html fills in."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A photo as one model sees it, and its masking experiment."""

    case: Case
    experiment: Experiment

    def explained(self) -> Explained:
        """Its answer and map of the photo as it is."""
        original = self.experiment.views.original
        return Explained(self.case, original.prediction, original.attribution)


def saliency_section(
    first: Explained, second: Explained, sigma: float, style: MapStyle = PLAIN, one_scale: bool = True
) -> Section:
    """Two models' answers and maps of one photo, see pair_pictures()."""
    both = first, second
    names = name_both(first.case.classifier, second.case.classifier)
    others = tell_others_answers(names, first.prediction, second.prediction)
    return _common(first, second, sigma, style, one_scale) | {
        "sentence": tell_answers(names, first.prediction, second.prediction),
        "notes": [note for note in (others, *_tell_classes(first, second)) if note],
        "bars": [_bars(each.prediction, each.attribution.target) for each in both],
        "numbers": (),
        "settings": [("Class explained", _class(second))],
    }


def masking_section(first: Judged, second: Judged, sigma: float) -> Section:
    """Two models' experiments about one part of one photo.

    sigma: smoothing of the maps, in the first one's frame pixels.
    """
    names = name_both(first.case.classifier, second.case.classifier)
    experiment, target = second.experiment, second.experiment.target
    explained = first.explained(), second.explained()
    small = shrink(second.case)
    return _common(*explained, sigma, PLAIN, True) | {
        "sentence": tell_findings(names, first.experiment, experiment),
        "notes": [NO_TEST, *_tell_classes(*explained)],
        "numbers": compare_numbers(first.experiment, experiment),
        "verdict": experiment.verdict,
        "cells": arrange_cells(experiment.views) if experiment.declared == "object" else (),
        "seen": seen_pictures(small, experiment.views, experiment.regions, experiment.declared),
        "answers": [ranked(view.prediction, target) for view in each_view(experiment.views)],
        "target": target,
        "label": second.case.label(target),
        "strips": arrange_strips(experiment.evidence),
        "settings": [
            ("Class in question", _class(explained[1])),
            ("Hidden", tell_regions(experiment.regions)),
            ("Chance", f"{len(experiment.placements)} random places of the same shapes; seed {experiment.seed}"),
        ],
    }


def _common(first: Explained, second: Explained, sigma: float, style: MapStyle, one_scale: bool) -> Section:
    small = [Explained(shrink(each.case), each.prediction, each.attribution) for each in (first, second)]
    return {
        "names": name_both(first.case.classifier, second.case.classifier),
        "case": second.case,
        "crop": describe_crop(second.case),
        "pair": pair_pictures(small[0], small[1], sigma, style, one_scale=one_scale),
        "reading": f"{tell_pair(first, second, sigma, one_scale)} {SCALE_READING}",
    }


def _tell_classes(first: Explained, second: Explained) -> list[str]:
    """How the lists of classes differ, and which class stands beside which."""
    names = name_both(first.case.classifier, second.case.classifier)
    ours, theirs = first.case.classifier.categories, second.case.classifier.categories
    told = (
        tell_lists(ours, theirs),
        tell_counterpart(names, ours, first.attribution.target, theirs, second.attribution.target),
    )
    return [each for each in told if each]


def _bars(prediction: Prediction, target: int) -> tuple[object, int]:
    return ranked(prediction, target), target


def _class(explained: Explained) -> str:
    target, count = explained.attribution.target, len(explained.case.classifier.categories)
    told = describe_class(explained.case, target, explained.prediction)
    return f"{told}; class {target} of {count:,}"
