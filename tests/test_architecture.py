"""The one rule about who may import whom that a reader relies on."""

import subprocess
import sys


def test_the_library_never_imports_streamlit() -> None:
    code = "import sys, saliency_core; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_who_loads_no_resnet_and_asks_for_no_map_waits_for_neither() -> None:
    code = (
        "import sys, numpy as np, saliency_core as core\n"
        "classifier = core.load_classifier('efficientnet_lite0')\n"
        "core.classify(classifier, core.Frame(np.zeros((224, 224, 3), np.uint8), core.Box(0, 0, 9, 9), (9, 9)))\n"
        "print(*{'torchvision', 'captum'} & set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert said.stdout.split() == []


def test_all_names_what_exists() -> None:
    import saliency_core

    assert all(hasattr(saliency_core, name) for name in saliency_core.__all__)
    assert sorted(saliency_core.__all__) == sorted(set(saliency_core.__all__))
