"""Objects cropped away and put on other backgrounds: identities, constructed models, and who lends to whom."""

import hashlib
import json
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import saliency_core as core
from saliency_core.audit import cropping, donors
from saliency_core.audit.compare import tell_differences
from saliency_core.audit.cropping import cut_out, find_part, random_part
from saliency_core.audit.donors import find_donors, open_planned
from saliency_core.audit.measure import NO_OBJECT, Settings, measure_photo
from saliency_core.audit.plan import Asked, Plan, Planned, Target
from saliency_core.audit.planning import make_plan
from saliency_core.audit.rates import bootstrap
from saliency_core.audit.run import run_audit
from saliency_core.audit.store import read_audit
from saliency_core.audit.summary import summarize
from saliency_core.audit.swaps import Background, Backgrounds, swap
from saliency_core.audit.words import tell_class, tell_share
from saliency_core.masking.placements import Edges
from saliency_core.photos.photo import Photo
from saliency_core.photos.regions import Region, covered
from tests.small_audit import CLASSES, small_classifier
from tests.test_audit_measure import FAST, SIDE, SMALL, Reads, _as_photo, _colours, _make_photo


def _on_blue(seed: int) -> tuple[Photo, Edges]:
    """A photo of another class: a white square at a random place on blue, which the models do not read."""
    generator = np.random.default_rng(seed)
    pixels = np.zeros((SIDE, SIDE, 3), np.uint8)
    pixels[..., 2] = generator.integers(100, 156, (SIDE, SIDE))
    top, left = generator.integers(SIDE - SMALL + 1, size=2).tolist()
    pixels[top : top + SMALL, left : left + SMALL] = 255
    return _as_photo(pixels), (left / SIDE, top / SIDE, (left + SMALL) / SIDE, (top + SMALL) / SIDE)


def _backgrounds(seed: int) -> Backgrounds:
    classifier = _colours("object")
    own, other = (
        Background(core.frame_photo(photo, classifier, "squash"), (box,))
        for photo, box in (_make_photo(seed + 500), _on_blue(seed))
    )
    return Backgrounds(own, other)


@pytest.mark.parametrize("seed", range(40))
def test_the_largest_part_without_boxes_is_found(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cropping, "LEAST_SHARE", 0)
    monkeypatch.setattr(cropping, "MOST_ASPECT", 100)
    generator = np.random.default_rng(seed)
    width, height = generator.integers(3, 10, 2).tolist()
    corners = np.sort(generator.random((seed % 5, 2, 2)), axis=1).reshape(-1, 4)
    boxes: list[Edges] = [(left, top, right, bottom) for left, top, right, bottom in corners.tolist()]
    free = np.ones((height, width), bool)
    for left, top, right, bottom in boxes:
        free[int(top * height) : -int(-bottom * height // 1), int(left * width) : -int(-right * width // 1)] = False
    largest = max(
        (bottom - top) * (right - left)
        for top, left in np.ndindex(height, width)
        for bottom, right in product(range(top, height + 1), range(left, width + 1))
        if free[top:bottom, left:right].all()
    )
    part = find_part(width, height, boxes)
    assert (part.width * part.height if part else 0) == largest
    assert part is None or free[part.top : part.top + part.height, part.left : part.left + part.width].all()


@pytest.mark.parametrize(
    ("boxes", "part"),
    [
        ([(0.4, 0.2, 0.6, 0.8)], Region(0, 0, 100, 80)),  # as wide as the one on the right, and the first
        ([(0.3, 0.2, 0.6, 0.8)], Region(0, 120, 100, 80)),
        ([(0, 0, 1, 0.3), (0, 0.8, 1, 1)], None),
        ([(0, 0, 1, 0.25)], Region(25, 0, 75, 200)),
        ([(0.2, 0.2, 0.8, 0.8)], None),  # at the sides too narrow, above too flat
        ([(0.0, 0.0, 1.0, 1.0)], None),
    ],
)
def test_a_part_is_large_and_wide_enough_or_there_is_none(boxes: list[Edges], part: Region | None) -> None:
    assert find_part(200, 100, boxes) == part


def test_a_random_part_lies_on_the_photo_wherever() -> None:
    part = Region(0, 5, 4, 7)
    found = {random_part(12, 5, part, seed) for seed in range(100)}
    assert len(found) == 6 * 2
    assert all((each.height, each.width) == (4, 7) for each in found)
    assert all(each.top + 4 <= 5 and each.left + 7 <= 12 for each in found)


@pytest.mark.parametrize(("reads", "named"), [("object", False), ("background", True), ("nothing", True)])
def test_with_the_object_out_of_the_frame_its_reader_no_longer_names_it(reads: Reads, named: bool) -> None:
    rows = []
    for seed in range(30):
        photo, box = _make_photo(seed)
        row = measure_photo(_colours(reads), photo, 0, [box], FAST)
        part = find_part(SIDE, SIDE, [box])
        if part is None:
            assert (row.cropped_size, row.cropped_named, row.random_cropped_named) == (None, None, None)
            continue
        assert not cut_out(photo, part).pixels[..., 0].any()
        assert row.cropped_size == part.width * part.height / SIDE**2 >= 0.25
        assert row.cropped_named is named
        assert row.cropped_probability is not None
        rows.append(row)
    (found,) = summarize(rows, ["*cup*"])
    assert found.cropped is not None
    assert found.cropped.photos == len(rows) >= 10
    assert found.cropped.named.share == named
    assert found.cropped.random_named.share > (0.1 if reads == "object" else 0.9)
    told = tell_class(found)
    assert f"without the object, on average {found.cropped.size:.0%} of its area" in told
    assert f"says so on {len(rows) if named else 0} of {len(rows)} photos (" in told


def test_nothing_is_cropped_or_swapped_where_there_is_no_answer_to_take_away() -> None:
    red, (_, box) = _as_photo(np.full((SIDE, SIDE, 3), (128, 0, 0), np.uint8)), _make_photo(5)
    row = measure_photo(_colours("background"), red, 0, [box], FAST, backgrounds=_backgrounds(1))
    assert (row.cropped_named, row.own_background_named) == (None, None)
    assert measure_photo(_colours("object"), red, 0, [], FAST, backgrounds=_backgrounds(1)).reason == NO_OBJECT


def test_two_backgrounds_differ_in_nothing_else() -> None:
    photo, box = _make_photo(3)
    frame, lent = core.frame_photo(photo, _colours("object"), "squash"), _backgrounds(3)
    regions = (Region(round(box[1] * SIDE), round(box[0] * SIDE), SMALL, SMALL),)
    own, other, size = swap(frame, regions, lent)
    kept = covered(SIDE, regions)
    hidden = ~kept & (own.pixels == frame.mean_colour).all(axis=2)
    assert np.array_equal(own.pixels[kept], frame.pixels[kept])
    assert np.array_equal(other.pixels[kept], frame.pixels[kept])
    assert np.array_equal(own.pixels[hidden], other.pixels[hidden])
    left = ~(kept | hidden)
    assert np.array_equal(own.pixels[left], lent.own.frame.pixels[left])
    assert np.array_equal(other.pixels[left], lent.other.frame.pixels[left])
    assert size == left.mean()
    assert 0 < hidden.sum() <= 2 * SMALL**2
    turned = swap(frame, regions, Backgrounds(lent.other, lent.own))
    assert np.array_equal(turned[0].pixels, other.pixels)
    assert np.array_equal(turned[1].pixels, own.pixels)
    same = swap(frame, regions, Backgrounds(lent.own, lent.own))
    assert np.array_equal(same[0].pixels, same[1].pixels)
    itself = Background(frame, (box,))
    assert np.array_equal(swap(frame, regions, Backgrounds(itself, itself))[0].pixels, frame.pixels)


@pytest.mark.parametrize(
    ("reads", "other_named", "differs"), [("object", True, False), ("background", False, True), ("both", False, True)]
)
def test_swaps_show_the_background_s_part_and_no_other(reads: Reads, other_named: bool, differs: bool) -> None:
    rows = []
    for seed in range(20):
        photo, box = _make_photo(seed)
        row = measure_photo(_colours(reads), photo, 0, [box], FAST, backgrounds=_backgrounds(seed))
        assert row.own_background_named
        assert row.other_background_named is other_named
        rows.append(row)
    (found,) = summarize(rows, ["the class"])
    swapped = found.swapped
    assert swapped is not None
    assert (swapped.photos, swapped.own.share, swapped.other.share) == (20, 1, other_named)
    if differs:
        assert swapped.difference.low > 0.5
        assert "20 of 20 photos, on that of another class’s photo on 0 (a difference of 100 percentage" in tell_class(
            found
        )
    else:
        assert swapped.difference.low < 0 < swapped.difference.high
        assert all(row.own_background_probability == row.other_background_probability for row in rows)
        assert "photo on 20 (a difference of 0 percentage points, 95% interval −" in tell_class(found)
    only_one = summarize([replace(row, background_size=None) for row in rows], ["the class"])[0]
    assert only_one.swapped is None
    assert "percentage points" not in tell_class(only_one)


MIDDLE: Edges = (0.4, 0.4, 0.6, 0.6)


def _plan(photos: list[Planned], seed: int = 0, mixed: tuple[str, ...] = ()) -> Plan:
    asked = Asked("small", "0" * 64, "preset", "cpu", Settings(), seed, "1.0", {}, 2)
    return Plan("/photos", "Small", CLASSES, asked, tuple(photos), len(photos), mixed=mixed)


def _planned(name: str, *targets: int | None, boxes: tuple[Edges, ...] = (MIDDLE,)) -> Planned:
    return Planned(name, 1, None, tuple(Target(target, "thing", boxes) for target in targets))


def test_backgrounds_are_lent_by_one_photo_of_the_class_and_one_of_another() -> None:
    photos = [_planned(f"{each:03}", each % 3) for each in range(60)]
    plan = _plan(photos)
    lent = {photo.name: list(find_donors(plan, photo, photo.targets[0])) for photo in photos}
    for name, pairs in lent.items():
        assert pairs
        for own, other in pairs:
            assert own.name != name
            assert int(own.name) % 3 == int(name) % 3
            assert int(other.name) % 3 != int(name) % 3
            assert (own.boxes, other.boxes) == ((MIDDLE,), (MIDDLE,))
    for remainder in range(3):
        firsts = [pairs[0] for name, pairs in lent.items() if int(name) % 3 == remainder]
        for place in (0, 1):
            assert len({pair[place].name for pair in firsts}) == 20  # each lends once to a class
    again = _plan(photos)
    assert all(list(find_donors(again, each, each.targets[0])) == lent[each.name] for each in reversed(photos))
    other_seed = _plan(photos, seed=1)
    assert any(list(find_donors(other_seed, each, each.targets[0])) != lent[each.name] for each in photos)


def test_the_interval_of_a_difference_holds_none_where_backgrounds_differ_but_classes_do_not() -> None:
    """What the model makes of a background belongs to the photo that lends it, and each lends to several photos."""
    held = 0
    for seed in range(200):
        photos = [_planned(f"{each:03}", each % 2) for each in range(60)]
        plan = _plan(photos, seed=seed)
        effects = dict(zip((photo.name for photo in photos), np.random.default_rng(seed).normal(size=60), strict=True))
        pairs = [next(find_donors(plan, photo, photo.targets[0])) for photo in photos[::2]]
        found = bootstrap([effects[own.name] - effects[other.name] for own, other in pairs])
        held += found.low <= 0 <= found.high
    assert held >= 0.91 * 200


def test_who_lends_nothing_and_to_whom_nothing_is_lent() -> None:
    large: Edges = (0, 0, 0.9, 0.9)
    photos = [
        *(_planned(f"red{each}", 0) for each in range(4)),
        _planned("blue", 2),
        _planned("without a class", None),
        _planned("without boxes", 1, boxes=()),
        _planned("red and green", 0, 1),
        _planned("mixed", 1),
        _planned("large", 1, boxes=(large,)),
    ]
    plan = _plan(photos, mixed=("mixed",))
    by_name = {photo.name: photo for photo in photos}

    def lent_to(name: str, place: int = 0) -> set[tuple[str, str]]:
        photo = by_name[name]
        return {(own.name, other.name) for own, other in find_donors(plan, photo, photo.targets[place])}

    assert lent_to("red0") <= {(f"red{each}", "blue") for each in (1, 2, 3)}
    assert lent_to("red0")
    assert lent_to("red and green")  # it gets, but does not lend
    assert not any(lent_to(name) for name in ("blue", "without a class", "without boxes", "large"))
    alone = _plan(photos[:4])
    assert not list(find_donors(alone, photos[0], photos[0].targets[0]))


def test_boxes_of_other_classes_are_known_to_the_plan(tmp_path: Path) -> None:
    for name in ("red thing/1.png", "red thing/2.png", "red thing/3.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (20, 20)).save(tmp_path / name)
    table = "file,label,xmin,ymin,xmax,ymax\n" + "".join(f"{each}.png,red thing,0,0,9,9\n" for each in "123")
    (tmp_path / "boxes.csv").write_text(table + "1.png,no class,9,9,12,12\n")
    before = make_plan(tmp_path, small_classifier())
    assert before.mixed == ()
    (tmp_path / "boxes.csv").write_text(table + "1.png,no class,9,9,12,12\n2.png,blue thing,9,9,12,12\n")
    plan = make_plan(tmp_path, small_classifier())
    assert plan.mixed == ("red thing/2.png",)
    assert plan.digest != before.digest
    assert "1 photo with another size, label or boxes now (red thing/2.png)" in tell_differences(before, plan)
    assert make_plan(tmp_path, small_classifier(), limit=1).mixed == ()


def _draw(folder: Path, each: int) -> None:
    """Photos of red or blue squares on grey; of the red ones one cannot be read, and two are the same file."""
    lines = ["file,xmin,ymin,xmax,ymax"]
    random = np.random.default_rng(0)
    for place in range(2 * each):
        name = f"{CLASSES[2 * (place % 2)]}/{place:02}.png"
        pixels = random.integers(90, 110, (40, 40, 3), np.uint8)
        top, left = random.integers(24, size=2).tolist()
        pixels[top : top + 16, left : left + 16] = 255 * (np.arange(3) == 2 * (place % 2))
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / name)
        lines.append(f"{name},{left},{top},{left + 16},{top + 16}")
    (folder / "boxes.csv").write_text("\n".join(lines))


def test_in_an_audit_rows_are_the_same_in_other_shards_and_without_what_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _draw(tmp_path / "photos", 6)
    red = tmp_path / "photos" / CLASSES[0]
    (red / "00.png").write_bytes(b"no picture")
    (red / "04.png").write_bytes((red / "02.png").read_bytes())
    small = small_classifier()
    found = []
    for per_shard in (3, 12):
        plan = make_plan(tmp_path / "photos", small, settings=FAST, per_shard=per_shard)
        list(run_audit(plan, small, tmp_path / f"out{per_shard}"))
        found.append(read_audit(tmp_path / f"out{per_shard}").rows)
    assert found[0] == found[1]
    assert len(found[0]) == 11
    swapped = [row for row in found[0] if row.row.background_size is not None]
    assert len(swapped) >= 10
    assert all(row.row.own_background_named and row.row.other_background_named for row in swapped)
    digests = {hashlib.sha256(path.read_bytes()).hexdigest(): path.name for path in red.glob("*.png")}
    for photo in plan.photos:
        if photo.name.endswith("00.png"):
            continue
        opened = open_planned(plan, small, photo)
        for lent in opened.backgrounds:
            if lent is not None:
                names = [digests.get(each.frame.photo_digest) for each in (lent.own, lent.other)]
                assert "00.png" not in names
                assert opened.photo.digest not in (lent.own.frame.photo_digest, lent.other.frame.photo_digest)
    monkeypatch.setattr(donors, "_TRIES", 1)
    assert any(open_planned(plan, small, photo).backgrounds == (None,) for photo in plan.photos[1:])


def test_an_audit_without_these_columns_can_still_be_read(tmp_path: Path) -> None:
    import pyarrow.parquet as parquet

    _draw(tmp_path / "photos", 2)
    small, out = small_classifier(), tmp_path / "out"
    list(run_audit(make_plan(tmp_path / "photos", small, settings=FAST), small, out))
    path = out / "shards" / "00000.parquet"
    table = parquet.read_table(path)
    newer = [name for name in table.column_names if "cropped" in name or "background" in name or name == "notes"]
    assert len(newer) == 10
    parquet.write_table(table.drop_columns(newer), path)
    plan = json.loads((out / "plan.json").read_text())
    del plan["mixed"]
    (out / "plan.json").write_text(json.dumps(plan))
    rows = [row.row for row in read_audit(out).rows]
    assert all(row.hidings and row.cropped_size is None and row.own_background_named is None for row in rows)
    (found, _) = summarize(rows, CLASSES)
    assert (found.cropped, found.swapped) == (None, None)
    parquet.write_table(table.drop_columns(["sharpness"]), path)
    with pytest.raises(core.SaliencyError, match="is damaged"):
        read_audit(out)


def test_a_share_that_is_none_is_none() -> None:
    assert [tell_share(share) for share in (0.0, 0.0005, 0.25, 1.0)] == ["0%", "under 0.1%", "25%", "100%"]
