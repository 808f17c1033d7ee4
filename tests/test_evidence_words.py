"""Each sentence and outcome of the evidence, from constructed numbers."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import saliency_core as core
from saliency_core.evidence import words
from saliency_core.evidence.card import (
    CAUTIONS,
    TESTS,
    class_line,
    line_over_photos,
    removal_line,
    steadiness_line,
    untrained_line,
)
from saliency_core.evidence.classes import ClassEvidence, OtherClass
from saliency_core.evidence.controls import Control
from saliency_core.evidence.curves import Curves
from saliency_core.evidence.filmstrip import Filmstrip, Picture
from saliency_core.evidence.removal import ControlCurves, RemovalEvidence
from saliency_core.evidence.rules import Outcome, class_outcome, outcome_over_photos, removal_outcome
from saliency_core.evidence.similarity import Similarity
from saliency_core.evidence.steadiness import Steadiness
from saliency_core.evidence.untrained import Untrained
from saliency_core.methods.smoothing import SaliencyMap
from saliency_core.photos.fills import Fill

FLAT = np.zeros((4, 4), np.float32)
Gains = float | Sequence[float]
"""One gain under every fill, or one for each."""


def curves(gain: float, before: float = 0.9) -> Curves:
    """Curves with a gain, whose ends and middle are given."""
    middle = before / 2
    return Curves(np.array([0, 0.5, 1]), np.array([before, middle - gain, 0.0]), np.array([before, middle + gain, 0.0]))


def by_fill(gains: Gains, fills: Sequence[Fill], before: float = 0.9) -> dict[Fill, Curves]:
    each = [gains] * len(fills) if isinstance(gains, float | int) else list(gains)
    return {fill: curves(gain, before) for fill, gain in zip(fills, each, strict=True)}


def evidence(
    maps: dict[str, Gains],
    controls: Sequence[tuple[str, float]],
    fills: Sequence[Fill] = core.FILLS,
    before: float = 0.9,
) -> RemovalEvidence:
    beside = tuple(
        ControlCurves(Control(str(place), title, FLAT), by_fill(gain, fills))
        for place, (title, gain) in enumerate(controls)
    )
    own = {name: by_fill(gains, fills, before) for name, gains in maps.items()}
    return RemovalEvidence(tuple(fills), own, dict.fromkeys(maps, beside))


TEN = [("a spot in the middle", 0.1), ("the photo’s edges", 0.2), *[("noise", 0.0)] * 4]
TEN += [("another photo’s map", gain) for gain in (-0.02, 0.01, 0.02, 0.03)]

REMOVALS: list[tuple[RemovalEvidence, Outcome, str]] = [
    (
        evidence({"map": 0.35}, TEN),
        "passed",
        "On this photo, what the SmoothGrad map points at matters more to the answer than what all 10 maps to compare "
        "with point at (score 0.35; theirs −0.02 to 0.20), under all four fills. One photo proves little.",
    ),
    (
        evidence({"map": [0.35, 0.3, 0.25, 0.19]}, TEN),
        "passed",
        "On this photo, what the SmoothGrad map points at matters more to the answer than what all 10 maps to compare "
        "with point at (score 0.27; theirs −0.02 to 0.20), by the mean of four fills, but only under black, grey and "
        "blur. One photo proves little.",
    ),
    (
        evidence({"map": [0.5, 0.4, 0.15, 0.1]}, TEN),
        "inconclusive",
        "On this photo, what the SmoothGrad map points at matters more to the answer than what all 10 maps to compare "
        "with point at (score 0.29; theirs −0.02 to 0.20), by the mean of four fills, but only under black and grey. "
        "One photo proves little.",
    ),
    (
        evidence({"map": 0.3}, TEN, ["grey"]),
        "passed",
        "On this photo, what the SmoothGrad map points at matters more to the answer than what all 10 maps to compare "
        "with point at (score 0.30; theirs −0.02 to 0.20), with grey put in place of what is removed. One photo proves "
        "little.",
    ),
    (
        evidence({"map": 0.35}, TEN[:2]),
        "inconclusive",
        "On this photo, what the SmoothGrad map points at matters more to the answer than what both maps to compare "
        "with point at (score 0.35; theirs 0.10 to 0.20), under all four fills. With so few maps to compare with, "
        "chance may do as much; it takes 9. One photo proves little.",
    ),
    (
        evidence({"map": 0.35}, TEN[:1]),
        "inconclusive",
        "On this photo, what the SmoothGrad map points at matters more to the answer than what the one map to compare "
        "with points at (score 0.35; the other 0.10), under all four fills. With so few maps to compare with, chance "
        "may do as much; it takes 9. One photo proves little.",
    ),
    (
        evidence({"map": 0.1}, TEN),
        "inconclusive",
        "On this photo, what the SmoothGrad map points at matters more to the answer than what 8 of 10 maps to compare "
        "with point at (score 0.10; theirs −0.02 to 0.20). Not beaten: the photo’s edges and a spot in the middle. One "
        "photo proves little.",
    ),
    (
        evidence({"map": 0.005}, TEN),
        "failed",
        "On this photo, what the SmoothGrad map points at matters more to the answer than what 5 of 10 maps to compare "
        "with point at (score 0.01; theirs −0.02 to 0.20). Not beaten: the photo’s edges, a spot in the middle and "
        "another photo’s map. One photo proves little.",
    ),
    (
        evidence({"map": -0.1}, TEN),
        "failed",
        "On this photo, what the SmoothGrad map points at does not matter more to the answer than what any of 10 maps "
        "to compare with points at (score −0.10; theirs −0.02 to 0.20). One photo proves little.",
    ),
    (
        evidence({"map": 0.35}, []),
        "inconclusive",
        "The SmoothGrad map scores 0.35, but there is nothing to compare it with.",
    ),
    (
        evidence({"map": 0.01}, TEN, before=0.03),
        "inconclusive",
        "The model gives this class only 3.0% to begin with, so removing pixels cannot tell whether the SmoothGrad map "
        "is right.",
    ),
]


@pytest.mark.parametrize(("found", "outcome", "sentence"), REMOVALS)
def test_removal_is_told_beside_its_controls(found: RemovalEvidence, outcome: Outcome, sentence: str) -> None:
    assert words.tell_removal(found, "map", "SmoothGrad") == sentence
    assert removal_outcome(found, "map") == outcome
    line = removal_line(found, "map", "SmoothGrad")
    assert (line.outcome, line.sentence) == (outcome, sentence)
    beaten = found.beats("map")
    assert line.number == f"beats {beaten.count} of {beaten.of} controls"


def test_a_map_that_wins_only_by_its_mean_is_said_to() -> None:
    fills: list[Fill] = ["black", "grey"]
    own = {"map": by_fill([0.25, 0.25], fills)}
    beside = tuple(
        ControlCurves(Control(str(place), "noise", FLAT), by_fill(gains, fills))
        for place, gains in enumerate([(0.3, 0.1), (0.1, 0.3)])
    )
    found = RemovalEvidence(tuple(fills), own, {"map": beside})
    assert "by the mean of two fills, but under none of them alone." in words.tell_removal(found, "map", "gradient")


def test_several_maps_are_sorted_into_better_worse_and_open() -> None:
    found = evidence({"a": 0.35, "b": 0.3, "c": 0.1, "d": -0.1}, TEN)
    titles = {"a": "SmoothGrad", "b": "Grad-CAM", "c": "occlusion", "d": "gradient"}
    assert words.tell_which(found, titles) == (
        "On this photo, clearly better than all maps to compare with: SmoothGrad and Grad-CAM; no better than half of "
        "the maps to compare with: gradient; not settled: occlusion. One photo proves little."
    )
    assert words.tell_which(found, {"c": "occlusion"}) == (
        "On this photo, not settled: occlusion. One photo proves little."
    )


def test_the_best_sigma_of_one_photo_is_told_with_its_limits() -> None:
    found = evidence({"0": 0.12, "5": 0.21, "20": 0.3}, TEN)
    sigmas = {"20": 20.0, "0": 0.0, "5": 5.0}
    assert words.tell_sigmas(found, sigmas) == (
        "On this photo, sigma 20 scores most (0.30) and sigma 0 least (0.12). It is clearly better than its controls "
        "at sigma 5 and 20. Which sigma is best, one photo cannot tell."
    )
    none = evidence({"0": 0.12, "5": 0.12}, TEN)
    assert words.tell_sigmas(none, {"0": 0.0, "5": 5.0}) == (
        "On this photo, every sigma scores the same (0.12). At none is it clearly better than its controls."
    )
    unsure = evidence({"0": 0.01}, TEN, before=0.02)
    assert words.tell_sigmas(unsure, {"0": 0.0}) == (
        "The model gives this class too little to begin with for a score to mean anything."
    )


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ((0.044, 0.02, 0.07), "sigma 20 scores more than sigma 5 (0.04, 95% interval 0.02 to 0.07)."),
        ((-0.044, -0.07, -0.02), "sigma 20 scores less than sigma 5 (−0.04, 95% interval −0.07 to −0.02)."),
        ((0.02, -0.03, 0.07), "sigma 20 and sigma 5 cannot be told apart (0.02, 95% interval −0.03 to 0.07)."),
    ],
)
def test_sigmas_are_compared_over_many_photos(numbers: tuple[float, float, float], sentence: str) -> None:
    told = words.tell_difference(words.Difference(20, 5, *numbers, 200))
    assert told == f"Over 200 photos, {sentence}"


NULL = (-0.05, 0.08, 0.21)
UNTRAINED: list[tuple[Untrained, Outcome, str, str]] = [
    (
        Untrained(FLAT, 0.18, 0.4, NULL, 0.74),
        "passed",
        "An untrained network gives another map (0.18 alike, where 1 is the same; maps of other photos 0.08 on "
        "average, −0.05 to 0.21).",
        "So what the network learned shapes this map. That it changes is necessary, but cannot rank methods: a map of "
        "noise would change as well.",
    ),
    (
        Untrained(FLAT, 0.93, 0.4, NULL, 0.99),
        "failed",
        "An untrained network gives a map much like this one (0.93, where 1 is the same).",
        "So this map would look much the same if nothing had been learned: it tells little about this model.",
    ),
    (
        Untrained(FLAT, 0.3, 0.4, NULL, 0.74),
        "inconclusive",
        "An untrained network’s map is somewhat like this one (0.30, where 1 is the same; maps of other photos 0.08 on "
        "average, −0.05 to 0.21; this map under slight noise 0.74).",
        "So it is open how much of this map comes from what the network learned.",
    ),
    (
        Untrained(FLAT, 0.3, 0.4, NULL[:2], 0.74),
        "inconclusive",
        "An untrained network’s map is 0.30 alike, with too few other photos’ maps to compare that with.",
        "So it is open how much of this map comes from what the network learned.",
    ),
    (
        Untrained(FLAT, 0.1, 0.4, NULL, 0.2),
        "inconclusive",
        "Whether an untrained network gives another map cannot be told: slight noise on the photo changes this one "
        "(0.20 alike) as much as another photo does (−0.05 to 0.21).",
        "So it is open how much of this map comes from what the network learned.",
    ),
]


@pytest.mark.parametrize(("found", "outcome", "sentence", "follows"), UNTRAINED)
def test_an_untrained_network_is_told_beside_other_photos(
    found: Untrained, outcome: Outcome, sentence: str, follows: str
) -> None:
    assert words.tell_untrained(found) == sentence
    assert words.explain_untrained(found) == follows
    line = untrained_line(found)
    assert (line.outcome, line.sentence) == (outcome, f"{sentence} {follows}")
    assert line.number == f"{words.tell_number(found.spearman)} alike"


def strip(*alike: float) -> Filmstrip:
    saliency = SaliencyMap(FLAT, 0, 0)
    titles = ["the last layer", *[f"the last {3 * place} of 21 parts" for place in range(1, len(alike) - 1)]]
    titles = [*titles[: len(alike) - 1], "everything"]
    pictures = tuple(
        Picture(title, (), saliency, Similarity(value, 0.5), 1.0) for title, value in zip(titles, alike, strict=True)
    )
    return Filmstrip({"map": saliency}, {"map": pictures})


CHANGES = "That it changes is necessary, but cannot rank methods: a map of noise would change as well."


@pytest.mark.parametrize(
    ("alike", "null", "sentence"),
    [
        (
            (0.7, 0.2, 0.1),
            NULL,
            "The map is 0.70 alike with the last layer shuffled, 0.10 alike with everything shuffled; maps of other "
            "photos are 0.08 on average, −0.05 to 0.21.",
        ),
        (
            (0.9, 0.7),
            (),
            "The map is 0.90 alike with the last layer shuffled, 0.70 alike with everything shuffled; there is nothing "
            "to compare that with.",
        ),
        (
            (0.7,),
            NULL,
            "The map is 0.70 alike with everything shuffled; maps of other photos are 0.08 on average, −0.05 to 0.21.",
        ),
    ],
)
def test_a_filmstrip_is_told_by_its_ends(alike: tuple[float, ...], null: tuple[float, ...], sentence: str) -> None:
    assert words.tell_filmstrip(strip(*alike), "map", null) == f"{sentence} {CHANGES}"


@pytest.mark.parametrize(
    ("rise", "sentence"),
    [
        (0.25, "The untrained network’s map is less orderly: its entropy is 25% higher (eMPRT)."),
        (-0.041, "The untrained network’s map is more orderly: its entropy is 4.1% lower (eMPRT)."),
        (0.004, "The untrained network’s map is as orderly as the trained one’s (entropy within 1%)."),
        (np.inf, "The trained network’s map is of one value, so that its order cannot be compared."),
    ],
)
def test_entropy_is_told_as_order(rise: float, sentence: str) -> None:
    assert words.tell_entropy(rise) == sentence


CATEGORIES = ("koala", "wallaby\u202e", "ski")


def classes(second: float, random: float | None, noisy: Sequence[float]) -> ClassEvidence:
    saliency = SaliencyMap(FLAT, 0, 0)
    other = None if random is None else OtherClass(2, saliency, Similarity(random, 0.5))
    return ClassEvidence(
        OtherClass(1, saliency, Similarity(second, 0.5)), other, tuple(Similarity(value, 0.5) for value in noisy)
    )


@pytest.mark.parametrize(
    ("found", "outcome", "sentence"),
    [
        (
            classes(0.8, 0.6, (0.74, 0.76)),
            "failed",
            "Another class’s map differs no more than slight noise on the photo makes this one differ (how alike, "
            "where 1 is the same: “wallaby” 0.80 and “ski” 0.60; this class under slight noise 0.74 to 0.76).",
        ),
        (
            classes(0.3, 0.1, (0.74, 0.76)),
            "passed",
            "The maps of other classes differ more than slight noise makes this one differ (how alike, where 1 is the "
            "same: “wallaby” 0.30 and “ski” 0.10; this class under slight noise 0.74 to 0.76).",
        ),
        (
            classes(0.7, None, (0.74,)),
            "inconclusive",
            "The maps of other classes differ hardly more than slight noise makes this one differ (how alike, where 1 "
            "is the same: “wallaby” 0.70; this class under slight noise 0.74).",
        ),
    ],
)
def test_classes_are_told_beside_slight_noise(found: ClassEvidence, outcome: Outcome, sentence: str) -> None:
    assert words.tell_classes(found, CATEGORIES) == sentence
    line = class_line(found, CATEGORIES)
    assert (line.outcome, line.sentence) == (outcome, sentence)


def test_the_class_that_is_more_alike_decides() -> None:
    assert class_outcome(classes(0.1, 0.9, (0.8,))) == "failed"
    assert class_outcome(classes(0.1, 0.69, (0.8,))) == "passed"
    assert class_outcome(classes(0.71, 0.1, (0.8, 0.9))) == "inconclusive"


MOVED = "Moving each colour of each pixel by at most 2 of 255, 10 times at random, changes the map by at most"


@pytest.mark.parametrize(
    ("sensitivity", "others", "outcome", "sentence"),
    [
        (
            0.3,
            (0.9, 1.1),
            "passed",
            "30% of its size, at most half as much as the nearest of other photos’ maps differs (90% of its size).",
        ),
        (
            1.3,
            (0.9, 1.1),
            "failed",
            "1.3 times its size: as much as another photo’s map differs from it (the nearest by 90% of its size).",
        ),
        (
            0.6,
            (0.9, 1.1),
            "inconclusive",
            "60% of its size: less than the nearest of other photos’ maps differs (90% of its size), but more than "
            "half of that.",
        ),
        (
            0.0,
            (0.0, 0.1),
            "inconclusive",
            "0% of its size. But other photos’ maps hardly differ either (0% of its size), so being steady means "
            "nothing here.",
        ),
        (0.3, (), "inconclusive", "30% of its size; there is nothing to compare that with."),
    ],
)
def test_steadiness_is_told_beside_other_photos(
    sensitivity: float, others: tuple[float, ...], outcome: Outcome, sentence: str
) -> None:
    line = steadiness_line(Steadiness(sensitivity, 10, 0.02, 2, others))
    assert line.sentence == f"{MOVED} {sentence}"
    assert line.outcome == outcome


@pytest.mark.parametrize(
    ("passed", "failed", "of", "outcome"),
    [
        (64, 20, 100, "passed"),
        (20, 64, 100, "failed"),
        (58, 42, 100, "inconclusive"),
        (15, 5, 20, "passed"),
        (14, 6, 20, "inconclusive"),
        (12, 0, 12, "inconclusive"),
        (0, 0, 0, "inconclusive"),
    ],
)
def test_over_many_photos_a_test_is_passed_on_clearly_more_than_half(
    passed: int, failed: int, of: int, outcome: Outcome
) -> None:
    assert outcome_over_photos(passed, failed, of) == outcome


def test_a_cards_line_over_many_photos_counts_them() -> None:
    counts: dict[Outcome, int] = {"passed": 64, "failed": 20, "inconclusive": 16}
    outcomes = [outcome for outcome, count in counts.items() for _ in range(count)]
    line = line_over_photos("class", outcomes, 5)
    assert line.outcome == "passed"
    assert line.sentence == (
        "Does it depend on the class? Passed on 64 of 100 photos, failed on 20, not settled on 16."
    )
    assert line.number == "passed on 64 of 100, at sigma 5"
    assert line_over_photos("class", outcomes[:84], 5).sentence.endswith("Passed on 64 of 84 photos, failed on 20.")
    assert line.question == TESTS["class"]
    assert line.caution == CAUTIONS["class"]
    assert set(CAUTIONS) == set(TESTS)


@pytest.mark.parametrize(
    ("value", "told"), [(0.351, "0.35"), (-0.02, "−0.02"), (-0.001, "0.00"), (1.0, "1.00"), (np.inf, "endless")]
)
def test_a_score_has_two_digits(value: float, told: str) -> None:
    assert words.tell_number(value) == told


def test_every_sentence_has_its_test() -> None:
    """Each function that tells something is called here, and nothing is said that cannot be known of one photo."""
    card = Path(words.__file__).with_name("card.py")
    tellers = [name for name in vars(words) if re.match(r"(tell|explain)_", name)]
    assert len(tellers) > 8
    used = "".join(file.read_text(encoding="utf-8") for file in (Path(__file__), card))
    assert [name for name in tellers if not re.search(rf"\b{name}\(", used)] == []
    said: list[str] = [*(row[2] for row in REMOVALS), *(row[2] + row[3] for row in UNTRAINED)]
    assert not re.search(
        r"\b(proves?|always|never|correct|trust\w*|faithful)\b(?! little)", " ".join(said), re.IGNORECASE
    )
