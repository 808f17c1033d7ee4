"""What is written on a disk that is full or read-only, by several processes at once, or by one that is killed: what was
there stays whole, and nothing half written is left."""

import multiprocessing
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from saliency_core import MODELS, SaliencyError
from saliency_core.audit.files import write_whole
from saliency_core.audit.store import write_rows
from saliency_core.models import kept
from saliency_core.models.kept import Draft, kept_models, make_draft
from saliency_core.models.weights import clear_partials, fetch_weights
from saliency_core.passport.finding import Finding, Passport
from saliency_core.passport.store import find_passport, keep_passport
from tests.made_audit import draw_rows, write_audit
from tests.test_weights import CONTENT, Host, checked_name
from tests.test_weights import cache as cache
from tests.test_weights import host as host

resource = pytest.importorskip("resource", reason="limits are set as POSIX does")
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
TABLE = {"architecture": "torchvision:resnet18", "checkpoint": "weights.pth", "classes": ["cat", "dog"]}
MODEL = MODELS["efficientnet_lite0"]


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file()}


class Child:
    """A process of its own that does some work and says what came of it: a word, or an error's sentence."""

    def __init__(self, work: Callable[[], object], before: Callable[[], object] = lambda: None) -> None:
        context = multiprocessing.get_context("fork")
        self._said, says = context.Pipe(duplex=False)
        self.process = context.Process(target=_work, args=(work, before, says))
        self.process.start()
        says.close()

    def result(self) -> str:
        said = self._said.recv() if self._said.poll(30) else "nothing"
        self.process.join(30)
        return str(said)

    def kill(self) -> None:
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.join(30)


def _work(work: Callable[[], object], before: Callable[[], object], says: Connection) -> None:
    try:
        before()
        said = f"done: {work()}"
    except SaliencyError as error:
        said = str(error)
    except BaseException as error:  # whatever it is, the test is told
        said = f"{type(error).__name__}: {error}"
    says.send(said)
    os._exit(0)  # nothing of pytest's is to be tidied up here


def fill_disk(room: int) -> Callable[[], None]:
    """No file can grow beyond so many bytes: the system refuses a write in its middle, as a full disk does."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    return limit


@pytest.fixture
def kept_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of kept models with one in it."""
    folder = tmp_path / "data" / "models"
    monkeypatch.setenv("SALIENCY_KEPT_MODELS", str(folder))
    make_draft("old", TABLE, {"weights.pth": b"old"}).keep()
    return folder


def passport(title: str) -> Passport:
    return Passport("small", title, "", "", "2026-01-31", (), (Finding("fit", "Weights", "passed", "They fit."),))


class TestFullDisk:
    def test_a_download(self, cache: Path, host: Host) -> None:
        cache.mkdir(parents=True)
        (cache / "other.pth").write_bytes(b"old")
        said = Child(lambda: fetch_weights(host.url()), fill_disk(300_000)).result()
        assert "cannot be written into" in said
        assert "Make room there" in said
        assert files_in(cache) == {"other.pth": b"old"}
        assert fetch_weights(host.url())[0].read_bytes() == CONTENT

    def test_a_model_that_is_added(self, kept_here: Path) -> None:
        before = files_in(kept_here)
        said = Child(lambda: make_draft("new", TABLE, {"weights.pth": CONTENT}), fill_disk(300_000)).result()
        assert "Make room there" in said
        assert files_in(kept_here) == before
        assert not list((kept_here / ".drafts").iterdir())
        assert list(kept_models()) == ["old"]

    @pytest.mark.usefixtures("kept_here")
    def test_a_passport(self, kept_here: Path) -> None:
        keep_passport("small", MODEL, passport("Old"))
        said = Child(lambda: keep_passport("small", MODEL, passport("New")), fill_disk(100)).result()
        assert "Make room there" in said
        found = find_passport("small", MODEL)
        assert found is not None
        assert found.title == "Old"
        assert len(files_in(kept_here.parent / "passports")) == 1

    def test_an_audits_file(self, tmp_path: Path) -> None:
        write_whole(tmp_path / "plan.json", b"old")
        assert "OSError" in Child(lambda: write_whole(tmp_path / "plan.json", CONTENT), fill_disk(1000)).result()
        assert files_in(tmp_path) == {"plan.json": b"old"}

    def test_an_audits_rows(self, tmp_path: Path) -> None:
        plan = write_audit(tmp_path, draw_rows(40, 2), ("cat", "dog", "cup"))
        before = files_in(tmp_path)
        assert "OSError" in Child(lambda: write_rows(tmp_path, plan), fill_disk(1000)).result()
        assert files_in(tmp_path) == before


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    paths = [each for each in (folder, *folder.rglob("*")) if each.is_dir()]
    for path in paths:
        path.chmod(0o555)
    try:
        yield
    finally:
        for path in paths:
            path.chmod(0o755)


def as_nobody() -> None:
    """The administrator may write anywhere, so becomes somebody else."""
    if os.geteuid() == 0:
        os.seteuid(65534)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user of the machine may look into."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


class TestReadOnly:
    def test_a_cache(self, open_folder: Path, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TORCH_HOME", str(open_folder))
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        folder = open_folder / "hub" / "checkpoints"
        folder.mkdir(parents=True)
        with read_only(open_folder):
            said = Child(lambda: fetch_weights(host.url()), as_nobody).result()
            assert "Make room there and make it writable, or set TORCH_HOME to another folder." in said
        assert not files_in(open_folder)
        (folder / checked_name(CONTENT)).write_bytes(CONTENT)
        with read_only(open_folder):  # what is there is of use
            assert Child(lambda: fetch_weights(host.url())[0].name, as_nobody).result() == (
                f"done: {checked_name(CONTENT)}"
            )

    def test_kept_models(self, open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        folder = open_folder / "models"
        monkeypatch.setenv("SALIENCY_KEPT_MODELS", str(folder))
        make_draft("old", TABLE, {"weights.pth": b"old"}).keep()
        before = files_in(open_folder)
        with read_only(open_folder):
            for work in (
                lambda: make_draft("new", TABLE, {"weights.pth": b"new"}),
                lambda: kept.forget_model("old"),
                lambda: keep_passport("small", MODEL, passport("New")),
            ):
                assert "cannot be written" in Child(work, as_nobody).result()
            assert Child(lambda: list(kept_models()), as_nobody).result() == "done: ['old']"
        assert files_in(open_folder) == before


class TestSeveralProcesses:
    def test_downloads_at_once(self, cache: Path, host: Host) -> None:
        host.before_body = 0.5  # so that each has begun before one is done
        children = [Child(lambda: fetch_weights(host.url())[1].sha256) for _ in range(3)]
        said = {child.result() for child in children}
        assert len(said) == 1
        assert said.pop().startswith("done: ")
        assert files_in(cache) == {checked_name(CONTENT): CONTENT}
        assert len(host.requests) == 3

    def test_a_download_that_is_killed(self, cache: Path, host: Host) -> None:
        """What it leaves is taken away with the next download, once it cannot be another's that goes on."""
        host.length = str(2 * len(CONTENT))  # so that it waits for more
        host.after_body = 20.0
        child = Child(lambda: fetch_weights(host.url()))
        until = time.monotonic() + 20
        while not any(files_in(cache).values()) and time.monotonic() < until:
            time.sleep(0.02)
        child.kill()
        host.length, host.after_body = None, 0.0
        (partial,) = cache.iterdir()
        assert partial.name.endswith(".part")
        path = cache / checked_name(CONTENT)
        clear_partials(path)
        assert partial.exists()
        os.utime(partial, (time.time() - 7200,) * 2)
        assert fetch_weights(host.url())[0] == path
        assert files_in(cache) == {path.name: CONTENT}

    @pytest.mark.usefixtures("kept_here")
    def test_two_models_of_one_name(self) -> None:
        drafts = [make_draft("new", TABLE, {"weights.pth": text}) for text in (b"one", b"two")]
        gate = multiprocessing.get_context("fork").Barrier(2)
        children = [Child(draft.keep, gate.wait) for draft in drafts]
        said = sorted(child.result() for child in children)
        assert said[0].startswith("There is a kept model called “new” already.")
        assert said[1] == "done: None"
        assert list(kept_models()) == ["new", "old"]

    def test_a_model_whose_adding_is_killed(self, kept_here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """None is ever among the kept ones half; what is left is taken away a day later."""
        written = kept_here / "written"

        def write_half(path: Path, data: bytes) -> None:
            with path.open("wb") as file:
                file.write(data[: len(data) // 2])
            written.touch()
            time.sleep(60)

        def add() -> Draft:
            monkeypatch.setattr(Path, "write_bytes", write_half)
            return make_draft("new", TABLE, {"weights.pth": CONTENT})

        child = Child(add)
        until = time.monotonic() + 20
        while not written.exists() and time.monotonic() < until:
            time.sleep(0.02)
        child.kill()
        assert list(kept_models()) == ["old"]
        (left,) = (kept_here / ".drafts").iterdir()
        assert 0 < (left / "weights.pth").stat().st_size < len(CONTENT)
        os.utime(left, (time.time() - 90_000,) * 2)
        make_draft("new", TABLE, {"weights.pth": CONTENT}).keep()
        assert list(kept_models()) == ["new", "old"]
        assert not list((kept_here / ".drafts").iterdir())
