"""The dashboard as a person meets it: a real server, a real Chromium."""

import base64
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

import saliency_core as core
from pages.ui.tour.steps import STEPS
from saliency_core.methods.measures import half_share
from saliency_core.methods.smoothing import Scale, normalise_values, shared_scale
from saliency_core.presentation.captions import describe_sigma
from saliency_core.presentation.figures import draw_map
from saliency_core.presentation.words import tell_marks
from scripts.browsing import CHROMIUM, LAPTOP, PROJECTOR, open_chromium, serve_dashboard, settle
from tests.claims import Claims
from tests.conftest import PHOTOS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running dashboard without a way to the weights hub; its log must stay clean."""
    folder = tmp_path_factory.mktemp("server")
    log = folder / "log.txt"
    offline = {"TORCH_HOME": str(folder), "HTTPS_PROXY": "http://127.0.0.1:9"}
    with serve_dashboard(log, offline) as address:
        yield address
    said = log.read_text()
    assert not re.search(r"error|warning|traceback|deprecat", said, re.IGNORECASE), said


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh visitor, whose console must stay free of errors and warnings."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, accept_downloads=True)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert said == []


def _picture(page: Page, title: str) -> Locator:
    return page.locator("figure", has_text=title).locator("img").first


def drawn_picture(page: Page, title: str) -> Locator:
    """A picture that the browser draws itself."""
    return page.locator("figure", has_text=title).locator("canvas").first


def test_a_link_to_a_page_may_be_the_first_that_a_server_gets(browser: Browser, tmp_path: Path) -> None:
    """Streamlit then runs the page without the dashboard around it, unless the page sees to that."""
    offline = {"TORCH_HOME": str(tmp_path), "HTTPS_PROXY": "http://127.0.0.1:9"}
    with serve_dashboard(tmp_path / "log.txt", offline) as fresh, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{fresh}/saliency?photo=koala&sigma=3")
        expect(drawn_picture(page, "Map over the photo")).to_have_attribute("aria-label", re.compile("koala.*sigma 3"))
        expect(page.get_by_test_id("stSidebarNavLink")).to_have_count(8)
        assert page.title() == "Saliency · Where the machines look"
        page.get_by_role("link", name="Classification").click()
        expect(page.get_by_role("heading", name=re.compile("93% sure.*koala"))).to_be_visible()
        expect(page.get_by_test_id("stSidebarNavLink")).to_have_count(8)


def test_who_clicks_while_a_server_still_starts_takes_the_link_along(browser: Browser, tmp_path: Path) -> None:
    offline = {"TORCH_HOME": str(tmp_path), "HTTPS_PROXY": "http://127.0.0.1:9"}
    with serve_dashboard(tmp_path / "log.txt", offline) as fresh, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{fresh}/?photo=koala&model=efficientnet_lite0&sigma=3", wait_until="commit")
        page.get_by_role("link", name="guided tour", exact=False).first.click()
        expect(page.get_by_text("Step 1 of")).to_be_visible()
        page.get_by_role("link", name="Saliency").click()
        expect(drawn_picture(page, "Map over the photo")).to_have_attribute(
            "aria-label", re.compile("koala.*Lite0.*sigma 3")
        )


def test_a_photo_seen_before_is_drawn_by_the_browser_itself(page: Page, address: str) -> None:
    page.goto(f"{address}/?photo=koala&model=efficientnet_lite0")
    page.get_by_role("link", name="Saliency").click()
    figure = page.locator("figure", has_text="Map over the photo")
    best, other = (re.compile(rf" {index} max ") for index in (105, 106))  # koala, wombat
    expect(figure).to_have_attribute("data-drawn", best)
    seen = figure.get_attribute("data-drawn") or ""
    page.get_by_role("radio", name="wombat").click()
    expect(figure).to_have_attribute("data-drawn", other)
    settle(page)
    page.get_by_role("button", name="Espresso cup on a saucer").click()
    expect(figure).not_to_have_attribute("data-drawn", other)
    settle(page)
    page.evaluate("WebSocket.prototype.send = () => {}")  # Python hears of nothing any more
    page.get_by_role("button", name="Koala in a tree").click()
    expect(figure).to_have_attribute("data-drawn", seen)
    expect(page.get_by_role("button", name="Koala in a tree")).to_have_attribute("aria-pressed", "true")


def test_methods_stand_side_by_side_and_follow_the_slider(page: Page, address: str) -> None:
    page.goto(f"{address}/?photo=koala&model=efficientnet_lite0&copies=5")
    page.get_by_role("link", name="Saliency").click()
    page.get_by_text("Show methods side by side").click()
    panels = page.locator("figure", has=page.locator("figcaption", has_text=re.compile("^(Gradient|Smooth|Grad-CAM)")))
    expect(panels).to_have_count(3)
    panels.nth(1).scroll_into_view_if_needed()
    for index, made_by in enumerate(("gradient 5", r"smoothgrad .*copies=5.* 5", "grad_cam .* 5")):
        expect(panels.nth(index)).to_have_attribute("data-drawn", re.compile(rf" {made_by}$"))
    scales = panels.locator(".ends span:last-child").all_inner_texts()
    assert len(set(scales)) == 3  # each its own
    slider = page.locator("input[type=range]#sigma:visible").first
    slider.fill("8")
    expect(panels.nth(1)).to_have_attribute("data-drawn", re.compile(r" 8$"))
    settle(page)
    expect(panels.nth(1)).to_have_attribute("data-drawn", re.compile(r" 8$"))


def test_a_person_explores_a_photo(
    page: Page, address: str, classifier: core.Classifier, sample_photo: Callable[[str], core.Photo]
) -> None:
    frame = core.frame_photo(sample_photo("koala"), classifier)
    page.goto(address)
    page.get_by_role("link", name="Classification").click()
    expect(page.get_by_role("heading", name="The model is not sure")).to_be_visible()

    page.get_by_role("button", name="Koala in a tree").click()
    expect(page.get_by_role("heading", name=re.compile("93% sure.*koala"))).to_be_visible()

    page.get_by_role("link", name="Saliency").click()
    overlay = drawn_picture(page, "Map over the photo")
    expect(overlay).to_have_attribute("aria-label", re.compile("koala.*sigma 5"))

    # More maps than the browser keeps.
    page.evaluate("for (let each = 0; each < 60; each++) window.payloads.set(`map ${each}`, {})")
    figure = page.locator("figure", has_text="Map over the photo")
    for label in ("indri", "wombat"):
        page.get_by_role("radio", name=label).click()
        expect(figure).to_have_attribute("data-drawn", re.compile(rf" {classifier.categories.index(label)} max "))
    expect(overlay).to_have_attribute("aria-label", re.compile("wombat"))

    before = overlay.evaluate("canvas => canvas.toDataURL()")
    slider = page.get_by_role("slider").first
    slider.press("ArrowRight")
    expect(overlay).to_have_attribute("aria-label", re.compile("sigma 5.5"))
    assert overlay.evaluate("canvas => canvas.toDataURL()") != before

    for sigma in ("0", "2", "5", "10"):
        expect(drawn_picture(page, f"Sigma {sigma}")).to_be_visible()
    settle(page)
    page.get_by_role("button", name="Save picture").last.click()
    for name, kind, begins in (("Picture", "png", b"\x89PNG"), ("Drawing", "svg", b"<?xml"), ("Page", "pdf", b"%PDF")):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=f"{name} (.{kind})").click()
        assert waiting.value.suggested_filename == f"saliency-koala-wombat-sigmas.{kind}"
        assert Path(waiting.value.path()).read_bytes().startswith(begins)
    page.keyboard.press("Escape")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save report").click()
    assert waiting.value.suggested_filename == "saliency-koala-wombat-report.html"
    assert "“wombat”" in Path(waiting.value.path()).read_text(encoding="utf-8")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Raw map").click()
    raw = np.load(io.BytesIO(Path(waiting.value.path()).read_bytes()))
    assert raw.shape == (224, 224)
    assert raw.dtype == np.float32
    overlay.scroll_into_view_if_needed()  # what is out of sight is not drawn
    for smoothing in (0, 0.5, 7.5, 20):
        drawn = page.locator(".maps").first.evaluate(
            """async (root, sigma) => {
            const slider = root.querySelector("input");
            slider.value = sigma;
            slider.dispatchEvent(new Event("input", { bubbles: true }));
            await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
            const ends = [...[...root.querySelectorAll(".ends")].at(-1).children].map((end) => end.textContent);
            const picture = [...root.querySelectorAll("canvas")].at(-1).toDataURL();
            const caption = root.querySelector(".caption").textContent;
            const measured = root.querySelector(".measured").textContent;
            const { values, low, high } = root.live;
            return { values: [...values], low, high, ends, picture, caption, measured };
            }""",
            smoothing,
        )
        assert drawn["caption"].endswith(describe_sigma(smoothing))
        half = half_share(core.smooth(core.Attribution(raw, 0, "max"), smoothing).values)
        assert f"lies on {100 * half:.0f}% of" in drawn["measured"]
        expected = core.smooth(core.Attribution(raw, 0, "max"), smoothing)
        scale = shared_scale([expected])
        told = Scale(drawn["low"], drawn["high"])
        assert drawn["ends"] == list(tell_marks(told))
        live = normalise_values(np.array(drawn["values"], np.float32).reshape(224, 224), told)
        assert np.abs(live - normalise_values(expected.values, scale)).max() <= 1 / 255, smoothing
        with Image.open(io.BytesIO(base64.b64decode(drawn["picture"].partition(",")[2]))) as picture:
            alone = np.asarray(picture.convert("RGB")).astype(int)
        ours = draw_map(np.zeros_like(alone, np.uint8), frame, expected, scale)
        assert np.abs(alone - ours).mean() < 2, smoothing

    page.get_by_label("Or open your own").locator("input[type=file]").or_(
        page.locator("input[type=file]")
    ).first.set_input_files({"name": "cut.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff\xe0 no"})
    expect(page.get_by_text("damaged or cut short")).to_be_visible()
    expect(overlay).to_have_attribute("aria-label", re.compile("wombat"))
    page.locator("input[type=file]").first.set_input_files(PHOTOS / "espresso.jpg")
    expect(overlay).to_have_attribute("aria-label", re.compile("espresso"))
    expect(page.get_by_text("damaged or cut short")).to_have_count(0)


def test_photos_of_any_ending_open_and_notes_stand_beside_them(page: Page, address: str) -> None:
    page.goto(f"{address}/?model=efficientnet_lite0&photo=wombat")
    page.get_by_role("link", name="Classification").click()
    koala = (PHOTOS / "koala.jpg").read_bytes()
    picture = io.BytesIO()
    with Image.open(io.BytesIO(koala)) as opened:
        opened.save(picture, "AVIF", quality=80)
    side = page.get_by_test_id("stSidebar")
    for name, kind, data, told in (
        ("from the web.jfif", "image/jpeg", koala, "Your photo: from the web.jfif"),
        ("no ending", "", koala + b" ", "Your photo: no ending"),
        ("small.avif", "image/avif", picture.getvalue(), "Your photo: small.avif"),
        (
            "cut.jpe",
            "image/jpeg",
            koala[:-2],
            "Your photo: cut.jpe. The file lacks its last bytes; all of the picture is there.",
        ),
    ):
        page.locator("input[type=file]").first.set_input_files({"name": name, "mimeType": kind, "buffer": data})
        expect(side.get_by_text(told)).to_be_visible()
        expect(page.get_by_role("heading", name=re.compile("koala"))).to_be_visible()


def test_a_person_masks_a_region(
    page: Page, address: str, classifier: core.Classifier, sample_photo: Callable[[str], core.Photo]
) -> None:
    def drag(start: tuple[float, float], end: tuple[float, float]) -> None:
        box = page.locator(".stage").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + end[0] * box["width"], box["y"] + end[1] * box["height"], steps=5)
        page.mouse.up()

    def hidden_source() -> str | None:
        return _picture(page, "This part hidden").get_attribute("src")

    page.goto(address + "/?photo=koala&crop_mode=squash")
    page.get_by_role("link", name="Masking experiment").click()
    expect(page.locator(".region")).to_have_count(1)
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("Drag on the photo to mark")).to_be_visible()
    settle(page)

    drag((0.35, 0.23), (0.81, 0.45))
    verdict = page.locator(".st-key-verdict")
    expect(verdict).to_contain_text("Neither needed nor enough. “koala”")
    expect(verdict).to_contain_text(re.compile(r"Of 59 random places of its shape, \d+ also neither"))
    expect(page.locator(".region")).to_have_count(1)
    settle(page)
    one = hidden_source()

    drag((0.2, 0.5), (0.6, 0.85))
    expect(page.locator(".region")).to_have_count(2)
    settle(page)
    two = hidden_source()
    assert two != one

    page.locator(".region").nth(1).press("ArrowLeft")
    page.wait_for_timeout(600)
    settle(page)
    assert hidden_source() != two
    page.locator(".region").nth(1).press("Delete")
    expect(page.locator(".region")).to_have_count(1)
    page.wait_for_timeout(600)
    settle(page)
    assert hidden_source() == one

    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".region")).to_have_count(0)
    expect(page.get_by_text("Drag on the photo to mark")).to_be_visible()

    page.get_by_role("button", name="Head").click()
    expect(verdict).to_contain_text("92%")
    settle(page)
    page.get_by_role("combobox", name="Hidden pixels become").click()
    page.get_by_role("option", name="Grey").click()
    expect(verdict).to_contain_text("91%")
    settle(page)

    page.get_by_role("button", name="More").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Result (.json)").click()
    assert waiting.value.suggested_filename == "masking-koala-koala.json"
    record = json.loads(Path(waiting.value.path()).read_text())
    frame = core.frame_photo(sample_photo("koala"), classifier, "squash")
    again = core.replay_experiment(record, classifier, frame)
    assert record["fill"] == "grey"
    for name, view in (("hidden", again.views.hidden), ("kept", again.views.kept)):
        np.testing.assert_allclose(view.prediction.probabilities, record["probabilities"][name], atol=1e-5)
    np.testing.assert_allclose(again.controls.hidden, [each["hidden"] for each in record["controls"]], atol=1e-5)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Picture (.png)").click()
    assert waiting.value.suggested_filename == "masking-koala-koala.png"
    with Image.open(waiting.value.path()) as picture:
        assert picture.size == (1920, 1080)
    page.keyboard.press("Escape")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save report").click()
    assert "without this part of the object" in Path(waiting.value.path()).read_text(encoding="utf-8")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save data").click()
    with zipfile.ZipFile(waiting.value.path()) as archive:
        assert json.loads(archive.read("result.json"))["fill"] == "grey"


def test_the_answer_follows_the_hand(page: Page, address: str) -> None:
    line, app = page.locator(".answer-line"), page.get_by_test_id("stApp")
    shown, said = line.locator(".seen"), line.locator(".said")
    verdict = page.locator(".st-key-verdict")
    last = verdict.get_by_text("The finding")
    picture = page.locator("figure", has_text="of what the model sees is hidden").locator("img")

    def where(across: float, down: float) -> tuple[float, float]:
        box = page.locator(".stage").bounding_box()
        assert box is not None
        return box["x"] + across * box["width"], box["y"] + down * box["height"]

    def move(end: tuple[float, float], steps: int = 12) -> set[str]:
        """What the line shows on the way to there."""
        seen = set()
        start = hand
        for step in range(1, steps + 1):
            share = step / steps
            page.mouse.move(*(a + share * (b - a) for a, b in zip(start, end, strict=True)))
            page.wait_for_timeout(120)
            seen.add(shown.inner_text())
        return seen

    page.goto(address + "/?photo=espresso&crop_mode=squash&model=efficientnet_lite0")
    page.get_by_role("link", name="Masking experiment").click()
    page.get_by_role("button", name="Clear").click()
    expect(shown).to_contain_text("92% with no part hidden")
    settle(page)
    page.get_by_role("button", name="The coffee itself").click()
    expect(shown).to_contain_text("73% with this part hidden (92% as it is)")

    # At once, while the experiment of the coffee runs: it makes way, and what it has shown stays.
    expect(page.locator(".region")).to_have_count(1)
    expect(picture).to_be_visible()
    expect(app).to_have_attribute("data-test-script-state", "running")
    height = line.evaluate("line => line.offsetHeight")
    hand = where(0.48, 0.35)
    page.mouse.move(*hand)
    page.mouse.down()
    before = said.text_content()
    assert len(move(where(0.45, 0.75))) > 3
    assert said.text_content() == before
    expect(last).to_have_count(0)
    expect(picture).to_be_visible()
    assert line.evaluate("line => line.offsetHeight") == height
    page.mouse.up()

    # And at once again, which ends the experiment that has just begun.
    page.wait_for_timeout(300)
    hand = where(0.45, 0.75)
    page.mouse.down()
    assert len(move(where(0.6, 0.45))) > 3
    page.mouse.up()
    expect(last).to_be_visible()
    settle(page)
    percent = re.search(r"[\d.]+%", shown.inner_text())
    assert percent is not None
    expect(verdict).to_contain_text(percent[0])
    expect(said).to_contain_text(f"“espresso”: {percent[0]} with this part hidden")

    # By keyboard, and while nothing else runs.
    let_go, hidden = shown.inner_text(), picture.get_attribute("src")
    region = page.locator(".region")
    region.focus()
    for _ in range(12):
        page.keyboard.press("ArrowUp")
    expect(shown).not_to_have_text(let_go)
    expect(picture).not_to_have_attribute("src", hidden or "")
    settle(page)
    page.keyboard.press("Delete")
    expect(shown).to_contain_text("92% with no part hidden")
    expect(page.get_by_text("Drag on the photo to mark")).to_be_visible()
    settle(page)
    expect(said).to_contain_text("92% with no part hidden")

    # A region is drawn; whoever does not move on has the answer, too.
    hand = where(0.2, 0.2)
    page.mouse.move(*hand)
    page.mouse.down()
    assert len(move(where(0.9, 0.9))) > 3
    expect(shown).to_contain_text("with this part hidden")
    page.mouse.up()
    expect(last).to_be_visible()


def test_the_address_is_a_link_to_what_is_on_screen(page: Page, address: str, browser: Browser) -> None:
    page.goto(address + "/?photo=espresso")
    page.get_by_role("link", name="Saliency").click()
    page.get_by_role("slider").first.press("ArrowLeft")
    expect(drawn_picture(page, "Map over the photo")).to_have_attribute("aria-label", re.compile("sigma 4.5"))
    expect(page).to_have_url(re.compile("sigma=4.5"))
    context = browser.new_context()
    other = context.new_page()
    other.goto(page.url)
    expect(drawn_picture(other, "Map over the photo")).to_have_attribute(
        "aria-label", re.compile("espresso.*sigma 4.5")
    )
    context.close()


@pytest.mark.parametrize("size", [LAPTOP, PROJECTOR])
@pytest.mark.parametrize("link", ["", "&present=1"])
def test_the_tour_is_walked_by_keyboard(
    page: Page,
    address: str,
    size: tuple[int, int],
    link: str,
    tour_claims: Claims,
) -> None:
    """By a remote, whose keys are these two, and without a guess: each question has two screens."""
    width, height = size
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{address}/?model=efficientnet_lite0{link}")
    for texts in tour_claims:
        for text in texts:
            expect(page.get_by_test_id("stMain")).to_contain_text(text)
        settle(page)
        where = page.get_by_text(re.compile(r"Step \d+ of")).inner_text()
        hidden = page.get_by_test_id("stMain").evaluate(
            "e => [e.scrollHeight - e.clientHeight, e.scrollWidth - e.clientWidth]"
        )
        assert max(hidden) <= 0, f"{where} needs scrolling"
        foot = page.get_by_text("which sees 224 x 224 pixels").bounding_box()
        assert foot is not None
        assert foot["y"] + foot["height"] <= height, f"{where} ends below the window"
        expect(page.get_by_test_id("stSidebar")).to_have_count(0 if link else 1)
        page.keyboard.press("PageDown")
    expect(page).to_have_url(re.compile(f"step={len(STEPS)}"))
    page.keyboard.press("PageUp")
    expect(page.get_by_text(f"Step {len(STEPS) - 1} of {len(STEPS)}")).to_be_visible()
    page.reload()
    expect(page.get_by_text(f"Step {len(STEPS) - 1} of {len(STEPS)}")).to_be_visible()


def test_a_room_guesses_by_keys_and_a_presenter_leaves_by_escape(page: Page, address: str) -> None:
    page.set_viewport_size({"width": PROJECTOR[0], "height": PROJECTOR[1]})
    page.goto(f"{address}/?model=efficientnet_lite0&step=5&present=1")
    expect(page.get_by_text("guess before you see")).to_be_visible()
    settle(page)  # The keys answer once the whole page is there.
    page.keyboard.press("2")
    expect(page.get_by_text("The room: 0 of 1 right")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Hide the coffee")).to_be_visible()
    settle(page)
    page.keyboard.press("1")
    expect(page.get_by_text("The room: 1 of 2 right")).to_be_visible()

    # Escape first closes what is open; and while somebody chooses, the remote's keys do nothing.
    page.get_by_role("button", name="Model", exact=True).click()
    choice = page.get_by_role("combobox", name="Model")
    choice.focus()
    page.keyboard.press("PageDown")
    page.wait_for_timeout(500)
    expect(page.get_by_text(f"Step 6 of {len(STEPS)}")).to_be_visible()
    page.get_by_text("Squash", exact=True).click()
    expect(page.get_by_text("guess before you see")).to_be_visible()
    page.keyboard.press("Escape")
    expect(choice).to_have_count(0)
    leave = page.get_by_role("button", name="Leave presenter mode")
    expect(leave).to_be_visible()
    page.keyboard.press("Escape")
    expect(leave).to_have_count(0)
    expect(page.get_by_test_id("stSidebar")).to_be_visible()

    page.goto(f"{address}/?model=efficientnet_lite0&present=1&photo=koala")
    page.get_by_role("link", name="Classification").click()
    expect(page.get_by_role("heading", name=re.compile("koala"))).to_be_visible()
    page.get_by_role("button", name="Photo and model").click()
    page.get_by_role("button", name="Espresso cup").click()
    expect(page.get_by_role("heading", name=re.compile("espresso"))).to_be_visible()
    for _ in range(2):
        settle(page)
        page.keyboard.press("Escape")
    expect(leave).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_window(browser: Browser, address: str, scheme: Literal["light", "dark"]) -> None:
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(address + "/?photo=bee-blossom&tested=grad_cam")
    for name in ("Saliency", "Masking experiment", "Evidence", "Audit", "Classification", "Models", "About"):
        page.get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        settle(page)
        for width, height in ((1280, 720), LAPTOP, PROJECTOR):
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(300)
            wider = page.evaluate(
                """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
                .map(e => e.scrollWidth - e.clientWidth)"""
            )
            assert max(wider) <= 0, (name, width)
    context.close()
