"""The command audit: what it prints, and to which end it comes."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import saliency_core as core
from saliency_core.audit import command, follow_up, run, trials
from saliency_core.audit.measure import measure_photo
from saliency_core.commands import main
from saliency_core.errors import WeightsError
from tests.small_audit import CLASSES, small_classifier
from tests.small_findings import marked_photos, reader
from tests.test_audit_run import add_bad_photos, bytes_of, draw_photos

Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Six photos and three that cannot be read."""
    folder = draw_photos(tmp_path / "photos", 6)
    add_bad_photos(folder)
    return folder


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Runs the command with a small model: exit code, stdout, stderr."""
    monkeypatch.setattr(command, "load_classifier", lambda *_, **__: small_classifier())

    def run_command(folder: Path | str, *arguments: str) -> tuple[int, str, str]:
        out = str(tmp_path / "out")
        code = main(["audit", str(folder), "--model", "small", "--out", out, "--controls", "19", *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run_command


def test_it_tells_what_it_does_and_what_it_found(photos: Path, ask: Ask, tmp_path: Path) -> None:
    code, out, err = ask(photos)
    assert code == 0
    begin, estimate, end = err.splitlines()
    assert begin == "9 photos, 6 of them with boxes that are hidden; Small on cpu, 19 random places, crop mode squash."
    assert estimate.startswith("The first 3 photos tell: ")
    assert end == f"All of it is in {tmp_path / 'out'}."
    table = [line.split() for line in out.splitlines()]
    for name in CLASSES:
        assert [*name.split(), "2", "100%", "2"] in [row[:5] for row in table]
        assert f"“{name}” has only 2 photos to go by, too few to say more than the numbers." in out
    assert "Left out (3):" in out
    assert "  1 x This file is not a picture of a kind that can be read" in out
    again = ask(photos)
    assert again[:2] == (0, out)
    assert "9 of 9 photos were done before." in again[2]
    code, found, _ = ask(photos, "--json")
    assert found == (tmp_path / "out" / "summary.json").read_text()
    assert [each["label"] for each in json.loads(found)["classes"]] == list(CLASSES)


def test_stopped_by_hand_it_goes_on(photos: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    measured = []

    def stop_at_third(*given: object) -> object:
        measured.append(given)
        if len(measured) == 3:
            raise KeyboardInterrupt
        return measure_photo(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(run, "measure_photo", stop_at_third)
    code, out, err = ask(photos)
    assert (code, out) == (130, "")
    assert "Stopped at 2 of 9 photos; the same command goes on from there." in err
    code, out, err = ask(photos)
    assert code == 0
    assert "2 of 9 photos were done before." in err
    assert len(measured) == 3 + 4  # two are kept, of the other seven three cannot be read
    assert (tmp_path / "out" / "summary.json").exists()


def test_progress_is_told_now_and_then_or_in_one_line(photos: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_PAUSE", 0.0)
    lines = ask(photos, "--seed", "1", "--limit", "9")[2].splitlines()
    assert lines[1].startswith("The first 3 photos tell: ")
    assert lines[2].startswith("4 of 9 photos, ")
    assert lines[2].endswith(" left")
    assert "photos a second, " in lines[2]


def test_the_rate_has_two_digits() -> None:
    assert [command._rate(rate) for rate in (0.123, 3.14, 250.0)] == ["0.12", "3.1", "250"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--labels", "nothing.csv"), "There is no file nothing.csv"),
        (("--boxes", "voc"), "has no Pascal VOC boxes"),
        (("--classes", "{}"), "gives no label a class"),
        (("--classes", '{"red thing": "hat"}'), "the model has no such class"),
        (("--limit", "0"), "The number of photos must be"),
        (("--seed", "-1"), "The seed"),
    ],
)
def test_what_is_not_understood_is_refused(photos: Path, ask: Ask, arguments: tuple[str, ...], told: str) -> None:
    code, out, err = ask(photos, *arguments)
    assert (code, out) == (2, "")
    assert told in err


def test_what_cannot_be_done_is_said(photos: Path, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(tmp_path / "nowhere")[::2] == (2, f"There is no folder {tmp_path / 'nowhere'}.\n")
    assert ask(photos, "--limit", "2")[0] == 0
    code, _, err = ask(photos, "--limit", "2", "--crop-mode", "border")
    assert code == 1
    assert "crop mode squash then, border now" in err

    def fail(*_: object, **__: object) -> core.Classifier:
        raise WeightsError("The weights file is damaged.")

    monkeypatch.setattr(command, "load_classifier", fail)
    assert ask(photos)[::2] == (1, "The weights file is damaged.\n")
    for wrong in (("--crop-mode", "whole"), ("--boxes", "some"), ("--controls", "20")):
        with pytest.raises(SystemExit) as left:
            ask(photos, *wrong)
        assert left.value.code == 2


def test_classes_are_given_for_labels_of_boxes_in_place(photos: Path, ask: Ask) -> None:
    table = (photos / "boxes.csv").read_text().splitlines()
    named = [f"{table[0]},label", *(f"{row},{'raspberry' if 'red' in row else 'leaf'}" for row in table[1:])]
    (photos / "boxes.csv").write_text("\n".join(named))
    given = '{"raspberry": "red thing", "leaf": 1}'
    code, out, _ = ask(photos, "--labels", "boxes", "--classes", given, "--json")
    assert code == 0
    assert [each["label"] for each in json.loads(out)["classes"]] == ["green thing", "red thing"]
    assert main(["audit", str(photos), "--model", "small", "--out", str(photos / "in")]) == 2


def test_without_boxes_only_the_answers_are_told(photos: Path, ask: Ask) -> None:
    code, out, _ = ask(photos, "--boxes", "none")
    assert code == 0
    assert "an object hidden 0 times.\nIts best guess is the class in question 6 times of 6.\nWithout hiding" in out
    assert "“" not in out.partition("Left out")[0]
    assert "  6 x no object is declared" in out


def test_findings_and_marks_are_told_and_can_be_asked_for_later(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    photos = marked_photos(tmp_path / "photos")
    monkeypatch.setattr(command, "load_classifier", lambda *_, **__: reader())
    monkeypatch.setattr(trials, "STRENGTHS", (8.0,))
    monkeypatch.setattr(command, "_PAUSE", 0.0)
    code, out, err = ask(photos)
    assert code == 0
    assert "was not looked for (--find).\n\nWhether marks that the model is made to read would be found was not" in out
    shards = bytes_of(tmp_path / "out" / "shards")
    code, out, err = ask(photos, "--find", "--self-test", "1")
    assert code == 0
    assert re.search(r"24 of 24 photos were done before\.\n2 classes: about \d+ seconds?\.", err)
    assert "\n1 of 2 classes, " in err
    assert "\n3 trials: about " in err
    assert "\n2 of 3 trials, " in err
    assert "2 of 2 classes had photos enough to look into. " in out
    assert "have a small pattern in common, at the upper left, that matters to the answer." in out
    assert (
        "1 of 1 marks that add 8 to the class’s score (alone they make the answer on 100% of other photos) were" in out
    )
    assert "Of 2 clean twins, the same photos without a mark, something was suspected on " in out
    assert ask(photos)[:2] == (0, out)
    assert ask(photos, "--self-test", "1")[2].splitlines()[-2] == "3 of 3 trials were done before."
    assert bytes_of(tmp_path / "out" / "shards") == shards


def test_stopped_while_looking_it_says_where(ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    photos = marked_photos(tmp_path / "photos")
    monkeypatch.setattr(command, "load_classifier", lambda *_, **__: reader())

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(follow_up, "find_then_confirm", stop)
    code, out, err = ask(photos, "--find")
    assert (code, out) == (130, "")
    assert err.endswith("Stopped at 0 of 2 classes; the same command goes on from there.\n")
    assert ask(photos, "--self-test", "0")[0] == 2


def test_an_audit_goes_on_as_it_was_begun(photos: Path, ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    code, found, _ = ask(photos, "--limit", "5")
    assert code == 0
    out = str(photos.parent / "out")
    assert main(["audit", "--out", out]) == 0
    assert capsys.readouterr().out == found
    assert main(["audit", "--out", str(photos.parent / "nowhere")]) == 2
    assert "There is no audit in" in capsys.readouterr().err
    assert main(["audit", str(photos), "--out", out]) == 2
    assert "Name a model" in capsys.readouterr().err
