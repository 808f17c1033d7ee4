"""What the evidence says, in sentences that are chosen from its numbers and say no more than they do."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

from saliency_core.evidence.classes import ClassEvidence
from saliency_core.evidence.filmstrip import Filmstrip
from saliency_core.evidence.removal import Beaten, RemovalEvidence
from saliency_core.evidence.rules import (
    ALIKE_EVERYWHERE,
    LEAST_CONTROLS,
    belief,
    class_outcome,
    removal_outcome,
    steadiness_outcome,
)
from saliency_core.evidence.steadiness import Steadiness
from saliency_core.evidence.untrained import LEAST_OTHERS, Untrained
from saliency_core.masking.claims import LEAST_BELIEF
from saliency_core.text import cut, join_words, percent

ONE_PHOTO = "One photo proves little."
NECESSARY = "That it changes is necessary, but cannot rank methods: a map of noise would change as well."
_COUNTS = {1: "one", 2: "two", 3: "three", 4: "four"}


def tell_number(value: float) -> str:
    """A score of about one, with two digits after the point: "0.35", "−0.02"."""
    if math.isinf(value):
        return "endless"
    told = f"{value:.2f}"
    return "0.00" if told == "-0.00" else told.replace("-", "−")


def tell_removal(evidence: RemovalEvidence, name: str, title: str) -> str:
    """Which of its controls a map beats on this photo, and how surely.

    title: the map's name, to stand before "map".
    """
    beaten, before = evidence.beats(name), belief(evidence, name)
    if before < LEAST_BELIEF:
        return (
            f"The model gives this class only {percent(before)} to begin with, so removing pixels cannot tell whether "
            f"the {title} map is right."
        )
    own = tell_number(evidence.srg(name))
    if not beaten.of:
        return f"The {title} map scores {own}, but there is nothing to compare it with."
    controls = evidence.control_srgs(name)
    scores = f"(score {own}; theirs {tell_number(min(controls))} to {tell_number(max(controls))})"
    if beaten.of == 1:
        scores = f"(score {own}; the other {tell_number(controls[0])})"
    matters = f"On this photo, what the {title} map points at matters more to the answer than what"
    if beaten.all:
        few = f" With so few maps to compare with, chance may do as much; it takes {LEAST_CONTROLS}."
        told = f"{matters} {_all(beaten.of)} at {scores}{_under(beaten)}."
        return f"{told}{few if beaten.of < LEAST_CONTROLS else ''} {ONE_PHOTO}"
    rivals = _rivals(evidence, name)
    if not beaten.count:
        return (
            f"On this photo, what the {title} map points at does not matter more to the answer than what any of "
            f"{beaten.of} maps to compare with points at {scores}. {ONE_PHOTO}"
        )
    return (
        f"{matters} {beaten.count} of {beaten.of} maps to compare with point at {scores}. Not beaten: {rivals}. "
        f"{ONE_PHOTO}"
    )


def _all(count: int) -> str:
    if count == 1:
        return "the one map to compare with points"
    return f"{'both' if count == 2 else f'all {count}'} maps to compare with point"


def _under(beaten: Beaten) -> str:
    """Whether it is so under each fill; to follow a statement about their mean."""
    if beaten.of_fills == 1:
        return f", with {beaten.fills[0]} put in place of what is removed"
    count = _COUNTS.get(beaten.of_fills, str(beaten.of_fills))
    if len(beaten.fills) == beaten.of_fills:
        return f", under all {count} fills"
    only = f"only under {join_words(beaten.fills)}" if beaten.fills else "under none of them alone"
    return f", by the mean of {count} fills, but {only}"


def _rivals(evidence: RemovalEvidence, name: str) -> str:
    """The kinds of controls that a map does not beat, each once, the best first."""
    srgs = zip(evidence.control_srgs(name), evidence.controls[name], strict=True)
    better = sorted((pair for pair in srgs if pair[0] >= evidence.srg(name)), key=lambda pair: -pair[0])
    return join_words(list(dict.fromkeys(each.control.title for _, each in better)))


def tell_which(evidence: RemovalEvidence, titles: Mapping[str, str]) -> str:
    """In one sentence, which of several maps are better than their controls on this photo.

    titles: the maps' titles by their names.
    """
    outcomes = {title: removal_outcome(evidence, name) for name, title in titles.items()}
    better, worse, open_ones = (
        [title for title, outcome in outcomes.items() if outcome == wanted]
        for wanted in ("passed", "failed", "inconclusive")
    )
    parts = []
    if better:
        parts.append(f"clearly better than all maps to compare with: {join_words(better)}")
    if worse:
        parts.append(f"no better than half of the maps to compare with: {join_words(worse)}")
    if open_ones:
        parts.append(f"not settled: {join_words(open_ones)}")
    return f"On this photo, {'; '.join(parts)}. {ONE_PHOTO}"


def tell_sigmas(evidence: RemovalEvidence, sigmas: Mapping[str, float]) -> str:
    """Which smoothing scores best on this photo, and at which the map is better than all of its controls.

    sigmas: of each map of the evidence, by its name.
    """
    rising = sorted(sigmas, key=lambda name: sigmas[name])
    best, worst = (choose(rising, key=evidence.srg) for choose in (max, min))
    if belief(evidence, best) < LEAST_BELIEF:
        return "The model gives this class too little to begin with for a score to mean anything."
    passed = [f"{sigmas[name]:g}" for name in rising if removal_outcome(evidence, name) == "passed"]
    clear = (
        f"It is clearly better than its controls at sigma {join_words(passed)}."
        if passed
        else "At none is it clearly better than its controls."
    )
    if evidence.srg(best) == evidence.srg(worst):
        return f"On this photo, every sigma scores the same ({tell_number(evidence.srg(best))}). {clear}"
    return (
        f"On this photo, sigma {sigmas[best]:g} scores most ({tell_number(evidence.srg(best))}) and sigma "
        f"{sigmas[worst]:g} least ({tell_number(evidence.srg(worst))}). {clear} Which sigma is best, one photo "
        "cannot tell."
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """A paired comparison of two sigmas over many photos: the mean difference of the first one's score less the
    other's, with its 95% interval from low to high."""

    sigma: float
    other: float
    mean: float
    low: float
    high: float
    photos: int


def tell_difference(difference: Difference) -> str:
    """Whether one smoothing does better than another over many photos."""
    first, other = f"sigma {difference.sigma:g}", f"sigma {difference.other:g}"
    numbers = f"({tell_number(difference.mean)}, 95% interval {_interval(difference)})"
    over = f"Over {difference.photos} photos, "
    if difference.low > 0:
        return f"{over}{first} scores more than {other} {numbers}."
    if difference.high < 0:
        return f"{over}{first} scores less than {other} {numbers}."
    return f"{over}{first} and {other} cannot be told apart {numbers}."


def _interval(difference: Difference) -> str:
    return f"{tell_number(difference.low)} to {tell_number(difference.high)}"


def tell_untrained(untrained: Untrained) -> str:
    """Whether an untrained network would give the same map, in one line."""
    alike = tell_number(untrained.spearman)
    if untrained.claim == "alike":
        return f"An untrained network gives a map much like this one ({alike}, where 1 is the same)."
    if untrained.claim == "different":
        return (
            f"An untrained network gives another map ({alike} alike, where 1 is the same; maps of other photos "
            f"{_spread(untrained.null)})."
        )
    if len(untrained.null) < LEAST_OTHERS:
        return f"An untrained network’s map is {alike} alike, with too few other photos’ maps to compare that with."
    if not untrained.telling:
        return (
            f"Whether an untrained network gives another map cannot be told: slight noise on the photo changes this "
            f"one ({tell_number(untrained.noisy)} alike) as much as another photo does ({_range(untrained.null)})."
        )
    return (
        f"An untrained network’s map is somewhat like this one ({alike}, where 1 is the same; maps of other photos "
        f"{_spread(untrained.null)}; this map under slight noise {tell_number(untrained.noisy)})."
    )


def explain_untrained(untrained: Untrained) -> str:
    """What follows from that, and what does not."""
    if untrained.claim == "different":
        return f"So what the network learned shapes this map. {NECESSARY}"
    if untrained.claim == "alike":
        return "So this map would look much the same if nothing had been learned: it tells little about this model."
    return "So it is open how much of this map comes from what the network learned."


def _spread(values: Sequence[float]) -> str:
    return f"{tell_number(mean(values))} on average, {_range(values)}"


def _range(values: Sequence[float]) -> str:
    low, high = tell_number(min(values)), tell_number(max(values))
    return low if low == high else f"{low} to {high}"


def tell_filmstrip(strip: Filmstrip, name: str, null: Sequence[float]) -> str:
    """How a map changes as its network is shuffled from the last layer down, and what that cannot tell.

    null: the rank correlations of the trained network's map with its maps of other photos.
    """
    first, last = (strip.pictures[name][place] for place in (0, -1))
    alike = f"{tell_number(last.similarity.spearman)} alike with {last.title} shuffled"
    if first is not last:
        alike = f"{tell_number(first.similarity.spearman)} alike with {first.title} shuffled, {alike}"
    others = f"maps of other photos are {_spread(null)}" if null else "there is nothing to compare that with"
    return f"The map is {alike}; {others}. {NECESSARY}"


def tell_entropy(rise: float) -> str:
    """What eMPRT says: whether maps lose their order as the network loses what it learned."""
    if math.isinf(rise):
        return "The trained network’s map is of one value, so that its order cannot be compared."
    if abs(rise) < 0.01:
        return "The untrained network’s map is as orderly as the trained one’s (entropy within 1%)."
    change = percent(abs(rise))
    if rise > 0:
        return f"The untrained network’s map is less orderly: its entropy is {change} higher (eMPRT)."
    return f"The untrained network’s map is more orderly: its entropy is {change} lower (eMPRT)."


def tell_classes(evidence: ClassEvidence, categories: Sequence[str]) -> str:
    """Whether the map changes with the class, beside what slight noise on the photo does.

    categories: the classes' names, by their indices.
    """
    told = [f"“{cut(categories[evidence.second.target])}” {tell_number(evidence.second.similarity.spearman)}"]
    if evidence.random:
        told.append(f"“{cut(categories[evidence.random.target])}” {tell_number(evidence.random.similarity.spearman)}")
    noisy = _range([each.spearman for each in evidence.noisy])
    numbers = f"how alike, where 1 is the same: {join_words(told)}; this class under slight noise {noisy}"
    outcome = class_outcome(evidence)
    if outcome == "failed":
        return f"Another class’s map differs no more than slight noise on the photo makes this one differ ({numbers})."
    if outcome == "passed":
        return f"The maps of other classes differ more than slight noise makes this one differ ({numbers})."
    return f"The maps of other classes differ hardly more than slight noise makes this one differ ({numbers})."


def tell_steadiness(steadiness: Steadiness) -> str:
    """How far tiny changes of the photo move the map, beside how far other photos' maps lie from it."""
    moved = (
        f"Moving each colour of each pixel by at most {steadiness.levels} of 255, {steadiness.samples} times at "
        f"random, changes the map by at most {tell_size(steadiness.sensitivity)}"
    )
    if not steadiness.others:
        return f"{moved}; there is nothing to compare that with."
    nearest = tell_size(min(steadiness.others))
    outcome = steadiness_outcome(steadiness)
    if outcome == "failed":
        return f"{moved}: as much as another photo’s map differs from it (the nearest by {nearest})."
    if outcome == "passed":
        return f"{moved}, at most half as much as the nearest of other photos’ maps differs ({nearest})."
    if min(steadiness.others) < ALIKE_EVERYWHERE:
        return f"{moved}. But other photos’ maps hardly differ either ({nearest}), so being steady means nothing here."
    return f"{moved}: less than the nearest of other photos’ maps differs ({nearest}), but more than half of that."


def tell_size(share: float) -> str:
    """A share of a map's size, which may be more than all of it: "0% of its size", "1.3 times its size"."""
    if share >= 1:
        return f"{share:.1f} times its size"
    return f"{percent(share) if share else '0%'} of its size"


def tell_over_photos(question: str, passed: int, failed: int, of: int) -> str:
    """How often a test was passed and failed over many photos.

    question: what it asks.
    """
    open_ones = of - passed - failed
    told = f"{question} Passed on {passed} of {of} photos, failed on {failed}"
    return f"{told}, not settled on {open_ones}." if open_ones else f"{told}."
