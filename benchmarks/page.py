"""The page as a person meets it, in Chromium, beside a bare Streamlit page."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

import saliency_core as core
from benchmarks.measure import Effort, Entry, spread_of, tell_turns
from benchmarks.photos import read_sample
from benchmarks.serving import Server, serve
from benchmarks.wire import Wire, lay_wire
from pages.ui.samples import samples
from saliency_core.presentation.figures import display_photo
from scripts.browsing import CHROMIUM, LAPTOP, ROOT, open_chromium, settle

PATIENCE = 120_000
SLOW = 10e6, 0.025
SLOW_WORDS = "over 10 Mbit/s with 50 ms there and back"
MOST_STEPS = 15
"""As often can either slider be moved up without coming to its end."""
BARE_PICTURES = 40
DRAGGED_FRAMES = 180
HELD_MILLISECONDS = 3000
_HERE = Path(__file__).parent
_WATCHING = (_HERE / "watching.js").read_text()
DASHBOARD, BARE = "dashboard", "bare page"
_NOTES = {BARE: "a Streamlit page with a slider, a button and one stored picture of the same size"}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a page shows the picture that is waited for.

    selector: what holds the picture; words: what is written there, too.
    """

    selector: str
    words: str = ""

    def to_data(self) -> dict[str, str]:
        """What watching.js wants."""
        return {"selector": self.selector, "words": self.words}


@dataclass(frozen=True, slots=True)
class Change:
    """What came of an action.

    seconds: until another picture was on screen; sent: KiB that the server sent until its run was over.
    """

    seconds: float
    sent: float


@dataclass(frozen=True, slots=True)
class Opened:
    """A page in a browser, and the wire that it is served by."""

    page: Page
    wire: Wire


FIRST = {DASHBOARD: Spot("figure"), BARE: Spot("[data-testid=stImage] img")}
OVERLAY = Spot("figure", "Map over the photo")


def measure_page(effort: Effort) -> Iterator[Entry]:
    """From the command to the first picture, from a click to a map, from a key to another smoothing; answers while
    a region is moved."""
    if CHROMIUM is None:
        yield Entry("page", "Chromium", DASHBOARD, "ms", None, note="no Chromium on this machine")
        return
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        _store_pictures(folder)
        stack.enter_context(patch.dict(os.environ, BARE_PICTURES=name))
        browser = stack.enter_context(open_chromium())
        yield from _measure_start(browser, folder, effort)
        ours = stack.enter_context(serve(ROOT / "dashboard.py", folder))
        bare = stack.enter_context(serve(_HERE / "bare_page.py", folder))
        yield from _measure_actions(browser, ours, bare, effort)
        yield from _measure_actions(browser, ours, bare, effort, slow=True)
        yield from _measure_hand(browser, ours, effort)


def _measure_start(browser: Browser, folder: Path, effort: Effort) -> list[Entry]:
    seconds: dict[str, list[float]] = {DASHBOARD: [], BARE: []}
    scripts = {DASHBOARD: ROOT / "dashboard.py", BARE: _HERE / "bare_page.py"}
    for _ in range(effort.for_long().turns):
        for name, script in scripts.items():
            with serve(script, folder) as server:
                page = _new_page(browser)
                page.goto(f"{server.address}/?model=efficientnet_lite0", wait_until="commit")
                shown: float = page.evaluate("what => window.watching.first(what)", FIRST[name].to_data())
                seconds[name].append(shown / 1000 - server.started)
                page.context.close()
    return tell_turns("page", "from `streamlit run` to the first picture", seconds, _NOTES)


def _measure_actions(
    browser: Browser, ours: Server, bare: Server, effort: Effort, slow: bool = False
) -> Iterator[Entry]:
    """Photos, classes and sigmas chosen on the saliency page, over a fast wire or a slow one."""
    with ExitStack() as stack:
        speed = SLOW if slow else (0, 0)
        dashboard, other = (
            Opened(_new_page(browser), stack.enter_context(lay_wire(server.address, *speed))) for server in (ours, bare)
        )
        dashboard.page.goto(f"{dashboard.wire.address}/saliency?model=efficientnet_lite0&crop_mode=squash")
        other.page.goto(other.wire.address)
        for each, spot in ((dashboard.page, OVERLAY), (other.page, FIRST[BARE])):
            each.evaluate("what => window.watching.first(what)", spot.to_data())
            settle(each)
        yield from _measure_choices(dashboard, other, effort, f", {SLOW_WORDS}" if slow else "")
        if not slow:
            yield from _measure_drag(dashboard.page, effort)
        for each in (dashboard.page, other.page):
            each.context.close()


def _measure_choices(dashboard: Opened, other: Opened, effort: Effort, how: str) -> Iterator[Entry]:
    page = dashboard.page
    swap = other.page.get_by_role("button", name="Swap")
    fresh = [source.title for source in samples().values()][1 : 1 + max(2, effort.turns)]
    for case in ("a new photo", "a photo seen before"):
        buttons = [page.get_by_role("button", name=title, exact=True) for title in fresh]
        pairs = [(_click(dashboard, button), _click(other, swap, FIRST[BARE])) for button in buttons]
        yield from _tell_changes(f"from a click on {case} to its map{how}", pairs)
    classes = page.get_by_test_id("stButtonGroup").first.get_by_role("radio")
    pairs = [(_click(dashboard, classes.nth(place)), _click(other, swap, FIRST[BARE])) for place in range(1, 5)]
    yield from _tell_changes(f"from a click on another class to its map{how}", pairs)
    slider, plain = page.get_by_role("slider").first, other.page.get_by_role("slider").first
    for case, key in (("a new sigma", "ArrowRight"), ("a sigma seen before", "ArrowLeft")):
        pairs = [
            (_press(dashboard, slider, key, OVERLAY), _press(other, plain, key, FIRST[BARE]))
            for _ in range(min(effort.turns, MOST_STEPS))
        ]
        yield from _tell_changes(f"from a key press to {case}{how}", pairs)


def _tell_changes(case: str, pairs: Sequence[tuple[Change, Change]]) -> Iterator[Entry]:
    """Seconds, and what was sent for them."""
    seconds = {DASHBOARD: [ours.seconds for ours, _ in pairs], BARE: [theirs.seconds for _, theirs in pairs]}
    yield from tell_turns("page", case, seconds, _NOTES)
    for name, changes in ((DASHBOARD, [ours for ours, _ in pairs]), (BARE, [theirs for _, theirs in pairs])):
        yield Entry("page", case, f"{name}, sent", "KiB", spread_of([change.sent for change in changes]))


def _measure_drag(page: Page, effort: Effort) -> list[Entry]:
    case = "while sigma moves a step before every frame"
    rates: list[dict[str, float]] = []
    for _ in range(effort.for_long().turns):
        rates.append(page.evaluate("frames => window.watching.drag(frames)", DRAGGED_FRAMES))
        settle(page)
    return [
        Entry("page", case, who, "frames/s", spread_of([rate[what] for rate in rates]), note=note)
        for who, what, note in (
            (DASHBOARD, "redrawn", "with the map smoothed anew and drawn"),
            ("the browser", "all", "all that it drew"),
        )
    ]


def _measure_hand(browser: Browser, ours: Server, effort: Effort) -> Iterator[Entry]:
    pages = [_new_page(browser) for _ in range(2)]
    for page in pages:
        page.goto(f"{ours.address}/masking_experiment?model=efficientnet_lite0&crop_mode=squash&photo=koala")
        page.get_by_role("button", name="Head", exact=True).click()
        page.locator(".st-key-verdict").get_by_text("The finding").wait_for()
        settle(page)
    case = "updates a second under the hand"
    note = "answers shown while a region of the masking page is moved before every frame"
    for who, moved in ((DASHBOARD, pages[:1]), ("two sessions at once, each", pages)):
        rates = [rate for _ in range(effort.for_long().turns) for rate in _move_regions(moved)]
        yield Entry("page", case, who, "answers/s", spread_of(rates), note=note)


def _move_regions(pages: Sequence[Page]) -> list[float]:
    """Answers a second on each of the pages, whose regions are moved at the same time and let go where they were."""
    for page in pages:
        page.locator(".region").hover()
        page.mouse.down()
    for page in pages:
        page.evaluate("milliseconds => window.watching.move(milliseconds)", HELD_MILLISECONDS)
    rates: list[float] = [page.evaluate("() => window.watching.answers") for page in pages]
    for page in pages:
        page.mouse.up()
    for page in pages:
        settle(page)
    return rates


def _click(opened: Opened, button: Locator, spot: Spot | None = None) -> Change:
    before = opened.wire.sent
    opened.page.evaluate("what => window.watching.arm(what, 'click')", (spot or OVERLAY).to_data())
    button.click()
    return _finish(opened, before)


def _press(opened: Opened, slider: Locator, key: str, spot: Spot) -> Change:
    before = opened.wire.sent
    slider.focus()
    opened.page.evaluate("what => window.watching.arm(what, 'keydown')", spot.to_data())
    slider.press(key)
    return _finish(opened, before)


def _finish(opened: Opened, before: int) -> Change:
    milliseconds: float = opened.page.evaluate("() => window.watching.change")
    settle(opened.page)
    return Change(milliseconds / 1000, (opened.wire.sent - before) / 1024)


def _new_page(browser: Browser) -> Page:
    context = browser.new_context(viewport={"width": LAPTOP[0], "height": LAPTOP[1]})
    context.set_default_timeout(PATIENCE)
    context.add_init_script(_WATCHING)
    return context.new_page()


def _store_pictures(folder: Path) -> None:
    """Pictures of the sample photo's size, no two alike."""
    pixels = display_photo(core.decode_photo(read_sample()))
    for place in range(BARE_PICTURES):
        darker = np.rint(pixels * (1 - place / (2 * BARE_PICTURES))).astype(np.uint8)
        Image.fromarray(darker).save(folder / f"{place:03}.jpg", quality=92)
