"""The dashboard on a phone, at twice the size, with the sidebar away and on a projector: nothing is cut, nothing
jumps, and fingers draw regions."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.browsing import CHROMIUM, LAPTOP, PROJECTOR, settle
from tests.test_browser import address as address
from tests.test_browser import browser as browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]

PHONE = (390, 844)
TWICE = (LAPTOP[0] // 2, LAPTOP[1] // 2)
PAGES = ("Classification", "Saliency", "Masking experiment", "Evidence", "Audit", "Models", "About")
LINK = "photo=koala&model=efficientnet_lite0&tested=grad_cam"

CUT = """() => {
    const main = document.querySelector("[data-testid=stMain]");
    const header = document.querySelector("[data-testid=stHeader]").getBoundingClientRect();
    const first = main.querySelector(".progress, h1").getBoundingClientRect();
    const every = (root) =>
        [...root.querySelectorAll("*")].flatMap((e) => [e, ...(e.shadowRoot ? every(e.shadowRoot) : [])]);
    // What scrolls inside itself, is folded away, or is there for screen readers alone, may be wider.
    const holds = (e) => e.inert || /auto|scroll|hidden|clip/.test(getComputedStyle(e).overflowX);
    const inside = (e) => e && e !== main && (holds(e) || inside(e.parentElement ?? e.getRootNode().host));
    const wide = every(main).filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !inside(e));
    return {
        covered: Math.max(0, header.right > first.left ? header.bottom - first.top : 0),
        scrolls: main.scrollWidth - main.clientWidth,
        wide: wide.slice(0, 3).map((e) => e.outerHTML.slice(0, 120)),
    };
}"""
_WATCH_SHIFTS = """window.shifted = 0;
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A visitor with a touch screen."""
    context = browser.new_context(has_touch=True, viewport={"width": LAPTOP[0], "height": LAPTOP[1]})
    page = context.new_page()
    page.add_init_script(_WATCH_SHIFTS)
    yield page
    context.close()


def _check_nothing_is_cut(page: Page, where: object) -> None:
    settle(page)
    found = page.evaluate(CUT)
    assert found == {"covered": 0, "scrolls": 0, "wide": []}, (where, found)


def test_nothing_is_cut_on_any_page_at_any_size(page: Page, address: str) -> None:
    page.goto(f"{address}/classification?{LINK}")
    links = page.get_by_test_id("stSidebarNav").get_by_role("link")
    for name in PAGES:
        page.set_viewport_size({"width": LAPTOP[0], "height": LAPTOP[1]})
        links.filter(has_text=name).click()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        for width, height in (PROJECTOR, LAPTOP):
            page.set_viewport_size({"width": width, "height": height})
            settle(page)
            assert page.evaluate(CUT)["wide"] == [], (name, width)
    for size in (PHONE, TWICE):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for name in PAGES:
            page.goto(f"{address}/{name.lower().replace(' ', '_')}?{LINK}")
            expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
            _check_nothing_is_cut(page, (name, size))


def test_with_the_sidebar_away_the_heading_is_below_the_header(page: Page, address: str) -> None:
    page.goto(f"{address}/classification?{LINK}")
    settle(page)
    page.get_by_test_id("stSidebarHeader").hover()
    page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    page.wait_for_timeout(600)
    _check_nothing_is_cut(page, "Classification")
    page.goto(f"{address}/?{LINK}")
    expect(page.get_by_text("Step 1 of")).to_be_visible()
    _check_nothing_is_cut(page, "the tour")


def test_pictures_stack_on_a_phone_and_are_large_on_a_laptop(page: Page, address: str) -> None:
    page.goto(f"{address}/saliency?{LINK}")
    panels = page.locator(".st-key-compared_maps canvas")
    expect(panels).to_have_count(4)
    settle(page)
    laptop = [panel.bounding_box() for panel in panels.all()]
    assert all(box is not None and box["width"] >= 220 for box in laptop)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    settle(page)
    phone = [panel.bounding_box() for panel in panels.all()]
    assert len({box["x"] for box in phone if box is not None}) == 1
    assert all(box is not None and box["width"] > 300 for box in phone)
    bars = page.locator(".st-key-live_maps .bar")
    for canvas, bar in zip(page.locator(".st-key-live_maps canvas").all()[1:], bars.all()[1:], strict=True):
        drawn, scale = canvas.bounding_box(), bar.bounding_box()
        assert drawn is not None
        assert scale is not None
        assert (drawn["x"], drawn["width"]) == pytest.approx((scale["x"], scale["width"]), abs=1)


def test_nothing_jumps_when_a_page_or_a_photo_is_chosen(page: Page, address: str) -> None:
    """From Streamlit's own first frame on: its sidebar comes after its page, which moves the page."""
    page.goto(f"{address}/classification?{LINK}")
    settle(page)
    page.wait_for_timeout(1500)
    links = page.get_by_test_id("stSidebarNav").get_by_role("link")
    for name in (*PAGES[1:], PAGES[0]):
        page.evaluate("window.shifted = 0")
        links.filter(has_text=name).click()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        settle(page)
        page.wait_for_timeout(1000)
        assert page.evaluate("window.shifted") <= 0.02, name
    page.evaluate("window.shifted = 0")
    page.get_by_role("button", name="Bison, with its herd far behind", exact=True).click()
    expect(page.get_by_role("heading", name="bison")).to_be_visible()
    settle(page)
    assert page.evaluate("window.shifted") <= 0.02


def test_a_finger_draws_a_region(page: Page, address: str) -> None:
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.goto(f"{address}/masking_experiment?{LINK}")
    clear = page.get_by_role("button", name="Clear")
    clear.click()
    expect(page.locator(".region")).to_have_count(0)
    settle(page)
    stage = page.locator(".stage")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    assert box is not None
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, across: float, down: float) -> None:
        point = {"x": box["x"] + across * box["width"], "y": box["y"] + down * box["height"]}
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [] if kind == "touchEnd" else [point]})

    touch("touchStart", 0.2, 0.2)
    for step in range(1, 6):
        touch("touchMove", 0.2 + 0.1 * step, 0.2 + 0.1 * step)
    touch("touchEnd", 0, 0)
    expect(page.locator(".region")).to_have_count(1)
    expect(page.locator(".st-key-verdict")).to_contain_text("random places")
