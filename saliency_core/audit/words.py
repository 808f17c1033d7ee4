"""What is said of a class: one word, and a sentence with the numbers behind it."""

from enum import Enum

from saliency_core.audit.rates import Rate
from saliency_core.audit.summary import ClassSummary, FillSummary
from saliency_core.masking.claims import ALPHA
from saliency_core.text import cut, join_words, percent

FEW_PHOTOS = 30
"""With fewer much is missed: of one class of ten, with a mean need of 0.7, tests.needs is at most ALPHA 6% of the
time from 10 photos, 48% from 20, 84% from 30, under one fill, and less often under each of two (needs drawn anew from
those of 61 photos of kangaroos, moved to that mean)."""


class Word(Enum):
    """What is said of a class; the values are words for people."""

    NEEDS = "needs its object"
    GETS_BY = "gets by without it"
    BACKGROUND = "only the background is enough"
    NEITHER = "neither alone is enough"
    CHANCE = "not told apart from chance"
    TOO_FEW = "too few photos"


def find_word(summary: ClassSummary) -> Word:
    """What is said of a class, by its corrected tests, each at most ALPHA, in order:

    1. It has fewer than LEAST_PHOTOS judged photos: too few photos.
    2. More than half of the photos named so still are with the object hidden: only the background is enough if, also,
       fewer than half are with only the object left; else it gets by without.
    3. Its objects matter more than random places do, and the interval of its mean need lies above a half, under each
       fill: it needs its object.
    4. Fewer than half are named so with the object hidden, and fewer than half with only the object left: neither
       alone is enough.
    5. Otherwise it is not told apart from chance.

    The second comes before the third since an object may matter more than any other place and the class still be named
    without it; the sentence then tells both.
    """
    tests = summary.tests
    if tests is None:
        return Word.TOO_FEW
    if tests.stays <= ALPHA:
        return Word.BACKGROUND if tests.alone_fails <= ALPHA else Word.GETS_BY
    if is_needed(summary):
        return Word.NEEDS
    return Word.NEITHER if max(tests.goes, tests.alone_fails) <= ALPHA else Word.CHANCE


def is_needed(summary: ClassSummary) -> bool:
    """Whether a class's objects are shown to matter more than random places of their shapes, under each fill.

    Random places lie anywhere, objects more often in the middle. Where that may be all there is to it, as of boxes that
    nobody drew around an object, need says no more than that the middle matters. On 47 photos of kangaroos it was 0.85
    for the boxes drawn by hand, and 0.45 for those of other photos at the same places.
    """
    above = all(each.need.low > 0.5 for each in summary.fills.values())
    return summary.tests is not None and summary.tests.needs <= ALPHA and above


def tell_class(summary: ClassSummary) -> str:
    """What is said of a class with its numbers, in one to six sentences; the numbers are those of its first fill, and
    the mean need under each other fill stands beside."""
    if not summary.fills:
        return f"“{cut(summary.label)}”: on none of its {_photos(summary.photos)} could an object be hidden."
    fill, found = next(iter(summary.fills.items()))
    told = _BEGIN[find_word(summary)].format(f"“{cut(summary.label)}”", photos=_photos(summary.judged))
    return " ".join(
        [
            told,
            _tell_need(summary, fill, found),
            *_tell_named(summary, found),
            *_tell_scenes(summary),
            *_tell_end(summary),
        ]
    )


_BEGIN = {
    Word.NEEDS: "{} needs its object.",
    Word.GETS_BY: "{} mostly gets by without its object.",
    Word.BACKGROUND: "For {} the background is mostly enough, and the object alone mostly is not.",
    Word.NEITHER: "For {} neither the background alone nor the object alone is enough, mostly.",
    Word.CHANCE: "What {} needs is not told apart from chance.",
    Word.TOO_FEW: "{} has only {photos} to go by, too few to say more than the numbers.",
}


def _tell_need(summary: ClassSummary, fill: str, found: FillSummary) -> str:
    others = [f"in {name}, {tell_share(other.need.share)}" for name, other in summary.fills.items() if name != fill]
    beside = f"; {join_words(others)}" if others else ""
    return (
        f"On average over {_photos(summary.judged)}, hiding its object in {fill} lowers the class’s probability more "
        f"than hiding {tell_share(found.need.share)} of random places of its shape does (95% interval "
        f"{_interval(found.need)}{beside}; by chance it would be 50%)."
    )


def _tell_named(summary: ClassSummary, found: FillSummary) -> list[str]:
    if found.stays is None or found.alone is None or found.random_stays is None:
        return []
    stays, alone = (rate.count(summary.named) for rate in (found.stays, found.alone))
    return [
        f"It is the model’s answer on {_photos(summary.named)}: with the object hidden it still is on {stays} "
        f"({_interval(found.stays)}; with random places hidden, {tell_share(found.random_stays)}), with only the "
        f"object left on {alone} ({_interval(found.alone)})."
    ]


def _tell_scenes(summary: ClassSummary) -> list[str]:
    """With the object out of the frame, and on other backgrounds: numbers, and nothing concluded."""
    told = []
    if crop := summary.cropped:
        told.append(
            f"Shown no more than a part of the photo without the object, on average {tell_share(crop.size)} of its "
            f"area, the model says so on {crop.named.count(crop.photos)} of {_photos(crop.photos)} "
            f"({_interval(crop.named)}; shown a random part of that size, on {crop.random_named.count(crop.photos)})."
        )
    if swap := summary.swapped:
        points = [_points(value) for value in (swap.difference.share, swap.difference.low, swap.difference.high)]
        told.append(
            "With the object on the background of another photo of the class it says so on "
            f"{swap.own.count(swap.photos)} of {_photos(swap.photos)}, on that of another class’s photo on "
            f"{swap.other.count(swap.photos)} (a difference of {points[0]} percentage points, 95% interval {points[1]} "
            f"to {points[2]})."
        )
    return told


def _tell_end(summary: ClassSummary) -> list[str]:
    if find_word(summary) is Word.CHANCE and summary.judged < FEW_PHOTOS:
        return ["A difference that is not large would hardly show on so few photos."]
    return []


def _interval(rate: Rate) -> str:
    return f"{tell_share(rate.low)} to {tell_share(rate.high)}"


def tell_share(share: float) -> str:
    """A counted share in [0, 1] as people say it; unlike a probability, none is 0%."""
    return percent(share) if share else "0%"


def _points(difference: float) -> str:
    return str(round(100 * difference)).replace("-", "−")


def _photos(count: int) -> str:
    return f"{count} photo" if count == 1 else f"{count} photos"
