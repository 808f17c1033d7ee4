"""A masking experiment, or maps of one class, as plain data: everything needed to do it again and compare."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

from saliency_core.checks import show, whole_number
from saliency_core.errors import RequestError
from saliency_core.masking.experiment import Experiment, experiment_stages, make_view
from saliency_core.masking.first_rule import judge_by_first_rule
from saliency_core.methods.attribution import Attribution, attribute, explain
from saliency_core.methods.contrast import contrast
from saliency_core.methods.method import Options
from saliency_core.methods.registry import DEFAULT_METHOD, find_method
from saliency_core.methods.smoothing import SaliencyMap, smooth_all
from saliency_core.models.classifier import Classifier, check_frame
from saliency_core.models.prediction import Prediction, check_target
from saliency_core.packages import package_versions
from saliency_core.photos.frame import Colour, CropMode, Frame
from saliency_core.photos.regions import Placement, Region
from saliency_core.text import cut
from saliency_core.version import __version__

SCHEMA_VERSION = 4
"""Of the records written here. Version 1 had no number; 1 and 2 are of the first rule; 3 knew maps of one class only.
All are still read."""
FIRST_RULE = (1, 2)
MOST_MAPS = 1000

_OLD_CROP_MODES: dict[str, CropMode] = {"crop": "center", "squash": "squash"}
_OLD_MEAN_COLOUR: Colour = (124, 116, 104)
"""ImageNet's: what grey was for every model."""


def describe_model(classifier: Classifier) -> dict[str, str]:
    """The model and where its weights came from."""
    return {
        "name": classifier.name,
        "title": classifier.title,
        "weights": classifier.weights.origin,
        "weights_sha256": classifier.weights.sha256,
    }


def record_experiment(experiment: Experiment, classifier: Classifier) -> dict[str, Any]:
    """An experiment as what json.dumps() takes."""
    views, verdict = experiment.views, experiment.verdict
    return {
        **_describe(classifier, views.original.frame, experiment.target),
        **_describe_method(views.original.attribution),
        "regions": [_as_record(region) for region in experiment.regions],
        "declared": experiment.declared,
        "from_map": experiment.from_map,
        "fill": experiment.fill,
        "seed": experiment.seed,
        "n_controls": experiment.n_controls,
        "probabilities": {
            name: view.prediction.probabilities.tolist()
            for name, view in (("original", views.original), ("hidden", views.hidden), ("kept", views.kept))
        }
        | {"blank": views.blank.probabilities.tolist()},
        "controls": [
            {"regions": [_as_record(region) for region in placement], "hidden": hidden, "kept": kept}
            for placement, hidden, kept in zip(
                experiment.placements,
                experiment.controls.hidden.tolist(),
                experiment.controls.kept.tolist(),
                strict=True,
            )
        ],
        "relevance_mass": experiment.relevance_mass,
        "area_share": experiment.area_share,
        "verdict": {
            "claim": verdict.claim.value,
            "hide_p_value": verdict.hide_p_value,
            "keep_p_value": verdict.keep_p_value,
            "joint_p_value": verdict.joint_p_value,
            "sentence": verdict.sentence,
            "older_finding": verdict.older_finding,
        },
    }


def replay_experiment(record: dict[str, Any], classifier: Classifier, frame: Frame) -> Experiment:
    """Do a recorded experiment again, on the frame of the same photo and crop mode, and in the recorded places.
    What was made by the first rule is judged by it, see judge_by_first_rule().

    Raises RequestError if the record is of a newer schema, of another model, photo or crop mode, lacks something,
    or asks for what cannot be.
    """
    with _reading():
        frame = _check_subject(record, classifier, frame)
        target = check_target(record["target"]["index"], len(classifier.categories))
        method, options = read_method(record)
        regions = _as_regions(record["regions"])
        placements = [_as_regions(control["regions"]) for control in record["controls"]]
        n_controls = record.get("n_controls", len(placements))
        fill, seed = record["fill"], record["seed"]
        of_first_rule = record.get("schema_version", 1) in FIRST_RULE
        older_finding = record["verdict"]["finding" if of_first_rule else "older_finding"]
        declared: Any = record.get("declared", "other")
        from_map = bool(record.get("from_map"))
    original = make_view(frame, explain(classifier, frame, target, method, options))
    stages = experiment_stages(
        classifier,
        frame,
        regions,
        fill,
        target,
        n_controls,
        seed,
        declared=declared,
        from_map=from_map,
        original=original,
        placements=placements,
    )
    experiment = next(stage for stage in stages if isinstance(stage, Experiment))
    if older_finding:
        return replace(experiment, verdict=judge_by_first_rule(experiment.evidence, cut(str(older_finding))))
    return experiment


def record_saliency(
    prediction: Prediction, attribution: Attribution, files: Mapping[float, str], classifier: Classifier, frame: Frame
) -> dict[str, Any]:
    """Maps of one class as what json.dumps() takes.

    files: for each sigma, the name of the file that holds the map.
    """
    return {
        **_describe(classifier, frame, attribution.target),
        **_describe_method(attribution),
        "detail": attribution.detail,
        "reduction": attribution.reduction,
        "against": None if attribution.against is None else _describe_class(classifier, attribution.against),
        "probabilities": prediction.probabilities.tolist(),
        "maps": [{"sigma": float(sigma), "file": str(file)} for sigma, file in files.items()],
    }


def replay_saliency(record: dict[str, Any], classifier: Classifier, frame: Frame) -> tuple[SaliencyMap, ...]:
    """Make recorded maps again, in the record's order, on the frame of the same photo and crop mode.

    Raises RequestError where replay_experiment() does.
    """
    with _reading():
        frame = _check_subject(record, classifier, frame)
        target = check_target(record["target"]["index"], len(classifier.categories))
        method, options = read_method(record)
        reduction, sigmas = record["reduction"], [each["sigma"] for each in record["maps"][:MOST_MAPS]]
        if len(record["maps"]) > MOST_MAPS:
            raise RequestError(f"The record has more than {MOST_MAPS} maps. Use the file as it was saved.")
        minus = record.get("against")
        against = None if minus is None else check_target(minus["index"], len(classifier.categories))
    raw = attribute(classifier, frame, target, method, reduction, options)
    if against is not None:
        raw = contrast(raw, attribute(classifier, frame, against, method, reduction, options))
    return smooth_all(raw, sigmas)


def read_method(record: Mapping[str, Any]) -> tuple[str, Options]:
    """A record's method, and the options that it was given; those that it says nothing of are as they are by default.

    Raises RequestError for an unknown method, for an option that it does not read, or for an impossible one.
    """
    method = find_method(record.get("method", DEFAULT_METHOD))
    given = record.get("options", {})
    if not isinstance(given, dict):
        raise RequestError(f"Options of a method are names with values, not {show(given)}.")
    if foreign := sorted(set(given) - set(method.options)):
        raise RequestError(f"The method {method.title} has no option called {show(foreign[0])}.")
    return method.key, Options(**given)


def _describe_method(attribution: Attribution) -> dict[str, Any]:
    """What the map was made by.

    Raises RequestError for a map that is not whole yet: nothing could make it again.
    """
    if attribution.share < 1:
        raise RequestError("This map is not whole yet; a record is of whole maps. Let it be computed to its end.")
    names, given = find_method(attribution.method).options, asdict(attribution.options)
    return {"method": attribution.method, "options": {name: given[name] for name in names}}


def _describe(classifier: Classifier, frame: Frame, target: int) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "version": __version__,
        "packages": package_versions(),
        "model": describe_model(classifier),
        "photo_sha256": frame.photo_digest,
        "crop_mode": frame.crop_mode,
        "frame_side": frame.side,
        "mean_colour": [int(value) for value in frame.mean_colour],
        "target": _describe_class(classifier, target),
    }


def _describe_class(classifier: Classifier, index: int) -> dict[str, Any]:
    return {"index": index, "label": str(classifier.categories[index])}


@contextmanager
def _reading() -> Iterator[None]:
    """What goes wrong while a record's parts are read, in a sentence."""
    try:
        yield
    except KeyError as error:
        raise RequestError(f"The record is incomplete: it has no {error}. Use the file as it was saved.") from error
    except (TypeError, AttributeError, IndexError) as error:
        raise RequestError(f"The record is misshapen: {error}. Use the file as it was saved.") from error


def _check_subject(record: dict[str, Any], classifier: Classifier, frame: Frame) -> Frame:
    """The frame with the mean colour that the record's grey is, if it is the record's model, photo and crop mode."""
    schema = record.get("schema_version", 1)
    if schema not in range(1, SCHEMA_VERSION + 1):
        raise RequestError(
            f"The record has the schema version {show(schema)}; this library reads versions up to {SCHEMA_VERSION}. "
            "Use the version of the library that wrote it, or a newer one."
        )
    model = record["model"]
    if model["weights_sha256"] != classifier.weights.sha256:
        raise RequestError(f"The record is of {model['title']}, not of {classifier.title}. Load the model it names.")
    check_frame(classifier, frame)
    crop_mode = _OLD_CROP_MODES.get(record["fit"]) if schema == 1 else record["crop_mode"]
    if crop_mode != frame.crop_mode:
        raise RequestError(
            f"The record is of the crop mode {show(crop_mode)}, not of {frame.crop_mode!r}. "
            "Give that one to frame_photo()."
        )
    digest = record["photo_sha256"]
    if digest and frame.photo_digest and digest != frame.photo_digest:
        raise RequestError(
            f"The record is of another photo: its file's sha256 begins with {digest[:8]}, "
            f"not with {frame.photo_digest[:8]}. Open the photo that was recorded."
        )
    colour = _OLD_MEAN_COLOUR if schema == 1 else record["mean_colour"]
    red, green, blue = (whole_number(colour[index], "A mean colour's part", 0, 255) for index in range(3))
    return replace(frame, mean_colour=(red, green, blue))


def _as_regions(regions: Sequence[dict[str, int]]) -> Placement:
    return tuple(Region(**region) for region in regions)


def _as_record(region: Region) -> dict[str, int]:
    return {
        "top": region.top,
        "left": region.left,
        "height": region.height,
        "width": region.width,
    }
