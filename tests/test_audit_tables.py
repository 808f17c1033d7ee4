"""An audit looked up again: its photos by DuckDB, its summary, and small pictures of its photos."""

import csv
import io
import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from PIL import Image

from saliency_core.audit.cases import Case
from saliency_core.audit.overview import summarize_audit
from saliency_core.audit.plan import Plan
from saliency_core.audit.plan_file import read_heading, write_plan
from saliency_core.audit.run import run_audit
from saliency_core.audit.store import Measured, read_audit, shard_path, write_shard
from saliency_core.audit.summary_file import read_summary
from saliency_core.audit.tables import ORDERS, open_table
from saliency_core.audit.thumbnails import HEIGHT, thumbnail
from saliency_core.audit.words import find_word, tell_class
from saliency_core.errors import AuditError, PhotoError, RequestError
from saliency_core.photos.photo import open_photo
from scripts.large_audit import main
from tests.made_audit import draw_rows, write_audit
from tests.small_audit import CLASSES, plan_small, small_classifier
from tests.test_audit_run import add_bad_photos, draw_photos
from tests.test_audit_store import PLAN, fill


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty photos and three that cannot be read."""
    folder = draw_photos(tmp_path_factory.mktemp("photos"), 30)
    add_bad_photos(folder)
    return folder


@pytest.fixture(scope="module")
def plan(photos: Path) -> Plan:
    """Of all photos, five a shard."""
    return plan_small(photos, small_classifier())


@pytest.fixture(scope="module")
def finished(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An audit with a folder's name that a pattern would read otherwise."""
    out = tmp_path_factory.mktemp("out") / "an [audit]* of 'mine' ?"
    list(run_audit(plan, small_classifier(), out))
    return out


@pytest.fixture(scope="module")
def rows(finished: Path) -> tuple[Measured, ...]:
    """What is to be found, read without DuckDB."""
    return read_audit(finished).rows


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An audit of photos of every case and need."""
    out = tmp_path_factory.mktemp("made") / "out"
    write_audit(out, draw_rows(200, 3), CLASSES)
    return out


def need(row: Measured) -> float:
    return row.row.hidings[0][1].need if row.row.hidings else float("nan")


def in_order(rows: Iterable[Measured], sign: int = 1) -> tuple[Measured, ...]:
    """By need, those without one last, and then by name."""
    return tuple(
        sorted(rows, key=lambda row: (not row.row.hidings, sign * need(row) if row.row.hidings else 0, row.photo))
    )


def test_photos_come_in_order_page_by_page(made: Path) -> None:
    rows = read_audit(made).rows
    with open_table(made) as table:
        assert table.photos(count=1000) == in_order(rows)
        assert table.photos(order="name", count=1000) == rows
        for target in range(3):
            own = in_order((row for row in rows if row.row.target == target), -1)
            found = [table.photos(target, descending=True, start=start, count=20) for start in range(0, 100, 20)]
            assert len(own) > 41
            assert tuple(row for page in found for row in page) == own
            assert [len(page) for page in found[:2]] == [20, 20]
        for order in ORDERS:
            assert set(table.photos(order=order, count=1000)) == set(rows)
        darkest = [row.row.brightness for row in table.photos(order="brightness", count=1000)]
        assert darkest == sorted(darkest)
        assert darkest[0] < darkest[-1]


def test_cases_are_counted_and_looked_for(made: Path) -> None:
    rows = read_audit(made).rows
    with open_table(made) as table:
        counts = table.counts()
        assert list(counts) == [*Case, None]
        assert counts == {case: sum(row.case is case for row in rows) for case in (*Case, None)}
        for case in Case:
            assert table.photos(case=case, order="name") == tuple(row for row in rows if row.case is case)[:24]
            of_one = tuple(row for row in rows if row.case is case and row.row.target == 1)
            assert table.photos(1, case, "name") == of_one[:24]
            assert table.counts(1).get(case, 0) == len(of_one)
        assert table.counts(99) == {}
        assert table.photos(case="none", order="name") == tuple(row for row in rows if row.case is None)[:24]


def test_a_photo_is_found_with_its_boxes(finished: Path, rows: tuple[Measured, ...], plan: Plan) -> None:
    with open_table(finished) as table:
        for row, photo in zip(
            rows, (each for each in plan.photos if each.name in {row.photo for row in rows}), strict=True
        ):
            assert table.find(row.photo) == (row,)
            assert row.boxes == photo.targets[0].boxes
            assert len(row.boxes) == 1
        for name in ("nothing.png", "' OR 1=1 --", "%", ""):
            assert table.find(name) == ()
        assert table.heading == read_heading(finished)
        assert (table.heading.categories, table.heading.planned) == (CLASSES, 33)


def test_photos_on_which_nothing_was_hidden_come_last_and_are_no_case(tmp_path: Path) -> None:
    fill(tmp_path)
    rows = read_audit(tmp_path).rows
    with open_table(tmp_path) as table:
        for descending in (False, True):
            assert table.photos(descending=descending) == rows
        assert table.counts() == {Case.NEEDS: 1, None: 1}
        assert table.photos(case="none") == rows[1:]
        (only,) = table.so_far()
        assert (only.label, only.photos, only.judged, only.need, only.labelled, only.right) == ("red", 2, 1, 0.7, 1, 1)


def test_what_cannot_be_asked_is_refused(finished: Path) -> None:
    with open_table(finished) as table:
        for order in ("nothing", "photo; DROP VIEW audit", ""):
            with pytest.raises(RequestError, match="order"):
                table.photos(order=order)  # type: ignore[arg-type]
        for more in ({"start": -1}, {"count": 0}, {"count": 1001}, {"start": 0.5}):
            with pytest.raises(RequestError, match="whole number"):
                table.photos(**more)


def test_an_unfinished_audit_is_read_as_far_as_it_is(plan: Plan, tmp_path: Path) -> None:
    small = small_classifier()
    work = run_audit(plan, small, tmp_path)
    next(work)
    with pytest.raises(AuditError, match="is finished yet"):
        open_table(tmp_path)
    with pytest.raises(AuditError, match="not finished"):
        read_summary(tmp_path)
    for progress in work:
        if progress.done == 11:
            break
    with open_table(tmp_path) as table:
        assert table.photos(order="name") == read_audit(tmp_path).rows
        before = table.so_far()
        assert [(each.label, each.photos, each.right) for each in before] == [("blue thing", 10, 10)]
        list(work)  # writes more shards, and the file of all rows
        assert table.so_far() == before
    with open_table(tmp_path) as table:
        assert [each.photos for each in table.so_far()] == [10, 10, 10]


def test_several_threads_may_ask(finished: Path) -> None:
    found: list[Measured] = []

    def ask() -> None:
        for _ in range(20):
            found.extend(table.photos(count=9))

    with open_table(finished) as table:
        threads = [Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [*table.photos(count=9)] * 80


def test_a_closed_table_says_so_and_blames_no_file(finished: Path) -> None:
    with open_table(finished) as table:
        pass
    with pytest.raises(AuditError, match="closed meanwhile"):
        table.counts()


def test_rows_of_other_columns_are_another_version_s(tmp_path: Path) -> None:
    from pyarrow import parquet

    fill(tmp_path)
    path = shard_path(tmp_path, 0)
    parquet.write_table(parquet.read_table(path).drop_columns(["sharpness"]), path)
    with open_table(tmp_path) as table, pytest.raises(AuditError, match="Another version wrote this audit"):
        table.photos()


def test_all_rows_are_exported(finished: Path, rows: tuple[Measured, ...], tmp_path: Path) -> None:
    from pyarrow import parquet

    with open_table(finished) as table:
        table.export_csv(tmp_path / "a'b.csv")
        table.export_parquet(tmp_path / "a.parquet")
        with pytest.raises(AuditError, match="cannot be written"):
            table.export_csv(tmp_path / "missing" / "a.csv")
    lines = list(csv.DictReader(io.StringIO((tmp_path / "a'b.csv").read_text(encoding="utf-8"))))
    assert [line["photo"] for line in lines] == [row.photo for row in rows]
    assert [float(line["grey_need"]) for line in lines] == [need(row) for row in rows]
    assert [line["case"] for line in lines] == [row.case.value if row.case else "" for row in rows]
    assert (
        parquet.read_table(tmp_path / "a.parquet").to_pylist()
        == parquet.read_table(finished / "rows.parquet", partitioning=None).to_pylist()
    )


def test_damaged_and_foreign_files_are_named(tmp_path: Path) -> None:
    fill(tmp_path)
    path = shard_path(tmp_path, 0)
    whole = path.read_bytes()
    for data in (whole[:-20], b"", whole[:4] + b"\0" * 900 + whole[904:]):
        path.write_bytes(data)
        with pytest.raises(AuditError, match=r"00000\.parquet is damaged"), open_table(tmp_path) as table:
            table.photos()
    path.write_bytes(whole)
    write_shard(tmp_path, replace(PLAN, categories=("red", "any")), 1, [])
    with pytest.raises(AuditError, match=r"00001\.parquet belongs to another audit"):
        open_table(tmp_path)
    shard_path(tmp_path, 1).unlink()
    with open_table(tmp_path) as table:
        path.unlink()
        with pytest.raises(AuditError, match=r"00000\.parquet is damaged or gone"):
            table.counts()
    with pytest.raises(AuditError, match="There is no audit"):
        open_table(tmp_path / "nowhere")
    for text in ("", "[]", "{}", '{\n"format": 1,\n"photos": []\n}', '{\n"format": 2,\n"digest": 3\n}'):
        (tmp_path / "plan.json").write_text(text)
        with pytest.raises(AuditError, match="another version wrote it"):
            open_table(tmp_path)


def test_without_duckdb_it_is_said(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(AuditError, match="pip install duckdb"):
        open_table(finished)


def test_a_heading_is_read_without_the_photos(tmp_path: Path) -> None:
    write_plan(tmp_path, PLAN)
    whole = (tmp_path / "plan.json").read_text(encoding="utf-8")
    (tmp_path / "plan.json").write_text(whole[: whole.index('"photos": [') + 13], encoding="utf-8")
    heading = read_heading(tmp_path)
    assert (heading.digest, heading.planned, heading.folder) == (PLAN.digest, 3, "/photos")
    assert (heading.title, heading.categories, heading.asked) == (PLAN.title, PLAN.categories, PLAN.asked)


def test_a_summary_comes_back(finished: Path, plan: Plan) -> None:
    overview = read_summary(finished)
    assert tuple(each.summary for each in overview.classes) == summarize_audit(read_audit(finished))
    for each in overview.classes:
        assert (each.word, each.sentence) == (find_word(each.summary), tell_class(each.summary))
    assert (overview.planned, overview.found, overview.done, overview.rows) == (33, 33, 33, 30)
    assert (overview.title, overview.model, overview.settings, overview.plan) == (
        "Small",
        "small",
        plan.asked.settings,
        plan.digest,
    )
    assert len(overview.left_out) == sum(overview.left_out_by_reason.values()) == 3
    assert overview.more == {"findings": None, "self_test": None}


def test_other_parts_of_a_summary_are_kept_and_damage_is_named(finished: Path, tmp_path: Path) -> None:
    fill(tmp_path)
    values = json.loads((finished / "summary.json").read_text(encoding="utf-8"))
    path = tmp_path / "summary.json"
    path.write_text(json.dumps(values | {"findings": {"sentences": ["One."]}}))
    assert read_summary(tmp_path).more == {"findings": {"sentences": ["One."]}, "self_test": None}
    first, *others = values["classes"]
    damages: tuple[dict[str, Any], ...] = (
        {"schema_version": 0},
        {"classes": 3},
        {"classes": [first | {"word": "nonsense"}, *others]},
        {"classes": [first | {"photos": "many"}, *others]},
        {"classes": [{name: first[name] for name in first if name != "named"}, *others]},
        {"settings": {}},
        {"photos": None},
    )
    for damage in damages:
        path.write_text(json.dumps(values | damage))
        with pytest.raises(AuditError, match="damaged, or another version wrote it"):
            read_summary(tmp_path)
    path.write_text("[]")
    with pytest.raises(AuditError, match="damaged"):
        read_summary(tmp_path)
    with pytest.raises(AuditError, match="There is no audit"):
        read_summary(tmp_path / "nowhere")


def test_a_large_audit_is_made_of_a_small_one_and_timed(
    finished: Path, rows: tuple[Measured, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(finished), str(tmp_path / "large"), "--rows", "70"]) == 0
    large = read_audit(tmp_path / "large").rows
    assert [row.photo for row in large] == [f"{place // 30:05}/{rows[place % 30].photo}" for place in range(70)]
    assert len({row.row.digest for row in large}) == 70
    assert [replace(row.row, digest="") for row in large[30:60]] == [replace(row.row, digest="") for row in rows]
    with open_table(tmp_path / "large") as table:
        assert thumbnail(tmp_path, table.heading.folder, large[-1].photo)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 14
    assert all(line.endswith(" s") for line in lines)


def test_a_thumbnail_is_made_once(tmp_path: Path) -> None:
    folder, out = tmp_path / "photos", tmp_path / "out"
    (folder / "a").mkdir(parents=True)
    out.mkdir()
    large = Image.linear_gradient("L").resize((800, 600)).convert("RGB")
    turned = Image.Exif()
    turned[0x0112] = 6
    large.save(folder / "a" / "turned.jpg", exif=turned)
    large.save(folder / "grey.jpg")
    large.convert("RGBA").save(folder / "clear.png")
    for name, size in (("a/turned.jpg", (144, 192)), ("grey.jpg", (256, 192)), ("clear.png", (256, 192))):
        data = thumbnail(out, folder, name)
        with Image.open(io.BytesIO(data)) as small:
            assert (small.format, small.size) == ("JPEG", size)
            full = Image.fromarray(open_photo(folder / name).pixels).resize(size)
            pairs = zip(
                small.convert("L").resize((6, 6)).tobytes(), full.convert("L").resize((6, 6)).tobytes(), strict=True
            )
            assert max(abs(one - other) for one, other in pairs) < 12
        (folder / name).unlink()
        assert thumbnail(out, folder, name) == data
    assert len(list((out / "thumbnails").iterdir())) == 3
    assert HEIGHT == 192


def test_a_photo_that_cannot_be_shown_is_an_error(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    large = Image.new("RGB", (300, 300))
    large.save(tmp_path / "secret.jpg")
    names = (
        "../secret.jpg",
        "a/../../secret.jpg",
        str(tmp_path / "secret.jpg"),
        "..\\secret.jpg",
        "C:\\x.jpg",
        "\\x.jpg",
    )
    for name in (*names, "gone.jpg", "", "a\0b.jpg"):
        with pytest.raises(PhotoError):
            thumbnail(tmp_path, tmp_path / "photos", name)
    for name in ("huge.png", "text.png", "truncated.jpg"):
        with pytest.raises(PhotoError):
            thumbnail(tmp_path, photos / "red", name)
    assert not (tmp_path / "thumbnails").exists()


def test_a_thumbnail_that_cannot_be_kept_is_there_all_the_same(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "thumbnails").write_text("a file")
    assert thumbnail(tmp_path, photos, "green thing/01.png")[:2] == b"\xff\xd8"
