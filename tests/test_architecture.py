"""The one rule about who may import whom that a reader relies on."""

import subprocess
import sys


def test_the_library_never_imports_streamlit() -> None:
    code = "import sys, saliency_core; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_all_names_what_exists() -> None:
    import saliency_core

    assert all(hasattr(saliency_core, name) for name in saliency_core.__all__)
    assert sorted(saliency_core.__all__) == sorted(set(saliency_core.__all__))
