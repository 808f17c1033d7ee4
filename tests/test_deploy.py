"""A dashboard as deploy/ sets it up: two processes behind nginx with a base path and a login, in a real browser."""

import http.client
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlparse

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from scripts.browsing import CHROMIUM, open_chromium, settle
from tests.identity import NAME
from tests.proxy import BASE, NGINX, Deployed, deploy

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed: apt-get install nginx-light"),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium"),
]
UPLOAD = re.compile(rf"{BASE}/_stcore/upload_file/([\w-]+)/[\w-]+")
PAGES = ("saliency", "masking_experiment", "evidence", "audit", "models", "about")


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with deploy(tmp_path_factory.mktemp("deployed")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_chromium() as opened:
        yield opened


@pytest.fixture
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """Somebody new, with no cookie."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    yield context
    context.close()


@pytest.fixture(scope="module")
def member(browser: Browser, deployed: Deployed) -> Iterator[BrowserContext]:
    """Somebody who has logged in."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    log_in(page, deployed)
    page.close()
    yield context
    context.close()


def log_in(page: Page, deployed: Deployed) -> None:
    """Through the provider, and back."""
    page.goto(f"{deployed.address}/")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text(f"Logged in as {NAME}")).to_be_visible()
    settle(page)


def xsrf_token(context: BrowserContext) -> str:
    """What Streamlit's page would read from its cookie and send along."""
    return next(each.get("value", "") for each in context.cookies() if each.get("name") == "_streamlit_xsrf")


def status(address: str, method: str = "GET", headers: dict[str, str] | None = None, length: int = 0) -> int:
    """What a plain client without a cookie gets. length: of a body, which is said and not sent beyond some bytes."""
    where = urlparse(address)
    connection = http.client.HTTPConnection(where.netloc, timeout=20)
    connection.putrequest(method, where.path)
    for name, value in ({"Content-Length": str(length)} | (headers or {})).items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse().status
    connection.close()
    return answer


def wait_until(true: Callable[[], bool]) -> None:
    """For five seconds at most."""
    for _ in range(50):
        if true():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come true within five seconds")


@pytest.mark.parametrize("path", ["", "saliency"])
def test_without_a_login_there_is_a_page_to_log_in_on_and_nothing_else(
    visitor: BrowserContext, deployed: Deployed, path: str
) -> None:
    page = visitor.new_page()
    sent: list[bytes] = []

    def keep(data: str | bytes) -> None:
        sent.append(data if isinstance(data, bytes) else data.encode())

    page.on("websocket", lambda socket: socket.on("framereceived", keep))
    page.goto(f"{deployed.address}/{path}?photo=koala&step=1")
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    settle(page)
    assert page.locator("h1").all_inner_texts() == ["Log in"]
    bar, title = (page.locator(each).bounding_box() for each in ("header", "h1"))
    assert bar
    assert title
    assert title["y"] >= bar["y"] + bar["height"], "the bar covers nothing of it"
    assert page.get_by_test_id("stSidebarNavLink").count() == 0
    told = b"".join(sent)
    assert b"Log in" in told
    for word in (b"data:image/jpeg", b"koala", b"EfficientNet", b"Masking experiment"):
        assert word not in told


def test_a_login_opens_the_pages_and_a_logout_closes_them(visitor: BrowserContext, deployed: Deployed) -> None:
    page = visitor.new_page()
    log_in(page, deployed)
    expect(page.get_by_text("EfficientNet-Lite0").first).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    page.goto(f"{deployed.address}/saliency")
    expect(page.get_by_role("button", name="Log in")).to_be_visible()


def test_the_headers_are_there_and_no_page_is_hindered_by_them(member: BrowserContext, deployed: Deployed) -> None:
    page, hindered = member.new_page(), []
    page.on("console", lambda said: hindered.append(said.text) if "Content Security Policy" in said.text else None)
    answer = page.goto(f"{deployed.address}/")
    assert answer is not None
    headers = answer.all_headers()
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    for path in PAGES:
        page.goto(f"{deployed.address}/{path}")
        expect(page.locator("h1").first).to_be_visible()
        if path == "evidence":  # computes for half a minute, which is not waited for
            page.wait_for_timeout(3000)
        else:
            settle(page)
        assert page.get_by_test_id("stException").count() == 0
    page.goto(f"{deployed.address}/saliency")
    expect(page.locator("canvas").first).to_be_visible()
    assert hindered == []
    page.close()


def test_a_photo_comes_through_and_what_is_too_large_does_not(
    member: BrowserContext, visitor: BrowserContext, deployed: Deployed, tmp_path: Path
) -> None:
    photo = tmp_path / "secret-name.png"
    noise = Image.effect_noise((1400, 1400), 80)
    noise.save(photo)
    assert photo.stat().st_size > 1.2 * 2**20  # what every other address refuses
    page, asked = member.new_page(), []
    page.on("request", lambda request: asked.append((request.method, request.url)))
    page.goto(f"{deployed.address}/classification")
    settle(page)
    page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(photo)
    expect(page.get_by_text("secret-name.png").first).to_be_visible()
    settle(page)
    (put,) = (url for method, url in asked if method == "PUT")
    session = UPLOAD.search(put)
    assert session is not None

    # What is above the limit does not reach a dashboard, and what is no file is held to a smaller one.
    assert status(put, "PUT", length=502 * 2**20) == 413
    assert status(f"{deployed.address}/", "POST", length=2 * 2**20) == 413

    # Guessing the address of somebody's file gives nothing, with a login or without; nor can anything be put there.
    assert status(put) == 403
    mine = member.request
    token = xsrf_token(member)
    form: dict[str, Any] = {"file": {"name": "a.png", "mimeType": "image/png", "buffer": b"1"}}
    assert mine.get(put).text() == mine.get(f"{deployed.address}/").text(), (
        "Streamlit's page, as at every unknown address"
    )
    assert mine.put(put, multipart=form).status == 403, "without the XSRF token"
    assert mine.put(put, multipart=form, headers={"X-Xsrftoken": "2|0|0|0"}).status == 403, "with a wrong one"
    assert mine.put(put, multipart=form, headers={"X-Xsrftoken": token}).status == 204
    stranger = visitor.request
    stranger.get(f"{deployed.address}/_stcore/health")
    theirs = xsrf_token(visitor)
    assert stranger.put(put, multipart=form, headers={"X-Xsrftoken": theirs}).status == 403, "without a login"

    # The link of that photo is of no use to others who have logged in.
    link = page.url
    assert "own-" in link
    other = visitor.new_page()
    log_in(other, deployed)
    other.goto(link)
    expect(other.get_by_text("somebody’s own photo")).to_be_visible()
    page.close()


def test_a_download_is_closed_to_whoever_has_not_logged_in(
    member: BrowserContext, visitor: BrowserContext, deployed: Deployed
) -> None:
    page = member.new_page()
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url) if f"{BASE}/media/" in request.url else None)
    page.goto(f"{deployed.address}/saliency")
    settle(page)
    assert fetched == [], "photos and maps are sent within components, never as files with an address"
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save report").click()
    address = saved.value.url
    assert f"{BASE}/media/" in address
    report = member.request.get(address).body()
    assert report == Path(saved.value.path()).read_bytes()
    assert visitor.request.get(address).status == 403
    for written in ("//media/", "/%6dedia/", "/./media/", "/x/../media/", "/media//", "/Media/"):
        answer = visitor.request.get(address.replace("/media/", written))
        assert answer.body() != report, written
    page.close()


def test_a_browser_stays_with_the_process_that_it_began_with(deployed: Deployed) -> None:
    served: list[set[str]] = []
    for number in range(12):
        path = f"{BASE}/browser-{number}"  # nobody else's requests are at it; any address is answered with the page
        cookie = ""
        for _ in range(5):
            asked = urllib.request.Request(urljoin(deployed.address, path), headers={"Cookie": cookie})
            with urllib.request.urlopen(asked) as answer:
                given = answer.headers["Set-Cookie"] or ""
            assert ("replica=" in given) == (not cookie), "a browser is told once"
            cookie = cookie or given.partition(";")[0]
        wait_until(partial(_has_answered, deployed, path, 5))
        served.append(set(_processes(deployed, path)))
    assert all(len(each) == 1 for each in served), served
    assert len(set.union(*served)) == 2, "both processes are used"


def _has_answered(deployed: Deployed, path: str, count: int) -> bool:
    return len(_processes(deployed, path)) == count


def _processes(deployed: Deployed, path: str) -> list[str]:
    """Which process answered each request for a path."""
    return [line.split()[-2] for line in deployed.lines("nginx") if f" {path} " in line]


def test_logs_tell_a_run_and_the_proxy_s_request_but_no_photo(member: BrowserContext, deployed: Deployed) -> None:
    page = member.new_page()
    page.goto(f"{deployed.address}/classification?photo=koala")
    settle(page)
    page.close()
    told = [line for name in ("dashboard-0", "dashboard-1") for line in deployed.lines(name)]
    runs = [record for line in told if line.startswith("{") and "page" in (record := json.loads(line))]
    of_page = [each for each in runs if each["page"] == "Classification" and each["outcome"] == "done"]
    assert of_page
    wait_until(lambda: of_page[-1]["request"] in "".join(deployed.lines("nginx")))  # written as the connection ends
    assert not re.search("koala|secret-name", "\n".join(told))


def test_metrics_and_readiness_are_told_on_the_machine_alone(member: BrowserContext, deployed: Deployed) -> None:
    page = member.new_page()
    page.goto(f"{deployed.address}/saliency?photo=rocket")
    settle(page)
    metrics = ""
    for replica in deployed.replicas:
        assert status(f"{replica}/readyz") == 200
        with urllib.request.urlopen(f"{replica}/metrics") as answer:
            metrics += answer.read().decode()
    page.close()
    told = (line.rpartition(" ") for line in metrics.splitlines() if line.startswith("saliency_"))
    counts = {name: float(value) for name, _, value in told}
    assert counts['saliency_answer_seconds_count{kind="explanation"}'] >= 1
    assert re.search(r"^saliency_sessions [1-9]", metrics, re.MULTILINE)
    assert re.search(r"^saliency_models_in_memory [1-9]", metrics, re.MULTILINE)
    root = deployed.address.removesuffix(BASE)
    for path in (f"{root}/metrics", f"{root}/readyz", f"{deployed.address}/_stcore/metrics"):
        assert status(path) == 404


def test_who_is_an_owner_may_add_models_behind_the_proxy(member: BrowserContext, deployed: Deployed) -> None:
    page = member.new_page()
    page.goto(f"{deployed.address}/models")
    settle(page)
    expect(page.get_by_text("Add a model of your own")).to_be_visible()
    page.close()
