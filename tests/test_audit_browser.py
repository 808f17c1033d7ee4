"""The page Audit in a real browser: begun, watched, read, and a photo taken to its masking experiment."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import saliency_core as core
from saliency_core.audit.home import HOME
from saliency_core.audit.measure import Settings
from saliency_core.audit.planning import make_plan
from saliency_core.audit.run import run_audit
from scripts.browsing import CHROMIUM, LAPTOP, PROJECTOR, serve_dashboard, settle
from tests.conftest import PHOTOS
from tests.small_audit import small_classifier
from tests.test_accessibility import Examination, unfold
from tests.test_accessibility import browser as browser
from tests.test_accessibility import examination as examination
from tests.test_audit_run import draw_photos
from tests.test_screens import CUT, PHONE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]

SAMPLES = ("koala", "espresso", "rocket-pad")


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three sample photos with a table of their objects."""
    folder = tmp_path_factory.mktemp("samples")
    lines = ["file,xmin,ymin,xmax,ymax"]
    for entry in json.loads((PHOTOS / "manifest.json").read_text())["photos"]:
        if entry["id"] not in SAMPLES:
            continue
        shutil.copy(PHOTOS / entry["file"], folder)
        photo = core.decode_photo((PHOTOS / entry["file"]).read_bytes())
        left, top, right, bottom = entry["boxes"][0]["box"]
        edges = (left * photo.width, top * photo.height, right * photo.width, bottom * photo.height)
        lines.append(",".join([entry["file"], *(f"{edge:.0f}" for edge in edges)]))
    (folder / "boxes.csv").write_text("\n".join(lines))
    return folder


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, classifier: core.Classifier, samples: Path) -> Iterator[str]:
    """A dashboard with two finished audits: of colours, enough of each to say something, and of samples."""
    folder = tmp_path_factory.mktemp("server")
    small, quick = small_classifier(), Settings(n_controls=19)
    colours = draw_photos(folder / "photos", 33)
    list(run_audit(make_plan(colours, small, settings=quick), small, folder / "audits" / "colours"))
    list(run_audit(make_plan(samples, classifier, settings=quick), classifier, folder / "audits" / "samples"))
    environment = {"TORCH_HOME": str(folder), "HTTPS_PROXY": "http://127.0.0.1:9", HOME: str(folder / "audits")}
    with serve_dashboard(folder / "log.txt", environment) as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A visitor."""
    context = browser.new_context(viewport={"width": LAPTOP[0], "height": LAPTOP[1]})
    yield context.new_page()
    context.close()


def test_a_photo_goes_to_its_masking_experiment_and_back(page: Page, address: str) -> None:
    page.goto(address + "/audit?audit=samples")
    tiles = page.locator(".strip button")
    expect(tiles.first).to_be_visible()
    settle(page)
    page.get_by_role("combobox", name="Class").click()
    page.get_by_role("option", name="koala").click()
    settle(page)
    expect(tiles).to_have_count(1)
    expect(tiles.first).to_contain_text("“koala”")
    need = tiles.first.locator("p").first.inner_text()
    tiles.first.click()
    expect(page.get_by_role("heading", name="Masking experiment")).to_be_visible()
    expect(page.locator(".region")).to_have_count(1)
    expect(page.locator(".st-key-verdict")).to_contain_text("19 random places")
    assert "controls=19" in page.url
    assert "declared=object" in page.url
    assert need.startswith("Need ")
    settle(page)
    page.go_back()
    expect(page.get_by_role("heading", name="Audit")).to_be_visible()
    expect(tiles.first).to_contain_text("“koala”")


def test_an_audit_is_begun_watched_and_read(page: Page, address: str, samples: Path) -> None:
    page.goto(address + "/audit")
    page.get_by_text("Audit a folder").click()
    settle(page)
    folder = page.get_by_placeholder("/data/photos")
    folder.fill(str(samples))
    folder.press("Enter")
    settle(page)
    page.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name="EfficientNet-Lite0").click()
    settle(page)
    page.get_by_role("button", name="Look through the folder").click()
    expect(page.get_by_text("3 photos, 3 with boxes, 0 with a label")).to_be_visible()
    name = page.get_by_role("textbox", name="What to call it")
    name.fill("Begun here")
    name.press("Enter")
    settle(page)
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()
    assert "audit=begun-here" in page.url
    expect(page.locator(".strip button").first).to_be_visible(timeout=180_000)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    page.get_by_role("button", name="Delete it").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    settle(page)
    expect(page.get_by_text("begun-here")).to_have_count(0)


@pytest.mark.parametrize("size", [PHONE, LAPTOP, PROJECTOR])
def test_nothing_is_cut_at_any_size(page: Page, address: str, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for link in ("audit=colours", "audit=colours&audit_beside=samples"):
        page.goto(f"{address}/audit?{link}")
        expect(page.get_by_text("classes can be judged")).to_be_visible()
        settle(page)
        found = page.evaluate(CUT)
        assert (found["scrolls"], found["wide"]) == (0, []), link


def test_nothing_serious_is_wrong(address: str, examination: Examination) -> None:
    page = examination.page
    for link in ("audit=colours", "audit=colours&audit_beside=samples"):
        page.goto(f"{address}/audit?{link}")
        expect(page.get_by_text("classes can be judged")).to_be_visible()
        settle(page)
        unfold(page)
        examination.look(link)
    assert not examination.wrong, "\n\n".join(examination.wrong)
