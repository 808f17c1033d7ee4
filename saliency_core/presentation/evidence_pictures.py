"""The pictures of the evidence on a map: as its network is shuffled, and of other classes."""

from collections.abc import Sequence
from dataclasses import replace

from saliency_core.evidence.classes import ClassEvidence
from saliency_core.evidence.filmstrip import Filmstrip
from saliency_core.evidence.similarity import Similarity
from saliency_core.evidence.untrained import Untrained
from saliency_core.evidence.words import tell_number
from saliency_core.methods.smoothing import SaliencyMap
from saliency_core.models.prediction import Prediction
from saliency_core.presentation.case import Case
from saliency_core.presentation.pictures import Picture
from saliency_core.presentation.saliency_pictures import overlay_pictures
from saliency_core.text import begin, cut

_TRAINED = "trained, it says "


def titled(case: Case, saliency: SaliencyMap, title: str, prediction: Prediction, beside: str = "") -> Picture:
    """A map over the photo, on a scale of its own.

    beside: what is to be told of it first, up to the words that name class, model and method.
    prediction: of the case's frame, by the trained network.
    """
    (picture,) = overlay_pictures(case, [saliency], prediction=prediction)
    what = beside + picture.caption
    return replace(picture, title=title, caption=what, alt=f"Saliency map: {title}. {what}")


def film_pictures(
    case: Case, strip: Filmstrip, name: str, null: Sequence[float], prediction: Prediction
) -> tuple[Picture, ...]:
    """A filmstrip's pictures, the trained network's map first.

    null: how like the trained network's map is to those of other photos, by rank.
    """
    pictures = [titled(case, strip.trained[name], "As trained", prediction)]
    for each in strip.pictures[name]:
        told = tell_alike(each.similarity)
        if null:
            told += f" (other photos’ maps: {tell_number(min(null))} to {tell_number(max(null))} by rank)"
        title = f"{begin(each.title)} shuffled"
        pictures.append(titled(case, each.saliency, title, prediction, f"{told} · {_TRAINED}"))
    return tuple(pictures)


def class_pictures(
    case: Case, saliency: SaliencyMap, evidence: ClassEvidence, prediction: Prediction
) -> tuple[Picture, ...]:
    """The map beside those of the other classes."""
    pictures = [titled(case, saliency, f"“{_label(case, saliency.target)}”", prediction)]
    for other, kind in ((evidence.second, "next best"), (evidence.random, "at random")):
        if other is not None:
            title = f"“{_label(case, other.target)}” ({kind})"
            pictures.append(titled(case, other.saliency, title, prediction, f"{tell_alike(other.similarity)} · "))
    return tuple(pictures)


def untrained_picture(case: Case, saliency: SaliencyMap, untrained: Untrained, prediction: Prediction) -> Picture:
    """The map of the network with shuffled weights.

    saliency: the trained network's, for what both have in common.
    """
    shuffled = replace(saliency, values=untrained.values)
    alike = Similarity(untrained.spearman, untrained.ssim)
    return titled(
        case,
        shuffled,
        "The same network, untrained",
        prediction,
        f"weights shuffled · {tell_alike(alike)} · {_TRAINED}",
    )


def tell_alike(similarity: Similarity) -> str:
    """How alike a map is, by both measures."""
    return f"alike by rank {tell_number(similarity.spearman)}, in structure (SSIM) {tell_number(similarity.ssim)}"


def _label(case: Case, target: int) -> str:
    return cut(case.classifier.categories[target], 30)
