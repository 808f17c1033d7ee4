"""The Dockerfile's steps, performed, and what systemd says of the unit."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scripts.browsing import ROOT, free_port, wait_for
from tests.dockerfile import build
from tests.proxy import NGINX, run_nginx, write_configuration

UNIT = ROOT / "deploy" / "saliency@.service"
ANALYZE = shutil.which("systemd-analyze")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may look into, unlike pytest's."""
    folder = Path(tempfile.mkdtemp(prefix="image-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def list_files(folder: Path) -> dict[str, int]:
    """All files in it with the times of their last change."""
    return {str(path): path.lstat().st_mtime_ns for path in folder.rglob("*")}


@pytest.mark.slow
def test_the_dockerfile_s_steps_make_a_server_that_is_healthy_and_writes_into_one_folder(
    open_folder: Path,
) -> None:
    index = open_folder / "index"  # an index without PyTorch for the processor, so that no network is needed
    index.mkdir()
    given = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG")}
    # Packages that the tests have already are there for pip as well.
    given |= {"PYTHON": sys.executable, "PYTHONPATH": sysconfig.get_path("purelib"), "TORCH_INDEX": index.as_uri()}
    root = open_folder / "root"
    image = build(ROOT / "deploy" / "Dockerfile", ROOT, root, given)

    state = root / "var" / "lib" / "saliency"
    assert not (image.folder / "tests").exists()
    assert not (image.folder / ".streamlit" / "secrets.toml").exists()
    assert image.user == "10001:10001"
    before = {name: time for name, time in list_files(root).items() if not name.startswith(str(state))}
    log, port = open_folder / "log", free_port()
    server = image.start(image.command, log, STREAMLIT_SERVER_PORT=str(port))
    try:
        wait_for(f"http://127.0.0.1:{port}/readyz")
        assert image.start(image.health, log, STREAMLIT_SERVER_PORT=str(port)).wait(20) == 0
    finally:
        server.terminate()
        server.wait(20)
    assert image.start(image.health, log, STREAMLIT_SERVER_PORT=str(port)).wait(20) == 1, "nobody answers any more"
    after = {name: time for name, time in list_files(root).items() if not name.startswith(str(state))}
    assert after == before
    assert "Traceback" not in log.read_text()


class Answering(BaseHTTPRequestHandler):
    """Stands for a dashboard."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def asked(address: str) -> int:
    """The status of an answer."""
    try:
        with urllib.request.urlopen(address) as answer:
            status: int = answer.status
            return status
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except urllib.error.URLError:  # nginx does not listen yet
        return 0


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed: apt-get install nginx-light")
def test_a_process_that_was_away_is_asked_as_soon_as_it_is_back_and_the_other_meanwhile(tmp_path: Path) -> None:
    port, first, second = (free_port() for _ in range(3))
    with run_nginx(write_configuration(tmp_path, port, [first, second])):
        address = f"http://localhost:{port}/saliency/"
        for _ in range(100):
            if asked(address) == 502:
                break
            time.sleep(0.05)
        with ThreadingHTTPServer(("127.0.0.1", first), Answering) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            assert {asked(address) for _ in range(20)} == {200}
            server.shutdown()
            thread.join()


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed: apt-get install systemd")
def test_systemd_reads_the_unit_and_finds_it_closed(tmp_path: Path) -> None:
    text = UNIT.read_text().replace("/opt/saliency/.venv/bin/python", sys.executable)
    (tmp_path / UNIT.name).write_text(text)
    unit = tmp_path / "saliency@8501.service"
    said = subprocess.run([str(ANALYZE), "verify", str(unit)], capture_output=True, text=True)
    assert (said.returncode, said.stderr) == (0, "")
    # 0 is closed, 100 is open; a unit without a word has 96.
    command = [str(ANALYZE), "security", "--offline=yes", "--threshold=20", str(tmp_path / UNIT.name)]
    said = subprocess.run(command, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout[-300:]
