"""The command audit: what it prints, and to which end it comes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import saliency_core as core
from saliency_core.audit import command, run
from saliency_core.audit.measure import measure_photo
from saliency_core.commands import main
from saliency_core.errors import WeightsError
from tests.small_audit import CLASSES, small_classifier
from tests.test_audit_run import add_bad_photos, draw_photos

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
    assert "  1 x This file is not a picture that can be read" in out
    again = ask(photos)
    assert again[:2] == (0, out)
    assert "9 of 9 photos were measured before." in again[2]
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
    assert "2 of 9 photos were measured before." in err
    assert len(measured) == 3 + 4  # two are kept, of the other seven three cannot be read
    assert (tmp_path / "out" / "summary.json").exists()


def test_progress_is_told_now_and_then_or_in_one_line(photos: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_PAUSE", 0.0)
    lines = ask(photos, "--seed", "1", "--limit", "9")[2].splitlines()
    assert lines[1].startswith("The first 3 photos tell: ")
    assert lines[2].startswith("4 of 9 photos, ")
    assert lines[2].endswith(" left")
    assert "photos a second, " in lines[2]


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "0 seconds"), (100, "2 minutes"), (7200, "2 hours"), (1e6, "12 days")]
)
def test_how_long_it_takes_in_words(seconds: float, said: str) -> None:
    assert command._duration(seconds) == said
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
