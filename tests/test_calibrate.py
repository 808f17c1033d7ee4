"""The calibration of the verdict's rule: intervals, boxes read from files, and rates on models whose truth is known."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import saliency_core as core
from saliency_core.audit.rates import bootstrap, wilson
from saliency_core.masking.claims import ALPHA, RARE, Claim
from saliency_core.masking.effects import Evidence
from saliency_core.photos.regions import Region, covered
from scripts.calibrate import __main__ as calibrate
from scripts.calibrate.cases import BOX, RANDOM, Case, read_cases, to_line
from scripts.calibrate.folder import Boxes, leave_out, leave_unreadable, read_folder, read_manifest, read_voc, sample
from scripts.calibrate.measure import KINDS, SIZES, Settings, draw_region, measure
from scripts.calibrate.rules import RULES
from scripts.calibrate.tables import tell_tables
from tests.conftest import small_classifier

KANGAROOS = Path(__file__).parents[2] / "shared" / "kangaroo"
SIDE = 32
OBJECT = Region(8, 4, 8, 12)
VOC = """<annotation><size><width>64</width><height>32</height><depth>3</depth></size>
<object><name>cup</name><bndbox><xmin>9</xmin><ymin>9</ymin><xmax>32</xmax><ymax>16</ymax></bndbox></object>
<object><name>cup</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>64</xmax><ymax>32</ymax></bndbox></object>
</annotation>"""


class Reads(nn.Module):
    """The first class's logit rises with the mean brightness of OBJECT, above 0.6; the other's stays at nought."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """f32 [n, 3, side, side] -> f32 [n, 2]."""
        rows, columns = (slice(OBJECT.top, OBJECT.top + OBJECT.height), slice(OBJECT.left, OBJECT.left + OBJECT.width))
        first = 16 * ((inputs[:, :, rows, columns].mean(dim=(1, 2, 3)) + 1) / 2 - 0.6)
        return torch.stack([first, torch.zeros_like(first)], dim=1)


@pytest.fixture
def reads() -> core.Classifier:
    """A classifier that knows its object by its brightness and nothing else."""
    return small_classifier(Reads(), SIDE, 2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four bright photos; a manifest has the object on two of them, and what is no object on one."""
    generator = np.random.default_rng(4)
    for index in range(4):
        pixels = generator.integers(180, 256, (SIDE, SIDE, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"photo-{index}.png")
    edges = [OBJECT.left, OBJECT.top, OBJECT.left + OBJECT.width, OBJECT.top + OBJECT.height]
    box = {"what": "it", "is": "object", "box": [edge / SIDE for edge in edges]}
    entries = [{"file": f"photo-{index}.png", "boxes": [box, {**box, "is": "other"}]} for index in range(2)]
    (tmp_path / "manifest.json").write_text(json.dumps({"photos": entries}))
    return tmp_path


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_intervals_are_those_of_newcombes_table(count: int, of: int, low: float, high: float) -> None:
    """Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E, table I, method 3."""
    rate = wilson(count, of)
    assert (rate.low, rate.high) == pytest.approx((low, high), abs=5e-5)
    assert rate.share == count / of


def test_a_bootstrap_over_photos_is_as_wide_as_photos_differ() -> None:
    same, apart = bootstrap([0.1] * 50), bootstrap([0.0, 0.2] * 25)
    assert (same.share, same.low, same.high) == pytest.approx((0.1, 0.1, 0.1))
    reach = 1.96 * 0.1 / 50**0.5
    assert (apart.low, apart.high) == pytest.approx((0.1 - reach, 0.1 + reach), abs=0.005)


def test_of_places_in_turn_each_gate_passes_at_most_one_in_twenty() -> None:
    """Whatever the numbers are: that is what makes the rates under chance at most ALPHA."""
    generator = np.random.default_rng(8)
    found = dict.fromkeys(RULES, 0.0)
    for _ in range(40):
        hidden, kept = (generator.beta(0.3, 0.3, 60) for _ in range(2))
        parts = {RANDOM: (float(hidden[0]), float(kept[0]))}
        case = _make_case(parts, hidden[1:].tolist(), kept[1:].tolist())
        for name, rule in RULES.items():
            share = float(np.mean([rule(evidence) in RARE for evidence in case.turns()]))
            found[name] = max(found[name], share)
    assert 0 < found["the rule"] <= ALPHA
    assert 0 < found["smallest of three"] <= ALPHA
    assert found["one after another"] > ALPHA


def test_all_rules_agree_where_chance_plays_no_part() -> None:
    plain = Evidence(0.9, 0.01, 0.9, [0.9] * 59, [0.01] * 59)
    nothing = Evidence(0.9, 0.9, 0.1, [0.1] * 59, [0.9] * 59)
    for rule in RULES.values():
        assert rule(plain) is Claim.CARRIES
        assert rule(nothing) is Claim.NEITHER


def test_random_regions_have_the_share_and_the_shapes_asked_for() -> None:
    generator, area = np.random.default_rng(0), Region(0, 30, 224, 160)
    for size in SIZES:
        drawn = [draw_region(area, size, generator) for _ in range(200)]
        shares = [region.height * region.width / (area.height * area.width) for region in drawn]
        assert shares == pytest.approx([size] * 200, rel=0.03)
        aspects = [region.height / area.height / (region.width / area.width) for region in drawn]
        assert 0.48 < min(aspects) < 0.6
        assert 1.7 < max(aspects) < 2.1
        for region in drawn:
            assert area.left <= region.left
            assert region.left + region.width <= area.left + area.width


def test_the_object_of_a_constructed_model_carries_its_answer(reads: core.Classifier, folder: Path) -> None:
    entries = read_folder(folder)
    cases = [case for some in measure(reads, entries, Settings(seed=3)) for case in some]
    boxes = [case for case in cases if BOX in case.parts]
    windows = [case for case in cases if RANDOM in case.parts]
    assert [RULES["the rule"](case.evidence(BOX)) for case in boxes] == [Claim.CARRIES] * 2
    assert [case.size for case in boxes] == [OBJECT.height * OBJECT.width / SIDE**2] * 2
    assert len(windows) == 4 * len(SIZES)
    assert all(set(case.parts) == set(KINDS) and len(case.hidden) == 59 for case in windows)
    again = [case for some in measure(reads, entries[2:], Settings(seed=3)) for case in some]
    assert [case.parts[RANDOM] for case in again] == [
        case.parts[RANDOM] for case in windows if case.photo in ("photo-2.png", "photo-3.png")
    ], "a photo's windows do not depend on the other photos"


def test_what_the_tables_print_is_what_was_measured(
    reads: core.Classifier,
    folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(calibrate, "load_classifier", lambda _name: reads)
    raw = tmp_path_factory.mktemp("raw") / "cases.jsonl"
    assert calibrate.main([str(folder), "--fill", "black", "--fill", "grey", "--json", str(raw)]) == 0
    printed = capsys.readouterr()
    cases = read_cases([raw])
    assert printed.out.splitlines() == list(tell_tables(cases))
    assert "4 of 4 photos" in printed.err
    black = [case for case in cases if case.fill == "black"]
    judged = [[RULES["the rule"](case.evidence(RANDOM)) for case in black if case.size == size] for size in SIZES]
    rates = [f"{25 * some.count(Claim.NEITHER)}" for some in judged]
    assert f"| {Claim.NEITHER.value} | {' | '.join(rates)} |" in printed.out
    assert f"| {Claim.CARRIES.value} | 100 | 100 | 100 |" in printed.out, "both boxes"
    assert calibrate.main([str(raw)]) == 0
    assert capsys.readouterr().out == printed.out, "tables again, without a pass"
    assert calibrate.main([str(raw), "--class", "another"]) == 0
    assert "Nothing was measured" in capsys.readouterr().out


def test_photos_can_be_left_out_and_drawn(folder: Path) -> None:
    entries = read_folder(folder)
    assert [entry.name for entry in entries] == [f"photo-{index}.png" for index in range(4)]
    assert sample(entries, 2, 1) == sample(entries, 3, 1)[:2]
    assert set(sample(entries, None, 1)) == set(entries)
    assert [entry.name for entry in leave_out(entries, ["photo-1.png"])] == [
        "photo-0.png",
        "photo-2.png",
        "photo-3.png",
    ]
    (folder / "photo-0.png").write_bytes(b"no photo")
    readable, problems = leave_unreadable(entries)
    assert readable == entries[1:]
    assert problems[0].startswith("photo-0.png is left out.")


def test_boxes_of_a_manifest_are_its_objects(folder: Path) -> None:
    boxes = read_manifest(folder / "manifest.json")
    assert boxes["photo-0.png"] == (Boxes("it", ((4 / 32, 8 / 32, 16 / 32, 16 / 32),)),)
    entries = read_folder(folder)
    assert [len(entry.things) for entry in entries] == [1, 1, 0, 0]


@pytest.mark.parametrize(
    ("photos", "boxes"), [("", "annotations"), ("images", "annotations"), ("images", "Annotations")]
)
def test_boxes_of_a_voc_file_belong_together(tmp_path: Path, photos: str, boxes: str) -> None:
    for name in (photos, boxes):
        (tmp_path / name).mkdir(exist_ok=True)
    Image.new("RGB", (64, 32)).save(tmp_path / photos / "one.jpg")
    (tmp_path / boxes / "one.xml").write_text(VOC)
    (entry,) = read_folder(tmp_path)
    assert entry.things == (Boxes("cup", ((8 / 64, 8 / 32, 32 / 64, 16 / 32), (0, 0, 1, 1))),)
    (entry,) = read_folder(tmp_path / photos)
    assert len(entry.things) == 1


def _empty(folder: Path) -> None:
    (folder / "text.txt").write_text("no photo")


def _broken_manifest(folder: Path) -> None:
    Image.new("RGB", (32, 32)).save(folder / "one.png")
    (folder / "manifest.json").write_text('{"photos": [{"boxes": []}]}')


def _broken_voc(folder: Path) -> None:
    Image.new("RGB", (32, 32)).save(folder / "one.png")
    (folder / "annotations").mkdir()
    (folder / "annotations" / "one.xml").write_text(VOC.replace("<xmax>32", "<xmax>"))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda folder: folder.rmdir(), "There is no folder"),
        (_empty, "There is no photo in"),
        (_broken_manifest, "is no manifest of photos with boxes"),
        (_broken_voc, "is no Pascal VOC file"),
    ],
)
def test_a_bad_folder_is_told_in_one_sentence(
    tmp_path: Path, spoil: Callable[[Path], None], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    spoil(folder)
    assert calibrate.main([str(folder)]) == 2
    printed = capsys.readouterr()
    assert words in printed.err
    assert str(folder) in printed.err
    assert len(printed.err.splitlines()) == 1
    assert not printed.out


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    case = _make_case({BOX: (0.1, 0.2)}, [0.3], [0.4])
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    good.write_text(to_line(case) + "\n")
    assert read_cases([good]) == [case]
    for text in ("no JSON", "[1, 2]", to_line(case).replace("photo", "picture")):
        bad.write_text(text)
        with pytest.raises(core.RequestError, match="no file of cases"):
            read_cases([good, bad])


@pytest.mark.skipif(not KANGAROOS.is_dir(), reason="the photos of kangaroos are not beside the project")
def test_boxes_round_kangaroos_are_read() -> None:
    entries = read_folder(KANGAROOS)
    assert len(entries) > 50
    for entry in entries:
        (boxes,) = entry.things
        assert boxes.what == "kangaroo"
        assert boxes == read_voc(KANGAROOS / "annotations" / f"{entry.path.stem}.xml")[0]
        regions = [Region(*(round(100 * x) for x in (t, le, b - t, r - le))) for le, t, r, b in boxes.edges]
        assert covered(101, regions).any()


def _make_case(parts: dict[str, tuple[float, float]], hidden: list[float], kept: list[float]) -> Case:
    return Case("Small", "center", "black", "photo.jpg", "a class", 0.9, "", 0.14, parts, hidden, kept)
