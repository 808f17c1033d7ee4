"""The rule, case by case and at its edges."""

import pytest

import saliency_core as core
from saliency_core.masking.verdict import ALPHA, LEAST_CONTROLS, Evidence, Finding, judge, p_value
from saliency_core.presentation.words import percent, tell_verdict

HIGH = [0.9] * 64


@pytest.mark.parametrize(
    ("evidence", "finding", "words"),
    [
        (Evidence(0.9, 0.1, 0.8, HIGH), Finding.REGION, "hardly ever"),
        (Evidence(0.9, 0.1, 0.0, HIGH), Finding.REGION, "hardly ever"),
        (Evidence(0.9, 0.9, 0.0, HIGH), Finding.STAYS, "without 64 of 64 random places"),
        (Evidence(0.9, 0.9, 0.9, HIGH), Finding.NOT_REGION, "either will do"),
        (Evidence(0.9, 0.1, 0.8, [0.05] * 32 + [0.9] * 32), Finding.INCONCLUSIVE, "often does so too"),
        (Evidence(0.9, 0.1, 0.8, [0.9] * 18), Finding.INCONCLUSIVE, "not enough other places"),
        (Evidence(0.9, 0.1, 0.8, []), Finding.INCONCLUSIVE, "not enough other places"),
        (Evidence(0.04, 0.0, 0.0, [0.04] * 64), Finding.INCONCLUSIVE, "hardly believes"),
        # Just at the thresholds: half is left; as rare as chance allows.
        (Evidence(0.8, 0.4, 0.4, HIGH), Finding.NOT_REGION, "stays"),
        (Evidence(0.8, 0.3, 0.4, HIGH[:LEAST_CONTROLS]), Finding.REGION, "hardly ever"),
        (Evidence(0.8, 0.3, 0.4, [0.3, *HIGH[: LEAST_CONTROLS - 1]]), Finding.INCONCLUSIVE, "often"),
        # Nothing that anyone does changes anything.
        (Evidence(0.9, 0.9, 0.9, [0.9] * 64), Finding.NOT_REGION, "either will do"),
    ],
)
def test_the_rule(evidence: Evidence, finding: Finding, words: str) -> None:
    verdict = judge(evidence)
    assert verdict.finding is finding
    assert words in verdict.reason


def test_p_value_counts_the_region_among_its_controls() -> None:
    assert p_value(Evidence(0.9, 0.1, 0, [0.9] * 19)) == pytest.approx(ALPHA)
    assert p_value(Evidence(0.9, 0.1, 0, [0.1] * 19)) == 1
    assert p_value(Evidence(0.9, 0.1, 0, [])) == 1


@pytest.mark.parametrize("finding", Finding)
def test_each_finding_has_one_sentence_with_its_numbers(finding: Finding) -> None:
    evidence = Evidence(0.873, 0.92, 0.0016, HIGH)
    sentence = tell_verdict(core.Verdict(finding, "", 0.5), evidence, "koala")
    assert sentence.endswith(".")
    assert sentence.count(". ") == 0
    assert {"“koala”", "87%"} <= {word.strip("(),;:") for word in sentence.split()} | {
        word for word in ("87%",) if word in sentence
    }
    assert "92%" in sentence


@pytest.mark.parametrize(
    ("share", "words"),
    [(0, "under 0.1%"), (0.0004, "under 0.1%"), (0.034, "3.4%"), (0.446, "45%"), (0.999, "over 99%"), (1, "100%")],
)
def test_percent_is_never_more_certain_than_the_number(share: float, words: str) -> None:
    assert percent(share) == words
