"""The steps of a Dockerfile performed in a folder of this machine, where no container engine need be.

The folder stands for the container's root: /opt/saliency and /var/lib/saliency lie in it, and are written so in each
step. The base image is this machine, with its Python. What this cannot show is that the image can be fetched, and that
the engine keeps the root from being written.
"""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

_INSIDE = re.compile(r"/(?:opt|var/lib)/saliency")


@dataclass(slots=True)
class Image:
    """What the steps have made.

    context: the folder that is copied from; root: stands for the container's; given: variables of the machine's that
    steps see, such as where packages are found.
    """

    context: Path
    root: Path
    given: dict[str, str]
    ignored: tuple[str, ...]
    arguments: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    folder: Path = Path()
    user: str = ""
    health: tuple[str, ...] = ()
    command: tuple[str, ...] = ()

    def perform(self, step: str) -> None:
        """Perform one step; one that is not known is an error."""
        kind, _, rest = step.partition(" ")
        rest = _INSIDE.sub(lambda found: f"{self.root}{found[0]}", rest.strip())
        if kind == "ARG":
            name, _, value = rest.partition("=")
            self.arguments.setdefault(name, value)
        elif kind == "WORKDIR":
            self.folder = Path(rest)
            self.folder.mkdir(parents=True)
        elif kind == "COPY":
            *sources, target = rest.split()
            for each in sources:
                self._copy(each, self.folder / target)
        elif kind == "RUN":
            subprocess.run(rest, shell=True, check=True, cwd=self.folder, env=self.variables() | self.arguments)
        elif kind == "ENV":
            name, _, value = rest.partition("=")
            self.environment[name] = value
        elif kind == "USER":
            self.user = rest
        elif kind == "HEALTHCHECK":
            self.health = tuple(json.loads(rest[rest.index("[") :]))
        elif kind == "CMD":
            self.command = tuple(json.loads(rest))
        else:
            assert kind in ("FROM", "VOLUME", "EXPOSE"), step

    def variables(self) -> dict[str, str]:
        """Of a process in the container."""
        return self.given | self.environment

    def start(self, command: tuple[str, ...], log: Path, **more: str) -> "subprocess.Popen[bytes]":
        """A process in the container, as its user, if this process may become it and that user may run Python."""
        user, group = (int(each) for each in self.user.split(":"))
        who = {"user": user, "group": group, "extra_groups": ()}
        try:
            subprocess.run([self.folder / command[0], "-c", ""], check=True, cwd="/", **who)  # type: ignore[call-overload]
        except (PermissionError, subprocess.CalledProcessError):
            who = {}
        with log.open("ab") as output:
            return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
                [str(self.folder / command[0]), *command[1:]],
                cwd=self.folder,
                env=self.variables() | more,
                stdout=output,
                stderr=output,
                **who,
            )

    def _copy(self, source: str, target: Path) -> None:
        def ignore(folder: str, names: list[str]) -> list[str]:
            inside = Path(folder).relative_to(self.context)
            return [name for name in names if self._is_ignored(inside / name)]

        path = self.context / source
        if path.is_dir():
            shutil.copytree(path, target, ignore=ignore, dirs_exist_ok=True)
        else:
            target.mkdir(exist_ok=True)
            shutil.copy(path, target)

    def _is_ignored(self, path: Path) -> bool:
        for pattern in self.ignored:
            if pattern.startswith("**/") and fnmatch(path.name, pattern[3:]):
                return True
            if path.as_posix() == pattern:
                return True
        return False


def build(dockerfile: Path, context: Path, root: Path, given: dict[str, str]) -> Image:
    """Perform all steps of a Dockerfile."""
    ignored = _lines(dockerfile.with_name(f"{dockerfile.name}.dockerignore").read_text())
    image = Image(context, root, given, ignored)
    for step in _lines(dockerfile.read_text().replace("\\\n", " ")):
        image.perform(step)
    return image


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for each in text.splitlines() if (line := each.strip()) and not line.startswith("#"))
