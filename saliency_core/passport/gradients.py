"""Whether the gradient of an answer reaches the picture."""

import torch

from saliency_core.engine.engine import plain_numbers
from saliency_core.passport.finding import Outcome
from saliency_core.passport.probe import Check, Probe


def check_gradient(probe: Probe) -> Outcome:
    """Whether the gradient of the best class's score reaches the input, is finite and not all zero.

    Each made-up picture is asked about by itself.
    """
    gradients = []
    for place in range(len(probe.inputs)):
        try:
            gradient = take_gradient(probe.module, probe.inputs[place : place + 1], probe)
        except RuntimeError as error:
            return Outcome(
                "failed",
                "The gradient cannot be computed: going back through the model fails. Methods that need gradients "
                "will not work.",
                (("error", next(iter(str(error).splitlines()), "")[:200]),),
            )
        if gradient is None:
            return Outcome(
                "failed",
                "No gradient reaches the picture: the model's forward() cuts it off, by detach(), no_grad(), NumPy or "
                "an argmax. Take that out; maps need the gradient.",
            )
        gradients.append(gradient)
    unusable = sum(not bool(torch.isfinite(gradient).all()) for gradient in gradients)
    zero = sum(not bool(gradient.any()) for gradient in gradients)
    details = (("pictures", len(gradients)), ("gradients not finite", unusable), ("gradients zero everywhere", zero))
    if unusable:
        return Outcome(
            "failed",
            f"The gradient is not finite for {unusable} of {len(gradients)} made-up pictures, such as where forward() "
            "takes the root or logarithm of zero.",
            details,
        )
    if zero == len(gradients):
        return Outcome(
            "failed",
            "The gradient is zero everywhere: the answer goes through a step that has none, such as rounding, a "
            "threshold or an argmax, or does not depend on the picture at all.",
            details,
        )
    if zero:
        return Outcome(
            "warning",
            f"The gradient is zero everywhere for {zero} of {len(gradients)} made-up pictures: where the model is as "
            "sure as that, maps show nothing.",
            details,
        )
    return Outcome("passed", "The gradient of a score reaches the picture and is finite.", details)


def take_gradient(module: torch.nn.Module, inputs: torch.Tensor, probe: Probe) -> torch.Tensor | None:
    """The gradient of the best class's score by an input f32 [1, 3, side, side]; None if there is no way to it.

    Raises RuntimeError where torch does.
    """
    with plain_numbers(probe.classifier.engine.device, gradients=True):
        leaf = inputs.clone().requires_grad_()
        score = module(leaf)[0].max()
        if not score.requires_grad:
            return None
        (gradient,) = torch.autograd.grad(score, leaf, allow_unused=True)
        found: torch.Tensor | None = gradient
        return found


GRADIENT_REACHES = Check("gradient", "Gradient", "Going back to the picture", check_gradient)
