"""An audit of a folder: it goes on wherever it was stopped, with the same bytes, and lists what it cannot measure."""

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import saliency_core as core
from saliency_core.audit import files, run, store
from saliency_core.audit.donors import open_planned
from saliency_core.audit.files import hold
from saliency_core.audit.journal import Done
from saliency_core.audit.measure import NO_OBJECT, measure_photo
from saliency_core.audit.overview import tell_audit
from saliency_core.audit.plan import Plan, Planned, Target
from saliency_core.audit.planning import make_plan
from saliency_core.audit.run import Progress, run_audit
from saliency_core.audit.store import read_audit
from saliency_core.audit.summary_file import read_summary
from saliency_core.errors import AuditError, RequestError
from saliency_core.photos.formats import KINDS
from tests.small_audit import CLASSES, plan_small, small_classifier

ROOT = Path(__file__).parents[1]
SIDE, THING = 48, 16
BAD = ("red/huge.png", "red/text.png", "red/truncated.jpg")


def draw_photos(folder: Path, count: int) -> Path:
    """Photos of a red, green or blue square on grey in folders called so, and a table of boxes."""
    lines = ["file,xmin,ymin,xmax,ymax"]
    random = np.random.default_rng(0)
    for place in range(count):
        channel = place % 3
        name = f"{CLASSES[channel]}/{place:02}.png"
        pixels = random.integers(90, 110, (SIDE, SIDE, 3), np.uint8)
        top, left = random.integers(SIDE - THING, size=2).tolist()
        pixels[top : top + THING, left : left + THING] = 255 * (np.arange(3) == channel)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / name)
        lines.append(f"{name},{left},{top},{left + THING},{top + THING}")
    (folder / "boxes.csv").write_text("\n".join(lines))
    return folder


def add_bad_photos(folder: Path) -> None:
    """One cut short, one of too many pixels, one that is text; none of them is in the table."""
    place = folder / CLASSES[0]
    whole = next(iter(sorted(place.glob("*.png"))))
    Image.open(whole).resize((300, 300)).save(place / "truncated.jpg")
    (place / "truncated.jpg").write_bytes((place / "truncated.jpg").read_bytes()[:900])
    Image.new("1", (9000, 6000)).save(place / "huge.png")
    (place / "text.png").write_text("no picture")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirteen photos and three that cannot be read: four shards."""
    folder = draw_photos(tmp_path_factory.mktemp("photos"), 13)
    add_bad_photos(folder)
    return folder


@pytest.fixture(scope="module")
def small() -> core.Classifier:
    """A model whose truth is known."""
    return small_classifier()


@pytest.fixture(scope="module")
def plan(photos: Path, small: core.Classifier) -> Plan:
    """Of all photos."""
    return plan_small(photos, small)


@pytest.fixture(scope="module")
def finished(plan: Plan, small: core.Classifier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An audit that was never stopped."""
    out = tmp_path_factory.mktemp("out")
    told = list(run_audit(plan, small, out))
    assert [progress.done for progress in told] == sorted(progress.done for progress in told)
    assert told[-1] == Progress(16, 16)
    assert all(progress.seconds_left is None or progress.seconds_left >= 0 for progress in told)
    return out


def bytes_of(out: Path) -> dict[str, bytes]:
    """Every file of a folder but the lock."""
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name != "lock"
    }


def test_every_photo_has_its_row_or_its_reason(finished: Path, plan: Plan, small: core.Classifier) -> None:
    audit = read_audit(finished)
    assert audit.complete
    assert audit.plan == plan
    assert list(bytes_of(finished)) == [
        "plan.json",
        "rows.parquet",
        *(f"shards/0000{each}.parquet" for each in range(4)),
        "summary.json",
    ]
    assert [row.photo for row in audit.rows] == [
        photo.name for photo in plan.photos if "/0" in photo.name or "/1" in photo.name
    ]
    for row in audit.rows:
        planned = next(photo for photo in plan.photos if photo.name == row.photo)
        (target,), opened = planned.targets, open_planned(plan, small, planned)
        assert row.row == measure_photo(
            small, opened.photo, target.target, target.boxes, plan.asked.settings, backgrounds=opened.backgrounds[0]
        )
        assert (row.label, row.category, row.what) == (row.photo.split("/")[0], CLASSES[row.row.target], "object")
        assert row.row.right
        assert row.row.hidings
    reasons = {each.name.split("/")[1]: each.reason for each in audit.left_out}
    assert reasons == {
        "huge.png": "This picture has more than 50 million pixels once it is unpacked. Save a smaller copy and open "
        "that.",
        "text.png": f"This file is not a picture of a kind that can be read here. Use a {KINDS} file.",
        "truncated.jpg": "This picture is damaged or cut short and cannot be read to its end. Copy or download it "
        "again, or choose another.",
    }


def test_what_is_finished_is_not_measured_again(
    finished: Path, plan: Plan, small: core.Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bytes_of(finished)
    monkeypatch.setattr(run, "measure_photo", None)
    assert list(run_audit(plan, small, finished)) == [Progress(16, 16)]
    assert bytes_of(finished) == before


@pytest.mark.parametrize("stop_after", [0, 1, 4, 5, 6, 16])
def test_stopped_and_gone_on_with_it_is_the_same_to_the_byte(
    stop_after: int, finished: Path, plan: Plan, small: core.Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = run_audit(plan, small, tmp_path)
    for progress in work:
        if progress.done == stop_after:
            break
    work.close()  # type: ignore[attr-defined]
    measured: list[str] = []
    measure = run._measure_photo

    def count(plan: Plan, classifier: core.Classifier, photo: Planned, opened: object) -> Done:
        measured.append(photo.name)
        return measure(plan, classifier, photo, opened)  # type: ignore[arg-type]

    monkeypatch.setattr(run, "_measure_photo", count)
    *_, last = run_audit(plan, small, tmp_path)
    assert last == Progress(16, 16)
    assert measured == [photo.name for photo in plan.photos[stop_after:]]
    assert bytes_of(tmp_path) == bytes_of(finished)


def test_killed_at_three_moments_it_is_the_same_to_the_byte(
    finished: Path, plan: Plan, small: core.Classifier, tmp_path: Path
) -> None:
    """In a shard's middle, about where its file is written, and in a later run."""
    command = [sys.executable, "-m", "tests.small_audit", plan.folder, str(tmp_path)]
    seen = 0
    for moment in (3, 5, 11):
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                assert seen <= int(line) <= moment + 1  # nothing is lost of what was told
                if int(line) >= moment:
                    os.kill(process.pid, signal.SIGKILL)
                    break
            process.stdout.read()
        assert process.returncode == -signal.SIGKILL
        seen = moment
    assert not read_audit(tmp_path).complete
    *_, last = run_audit(plan, small, tmp_path)
    assert last.done == 16
    assert bytes_of(tmp_path) == bytes_of(finished)


@pytest.mark.parametrize("what", ["replace", "fsync"])
def test_a_file_that_is_not_written_to_its_end_is_not_there(
    what: str, finished: Path, plan: Plan, small: core.Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the process had ended just before a shard's file is put in its place."""

    class Killed(BaseException):
        pass

    def kill(*_: object) -> None:
        raise Killed

    work = run_audit(plan, small, tmp_path)
    assert next(progress.done for progress in work if progress.done == 5) == 5
    with monkeypatch.context() as patch:
        patch.setattr(Path if what == "replace" else os, what, kill)
        with pytest.raises(Killed):
            next(work)
    assert read_audit(tmp_path).done == 0
    assert (tmp_path / "shards" / "00000.jsonl").exists()
    assert (tmp_path / "shards" / "00000.parquet.part").exists()
    list(run_audit(plan, small, tmp_path))
    assert bytes_of(tmp_path) == bytes_of(finished)


def test_what_another_run_is_asked_for_differently_is_said(
    finished: Path, plan: Plan, small: core.Classifier, tmp_path: Path
) -> None:
    def refuse(other: Plan, classifier: core.Classifier = small) -> str:
        with pytest.raises(AuditError) as refused:
            next(run_audit(other, classifier, finished))
        return str(refused.value)

    before = bytes_of(finished)
    settings = replace(plan.asked.settings, crop_mode="border", fills=("blur",))
    told = refuse(replace(plan, asked=replace(plan.asked, settings=settings, seed=3)))
    assert "seed 0 then, 3 now; crop mode squash then, border now; fills grey and black then, blur now." in told
    assert "torch" in refuse(replace(plan, asked=replace(plan.asked, packages={"torch": "1"})))
    told = refuse(replace(plan, photos=plan.photos[:-2], asked=replace(plan.asked, preset="another")))
    assert "other input settings of the model; 2 photos not there now (red thing/text.png and red thing/trunc" in told
    fewer = draw_photos(tmp_path / "others", 14)
    told = refuse(plan_small(fewer, small))
    assert "1 photo not there then (green thing/13.png); 3 photos not there now (red thing/huge.png, red " in told
    (fewer / "boxes.csv").write_text((fewer / "boxes.csv").read_text().replace("/00.png,", "/00.png,1"))
    assert "1 photo with another size, label or boxes now" in refuse(plan_small(fewer, small))
    with pytest.raises(RequestError, match="for the model small, not for other"):
        next(run_audit(plan, replace(small, name="other"), finished))
    assert bytes_of(finished) == before


def test_moved_photos_are_the_same_photos(finished: Path, plan: Plan, small: core.Classifier) -> None:
    moved = replace(plan, folder="/elsewhere")
    list(run_audit(moved, small, finished))
    assert read_audit(finished).plan == moved
    list(run_audit(plan, small, finished))
    assert read_audit(finished).plan == plan


def test_one_run_at_a_time_writes_to_a_folder(plan: Plan, small: core.Classifier, tmp_path: Path) -> None:
    first = run_audit(plan, small, tmp_path)
    next(first)
    with pytest.raises(AuditError, match=rf"Another run \(process {os.getpid()}\) writes to"):
        next(run_audit(plan, small, tmp_path))
    first.close()  # type: ignore[attr-defined]
    (tmp_path / "lock").write_text("999999\n")  # of a process that was killed
    next(run_audit(plan, small, tmp_path))
    with hold(tmp_path):
        pass


def test_folders_that_are_no_place_for_an_audit(
    plan: Plan, small: core.Classifier, photos: Path, tmp_path: Path
) -> None:
    with pytest.raises(RequestError, match="lies among the photos"):
        next(run_audit(plan, small, photos / "audit"))
    (tmp_path / "letter.txt").touch()
    with pytest.raises(AuditError, match="holds other files"):
        next(run_audit(plan, small, tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
    with pytest.raises(AuditError, match="cannot be written"):
        next(run_audit(plan, small, tmp_path / "letter.txt" / "out"))
    with pytest.raises(AuditError, match="There is no audit"):
        read_audit(tmp_path)


def test_a_file_system_without_locks_is_no_other_run(
    plan: Plan, small: core.Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(files, "_take", refuse)
    with pytest.raises(AuditError, match="cannot be written: No locks available"):
        next(run_audit(plan, small, tmp_path))


def test_a_folder_of_photos_that_goes_away_ends_the_run_and_loses_nothing(
    finished: Path, small: core.Classifier, tmp_path: Path
) -> None:
    here, away = tmp_path / "here", tmp_path / "away"
    draw_photos(here, 13)
    add_bad_photos(here)
    plan = plan_small(here, small)
    work = run_audit(plan, small, tmp_path / "out")
    assert next(progress.done for progress in work if progress.done == 7) == 7
    here.rename(away)
    with pytest.raises(AuditError, match="no longer there"):
        list(work)
    away.rename(here)
    list(run_audit(plan, small, tmp_path / "out"))
    assert {name: data for name, data in bytes_of(tmp_path / "out").items() if name != "plan.json"} == {
        name: data for name, data in bytes_of(finished).items() if name != "plan.json"
    }


def test_without_pyarrow_it_is_said_before_anything_is_measured(
    plan: Plan, small: core.Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(AuditError, match="pip install pyarrow"):
        next(run_audit(plan, small, tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_a_run_holds_no_more_than_a_shard(
    plan: Plan, small: core.Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    def write_shard(out: Path, plan: Plan, number: int, done: Sequence[Done]) -> None:
        sizes.append(len(done))
        store.write_shard(out, plan, number, done)

    monkeypatch.setattr(run, "write_shard", write_shard)
    list(run_audit(plan, small, tmp_path))
    assert sizes == [5, 5, 5, 1]


def test_the_summary_says_what_was_found(finished: Path) -> None:
    found = json.loads((finished / "summary.json").read_text())
    assert [each["label"] for each in found["classes"]] == list(CLASSES)
    assert [each["photos"] for each in found["classes"]] == [5, 4, 4]
    assert {each["word"] for each in found["classes"]} == {"too few photos"}
    assert all("too few to say more" in each["sentence"] for each in found["classes"])
    assert len(found["left_out"]) == 3
    assert set(found["left_out_by_reason"].values()) == {1}
    assert found["photos"] == {"planned": 16, "found": 16, "done": 16}


def _make(tmp_path: Path, boxes: str, *names: str) -> Path:
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (20, 20)).save(tmp_path / name)
    if boxes:
        (tmp_path / "boxes.csv").write_text("file,label,xmin,ymin,xmax,ymax\n" + boxes)
    return tmp_path


def test_what_is_asked_of_a_photo(tmp_path: Path, small: core.Classifier) -> None:
    half = "0,0,10,20"
    with_label = _make(
        tmp_path / "labels",
        f"1.png,red thing,{half}\n1.png,blue thing,{half}\n2.png,odd,{half}\n3.png,,{half}\n4.png,Red-Things,{half}\n",
        *(f"red thing/{name}.png" for name in "1234"),
        "purple thing/5.png",
    )
    plan = make_plan(with_label, small)
    edges = ((0.0, 0.0, 0.5, 1.0),)
    assert [photo.targets for photo in plan.photos] == [
        (Target(0, "red thing", edges),),
        (Target(0),),
        (Target(0, "object", edges),),
        (Target(0, "Red-Things", edges),),
    ]
    assert {each.name: each.reason for each in plan.left_out} == {
        "red thing/1.png": "Its boxes of “blue thing” are of no class that is asked of it.",
        "red thing/2.png": "Its boxes of “odd” are of no class that is asked of it.",
        "purple thing/5.png": f"Its label is no class: {plan.unmatched[0]}",
    }
    without = _make(
        tmp_path / "boxes",
        f"1.png,red thing,{half}\n1.png,blue thing,{half}\n1.png,odd,{half}\n2.png,odd,{half}\n",
        *(f"{name}.png" for name in "123"),
    )
    plan = make_plan(without, small)
    assert [photo.targets for photo in plan.photos] == [
        (Target(0, "red thing", edges), Target(2, "blue thing", edges)),
        (Target(None, "odd", edges),),
        (Target(None),),
    ]
    out = tmp_path / "out"
    list(run_audit(plan, small, out))
    rows = read_audit(out).rows
    assert [(row.photo, row.category) for row in rows[:2]] == [("1.png", "red thing"), ("1.png", "blue thing")]
    assert rows[-1].row.reason == NO_OBJECT
    plan = make_plan(without, small, labels="boxes", given={"odd": "green thing"})
    assert [(photo.label, photo.targets[0].target) for photo in plan.photos] == [(None, 0), ("odd", 1), (None, None)]
    with pytest.raises(RequestError, match="was given “red thing” and “blue thing”"):
        make_plan(without, small, given={"odd": ["red thing", "blue thing"]})


def test_a_limit_is_spread_over_the_folder(tmp_path: Path, small: core.Classifier) -> None:
    folder = _make(tmp_path, "", *(f"{name}/{place}.png" for name in CLASSES for place in range(4)))
    plan = make_plan(folder, small, limit=3)
    assert [photo.label for photo in plan.photos] == sorted(CLASSES)
    assert plan.found == 12
    assert len(make_plan(folder, small, limit=99).photos) == 12
    with pytest.raises(RequestError, match="at least 1"):
        make_plan(folder, small, limit=0)
    with pytest.raises(RequestError, match="“purple” is none of the model’s classes"):
        make_plan(_make(tmp_path / "none", "", "purple/1.png"), small)


def test_a_photo_that_is_not_read_just_as_its_file_has_it_is_told_of(tmp_path: Path, small: core.Classifier) -> None:
    folder, out = draw_photos(tmp_path / "photos", 3), tmp_path / "out"
    Image.open(folder / "red thing/00.png").resize((96, 96)).save(folder / "red thing/cut.jpg")
    whole = (folder / "red thing/cut.jpg").read_bytes()
    (folder / "red thing/cut.jpg").write_bytes(whole[:-2])
    plan = plan_small(folder, small)
    list(run_audit(plan, small, out))
    note = "The file lacks its last bytes; all of the picture is there."
    audit = read_audit(out)
    assert {row.photo: row.row.notes for row in audit.rows if row.row.notes} == {"red thing/cut.jpg": note}
    assert read_summary(out).noted == {note: 1}
    assert f"Not measured just as in the file (1):\n  1 x {note}\n" in tell_audit(audit)
