"""Audits made up, without photos and without a model: rows of known numbers, written as a run writes them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from saliency_core.audit.files import write_whole
from saliency_core.audit.journal import Done
from saliency_core.audit.measure import NO_OBJECT, Settings
from saliency_core.audit.overview import summary_json
from saliency_core.audit.plan import Asked, Plan, Planned, Target
from saliency_core.audit.plan_file import write_plan
from saliency_core.audit.rows import Hiding, Row
from saliency_core.audit.store import SUMMARY, read_audit, values_of, write_rows, write_shard
from saliency_core.masking.claims import Claim

PLACES = 39
ASKED = Asked("made", "0" * 64, "preset", "cpu", Settings(), 7, "1.0", {"torch": "2"}, 16)


def make_row(
    digest: int,
    target: int,
    need: float | None,
    right: bool = True,
    stays: bool = False,
    alone: bool = True,
    claim: Claim = Claim.NEITHER,
) -> Row:
    """A photo's row; nothing is hidden without a need."""
    hiding = Hiding(0.1, 0, stays, 0.8, 0, alone, 0.5, 0.25, need or 0.0, 0.5, 0.5, claim.value)
    return Row(
        digest=f"{digest:064x}",
        width=100,
        height=80,
        target=target,
        target_probability=0.9 if right else 0.3,
        target_rank=1 if right else 2,
        right=right,
        predicted=target if right else target + 1,
        probability=0.9 if right else 0.7,
        second=None,
        second_probability=None,
        brightness=(digest * 37 % 101) / 101,
        sharpness=0.01,
        size=None if need is None else 0.25,
        map_inside=None if need is None else 0.4,
        edges_inside=None if need is None else 0.3,
        centre_inside=None if need is None else 0.35,
        places=None if need is None else PLACES,
        reason=NO_OBJECT if need is None else "",
        hidings=() if need is None else (("grey", hiding), ("black", hiding)),
    )


def draw_rows(count: int, classes: int, seed: int = 0) -> list[Row]:
    """Rows of every kind."""
    random = np.random.default_rng(seed)
    rows = []
    for digest in range(count):
        need = None if random.random() < 0.1 else float(random.integers(2 * PLACES + 1)) / (2 * PLACES)
        claim = (Claim.NEITHER, Claim.CARRIES, Claim.NEEDED)[random.integers(3)]
        right, stays, alone = (bool(each) for each in random.random(3) < (0.8, 0.4, 0.6))
        rows.append(make_row(digest, int(random.integers(classes)), need, right, stays, alone, claim))
    return rows


def write_audit(
    out: Path,
    rows: Sequence[Row],
    categories: Sequence[str],
    folder: str = "/photos",
    asked: Asked = ASKED,
    summary: bool = True,
) -> Plan:
    """An audit of a photo for each row; finished, unless it is to have no summary."""
    photos = tuple(
        Planned(f"{place:05}.jpg", 10, categories[row.target], (Target(row.target, "thing", ((0.0, 0.1, 0.5, 1.0),)),))
        for place, row in enumerate(rows)
    )
    plan = Plan(folder, "Made up", tuple(categories), asked, photos, len(photos))
    (out / "shards").mkdir(parents=True)
    write_plan(out, plan)
    for number in range(plan.shards):
        some = zip(plan.shard(number), rows[number * asked.per_shard :], strict=False)
        done = [Done(photo.name, (values_of(plan, photo, photo.targets[0], row),)) for photo, row in some]
        write_shard(out, plan, number, done)
    if summary:
        write_whole(out / SUMMARY, summary_json(read_audit(out)).encode())
    write_rows(out, plan)
    return plan
