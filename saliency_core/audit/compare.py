"""What differs between two plans, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from saliency_core.audit.plan import Plan
from saliency_core.text import cut, join_words

_CALLED = {
    "model": "model",
    "weights": "weights",
    "device": "device",
    "seed": "seed",
    "version": "version",
    "per_shard": "photos in a file",
    "crop_mode": "crop mode",
    "fills": "fills",
    "n_controls": "number of random places",
    "method": "method of maps",
    "sigma": "sigma",
}
_SHOWN = 3


def tell_differences(before: Plan, now: Plan) -> str:
    """What of a plan is another now, to go on a sentence with: "crop mode squash then, border now"; empty if nothing is
    by which numbers could differ."""
    return "; ".join([*_tell_settings(before, now), *_tell_photos(before, now)])


def _tell_settings(before: Plan, now: Plan) -> Iterator[str]:
    old, new = asdict(before.asked), asdict(now.asked)
    for values in (old, new):
        values |= values.pop("settings")
        values |= {f"version of {name}": version for name, version in values.pop("packages").items()}
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) == new.get(name):
            continue
        if name == "preset":  # too long to be read
            yield "other input settings of the model"
        else:
            yield f"{_CALLED.get(name, name)} {_show(old.get(name))} then, {_show(new.get(name))} now"
    if before.categories != now.categories:
        yield "other names of the model’s classes"


def _show(value: object) -> str:
    if isinstance(value, list | tuple):
        return join_words([str(each) for each in value])
    return cut("none" if value is None else str(value), 20)


def _tell_photos(before: Plan, now: Plan) -> Iterator[str]:
    old, new = ({photo.name: photo for photo in plan.photos} for plan in (before, now))
    others = set(before.mixed) ^ set(now.mixed)
    differ = [name for name in old if name in new and (old[name] != new[name] or name in others)]
    for what, names in (
        ("not there then", [name for name in new if name not in old]),
        ("not there now", [name for name in old if name not in new]),
        ("with another size, label or boxes now", differ),
    ):
        if names:
            yield f"{len(names)} {'photo' if len(names) == 1 else 'photos'} {what} ({_list(names)})"


def _list(names: Sequence[str]) -> str:
    more = [f"{len(names) - _SHOWN} more"] if len(names) > _SHOWN else []
    return join_words([*(cut(name) for name in names[:_SHOWN]), *more])
