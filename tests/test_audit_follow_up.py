"""What is done with a finished audit's photos: classes looked into and marks tried, gone on with wherever it was
stopped."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from saliency_core.audit import follow_up
from saliency_core.audit.choosing import choose_photos, open_frames
from saliency_core.audit.confirm import find_then_confirm
from saliency_core.audit.finding_words import tell_findings
from saliency_core.audit.findings import Findings, read_findings
from saliency_core.audit.follow_up import run_findings, run_self_test
from saliency_core.audit.overview import tell_audit
from saliency_core.audit.plan import Plan
from saliency_core.audit.run import run_audit
from saliency_core.audit.self_test import AtStrength, Trial, Twin, by_strength
from saliency_core.audit.self_test_words import tell_self_test, tell_twins
from saliency_core.audit.store import read_audit
from saliency_core.audit.trials import STRENGTHS, SelfTest, list_tasks, read_self_test
from saliency_core.errors import AuditError, RequestError
from tests.small_findings import CORNER, SIDE, colours, marked_photos, plan_marked, reader
from tests.test_audit_run import ROOT, bytes_of

CLASSES = ("class 0", "class 1")


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Twelve photos of each of two classes; those of the first bear a mark that the model reads."""
    return plan_marked(marked_photos(tmp_path_factory.mktemp("photos")))


@pytest.fixture(scope="module")
def measured(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished audit of them."""
    out = tmp_path_factory.mktemp("measured")
    list(run_audit(plan, reader(), out))
    return out


@pytest.fixture(scope="module")
def finished(plan: Plan, measured: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with findings and a self-test of one mark, never stopped."""
    out = tmp_path_factory.mktemp("finished")
    shutil.copytree(measured, out, dirs_exist_ok=True)
    told = [progress.done for progress in run_findings(plan, reader(), out)]
    assert told == [0, 1, 2]
    told = [progress.done for progress in run_self_test(plan, reader(), out, marks=1)]
    assert told == list(range(9))
    return out


@pytest.fixture
def out(measured: Path, tmp_path: Path) -> Path:
    """A finished audit to go on with."""
    shutil.copytree(measured, tmp_path / "out")
    return tmp_path / "out"


def _summary(out: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((out / "summary.json").read_text())
    return found


def test_what_one_class_goes_by_is_found_and_told(finished: Path) -> None:
    found = read_findings(finished)
    assert found is not None
    assert (found.complete, found.side, found.all_classes, found.targets) == (True, SIDE, 2, (0, 1))
    assert [(each.photos, each.others) for each in found.looked_into] == [(12, 12), (12, 12)]
    assert found.confirmed
    for each in found.confirmed:
        assert (each.target, each.photos) == (0, 6)
        inside = each.suspicion.region
        assert inside.top <= CORNER.top + 4 <= inside.top + inside.height
        assert inside.left <= CORNER.left + 4 <= inside.left + inside.width
    told = tell_audit(read_audit(finished), found, read_self_test(finished))
    assert f"2 of 2 classes had photos enough to look into. {len(found.tried)} suspicions were tested on" in told
    assert "“class 0” have a small pattern in common, at the upper left, that matters to the answer." in told
    described = _summary(finished)["findings"]
    assert isinstance(described, dict)
    assert (described["tried"], described["looked_into"], described["enough_photos"]) == (len(found.tried), 2, 2)
    assert [each["label"] for each in described["confirmed"]] == ["class 0"] * len(found.confirmed)
    assert all(each["need"] > 0.9 and each["p_value"] < 0.01 for each in described["confirmed"])


def test_files_give_back_what_was_found(finished: Path, plan: Plan) -> None:
    audit, found = read_audit(finished), read_findings(finished)
    assert found is not None
    for chosen, kept in zip(choose_photos(audit), found.looked_into, strict=True):
        own, others = (open_frames(plan, reader(), some) for some in (chosen.own, chosen.others))
        settings = plan.asked.settings
        findings = find_then_confirm(reader(), chosen.target, own, others, settings, plan.asked.seed)
        for one, other in zip(findings, kept.findings, strict=True):
            assert np.array_equal(one.suspicion.pattern, other.suspicion.pattern)  # type: ignore[arg-type]
            assert replace(one, suspicion=other.suspicion).suspicion.region == one.suspicion.region
            assert (one.photos, one.hidden, one.others, one.p_value) == (
                other.photos,
                other.hidden,
                other.others,
                other.p_value,
            )


def test_what_was_not_tried_is_said(measured: Path, finished: Path) -> None:
    told = tell_audit(read_audit(measured), read_findings(measured), read_self_test(measured))
    assert "was not looked for (--find)." in told
    assert "was not tried (--self-test)." in told
    assert (_summary(measured)["findings"], _summary(measured)["self_test"]) == (None, None)
    assert "not tried" not in tell_audit(read_audit(finished), read_findings(finished), read_self_test(finished))


def test_a_finished_audit_is_not_changed_and_its_summary_keeps_what_was_added(
    measured: Path, finished: Path, plan: Plan
) -> None:
    before, after = bytes_of(measured), bytes_of(finished)
    assert set(after) - set(before) == {
        "findings/index.json",
        "findings/00000.json",
        "findings/00001.json",
        "self_test.json",
    }
    assert [name for name in before if before[name] != after[name]] == ["summary.json"]
    for again in (run_audit, run_findings):
        (last,) = again(plan, reader(), finished)
        assert last.done == last.of
    assert bytes_of(finished) == after


def test_the_self_test_tries_each_mark_at_each_strength(finished: Path) -> None:
    found = read_self_test(finished)
    assert found is not None
    assert (found.target, found.photos, found.others) == (0, 12, 12)
    assert [each.strength for each in found.trials] == list(STRENGTHS)
    weakest, *_, strongest = by_strength(found.trials)
    assert (strongest.confirmed, strongest.decides, weakest.decides) == (1, 1, 0)
    assert len(found.twins) == 2
    assert found.twins[0].seed == found.trials[0].seed != found.twins[1].seed
    described = _summary(finished)["self_test"]
    assert isinstance(described, dict)
    assert [each["marks"] for each in described["strengths"]] == [1] * len(STRENGTHS)
    assert described["twins"]["tried"] == 2
    begin, *_, end = described["sentences"]
    assert begin.startswith("Self-test: small marks were put on 12 photos of “class 0”, and the model made to read")
    assert end.startswith("Of 2 clean twins, the same photos without a mark, something was suspected on ")


def test_more_marks_go_on_where_fewer_ended() -> None:
    few, many = list(list_tasks(0, 2)), list(list_tasks(0, 10))
    assert many[: len(few)] == few
    assert len(many) == 10 * (len(STRENGTHS) + 2)
    marks = {(each.seed, each.wandering) for each in many if each.strength is not None}
    assert len(marks) == 10
    assert sum(wandering for _, wandering in marks) == 5
    twins = [each.seed for each in many if each.strength is None]
    assert len(set(twins)) == 20
    assert {seed for seed, _ in marks} < set(twins)
    assert {each.seed for each in list_tasks(1, 10)}.isdisjoint(twins)
    with pytest.raises(RequestError, match="number of marks"):
        list(list_tasks(0, 0))


def test_killed_at_three_moments_it_is_the_same_to_the_byte(finished: Path, plan: Plan, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.small_findings", plan.folder, str(tmp_path)]
    for moment in ("run_findings 0", "run_findings 1", "run_self_test 1"):
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if line.strip() == moment:
                    os.kill(process.pid, signal.SIGKILL)
                    break
            process.stdout.read()
        assert process.returncode == -signal.SIGKILL
    found = read_findings(tmp_path)
    assert found is not None
    assert found.complete
    trials = read_self_test(tmp_path)
    assert trials is not None
    assert 1 <= len(trials.trials) <= 2
    before = len(trials.trials)
    told = [progress.done for progress in run_self_test(plan, reader(), tmp_path, marks=1)]
    assert told == list(range(before, 9))
    assert bytes_of(tmp_path) == bytes_of(finished)


def test_nothing_is_confirmed_before_all_classes_are_done(plan: Plan, out: Path) -> None:
    steps = run_findings(plan, reader(), out)
    assert [next(steps).done, next(steps).done] == [0, 1]
    steps.close()  # type: ignore[attr-defined]
    found = read_findings(out)
    assert found is not None
    assert any(each.p_value < 0.001 for each in found.tried)
    assert found.confirmed == ()
    assert tell_findings(found, CLASSES) == (
        "1 of 2 classes have been looked into; what is confirmed is told once all have.",
    )


def test_it_is_corrected_for_all_that_was_tried(finished: Path) -> None:
    found = read_findings(finished)
    assert found is not None
    first, second = found.looked_into
    (strong, *_) = first.findings
    weak = replace(second, findings=(replace(strong, p_value=0.6),) * 4)
    for p_value, is_left in ((0.009, True), (0.011, False)):
        some = replace(found, looked_into=(replace(first, findings=(replace(strong, p_value=p_value),)), weak))
        assert len(some.confirmed) == is_left
    assert len(replace(found, looked_into=(first, replace(weak, findings=()))).confirmed) >= 1


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ((12, 0), "All photos are of one class: there are no others to compare them with, so nothing was looked for."),
        ((12, 9), "No class has at least 10 photos beside at least 10 of other classes, so nothing was looked for."),
    ],
)
def test_without_enough_to_compare_with_it_is_said(
    counts: tuple[int, int], told: str, plan: Plan, tmp_path: Path
) -> None:
    for name, count in zip(CLASSES, counts, strict=True):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for path in sorted((Path(plan.folder) / name).iterdir())[:count]:
            shutil.copy(path, tmp_path / "photos" / name)
    few, out = plan_marked(tmp_path / "photos"), tmp_path / "out"
    for steps in (run_audit, run_findings, run_self_test):
        *_, last = steps(few, reader(), out)
    assert (last.done, last.of) == (0, 0)
    said = tell_audit(read_audit(out), read_findings(out), read_self_test(out))
    assert told in said
    assert "Marks could not be tried: no class has at least 10 photos beside at least 10 of other classes." in said
    assert _summary(out)["self_test"]["target"] is None  # type: ignore[index]


def test_photos_are_chosen_by_their_digests_and_stand_on_one_side(measured: Path) -> None:
    audit = read_audit(measured)
    chosen = choose_photos(audit, 11)
    assert choose_photos(replace(audit, rows=audit.rows[::-1]), 11) == chosen
    assert [(each.target, each.of, len(each.own), len(each.others)) for each in chosen] == [
        (0, 12, 11, 11),
        (1, 12, 11, 11),
    ]
    for each in chosen:
        assert {one.row.target for one in each.own} == {each.target}
        assert each.target not in {one.row.target for one in each.others}
    # The same file once more, and as a photo of the other class.
    first = audit.rows[0]
    both = replace(audit, rows=(*audit.rows, first, replace(first, row=replace(first.row, target=1))))
    assert [(each.target, each.of, len(each.others)) for each in choose_photos(both)] == [(0, 12, 12), (1, 13, 11)]
    assert choose_photos(replace(audit, rows=audit.rows[:12])) == ()


def test_what_cannot_be_followed_up_is_refused(plan: Plan, out: Path, tmp_path: Path) -> None:
    for follow in (run_findings, run_self_test):
        with pytest.raises(AuditError, match="There is no audit"):
            next(follow(plan, reader(), tmp_path / "nowhere"))
        with pytest.raises(AuditError, match="holds an audit of something else"):
            next(follow(replace(plan, photos=plan.photos[1:]), reader(), out))
        with pytest.raises(RequestError, match="The plan was made for the model"):
            next(follow(plan, colours(), out))
    with pytest.raises(RequestError, match="number of marks"):
        next(run_self_test(plan, reader(), out, 0))
    shard = out / "shards" / "00000.parquet"
    shard.rename(tmp_path / "shard")
    with pytest.raises(AuditError, match="is not finished: 0 of 24 photos"):
        next(run_findings(plan, reader(), out))
    (tmp_path / "shard").rename(shard)
    steps = run_findings(plan, reader(), out)
    next(steps)
    with pytest.raises(AuditError, match="Another run"):
        next(run_self_test(plan, reader(), out))


def test_photos_that_are_gone_or_others_are_named(plan: Plan, out: Path, tmp_path: Path) -> None:
    shutil.copytree(plan.folder, tmp_path / "photos")
    moved = replace(plan, folder=str(tmp_path / "photos"))
    list(run_audit(moved, reader(), out))
    photo = tmp_path / "photos" / "class 1" / "03.png"
    Image.new("RGB", (SIDE, SIDE)).save(photo)
    with pytest.raises(AuditError, match=r"class 1/03.png is no longer the photo that was measured"):
        list(run_findings(moved, reader(), out))
    photo.unlink()
    with pytest.raises(AuditError, match=r"class 1/03.png was measured, but cannot be opened any more"):
        list(run_findings(moved, reader(), out))
    shutil.copy(Path(plan.folder) / "class 1" / "03.png", photo)
    *_, last = run_findings(moved, reader(), out)
    assert last.done == 2


@pytest.mark.parametrize("name", ["findings/index.json", "findings/00001.json", "self_test.json"])
def test_a_damaged_file_is_named(finished: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(finished, tmp_path / "out")
    read = read_self_test if name == "self_test.json" else read_findings
    for data in (b"{", b"{}", b"[]", (finished / name).read_bytes()[:-30]):
        (tmp_path / "out" / name).write_bytes(data)
        with pytest.raises(AuditError, match=r"is damaged\. Delete it"):
            read(tmp_path / "out")


def test_sentences_on_a_self_test() -> None:
    trials = [Trial(each, 2.0, False, 0.5, 0.25, True, each < 2, each) for each in range(3)]
    assert by_strength(trials) == (AtStrength(2.0, 3, 3, 2, 0.5, 0.25, 2),)
    told = tell_self_test(SelfTest(1, 40, 30, tuple(trials), (Twin(0, 1, 0), Twin(1, 2, 1), Twin(2, 0, 0))), CLASSES)
    assert told == (
        "Self-test: small marks were put on 40 photos of “class 1”, and the model made to read them; 30 photos of "
        "other classes bear none.",
        "2 of 3 marks that add 2 to the class’s score (alone they make the answer on 50% of other photos) were found "
        "and confirmed; the maps alone show them on 25% of the photos.",
        "In 2 of 3 trials something else than the mark was confirmed, too.",
        "Of 3 clean twins, the same photos without a mark, something was suspected on 2, and confirmed on 1.",
    )
    assert tell_twins([Twin(0, 0, 0)]) == (
        "Of 1 clean twins, the same photos without a mark, something was suspected on none, and confirmed on none.",
    )
    assert tell_twins([]) == ()


def test_the_rate_is_that_of_this_run(monkeypatch: pytest.MonkeyPatch) -> None:
    clock: Iterator[float] = iter([100.0, 110.0, 130.0, 200.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    done: list[str] = []
    told = list(follow_up._do_each("ab", 5, done.append, 4.0))
    assert done == ["a", "b"]
    assert [(each.done, each.of, each.rate) for each in told] == [(3, 5, 0.25), (4, 5, 0.1), (5, 5, 2 / 30)]
    assert [each.rate for each in follow_up._do_each("", 5, done.append, 0.0)] == [None]


def test_an_empty_result_is_no_result() -> None:
    assert Findings(96, 3, (), ()).confirmed == ()
