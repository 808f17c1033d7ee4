"""A masking experiment, or maps of one class, as plain data: everything needed to do it again and compare."""

from collections.abc import Mapping
from importlib.metadata import version
from operator import index
from typing import Any

from saliency_core.attribution import Attribution, attribute
from saliency_core.classifier import Classifier
from saliency_core.errors import RequestError
from saliency_core.experiment import Experiment, run_experiment
from saliency_core.frame import Fit, Frame
from saliency_core.masking import Region
from saliency_core.prediction import Prediction
from saliency_core.smoothing import SaliencyMap, smooth

PACKAGES = ("captum", "numpy", "pillow", "scipy", "torch", "torchvision")


def package_versions() -> dict[str, str]:
    """The versions of the packages that numbers may depend on."""
    return {name: version(name) for name in PACKAGES}


def describe_model(classifier: Classifier) -> dict[str, str]:
    """The model and where its weights came from."""
    return {
        "name": classifier.name,
        "title": classifier.title,
        "weights": classifier.weights.origin,
        "weights_sha256": classifier.weights.sha256,
    }


def record_experiment(experiment: Experiment, classifier: Classifier, photo_digest: str, fit: Fit) -> dict[str, Any]:
    """An experiment as what json.dumps() takes."""
    views = experiment.views
    return {
        "model": describe_model(classifier),
        "packages": package_versions(),
        "photo_sha256": photo_digest,
        "fit": fit,
        "frame_side": views.original.frame.side,
        "regions": [_as_record(region) for region in experiment.regions],
        "fill": experiment.fill,
        "seed": experiment.seed,
        "target": {"index": experiment.target, "label": classifier.categories[experiment.target]},
        "probabilities": {
            name: view.prediction.probabilities.tolist()
            for name, view in (("original", views.original), ("hidden", views.hidden), ("kept", views.kept))
        },
        "controls": [
            {"regions": [_as_record(region) for region in placement], "probability": probability}
            for placement, probability in zip(experiment.placements, experiment.controls.tolist(), strict=True)
        ],
        "saliency_share": experiment.saliency_share,
        "area_share": experiment.area_share,
        "verdict": {
            "finding": experiment.verdict.finding.value,
            "reason": experiment.verdict.reason,
            "rarity": experiment.verdict.rarity,
        },
    }


def replay_experiment(record: dict[str, Any], classifier: Classifier, frame: Frame) -> Experiment:
    """Do a recorded experiment again, on the frame of the same photo and fit.

    Raises RequestError if the record is of another model or lacks something.
    """
    try:
        _check_model(record, classifier)
        return run_experiment(
            classifier,
            frame,
            [Region(**region) for region in record["regions"]],
            record["fill"],
            record["target"]["index"],
            len(record["controls"]),
            record["seed"],
        )
    except (KeyError, TypeError) as error:
        raise RequestError(f"The record is incomplete: {error} is missing or misshapen.") from error


def record_saliency(
    prediction: Prediction,
    attribution: Attribution,
    files: Mapping[float, str],
    classifier: Classifier,
    photo_digest: str,
    fit: Fit,
) -> dict[str, Any]:
    """Maps of one class as what json.dumps() takes.

    files: for each sigma, the name of the file that holds the map.
    """
    return {
        "model": describe_model(classifier),
        "packages": package_versions(),
        "photo_sha256": photo_digest,
        "fit": fit,
        "frame_side": int(attribution.values.shape[0]),
        "target": {"index": attribution.target, "label": classifier.categories[attribution.target]},
        "reduction": attribution.reduction,
        "probabilities": prediction.probabilities.tolist(),
        "maps": [{"sigma": sigma, "file": file} for sigma, file in files.items()],
    }


def replay_saliency(record: dict[str, Any], classifier: Classifier, frame: Frame) -> tuple[SaliencyMap, ...]:
    """Make recorded maps again, in the record's order, on the frame of the same photo and fit.

    Raises RequestError if the record is of another model, lacks something, or asks for what cannot be.
    """
    try:
        _check_model(record, classifier)
        raw = attribute(classifier, frame, index(record["target"]["index"]), record["reduction"])
        return tuple(smooth(raw, each["sigma"]) for each in record["maps"])
    except (KeyError, TypeError) as error:
        raise RequestError(f"The record is incomplete: {error} is missing or misshapen.") from error


def _check_model(record: dict[str, Any], classifier: Classifier) -> None:
    if record["model"]["weights_sha256"] != classifier.weights.sha256:
        raise RequestError(
            f"The record is of {record['model']['title']}, not of {classifier.title}. Load the model that it names."
        )


def _as_record(region: Region) -> dict[str, int]:
    return {
        "top": region.top,
        "left": region.left,
        "height": region.height,
        "width": region.width,
    }
