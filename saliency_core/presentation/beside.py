"""Two models on one photo, in sentences: what follows from their numbers, and what does not."""

from collections.abc import Sequence

from saliency_core.masking.experiment import Experiment
from saliency_core.methods.smoothing import Scale, share_sigma
from saliency_core.models.classifier import Classifier
from saliency_core.models.prediction import Prediction
from saliency_core.photos.frame import CropMode, Frame
from saliency_core.presentation.captions import CROP_MODE_CAPTIONS
from saliency_core.text import begin, cut, percent

Names = tuple[str, str]
"""What two models are called, the first one first."""

SCALE_READING = (
    "Each map is in the units of its own model’s score, so the maps compare where the two scores react and, on one "
    "scale, how strongly each moves; not how sure the models are."
)
SCALE_HELP = (
    f"On: the same colour means the same value in both maps. Off: each map uses all its colours, and the two cannot be "
    f"compared by colour. {SCALE_READING}"
)
ONE_SCALE, OWN_SCALES = "One colour scale for both maps.", "Each map has a colour scale of its own."
LEAST_REACH = 0.3
"""A map whose values reach less of the other's has no bright colour on the scale of both."""
NO_TEST = (
    "Each finding compares a part with random places for one model. Whether the two models differ has not been tested: "
    "findings can differ, or be alike, by chance."
)


def name_both(first: Classifier, second: Classifier) -> Names:
    """The titles of two models, cut to fit into a sentence, and told apart where they are the same."""
    titles = cut(first.title), cut(second.title)
    if titles[0] != titles[1]:
        return titles
    return f"{titles[0]} ({cut(first.name)})", f"{titles[1]} ({cut(second.name)})"


def find_counterpart(first: Sequence[str], target: int, second: Sequence[str]) -> int | None:
    """The class of a second model that has the same name, letter by letter, as a class of the first; None without one.

    Class lists may have a name twice, as ImageNet's has “crane”: the same place counts first.
    """
    name = first[target]
    if target < len(second) and second[target] == name:
        return target
    return list(second).index(name) if name in second else None


def tell_answers(names: Names, first: Prediction, second: Prediction) -> str:
    """What two models say of one photo, in one sentence."""
    best, other = first.top(1)[0], second.top(1)[0]
    if best.label == other.label:
        shares = percent(best.probability), percent(other.probability)
        told = f"Both say “{cut(best.label)}”"
        if shares[0] == shares[1]:
            return f"{told}, both with {shares[0]}."
        return f"{told}: {names[0]} with {shares[0]}; {names[1]} with {shares[1]}."
    return (
        f"{names[0]} says “{cut(best.label)}” ({percent(best.probability)}); {names[1]} says “{cut(other.label)}” "
        f"({percent(other.probability)})."
    )


def tell_others_answers(names: Names, first: Prediction, second: Prediction) -> str:
    """What each of two models gives to what the other says, where they say different things; empty otherwise."""
    if first.top(1)[0].label == second.top(1)[0].label:
        return ""
    told = _tell_other(names[0], first, second), _tell_other(names[1], second, first)
    return " ".join(told)


def tell_lists(first: Sequence[str], second: Sequence[str]) -> str:
    """How two models' lists of classes differ, and what that means; empty if they do not."""
    if tuple(first) == tuple(second):
        return ""
    shared = len(set(first) & set(second))
    alike = "no name is" if not shared else "1 name is" if shared == 1 else f"{shared:,} names are"
    return (
        f"The first has learnt {_count(len(first))}, the second {_count(len(second))}; {alike} in both lists. A "
        "probability is a share among a model’s own classes."
    )


def tell_counterpart(names: Names, first: Sequence[str], target: int, second: Sequence[str], found: int) -> str:
    """Which class of the second model stands beside a class of the first, where their lists differ; empty where they do
    not.

    found: the second's class: of the same name, or its best guess where there is none.
    """
    if tuple(first) == tuple(second):
        return ""
    if first[target] == second[found]:
        return f"Their lists of classes differ; “{cut(first[target])}” is the class of this name in both."
    return (
        f"{names[1]} has no class “{cut(first[target])}”; its own best guess, “{cut(second[found])}”, is looked at "
        "instead."
    )


def tell_sigmas(sigma: float, side: int, other: int) -> str:
    """How maps of frames of two sizes are smoothed alike; empty for frames of one size."""
    if side == other:
        return ""
    sizes = f"The first model sees {side} x {side} pixels, the second {other} x {other}"
    if not sigma:
        return f"{sizes}."
    return (
        f"{sizes}. Both maps are smoothed by the same share of that: sigma {sigma:g} in pixels of the first is sigma "
        f"{share_sigma(sigma, side, other):g} in pixels of the second."
    )


def tell_reach(names: Names, first: Scale, second: Scale) -> str:
    """Of two maps on one scale, which of them has to be dark; empty if neither has.

    first, second: the scale of each map by itself.
    """
    tops = first.high, second.high
    if min(tops) >= LEAST_REACH * max(tops):
        return ""
    dark = tops.index(min(tops))
    reach = percent(tops[dark] / tops[1 - dark])
    return f"The map of {names[dark]} is dark on it: its values reach {reach} of the other’s."


def tell_seen(names: Names, crop_mode: CropMode, first: Frame, second: Frame) -> str:
    """Which part of a photo two models see, where it is drawn for the first."""
    if crop_mode != "center":
        return CROP_MODE_CAPTIONS[crop_mode].replace("The model sees", "Both models see")
    if first.box == second.box:
        return "Both models see the bright part; the rest is cropped away."
    return f"The bright part is what {names[0]} sees; {names[1]} crops it a little differently."


def tell_findings(names: Names, first: Experiment, second: Experiment) -> str:
    """How the findings of two models about one part stand beside each other, in one sentence; NO_TEST belongs to it."""
    claims = first.verdict.claim.value, second.verdict.claim.value
    labels = [cut(each.views.original.prediction.guess(each.target).label) for each in (first, second)]
    if labels[0] != labels[1]:
        return (
            f"The findings are about two classes: “{claims[0]}” for “{labels[0]}” with {names[0]}; “{claims[1]}” for "
            f"“{labels[1]}” with {names[1]}."
        )
    if claims[0] == claims[1]:
        return f"For “{labels[0]}”, the finding is the same with both models: “{claims[0]}”."
    return f"For “{labels[0]}”, the findings differ: “{claims[0]}” with {names[0]}; “{claims[1]}” with {names[1]}."


def compare_numbers(first: Experiment, second: Experiment) -> tuple[tuple[str, str, str], ...]:
    """The numbers of two models' experiments about one part: what it is, and each model's."""

    def tell(experiment: Experiment) -> tuple[str, ...]:
        evidence, verdict, views = experiment.evidence, experiment.verdict, experiment.views
        return (
            f"“{cut(views.original.prediction.guess(experiment.target).label)}”",
            percent(evidence.original),
            percent(evidence.hidden),
            percent(evidence.kept),
            percent(float(views.blank.probabilities[experiment.target])),
            str(len(experiment.placements)),
            f"{verdict.hide_p_value:.2g}",
            f"{verdict.keep_p_value:.2g}",
            f"{verdict.joint_p_value:.2g}",
            begin(verdict.claim.value),
        )

    what = (
        "Class",
        "Photo as it is",
        "Part hidden",
        "Only the part",
        "Neither (a blank frame)",
        "Random places compared",
        "Hiding, p",
        "Keeping, p",
        "Both together, p",
        "Finding",
    )
    return tuple(zip(what, tell(first), tell(second), strict=True))


def _tell_other(name: str, own: Prediction, others: Prediction) -> str:
    """What a model gives to the best guess of another."""
    guess = others.top(1)[0]
    found = find_counterpart(others.categories, guess.index, own.categories)
    if found is None:
        return f"{name} has no class “{cut(guess.label)}”."
    return (
        f"{name} gives “{cut(guess.label)}” {percent(own.guess(found).probability)}, place {own.rank(found):,} of "
        f"{len(own.categories):,}."
    )


def _count(classes: int) -> str:
    return f"{classes:,} {'class' if classes == 1 else 'classes'}"
