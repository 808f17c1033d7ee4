"""A running dashboard and a Chromium to look at it: for the browser tests and the screenshots."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).parents[1]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LAPTOP = (1366, 768)
PROJECTOR = (1920, 1080)

# A page may have to wait for the model; what is not there after two minutes never comes.
expect.set_options(timeout=120_000)

_QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def serve_dashboard(
    log: Path, environment: dict[str, str] | None = None, script: str = "dashboard.py", options: Sequence[str] = ()
) -> Iterator[str]:
    """The address of a dashboard that runs for as long as the block; its output goes to `log`.

    options: of Streamlit's, such as --server.port, which is otherwise a free one, or --server.baseUrlPath.
    """
    given = dict(zip(options[::2], options[1::2], strict=True))
    port = int(given.setdefault("--server.port", str(free_port())))
    base = given.get("--server.baseUrlPath", "").strip("/")
    settings = [word for pair in given.items() for word in pair]
    command = [sys.executable, "-m", "streamlit", "run", script, *settings]
    address = f"http://localhost:{port}/{base}".rstrip("/")
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | (environment or {}),
            stdout=output,
            stderr=output,
        ) as server,
    ):
        try:
            wait_for(f"{address}/_stcore/health")
            yield address
        finally:
            server.terminate()
            server.wait(20)


@contextmanager
def open_chromium() -> Iterator[Browser]:
    """A headless Chromium that asks nothing of the network."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=_QUIET)
        yield browser
        browser.close()


def settle(page: Page) -> None:
    """Wait until the script run that an action caused is over."""
    page.wait_for_timeout(250)
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")
    page.wait_for_timeout(150)


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(url: str) -> None:
    """Wait until an address answers well, for a minute at most."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("the dashboard did not start within a minute")
