"""One photo measured: what the model says of it, and what its answer becomes as the object is hidden or left alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from saliency_core.audit.cropping import crop_object
from saliency_core.audit.hiding import hide_object
from saliency_core.audit.rows import Row
from saliency_core.audit.swaps import Backgrounds, swap_backgrounds
from saliency_core.checks import check_seed, number, one_of
from saliency_core.errors import RequestError
from saliency_core.evidence.controls import Values, centred_gaussian, smoothed, sobel_edges
from saliency_core.masking.claims import LEAST_BELIEF, LEAST_CONTROLS
from saliency_core.masking.controls import Places
from saliency_core.masking.placements import CONTROL_COUNTS, Edges, box_regions, photo_area, place_controls
from saliency_core.methods.attribution import explain, fit_reduction, reduce_channels
from saliency_core.methods.measures import relevance_mass
from saliency_core.methods.method import Explanation
from saliency_core.methods.registry import DEFAULT_METHOD, find_method
from saliency_core.methods.smoothing import smooth
from saliency_core.models.classifier import Classifier
from saliency_core.photos.fills import Fill, check_fill
from saliency_core.photos.frame import CROP_MODES, CropMode, Frame, frame_photo
from saliency_core.photos.looks import brightness, sharpness
from saliency_core.photos.photo import Photo
from saliency_core.photos.regions import Placement, Region, covered

NO_OBJECT = "no object is declared"
OUT_OF_FRAME = "the object is not on what the model sees of the photo"
NO_OTHER_PLACE = "the object covers all that the model sees, so that there is no other place for it"
FEW_PLACES = f"there is room for fewer than {LEAST_CONTROLS} random places of the object’s shape"
LITTLE_BELIEF = f"the class has less than {LEAST_BELIEF:.0%} to begin with: too little to take away"


@dataclass(frozen=True, slots=True)
class Settings:
    """How each photo of an audit is measured.

    crop_mode: "squash" and "border" show the model the whole photo, so that no object is cropped away.
    fills: what hidden pixels become, at least one.
    n_controls: how many random places an object is compared with, one of CONTROL_COUNTS. Photos differ by more than
        their places leave open: with 39, a class's mean need is known as well as with twice as many, to a twentieth.
    method, sigma: of the map whose share in the object is told, sigma in frame pixels.

    Raises RequestError for an impossible one.
    """

    crop_mode: CropMode = "squash"
    fills: tuple[Fill, ...] = ("grey", "black")
    n_controls: int = 39
    method: str = DEFAULT_METHOD
    sigma: float = 5.0

    def __post_init__(self) -> None:
        one_of(self.crop_mode, "crop mode", CROP_MODES)
        fills = tuple(check_fill(fill) for fill in self.fills)
        if not fills or len(set(fills)) != len(fills):
            raise RequestError("Name at least one fill, each of them once.")
        if self.n_controls not in CONTROL_COUNTS:
            raise RequestError(f"The number of random places must be one of {CONTROL_COUNTS}, not {self.n_controls}.")
        find_method(self.method)
        number(self.sigma, "Sigma", 0, 1000, "pixels")


DEFAULT_SETTINGS = Settings()


def measure_photo(
    classifier: Classifier,
    photo: Photo,
    target: int | None = None,
    objects: Sequence[Edges] = (),
    settings: Settings = DEFAULT_SETTINGS,
    seed: int = 0,
    backgrounds: Backgrounds | None = None,
) -> Row:
    """What the model says of a photo, and what becomes of it as the object is hidden, left alone, cropped away or put
    on other backgrounds.

    target: the class that the photo is labelled with; None for the model's best guess.
    objects: the boxes of the thing on it, which are hidden together; none where it is not known.
    seed: of the random places, together with the photo's digest: a photo has the same row whichever photos are measured
        before it, or elsewhere.
    backgrounds: of other photos, to put the object on; None where there are none.

    Where the object cannot be compared with random places, or there is no answer to take away, the row has no hidings
    and says why; nothing is hidden then.

    Raises RequestError for an impossible target or seed, SaliencyError where the model gives no finite map.
    """
    frame = frame_photo(photo, classifier, settings.crop_mode)
    seed = photo_seed(seed, photo.digest)
    explanation = explain(classifier, frame, target, settings.method)
    area, regions = photo_area(frame), box_regions(frame, objects)
    row = _describe(photo, frame, area, explanation, labelled=target is not None)
    if not regions:
        return replace(row, reason=OUT_OF_FRAME if objects else NO_OBJECT)
    row = _look_inside(row, frame, area, regions, explanation, settings)
    if row.target_probability >= LEAST_BELIEF:
        row = crop_object(row, classifier, photo, objects, settings.crop_mode, seed)
        row = swap_backgrounds(row, classifier, frame, regions, backgrounds) if backgrounds else row
    places = place_controls(frame.side, regions, settings.n_controls, seed, area)
    reason = _obstacle(row, places)
    if reason:
        return replace(row, reason=reason)
    asked = Places(classifier, frame, row.target, seed)
    hidings = tuple(
        (fill, hide_object(asked, fill, row.target, row.target_probability, regions, places)) for fill in settings.fills
    )
    return replace(row, places=len(places), hidings=hidings)


def photo_seed(seed: int, digest: str) -> int:
    """The seed of one photo's masking experiment in an audit; with it, run_experiment() has the same places.

    digest: the photo's, hexadecimal.

    Raises RequestError for an impossible seed.
    """
    return int(np.random.default_rng([check_seed(seed), int(digest, 16)]).integers(2**31))


def _describe(photo: Photo, frame: Frame, area: Region, explanation: Explanation, labelled: bool) -> Row:
    prediction, target = explanation.prediction, explanation.target
    best, second = (*prediction.top(2), None)[:2]
    assert best is not None  # a model has at least one class
    shown = frame.pixels[area.top : area.top + area.height, area.left : area.left + area.width]
    return Row(
        digest=photo.digest,
        width=photo.width,
        height=photo.height,
        target=target,
        target_probability=float(prediction.probabilities[target]),
        target_rank=prediction.rank(target),
        right=best.index == target if labelled else None,
        predicted=best.index,
        probability=best.probability,
        second=second.index if second else None,
        second_probability=second.probability if second else None,
        brightness=brightness(shown),
        sharpness=sharpness(shown),
        notes=" ".join(photo.notes),
    )


def _look_inside(
    row: Row, frame: Frame, area: Region, regions: Placement, explanation: Explanation, settings: Settings
) -> Row:
    """The row with the shares of maps that lie in the object, all of them of what is on the photo."""
    shown = covered(frame.side, area)
    reduced = reduce_channels(explanation, fit_reduction(settings.method))
    edges = smoothed(sobel_edges(frame), settings.sigma)

    def inside(values: Values) -> float:
        return relevance_mass(np.where(shown, values, np.float32(0)), regions)

    return replace(
        row,
        size=float(covered(frame.side, regions)[shown].mean()),
        map_inside=inside(smooth(reduced, settings.sigma).values),
        edges_inside=inside(edges),
        centre_inside=inside(centred_gaussian(frame.side)),
    )


def _obstacle(row: Row, places: Sequence[Placement]) -> str:
    """Why nothing is hidden; empty where it is."""
    if row.target_probability < LEAST_BELIEF:
        return LITTLE_BELIEF
    if row.size == 1:
        return NO_OTHER_PLACE
    return FEW_PLACES if len(places) < LEAST_CONTROLS else ""
