"""Boxes lie where people drew them, in whichever format, and junk is listed or refused, never more."""

import json
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image

from saliency_core.audit.annotations import detect
from saliency_core.audit.folder import AuditFolder, Box, read_folder
from saliency_core.errors import RequestError, SaliencyError
from saliency_core.photos.photo import decode_photo

WIDTH, HEIGHT = 40, 20
CUP = Box("cup", 0.25, 0.5, 0.75, 1.0)
"""The box that each format below says is on photos/a.jpg, of WIDTH x HEIGHT pixels."""


def voc(*things: str, size: tuple[object, object] | None = (WIDTH, HEIGHT)) -> str:
    stated = f"<size><width>{size[0]}</width><height>{size[1]}</height></size>" if size else ""
    return f"<annotation><filename>old.jpg</filename>{stated}{''.join(things)}</annotation>"


def thing(xmin: object, ymin: object, xmax: object, ymax: object, name: str = "cup") -> str:
    edges = zip(("xmin", "ymin", "xmax", "ymax"), (xmin, ymin, xmax, ymax), strict=True)
    return f"<object><name>{name}</name><bndbox>{''.join(f'<{e}>{v}</{e}>' for e, v in edges)}</bndbox></object>"


def coco(*entries: Mapping[str, Any], **image: Any) -> str:
    """A COCO file of one photo and a cup in pixels, but for what a test gives."""
    cup = {"image_id": 7, "category_id": 3, "bbox": [10, 10, 20, 10]}
    return json.dumps(
        {
            "images": [{"id": 7, "file_name": "a.jpg", "width": WIDTH, "height": HEIGHT, **image}],
            "categories": [{"id": 3, "name": "cup"}],
            "annotations": [{**cup, **entry} for entry in entries or ({},)],
        }
    )


VOC, YOLO = voc(thing(11, 11, 30, 20)), "0 .5 .75 .5 .5\n"
CSV = "file,label,left,top,right,bottom\na.jpg,cup,10,10,30,20\n"


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder of files, given by name as text or bytes, and the photo photos/a.jpg, turned by EXIF or not."""

    def make_folder(files: Mapping[str, str | bytes], turn: int = 1, photo: str = "photos/a.jpg") -> Path:
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = turn
        (tmp_path / photo).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (WIDTH, HEIGHT)).save(tmp_path / photo, exif=exif)
        for name, content in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path

    return make_folder


def boxes_of(found: AuditFolder) -> tuple[Box, ...]:
    return found.items[0].boxes


def reasons(found: AuditFolder) -> str:
    return "\n".join(f"{each.name}: {each.reason}" for each in found.left_out)


@pytest.mark.parametrize(
    ("kind", "files"),
    [
        ("voc", {"annotations/a.xml": VOC}),
        ("voc", {"Annotations/a.xml": "<?xml version='1.0' encoding='UTF-16'?>" + VOC}),
        ("voc", {"photos/a.xml": ("<?xml version='1.0' encoding='UTF-16'?>" + VOC).encode("utf-16")}),
        ("voc", {"a.xml": b"\xef\xbb\xbf" + VOC.replace("><", ">\r\n<").encode()}),
        ("voc", {"a.xml": voc(thing("11.0", "1.1e1", " 30 ", "20"), size=("40.0", "20"))}),
        ("voc", {"a.xml": voc(thing(11, 11, 30, 20), size=None)}),
        ("voc", {"a.xml": voc(thing(11, 11, 30, 20), size=(0, 0))}),
        ("coco", {"annotations/instances_val.json": coco()}),
        ("coco", {"photos/_annotations.coco.json": "\ufeff" + coco()}),
        ("coco", {"c.json": coco(file_name="/home/me/images/photos/a.JPG")}),
        ("coco", {"c.json": coco({"image_id": "7", "category_id": "3", "bbox": ["10", 10.0, 20, 1e1]})}),
        ("coco", {"c.json": coco(), "annotations/captions.json": '{"images": [], "annotations": []}'}),
        ("yolo", {"labels/a.txt": YOLO, "data.yaml": "nc: 2\nnames: ['cup', dog]\n"}),
        ("yolo", {"labels/a.txt": "0 .5 .75 .5 .5 .99", "data.yaml": "names:\n  0: cup  # mine\n  1: dog\ntrain: x\n"}),
        (
            "yolo",
            {"photos/a.txt": "\ufeff" + YOLO.replace("\n", "\r\n"), "data.yml": 'names:\n- "cup"\n- dog\nnc: 2\n'},
        ),
        ("yolo", {"photos/a.txt": YOLO, "classes.txt": "cup\r\ndog\r\n"}),
        ("yolo", {"labels/a.txt": YOLO, "labels/notes.txt": "x", "d.yaml": "names: {1: dog, 0: cup}"}),
        ("csv", {"boxes.csv": CSV}),
        ("csv", {"boxes.csv": "\ufeff" + CSV.replace(",", ";").replace("\n", "\r\n")}),
        ("csv", {"boxes.tsv": CSV.replace(",", "\t").encode("utf-16")}),
        ("csv", {"b.csv": f"filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,{WIDTH},{HEIGHT},cup,10,10,30,20"}),
        ("csv", {"b.csv": "Image,x,y,width,height,Category_Name\na.jpg,10,10,20,10,cup"}),
        ("csv", {"b.csv": "ImageID,LabelName,XMin,XMax,YMin,YMax\na,cup,0.25,.75,0.5,1"}),
    ],
)
def test_every_format_is_detected_and_says_where_the_box_is(
    make: Callable[..., Path], kind: str, files: Mapping[str, str]
) -> None:
    folder = make(files)
    found = detect(folder)
    assert found is not None
    assert found[0] == kind
    for asked in ("auto", kind):
        read = read_folder(folder, boxes=asked)
        assert boxes_of(read) == (CUP,)
        assert {each.name for each in read.left_out} <= {"annotations/captions.json", "labels/notes.txt"}
    assert boxes_of(read_folder(folder, boxes=None)) == ()


def test_photos_of_one_name_have_each_their_own_boxes(make: Callable[..., Path]) -> None:
    photos = ("images/1.jpg", "images/train/1.jpg", "images/train/3.jpg", "images/val/1.jpg", "images/val/2.jpg")
    for photo in (*photos, "images/val/3.jpg"):
        make({}, photo=photo)
    labels = ("labels/1.txt", "labels/2.txt", "labels/3.txt", "labels/train/2.txt", "labels/val/1.txt")
    found = read_folder(make({name: f"{place} .5 .5 1 1" for place, name in enumerate(labels)}, photo=photos[0]))
    assert {item.name: [box.what for box in item.boxes] for item in found.items if item.boxes} == {
        "images/1.jpg": ["class 0"],
        "images/val/2.jpg": ["class 1"],
        "images/val/1.jpg": ["class 4"],
    }
    assert "labels/3.txt: Several photos have its name." in reasons(found)
    assert "labels/train/2.txt: It is neither" in reasons(found)


@pytest.mark.parametrize(
    ("turn", "stated"), [(turn, stated) for turn in range(5, 9) for stated in ("upright", "stored")]
)
def test_boxes_lie_on_the_upright_photo_whichever_way_up_they_were_drawn(
    tmp_path: Path, turn: int, stated: str
) -> None:
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    pixels[2:6, 4:16] = 255
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = turn
    Image.fromarray(pixels).save(tmp_path / "a.png", exif=exif)
    upright = decode_photo((tmp_path / "a.png").read_bytes()).pixels
    drawn_on = upright if stated == "upright" else pixels
    rows, columns = (np.flatnonzero(drawn_on[..., 0].any(axis)) for axis in (1, 0))
    edges = columns[0] + 1, rows[0] + 1, columns[-1] + 1, rows[-1] + 1
    (tmp_path / "a.xml").write_text(voc(thing(*edges), size=drawn_on.shape[1::-1]))
    (box,) = boxes_of(read_folder(tmp_path))
    height, width = upright.shape[:2]
    inside = upright[
        round(box.top * height) : round(box.bottom * height), round(box.left * width) : round(box.right * width)
    ]
    assert inside.size == (4 * 12 * 3)
    assert inside.min() == 255


@pytest.mark.parametrize(
    ("files", "turn", "reason"),
    [
        ({"a.xml": voc(thing(1, 1, 9, 9), size=(41, 20))}, 1, "41 x 20 pixels, and it has 40 x 20"),
        ({"a.xml": voc(thing(1, 1, 9, 9), size=(20, 40))}, 1, "20 x 40 pixels, and it has 40 x 20"),
        ({"a.xml": voc(thing(1, 1, 9, 9), size=(30, 40))}, 6, "30 x 40 pixels, and it has 20 x 40"),
        ({"a.xml": voc(thing(1, 1, 9, 9), size=None)}, 6, "EXIF"),
        ({"a.xml": VOC}, 3, "EXIF"),
        ({"a.txt": YOLO}, 8, "EXIF"),
        ({"a.csv": CSV}, 2, "EXIF"),
        ({"a.csv": "file,width,height,xmin,ymin,xmax,ymax\na.jpg,39,20,1,1,9,9"}, 1, "39 x 20 pixels"),
        ({"a.json": coco(width=39)}, 1, "39 x 20 pixels"),
    ],
)
def test_boxes_whose_place_cannot_be_known_are_left_out(
    make: Callable[..., Path], files: Mapping[str, str], turn: int, reason: str
) -> None:
    found = read_folder(make(files, turn))
    assert (len(found.items), boxes_of(found)) == (1, ())
    assert [each.name for each in found.left_out] == ["photos/a.jpg"]
    assert reason in reasons(found)


def test_boxes_are_clipped_and_each_is_kept_once_and_empty_ones_are_listed(make: Callable[..., Path]) -> None:
    things = (
        thing(-5, -1e300, 20, 10, "dog"),
        thing(11, 11, 30, 20),
        thing(11, 11, 30, 20),
        thing(9, 9, 5, 12, "back"),
        thing(50, 1, 60, 9, "outside"),
        thing("NaN", 1, 2, 2, "nan"),
        thing("1e999", 1, 2, 2, "inf"),
        thing(1, 1, "", 2, "none"),
        "<object><name>bare</name></object><object><bndbox/></object>",
    )
    found = read_folder(make({"a.xml": voc(*things)}))
    assert boxes_of(found) == (Box("dog", 0, 0, 0.5, 0.5), CUP)
    for name in ("back", "outside", "nan", "inf", "none", "bare", "object"):
        assert f"photos/a.jpg: A box of “{name}”" in reasons(found)


def test_cocos_crowds_and_broken_boxes_are_listed(make: Callable[..., Path]) -> None:
    entries: tuple[Mapping[str, Any], ...] = (
        {},
        {"iscrowd": 1},
        {"bbox": [1, 2, 0, 5]},
        {"bbox": [1, 2, float("nan"), 5]},
        {"bbox": [1, 2, 3]},
        {"bbox": None},
        {"bbox": [10**400, 2, 3, 4]},
        {"category_id": 99},
        {"category_id": None, "bbox": [0, 0, 9, 9]},
        {"image_id": 8},
        {"image_id": {}},
    )
    found = read_folder(make({"c.json": coco(*entries)}))
    assert boxes_of(found)[:2] == (CUP, Box("category 99", *(CUP.left, CUP.top, CUP.right, CUP.bottom)))
    assert boxes_of(found)[2].what == "category"
    assert [each.reason for each in found.left_out] == [
        "It has boxes of images that it does not list.",
        "A box of “cup” has no area within the photo.",
        "A box of “cup” is around a crowd.",
        "A box of “cup” is not four numbers.",
    ]


def test_what_an_annotation_lists_and_is_not_there_is_listed(make: Callable[..., Path]) -> None:
    assert "gone.xml: No photo has its name." in reasons(read_folder(make({"gone.xml": VOC})))
    (make({}) / "gone.xml").unlink()
    found = read_folder(make({"b.csv": CSV + "gone.jpg,cup,1,1,2,2\na.jpg,cup,1,1,x,2\na.jpg,,0,0,0,0\n"}))
    assert boxes_of(found) == (CUP,)
    broken = read_folder(make({"b.csv": CSV + "9" * 200_000}))
    assert (boxes_of(broken), reasons(broken)) == ((), "b.csv: It is not a table.")
    assert reasons(found).splitlines() == [
        "gone.jpg: b.csv lists it, and no photo is called so.",
        "photos/a.jpg: A box of “cup” lacks an edge, or one is not a number.",
    ]


def test_a_yolo_class_without_a_name_is_not_taken_for_an_index(make: Callable[..., Path]) -> None:
    found = read_folder(make({"a.txt": YOLO + "3 .5 .5 1 1\n3 .1 .1 .2 .2 .3 .3 .4 .4\nx\n", "data.yaml": "nc: 4\n"}))
    assert [box.what for box in boxes_of(found)] == ["class 0", "class 3"]
    assert reasons(found).count("A line of a.txt is not a box") == 2


def test_several_formats_or_none_that_was_asked_for_are_one_clear_sentence(make: Callable[..., Path]) -> None:
    folder = make({"a.xml": VOC})
    for boxes in ("coco", "yolo", "csv"):
        with pytest.raises(RequestError, match=r"has no .* boxes\. Choose auto"):
            read_folder(folder, boxes=boxes)
    with pytest.raises(RequestError, match="no format of boxes called 'xml'; use one of auto, voc"):
        read_folder(folder, boxes="xml")
    make({"c.json": coco(), "b.csv": CSV})
    with pytest.raises(RequestError, match=r"several formats: Pascal VOC, COCO and CSV. Choose one: voc, coco, csv\."):
        detect(folder)
    assert boxes_of(read_folder(folder, boxes="coco")) == (CUP,)
    make({"a.txt": YOLO, "classes.txt": "cup", "d.yaml": "names: [dog]"})
    with pytest.raises(RequestError, match="each differently"):
        read_folder(folder, boxes="yolo")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_that_could_grow_is_not_read(make: Callable[..., Path], encoding: str) -> None:
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE annotation [<!ENTITY l0 "lol">{lines}]>' + voc(thing(1, 1, 9, 9, "&l11;"))
    found = read_folder(make({"a.xml": bomb.encode(encoding)}))
    assert boxes_of(found) == ()
    assert "a.xml: It declares a document type" in reasons(found)


def test_a_photo_with_boxes_that_cannot_be_opened_is_left_out(make: Callable[..., Path]) -> None:
    folder = make({"a.xml": VOC, "b.xml": VOC, "b.jpg": b"text", "c.xml": VOC})
    Image.new("1", (10_000, 5_034)).save(folder / "c.png")
    found = read_folder(folder)
    assert [item.name for item in found.items] == ["photos/a.jpg"]
    assert [each.name for each in found.left_out] == ["b.jpg", "c.png"]
    assert "not a picture" in found.left_out[0].reason
    assert "more than 50 million pixels" in found.left_out[1].reason


def junk() -> list[bytes]:
    """Bytes at random, and good files that are cut, peppered or in which words are exchanged."""
    dice = random.Random(0)
    good = [each.encode() for each in (VOC, coco({}, {"iscrowd": 1}), YOLO * 3, CSV * 3)]
    made = [b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"{" * 99999, b"[" * 99999, b"<annotation>" * 9999]
    made += [dice.randbytes(dice.randrange(1, 400)) for _ in range(12)]
    words = (b"NaN", b"-1", b"1e999", b"null", b"{}", b"[]", b'"', b"9" * 5000, b"\r\n\r", b"\xe9", b"\\ud800", b"..")
    for content in good:
        for _ in range(15):
            start = dice.randrange(len(content))
            made.append(content[:start] + dice.choice(words) + content[start + dice.randrange(6) :])
        text = content.decode()
        made += [content[: len(content) // 2], text.encode("utf-16"), text.encode("utf-16-be"), text.encode("utf-32")]
        made.append(bytes(dice.randrange(256) if dice.random() < 0.02 else each for each in content))
    return made


@pytest.mark.parametrize("name", ["a.xml", "c.json", "a.txt", "b.csv", "data.yaml", "classes.txt"])
def test_junk_is_a_value_or_listed_or_refused_in_a_sentence(make: Callable[..., Path], name: str) -> None:
    beside = {"a.txt": YOLO} if name in ("data.yaml", "classes.txt") else {}
    outcomes = set()
    for content in junk():
        folder = make({**beside, name: content})
        for labels in (None, "boxes", name):
            try:
                found = read_folder(folder, labels)
            except SaliencyError:
                outcomes.add("refused")
                continue
            outcomes.add("boxes" if boxes_of(found) else "listed" if found.left_out else "nothing")
            json.dumps([(each.name, each.reason) for each in found.left_out], ensure_ascii=False).encode()
            for box in boxes_of(found):
                assert 0 <= box.left < box.right <= 1
                assert 0 <= box.top < box.bottom <= 1
                assert box.what.encode()
    assert {"boxes", "refused"} <= outcomes
