"""What a self-test found, in sentences, and as plain values."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from saliency_core.audit.self_test import AtStrength, Trial, Twin, by_strength
from saliency_core.audit.summary import LEAST_PHOTOS
from saliency_core.audit.trials import SelfTest
from saliency_core.text import cut, percent


def tell_self_test(found: SelfTest | None, categories: Sequence[str]) -> tuple[str, ...]:
    """What became of marks and of clean twins.

    found: None where nothing was tried.
    """
    if found is None:
        return ("Whether marks that the model is made to read would be found was not tried (--self-test).",)
    if found.target is None:
        return (
            f"Marks could not be tried: no class has at least {LEAST_PHOTOS} photos beside at least {LEAST_PHOTOS} of "
            "other classes.",
        )
    begin = (
        f"Self-test: small marks were put on {found.photos} photos of “{cut(categories[found.target])}”, and the model "
        f"made to read them; {found.others} photos of other classes bear none."
    )
    return (begin, *tell_trials(found.trials), *tell_twins(found.twins))


def describe_self_test(found: SelfTest, categories: Sequence[str]) -> dict[str, Any]:
    """The same as plain values."""
    return {
        "target": found.target,
        "label": None if found.target is None else categories[found.target],
        "photos": found.photos,
        "others": found.others,
        "strengths": [asdict(each) for each in by_strength(found.trials)],
        "twins": {
            "tried": len(found.twins),
            "suspected": sum(each.suspected > 0 for each in found.twins),
            "confirmed": sum(each.confirmed > 0 for each in found.twins),
        },
        "sentences": tell_self_test(found, categories),
    }


def tell_trials(trials: Sequence[Trial]) -> tuple[str, ...]:
    """What became of the marks, a sentence for each strength, the weakest first, and one on what else was confirmed."""
    others = sum(each.others_confirmed > 0 for each in trials)
    told = [_tell(each) for each in by_strength(trials)]
    if others:
        told.append(f"In {others} of {len(trials)} trials something else than the mark was confirmed, too.")
    return tuple(told)


def _tell(at: AtStrength) -> str:
    alone = "" if at.decides is None else f" (alone they make the answer on {_percent(at.decides)} of other photos)"
    return (
        f"{at.confirmed} of {at.marks} marks that add {at.strength:g} to the class’s score{alone} were found and "
        f"confirmed; the maps alone show them on {_percent(at.on_maps)} of the photos."
    )


def tell_twins(twins: Sequence[Twin]) -> tuple[str, ...]:
    """On how many of the clean twins something was suspected, and confirmed; nothing without any."""
    if not twins:
        return ()
    suspected, confirmed = (sum(each.suspected > 0 for each in twins), sum(each.confirmed > 0 for each in twins))
    return (
        f"Of {len(twins)} clean twins, the same photos without a mark, something was suspected on "
        f"{suspected or 'none'}, and confirmed on {confirmed or 'none'}.",
    )


def _percent(share: float) -> str:
    return percent(share) if share else "none"
