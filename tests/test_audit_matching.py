"""Labels become a model's classes where they are the same name, and are listed where they are not."""

import re
from pathlib import Path

import pytest

from saliency_core.audit.folder import read_folder
from saliency_core.audit.matching import match_labels, read_given
from saliency_core.errors import RequestError
from saliency_core.models.class_names import imagenet_categories

SAMPLE = Path(__file__).parents[2] / "shared" / "imagenet-sample"
CLASSES = ("tabby, tabby cat", "golf ball", "Fox", "fire engine, fire truck", "glass", "puppy", "Tiere", "7")


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("tabby, tabby cat", 0),
        ("tabby", 0),
        ("Tabby_Cat", 0),
        (" golf-ball\t", 1),
        ("GolfBall", 1),
        ("golf balls", 1),
        ("foxes", 2),
        ("FIRE_TRUCKS", 3),
        ("firetruck", 3),
        ("puppies", 5),
        ("Tiere", 6),
        ("5", 5),
        ("7", 7),  # a name before an index: both would be 7, so
        ("07", 7),
    ],
)
def test_a_class_is_found_by_the_same_name_however_it_is_written(name: str, index: int) -> None:
    matching = match_labels([name], CLASSES)
    assert (matching.found, matching.missing, matching.listing) == ({name: (index,)}, (), ())


@pytest.mark.parametrize(
    "name", ["cat", "glas", "glasses", "balls", "golf", "fo", "8", "-1", "²", "", " ", "9" * 5000, "s"]
)
def test_no_class_is_guessed(name: str) -> None:
    matching = match_labels([name], CLASSES)
    assert (dict(matching.found), matching.missing) == ({}, (name,))
    assert matching.listing[0].endswith(("none of the model’s classes.", "”."))


def test_a_name_comes_before_an_index() -> None:
    assert match_labels(["1", "0", "2"], ["2", "1", "zero"]).found == {"1": (1,), "0": (0,), "2": (0,)}


def test_a_name_of_several_classes_is_listed_and_a_person_can_choose() -> None:
    categories = ("crane", "fish", "crane", "Bat", "bat", "maillot", "maillot, tank suit")
    matching = match_labels(iter(["crane", "Bat", "BAT", "maillot", "tank_suit", "cranes"]), categories)
    assert matching.found == {"Bat": (3,), "tank_suit": (6,)}
    assert matching.ambiguous == {"crane": (0, 2), "BAT": (3, 4), "maillot": (5, 6), "cranes": (0, 2)}
    assert matching.listing[0] == "“crane” is the name of several classes: 0 and 2."
    chosen = match_labels(["Crane", "CRANE"], categories, {"crane": 2})
    assert (chosen.found, chosen.missing) == ({"Crane": (2,), "CRANE": (2,)}, ())


def test_near_names_are_offered_and_not_taken() -> None:
    matching = match_labels(["golf bal", "cats", "puppet"], CLASSES)
    assert not matching.found
    assert matching.near == {"golf bal": ("golf ball",), "cats": ("tabby, tabby cat",), "puppet": ()}
    assert matching.listing[0] == "“golf bal” is none of the model’s classes. Near: “golf ball”."


def test_what_a_person_gives_comes_first() -> None:
    given = {"kangaroo": "fox", "Tabby": ["puppy", "fox"], "not a label": "1"}
    matching = match_labels(["Kangaroo", "tabby"], CLASSES, given)
    assert matching.found == {"Kangaroo": (2,), "tabby": (5, 2)}


@pytest.mark.parametrize(
    ("classes", "said"),
    [
        ("fxo", "no such class"),
        ("golf bal", "Near: “golf ball”"),
        ("bat", "Give the number of one: 8 and 9"),
        ([], "give one"),
    ],
)
def test_a_choice_that_is_no_class_is_refused(classes: str | list[str], said: str) -> None:
    with pytest.raises(RequestError, match=re.escape(said)):
        match_labels([], (*CLASSES, "bat", "bat"), {"kangaroo": classes})


def test_imagenets_classes_are_found_by_wordnets_numbers() -> None:
    names = ["n02123045", "n02123045-tabby", "N02123045_1", "n021230451", "n00000001", "crane", "maillot", "Cardigan"]
    matching = match_labels(names, imagenet_categories())
    assert matching.found == {**dict.fromkeys(names[:3], (281,)), "Cardigan": (264,)}
    assert matching.ambiguous == {"crane": (134, 517), "maillot": (638, 639)}  # WordNet's names of both
    assert match_labels(names[:1], CLASSES).missing == ("n02123045",)


def test_longer_lists_of_imagenets_classes_have_wordnets_numbers_too() -> None:
    longer = [f"{name}, {name} of some kind" for name in imagenet_categories()]
    assert match_labels(["n02123045"], longer).found == {"n02123045": (281,)}
    assert match_labels(["n02123045"], longer[::-1]).missing == ("n02123045",)


@pytest.mark.skipif(not SAMPLE.is_dir(), reason="the photos are not here")
def test_names_and_indices_of_a_sample_of_imagenet_say_the_same() -> None:
    items = read_folder(SAMPLE, "index").items
    names = {re.sub(r"^\d+_|\.jpg$", "", item.name): int(item.label or -1) for item in items}
    matching = match_labels(names, imagenet_categories())
    assert len(items) == len(names) == 500
    assert matching.missing == ("crane", "maillot")
    assert {name: (index,) for name, index in names.items() if name not in matching.missing} == matching.found


@pytest.mark.parametrize(
    "written",
    [
        '{"kangaroo": "wallaby", "dog": ["collie", "7"]}',
        '\ufeff{"kangaroo": ["wallaby"], "dog": ["collie", 7]}',
        "label,class\r\nkangaroo,wallaby\r\ndog,collie\r\ndog,7\r\n",
        "kangaroo;wallaby\n\ndog;collie\ndog;7",
        'kangaroo\twallaby\ndog\t"collie"\ndog\t7\nalone',
    ],
)
def test_choices_are_read_from_json_and_csv(tmp_path: Path, written: str) -> None:
    file = tmp_path / "given"
    file.write_text(written, encoding="utf-8", newline="")
    assert read_given(file) == {"kangaroo": ("wallaby",), "dog": ("collie", "7")}


@pytest.mark.parametrize(
    "written", [b"", b"\x00\xff\x91", b"{", b"{}", b"[1]", b'{"a": {"b": 1}}', b"label,class", b'{"a":' * 9999]
)
def test_choices_of_another_kind_are_refused(tmp_path: Path, written: bytes) -> None:
    file = tmp_path / "given"
    file.write_bytes(written)
    with pytest.raises(RequestError, match="gives no label a class"):
        read_given(file)
    with pytest.raises(RequestError, match="gives no label a class"):
        read_given(tmp_path / "absent")
