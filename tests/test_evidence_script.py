"""The script that measures evidence over a folder: stopped or not, the same numbers, and honest tables."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import saliency_core as core
from saliency_core.evidence.curves import Remover
from scripts.evidence import __main__ as script
from scripts.evidence.plan import BASE, CENTRE, COMPARISONS, EDGES, NOISE, OTHER, SIGMAS, Comparison, name_map
from scripts.evidence.tables import compare, holm, means, published, tell_tables
from tests.conftest import Linear, small_classifier

SIDE = 16


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six photos of random pixels, named as if of classes 0 to 5."""
    photos = tmp_path / "photos"
    photos.mkdir()
    for place in range(6):
        pixels = np.random.default_rng(place).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(photos / f"{place:03}_thing.png")
    return photos


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> core.Classifier:
    generator = torch.Generator().manual_seed(1)
    small = small_classifier(Linear(0.05 * torch.randn(3, 3, SIDE, SIDE, generator=generator)), SIDE, 3)
    monkeypatch.setattr(core, "load_classifier", lambda _name: small)
    return small


METHODS = ("--methods", "gradient", "input_x_gradient")


def run(folder: Path, work: Path, *more: str) -> None:
    given = more if "--methods" in more else (*METHODS, *more)
    assert script.main([str(folder), "--work", str(work), "--tests", "2", "--road", "1", *given]) == 0


@pytest.mark.usefixtures("model")
def test_a_stopped_run_goes_on_to_the_same_numbers(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(folder, tmp_path / "whole")
    expected = capsys.readouterr().out
    run(folder, tmp_path / "stopped")
    capsys.readouterr()
    file = tmp_path / "stopped" / "scores-grey.jsonl"
    kept = file.read_text().splitlines()
    file.write_text("\n".join(kept[:2]) + "\n" + kept[2][:20])  # stopped in the middle of a line
    (tmp_path / "stopped" / "tests.jsonl").unlink()
    run(folder, tmp_path / "stopped")
    told = capsys.readouterr()
    assert told.out == expected
    assert "scores: 6 of 6 photos, 0.0 minutes left" in told.err
    assert "6 photos, Small, hidden in grey" in told.out
    for heading in ("| map | mean score of 6 photos |", "| p, Holm |", "| method, 2 photos |", "| ROAD, 1 photos |"):
        assert heading in told.out


@pytest.mark.usefixtures("model")
def test_what_was_measured_is_not_measured_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another method is added to what there is."""
    run(folder, tmp_path / "work", "--methods", "gradient")
    capsys.readouterr()
    asked: list[int] = []
    curves = Remover.curves
    monkeypatch.setattr(Remover, "curves", lambda *given: asked.append(1) or curves(*given))  # type: ignore[func-returns-value]
    run(folder, tmp_path / "work")
    assert len(asked) == 6 * len(SIGMAS["input_x_gradient"])
    assert "| input_x_gradient, sigma 5 |" in capsys.readouterr().out


@pytest.mark.usefixtures("model")
def test_photos_are_left_out_by_name_or_number(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    skip = tmp_path / "skip.txt"
    skip.write_text("0\n003_thing.png\n7\n")
    run(folder, tmp_path / "work", "--skip", str(skip))
    assert "4 photos, Small" in capsys.readouterr().out
    names = {json.loads(line)["photo"] for line in (tmp_path / "work" / "scores-grey.jsonl").read_text().splitlines()}
    assert names == {"001_thing.png", "002_thing.png", "004_thing.png", "005_thing.png"}


def test_what_is_published_says_what_it_is_of(folder: Path, tmp_path: Path, model: core.Classifier) -> None:
    file = tmp_path / "numbers.json"
    run(folder, tmp_path / "work", "--publish", str(file), "--source", "six made pictures")
    found = json.loads(file.read_text())
    assert (found["photos"], found["tested_photos"], found["source"]) == (6, 2, "six made pictures")
    assert found["weights_sha256"] == model.weights.sha256
    mean, low, high = found["scores"]["gradient"]["5"]
    assert low <= mean <= high
    assert sum(found["outcomes"]["gradient"]["removal"].values()) == 2
    assert found["tested_sigmas"]["gradient"] == 5
    assert set(found["scores"]) == {"gradient", "input_x_gradient"}
    assert set(found["controls"]) == {CENTRE, EDGES, NOISE, OTHER}


def test_a_missing_folder_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert script.main([str(tmp_path / "none"), "--work", str(tmp_path)]) == 2
    assert "There is no folder" in capsys.readouterr().err


def lines_of(better: list[float], worse: list[float]) -> list[dict[str, object]]:
    return [
        {"photo": str(place), "scores": {"a": first, "b": second}}
        for place, (first, second) in enumerate(zip(better, worse, strict=True))
    ]


def test_a_difference_is_of_the_same_photos() -> None:
    """What differs between photos a hundred times as much as between maps is still told apart."""
    generator = np.random.default_rng(0)
    photos, gains = generator.normal(0, 1, 40), generator.normal(0.01, 0.005, 40)
    rate, p_value = compare(lines_of(list(photos + gains), list(photos)), Comparison("a", "b"))
    assert rate.low > 0
    assert p_value < 0.001
    assert rate.share == pytest.approx(gains.mean())


def test_equal_maps_are_told_apart_one_time_in_twenty() -> None:
    wrong = 0
    for seed in range(100):
        values = np.random.default_rng(seed).normal(0, 1, (2, 15))
        _, p_value = compare(lines_of(list(values[0]), list(values[1])), Comparison("a", "b"))
        wrong += p_value <= 0.05
    assert wrong <= 11  # of 100 with a chance of .05 each, more come about one time in 200


def test_holm_is_holms() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_comparisons_are_named_once() -> None:
    assert len({(each.better, each.worse) for each in COMPARISONS}) == len(COMPARISONS)
    assert any(each.better == BASE for each in COMPARISONS)
    assert name_map("gradient", 5.0) == "gradient, sigma 5"


def test_tables_rank_by_the_mean() -> None:
    lines = lines_of([0.1, 0.2], [0.5, 0.6])
    assert list(means(lines)) == ["b", "a"]
    assert "| b | 0.550 |" in "\n".join(tell_tables(lines, (0.1,)))
    assert published(lines, "m", "0", "s")["controls"]["a"]["0"][0] == pytest.approx(0.15)
