"""A method's card: each test with its outcome, its number, and a sentence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from saliency_core.evidence.classes import ClassEvidence
from saliency_core.evidence.removal import RemovalEvidence
from saliency_core.evidence.rules import (
    Outcome,
    class_outcome,
    closest_class,
    least_noisy,
    outcome_over_photos,
    removal_outcome,
    steadiness_outcome,
    untrained_outcome,
)
from saliency_core.evidence.steadiness import Steadiness
from saliency_core.evidence.untrained import Untrained
from saliency_core.evidence.words import (
    NECESSARY,
    explain_untrained,
    tell_classes,
    tell_number,
    tell_over_photos,
    tell_removal,
    tell_size,
    tell_steadiness,
    tell_untrained,
)

Test = Literal["removal", "untrained", "class", "steadiness"]

TESTS: dict[Test, str] = {
    "removal": "Does removing what the map points at matter?",
    "untrained": "Does it depend on what was learned?",
    "class": "Does it depend on the class?",
    "steadiness": "Is it steady?",
}
"""The tests, in the order of a card, as questions."""
CAUTIONS: dict[Test, str] = {
    "removal": "What is put in place of the pixels decides too; hence several fills, and maps to compare with.",
    "untrained": NECESSARY,
    "class": "Two classes may share what the model looks at; then their maps should be alike.",
    "steadiness": "A map that shows nothing is steady too.",
}
"""What a test cannot tell."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a card.

    test: which one. outcome: by the rule in rules.py.
    number: what the outcome rests on, in a few words; sentence: the same in full.
    """

    test: Test
    outcome: Outcome
    number: str
    sentence: str

    @property
    def question(self) -> str:
        """What the test asks."""
        return TESTS[self.test]

    @property
    def caution(self) -> str:
        """What it cannot tell."""
        return CAUTIONS[self.test]


def removal_line(evidence: RemovalEvidence, name: str, title: str) -> Line:
    """The line on removing pixels, for one of the evidence's maps."""
    beaten = evidence.beats(name)
    number = f"beats {beaten.count} of {beaten.of} controls"
    return Line("removal", removal_outcome(evidence, name), number, tell_removal(evidence, name, title))


def untrained_line(untrained: Untrained) -> Line:
    """The line on the network with shuffled weights."""
    sentence = f"{tell_untrained(untrained)} {explain_untrained(untrained)}"
    return Line("untrained", untrained_outcome(untrained), f"{tell_number(untrained.spearman)} alike", sentence)


def class_line(evidence: ClassEvidence, categories: Sequence[str]) -> Line:
    """The line on other classes."""
    number = f"{tell_number(closest_class(evidence))} alike, by noise {tell_number(least_noisy(evidence))}"
    return Line("class", class_outcome(evidence), number, tell_classes(evidence, categories))


def steadiness_line(steadiness: Steadiness) -> Line:
    """The line on tiny changes of the photo."""
    number = f"changes by {tell_size(steadiness.sensitivity)}"
    return Line("steadiness", steadiness_outcome(steadiness), number, tell_steadiness(steadiness))


def line_over_photos(test: Test, outcomes: Iterable[Outcome], sigma: float) -> Line:
    """The line on one test over many photos, from its outcome on each, of maps smoothed by one sigma."""
    found = list(outcomes)
    passed, failed = found.count("passed"), found.count("failed")
    sentence = tell_over_photos(TESTS[test], passed, failed, len(found))
    number = f"passed on {passed} of {len(found)}, at sigma {sigma:g}"
    return Line(test, outcome_over_photos(passed, failed, len(found)), number, sentence)
