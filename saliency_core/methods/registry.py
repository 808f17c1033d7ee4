"""The methods that can be chosen. To add one: write its module, and put its row here or register() it."""

from saliency_core.checks import one_of
from saliency_core.methods.class_activation import GRAD_CAM, LAYER_CAM
from saliency_core.methods.contributions import INPUT_X_GRADIENT, INTEGRATED_GRADIENTS
from saliency_core.methods.gradient import GRADIENT
from saliency_core.methods.guided import GUIDED_BACKPROP
from saliency_core.methods.method import Method
from saliency_core.methods.occlusion import OCCLUSION
from saliency_core.methods.rise import RISE
from saliency_core.methods.smoothgrad import SMOOTHGRAD

DEFAULT_METHOD = GRADIENT.key
_METHODS: dict[str, Method] = {}


def register(method: Method) -> None:
    """Add a method to the registry, or replace the one with its key."""
    _METHODS[method.key] = method


def unregister(key: str) -> None:
    """Take a method out of the registry."""
    _METHODS.pop(key, None)


def methods() -> tuple[Method, ...]:
    """All methods, in the order they were registered."""
    return tuple(_METHODS.values())


def find_method(key: str) -> Method:
    """The method with a key.

    Raises RequestError if there is none.
    """
    return _METHODS[one_of(key, "method", _METHODS)]


for each in (
    GRADIENT,
    SMOOTHGRAD,
    GRAD_CAM,
    LAYER_CAM,
    INPUT_X_GRADIENT,
    INTEGRATED_GRADIENTS,
    GUIDED_BACKPROP,
    OCCLUSION,
    RISE,
):
    register(each)
