"""An audit's report: what it says, and that nothing from outside gets out of its place."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from saliency_core.audit.store import read_audit
from saliency_core.audit.summary_file import read_summary
from saliency_core.audit.tables import open_table
from saliency_core.commands import main
from saliency_core.errors import AuditError
from saliency_core.presentation.audit_report import LIMITS, audit_report
from scripts.browsing import CHROMIUM
from tests.made_audit import draw_rows, make_row, write_audit

DAY = date(2026, 1, 2)
NASTY = "<script>alert(1)</script>"
CLASSES = ("cup", "dog", NASTY, "elk")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An audit of four classes, one of them with few photos; some photos are there and others are gone."""
    folder = tmp_path / "photos <b>"
    folder.mkdir()
    rows = [*draw_rows(120, 3), *(make_row(500 + each, 3, 0.9) for each in range(4))]
    write_audit(tmp_path / "out", rows, CLASSES, str(folder))
    for place in range(0, 120, 2):
        Image.new("RGB", (60, 40), (2 * place, 0, 0)).save(folder / f"{place:05}.jpg")
    return tmp_path / "out"


def test_it_says_what_was_found(out: Path) -> None:
    report = audit_report(out, DAY)
    text = " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", report, flags=re.DOTALL).split())
    overview = read_summary(out)
    for each in overview.classes:
        label = each.summary.label if each.summary.label != NASTY else "&lt;script&gt;alert(1)&lt;/script&gt;"
        needs = each.summary.fills["grey"].need
        assert f"{label} {each.summary.photos} " in text
        assert f'aria-label="{needs.share:.0%}, 95% interval {needs.low:.0%} to ' in report
        sentence = each.sentence.replace("<", "&lt;").replace(">", "&gt;")
        assert (sentence in text) == each.summary.ranked
    hidden = sum(bool(row.row.hidings) for row in read_audit(out).rows)
    assert f"Made up was asked about 124 photos; an object was hidden {hidden} times." in text
    assert text.count("This was not tried.") == 2
    assert f"{124 - hidden} x no object is declared" in text
    for limit in LIMITS:
        assert limit in text
    assert "on cpu" in text
    assert "39 random places of each object’s shape; seed 7" in text
    assert report == audit_report(out, DAY)


def test_the_photos_that_say_most_are_there(out: Path) -> None:
    report = audit_report(out, DAY)
    figures = re.findall(r"<figure>.*?</figure>", report, re.DOTALL)
    assert len(figures) == 3 * 6
    with open_table(out) as table:
        shown = [row for each in read_summary(out).classes[:3] for row in table.photos(each.summary.target, count=3)]
    assert [f"The photo {row.photo}" in report for row in shown] == [True] * 9
    for figure in figures:
        (place,) = re.findall(r"The photo (\d+)\.jpg", figure)
        is_there = int(place) % 2 == 0
        assert ("data:image/jpeg;base64," in figure) == is_there
        assert ("cannot be shown: it is gone, or damaged" in figure) != is_there
        assert ("left:0.00%;top:10.00%;width:50.00%;height:90.00%" in figure) == is_there


def test_text_from_outside_stays_text(out: Path) -> None:
    values = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    values["title"] = NASTY
    values["findings"] = {"sentences": ["A mark was found.", NASTY], "tried": 3}
    values["self_test"] = {"sentences": []}
    (out / "summary.json").write_text(json.dumps(values), encoding="utf-8")
    report = audit_report(out, DAY)
    assert "<script" not in report
    assert "photos <b>" not in report
    assert "<p>A mark was found.</p><p>&lt;script&gt;alert(1)&lt;/script&gt;</p>" in report
    assert report.count("This was not tried.") == 1
    assert "default-src 'none'" in report
    assert not re.search(r"""(src|href)=["'](?!data:)""", report)


def test_without_objects_it_says_so(tmp_path: Path) -> None:
    write_audit(tmp_path / "out", [make_row(each, 0, None) for each in range(12)], CLASSES)
    report = audit_report(tmp_path / "out", DAY)
    assert "Without hiding an object, nothing can be said of what its answers need." in report
    assert "<figure" not in report


def test_the_command_writes_it(out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit-report", str(out), str(tmp_path / "a.html")]) == 0
    assert "Which classes need their object?" in (tmp_path / "a.html").read_text(encoding="utf-8")
    assert main(["audit-report", str(out), str(tmp_path / "missing" / "a.html")]) == 1
    assert main(["audit-report", str(tmp_path), str(tmp_path / "b.html")]) == 1
    assert "There is no audit in" in capsys.readouterr().err
    (out / "summary.json").unlink()
    with pytest.raises(AuditError, match="not finished"):
        audit_report(out, DAY)


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_it_opens_offline_and_axe_finds_nothing(out: Path, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    (tmp_path / "a.html").write_text(audit_report(out, DAY), encoding="utf-8")
    said: list[str] = []
    with sync_playwright() as driver:
        page = (
            driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"]).new_context(offline=True).new_page()
        )
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto((tmp_path / "a.html").as_uri())
        for width in (390, 1100):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
            assert Axe().run(page).response["violations"] == []
        assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
        assert len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(format="A4"))) in (2, 3)
    assert said == []
