"""The rule, case by case and at its edges, and the sentences that tell what it found."""

import re

import numpy as np
import pytest

import saliency_core as core
from saliency_core.masking.claims import ALPHA, LEAST_CONTROLS, RARE, Claim, find_claim, is_decided
from saliency_core.masking.effects import Evidence, count_as_large, log_odds, p_value
from saliency_core.masking.first_rule import judge_by_first_rule
from saliency_core.masking.placements import CONTROL_COUNTS
from saliency_core.masking.sentences import DECLARATIONS, Declared, Part, check_declared, tell_limits
from saliency_core.masking.verdict import judge
from saliency_core.presentation.rule import RULE, tell_fills, tell_tries
from saliency_core.text import percent

STAYING, NOTHING = [0.9] * 59, [0.01] * 59
"""Random places that take nothing away, and that alone give nothing."""


@pytest.mark.parametrize(
    ("evidence", "claim"),
    [
        (Evidence(0.9, 0.1, 0.8, STAYING, NOTHING), Claim.CARRIES),
        (Evidence(0.9, 0.1, 0.02, STAYING, NOTHING), Claim.NEEDED),
        (Evidence(0.9, 0.9, 0.8, STAYING, NOTHING), Claim.ENOUGH),
        (Evidence(0.9, 0.1, 0.02, [0.05] * 20 + [0.9] * 39, NOTHING), Claim.LOST),
        (Evidence(0.9, 0.1, 0.8, [0.05] * 20 + [0.9] * 39, [0.85] * 30 + [0.01] * 29), Claim.LOST),
        (Evidence(0.9, 0.9, 0.8, STAYING, [0.85] * 30 + [0.01] * 29), Claim.ENOUGH_NOT_NEEDED),
        (Evidence(0.9, 0.9, 0.02, STAYING, NOTHING), Claim.NEITHER),
        (Evidence(0.04, 0.0, 0.0, STAYING, NOTHING), Claim.TOO_LITTLE),
        (Evidence(0.9, 0.1, 0.8, STAYING[:18], NOTHING[:18]), Claim.TOO_LITTLE),
        (Evidence(0.9, 0.1, 0.8, [], []), Claim.TOO_LITTLE),
        (Evidence(0.9, 0.9, 0.02, [], []), Claim.NEITHER),
        # Whatever is done changes nothing.
        (Evidence(0.9, 0.9, 0.9, [0.9] * 59, [0.9] * 59), Claim.ENOUGH_NOT_NEEDED),
        # Wherever it is hidden, everything is lost: the random places are the part itself.
        (Evidence(0.9, 0.1, 0.8, [0.1] * 59, [0.8] * 59), Claim.LOST),
        # The same picture's probabilities differ by rounding, and are equal all the same.
        (Evidence(0.9, 0.1, 0.8, [0.1 + 1e-6] * 59, [0.8 - 1e-6] * 59), Claim.LOST),
        (Evidence(1.0, 0.1, 1 - 6e-7, [0.1] * 59, [1 - 7e-7] * 59), Claim.LOST),
        # As rare as chance allows, and just not.
        (Evidence(0.9, 0.1, 0.8, STAYING[:LEAST_CONTROLS], NOTHING[:LEAST_CONTROLS]), Claim.CARRIES),
        (Evidence(0.9, 0.1, 0.8, [0.1, *STAYING[1:19]], [0.8, *NOTHING[1:19]]), Claim.LOST),
        (Evidence(0.9, 0.1, 0.8, [0.1] * 2 + STAYING[2:], [0.8] * 2 + NOTHING[2:]), Claim.CARRIES),
        (Evidence(0.9, 0.1, 0.8, [0.1] * 3 + STAYING[3:], [0.8] * 3 + NOTHING[3:]), Claim.LOST),
        # Odds fall to less than an eighth, but it is far from lost; a part that gives more than an eighth of the odds.
        (Evidence(0.999, 0.99, 0.4, [0.999] * 59, NOTHING), Claim.NEITHER),
        (Evidence(0.5, 0.5, 0.15, [0.5] * 59, NOTHING), Claim.NEITHER),
        # Less than half is left, but more than an eighth of the odds; of 0.96 less than half is given.
        (Evidence(0.5, 0.2, 0.01, [0.5] * 59, NOTHING), Claim.NEITHER),
        (Evidence(0.96, 0.96, 0.47, [0.96] * 59, NOTHING), Claim.NEITHER),
        (Evidence(0.9999, 0.9999, 0.6, [0.9999] * 59, NOTHING), Claim.ENOUGH),
        # Single precision's 0 and 1.
        (Evidence(1.0, 0.0, 1.0, [1.0] * 59, [0.0] * 59), Claim.CARRIES),
        (Evidence(1.0, 0.0, 1.0, [0.0] * 59, [1.0] * 59), Claim.LOST),
    ],
)
def test_the_rule(evidence: Evidence, claim: Claim) -> None:
    verdict = judge(evidence)
    assert verdict.claim is claim
    assert find_claim(evidence) is claim
    assert min(verdict.hide_p_value, verdict.keep_p_value, verdict.joint_p_value) > 0
    assert is_decided(evidence, len(evidence.controls_hidden)) or claim in RARE


def test_rare_together_but_neither_by_itself_is_no_claim_of_need() -> None:
    """One effect only, whose own rank is not rare: the sum's is, thanks to the other."""
    evidence = Evidence(0.9, 0.1, 0.4, [0.09] * 5 + STAYING[5:], NOTHING)
    assert p_value(evidence.joint) <= ALPHA < p_value(evidence.loss)
    assert find_claim(evidence) is Claim.LOST


@pytest.mark.parametrize("count", CONTROL_COUNTS)
def test_of_places_at_random_at_most_one_in_twenty_gets_a_rare_claim(count: int) -> None:
    """Whatever the numbers are: among places that are alike, each taken as the part in its turn."""
    generator = np.random.default_rng(3)
    rates = []
    for round_ in range(40):
        spread = generator.uniform(0.2, 8)
        hidden, kept = (1 / (1 + np.exp(-generator.normal(0, spread, count + 1))) for _ in range(2))
        if round_ % 3 == 0:  # ties
            hidden, kept = np.round(hidden, 1), np.round(kept, 1)
        if round_ % 4 == 0:  # what is taken is what is given
            kept = 1 - hidden
        claims = []
        for own in range(count + 1):
            rest = np.arange(count + 1) != own
            claims.append(find_claim(Evidence(0.8, hidden[own], kept[own], hidden[rest].tolist(), kept[rest].tolist())))
        rates.append(np.mean([claim in RARE for claim in claims]))
        assert rates[-1] <= ALPHA
    assert np.mean(rates) > ALPHA / 5


def test_p_values_count_the_part_among_its_random_places() -> None:
    verdict = judge(Evidence(0.9, 0.1, 0.2, [0.9] * 19, [0.3] * 9 + [0.1] * 10))
    assert verdict.hide_p_value == pytest.approx(1 / 20)
    assert verdict.keep_p_value == pytest.approx(10 / 20)
    assert verdict.joint_p_value == pytest.approx(1 / 20)
    none = judge(Evidence(0.9, 0.1, 0.2, [], []))
    assert (none.hide_p_value, none.keep_p_value, none.joint_p_value) == (1, 1, 1)


def test_p_values_are_those_of_the_definition() -> None:
    generator = np.random.default_rng(8)
    hidden, kept = generator.uniform(size=(2, 40))
    evidence = Evidence(0.7, hidden[0], kept[0], hidden[1:].tolist(), kept[1:].tolist())
    odds = [np.log(each / (1 - each)) for each in (hidden, kept)]
    verdict = judge(evidence)
    assert verdict.hide_p_value == (odds[0] <= odds[0][0] + 0.01).mean()
    assert verdict.keep_p_value == (odds[1] >= odds[1][0] - 0.01).mean()
    joint = odds[1] - odds[0]
    assert verdict.joint_p_value == (joint >= joint[0] - 0.01).mean()
    assert count_as_large(evidence.loss) == round(40 * verdict.hide_p_value) - 1


def test_odds_are_finite_and_rising() -> None:
    found = log_odds([0, 1e-20, 0.5, 1 - 1e-4, 1])
    assert np.isfinite(found).all()
    assert (np.diff(found) > 0).all()
    assert found[2] == 0


def test_a_claim_is_settled_only_when_no_random_place_can_change_it() -> None:
    """Whatever the places still to come, the claim is the one it would be after all of them."""
    generator = np.random.default_rng(5)
    settled = 0
    for _ in range(2000):
        original, hidden, kept = generator.uniform(0, 1, 3) * (0.1 if generator.uniform() < 0.2 else 1)
        controls = [
            np.where(generator.uniform(size=59) < generator.uniform(), 0.0, 1.0)
            * original
            * generator.uniform(0, 1, 59)
            for _ in range(2)
        ]
        whole = Evidence(original, hidden, kept, controls[0].tolist(), controls[1].tolist())
        for done in (0, 8, 24, 40):
            so_far = Evidence(original, hidden, kept, controls[0][:done].tolist(), controls[1][:done].tolist())
            if is_decided(so_far, 59):
                settled += 1
                assert find_claim(so_far) is find_claim(whole)
    assert 1000 < settled < 8000


EXAMPLES = {
    Claim.CARRIES: Evidence(0.873, 0.1, 0.7, STAYING, NOTHING),
    Claim.NEEDED: Evidence(0.873, 0.1, 0.02, STAYING, NOTHING),
    Claim.ENOUGH: Evidence(0.873, 0.86, 0.7, STAYING, NOTHING),
    Claim.LOST: Evidence(0.873, 0.1, 0.02, [0.05] * 20 + [0.9] * 39, NOTHING),
    Claim.ENOUGH_NOT_NEEDED: Evidence(0.873, 0.86, 0.7, STAYING, [0.85] * 30 + [0.01] * 29),
    Claim.NEITHER: Evidence(0.873, 0.86, 0.02, [0.05] * 15 + [0.9] * 44, NOTHING),
    Claim.TOO_LITTLE: Evidence(0.873, 0.1, 0.7, STAYING[:5], NOTHING[:5]),
}
COUNTS = {
    Claim.CARRIES: "none of 59 random places of its shape does as much; none also takes the answer away when hidden, "
    "and none gives it alone",
    Claim.NEEDED: "of 59 random places of its shape, hidden one at a time, none takes as much",
    Claim.ENOUGH: "of 59 random places of its shape, kept alone, none gives as much",
    Claim.LOST: "of 59 random places of its shape, hidden one at a time, 20 take it away too",
    Claim.ENOUGH_NOT_NEEDED: "of 59 random places of its shape, kept alone, 30 give it too",
    Claim.NEITHER: "Of 59 random places of its shape, 44 also neither take it away nor give it alone, so this does not",
    Claim.TOO_LITTLE: "it was compared with only 5 random places, and it takes 19",
}


@pytest.mark.parametrize("declared", DECLARATIONS)
@pytest.mark.parametrize("claim", Claim)
def test_each_claim_is_told_with_its_numbers_and_its_count(claim: Claim, declared: Declared) -> None:
    evidence, part = EXAMPLES[claim], Part("koala", declared)
    verdict = judge(evidence, part)
    assert verdict.claim is claim
    for text in ("“koala”", "87%", percent(evidence.hidden), percent(evidence.kept), COUNTS[claim]):
        assert text in verdict.sentence, (text, verdict.sentence)
    assert verdict.sentence.endswith(".")
    assert ".." not in verdict.sentence
    # Only a person can know what is the object, and so what is its background.
    assert ("background" in verdict.sentence) <= (declared == "object")
    assert ("object" in verdict.sentence) == (declared != "other")
    assert "surroundings" not in verdict.sentence
    assert not re.search(r"\brel(y|ies)\b|depends", verdict.sentence)


def test_words_for_what_is_left_follow_the_numbers() -> None:
    for hidden, words in (
        (0.69, "is still at 69%"),
        (0.6, "falls to 60%"),
        (0.3, "falls to 30%"),
        (0.99, "rises to 99%"),
    ):
        sentence = judge(Evidence(0.7, hidden, 0.01, [0.7] * 59, NOTHING)).sentence
        assert words in sentence
    away = "not enough to count as taken away"
    assert away in judge(Evidence(0.7, 0.3, 0.01, [0.7] * 59, NOTHING)).sentence
    assert away not in judge(Evidence(0.7, 0.6, 0.01, [0.7] * 59, NOTHING)).sentence
    assert (
        "so something else on the photo, or the fill, gives it too" in judge(EXAMPLES[Claim.ENOUGH_NOT_NEEDED]).sentence
    )
    assert judge(Evidence(0.9, 0.9, 0.02, [], [])).sentence.endswith(". This does not say what the answer rests on.")
    assert "compared with no random places" in judge(Evidence(0.9, 0.1, 0.02, [], [])).sentence
    few = judge(Evidence(0.9, 0.9, 0.02, [0.1] * 40 + [0.9] * 19, NOTHING)).sentence
    assert few.endswith("Of 59 random places of its shape, 19 also neither take it away nor give it alone.")
    assert "only 4.0% to begin with" in judge(Evidence(0.04, 0.0, 0.0, STAYING, NOTHING)).sentence


def test_an_answer_that_stays_the_best_guess_is_said_to() -> None:
    evidence = Evidence(0.45, 0.34, 0.001, [0.4] * 59, NOTHING)
    assert (
        "“koala” falls to 34% and stays the best guess without this part"
        in judge(evidence, Part("koala", stays_best=True)).sentence
    )
    assert "best guess" not in judge(evidence, Part("koala")).sentence


@pytest.mark.parametrize("claim", Claim)
def test_a_class_that_the_model_does_not_say_is_not_called_its_answer(claim: Claim) -> None:
    verdict = judge(EXAMPLES[claim], Part("koala", said="“wombat” (89%)"))
    assert not re.search(r"\banswer", verdict.sentence), verdict.sentence
    assert "“koala” is not the model’s answer: of the photo as it is, it says “wombat” (89%)." in verdict.limits


def test_what_sets_a_part_not_apart_is_told() -> None:
    """Hiding alone may be rare and both together not, or the other way round."""
    both = judge(Evidence(0.9, 0.1, 0.3, [0.6] * 10 + STAYING[10:], [0.99] * 10 + NOTHING[10:]))
    assert both.claim is Claim.LOST
    assert "none takes as much, but by hiding and keeping together it ranks 11 of 60, and" in both.sentence
    alone = judge(Evidence(0.9, 0.1, 0.4, [0.09] * 5 + STAYING[5:], NOTHING))
    assert alone.claim is Claim.LOST
    assert alone.sentence.count("hidden one at a time, 5 take as much. Alone") == 1
    kept = judge(Evidence(0.9, 0.85, 0.8, [0.01] * 10 + STAYING[10:], [0.2] * 10 + NOTHING[10:]))
    assert kept.claim is Claim.ENOUGH_NOT_NEEDED
    assert "kept alone, none gives as much, but by hiding and keeping together it ranks 11 of 60" in kept.sentence


def test_what_carries_an_answer_is_not_said_to_be_the_only_part_that_does() -> None:
    verdict = judge(Evidence(0.9, 0.01, 0.89, [0.05] * 59, [0.8] * 59))
    assert verdict.claim is Claim.CARRIES
    assert "59 also take the answer away when hidden, and 59 give it alone" in verdict.sentence


def test_a_large_part_is_said_to_be_hard_to_tell_from_random_places() -> None:
    evidence = EXAMPLES[Claim.LOST]
    for part in (Part("koala", "object", area_share=0.52, overlap=0.4), Part("koala", "object", 0.3, 0.7)):
        (limit,) = judge(evidence, part).limits
        assert limit.startswith(
            f"The object covers {percent(part.area_share)} of what the model sees, and random places"
        )
        assert f"overlap it by {percent(part.overlap)} on average" in limit
        assert judge(EXAMPLES[Claim.CARRIES], part).limits == ()
    assert judge(evidence, Part("koala", area_share=0.4, overlap=0.5)).limits == ()
    assert "taken from a map" in tell_limits(Claim.CARRIES, Part("koala", from_map=True))[0]


def test_agreement_of_the_fills_is_one_line() -> None:
    same = dict.fromkeys(core.FILLS, Claim.NEEDED)
    assert tell_fills(same) == "The finding is the same with every fill (black, grey, blur and noise)."
    told = tell_fills(same | {"noise": Claim.LOST})
    assert told.endswith("Black, grey and blur: needed; noise: lost, but not set apart.")
    assert "\n" not in told


def test_several_tries_are_told() -> None:
    assert tell_tries(1) == ""
    assert tell_tries(5).startswith("One of 5 comparisons made on this photo.")
    assert "up to 23% of the time" in tell_tries(5)
    assert "up to 10% of the time" in tell_tries(2)


def test_every_claim_has_its_rule() -> None:
    assert [claim for claim, _ in RULE] == list(Claim)


def test_a_declaration_is_one_of_three() -> None:
    assert [check_declared(each) for each in DECLARATIONS] == list(DECLARATIONS)
    with pytest.raises(core.RequestError, match="declaration"):
        check_declared("thing")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hidden", "controls", "p"),
    [(0.1, [0.9] * 64, 1 / 65), (0.9, [0.9] * 64, 1), (0.1, [0.05] * 32 + [0.9] * 32, 33 / 65)],
)
def test_the_first_rule_is_quoted_with_its_p_value(hidden: float, controls: list[float], p: float) -> None:
    verdict = judge_by_first_rule(Evidence(0.9, hidden, 0.8, controls, controls), "inconclusive")
    assert (verdict.older_finding, verdict.claim) == ("inconclusive", Claim.TOO_LITTLE)
    assert verdict.hide_p_value == pytest.approx(p)
    assert verdict.sentence.startswith("Made by an older rule, which said “inconclusive”")


@pytest.mark.parametrize(
    ("share", "words"),
    [(0, "under 0.1%"), (0.0004, "under 0.1%"), (0.034, "3.4%"), (0.446, "45%"), (0.999, "over 99%"), (1, "100%")],
)
def test_percent_is_never_more_certain_than_the_number(share: float, words: str) -> None:
    assert percent(share) == words
