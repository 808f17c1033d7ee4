"""Who may import whom, read off the source, and what importing the library must not bring along."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = (
    "version",
    "packages",
    "errors",
    "checks",
    "threads",
    "text",
    "plain",
    "photos",
    "engine",
    "models",
    "methods",
    "passport",
    "masking",
    "evidence",
    "audit",
    "presentation",
    "__init__",
    "commands",
    "__main__",
)
"""The library from the bottom up: a module imports from its own room and from those before it. The engine lies
below the models because a classifier owns its engine, which needs to know nothing of classes or weights."""
PRIVATE_OPERATORS = re.compile(r"ops\.mkldnn|mkldnn_reorder")


def name_module(file: Path) -> str:
    """A file's dotted name: saliency_core/photos/__init__.py -> saliency_core.photos."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """The room of one of the library's modules: saliency_core.photos.photo -> photos."""
    return [*module.split("."), "__init__"][1]


def imports_of(file: Path, text: str | None = None) -> Iterator[str]:
    """The names that a file imports from, wherever it does: at its top, in a function, for a type checker only.

    text: what the file says, if not what is on disk.
    """
    package = name_module(file).split(".")
    if file.name != "__init__.py":
        package.pop()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8") if text is None else text)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{origin}.{each.name}" for each in node.names)


def resolve(name: str, modules: set[str]) -> str | None:
    """The module that an imported name is, or is taken from; None if it is none of ours."""
    if name in modules:
        return name
    origin = name.rpartition(".")[0]
    return origin if origin in modules else None


def draw_graph(files: list[Path]) -> dict[str, set[str]]:
    """Each module of the files with those of them that it imports."""
    modules = {name_module(file): file for file in files}
    return {
        module: {found for name in imports_of(file) if (found := resolve(name, set(modules))) not in (None, module)}
        for module, file in modules.items()
    }


def climbing(graph: dict[str, set[str]]) -> list[str]:
    """The library's imports that go from a room to one above it."""
    return [
        f"{module} imports {imported}"
        for module, all_imported in graph.items()
        for imported in all_imported
        if module.startswith("saliency_core")
        if not imported.startswith("saliency_core") or ROOMS.index(room_of(imported)) > ROOMS.index(room_of(module))
    ]


SOURCES = sorted(
    [
        ROOT / "dashboard.py",
        *(
            file
            for folder in ("saliency_core", "pages", "scripts", "benchmarks")
            for file in (ROOT / folder).rglob("*.py")
        ),
    ]
)
GRAPH = draw_graph(SOURCES)
LIBRARY = [file for file in SOURCES if (ROOT / "saliency_core") in file.parents]


def test_the_source_was_found() -> None:
    assert len(LIBRARY) > 30
    assert "saliency_core.photos.photo" in GRAPH["saliency_core.photos.frame"]
    assert "saliency_core.models.vision" in GRAPH["saliency_core.models.networks"]  # a function's import


def test_no_modules_import_each_other_in_a_circle() -> None:
    try:
        TopologicalSorter(GRAPH).prepare()
    except CycleError as error:
        pytest.fail("A circle of imports: " + " <- ".join(error.args[1]))


def test_every_room_of_the_library_has_its_place() -> None:
    assert {room_of(name_module(file)) for file in LIBRARY} <= set(ROOMS)


def test_no_module_imports_from_a_room_above_its_own() -> None:
    assert climbing(GRAPH) == []


def test_only_what_draws_the_dashboard_or_drives_it_imports_streamlit() -> None:
    guests = [
        name_module(file) for file in LIBRARY if any(name.split(".")[0] == "streamlit" for name in imports_of(file))
    ]
    assert guests == []


def test_only_the_engine_knows_of_torch_s_private_operators() -> None:
    knowing = {file.parent for file in SOURCES if PRIVATE_OPERATORS.search(file.read_text(encoding="utf-8"))}
    assert knowing == {ROOT / "saliency_core" / "engine"}


@pytest.mark.parametrize(
    ("text", "imported"),
    [
        ("import a.b", ["a.b"]),
        ("from a.b import c, d", ["a.b.c", "a.b.d"]),
        ("def later():\n    from a import b", ["a.b"]),
        ("from . import regions", ["saliency_core.photos.regions"]),
        ("from .regions import Region", ["saliency_core.photos.regions.Region"]),
        ("from ..errors import PhotoError", ["saliency_core.errors.PhotoError"]),
    ],
)
def test_imports_are_read_however_they_are_written(text: str, imported: list[str]) -> None:
    assert list(imports_of(ROOT / "saliency_core" / "photos" / "photo.py", text)) == imported


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("saliency_core.engine.engine", "saliency_core.models.classifier"),
        ("saliency_core.errors", "saliency_core.photos.photo"),
        ("saliency_core.methods.gradient", "saliency_core"),
        ("saliency_core.presentation.report", "pages.ui.words"),
    ],
)
def test_an_import_upwards_is_noticed(module: str, imported: str) -> None:
    assert climbing({module: {imported}}) == [f"{module} imports {imported}"]


def test_the_library_never_imports_streamlit() -> None:
    code = "import sys, saliency_core; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_who_loads_no_resnet_and_asks_for_no_map_waits_for_nothing_that_these_need() -> None:
    code = (
        "import sys, numpy as np, saliency_core as core\n"
        "from saliency_core.photos.frame import Box\n"
        "classifier = core.load_classifier('efficientnet_lite0')\n"
        "core.classify(classifier, core.Frame(np.zeros((224, 224, 3), np.uint8), Box(0, 0, 9, 9), (9, 9)))\n"
        "print(*{'torchvision', 'captum', 'scipy.ndimage', 'matplotlib'} & set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert said.stdout.split() == []


def test_all_names_what_exists() -> None:
    import saliency_core

    assert all(hasattr(saliency_core, name) for name in saliency_core.__all__)
    assert sorted(saliency_core.__all__) == sorted(set(saliency_core.__all__))
