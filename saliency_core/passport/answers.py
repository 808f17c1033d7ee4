"""What a model answers: whether it does, in what unit, and whether it answers the same when asked the same."""

import math

import torch

from saliency_core.engine.prepared import distance
from saliency_core.passport.finding import Outcome
from saliency_core.passport.layers import find_difference
from saliency_core.passport.probe import Check, Probe

SUM_TOLERANCE = 1e-3
"""How far the sum of probabilities may lie from one."""
REPEAT_APART, BATCH_APART = 1e-4, 1e-2
"""How far answers to the same input may lie apart, as distance() measures. Other inputs in the batch may change the
order of additions, and on CUDA the precision of products."""


def check_answers(probe: Probe) -> Outcome:
    """Whether the module gives one finite number a class."""
    side = probe.classifier.preset.crop
    try:
        answer = probe.ask(probe.inputs)
    except Exception as error:  # whatever a person's module raises
        return Outcome(
            "failed",
            f"The model cannot take a picture of {side} x {side} pixels ({type(error).__name__}). Check size, and "
            "that the architecture takes three channels.",
            (("error", _first_line(error)),),
        )
    if not isinstance(answer, torch.Tensor) or answer.ndim != 2 or len(answer) != len(probe.inputs):
        shape = list(answer.shape) if isinstance(answer, torch.Tensor) else type(answer).__name__
        return Outcome(
            "failed",
            f"The model does not give one row of numbers a picture, but {shape} for {len(probe.inputs)} pictures. "
            "Wrap it in a module whose forward() returns the logits alone.",
        )
    if not torch.is_floating_point(answer):
        return Outcome(
            "failed",
            "The model gives whole numbers, such as the index of its best class, and no scores. Take the argmax out "
            "of its forward().",
        )
    unusable = int((~torch.isfinite(answer)).any(dim=1).sum())
    if unusable:
        return Outcome(
            "failed",
            f"The model gives numbers that are not finite, for {unusable} of {len(answer)} made-up pictures.",
            (("pictures", len(answer)), ("answers not finite", unusable)),
        )
    details = (("least number", float(answer.min())), ("largest number", float(answer.max())))
    if bool((answer == answer[0]).all()):
        return Outcome(
            "warning",
            "The model gives every made-up picture the very same numbers: its answer does not depend on the picture, "
            "as of a head that was never trained.",
            details,
        )
    return Outcome("passed", "The model answers made-up pictures with finite numbers, one a class.", details)


def check_unit(probe: Probe) -> Outcome:
    """Whether what the module gives is logits, or probabilities, as declared."""
    answer = probe.ask(probe.inputs).to("cpu", torch.float64)
    if probe.classifier.output == "probabilities":
        sums = answer.exp().sum(dim=1)
        if float((sums - 1).abs().max()) > SUM_TOLERANCE:
            return Outcome(
                "failed",
                "The model is declared to give probabilities, but they do not sum to one. "
                'Leave the setting output = "probabilities" out.',
                (("least sum", float(sums.min())), ("largest sum", float(sums.max()))),
            )
        return Outcome(
            "passed",
            "The model gives probabilities, as declared. Maps explain their logarithm, since a probability near 0 or 1 "
            "has next to no gradient.",
        )
    sums = answer.sum(dim=1)
    if answer.shape[1] > 1 and float(answer.min()) >= 0 and float((sums - 1).abs().max()) <= SUM_TOLERANCE:
        return Outcome(
            "warning",
            "The model already gives probabilities: softmax would be taken twice, and every answer look unsure. "
            'Declare output = "probabilities".',
            (("least sum", float(sums.min())), ("largest sum", float(sums.max()))),
        )
    return Outcome("passed", "The model gives scores (logits), not probabilities.")


def check_repeats(probe: Probe) -> Outcome:
    """Whether the same input gives the same answer again."""
    first = probe.ask(probe.inputs)
    difference = max(_apart(probe.ask(probe.inputs), first) for _ in range(2))
    details = (("difference, as a share", difference),)
    if difference <= REPEAT_APART:
        return Outcome("passed", "The same pictures get the same answer each time.", details)
    place = find_difference(probe.module, lambda: probe.ask(probe.inputs[:1]))
    where = f" Answers begin to differ {place}." if place else ""
    return Outcome(
        "failed",
        "The same pictures get another answer each time: something random is left on, such as dropout called with "
        f"training=True.{where} Maps and experiments would change from run to run. Give dropout "
        "training=self.training.",
        details,
    )


def check_company(probe: Probe) -> Outcome:
    """Whether a picture gets the same answer alone and in a batch with others."""
    if check_repeats(probe).status != "passed":
        return Outcome("not tried", "Answers differ each time, so that nothing can be said of what they depend on.")
    together = probe.ask(probe.inputs)
    alone = torch.cat([probe.ask(probe.inputs[place : place + 1]) for place in range(len(probe.inputs))])
    difference = _apart(alone, together)
    details = (("difference, as a share", difference),)
    if difference <= BATCH_APART:
        return Outcome("passed", "A picture gets the same answer alone and among others.", details)
    unsteady = [
        name
        for name, layer in probe.module.named_modules()
        if isinstance(layer, torch.nn.modules.batchnorm._BatchNorm) and (layer.training or layer.running_mean is None)
    ]
    named = f" {len(unsteady)} batch normalisations have no statistics of their own, such as {unsteady[0]}."
    return Outcome(
        "failed",
        "A picture gets another answer in other company, as with batch normalisation in training "
        f"mode.{named if unsteady else ''} Random places are asked about in batches: experiments would mean nothing.",
        details,
    )


def _apart(found: torch.Tensor, expected: torch.Tensor) -> float:
    difference = distance(found, expected)
    return difference if math.isfinite(difference) else math.inf


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "")[:200]


ANSWERS = Check("answers", "Answers", "Asking it about made-up pictures", check_answers, asks=False)
UNIT = Check("output", "Unit of the output", "Adding up its numbers", check_unit)
REPEATS = Check("repeats", "Same picture, same answer", "Asking it twice", check_repeats)
COMPANY = Check("company", "Alone and among others", "Asking it about one picture at a time", check_company)
