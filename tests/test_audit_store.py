"""An audit's files come back as they were, and damaged ones are named."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from saliency_core.audit.boxes import LeftOut
from saliency_core.audit.journal import Done, open_journal
from saliency_core.audit.measure import Settings
from saliency_core.audit.plan import Asked, Plan, Planned, Target
from saliency_core.audit.plan_file import read_plan, write_plan
from saliency_core.audit.rows import Hiding, Row
from saliency_core.audit.store import (
    read_audit,
    read_shard,
    shard_path,
    values_of,
    write_shard,
)
from saliency_core.errors import AuditError

HIDING = Hiding(0.1, 1, False, 1 / 3, 0, True, 0.5, 0.0, 0.7, 1e-17, 0.25, "needed")
ROW = Row("ab", 30, 20, 0, 0.9, 1, True, 0, 0.9, 1, 0.05, 0.5, 3.0, 0.25, 0.5, None, 0.2, 19)
FULL = replace(ROW, hidings=(("grey", HIDING), ("black", replace(HIDING, need=1.0))))
EMPTY = replace(ROW, right=None, second=None, second_probability=None, size=None, places=None, reason="no object")
PHOTOS = (
    Planned("a/ü “1”.png", 10, "red\nthing", (Target(0, "red", ((0.0, 1 / 3, 0.5, 1.0),)), Target(1))),
    Planned("b.png", 0, None, (Target(None),)),
    Planned("c.png", 5, None, (Target(None),)),
)
ASKED = Asked("small", "0" * 64, "preset", "cpu", Settings(), 7, "1.0", {"torch": "2"}, 2)
PLAN = Plan("/photos", "Small", ("red", "*any*"), ASKED, PHOTOS, 9, (LeftOut("x", "Text."),), ("“y” is none.",))


def done(place: int, *rows: Row) -> Done:
    photo = PHOTOS[place]
    return Done(photo.name, tuple(values_of(PLAN, photo, photo.targets[0], row) for row in rows))


def fill(out: Path) -> None:
    (out / "shards").mkdir(parents=True)
    write_plan(out, PLAN)
    write_shard(out, PLAN, 0, [done(0, FULL, EMPTY), Done("b.png", reason="Damaged.")])


def test_a_plan_comes_back(tmp_path: Path) -> None:
    write_plan(tmp_path, PLAN)
    found = read_plan(tmp_path)
    assert found == PLAN
    assert found is not None
    assert found.digest == PLAN.digest
    assert (PLAN.shards, PLAN.shard(1)) == (2, PHOTOS[2:])
    lines = (tmp_path / "plan.json").read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith('{"name": ') and "size" in line for line in lines) == 3


def test_the_digest_is_of_what_numbers_depend_on() -> None:
    same = replace(PLAN, folder="/elsewhere", title="Other", found=3, left_out=(), unmatched=())
    assert same.digest == PLAN.digest
    for other in (
        replace(PLAN, photos=PHOTOS[:2]),
        replace(PLAN, categories=("red", "any")),
        replace(PLAN, asked=replace(ASKED, settings=Settings(sigma=4.0))),
        replace(PLAN, asked=replace(ASKED, packages={"torch": "3"})),
    ):
        assert other.digest != PLAN.digest


def test_a_shard_comes_back_and_is_the_same_to_the_byte(tmp_path: Path) -> None:
    fill(tmp_path)
    rows, left_out = read_shard(tmp_path, PLAN, 0)
    assert [row.row for row in rows] == [FULL, EMPTY]
    assert (rows[0].photo, rows[0].label, rows[0].what, rows[0].category) == (
        PHOTOS[0].name,
        "red\nthing",
        "red",
        "red",
    )
    assert left_out == (LeftOut("b.png", "Damaged."),)
    before = shard_path(tmp_path, 0).read_bytes()
    with open_journal(tmp_path / "j", PLAN.digest, [photo.name for photo in PHOTOS]) as journal:
        journal.add(done(0, FULL, EMPTY))
        journal.add(Done("b.png", reason="Damaged."))
    with open_journal(tmp_path / "j", PLAN.digest, [photo.name for photo in PHOTOS]) as journal:
        write_shard(tmp_path, PLAN, 0, journal.done)
    assert shard_path(tmp_path, 0).read_bytes() == before


def test_an_unfinished_audit_can_be_read(tmp_path: Path) -> None:
    fill(tmp_path)
    audit = read_audit(tmp_path)
    assert (audit.done, audit.complete, len(audit.rows)) == (2, False, 2)
    assert audit.left_out == (LeftOut("b.png", "Damaged."), LeftOut("x", "Text."))
    write_shard(tmp_path, PLAN, 1, [Done("c.png", reason="Damaged.")])
    assert read_audit(tmp_path).complete


def test_columns_have_their_types_even_where_they_are_empty(tmp_path: Path) -> None:
    import pyarrow.parquet as parquet

    fill(tmp_path)
    write_shard(tmp_path, PLAN, 1, [Done("c.png", reason="Damaged.")])
    first, second = (parquet.read_schema(shard_path(tmp_path, number)) for number in (0, 1))
    assert first.equals(second)
    assert {str(first.field(name).type) for name in ("size", "black_need")} == {"double"}
    assert [str(first.field(name).type) for name in ("photo", "right", "second")] == ["string", "bool", "int64"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda data: data + b"\0" * 50,
        lambda data: data.replace(b'"photo": "b.png"', b'"photo": "x.png"'),
        lambda data: data.replace(b'"reason"', b'"season"'),
        lambda data: data[:-40] + b"\xff" * 39 + b"\n",
    ],
)
def test_a_journal_is_believed_as_far_as_it_goes(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path, names = tmp_path / "j", [photo.name for photo in PHOTOS]
    lines = [done(0, FULL), Done("b.png", reason="Damaged."), done(2, EMPTY)]
    with open_journal(path, "digest", names) as journal:
        for line in lines:
            journal.add(line)
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    with open_journal(path, "digest", names) as journal:
        kept = len(journal.done)
        assert journal.done == lines[:kept]
        for line in lines[kept:]:
            journal.add(line)
    assert path.read_bytes() == whole
    with open_journal(path, "another", names) as journal:
        assert journal.done == []


def test_damaged_files_are_named(tmp_path: Path) -> None:
    fill(tmp_path)
    path = shard_path(tmp_path, 0)
    whole = path.read_bytes()
    for data in (whole[:-20], b"", whole[:100] + b"\0" * (len(whole) - 100)):
        path.write_bytes(data)
        with pytest.raises(AuditError, match=r"00000\.parquet is damaged"):
            read_audit(tmp_path)
    path.write_bytes(whole)
    other = replace(PLAN, categories=("red", "any"))
    with pytest.raises(AuditError, match="belongs to another audit"):
        read_shard(tmp_path, other, 0)
    for text in ("", "[]", "{}", json.dumps({"format": 1}), '{"format": 2, "asked": {}}', '{"format": 2, "asked": 3}'):
        (tmp_path / "plan.json").write_text(text)
        with pytest.raises(AuditError, match="cannot be read"):
            read_audit(tmp_path)
