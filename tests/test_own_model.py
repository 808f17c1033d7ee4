"""A person's own model: trained here, declared or added in the browser, and explained like any other."""

import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import streamlit
import torch
from PIL import Image
from playwright.sync_api import Page, expect
from safetensors.torch import save_file
from streamlit.testing.v1 import AppTest
from torch import nn

import saliency_core as core
from pages.ui import compute, owner
from pages.ui.adding import LARGEST, examine_upload
from saliency_core.masking.experiment import run_experiment
from saliency_core.methods.measures import relevance_mass
from saliency_core.models.kept import DECLARATION, kept_folder, make_draft
from saliency_core.models.registry import all_models, find_model
from saliency_core.models.vision import torchvision
from saliency_core.passport.examine import examine
from saliency_core.passport.store import find_passport, keep_passport
from scripts.browsing import CHROMIUM, open_chromium, serve_dashboard, settle
from scripts.shapes import CLASSES, Pictures, draw_pictures, train_shapes
from tests.test_checkpoint import WRAPPINGS
from tests.test_declared import transformer as transformer
from tests.test_pages import offline as offline
from tests.test_pages import open_dashboard, pictures, texts

DECLARED = """
[shapes]
title = "My shapes"
architecture = "torchvision:resnet18"
checkpoint = "weights.ckpt"
classes = "classes.txt"
size = 64
resize = 64
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where models are declared and kept."""
    (tmp_path / "classes.txt").write_text("\n".join(CLASSES))
    (tmp_path / "models.toml").touch()
    monkeypatch.setenv("SALIENCY_MODELS", str(tmp_path / "models.toml"))
    monkeypatch.setenv("SALIENCY_KEPT_MODELS", str(tmp_path / "data" / "models"))
    return tmp_path


@pytest.fixture(scope="session")
def pictures_of_shapes() -> Pictures:
    """Pictures that the training has not seen."""
    return draw_pictures(60, seed=5)


def check_shapes(classifier: core.Classifier, drawn: Pictures) -> None:
    """The model finds the shapes, its maps fall on them more than elsewhere, and without them it is lost."""
    right, density, peaks, areas, broken = [], [], [], [], []
    for frame, label, region in zip(drawn.frames(), drawn.labels, drawn.regions, strict=True):
        values = core.smooth(core.attribute(classifier, frame, int(label)), 2).values
        area = region.height * region.width / values.size
        row, column = np.unravel_index(int(values.argmax()), values.shape)
        right.append(core.classify(classifier, frame).top(1)[0].index == label)
        density.append(relevance_mass(values, (region,)) / area)
        peaks.append(0 <= row - region.top < region.height and 0 <= column - region.left < region.width)
        areas.append(area)
        broken.append(core.classify(classifier, core.hide(frame, (region,))).probabilities[label] < 0.5)
    assert np.mean(right) >= 0.95
    assert np.mean(density) > 1.25, "a shape holds more of the map than as much of the background"
    assert np.mean(peaks) > 2 * np.mean(areas), "the map's peak lies on the shape more often than by chance"
    assert np.mean(broken) >= 0.8, "hiding the shape breaks the answer"


@pytest.mark.parametrize("kind", WRAPPINGS)
def test_a_trained_model_is_explained_from_each_wrapping(folder: Path, pictures_of_shapes: Pictures, kind: str) -> None:
    wrap, taken, prefix = WRAPPINGS[kind]
    state = train_shapes().state_dict()
    untrained = {name: torch.zeros_like(value) for name, value in state.items()}
    torch.save(wrap(state, untrained), folder / "weights.ckpt")
    (folder / "models.toml").write_text(DECLARED)
    classifier = core.load_classifier("shapes")
    assert classifier.loading is not None
    assert (classifier.loading.taken, classifier.loading.prefix) == (taken, prefix)
    answers = [core.classify(classifier, frame).top(1)[0].index for frame in pictures_of_shapes.frames()]
    assert np.mean(np.array(answers) == pictures_of_shapes.labels) >= 0.95


def test_the_map_falls_on_the_shape_and_hiding_it_breaks_the_answer(folder: Path, pictures_of_shapes: Pictures) -> None:
    save_file(
        {name: value.contiguous() for name, value in train_shapes().state_dict().items()}, folder / "w.safetensors"
    )
    (folder / "models.toml").write_text(DECLARED.replace("weights.ckpt", "w.safetensors"))
    classifier = core.load_classifier("shapes")
    check_shapes(classifier, pictures_of_shapes)
    experiment = run_experiment(
        classifier,
        pictures_of_shapes.frames()[0],
        (pictures_of_shapes.regions[0],),
        target=int(pictures_of_shapes.labels[0]),
        declared="object",
    )
    assert experiment.verdict.claim in (core.Claim.CARRIES, core.Claim.NEEDED)
    passport = examine(classifier)
    assert passport.status == "passed", passport.result


def declare_kinds(folder: Path, transformer: Path) -> dict[str, int]:
    """One model of each kind of architecture, with seeded weights; their frames' sides."""
    timm = pytest.importorskip("timm")
    torch.manual_seed(0)
    vit = torchvision.models.vit_b_16(num_classes=3, image_size=64)
    nn.init.normal_(vit.heads[0].weight, std=0.05)  # it begins with zeros, so without a gradient
    kinds: dict[str, tuple[str, nn.Module, str]] = {
        "vit": ("torchvision:vit_b_16", vit, "options = { image_size = 64 }"),
        "swin": ("torchvision:swin_t", torchvision.models.swin_t(num_classes=3), ""),
        "timm": ("timm:resnet10t", timm.create_model("resnet10t", num_classes=3), ""),
        "function": (
            "own_networks:small",
            nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.ReLU(), nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(128, 3)),
            "mean = [0.5, 0.5, 0.5]\nstd = [0.5, 0.5, 0.5]",
        ),
    }
    (folder / "own_networks.py").write_text(
        "from torch import nn\n\n\ndef small():\n    return nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.ReLU(), "
        "nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(128, 3))\n"
    )
    tables = [f'[transformers]\narchitecture = "transformers:{transformer}"']
    for name, (architecture, module, more) in kinds.items():
        torch.save(module.state_dict(), folder / f"{name}.pth")
        tables.append(
            f'[{name}]\narchitecture = "{architecture}"\ncheckpoint = "{name}.pth"\nclasses = "classes.txt"\n'
            f"size = 64\n{more}"
        )
    (folder / "models.toml").write_text("\n\n".join(tables))
    return dict.fromkeys(("transformers", *kinds), 64)


@pytest.mark.slow
@pytest.mark.usefixtures("offline")
def test_every_page_works_on_every_kind_of_model(folder: Path, transformer: Path) -> None:
    for name in declare_kinds(folder, transformer):
        app = open_dashboard("classification", model=name, photo="espresso", crop_mode="squash")
        for page in ("classification", "saliency", "masking_experiment"):
            app.switch_page(f"pages/{page}.py").run()
            assert not app.exception, name
            assert not app.error, (name, page)
            assert "64 x 64 pixels" in texts(app), (name, page)
            assert re.search("circle|square|triangle", texts(app) + pictures(app)), (name, page)
        app.session_state["step"] = 3
        app.switch_page("pages/guided_tour.py").run()
        assert not app.exception, name
        assert not app.error, name
        found = examine(core.load_classifier(name))
        assert found.status != "failed", (name, found.result)


@pytest.mark.usefixtures("offline")
def test_a_broken_declaration_is_told_and_another_model_answers(folder: Path) -> None:
    (folder / "models.toml").write_text('[mine]\ntitle = "Mine"\narchitecture = "torchvision:resnet81"\n')
    app = open_dashboard("classification", model="mine")
    told = next(each.value for each in app.markdown if "not available" in each.value)
    assert "**Mine is not available**, so EfficientNet" in told
    assert "resnet18" in told
    options = app.selectbox(key="model").options
    assert "Mine (not available)" in options
    app.switch_page("pages/models.py").run()
    assert any("cannot be used" in each.value and "resnet18" in each.value for each in app.error)


@pytest.mark.usefixtures("offline")
def test_a_models_own_crop_mode_is_taken_with_it(folder: Path) -> None:
    torch.save(train_shapes().state_dict(), folder / "weights.ckpt")
    (folder / "models.toml").write_text(DECLARED + 'crop_mode = "squash"\n')
    app = open_dashboard("classification", model="efficientnet_lite0")
    assert app.radio(key="crop_mode").value == "center"
    app.selectbox(key="model").select("shapes").run()
    assert app.radio(key="crop_mode").value == "squash"
    app.radio(key="crop_mode").set_value("border").run()
    app.selectbox(key="model").select("efficientnet_lite0").run()
    assert app.radio(key="crop_mode").value == "center"
    assert open_dashboard("classification", model="shapes").radio(key="crop_mode").value == "squash"
    assert open_dashboard("classification", model="shapes", crop_mode="border").radio(key="crop_mode").value == "border"


@pytest.mark.usefixtures("offline")
def test_a_changed_declaration_is_loaded_anew(folder: Path) -> None:
    torch.save(train_shapes().state_dict(), folder / "weights.ckpt")
    (folder / "models.toml").write_text(DECLARED)
    first = compute.classifier("shapes")
    assert compute.classifier("shapes") is first
    (folder / "models.toml").write_text(DECLARED + 'channels = "bgr"\n')
    second = compute.classifier("shapes")
    assert second.preset.channels == "bgr"
    torch.save({"state_dict": train_shapes().state_dict()}, folder / "weights.ckpt")
    third = compute.classifier("shapes")
    assert third.loading is not None
    assert third.loading.taken == "state_dict"


@pytest.mark.usefixtures("offline")
def test_no_more_models_are_held_than_is_said(folder: Path) -> None:
    torch.save(train_shapes().state_dict(), folder / "weights.ckpt")
    names = [f"shapes{place}" for place in range(compute.MODELS_IN_MEMORY + 1)]
    (folder / "models.toml").write_text("\n".join(DECLARED.replace("[shapes]", f"[{name}]") for name in names))
    held = [compute.classifier(name) for name in names]
    assert compute.classifier(names[-1]) is held[-1]
    assert compute.classifier(names[1]) is held[1]
    assert compute.classifier(names[0]) is not held[0], "the one asked longest ago has left"


class TestKeeping:
    def keep(self, folder: Path, name: str = "mine") -> None:
        torch.save(train_shapes().state_dict(), folder / "given.pth")
        table = {"architecture": "torchvision:resnet18", "checkpoint": "w.pth", "classes": list(CLASSES), "size": 64}
        make_draft(name, table, {"w.pth": (folder / "given.pth").read_bytes()}).keep()

    def test_a_kept_model_is_there_tomorrow(self, folder: Path) -> None:
        self.keep(folder)
        assert core.load_classifier("mine").categories == CLASSES
        assert [path.name for path in kept_folder().iterdir() if path.name != ".drafts"] == ["mine"]
        assert not list((kept_folder() / ".drafts").iterdir())

    def test_a_draft_is_not_among_the_models(self, folder: Path) -> None:
        draft = make_draft("mine", {"architecture": "torchvision:resnet18"}, {"w.pth": b"x"})
        assert "mine" not in all_models()
        draft.discard()
        assert not draft.folder.exists()
        assert folder.exists()

    def test_a_name_is_kept_once(self, folder: Path) -> None:
        self.keep(folder)
        with pytest.raises(core.SaliencyError, match="another title"):
            self.keep(folder)

    def test_a_folder_that_cannot_be_written_is_told(self, folder: Path) -> None:
        (folder / "data").write_text("no folder")
        with pytest.raises(core.SaliencyError, match="SALIENCY_KEPT_MODELS") as caught:
            make_draft("mine", {}, {})
        assert str(folder) not in str(caught.value)

    def test_a_passport_is_of_the_model_as_it_was_examined(self, folder: Path) -> None:
        self.keep(folder)
        model = find_model("mine")
        assert find_passport("mine", model) is None
        passport = examine(core.load_classifier("mine"))
        keep_passport("mine", model, passport)
        assert find_passport("mine", find_model("mine")) == passport
        path = kept_folder() / "mine" / DECLARATION
        path.write_text(path.read_text().replace("size = 64", "size = 96"))
        assert find_passport("mine", find_model("mine")) is None, "other input settings were not examined"


Headers = dict[str, str]


@pytest.mark.parametrize(
    ("said", "headers", "ip", "may"),
    [
        (None, {"Host": "localhost:8501"}, None, True),
        (None, {"Host": "127.0.0.1:8501"}, None, True),
        (None, {"Host": "[::1]:8501"}, None, True),
        (None, {"Host": "example.org"}, None, False),
        (None, {"Host": "localhost:8501"}, "192.0.2.7", False),
        (None, {"Host": "localhost:8501", "X-Forwarded-For": "192.0.2.7"}, None, False),
        ("1", {"Host": "example.org"}, "192.0.2.7", True),
        ("0", {"Host": "localhost:8501"}, None, False),
    ],
)
def test_who_may_add_models(
    monkeypatch: pytest.MonkeyPatch, said: str | None, headers: Headers, ip: str | None, may: bool
) -> None:
    class Context:
        pass

    context = Context()
    context.headers, context.ip_address = headers, ip  # type: ignore[attr-defined]
    monkeypatch.setattr(streamlit, "context", context)
    if said is None:
        monkeypatch.delenv(owner.ADD_MODELS, raising=False)
    else:
        monkeypatch.setenv(owner.ADD_MODELS, said)
    assert owner.may(owner.ADD_MODELS) == may


@pytest.mark.usefixtures("offline", "folder")
def test_who_may_not_add_models_reads_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(owner.ADD_MODELS, "0")
    app = open_dashboard("models")
    assert [owner.ADD_MODELS in each.value for each in app.info] == [True]
    assert not app.toggle
    assert not app.file_uploader
    assert not [button for button in app.button if button.label == "Examine"]


def add(app: AppTest, name: str, content: bytes, classes: str = "\n".join(CLASSES)) -> AppTest:
    """Fill in the form and examine."""
    app.toggle(key="adding").set_value(True).run()
    checkpoint, names = app.file_uploader[0], app.file_uploader[1]
    checkpoint.set_value((name, content, "application/octet-stream"))
    names.set_value(("classes.txt", classes.encode(), "text/plain"))
    app.number_input(key="added_size_torchvision:resnet18").set_value(64)
    app.run()
    next(button for button in app.button if button.label == "Examine it").click()
    return app.run(timeout=120)


MISTAKES: dict[str, tuple[str, Callable[[Path], bytes], str, str]] = {
    "code": ("w.pth", lambda folder: saved(folder, train_shapes()), "\n".join(CLASSES), "a whole pickled module"),
    "another head": (
        "w.pth",
        lambda folder: saved(folder, train_shapes().state_dict()),
        "a\nb",
        "tells 3 classes, but 2",
    ),
    "no names": ("w.pth", lambda folder: saved(folder, train_shapes().state_dict()), "a", "at least two class names"),
    "not a checkpoint": ("w.safetensors", lambda _: b"hello", "\n".join(CLASSES), "no safetensors file"),
    "lacking": (
        "w.pth",
        lambda folder: saved(
            folder, {name: value for name, value in train_shapes().state_dict().items() if "layer4" not in name}
        ),
        "\n".join(CLASSES),
        "lacks",
    ),
}


def saved(folder: Path, content: Any) -> bytes:
    torch.save(content, folder / "saved")
    return (folder / "saved").read_bytes()


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_form_gets_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch, mistake: str) -> None:
    monkeypatch.setenv(owner.ADD_MODELS, "1")
    name, make, classes, words = MISTAKES[mistake]
    app = add(open_dashboard("models"), name, make(folder), classes)
    assert not app.exception
    assert words in texts(app).replace("\\", "")
    keep = [button for button in app.button if button.label == "Keep it"]
    assert all(button.disabled for button in keep)
    assert not (kept_folder() / "w").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("kind", WRAPPINGS)
def test_a_model_is_added_from_each_wrapping(
    folder: Path, monkeypatch: pytest.MonkeyPatch, pictures_of_shapes: Pictures, kind: str
) -> None:
    monkeypatch.setenv(owner.ADD_MODELS, "1")
    wrap, taken, _ = WRAPPINGS[kind]
    state = train_shapes().state_dict()
    untrained = {name: torch.zeros_like(value) for name, value in state.items()}
    app = add(open_dashboard("models"), "Shapes of mine.ckpt", saved(folder, wrap(state, untrained)))
    assert "checks passed" in texts(app)
    assert taken.replace("_", "\\_") in texts(app)
    next(button for button in app.button if button.label == "Keep it").click().run()
    assert not app.exception
    classifier = core.load_classifier("shapes-of-mine")
    assert find_passport("shapes-of-mine", find_model("shapes-of-mine")) is not None
    if kind == "timm":  # the others have the same weights, as another test shows
        check_shapes(classifier, pictures_of_shapes)
    app.run()
    app.switch_page("pages/classification.py").run()
    assert "Shapes of mine" in app.selectbox(key="model").options


def test_a_files_name_cannot_lead_out_of_its_folder(folder: Path) -> None:
    upload: Any = SimpleNamespace(name="w./../../out", getvalue=lambda: b"")
    with pytest.raises(core.ModelError, match="ends in one of"):
        examine_upload("torchvision:resnet18", upload, None, "Mine", {}, None)
    assert not (folder / "data").exists()


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
class TestInABrowser:
    @pytest.fixture
    def place(self, tmp_path: Path) -> Path:
        return tmp_path

    @pytest.fixture
    def address(self, place: Path) -> Iterator[str]:
        """A server without models of its own, whose log must stay clean."""
        log = place / "log.txt"
        (place / "models.toml").touch()
        environment = {
            "TORCH_HOME": str(place),
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "SALIENCY_MODELS": str(place / "models.toml"),
            "SALIENCY_KEPT_MODELS": str(place / "data" / "models"),
        }
        with serve_dashboard(log, environment) as address:
            yield address
        said = log.read_text()
        assert not re.search(r"error|warning|traceback|deprecat", said, re.IGNORECASE), said

    @pytest.fixture
    def page(self) -> Iterator[Page]:
        with open_chromium() as browser:
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            said: list[str] = []
            page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
            yield page
            assert not said

    def test_a_model_is_added_examined_kept_and_explained(self, place: Path, address: str, page: Page) -> None:
        drawn = draw_pictures(12, seed=7)
        torch.save({"model_state_dict": train_shapes().state_dict()}, place / "shapes.pth")
        (place / "classes.json").write_text(json.dumps(CLASSES))
        with zipfile.ZipFile(place / "labelled.zip", "w") as archive:
            for number, (pixels, label) in enumerate(zip(drawn.pixels, drawn.labels, strict=True)):
                Image.fromarray(pixels).save(place / "one.png")
                archive.write(place / "one.png", f"photos/{CLASSES[label]}/{number}.png")
        Image.fromarray(drawn.pixels[0]).resize((256, 256), Image.Resampling.NEAREST).save(place / "shape.png")

        page.goto(f"{address}/?model=efficientnet_lite0")
        page.get_by_role("link", name="Models").click()
        page.get_by_text("Add a model of your own").click()
        expect(page.get_by_text(f"Checkpoint (up to {LARGEST} MB)")).to_be_visible()
        settle(page)
        files = page.locator("input[type=file]")
        for place_of, name in enumerate(("shapes.pth", "classes.json", "labelled.zip")):
            files.nth(place_of).set_input_files(place / name)
            settle(page)
        page.get_by_role("textbox", name="Title").fill("My shapes")
        page.get_by_role("textbox", name="Title").press("Enter")
        page.get_by_text("How it wants its input").click()
        for label in ("Size in pixels", "Short side before the crop"):
            box = page.get_by_role("spinbutton", name=label)
            box.fill("64")
            box.press("Enter")
            settle(page)
        page.get_by_role("button", name="Examine it", exact=True).first.click()
        expect(page.get_by_role("button", name="Keep it")).to_be_enabled()
        settle(page)
        expect(page.get_by_text(re.compile(r"\d+ checks passed"))).to_be_visible()
        page.get_by_role("button", name="Keep it").click()
        expect(page.get_by_role("heading", name="My shapes", exact=True)).to_be_visible()
        settle(page)
        assert (place / "data" / "models" / "my-shapes" / DECLARATION).exists()

        page.get_by_role("button", name="Ask this model").last.click()
        expect(page.get_by_role("heading", name="Classification", exact=True)).to_be_visible()
        settle(page)
        page.locator("input[type=file]").first.set_input_files(place / "shape.png")
        expect(page.get_by_role("heading", name=re.compile(CLASSES[int(drawn.labels[0])]))).to_be_visible()
        expect(page.get_by_text("My shapes").first).to_be_visible()
        page.get_by_role("link", name="Saliency").click()
        expect(page.get_by_text("Map over the photo")).to_be_visible()
        settle(page)
        page.get_by_role("link", name="Masking experiment").click()
        settle(page)
        expect(page.get_by_text("My shapes").first).to_be_visible()
