"""torchvision, also where its compiled detection operators do not fit the torch at hand.

PyPI's torchvision for Linux is built against CUDA's torch. Beside a CPU build of the same torch its
compiled library cannot load, which torchvision tolerates, but registering shape rules for those
operators then stops the import. Nothing here detects boxes, so those rules are left out.
"""

import sys
from types import ModuleType

_RULES = "torchvision._meta_registrations"

try:
    import torchvision
except RuntimeError as error:
    if "torchvision::" not in str(error):
        raise
    sys.modules[_RULES] = ModuleType(_RULES)
    import torchvision

ResNet50_Weights = torchvision.models.ResNet50_Weights
resnet50 = torchvision.models.resnet50

__all__ = ["ResNet50_Weights", "resnet50", "torchvision"]
