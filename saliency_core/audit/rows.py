"""What was measured of one photo: plain values, which a row of a table holds."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, get_args, get_type_hints

Value = float | int | str | bool | None


@dataclass(frozen=True, slots=True)
class Hiding:
    """What hiding the object, and keeping only it, does under one fill. Probabilities and shares are in [0, 1].

    hidden, alone: the target's probability with the object hidden, which is the background alone, and with only the
        object left; hidden_top, alone_top: the best guess then, as a class's index; hidden_named, alone_named:
        whether that is the target.
    random_hidden_named, random_alone_named: the share of random places of the object's shape with which, hidden or
        left alone, the target is the best guess.
    need: the share of these places whose hiding takes less of the target's odds; ties count half. Of an object that
        matters no more than a place at random it is 0.5 on average.
    keep: the share of places that alone give less; joint: the share for which the odds alone, divided by the odds with
        it hidden, are less. Both as need.
    claim: the masking experiment's, a value of Claim.
    """

    hidden: float
    hidden_top: int
    hidden_named: bool
    alone: float
    alone_top: int
    alone_named: bool
    random_hidden_named: float
    random_alone_named: float
    need: float
    keep: float
    joint: float
    claim: str


@dataclass(frozen=True, slots=True)
class Row:
    """A photo as one model saw it. Classes are given by their indices; probabilities and shares are in [0, 1].

    digest: sha256 of the photo's file; width, height: in pixels, upright.
    target: the class in question: the photo's label, or else the best guess; target_probability, target_rank: what it
        gets on the photo as it is, rank 1 being the best guess.
    right: whether the best guess is the label; None without a label.
    predicted, probability: the best guess; second, second_probability: the next one.
    brightness, sharpness: of what the model sees of the photo, by brightness() and sharpness(): 0 for black to 1 for
        white; low where it is blurred or plain.
    size: the share that the object covers of what the model sees of the photo; None where there is no object.
    map_inside: the share of the target's map, smoothed, that lies in the object; edges_inside: of the photo's edges,
        smoothed alike; centre_inside: of a spot in the middle. A map that is the same everywhere has `size`.
    places: how many random places the object was compared with; None where it was not.
    hidings: what was found under each fill, by the fill's name, in the order asked for; none where `reason` says why.
    cropped_probability, cropped_named: what the target gets where the model is shown only a part of the photo that
        holds nothing of the object, see find_part(), and whether it is the best guess then; cropped_size: the share of
        the photo's area that this part has; random_cropped_named: whether it is on a part of the same size at random.
        All None without such a part, and of a target that has too little to be taken away.
    own_background_probability, own_background_named: what the target gets with the object on the background of another
        photo of its class, and whether it is the best guess then; other_background_probability, other_background_named:
        on that of another class's photo; background_size: the share of the photo that is background in both, see
        swap(). All None where nothing was put on another background.
    notes: the photo's, see Photo: how what was measured differs from what is in its file; empty for nearly all.
    """

    digest: str
    width: int
    height: int
    target: int
    target_probability: float
    target_rank: int
    right: bool | None
    predicted: int
    probability: float
    second: int | None
    second_probability: float | None
    brightness: float
    sharpness: float
    size: float | None = None
    map_inside: float | None = None
    edges_inside: float | None = None
    centre_inside: float | None = None
    places: int | None = None
    reason: str = ""
    hidings: tuple[tuple[str, Hiding], ...] = ()
    cropped_size: float | None = None
    cropped_probability: float | None = None
    cropped_named: bool | None = None
    random_cropped_named: bool | None = None
    background_size: float | None = None
    own_background_probability: float | None = None
    own_background_named: bool | None = None
    other_background_probability: float | None = None
    other_background_named: bool | None = None
    notes: str = ""

    @property
    def named(self) -> bool:
        """Whether the target is the best guess on the photo as it is."""
        return self.predicted == self.target

    def as_dict(self, fills: Iterable[str]) -> dict[str, Value]:
        """Plain values by column, the same columns for every row of the same fills; read_row() reads them."""
        own = {name: getattr(self, name) for name in _COLUMNS}
        found = {fill: asdict(hiding) for fill, hiding in self.hidings}
        return own | {
            f"{fill}_{name}": found[fill][name] if fill in found else None for fill in fills for name in _HIDING
        }


def read_row(values: Mapping[str, Any], fills: Iterable[str]) -> Row:
    """The row whose as_dict() gave the values; other columns may stand among them, and those that an older version did
    not write may be missing: they have their defaults.

    Raises KeyError if another column is missing.
    """
    hidings = tuple(
        (fill, Hiding(**{name: values[f"{fill}_{name}"] for name in _HIDING}))
        for fill in fills
        if values[f"{fill}_need"] is not None
    )
    own = {name: values[name] for name in _COLUMNS if name in values or name not in _NEWER}
    return Row(**own, hidings=hidings)


def columns(fills: Iterable[str]) -> dict[str, type]:
    """The columns of as_dict() in their order, each with the type of its values: str, int, float or bool. Any may hold
    None where its row says so."""
    return _COLUMNS | {f"{fill}_{name}": kind for fill in fills for name, kind in _HIDING.items()}


def _kinds(row: type, but: str = "") -> dict[str, type]:
    """A dataclass's fields but one, each with the type of its values other than None."""
    hints = get_type_hints(row)
    return {
        each.name: next(kind for kind in (*get_args(hints[each.name]), hints[each.name]) if kind is not type(None))
        for each in fields(row)
        if each.name != but
    }


_HIDING = _kinds(Hiding)
_COLUMNS = _kinds(Row, but="hidings")
_NEWER = tuple(_COLUMNS)[list(_COLUMNS).index("cropped_size") :]
