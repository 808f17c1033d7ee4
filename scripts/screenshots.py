"""Takes the README's screenshots from the running dashboard: python -m scripts.screenshots"""

import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect

from scripts.browsing import LAPTOP, ROOT, open_chromium, serve_dashboard, settle

FOLDER = ROOT / "assets" / "screenshots"
PAGES = {
    "tour": "Guided tour",
    "classification": "Classification",
    "saliency": "Saliency",
    "masking": "Masking experiment",
    "evidence": "Evidence",
}
PATIENCE = 180_000
"""Milliseconds for what is computed behind a page, or takes the model many passes."""
LINK = "/?photo=koala&model=efficientnet_lite0&crop_mode=squash&step=7"


def shoot(page: Page, name: str) -> None:
    """Save the page as it is; tall pages are shown whole."""
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": LAPTOP[0], "height": max(LAPTOP[1], height)})
    settle(page)
    page.screenshot(path=FOLDER / f"{name}.jpg", type="jpeg", quality=88)


def main() -> None:
    """Visit every page once."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        serve_dashboard(Path(folder) / "log.txt") as address,
        open_chromium() as browser,
    ):
        for name, title in PAGES.items():
            page = browser.new_page(viewport={"width": LAPTOP[0], "height": LAPTOP[1]})
            page.goto(address + LINK)
            link = page.get_by_role("link", name=title)
            link.click()
            expect(link).to_have_attribute("aria-current", "page")
            settle(page)
            if name == "masking":
                page.get_by_role("button", name="Head").click()
            expect(page.locator("figure img, figure canvas").first).to_be_visible()
            settle(page)
            if name == "saliency":
                expect(page.get_by_text("This is being found out")).to_have_count(0, timeout=PATIENCE)
            if name == "evidence":
                expect(page.get_by_text("One photo proves little").first).to_be_visible(timeout=PATIENCE)
            settle(page)
            shoot(page, name)
            page.close()


if __name__ == "__main__":
    main()
