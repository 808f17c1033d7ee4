"""What was measured as tables in Markdown."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from saliency_core.audit.rates import Rate, bootstrap, wilson
from saliency_core.masking.claims import RARE, Claim
from saliency_core.masking.effects import Evidence
from saliency_core.masking.sentences import LARGE_SHARE
from scripts.calibrate.cases import BOX, RANDOM, Case
from scripts.calibrate.measure import BRIGHTEST, KINDS
from scripts.calibrate.rules import RULES

SMALL_SHARE = 0.2
_GROUPS: dict[str, Callable[[float], bool]] = {
    "all": lambda _: True,
    f"up to {SMALL_SHARE:.0%}": lambda size: size <= SMALL_SHARE,
    f"{SMALL_SHARE:.0%} to {LARGE_SHARE:.0%}": lambda size: SMALL_SHARE < size <= LARGE_SHARE,
    f"up to {LARGE_SHARE:.0%}": lambda size: size <= LARGE_SHARE,
    f"over {LARGE_SHARE:.0%}": lambda size: size > LARGE_SHARE,
}
"""Boxes by the share of the frame that they cover."""


def tell_tables(cases: Sequence[Case]) -> Iterator[str]:
    """Every table that the cases give, line by line; those of each model, crop mode and fill by themselves."""
    if not cases:
        yield "Nothing was measured: no photo is left, or none of the class, or none has a box."
    for model, crop_mode, fill in dict.fromkeys((case.model, case.crop_mode, case.fill) for case in cases):
        chosen = [case for case in cases if (case.model, case.crop_mode, case.fill) == (model, crop_mode, fill)]
        conditions = f"{model}, {crop_mode}, {fill}"
        windows = [case for case in chosen if RANDOM in case.parts]
        boxes = [case for case in chosen if BOX in case.parts]
        if windows:
            yield from _tell_random(windows, conditions)
            yield from _tell_kinds(windows, conditions)
        if boxes:
            yield from _tell_boxes(boxes, conditions)


def _tell_random(cases: Sequence[Case], conditions: str) -> Iterator[str]:
    by_size = _by_size(cases)
    yield from _title(f"Random regions: {conditions}, {_count_photos(cases)}", cases)
    yield from _head("%, by share of the frame", [f"{size:.0%}" for size in by_size])
    judged = {size: [case.evidence(RANDOM) for case in some] for size, some in by_size.items()}
    yield from _tell_rules(list(judged.values()))
    yield from _rows(
        (f"any rare claim, each place in turn: {name}" for name in RULES),
        zip(*(_take_turns(some) for some in by_size.values()), strict=True),
    )
    yield ""


def _tell_kinds(cases: Sequence[Case], conditions: str) -> Iterator[str]:
    yield from _title(f"Kinds of windows: {conditions}, {_count_photos(cases)}", cases)
    yield from _head("%", ["any rare claim", *(claim.value for claim in Claim)])
    for size, some in _by_size(cases).items():
        for kind in KINDS:
            claims = [_RULE(case.evidence(kind)) for case in some if kind in case.parts]
            if claims:
                yield from _rows([f"{size:.0%}, {kind}"], [[_any_rare(claims), *_shares(claims)]])
    yield ""
    yield from _compare_kinds(cases)
    yield ""


def _compare_kinds(cases: Sequence[Case]) -> Iterator[str]:
    """Any rare claim over all sizes, of photos that have every kind; and photo by photo, the map's own window less
    each other kind."""
    whole = [case for case in cases if set(case.parts) == set(KINDS)]
    if not whole:
        return
    yield from _head("%, mean over the sizes", ["any rare claim", f"{BRIGHTEST}, less this"])
    photos = list(dict.fromkeys(case.photo for case in whole))
    rates = {
        kind: np.array(
            [np.mean([_RULE(case.evidence(kind)) in RARE for case in whole if case.photo == photo]) for photo in photos]
        )
        for kind in KINDS
    }
    for kind in KINDS:
        less = _tell(bootstrap(rates[BRIGHTEST] - rates[kind]), len(whole)) if kind != BRIGHTEST else ""
        yield from _rows([kind], [[_tell(bootstrap(rates[kind]), len(whole)), less]])


def _tell_boxes(cases: Sequence[Case], conditions: str) -> Iterator[str]:
    yield from _title(f"Boxes: {conditions}, {_count_photos(cases)}", cases)
    groups = {name: [case for case in cases if holds(case.size)] for name, holds in _GROUPS.items()}
    groups = {name: some for name, some in groups.items() if some}
    yield from _head("%, by share of the frame", list(groups))
    yield from _rows(["boxes"], [[f"{len(some)}" for some in groups.values()]])
    yield from _rows(["mean share of the frame"], [[f"{_mean_size(some):.0f}" for some in groups.values()]])
    yield from _tell_rules([[case.evidence(BOX) for case in some] for some in groups.values()])
    yield ""


def _tell_rules(judged: Sequence[Sequence[Evidence]]) -> Iterator[str]:
    """A row for each claim, then any rare one by each rule; a column for each sequence of evidence."""
    claims = [[_RULE(evidence) for evidence in some] for some in judged]
    yield from _rows((claim.value for claim in Claim), zip(*(_shares(some) for some in claims), strict=True))
    for name, rule in RULES.items():
        yield from _rows(
            [f"any rare claim: {name}"], [[_any_rare([rule(evidence) for evidence in some]) for some in judged]]
        )


def _take_turns(cases: Sequence[Case]) -> list[str]:
    """Any rare claim by each rule, with every place of a photo as the part."""
    turns = [list(case.turns()) for case in cases]
    shares = [[float(np.mean([rule(each) in RARE for each in some])) for some in turns] for rule in RULES.values()]
    return [_tell(bootstrap(each), sum(map(len, turns))) for each in shares]


def _shares(claims: Sequence[Claim]) -> list[str]:
    counted = Counter(claims)
    return [_percent(counted[claim] / len(claims), len(claims)) for claim in Claim]


def _any_rare(claims: Sequence[Claim]) -> str:
    return _tell(wilson(sum(claim in RARE for claim in claims), len(claims)), len(claims))


def _tell(rate: Rate, of: int) -> str:
    link = "–" if rate.low >= 0 else " to "  # a dash before a minus would be misread
    return f"{_percent(rate.share, of)} ({_percent(rate.low, of)}{link}{_percent(rate.high, of)})"


def _percent(share: float, of: int) -> str:
    """A tenth of a percent is told where there are enough photos for it to mean anything."""
    return f"{100 * share:.{0 if of < 100 else 1}f}"


def _by_size(cases: Sequence[Case]) -> dict[float, list[Case]]:
    return {size: [case for case in cases if case.size == size] for size in sorted({case.size for case in cases})}


def _mean_size(cases: Sequence[Case]) -> float:
    return 100 * float(np.mean([case.size for case in cases]))


def _count_photos(cases: Sequence[Case]) -> str:
    count = len({case.photo for case in cases})
    return f"{count} {'photo' if count == 1 else 'photos'}"


def _title(text: str, cases: Sequence[Case]) -> Iterator[str]:
    counts = sorted({len(case.hidden) for case in cases})
    places = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    yield from (f"**{text}** ({places} random places each; in brackets 95% intervals)", "")


def _head(first: str, columns: Sequence[str]) -> Iterator[str]:
    yield from _rows([first], [columns])
    yield from _rows(["---"], [["---"] * len(columns)])


def _rows(names: Iterable[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for name, cells in zip(names, rows, strict=True):
        yield f"| {' | '.join([name, *cells])} |"


_RULE = next(iter(RULES.values()))
