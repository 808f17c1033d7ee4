"""A folder's photos are found with their labels, and whatever is not used is listed."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from saliency_core.audit.folder import AuditFolder, Item, read_folder
from saliency_core.errors import RequestError

SHARED = Path(__file__).parents[2] / "shared"
TABLE = "file,label\na.jpg,cat\nb.jpg,dog\n"

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes a folder of files, all with the same text: nobody decodes a photo."""

    def make_folder(*names: str, text: str = "x") -> Path:
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path

    return make_folder


def labels_of(found: AuditFolder) -> dict[str, str | None]:
    return {item.name: item.label for item in found.items}


def left_out(found: AuditFolder) -> dict[str, str]:
    return {each.name: each.reason for each in found.left_out}


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (("b.jpg", "a.PNG"), (None, None)),
        (("dog/2.jpg", "cat/deep/er/1.jpeg", "top.jpg"), ("cat", "dog", None)),
        (("train/cat/1.jpg", "val/cat/1.jpg", "val/dog/2.jpg"), ("cat", "cat", "dog")),
        (("images/train/1.jpg", "images/val/1.jpg"), (None, None)),
        (("images/1.jpg", "2.jpg"), (None, None)),
        (("train/n1/images/1.jpg", "val/images/1.jpg"), ("n1", None)),
        (("train2017/1.jpg", "val_2/1.jpg"), (None, None)),
        (("JPEGImages/cat/1.webp",), ("cat",)),
        (("train/1.jpg", "bus/1.jpg"), ("bus", "train")),  # beside a bus, a train is a train
    ],
)
def test_a_label_is_the_first_folder_that_is_a_class(make: Make, names: tuple[str, ...], labels: object) -> None:
    folder = make(*names)
    found = read_folder(folder)
    assert [item.name for item in found.items] == sorted(names)
    assert tuple(item.label for item in found.items) == labels
    assert all(item.path == folder / item.name for item in found.items)
    assert found.left_out == ()


def test_hidden_files_are_passed_over_and_all_else_is_listed(make: Make) -> None:
    folder = make(
        "a.jpg",
        ".b.jpg",
        ".git/c.jpg",
        "notes.txt",
        "d.pdf",
        "Annotations/mask.png",
        "labels/cat/e.jpg",
        "x/f.jpg/g.jpg",
    )
    found = read_folder(folder)
    assert labels_of(found) == {"a.jpg": None, "x/f.jpg/g.jpg": "x"}
    no_photo = "It is neither a photo nor a file of labels or boxes that were read."
    annotation = "It lies in a folder of annotations."
    assert left_out(found) == {
        "Annotations/mask.png": annotation,
        "d.pdf": no_photo,
        "labels/cat/e.jpg": annotation,
        "notes.txt": no_photo,
    }
    assert list(left_out(found)) == sorted(left_out(found))


def test_links_are_not_followed_out_of_the_folder(tmp_path: Path) -> None:
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    for path in (folder / "in.jpg", outside / "out.jpg"):
        path.parent.mkdir()
        path.write_bytes(b"x")
    (folder / "near.jpg").symlink_to(folder / "in.jpg")
    (folder / "far.jpg").symlink_to(outside / "out.jpg")
    (folder / "gone.jpg").symlink_to(folder / "nothing.jpg")
    (folder / "round.jpg").symlink_to(folder / "round.jpg")
    (folder / "away").symlink_to(outside)
    (folder / "again").symlink_to(folder)
    os.mkfifo(folder / "pipe.jpg")
    found = read_folder(folder)
    assert list(labels_of(found)) == ["in.jpg", "near.jpg"]
    not_followed = "It is a link to a folder, or out of the folder, which is not followed."
    assert left_out(found) == {
        "again": not_followed,
        "away": not_followed,
        "far.jpg": not_followed,
        "gone.jpg": "It is a link that leads nowhere.",
        "pipe.jpg": "It is not a file.",
        "round.jpg": "It is a link that leads nowhere.",
    }
    linked = tmp_path / "linked"
    linked.symlink_to(folder)
    assert labels_of(read_folder(linked)) == labels_of(found)


def test_a_name_that_is_no_text_is_listed(make: Make) -> None:
    folder = make("a.jpg")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.jpg")).write_bytes(b"x")
    found = read_folder(folder)
    assert left_out(found) == {"??.jpg": "Its name is not text in UTF-8."}
    assert list(labels_of(found)) == ["a.jpg"]


@pytest.mark.parametrize(
    "table",
    [
        TABLE,
        "\ufeff" + TABLE.replace(",", ";").replace("\n", "\r\n"),
        "Image_Name\tother\tClass\n/data/b.jpg\t1\tdog\nphotos\\a.jpg\t2\t cat \n",
        'label,path,split\n"cat",a.jpg,x\n"dog",./photos/b.jpg,y\n',
        "id,label\na,cat\nb,dog\n",
    ],
)
def test_labels_come_from_a_table_in_the_folder_or_elsewhere(make: Make, tmp_path: Path, table: str) -> None:
    folder = make("photos/a.jpg", "photos/b.jpg")
    (tmp_path / "of photos.csv").write_text(table, encoding="utf-8", newline="")
    for labels in (None, "of photos.csv", tmp_path / "of photos.csv"):
        found = read_folder(folder, labels)
        assert (labels_of(found), found.left_out) == ({"photos/a.jpg": "cat", "photos/b.jpg": "dog"}, ())
    within = read_folder(folder / "photos", tmp_path / "of photos.csv")
    assert (labels_of(within), within.left_out) == ({"a.jpg": "cat", "b.jpg": "dog"}, ())


def test_a_table_of_something_else_is_listed(make: Make, tmp_path: Path) -> None:
    folder = make("a.jpg", "b.jpg")
    (tmp_path / "prices.csv").write_text("id,name\n1,chair\n", encoding="utf-8")
    assert left_out(read_folder(folder)).keys() == {"prices.csv"}
    (tmp_path / "l.csv").write_text(TABLE, encoding="utf-8")
    assert labels_of(read_folder(folder)) == {"a.jpg": "cat", "b.jpg": "dog"}


@pytest.mark.parametrize("head", ["", "photograph,what it is\n"])
def test_a_table_that_is_named_needs_no_header(make: Make, tmp_path: Path, head: str) -> None:
    folder = make("a.jpg", "b.jpg")
    (tmp_path / "l.csv").write_text(f"{head}a.jpg,cat\nb.jpg,dog\n", encoding="utf-8")
    found = read_folder(folder, "l.csv")
    assert (labels_of(found), found.left_out) == ({"a.jpg": "cat", "b.jpg": "dog"}, ())
    assert labels_of(read_folder(folder)) == {"a.jpg": None, "b.jpg": None}


def test_what_a_table_does_not_say_or_says_twice_is_listed(make: Make, tmp_path: Path) -> None:
    folder = make("a.jpg", "b.jpg", "c.jpg", "d.jpg")
    (tmp_path / "l.csv").write_text(TABLE + "b.jpg,cat\na.jpg,cat\nz.jpg,cat\nd.jpg,\n", encoding="utf-8")
    found = read_folder(folder)
    assert labels_of(found) == {"a.jpg": "cat", "b.jpg": None, "c.jpg": None, "d.jpg": None}
    assert left_out(found) == {
        "b.jpg": "l.csv gives it several labels.",
        "c.jpg": "l.csv gives it no label.",
        "d.jpg": "l.csv gives it no label.",
        "z.jpg": "l.csv lists it, and no photo is called so.",
    }


def test_folders_come_before_a_table_unless_it_is_named(make: Make) -> None:
    make("wolf/a.jpg", "wolf/b.jpg")
    folder = make("l.csv", text=TABLE)
    assert set(labels_of(read_folder(folder)).values()) == {"wolf"}
    assert set(labels_of(read_folder(folder, "l.csv")).values()) == {"cat", "dog"}


def test_an_index_in_the_name_is_a_label_on_request(make: Make) -> None:
    folder = make("x/870_tricycle.jpg", "x/007.jpg", "x/photo_3.jpg", "x/20240101120000.jpg", "x/22-eagle.jpg")
    found = read_folder(folder, labels="index")
    assert labels_of(found) == {
        "x/007.jpg": "7",
        "x/20240101120000.jpg": None,
        "x/22-eagle.jpg": "22",
        "x/870_tricycle.jpg": "870",
        "x/photo_3.jpg": None,
    }
    assert set(left_out(found)) == {"x/photo_3.jpg", "x/20240101120000.jpg"}


def test_the_one_name_of_a_photo_s_boxes_is_its_label_on_request(make: Make, tmp_path: Path) -> None:
    for name in "abc":
        Image.new("RGB", (20, 20)).save(tmp_path / f"{name}.jpg")
    rows = ("a.jpg,cup,1,1,9,9", "a.jpg,cup,4,4,8,8", "b.jpg,cup,1,1,9,9", "b.jpg,pot,2,2,9,9")
    folder = make("boxes.csv", text="\n".join(("file,label,xmin,ymin,xmax,ymax", *rows)))
    assert labels_of(read_folder(folder)) == {"a.jpg": None, "b.jpg": None, "c.jpg": None}
    assert labels_of(read_folder(folder, "boxes")) == {"a.jpg": "cup", "b.jpg": None, "c.jpg": None}


def test_what_cannot_be_read_is_refused_in_a_sentence(make: Make, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"There is no folder .*; name one"):
        read_folder(tmp_path / "none")
    with pytest.raises(RequestError, match=r"There is no photo in .*; photos are files that end in \.jpg"):
        read_folder(make("a.txt"))
    folder = make("a.jpg")
    with pytest.raises(RequestError, match=r"There is no file none\.csv with labels; name a CSV file, or use index"):
        read_folder(folder, "none.csv")
    with pytest.raises(RequestError, match="There is no file"):
        read_folder(folder, "\0")
    with pytest.raises(RequestError, match=r"gives no photo of .* a label; its columns must be file and label"):
        read_folder(folder, "a.jpg")
    make("l.csv", "m.csv", text=TABLE)
    with pytest.raises(RequestError, match=r"several tables of labels: l\.csv, m\.csv\. Choose one"):
        read_folder(folder)


@pytest.mark.parametrize(("name", "photos", "boxes"), [("kangaroo", 82, 131), ("raccoon", 100, 109)])
def test_a_folder_of_pascal_voc_is_read_whole(name: str, photos: int, boxes: int) -> None:
    if not (SHARED / name).is_dir():
        pytest.skip("the photos are not here")
    found = read_folder(SHARED / name, "boxes", "voc")
    assert len(found.items) == photos
    assert {item.label for item in found.items} == {name}
    assert {box.what for item in found.items for box in item.boxes} == {name}
    assert sum(len(item.boxes) for item in found.items) == boxes
    assert left_out(found).keys() <= {"README.md"}


def test_a_folder_without_labels_or_boxes_is_read() -> None:
    if not (SHARED / "imagenet-sample").is_dir():
        pytest.skip("the photos are not here")
    found = read_folder(SHARED / "imagenet-sample", "index")
    assert len(found.items) == 500
    path = SHARED / "imagenet-sample" / "870_tricycle.jpg"
    assert Item(path, "870_tricycle.jpg", "870") in found.items
