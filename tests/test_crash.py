"""A server that is killed in the middle of something, and started again at the same address."""

import http.client
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from benchmarks.client import Visitor, come_back, make_form, visit
from benchmarks.expected import MODEL, is_right
from benchmarks.serving import Server, serve
from pages.ui.shell import NOT_HERE
from saliency_core.audit import process
from saliency_core.audit.files import holder
from saliency_core.audit.plan_file import PLAN, read_heading
from saliency_core.audit.store import SUMMARY
from scripts.browsing import CHROMIUM, ROOT, free_port, open_chromium, settle
from tests.conftest import PHOTOS
from tests.test_audit_run import draw_photos
from tests.test_crowd import draw_photo, wait

pytestmark = pytest.mark.slow

LARGE = 6 * 2**20
EXPERIMENT = f"photo=koala&model={MODEL}&crop_mode=center&regions=12-23-74-64&fill=grey&controls=19&seed=0"


@dataclass(frozen=True)
class Place:
    """A port, and the folders that a server there may write into."""

    folder: Path
    port: int

    def serve(self) -> AbstractContextManager[Server]:
        names = {"SALIENCY_KEPT_MODELS": "models", "SALIENCY_AUDITS": "audits", "TORCH_HOME": "torch", "TMPDIR": "tmp"}
        for name in names.values():
            (self.folder / name).mkdir(exist_ok=True)
        environment = {variable: str(self.folder / name) for variable, name in names.items()}
        return serve(ROOT / "dashboard.py", self.folder, self.port, environment)

    def left(self) -> list[str]:
        """The files in those folders."""
        files = [each.relative_to(self.folder) for each in self.folder.glob("*/**/*") if each.is_file()]
        return sorted(map(str, files))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, free_port())


def kill(server: Server) -> None:
    os.kill(server.process, signal.SIGKILL)


def send_half(visitor: Visitor, server: Server, folder: Path) -> http.client.HTTPConnection:
    """Half of a large file, which the server has begun to take when this returns."""
    url = visitor.ask_address("large.png").upload_url
    body, headers = make_form(server.address, "large.png", bytes(LARGE))
    connection = http.client.HTTPConnection("127.0.0.1", int(server.address.rpartition(":")[2]))
    connection.putrequest("PUT", url)
    for name, value in {**headers, "Content-Length": str(len(body))}.items():
        connection.putheader(name, value)
    connection.endheaders(body[: len(body) // 2])

    def handles() -> Iterator[str]:
        for each in Path(f"/proc/{server.process}/fd").iterdir():
            try:
                yield str(each.readlink())
            except OSError:
                continue

    wait(lambda: any(each.startswith(f"{folder}/tmp/") for each in handles()))
    return connection


def test_killed_in_the_middle_of_an_upload_and_of_an_experiment(place: Place) -> None:
    generator = np.random.default_rng(3)
    own, other = draw_photo(generator), draw_photo(generator)
    with place.serve() as server, visit(server.address, MODEL, "squash", "cat") as visitor, ExitStack() as stack:
        assert is_right(visitor.open_photo("own.png", own))
        sender = stack.enter_context(visit(server.address, MODEL, "squash", "koala"))
        sender.choose_class(1)
        stack.callback(send_half(sender, server, place.folder).close)
        kill(server)
    assert place.left() == []
    with place.serve() as server:
        with come_back(visitor) as again:
            assert again.told == [NOT_HERE]
            assert is_right(again.open_photo("own.png", own))
        with come_back(sender) as again:
            assert not again.told
            assert is_right(again.choose_class(2))
            assert is_right(again.open_photo("other.png", other))
            with visit(server.address, MODEL, "squash", "koala") as busy, ThreadPoolExecutor(1) as pool:
                running = pool.submit(busy.go_to, "masking_experiment", "")
                wait(lambda: "random places" in busy.progress or running.done())
                kill(server)
                assert running.exception()
    assert place.left() == []
    with place.serve(), come_back(sender) as once_more:
        assert not once_more.told
        assert is_right(once_more.choose_class(2))
    assert place.left() == []


def test_an_audit_outlives_the_server_that_began_it(tmp_path: Path) -> None:
    folder, out = draw_photos(tmp_path / "photos", 40), tmp_path / "audits" / "mine"
    classes = '{"red thing": "0", "green thing": "1", "blue thing": "2"}'
    arguments = [str(folder), "--model", MODEL, "--classes", classes, "--boxes", "none"]
    begin = f"""
import pathlib, time
from saliency_core.audit import process
process.begin({arguments!r}, pathlib.Path({str(out)!r}))
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", begin], cwd=ROOT) as server:
        try:
            wait(lambda: (out / PLAN).exists())
            wait(lambda: process.count_done(out, read_heading(out)) >= 2)
        finally:
            server.kill()
    try:
        assert holder(out) is not None
        assert process.count_done(out, read_heading(out)) < 40
        wait(lambda: not process.state(out).running)
        assert (out / SUMMARY).exists()
        assert process.state(out).said == f"All of it is in {out}."
    finally:
        process.stop(out)


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_a_browser_comes_back_by_itself_to_what_its_link_says(place: Place) -> None:
    verdict = ".st-key-verdict [data-testid='stMarkdown']"
    with open_chromium() as browser, browser.new_context() as context:
        experiment, own = context.new_page(), context.new_page()
        with place.serve() as server:
            experiment.goto(f"{server.address}/masking_experiment?{EXPERIMENT}")
            own.goto(f"{server.address}/saliency?model={MODEL}")
            own.locator("input[type=file]").first.set_input_files(PHOTOS / "espresso.jpg")
            expect(own).to_have_url(re.compile("photo=own-"))
            expect(experiment.get_by_text("The other fills follow")).to_have_count(0)
            said, address = experiment.locator(verdict).first.inner_text(), experiment.url
            for page in (experiment, own):
                settle(page)
                expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-connection-state", "CONNECTED")
            kill(server)
            for page in (experiment, own):
                expect(page.get_by_test_id("stApp")).not_to_have_attribute("data-test-connection-state", "CONNECTED")
        with place.serve():
            for page in (experiment, own):
                expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-connection-state", "CONNECTED")
            assert experiment.locator(verdict).first.inner_text() == said
            # Streamlit leaves on the screen what is there; whatever is clicked next begins a session at the address.
            own.get_by_role("radio", name="cup", exact=True).click()
            expect(own.get_by_text(NOT_HERE)).to_be_visible()
            experiment.get_by_role("radio", name="wombat").click()
            settle(experiment)
            expect(experiment.get_by_text("The other fills follow")).to_have_count(0)
            assert experiment.url == address
            assert experiment.locator(verdict).first.inner_text() == said
            experiment.get_by_role("radio", name="wombat").click()
            expect(experiment).to_have_url(re.compile("photo=koala.*class=106"))
