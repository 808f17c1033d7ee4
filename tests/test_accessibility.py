"""Every page, step of the tour and popover, light and dark, by the rules of axe-core: nothing of ours may be wrong."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any, NamedTuple

import pytest
import torch
from playwright.sync_api import Browser, Page, ViewportSize, expect
from safetensors.torch import save_file

from pages.ui.tour.steps import STEPS
from saliency_core.models.vision import torchvision
from scripts.browsing import CHROMIUM, LAPTOP, open_chromium, serve_dashboard, settle

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]

# What is scrolled out of sight is not looked at, so the window has to hold a whole page.
WHOLE_PAGE: ViewportSize = {"width": LAPTOP[0], "height": 6000}
WINDOW: ViewportSize = {"width": LAPTOP[0], "height": LAPTOP[1]}
SERIOUS = ("serious", "critical")


class Known(NamedTuple):
    """Something wrong inside Streamlit's own markup: the rule, what the element lies in, and why it is not ours."""

    rule: str
    inside: str
    why: str


STREAMLITS_OWN = (
    Known(
        "scrollable-region-focusable",
        "[data-testid=stMarkdownContainer] .katex-display",
        "st.latex makes every formula a region that could scroll; ours fits.",
    ),
)


def _mask(page: Page) -> None:
    """Take a region, and wait until all that follows from it is there."""
    page.get_by_role("button", name="Head", exact=True).click()
    expect(page.get_by_text("The finding is the same")).to_be_visible()
    expect(page.locator(".region")).to_have_count(1)
    settle(page)


def unfold(page: Page) -> None:
    """Open what is folded, and make the window hold it all."""
    for folded in page.locator("[data-testid=stExpander] details:not([open]) > summary").all()[::-1]:
        folded.click()
    page.set_viewport_size(WHOLE_PAGE)
    page.wait_for_timeout(700)
    settle(page)
    hidden = page.get_by_test_id("stMain").evaluate("main => main.scrollHeight - main.clientHeight")
    assert hidden <= 0, "the window does not hold the whole page"


def _violations(page: Page) -> list[dict[str, Any]]:
    """What axe finds wrong, one entry an element, with the listed areas of Streamlit's that it lies in."""
    found: list[dict[str, Any]] = page.evaluate(
        """async (areas) => {
        const lies = (node, area) => {
            const path = node.target.flat();
            let root = document, element = null;
            for (const step of path) { element = root.querySelector(step); root = element?.shadowRoot ?? root; }
            return Boolean(element?.closest(area));
        };
        const { violations } = await axe.run(document, { resultTypes: ["violations"] });
        return violations.flatMap(({ id, impact, nodes }) => nodes.map((node) => ({
            rule: id, impact, html: node.html, summary: node.failureSummary,
            inside: areas.filter((area) => lies(node, area)),
        })));
        }""",
        [known.inside for known in STREAMLITS_OWN],
    )
    return found


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running dashboard without a way to the weights hub, and with a small model of its own."""
    folder = tmp_path_factory.mktemp("server")
    torch.manual_seed(0)
    save_file(torchvision.models.resnet18(num_classes=2).state_dict(), folder / "small.safetensors")
    (folder / "small.txt").write_text("koala\nteapot\n")
    (folder / "models.toml").write_text(
        '[small]\narchitecture = "torchvision:resnet18"\ncheckpoint = "small.safetensors"\nclasses = "small.txt"\n'
        'title = "Koalas or teapots"\nsize = 64\n'
    )
    environment = {
        "TORCH_HOME": str(folder),
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "SALIENCY_MODELS": str(folder / "models.toml"),
    }
    with serve_dashboard(folder / "log.txt", environment) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_chromium() as browser:
        yield browser


class Examination:
    """What axe finds on one page after another."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []
        self.met: set[Known] = set()
        self._axe = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")

    def look(self, where: str) -> None:
        """Note what is serious and ours, and what is Streamlit's own."""
        self.page.evaluate(self._axe)
        for each in _violations(self.page):
            known = [it for it in STREAMLITS_OWN if it.rule == each["rule"] and it.inside in each["inside"]]
            self.met.update(known)
            if each["impact"] in SERIOUS and not known:
                self.wrong.append(f"{where}, {each['rule']}: {each['html']}\n{each['summary']}")


@pytest.fixture(params=["light", "dark"])
def examination(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Examination]:
    """A visitor's page, by day and by night."""
    context = browser.new_context(viewport=WINDOW, color_scheme=request.param)
    yield Examination(context.new_page())
    context.close()


def test_nothing_serious_is_wrong_with_any_page(address: str, examination: Examination) -> None:
    page = examination.page
    page.goto(address + "/?photo=koala&crop_mode=squash&tested=grad_cam")
    links = page.get_by_test_id("stSidebarNav").get_by_role("link")
    expect(links.first).to_be_visible()
    settle(page)  # until the first run is over, the links are Streamlit's guesses from the files' names
    titles = [text.splitlines()[-1] for text in links.all_inner_texts()]
    assert {"Classification", "Saliency", "Masking experiment", "Evidence", "Audit", "Models", "About"} <= set(titles)
    for title in titles:
        link = links.filter(has_text=title)
        link.click()
        expect(link).to_have_attribute("aria-current", "page")
        settle(page)
        if title == "Masking experiment":
            _mask(page)
        unfold(page)
        examination.look(title)
        page.set_viewport_size(WINDOW)
        for popover in ("Look", "Settings", "Open a saved result", "Examine it"):
            button = page.get_by_role("button", name=popover).first
            if button.count() and button.is_enabled():  # "Look through the folder" is not, before one is named
                button.click()
                page.wait_for_timeout(400)
                examination.look(f"{title}, {popover}")
                page.keyboard.press("Escape")
        if title == "Models":
            page.get_by_text("Add a model of your own").click()
            expect(page.get_by_text("Class names")).to_be_visible()
            settle(page)
            unfold(page)
            examination.look("the form that adds a model")
    assert not examination.wrong, "\n\n".join(examination.wrong)
    assert examination.met == set(STREAMLITS_OWN), "something listed as Streamlit's own is no longer there"


def test_nothing_serious_is_wrong_with_two_models_beside_each_other(address: str, examination: Examination) -> None:
    page = examination.page
    page.goto(address + "/saliency?photo=koala&crop_mode=squash&model=efficientnet_lite0&controls=19")
    expect(page.locator(".st-key-live_maps figure")).to_have_count(3)
    settle(page)
    choice = page.get_by_role("combobox", name="Beside it")
    choice.scroll_into_view_if_needed()
    page.wait_for_timeout(500)  # a list closes when what it belongs to is scrolled
    choice.click()
    page.get_by_role("option", name="Koalas or teapots").click()
    maps = page.locator(".st-key-live_maps figure")
    expect(maps.nth(2).locator("figcaption")).to_have_text("Koalas or teapots")
    expect(maps.nth(2).locator(".note")).to_contain_text("Koalas or teapots · gradient, strongest channel · sigma 1.43")
    ends = [figure.locator(".ends").inner_text() for figure in maps.all()[1:]]
    assert ends[0] == ends[1], "one scale for both"
    page.locator(".st-key-live_maps input").fill("10")
    expect(maps.nth(1).locator(".note")).to_contain_text("sigma 10")
    expect(maps.nth(2).locator(".note")).to_contain_text("sigma 2.86")
    settle(page)
    assert "beside=small" in page.url
    unfold(page)
    examination.look("Saliency")
    page.set_viewport_size(WINDOW)
    for title in ("Classification", "Masking experiment"):
        page.get_by_test_id("stSidebarNav").get_by_role("link", name=title).click()
        settle(page)
        if title == "Masking experiment":
            _mask(page)
            expect(page.get_by_text("Whether the two models differ has not been tested")).to_be_visible()
        expect(page.get_by_text("Koalas or teapots").first).to_be_visible()
        settle(page)
        unfold(page)
        examination.look(title)
        page.set_viewport_size(WINDOW)
    assert not examination.wrong, "\n\n".join(examination.wrong)


def test_nothing_serious_is_wrong_with_any_step_of_the_tour(address: str, examination: Examination) -> None:
    page = examination.page
    page.goto(address + "/?present=1&model=efficientnet_lite0")
    for step in range(1, len(STEPS) + 1):
        expect(page.get_by_text(f"Step {step} of {len(STEPS)}")).to_be_visible()
        settle(page)
        examination.look(f"Step {step}")
        page.keyboard.press("PageDown")
        if page.get_by_text(f"Step {step} of").count() and step < len(STEPS):
            settle(page)
            if page.get_by_text(f"Step {step} of").count():  # it asked, and now shows the answer
                examination.look(f"Step {step}, answered")
                page.keyboard.press("PageDown")
    page.get_by_role("button", name="Model").click()
    page.wait_for_timeout(400)
    examination.look("the popover of presenter mode")
    assert not examination.wrong, "\n\n".join(examination.wrong)
