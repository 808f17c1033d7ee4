"""Takes the README's screenshots from the running dashboard: python -m scripts.screenshots"""

import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from saliency_core.audit.home import HOME
from saliency_core.audit.planning import make_plan
from saliency_core.audit.run import run_audit
from scripts.browsing import LAPTOP, ROOT, open_chromium, serve_dashboard, settle
from scripts.shapes import CLASSES, draw_pictures, shapes_classifier

FOLDER = ROOT / "assets" / "screenshots"
PAGES = {
    "tour": "Guided tour",
    "classification": "Classification",
    "saliency": "Saliency",
    "masking": "Masking experiment",
    "evidence": "Evidence",
    "audit": "Audit",
}
SHAPES = 45
"""Pictures that are audited: fifteen of each shape."""
PATIENCE = 180_000
"""Milliseconds for what is computed behind a page, or takes the model many passes."""
LINK = "/?photo=koala&model=efficientnet_lite0&crop_mode=squash&step=7"


def shoot(page: Page, name: str) -> None:
    """Save the page as it is; tall pages are shown whole."""
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": LAPTOP[0], "height": max(LAPTOP[1], height)})
    settle(page)
    page.screenshot(path=FOLDER / f"{name}.jpg", type="jpeg", quality=88)


def audit_shapes(folder: Path) -> None:
    """A finished audit, “shapes”, in a folder of audits: of pictures whose truth is known."""
    drawn = draw_pictures(SHAPES, seed=7)
    lines = ["file,xmin,ymin,xmax,ymax"]
    for place, (pixels, label, at) in enumerate(zip(drawn.pixels, drawn.labels, drawn.regions, strict=True)):
        name = f"{CLASSES[label]}/{place:03}.png"
        path = folder / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
        lines.append(f"{name},{at.left},{at.top},{at.left + at.width},{at.top + at.height}")
    (folder / "photos" / "boxes.csv").write_text("\n".join(lines))
    classifier = shapes_classifier()
    for _ in run_audit(make_plan(folder / "photos", classifier), classifier, folder / "audits" / "shapes"):
        pass


def main() -> None:
    """Visit every page once."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        audit_shapes(folder)
        with (
            serve_dashboard(folder / "log.txt", {HOME: str(folder / "audits")}) as address,
            open_chromium() as browser,
        ):
            visit(address, browser)


def visit(address: str, browser: Browser) -> None:
    """Take all pictures."""
    for name, title in PAGES.items():
        page = browser.new_page(viewport={"width": LAPTOP[0], "height": LAPTOP[1]})
        page.goto(address + LINK)
        link = page.get_by_role("link", name=title)
        link.click()
        expect(link).to_have_attribute("aria-current", "page")
        settle(page)
        if name == "masking":
            page.get_by_role("button", name="Head").click()
        drawn = ".strip img" if name == "audit" else "figure img, figure canvas"
        expect(page.locator(drawn).first).to_be_visible()
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
