"""The page Audit: who may begin one, what is asked first, and what is read of a finished one."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from streamlit.testing.v1 import AppTest

import saliency_core as core
from pages.ui import compute, owner
from pages.ui.audit import opening
from saliency_core.audit import process
from saliency_core.audit.home import HOME
from saliency_core.audit.measure import Settings, photo_seed
from saliency_core.audit.overall import tell_classes
from saliency_core.audit.planning import make_plan
from saliency_core.audit.rates import Rate
from saliency_core.audit.run import run_audit
from saliency_core.audit.summary_file import Overview, read_summary
from saliency_core.audit.tables import open_table
from saliency_core.audit.words import Word
from saliency_core.presentation.intervals import interval_drawing
from tests.small_audit import CLASSES, small_classifier
from tests.test_audit_run import add_bad_photos, draw_photos
from tests.test_pages import open_dashboard, texts
from tests.test_small_model import add_model as add_model

PHOTOS = 33
"""Eleven a class: enough to say something of it."""


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = draw_photos(tmp_path_factory.mktemp("photos"), PHOTOS)
    add_bad_photos(folder)
    return folder


@pytest.fixture(scope="module")
def home(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one finished audit, “colours”."""
    folder = tmp_path_factory.mktemp("audits")
    small = small_classifier()
    list(run_audit(make_plan(photos, small, settings=Settings(n_controls=19)), small, folder / "colours"))
    return folder


@pytest.fixture
def finished(home: Path, monkeypatch: pytest.MonkeyPatch) -> Overview:
    """The audit, where the page finds it."""
    monkeypatch.setenv(HOME, str(home))
    return read_summary(home / "colours")


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], Path]]:
    """What was begun, instead of beginning it."""
    asked: list[tuple[list[str], Path]] = []
    monkeypatch.setattr(process, "begin", lambda arguments, out: asked.append((list(arguments), out)))
    return asked


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")


def labelled(elements: object, label: str) -> object:
    return next(each for each in elements if each.label == label)  # type: ignore[attr-defined]


def strip(app: AppTest) -> list[dict[str, object]]:
    """The photos that are shown."""
    (shown,) = (each for each in app.get("bidi_component") if each.proto.component_name == "strip")
    tiles: list[dict[str, object]] = json.loads(shown.proto.json)["tiles"]
    return tiles


def test_without_an_audit_a_visitor_reads_who_begins_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(HOME, str(tmp_path))
    monkeypatch.setenv(owner.START_AUDITS, "0")
    app = open_dashboard("audit")
    (told,) = app.info
    assert owner.START_AUDITS in told.value
    assert not app.toggle
    assert not app.text_input


@pytest.mark.usefixtures("offline")
def test_a_folder_is_looked_through_before_it_is_audited(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, photos: Path, begun: list[tuple[list[str], Path]]
) -> None:
    monkeypatch.setenv(HOME, str(tmp_path / "audits"))
    monkeypatch.setenv(owner.START_AUDITS, "1")
    app = open_dashboard("audit", model="efficientnet_lite0")
    folder = labelled(app.text_input, "Folder of photos")
    folder.input("/nowhere").run()  # type: ignore[attr-defined]
    labelled(app.button, "Look through the folder").click().run()  # type: ignore[attr-defined]
    assert "There is no folder /nowhere" in texts(app)
    folder.input(str(photos)).run()  # type: ignore[attr-defined]
    labelled(app.selectbox, "Model").set_value("efficientnet_lite0").run()  # type: ignore[attr-defined]
    labelled(app.button, "Look through the folder").click().run()  # type: ignore[attr-defined]
    said = texts(app)
    assert "**36 photos**, 33 with boxes, 36 with a label." in said
    assert "**3 names are none of the model’s classes.**" in said
    labelled(app.selectbox, "“red thing”").set_value(104).run()  # type: ignore[attr-defined]
    labelled(app.button, "Start").click().run()  # type: ignore[attr-defined]
    ((arguments, out),) = begun
    assert out == tmp_path / "audits" / f"{photos.name}-efficientnet-lite0"
    assert arguments[:3] == [str(photos), "--model", "efficientnet_lite0"]
    assert json.loads(arguments[-1]) == {"red thing": 104}


def test_the_model_offered_first_is_one_that_answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(HOME, str(tmp_path))
    monkeypatch.setenv(owner.START_AUDITS, "1")
    monkeypatch.setattr(compute, "unavailable", lambda: {"resnet50": "It is not there."})
    app = open_dashboard()
    app.session_state["model"] = "resnet50"  # as in a session that begins with this page
    app.switch_page("pages/audit.py").run()
    assert labelled(app.selectbox, "Model").value == "efficientnet_lite0"  # type: ignore[attr-defined]


def test_a_finished_audit_is_read_class_by_class(finished: Overview) -> None:
    app = open_dashboard("audit", audit="colours", audit_class="1")
    assert not app.exception
    said = texts(app).replace("\\", "")
    assert "Small, 36 photos, squashed to squares; objects hidden in grey and black, 19 random places each" in said
    for sentence in tell_classes(finished.classes):
        assert sentence in said
    (listed,) = (each.value for each in app.dataframe if "What it says" in each.value)
    assert list(listed["Class"]) == [each.summary.label for each in finished.classes]
    assert list(listed["Need"]) == pytest.approx([each.summary.fills["grey"].need.share for each in finished.classes])
    (green,) = (each for each in finished.classes if each.summary.target == 1)
    assert green.sentence in said
    tiles = strip(app)
    assert len(tiles) == 11
    assert {str(tile["name"]).split("/")[0] for tile in tiles} == {CLASSES[1]}
    needs = [tile["share"] for tile in tiles]
    assert needs == sorted(needs)  # type: ignore[type-var]
    assert all(str(tile["picture"]).startswith("data:image/jpeg;base64,") for tile in tiles)
    labelled(app.selectbox, "Class").set_value(2).run()  # type: ignore[attr-defined]
    assert {str(tile["name"]).split("/")[0] for tile in strip(app)} == {CLASSES[2]}
    assert app.query_params["audit_class"] == "2"


@pytest.mark.usefixtures("finished")
def test_photos_are_chosen_by_case_and_put_in_order() -> None:
    app = open_dashboard("audit", audit="colours", audit_class="0")
    (cases,) = app.get("button_group")
    counts = {
        option.content.rsplit(" (", 1)[0]: int(option.content.rstrip(")").rsplit("(", 1)[1])
        for option in cases.proto.options
    }
    assert counts["All"] == sum(count for name, count in counts.items() if name != "All")
    name = labelled(app.selectbox, "In the order of")
    name.set_value("name").run()  # type: ignore[attr-defined]
    names = [str(tile["name"]) for tile in strip(app)]
    assert names == sorted(names)
    labelled(app.toggle, "Backwards").set_value(True).run()  # type: ignore[attr-defined]
    assert [str(tile["name"]) for tile in strip(app)] == names[::-1]
    link = dict(app.query_params)
    assert (link["audit_order"], link["audit_backwards"], link["audit_case"]) == ("name", "1", "all")
    again = open_dashboard("audit", **{name: str(value) for name, value in link.items()})
    assert strip(again) == strip(app)
    wrong = open_dashboard("audit", audit="colours", audit_order="x", audit_case="y", audit_page="0")
    assert len(strip(wrong)) == 11


def test_a_photo_opens_its_masking_experiment(
    finished: Overview, add_model: Callable[..., None], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    add_model("small", classes=CLASSES)
    taken: list[dict[str, Any]] = []
    gone: list[str] = []
    monkeypatch.setattr("pages.ui.audit.opening.st.switch_page", gone.append)
    monkeypatch.setattr("pages.ui.audit.opening.session.take_over", taken.append)
    monkeypatch.setattr("pages.ui.audit.opening.uploads.remember", lambda _: None)
    small = core.load_classifier("small")
    monkeypatch.setattr("pages.ui.audit.opening.compute.classifier", lambda _: small)
    with open_table(home / "colours") as table:
        measured = table.photos(0)[0]
        with pytest.raises(core.SaliencyError, match="other weights now"):
            opening.open_photo(table.heading, measured)
        heading = replace(table.heading, asked=replace(table.heading.asked, weights=small.weights.sha256))
        opening.open_photo(heading, measured)
        moved = replace(heading, folder=str(home))
        with pytest.raises(core.SaliencyError, match="cannot be read: No such file"):
            opening.open_photo(moved, measured)
        with pytest.raises(core.SaliencyError, match="has changed since"):
            opening.open_photo(heading, replace(measured, row=replace(measured.row, digest="0" * 64)))
    (chosen,) = taken
    assert gone == ["pages/masking_experiment.py"]
    assert chosen["seed"] == photo_seed(0, measured.row.digest)
    assert chosen["declared"] == "object"
    (rectangle,) = chosen["rectangles"]
    ((left, top, right, bottom),) = measured.boxes
    assert (rectangle.left, rectangle.width) == pytest.approx((left, right - left), abs=1e-5)
    assert (rectangle.top, rectangle.height) == pytest.approx((top, bottom - top), abs=1e-5)
    assert chosen["control_count"] == 19
    assert finished.settings.crop_mode == chosen["crop_mode"]


def test_what_is_said_of_all_classes(finished: Overview) -> None:
    assert tell_classes(()) == ("No photo was measured.",)
    one, two, three = finished.classes

    def said(*words: Word | None) -> tuple[str, ...]:
        return tell_classes(
            [
                replace(each, word=word or Word.TOO_FEW, summary=replace(each.summary, judged=12 if word else 9))
                for each, word in zip((one, two, three), words, strict=True)
            ]
        )

    names = [f"“{each.summary.label}”" for each in (one, two, three)]
    assert said(Word.NEEDS, Word.NEEDS, None) == (
        "2 classes can be judged; the other 1 has fewer than 10 photos on which an object was hidden.",
        f"{names[0]} and {names[1]} need their object.",
    )
    assert said(Word.CHANCE, Word.GETS_BY, Word.BACKGROUND) == (
        "3 classes can be judged.",
        f"{names[1]} mostly gets by without its object.",
        f"{names[2]} is mostly named by the background alone.",
        f"{names[0]} is not told apart from chance.",
    )
    (few,) = said(None, None, None)
    assert "No class has the 10 photos" in few
    nothing = [replace(each, summary=replace(each.summary, judged=0)) for each in finished.classes]
    assert tell_classes(nothing) == ("No object was hidden, so nothing can be said of what the answers need.",)


def test_an_interval_is_drawn_where_it_lies() -> None:
    drawn = ElementTree.fromstring(interval_drawing(Rate(0.75, 0.5, 1.0)))
    circle = drawn.find("{*}circle")
    assert circle is not None
    assert float(circle.attrib["cx"]) == pytest.approx(5 + 0.75 * 140)
    assert [path.attrib["d"] for path in drawn.findall("{*}path")] == [
        "M5.0 17.0H145.0",
        "M75.0 3V31",
        "M75.0 17.0H145.0",
    ]
    assert 'cx="75.0"' in interval_drawing(Rate(0, -0.1, 0.1), (-1.0, 1.0))


@pytest.mark.usefixtures("finished")
def test_two_audits_stand_side_by_side(home: Path) -> None:
    if not (home / "again").exists():
        shutil.copytree(home / "colours", home / "again")
    app = open_dashboard("audit", audit="colours", audit_beside="again")
    said = texts(app).replace("\\", "")
    assert "colours (first) and again (second)" in said
    assert "3 classes with photos in both; a difference is shown of none" in said
    (listed,) = (each.value for each in app.dataframe if "Difference of need" in each.value)
    assert set(listed["What it says"]) == {"no difference shown"}
    assert list(listed["Need, first"]) == list(listed["Need, second"])
    assert "audit_beside" in app.query_params
