"""See what an image classifier looks at: predictions, saliency maps and masking experiments.

photo = decode_photo(data)
classifier = load_classifier("resnet50")
frame = frame_photo(photo, classifier)
prediction = classify(classifier, frame)
raw = attribute(classifier, frame, target=prediction.top(1)[0].index)
smoothed = smooth(raw, sigma=5)
"""

from saliency_core.archive import masking_archive, saliency_archive
from saliency_core.attribution import (
    REDUCTIONS,
    Attribution,
    Reduction,
    attribute,
    explain,
    gradient,
    reduce_channels,
)
from saliency_core.case import Case, MapStyle
from saliency_core.classifier import MODELS, Classifier, classify, load_classifier
from saliency_core.controls import place_controls
from saliency_core.errors import (
    PhotoError,
    RequestError,
    SaliencyError,
    WeightsError,
    WeightsUnreachableError,
)
from saliency_core.experiment import (
    Experiment,
    HiddenPasses,
    View,
    Views,
    compare_fills,
    conclude,
    evidence,
    run_controls,
    run_experiment,
    run_views,
    share_inside,
)
from saliency_core.figures import (
    COLOUR_MAPS,
    Panel,
    colour_stops,
    colourise,
    dim_unseen,
    display_photo,
    draw_map,
    draw_overlay,
    draw_overlays,
    draw_panels,
    draw_seen,
    encode_figure,
    outline,
)
from saliency_core.frame import FITS, Box, Fit, Frame, Preset, frame_photo
from saliency_core.masking import FILLS, Fill, Region, covered, hide, keep_only
from saliency_core.photo import Photo, decode_photo
from saliency_core.prediction import Guess, Prediction
from saliency_core.record import record_experiment, record_saliency, replay_experiment, replay_saliency
from saliency_core.report import masking_report, saliency_report
from saliency_core.smoothing import SaliencyMap, Scale, normalise_values, shared_scale, smooth, smooth_all
from saliency_core.verdict import Evidence, Finding, Verdict, judge, rarity
from saliency_core.words import percent, tell_hiding, tell_rarity, tell_scale, tell_sureness, tell_verdict

__all__ = [
    "COLOUR_MAPS",
    "FILLS",
    "FITS",
    "MODELS",
    "REDUCTIONS",
    "Attribution",
    "Box",
    "Case",
    "Classifier",
    "Evidence",
    "Experiment",
    "Fill",
    "Finding",
    "Fit",
    "Frame",
    "Guess",
    "HiddenPasses",
    "MapStyle",
    "Panel",
    "Photo",
    "PhotoError",
    "Prediction",
    "Preset",
    "Reduction",
    "Region",
    "RequestError",
    "SaliencyError",
    "SaliencyMap",
    "Scale",
    "Verdict",
    "View",
    "Views",
    "WeightsError",
    "WeightsUnreachableError",
    "attribute",
    "classify",
    "colour_stops",
    "colourise",
    "compare_fills",
    "conclude",
    "covered",
    "decode_photo",
    "dim_unseen",
    "display_photo",
    "draw_map",
    "draw_overlay",
    "draw_overlays",
    "draw_panels",
    "draw_seen",
    "encode_figure",
    "evidence",
    "explain",
    "frame_photo",
    "gradient",
    "hide",
    "judge",
    "keep_only",
    "load_classifier",
    "masking_archive",
    "masking_report",
    "normalise_values",
    "outline",
    "percent",
    "place_controls",
    "rarity",
    "record_experiment",
    "record_saliency",
    "reduce_channels",
    "replay_experiment",
    "replay_saliency",
    "run_controls",
    "run_experiment",
    "run_views",
    "saliency_archive",
    "saliency_report",
    "share_inside",
    "shared_scale",
    "smooth",
    "smooth_all",
    "tell_hiding",
    "tell_rarity",
    "tell_scale",
    "tell_sureness",
    "tell_verdict",
]
