"""See what an image classifier looks at: predictions, saliency maps and masking experiments.

photo = decode_photo(data)
classifier = load_classifier("resnet50")
frame = frame_photo(photo, classifier)
prediction = classify(classifier, frame)
raw = attribute(classifier, frame, target=prediction.top(1)[0].index)
smoothed = smooth(raw, sigma=5)

What a notebook needs is here; everything else is imported from its room, such as saliency_core.engine.
"""

from saliency_core.errors import ModelError, PhotoError, RequestError, SaliencyError, WeightsError
from saliency_core.masking.claims import Claim
from saliency_core.masking.experiment import Experiment, compare_fills, experiment_stages, run_experiment
from saliency_core.masking.verdict import Verdict
from saliency_core.methods.attribution import REDUCTIONS, Attribution, attribute, explain, explanation_stages
from saliency_core.methods.contrast import contrast
from saliency_core.methods.method import Explanation, Method, Options
from saliency_core.methods.registry import methods, register
from saliency_core.methods.smoothing import SaliencyMap, smooth
from saliency_core.models.classifier import Classifier, classify, load_classifier
from saliency_core.models.declared import read_models
from saliency_core.models.prediction import Prediction
from saliency_core.models.registry import MODELS
from saliency_core.photos.fills import FILLS, hide, keep_only
from saliency_core.photos.frame import CROP_MODES, Frame, frame_photo
from saliency_core.photos.photo import Photo, decode_photo
from saliency_core.photos.regions import Region
from saliency_core.presentation.case import Case
from saliency_core.presentation.figures import draw_map, draw_overlay
from saliency_core.presentation.record import record_experiment, record_saliency, replay_experiment, replay_saliency
from saliency_core.presentation.report import masking_report, saliency_report
from saliency_core.version import __version__ as __version__

__all__ = [
    "CROP_MODES",
    "FILLS",
    "MODELS",
    "REDUCTIONS",
    "Attribution",
    "Case",
    "Claim",
    "Classifier",
    "Experiment",
    "Explanation",
    "Frame",
    "Method",
    "ModelError",
    "Options",
    "Photo",
    "PhotoError",
    "Prediction",
    "Region",
    "RequestError",
    "SaliencyError",
    "SaliencyMap",
    "Verdict",
    "WeightsError",
    "attribute",
    "classify",
    "compare_fills",
    "contrast",
    "decode_photo",
    "draw_map",
    "draw_overlay",
    "experiment_stages",
    "explain",
    "explanation_stages",
    "frame_photo",
    "hide",
    "keep_only",
    "load_classifier",
    "masking_report",
    "methods",
    "read_models",
    "record_experiment",
    "record_saliency",
    "register",
    "replay_experiment",
    "replay_saliency",
    "run_experiment",
    "saliency_report",
    "smooth",
]
