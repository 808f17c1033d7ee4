"""Open a saved result: take a file, find its model and its photo, and show what was saved, as it was."""

from typing import cast

import streamlit as st

import saliency_core as core
from pages.ui import compute, hand, session, uploads
from pages.ui.compute import Subject
from pages.ui.file_input import file_input
from pages.ui.parameters import MASKING, SALIENCY
from pages.ui.samples import Source, own_photo, samples
from pages.ui.shapes import on_frame, on_photo
from pages.ui.values import COPIES, LARGEST_SEED, MOST_NOISE, NOISE_STEP
from saliency_core.errors import RecordError
from saliency_core.masking.placements import CONTROL_COUNTS
from saliency_core.methods.attribution import MAGNITUDES
from saliency_core.methods.registry import find_method
from saliency_core.models.model import Model
from saliency_core.models.registry import all_models
from saliency_core.photos.regions import Placement
from saliency_core.presentation.saved import (
    MOST_BYTES,
    Saved,
    SavedExperiment,
    compare_experiment,
    compare_prediction,
    read_saved,
)

FILES = {MASKING: "pages/masking_experiment.py", SALIENCY: "pages/saliency.py"}
"""The pages that show saved results."""


def saved_picker() -> None:
    """The control that takes a saved result, and what is wrong with the one it was given last."""
    with st.popover("Open a saved result", icon=":material/unarchive:", width="stretch"):
        file_input(
            "saved_file",
            "What “Save data” or “Result (.json)” gave",
            ("zip", "json"),
            MOST_BYTES,
            "It is shown as it was saved, computed anew. Its photo has to be in the file, among the samples, or "
            "opened here.",
            _take_file,
        )
    if problem := st.session_state.pop("saved_problem", None):
        st.error(problem)


def turn_to_opened(title: str) -> None:
    """Go to the page that shows the result opened just now, unless it is the one in view."""
    wanted = st.session_state.pop("page_of_opened", title)
    if wanted != title:
        st.switch_page(FILES[wanted])


def take_awaited(source: Source) -> None:
    """Show the saved result that waits for a photo, if this is the one."""
    awaited = session.recall("awaited", None)
    if awaited is not None and awaited.photo_sha256 == source.digest:
        _try_to_show(awaited)


def tell_opened(subject: Subject, target: int, now: core.Prediction | core.Experiment) -> None:
    """Whether what is computed now is what was saved, while the result that was opened is on screen."""
    saved = cast("Saved | None", session.recall("opened", None))
    if saved is None or (saved.photo_sha256, saved.model, saved.crop_mode, saved.target) != (
        subject.source.digest,
        subject.classifier.name,
        subject.crop_mode,
        target,
    ):
        return
    if isinstance(now, core.Prediction):
        if saved.experiment is None and saved.method == session.method():
            st.caption(compare_prediction(saved, now))
    elif saved.experiment is not None and _choices(saved.experiment) == _choices(now):
        st.caption(compare_experiment(saved.experiment, now))


def _choices(experiment: core.Experiment | SavedExperiment) -> tuple[object, ...]:
    return experiment.regions, experiment.fill, experiment.seed, experiment.n_controls


def _take_file(_name: str, data: bytes) -> None:
    try:
        saved = read_saved(data)
    except core.SaliencyError as error:
        st.session_state["saved_problem"] = str(error)
        return
    _try_to_show(saved)


def _try_to_show(saved: Saved) -> None:
    """Show a saved result, or say in a sentence why that cannot be and leave the screen as it is."""
    st.session_state["awaited"] = None
    try:
        _show(saved)
    except core.SaliencyError as error:
        st.session_state["saved_problem"] = str(error)


def _show(saved: Saved) -> None:
    classifier, source = _find_model(saved), _find_photo(saved)
    if source is None:
        st.session_state["awaited"] = saved
        raise RecordError(
            "The photo of this result is not in its file, nor among the samples: open it above, and the result is "
            "shown as it was saved."
        )
    subject = Subject(source, classifier, saved.crop_mode)
    frame = compute.frame(subject)
    if not (len(classifier.categories) == len(saved.probabilities) and saved.target < len(classifier.categories)):
        raise RecordError(f"This result is of {saved.model_title} with other classes than here.")
    chosen: dict[str, object] = {
        "photo": source,
        "model": saved.model,
        "crop_mode": saved.crop_mode,
        "target": saved.target,
        "method": saved.method,
        **_choose_options(saved),
    }
    if saved.experiment is not None:
        page = MASKING
        chosen |= _choose_experiment(saved.experiment, frame) | {"sigma": _offered_sigma(saved.sigmas[0])}
    else:
        page = SALIENCY
        if not set(saved.sigmas) <= set(session.COMPARABLE):
            raise RecordError(f"These pages compare sigmas among {', '.join(map(str, session.COMPARABLE))} only.")
        chosen |= {
            "compared": [int(sigma) for sigma in saved.sigmas],
            "one_scale": saved.style.one_scale,
            "opacity": 5 * round(20 * saved.style.opacity),
            "colour_map": saved.style.colour_map,
            "minus": session.NO_CLASS if saved.against is None else saved.against,
        }
        if saved.reduction in MAGNITUDES:  # the others are the method's own, and nothing that a person chooses
            chosen["reduction"] = saved.reduction
    if not source.sample:
        uploads.remember(source)
    session.take_over(chosen)
    st.session_state["opened"] = saved
    st.session_state["page_of_opened"] = page


def _find_model(saved: Saved) -> core.Classifier:
    model = all_models().get(saved.model)
    if not isinstance(model, Model):
        raise RecordError(f"This result is of a model that does not exist here, {saved.model_title}.")
    if model.source.missing or saved.model in compute.unavailable():
        raise RecordError(f"This result is of {saved.model_title}, whose weights are not on this machine.")
    classifier = compute.classifier(saved.model)
    if classifier.weights.sha256 != saved.weights_sha256:
        raise RecordError(f"This result is of other weights of {saved.model_title} than those on this machine.")
    return classifier


def _find_photo(saved: Saved) -> Source | None:
    """The photo with the digest: in the file, on screen, among the samples, or opened here before."""
    known = [*samples().values(), session.source()]
    found = next((each for each in known if each.is_here and each.digest == saved.photo_sha256), None)
    if found is not None:
        return found
    if saved.photo:
        opened = own_photo(saved.title or "photo", saved.photo)
        compute.photo(opened)
        return opened
    before = uploads.find(uploads.name_of(Source("", "", "", saved.photo_sha256)))
    return before if before and before.digest == saved.photo_sha256 else None


def _choose_options(saved: Saved) -> dict[str, object]:
    """What its method was told, as these pages' controls have it."""
    asked, read = saved.options, find_method(saved.method).options
    noise = round(round(asked.noise / NOISE_STEP) * NOISE_STEP, 2)
    if (
        not COPIES[0] <= asked.copies <= COPIES[1]
        or asked.noise > MOST_NOISE
        or noise != asked.noise
        or asked.seed > LARGEST_SEED
    ):
        raise RecordError(
            f"These pages take {COPIES[0]} to {COPIES[1]} noisy copies, noise up to {MOST_NOISE:g} in steps of "
            f"{NOISE_STEP:g}, and seeds up to {LARGEST_SEED:,}. replay_saliency() in Python makes this map again."
        )
    told = {
        "copies": asked.copies,
        "noise": asked.noise,
        "baseline": asked.baseline,
        "layer": asked.layer or "",
        "seed": asked.seed,
    }
    return {"map_seed" if name == "seed" else name: told[name] for name in read}


def _choose_experiment(saved: SavedExperiment, frame: core.Frame) -> dict[str, object]:
    if saved.n_controls not in CONTROL_COUNTS:
        raise RecordError(
            f"This result was compared with {saved.n_controls} random places; these pages compare with "
            f"{', '.join(map(str, CONTROL_COUNTS))}. replay_experiment() in Python does it again."
        )
    if saved.seed > LARGEST_SEED or len(saved.regions) > hand.MOST:
        raise RecordError("This result has a larger seed or more regions than these pages take.")
    return {
        "rectangles": _rectangles(saved.regions, frame),
        "declared": saved.declared,
        "from_map": saved.from_map,
        "fill": saved.fill,
        "seed": saved.seed,
        "control_count": saved.n_controls,
    }


def _rectangles(regions: Placement, frame: core.Frame) -> tuple[object, ...]:
    drawn = tuple(on_photo(region, frame) for region in regions)
    if tuple(on_frame(each, frame) for each in drawn) != regions:
        raise RecordError("A region of this result lies where the model sees no photo; these pages cannot draw it.")
    return drawn


def _offered_sigma(sigma: float) -> float:
    if not 0 <= sigma <= session.MAX_SIGMA or 2 * sigma != round(2 * sigma):
        raise RecordError(f"These pages smooth by sigmas from 0 to {session.MAX_SIGMA:g}, in steps of a half.")
    return float(sigma)
