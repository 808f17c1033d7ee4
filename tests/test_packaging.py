"""What is installed: the library whole, with its types and templates, and without the dashboard's packages."""

import shutil
import subprocess
import sys
from email.message import Message
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import saliency_core

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "saliency_core"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """The library built as for PyPI, from a copy: building leaves folders behind."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE", "requirements-library.txt"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(LIBRARY, source / LIBRARY.name, ignore=shutil.ignore_patterns("__pycache__"))
    code = "from setuptools.build_meta import build_wheel; build_wheel('.')"
    subprocess.run([sys.executable, "-c", code], cwd=source, check=True, capture_output=True)
    (built,) = source.glob("*.whl")
    return ZipFile(built)


def read_metadata(wheel: ZipFile) -> Message:
    """What the wheel says of itself."""
    (name,) = (name for name in wheel.namelist() if name.endswith("/METADATA"))
    return Parser().parsestr(wheel.read(name).decode())


def required(file: str) -> set[tuple[str, SpecifierSet]]:
    """The packages that a requirements file names itself, and the versions it takes."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    needs = [Requirement(each) for line in lines if (each := line.partition("#")[0].strip()) and each[0] != "-"]
    return {(each.name, each.specifier) for each in needs}


def test_a_wheel_has_all_of_the_library_s_files(wheel: ZipFile) -> None:
    files = {
        file.relative_to(ROOT).as_posix()
        for file in LIBRARY.rglob("*")
        if file.suffix in (".py", ".html", ".css", ".js", ".txt", ".json") or file.name == "py.typed"
    }
    assert "saliency_core/py.typed" in files
    assert {name for name in wheel.namelist() if name.startswith("saliency_core/")} == files


def test_a_wheel_says_the_library_s_version(wheel: ZipFile) -> None:
    assert read_metadata(wheel)["Version"] == saliency_core.__version__


def test_the_dashboard_s_packages_are_an_extra(wheel: ZipFile) -> None:
    needs = [Requirement(line) for line in read_metadata(wheel).get_all("Requires-Dist", [])]
    library = {(each.name, each.specifier) for each in needs if each.marker is None}
    dashboard = {(each.name, each.specifier) for each in needs if str(each.marker) == 'extra == "dashboard"'}
    assert library == required("requirements-library.txt")
    assert dashboard == required("requirements.txt")


def test_the_tests_have_all_extras(wheel: ZipFile) -> None:
    lines = [Requirement(line) for line in read_metadata(wheel).get_all("Requires-Dist", [])]
    extras = {
        (each.name, each.specifier)
        for each in lines
        if str(each.marker)
        in {f'extra == "{name}"' for name in ("audit", "cluster", "heic", "login", "models", "server")}
    }
    assert {name for name, _ in extras} == {
        *("authlib", "duckdb", "httpx", "pi-heif", "prometheus-client", "pyarrow", "ray", "timm", "transformers")
    }
    assert extras <= required("requirements-dev.txt")


def test_a_server_installs_the_dashboard_s_packages_and_what_a_team_needs(wheel: ZipFile) -> None:
    needs = [Requirement(line) for line in read_metadata(wheel).get_all("Requires-Dist", [])]
    extras = {
        (each.name, each.specifier)
        for each in needs
        if str(each.marker) in {f'extra == "{name}"' for name in ("heic", "login", "server")}
    }
    assert required("deploy/requirements.txt") == extras
    assert "-r ../requirements.txt" in (ROOT / "deploy" / "requirements.txt").read_text(encoding="utf-8")


def test_ci_runs_the_readme_s_test_command_to_the_letter() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    (command,) = (line.strip() for line in lines if line.startswith("    ") and line.endswith("&& pytest"))
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
