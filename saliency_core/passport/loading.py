"""How a model's weights were taken from their file."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Loading:
    """What was taken from a checkpoint, and what was left.

    taken: the entry of the file that held the weights, such as "state_dict_ema"; empty where they lay at its top.
    prefix: what was stripped from the beginning of each key.
    matched: how many keys found their place. missing, unexpected: the keys that did not.
    """

    taken: str
    prefix: str
    matched: int
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
