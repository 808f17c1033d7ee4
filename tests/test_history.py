"""The browser's Back and Forward, and links from one browser to another: a real server, a real Chromium."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.browsing import settle
from tests.conftest import PHOTOS
from tests.test_browser import address as address
from tests.test_browser import browser as browser
from tests.test_browser import drawn_picture
from tests.test_browser import page as page
from tests.test_browser import pytestmark as pytestmark

KOALA = (PHOTOS / "koala.jpg").read_bytes()
LITE0 = "model=efficientnet_lite0"


@pytest.fixture
def entries(page: Page) -> list[str]:
    """The addresses that were added to the browser's history."""
    added: list[str] = []
    page.expose_function("tell_entry", lambda entry: added.append(entry))
    page.add_init_script(
        "const push = history.pushState; history.pushState = function (...given) {"
        "push.apply(this, given); window.tell_entry(location.pathname + location.search); }"
    )
    return added


def test_back_undoes_the_last_step_or_page(page: Page, address: str, entries: list[str]) -> None:
    step, overlay = page.get_by_text(re.compile(r"Step \d of")), drawn_picture(page, "Map over the photo")

    def see_step(number: int) -> None:
        expect(step).to_have_text(re.compile(f"Step {number}"))
        settle(page)

    def see_map(words: str) -> None:
        expect(overlay).to_have_attribute("aria-label", re.compile(words))
        settle(page)

    page.goto(f"{address}/?{LITE0}")
    expect(step).to_have_text(re.compile("Step 1"))
    expect(page).to_have_url(re.compile("step=1"))
    settle(page)
    for number in (2, 3):
        page.keyboard.press("ArrowRight")
        see_step(number)
    page.get_by_role("link", name="Saliency").click()
    see_map("tiger cat.*sigma 5")
    page.get_by_role("slider").first.press("ArrowRight")
    page.get_by_role("slider").first.press("ArrowRight")
    see_map("tiger cat.*sigma 6")
    page.get_by_role("button", name="Koala in a tree").click()
    see_map("koala.*sigma 6")
    page.get_by_role("radio", name="wombat").or_(page.get_by_role("button", name="wombat")).click()
    see_map("wombat")
    assert len(entries) == 5, "two steps, the page, the photo, the class; not the sigmas"

    page.go_back()
    see_map("koala.*sigma 6")
    page.go_back()
    see_map("tiger cat.*sigma 6")
    page.go_back()
    see_step(3)
    page.go_back()
    see_step(2)
    page.go_forward()
    see_step(3)
    page.go_forward()
    see_map("tiger cat.*sigma 6")
    page.go_forward()
    see_map("koala.*sigma 6")
    assert len(entries) == 5

    # Quick steps back, and a click right after one.
    page.go_back()
    page.go_back()
    page.go_back()
    see_step(2)
    page.keyboard.press("ArrowRight")
    see_step(3)
    expect(page).to_have_url(re.compile("step=3"))


def test_back_undoes_a_region(page: Page, address: str) -> None:
    page.goto(f"{address}/?{LITE0}&photo=koala&crop_mode=squash")
    page.get_by_role("link", name="Masking experiment").click()
    line = page.locator(".answer-line .seen")
    expect(line).to_contain_text("0.3% with this part hidden")
    settle(page)
    page.get_by_role("button", name="Head").click()
    expect(line).to_contain_text("92% with this part hidden")
    # The browser takes an entry up later than the page shows it; a step back before that is dropped.
    expect(page).to_have_url(re.compile("declared=part"))
    page.go_back()
    expect(line).to_contain_text("0.3% with this part hidden")
    page.go_forward()
    expect(line).to_contain_text("92% with this part hidden")


def test_a_link_opens_in_another_browser_to_the_same_numbers(page: Page, address: str, browser: Browser) -> None:
    def told(page: Page) -> list[str]:
        expect(page.locator(".st-key-verdict").get_by_text("The finding")).to_be_visible()
        settle(page)
        expect(page.locator(".answer-line .seen")).to_contain_text("hidden")  # a fragment, which may come last
        panels = page.locator(".st-key-panels").inner_text()
        verdict = page.locator(".st-key-verdict").get_by_test_id("stMarkdown").first.inner_text()
        return [verdict, *panels.split(), page.locator(".answer-line .seen").inner_text()]

    page.goto(f"{address}/?{LITE0}&photo=koala&crop_mode=border&sigmas=1-5-20")
    page.get_by_role("link", name="Masking experiment").click()
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".region")).to_have_count(0)
    box = page.locator(".stage").bounding_box()
    assert box is not None
    for count, (left, top, right, bottom) in enumerate(((0.35, 0.23, 0.81, 0.45), (0.2, 0.5, 0.6, 0.85)), 1):
        settle(page)
        page.mouse.move(box["x"] + left * box["width"], box["y"] + top * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + right * box["width"], box["y"] + bottom * box["height"], steps=5)
        page.mouse.up()
        expect(page.locator(".region")).to_have_count(count)
    page.get_by_role("combobox", name="Hidden pixels become").click()
    page.get_by_role("option", name="Blur").click()
    expect(page).to_have_url(re.compile(r"regions=[\d.-]+_[\d.-]+&.*fill=blur"))
    words = told(page)
    with browser.new_context(viewport={"width": 1366, "height": 768}) as context:
        other = context.new_page()
        other.goto(f"{page.url}&sigmas=1-5-20")
        assert told(other) == words
        assert other.url == page.url
        other.get_by_role("link", name="Saliency").click()
        page.get_by_role("link", name="Saliency").click()
        for each in (page, other):
            for sigma in ("1", "5", "20"):
                expect(drawn_picture(each, f"Sigma {sigma}")).to_be_visible()
            settle(each)
            expect(each).to_have_url(re.compile("sigmas=1-5-20"))
        assert page.get_by_test_id("stMain").inner_text() == other.get_by_test_id("stMain").inner_text()


def test_the_tours_own_address_opens_it_and_each_page_has_a_title(page: Page, address: str) -> None:
    page.goto(f"{address}/?{LITE0}&step=2")
    titles = []
    for name in ("Classification", "Saliency", "Masking experiment", "About", "Guided tour"):
        page.get_by_role("link", name=name).click()
        expect(page).to_have_title(f"{name} · Where the machines look")
        titles.append(page.title())
    assert len(set(titles)) == 5
    expect(page.get_by_text("Step 2 of")).to_be_visible()
    context = page.context.browser.new_context() if page.context.browser else page.context
    other = context.new_page()
    other.goto(f"{address}/guided_tour?{LITE0}&step=3")
    expect(other.get_by_text("Step 3 of")).to_be_visible()
    expect(other.get_by_text("Page not found")).to_have_count(0)
    expect(other.get_by_test_id("stSidebarNavLink")).to_have_count(8)
    context.close()


def test_a_files_name_is_text_and_nothing_is_asked_outside(page: Page, address: str) -> None:
    outside: list[str] = []
    page.on("request", lambda asked: None if asked.url.startswith((address, "data:", "blob:")) else outside.append("x"))
    page.goto(f"{address}/?{LITE0}")
    page.get_by_role("link", name="Classification").click()
    side, picker = page.get_by_test_id("stSidebar"), page.locator("input[type=file]").first
    for number, (name, shown) in enumerate(
        (
            ("![](https://example.org/q.png).jpg", "![](https://example.org/q.png).jpg"),
            ("my *best* photo.jpg", "my *best* photo.jpg"),
            ("two $a$ and $b$.jpg", "two $a$ and $b$.jpg"),
            ("<b>x</b> me@example.org www.example.org.png", "<b>x</b> me@example.org www.example.org.png"),
            (200 * "a" + ".jpg", 99 * "a" + "…"),
            ("photo\u202egpj.exe.jpg", "photo gpj.exe.jpg"),
        )
    ):
        for data, words in ((KOALA + bytes([number]), f"Your photo: {shown}"), (b"no", f"“{shown}”: This file")):
            picker.set_input_files({"name": name, "mimeType": "image/jpeg", "buffer": data})
            told = side.get_by_text(words.split()[0]).filter(has_text=re.compile(r"photo: |This file"))
            expect(side).to_contain_text(
                words.replace("me@", "me\u2060@").replace("www.", "www\u2060.").replace("://", ":\u2060//")
            )
            assert told.locator("a, img, b, em, .katex").count() == 0
            settle(page)
        title = page.locator("figcaption").first.inner_text()
        assert title == (shown if len(shown) <= 60 else 59 * "a" + "…")
        expect(page.locator("figure canvas").first).to_have_attribute(
            "aria-label", re.compile(re.escape(f"The photo “{title}”"))
        )
    assert outside == []


def test_a_saved_upload_opens_in_another_browser_and_back_leaves_it(page: Page, address: str, browser: Browser) -> None:
    def told(page: Page) -> list[str]:
        expect(page.locator(".st-key-verdict").get_by_text("The finding")).to_be_visible()
        settle(page)
        words = page.locator(".st-key-verdict").inner_text() + page.locator(".st-key-panels").inner_text()
        return re.sub("Opened from a saved result: these are the same numbers.", "", words).split()

    page.goto(f"{address}/?{LITE0}&crop_mode=squash&fill=grey&controls=19")
    page.get_by_role("link", name="Masking experiment").click()
    page.locator("input[type=file]").first.set_input_files(
        {"name": "own.jpg", "mimeType": "image/jpeg", "buffer": KOALA + b"\0"}
    )
    expect(page.get_by_text("Drag on the photo to mark")).to_be_visible()
    settle(page)
    page.get_by_role("button", name="From the map").click()
    words = told(page)
    page.get_by_text("with the photo in it").click()
    settle(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save data").click()
    data = Path(waiting.value.path()).read_bytes()
    assert KOALA in data
    with browser.new_context(viewport={"width": 1366, "height": 768}) as context:
        other = context.new_page()
        other.goto(f"{address}/?{LITE0}&photo=espresso")
        other.get_by_role("link", name="Classification").click()
        expect(other.get_by_role("heading", name=re.compile("espresso"))).to_be_visible()
        settle(other)
        link = other.url
        other.get_by_role("button", name="Open a saved result").click()
        other.locator("input[type=file]").last.set_input_files(
            {"name": "data.zip", "mimeType": "application/zip", "buffer": data}
        )
        assert told(other) == words
        expect(other.get_by_text("these are the same numbers")).to_be_visible()
        other.go_back()
        expect(other.get_by_role("heading", name=re.compile("espresso"))).to_be_visible()
        assert other.url == link
