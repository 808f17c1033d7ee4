"""Nothing assumes ImageNet: a model of three classes and 64 pixels goes through every page."""

import html
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest
from torch import nn

import saliency_core as core
from pages.ui import compute, masking
from pages.ui.compute import case_of
from pages.ui.samples import samples
from pages.ui.shapes import Rectangle
from pages.ui.tour.steps import STEPS
from saliency_core.models.model import Model
from saliency_core.models.weights import File
from saliency_core.photos.fills import fill_pixels
from saliency_core.photos.frame import Preset
from saliency_core.presentation.archive import masking_archive, saliency_archive
from tests.test_pages import open_dashboard, pictures, texts

TITLE = "Pets and more"
CLASSES = ("koala", "teapot", "small bird")
SIDE = 64
MEAN = (0.2, 0.4, 0.6)


def build(classes: int) -> nn.Sequential:
    """A network so small that it is made within the test."""
    return nn.Sequential(
        nn.Conv2d(3, 8, 5, stride=2), nn.ReLU(), nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(128, classes)
    )


@pytest.fixture
def add_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Adds a row with seeded weights to the registry."""

    def add(name: str, title: str = TITLE, classes: tuple[str, ...] = CLASSES, side: int = SIDE) -> None:
        torch.manual_seed(0)
        module = build(len(classes))
        for parameter in module[-1].parameters():
            parameter.data *= 20  # else every class is as likely as the others
        torch.save(module.state_dict(), tmp_path / name)
        preset = Preset(side, side, Image.Resampling.BILINEAR, MEAN, (0.2, 0.3, 0.1))
        about = "A model made for this test."
        monkeypatch.setitem(
            core.MODELS,
            name,
            Model(title, about, lambda: build(len(classes)), preset, File(tmp_path / name), lambda: classes),
        )

    compute.forget()
    yield add
    compute.forget()


@pytest.fixture
def only_small(add_model: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry of the small model alone."""
    for name in reversed(list(core.MODELS)):  # they come back the other way round, so in their order
        monkeypatch.delitem(core.MODELS, name)
    add_model("small")


def all_words(app: AppTest) -> str:
    """What a page says, its pictures' texts and its helps, without styles and encoded pictures."""
    said = [texts(app), *(element.proto.body for element in app.get("html"))]
    for kind in (app.button, app.selectbox, app.radio, app.slider, app.number_input, app.caption):
        said += [f"{getattr(each, 'label', '')} {each.proto.help}" for each in kind]
    for table in app.table:
        said.append(table.value.to_string())
    plain = re.sub(
        r"<style>.*?</style>|data:image/\w+;base64,[\w+/=]*|style=\"[^\"]*\"", "", "\n".join(said), flags=re.DOTALL
    )
    return html.unescape(plain)


def check_words(app: AppTest) -> str:
    assert not app.exception
    assert not app.error
    assert not app.warning
    words = all_words(app)
    assert "224" not in words
    assert "1,000" not in words
    assert "1000" not in words
    assert "ImageNet" not in words
    assert TITLE in words
    return words


@pytest.mark.usefixtures("only_small")
def test_the_guided_tour() -> None:
    app = open_dashboard("guided_tour")
    assert "learnt 3 kinds of things" in all_words(app)
    seen = []
    while True:
        seen += re.findall(f"Step (\\d+) of {len(STEPS)}", check_words(app))
        assert any(label in all_words(app) for label in CLASSES)
        on = next(button for button in app.button if button.label == "Next")
        if on.disabled:
            break
        on.click().run()
    assert sorted(set(map(int, seen))) == list(range(1, len(STEPS) + 1))
    assert len(seen) == len(STEPS) + 3, "three questions are shown and answered"


@pytest.mark.usefixtures("only_small")
def test_classification() -> None:
    app = open_dashboard("classification", photo="koala")
    words = check_words(app)
    assert all(label in words for label in CLASSES)
    assert "all 3 classes together" in words
    assert "64 x 64 pixels" in words


@pytest.mark.usefixtures("only_small")
def test_saliency_with_a_comparison() -> None:
    app = open_dashboard("saliency", photo="koala", **{"class": "1"})
    check_words(app)
    assert re.search(rf"“teapot” \([^)]*\) · {TITLE}", pictures(app))
    assert "Or any other class" not in [each.label for each in app.selectbox]
    app.button_group(key="compared").set_value([0, 3]).run()
    check_words(app)


@pytest.mark.usefixtures("only_small")
def test_masking_with_a_verdict() -> None:
    app = open_dashboard("masking_experiment", photo="koala")
    app.session_state["rectangles"] = (Rectangle(0.2, 0.2, 0.4, 0.4),)
    app.session_state["maps_of_views"] = True
    app.selectbox(key="fill").set_value("grey").run()
    words = check_words(app)
    assert any(f"“{label}”" in words for label in CLASSES)
    assert "of 19 random places" in words
    assert app.slider(key="sigma").max == 20


@pytest.mark.usefixtures("only_small")
def test_about() -> None:
    words = check_words(open_dashboard("about"))
    assert f"**{TITLE}** (3 classes, 64 x 64 pixels)" in words


@pytest.mark.usefixtures("only_small")
def test_grey_is_the_models_own_mean_colour_and_its_report_and_archive_are_made() -> None:
    subject = compute.Subject(samples()["koala"], compute.classifier("small"), "border")
    frame = compute.frame(subject)
    assert frame.pixels.shape == (SIDE, SIDE, 3)
    mean = tuple(round(255 * value) for value in MEAN)
    assert (fill_pixels(frame, "grey") == np.array(mean, np.uint8)).all()
    case, explanation = case_of(subject), compute.explanation(subject, 1)
    report = core.saliency_report(
        case, explanation.prediction, compute.attribution(subject, 1, "max"), [0, 5], date(2026, 1, 1)
    )
    assert TITLE in report
    assert "teapot" in report
    stages = masking.experiment(subject, (core.Region(8, 8, 20, 20),), "grey", 1, 0, 32)
    experiment = next(stage for stage in stages if isinstance(stage, core.Experiment))
    told = core.masking_report(case, experiment, 5.0, date(2026, 1, 1))
    for text in (report, told):
        plain = re.sub(r"base64,[\w+/=]*|<style>.*?</style>|<svg.*?</svg>|[0-9a-f]{32,}", "", text, flags=re.DOTALL)
        assert not re.search(r"\b224\b|1,000|ImageNet", plain)
    for archive in (
        saliency_archive(
            case, explanation.prediction, compute.attribution(subject, 1, "max"), [0, 5], date(2026, 1, 1)
        ),
        masking_archive(case, experiment, 5.0, date(2026, 1, 1)),
    ):
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            assert files.testzip() is None
            assert any(name.endswith(".json") for name in files.namelist())


def test_sigmas_that_a_smaller_model_does_not_offer_are_left_out(add_model: Callable[..., None]) -> None:
    add_model("tiny", side=16)
    app = open_dashboard("saliency", model="efficientnet_lite0", photo="koala", sigma="20")
    app.button_group(key="compared").set_value([0, 20]).run()
    app.selectbox(key="model").set_value("tiny").run()
    assert not app.exception
    assert app.button_group(key="compared").value == [0]
    assert "sigma 16" in pictures(app)


def test_a_links_class_is_one_of_the_model_in_use(add_model: Callable[..., None]) -> None:
    add_model("small")
    app = open_dashboard("guided_tour", model="small", **{"class": "3"})
    assert "0 to 2" in app.warning[0].value
    app.switch_page("pages/saliency.py").run()
    assert "class" not in app.query_params
    assert not app.warning
    assert not app.exception


def test_a_class_goes_along_to_a_model_that_has_it_too(add_model: Callable[..., None]) -> None:
    """By its name: its number may be another's there."""
    add_model("small")
    app = open_dashboard("saliency", model="efficientnet_lite0", photo="koala", **{"class": "849"})
    assert "“teapot”" in pictures(app)
    app.selectbox(key="model").set_value("small").run()
    assert not app.warning
    assert app.session_state["target"] == 1
    assert re.search(rf"“teapot” \([^)]*\) · {TITLE}", pictures(app))
    app.selectbox(key="model").set_value("efficientnet_lite0").run()
    assert app.session_state["target"] == 849
    app.selectbox(key="target_search").set_value(0).run()
    app.selectbox(key="model").set_value("small").run()
    assert "does not know the class “tench”" in app.warning[0].value
    assert app.session_state["target"] is None
    assert not app.exception
    app.run()
    assert not app.warning


@pytest.mark.parametrize("classes", [("cat", "dog"), ("thing",)])
@pytest.mark.parametrize("side", [64, 16])
def test_a_model_of_one_or_two_classes(add_model: Callable[..., None], classes: tuple[str, ...], side: int) -> None:
    """On frames so small that sigma ends before 20, too."""
    add_model("tiny", classes=classes, side=side)
    for page in ("classification", "saliency", "masking_experiment"):
        app = open_dashboard(page, model="tiny", photo="koala", sigma="20")
        assert not app.exception
        assert not app.error
        if page == "saliency":
            app.button_group(key="compared").set_value([0, 10]).run()
    app.session_state["rectangles"] = (Rectangle(0.2, 0.2, 0.6, 0.6),)
    app.session_state["control_count"] = 32
    app.session_state["maps_of_views"] = True
    app.run()
    assert not app.exception
    assert not app.error
    assert app.slider(key="sigma").value == app.slider(key="sigma").max == min(20, side)
    app.switch_page("pages/guided_tour.py").run()
    for number in range(1, len(STEPS) + 1):
        app.session_state["step"] = number
        app.run()
        assert not app.exception
        assert not app.error
