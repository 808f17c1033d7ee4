"""What hiding an object does under one fill, beside the same at random places."""

from collections.abc import Sequence

from saliency_core.audit.rows import Hiding
from saliency_core.masking.claims import find_claim
from saliency_core.masking.controls import BATCH, Places
from saliency_core.masking.effects import Evidence, share_less
from saliency_core.models.prediction import Prediction
from saliency_core.photos.fills import Fill
from saliency_core.photos.regions import Placement


def hide_object(
    asked: Places, fill: Fill, target: int, original: float, regions: Placement, places: Sequence[Placement]
) -> Hiding:
    """What hiding an object, and leaving it alone, does to a class, beside random places of its shape.

    original: the class's probability on the photo as it is.
    regions: the object's; places: at least one.
    """
    hidden: list[Prediction] = []
    alone: list[Prediction] = []
    placements = [regions, *places]  # the object goes through the model as one place among them
    for start in range(0, len(placements), BATCH):
        some_hidden, some_alone = asked.answers(fill, placements[start : start + BATCH])
        hidden += some_hidden
        alone += some_alone
    (first_hidden, *left), (first_alone, *given) = (
        [float(answer.probabilities[target]) for answer in answers] for answers in (hidden, alone)
    )
    hidden_tops, alone_tops = ([answer.best() for answer in answers] for answers in (hidden, alone))
    evidence = Evidence(original, first_hidden, first_alone, left, given)
    return Hiding(
        hidden=first_hidden,
        hidden_top=hidden_tops[0],
        hidden_named=hidden_tops[0] == target,
        alone=first_alone,
        alone_top=alone_tops[0],
        alone_named=alone_tops[0] == target,
        random_hidden_named=_share_of(target, hidden_tops[1:]),
        random_alone_named=_share_of(target, alone_tops[1:]),
        need=share_less(evidence.loss),
        keep=share_less(evidence.gain),
        joint=share_less(evidence.joint),
        claim=find_claim(evidence).value,
    )


def _share_of(target: int, tops: Sequence[int]) -> float:
    return sum(top == target for top in tops) / len(tops)
