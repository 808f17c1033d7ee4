"""What was measured, as tables in Markdown and as the numbers that the dashboard shows."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from scipy.stats import permutation_test

from saliency_core.audit.rates import Rate, bootstrap
from scripts.evidence.measure import Line
from scripts.evidence.plan import COMPARISONS, SIGMAS, TESTED, Comparison

TESTS = ("removal", "untrained", "class", "steadiness")
OUTCOMES = ("passed", "failed", "inconclusive")
DRAWS = 20_000


def tell_tables(lines: Sequence[Line], shares: Sequence[float]) -> Iterator[str]:
    """Scores, comparisons, tests and ROAD."""
    yield from _tell_scores(lines)
    yield from _tell_comparisons(lines)
    yield from _tell_tests([line["tests"] for line in lines if "tests" in line])
    yield from _tell_road([line["road"] for line in lines if "road" in line], shares)


def means(lines: Sequence[Line]) -> dict[str, Rate]:
    """The mean score of each map over all photos, the largest first."""
    names = lines[0]["scores"]
    found = {name: bootstrap([line["scores"][name] for line in lines]) for name in names}
    return dict(sorted(found.items(), key=lambda pair: -pair[1].share))


def compare(lines: Sequence[Line], comparison: Comparison) -> tuple[Rate, float]:
    """The mean difference of two maps' scores on the same photos, with its interval, and how often a difference as
    far from zero comes about if the signs of the photos' differences are drawn at random."""
    pairs = [(line["scores"][comparison.better], line["scores"][comparison.worse]) for line in lines]
    differences = np.array([better - worse for better, worse in pairs])
    test = permutation_test(
        (differences,),
        lambda values, axis: np.mean(values, axis=axis),
        permutation_type="samples",
        n_resamples=DRAWS,
        rng=np.random.default_rng(0),
    )
    return bootstrap(differences), float(test.pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values corrected for being several (Holm 1979): at most one of those that are up to 0.05 is expected to be
    wrong one time in twenty."""
    order = np.argsort(p_values)
    corrected, least = np.empty(len(order)), 0.0
    for rank, index in enumerate(order):
        least = max(least, min(1.0, (len(order) - rank) * p_values[index]))
        corrected[index] = least
    return [float(each) for each in corrected]


def published(lines: Sequence[Line], model: str, sha256: str, source: str) -> dict[str, Any]:
    """The numbers that the dashboard shows, as saliency_core/evidence/published.py reads them."""
    scores: dict[str, dict[str, list[float]]] = {}
    controls: dict[str, dict[str, list[float]]] = {}
    for name, rate in means(lines).items():
        what, _, sigma = name.partition(", sigma ")
        place = scores if what in SIGMAS else controls
        interval = [round(each, 4) for each in (rate.share, rate.low, rate.high)]
        place.setdefault(what, {})[sigma or "0"] = interval
    tested = [line["tests"] for line in lines if "tests" in line]
    outcomes = {
        method: {
            test: {
                outcome: sum(each[method][test] == outcome for each in tested if method in each) for outcome in OUTCOMES
            }
            for test in TESTS
        }
        for method in (tested[0] if tested else {})
    }
    return {
        "model": model,
        "weights_sha256": sha256,
        "photos": len(lines),
        "tested_photos": len(tested),
        "tested_sigmas": {method: TESTED[method] for method in outcomes},
        "source": source,
        "scores": scores,
        "controls": controls,
        "outcomes": outcomes,
    }


def _tell_scores(lines: Sequence[Line]) -> Iterator[str]:
    yield f"| map | mean score of {len(lines)} photos | 95% interval |"
    yield "| --- | --- | --- |"
    for name, rate in means(lines).items():
        yield f"| {name} | {rate.share:.3f} | {rate.low:.3f} to {rate.high:.3f} |"
    yield ""


def _tell_comparisons(lines: Sequence[Line]) -> Iterator[str]:
    there = lines[0]["scores"]
    made = [each for each in COMPARISONS if each.better in there and each.worse in there]
    found = [compare(lines, each) for each in made]
    corrected = holm([p_value for _, p_value in found])
    yield "| map | less | difference | 95% interval | p | p, Holm | |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for each, (rate, p_value), holm_p in zip(made, found, corrected, strict=True):
        words = "not told apart" if holm_p > 0.05 else "more" if rate.share > 0 else "less"
        yield (
            f"| {each.better} | {each.worse} | {rate.share:+.3f} | {rate.low:+.3f} to {rate.high:+.3f} "
            f"| {p_value:.2g} | {holm_p:.2g} | {words} |"
        )
    yield ""


def _tell_tests(tested: Sequence[Line]) -> Iterator[str]:
    if not tested:
        return
    yield f"| method, {len(tested)} photos | test | passed | failed | inconclusive |"
    yield "| --- | --- | --- | --- | --- |"
    for method in tested[0]:
        for test in TESTS:
            counts = [sum(each[method][test] == outcome for each in tested) for outcome in OUTCOMES]
            yield f"| {method} | {test} | {' | '.join(map(str, counts))} |"
    yield ""
    numbers = [name for name in next(iter(tested[0].values())) if name not in TESTS]
    yield f"| method, means | {' | '.join(numbers)} |"
    yield f"| --- |{' --- |' * len(numbers)}"
    for method in tested[0]:
        cells = (f"{np.mean([each[method][name] for each in tested]):.2f}" for name in numbers)
        yield f"| {method} | {' | '.join(cells)} |"
    yield ""


def _tell_road(roads: Sequence[Line], shares: Sequence[float]) -> Iterator[str]:
    if not roads:
        return
    yield f"| ROAD, {len(roads)} photos | {' | '.join(f'{share:.0%}' for share in shares)} |"
    yield f"| --- |{' --- |' * len(shares)}"
    for name in roads[0]:
        for place, order in enumerate(("most relevant first", "least relevant first")):
            right = np.mean([each[name][place] for each in roads], axis=0)
            yield f"| {name}, {order} | {' | '.join(f'{share:.0%}' for share in right)} |"
    yield ""
