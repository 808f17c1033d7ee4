"""The process that atheris drives: python -m scripts.fuzz.guided TARGET FINDINGS and libFuzzer's own arguments.

Errors are written down, each kind at each place once, and it goes on; libFuzzer itself ends it where an input takes too
long or too much memory.
"""

import hashlib
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

_WATCHED = ("saliency_core", "pages", "PIL", "json", "zipfile", "csv", "tomlkit", "xml")
"""Modules whose branches guide it, if they are imported under atheris' eyes."""

with atheris.instrument_imports(include=list(_WATCHED)):
    import csv  # noqa: F401
    import json  # noqa: F401
    import xml.etree.ElementTree  # noqa: F401
    import zipfile  # noqa: F401

    import PIL.Image  # noqa: F401
    import tomlkit  # noqa: F401

import torch  # noqa: E402  (not under atheris' eyes: that takes a minute)

with atheris.instrument_imports(include=list(_WATCHED)):
    from scripts.fuzz.limits import MEGABYTES, tell_error
    from scripts.fuzz.targets import TARGETS, answer


def main() -> None:
    """Fuzz until libFuzzer's time is up."""
    name, findings, arguments = sys.argv[1], Path(sys.argv[2]), sys.argv[3:]
    known: set[str] = set()
    atheris.instrument_func(torch._weights_only_unpickler.Unpickler.load)
    with TemporaryDirectory() as folder:
        with atheris.instrument_imports(include=list(_WATCHED)):
            reader = TARGETS[name](Path(folder))

        def give(data: bytes) -> None:
            try:
                answer(reader, data)
            except Exception as error:  # a finding is whatever is none of ours
                kind = tell_error(error).partition(":")[0] + tell_error(error).partition(":")[2][:6]
                if kind not in known:
                    known.add(kind)
                    (findings / f"error-{hashlib.sha256(data).hexdigest()[:12]}").write_bytes(data)

        used = int(Path("/proc/self/statm").read_text().split()[1]) * 4096 // 2**20
        atheris.Setup(["fuzz", *arguments, f"-rss_limit_mb={used + 2 * MEGABYTES}"], give)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
