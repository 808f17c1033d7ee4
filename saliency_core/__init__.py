"""See what an image classifier looks at: predictions, saliency maps and masking experiments.

photo = decode_photo(data)
classifier = load_classifier("resnet50")
frame = frame_photo(photo, classifier)
prediction = classify(classifier, frame)
raw = attribute(classifier, frame, target=prediction.top(1)[0].index)
smoothed = smooth(raw, sigma=5)
"""

from saliency_core.attribution import (
    REDUCTIONS,
    Attribution,
    Reduction,
    attribute,
    gradient,
    reduce_channels,
)
from saliency_core.classifier import MODELS, Classifier, classify, load_classifier
from saliency_core.errors import (
    PhotoError,
    RequestError,
    SaliencyError,
    WeightsError,
    WeightsUnreachableError,
)
from saliency_core.figures import (
    COLOUR_MAPS,
    Panel,
    colour_stops,
    colourise,
    display_photo,
    draw_map,
    draw_overlay,
    draw_panels,
    encode_figure,
    outline,
)
from saliency_core.frame import FITS, Box, Fit, Frame, Preset, frame_photo
from saliency_core.photo import Photo, decode_photo
from saliency_core.prediction import Guess, Prediction
from saliency_core.smoothing import SaliencyMap, Scale, normalise_values, shared_scale, smooth

__all__ = [
    "COLOUR_MAPS",
    "FITS",
    "MODELS",
    "REDUCTIONS",
    "Attribution",
    "Box",
    "Classifier",
    "Fit",
    "Frame",
    "Guess",
    "Panel",
    "Photo",
    "PhotoError",
    "Prediction",
    "Preset",
    "Reduction",
    "RequestError",
    "SaliencyError",
    "SaliencyMap",
    "Scale",
    "WeightsError",
    "WeightsUnreachableError",
    "attribute",
    "classify",
    "colour_stops",
    "colourise",
    "decode_photo",
    "display_photo",
    "draw_map",
    "draw_overlay",
    "draw_panels",
    "encode_figure",
    "frame_photo",
    "gradient",
    "load_classifier",
    "normalise_values",
    "outline",
    "reduce_channels",
    "shared_scale",
    "smooth",
]
