"""What can be said of a model before it is asked anything: keys, class names, numbers in its weights."""

import re

import torch

from saliency_core.models.registry import MODELS
from saliency_core.passport.finding import Details, Outcome
from saliency_core.passport.probe import Check, Probe
from saliency_core.text import cut, join_words

_SHOWN = 3
"""Names that are shown of many."""
_PLACEHOLDER = re.compile(r"(label|class|category|klass|cls)?[\s_-]*\d+", re.IGNORECASE)
"""What tools write where nobody gave a class its name: LABEL_0, class 0, 0."""


def check_keys(probe: Probe) -> Outcome:
    """Whether each number of the weights file found its place, and each place its number."""
    loading = probe.classifier.loading
    if loading is None:
        if probe.classifier.name in MODELS:
            return Outcome("passed", "The published weights fit the architecture key by key.")
        return Outcome("not tried", "How the weights came into the model is not known.")
    source = f" They were taken from its entry “{cut(loading.taken)}”." if loading.taken else ""
    stripped = f" The prefix “{cut(loading.prefix)}” was left out of their names." if loading.prefix else ""
    details: Details = (
        ("matched keys", loading.matched),
        ("missing keys", len(loading.missing)),
        ("unexpected keys", len(loading.unexpected)),
        *((f"missing key {place}", cut(key, 80)) for place, key in enumerate(loading.missing[:_SHOWN], 1)),
        *((f"unexpected key {place}", cut(key, 80)) for place, key in enumerate(loading.unexpected[:_SHOWN], 1)),
    )
    if loading.missing:
        return Outcome(
            "failed",
            f"{_count(loading.missing)} of the architecture, such as {_show(loading.missing)}, have no weights in the "
            "file: they would be random. Declare the architecture that the file was trained with.",
            details,
        )
    if loading.unexpected:
        return Outcome(
            "warning",
            f"All {loading.matched} keys of the architecture were found.{source}{stripped} But the file has "
            f"{_count(loading.unexpected)} more, such as {_show(loading.unexpected)}, that the architecture does not "
            "know: part of what was trained is not used.",
            details,
        )
    return Outcome("passed", f"All {loading.matched} keys of the file fit the architecture.{source}{stripped}", details)


def check_classes(probe: Probe) -> Outcome:
    """Whether there are as many class names as outputs, and whether they say anything."""
    names = tuple(map(str, probe.classifier.categories))
    outputs = probe.ask(probe.inputs[:1]).shape[1]
    details = (("outputs", outputs), ("class names", len(names)))
    if outputs != len(names):
        return Outcome(
            "failed",
            f"The model gives {outputs:,} {'number' if outputs == 1 else 'numbers'}, but there "
            f"{'is 1 class name' if len(names) == 1 else f'are {len(names):,} class names'}. Give the list of classes "
            "that this head was trained with, or the weights whose head has these classes.",
            details,
        )
    if outputs == 1:
        return Outcome(
            "warning",
            "The model gives a single number, of which softmax always makes 100%. Give it two outputs, one a class.",
            details,
        )
    nameless = [name for name in names if not name.strip() or _PLACEHOLDER.fullmatch(name.strip())]
    if nameless:
        return Outcome(
            "warning",
            f"{len(nameless):,} of {outputs:,} class names say nothing, such as {_show(nameless)}. Give the real ones, "
            "in the order of the outputs.",
            (*details, ("names that say nothing", len(nameless))),
        )
    return Outcome("passed", f"The model gives {outputs:,} numbers, and each has a class name.", details)


def check_numbers(probe: Probe) -> Outcome:
    """Whether all weights are finite."""
    tensors = [*probe.module.named_parameters(), *probe.module.named_buffers()]
    counts = {name: int((~torch.isfinite(values)).sum()) for name, values in tensors if torch.is_floating_point(values)}
    wrong = {name: count for name, count in counts.items() if count}
    details = (("tensors", len(tensors)), ("not finite", sum(wrong.values())))
    if wrong:
        first = next(iter(wrong))
        return Outcome(
            "failed",
            f"{sum(wrong.values()):,} of the weights are not finite numbers, the first {wrong[first]:,} of them in "
            f"“{cut(first, 80)}”. The training went astray: use an earlier checkpoint.",
            (*details, ("first tensor", cut(first, 80)), ("tensors concerned", len(wrong))),
        )
    return Outcome("passed", "All weights are finite numbers.", details)


def _count(keys: tuple[str, ...]) -> str:
    return f"{len(keys):,} {'key' if len(keys) == 1 else 'keys'}"


def _show(names: tuple[str, ...] | list[str]) -> str:
    return join_words([f"“{cut(name, 60)}”" for name in names[:_SHOWN]])


KEYS = Check("keys", "Keys of the weights file", "Comparing keys", check_keys, asks=False)
NUMBERS = Check("weights", "Numbers in the weights", "Looking through the weights", check_numbers, asks=False)
CLASSES = Check("classes", "Classes", "Counting classes", check_classes)
