"""models.toml: what is declared is loaded, and what is declared wrongly is told, harming nothing else."""

import json
import pickle
import shutil
import sys
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import saliency_core as core
from saliency_core.models.class_names import parse_class_names
from saliency_core.models.declared import read_models
from saliency_core.models.model import BrokenModel, Model
from saliency_core.models.registry import all_models
from saliency_core.models.vision import torchvision

CLASSES = "circle\nsquare\ntriangle\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the class names of three shapes, whose models.toml is the one in use."""
    (tmp_path / "classes.txt").write_text(CLASSES)
    monkeypatch.setenv("SALIENCY_MODELS", str(tmp_path / "models.toml"))
    monkeypatch.setenv("SALIENCY_KEPT_MODELS", str(tmp_path / "kept"))
    return tmp_path


def declare(folder: Path, text: str) -> None:
    (folder / "models.toml").write_text(dedent(text))


def save(folder: Path, module: nn.Module, name: str = "weights.pth") -> None:
    torch.save(module.state_dict(), folder / name)


def resnet18(classes: int = 3) -> nn.Module:
    torch.manual_seed(0)
    module: nn.Module = torchvision.models.resnet18(num_classes=classes)
    return module.eval()


def problem(model: Model | BrokenModel) -> str:
    assert isinstance(model, BrokenModel), model
    return model.problem


MINE = """
    [mine]
    architecture = "torchvision:resnet18"
    checkpoint = "weights.pth"
    classes = "classes.txt"
    size = 64
"""


def ask(classifier: core.Classifier) -> core.Prediction:
    """What a classifier says of a picture of noise; its map must be finite."""
    pixels = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    frame = core.frame_photo(core.Photo(pixels, ""), classifier, classifier.preset.crop_mode)
    explanation = core.explain(classifier, frame)
    assert np.isfinite(explanation.values).all()
    assert explanation.values.any()
    return explanation.prediction


def test_a_declared_model_answers_as_its_module_does(folder: Path) -> None:
    module = resnet18()
    save(folder, module)
    declare(folder, MINE + 'title = "My shapes"\n')
    classifier = core.load_classifier("mine")
    assert (classifier.title, classifier.categories) == ("My shapes", ("circle", "square", "triangle"))
    assert classifier.weights.origin == "weights.pth"
    assert classifier.loading is not None
    assert classifier.loading.matched == len(module.state_dict())
    frames = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)
    with torch.no_grad():
        expected = module(classifier.engine.inputs(frames)).numpy()
    np.testing.assert_allclose(classifier.engine.logits(frames), expected, atol=1e-4 * float(np.abs(expected).max()))
    assert all_models()["mine"] == all_models()["mine"], "the file is read once"


def test_a_change_of_the_file_is_seen(folder: Path) -> None:
    save(folder, resnet18())
    declare(folder, MINE)
    assert all_models()["mine"].title == "mine"
    declare(folder, MINE + 'title = "Another"\n')
    assert all_models()["mine"].title == "Another"


def test_settings_that_are_declared_count_and_others_are_the_architecture_s(folder: Path) -> None:
    save(folder, resnet18())
    declare(folder, MINE)
    preset = core.load_classifier("mine").preset
    weights = torchvision.models.ResNet18_Weights.DEFAULT.transforms()
    assert (preset.crop, preset.resize) == (64, round(64 * 256 / 224))
    assert (list(preset.mean), list(preset.std)) == (weights.mean, weights.std)
    declare(
        folder,
        MINE
        + """
    resize = 64
    crop_mode = "squash"
    interpolation = "bicubic"
    mean = [0.5, 0.4, 0.3]
    std = [0.1, 0.2, 0.3]
    channels = "bgr"
    """,
    )
    preset = core.load_classifier("mine").preset
    assert (preset.resize, preset.crop_mode, preset.resampling) == (64, "squash", Image.Resampling.BICUBIC)
    assert (preset.mean, preset.std, preset.channels) == ((0.5, 0.4, 0.3), (0.1, 0.2, 0.3), "bgr")


def test_blue_first_is_the_same_network_with_its_first_layer_turned_round(folder: Path) -> None:
    module = resnet18()
    save(folder, module)
    turned = resnet18()
    turned.load_state_dict(module.state_dict())
    turned.conv1.weight.data = turned.conv1.weight.data.flip(1)  # type: ignore[union-attr, operator]
    save(folder, turned, "turned.pth")
    second = MINE.replace("[mine]", "[turned]").replace("weights.pth", "turned.pth")
    declare(folder, MINE + second + '    channels = "bgr"\n')
    first, other = core.load_classifier("mine"), core.load_classifier("turned")
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    frame = core.frame_photo(core.Photo(pixels, ""), first, "squash")
    expected, found = core.explain(first, frame, 0), core.explain(other, frame, 0)
    np.testing.assert_allclose(found.prediction.logits, expected.prediction.logits, rtol=1e-3, atol=1e-5)
    # The maps are of red, green and blue for both.
    scale = float(np.abs(expected.values).max())
    np.testing.assert_allclose(found.values, expected.values, atol=1e-3 * scale)


def test_probabilities_come_back_as_they_are(folder: Path) -> None:
    (folder / "my_network.py").write_text(
        dedent("""
        from torch import nn
        from torchvision.models import resnet18

        def with_softmax(num_classes):
            return nn.Sequential(resnet18(num_classes=num_classes), nn.Softmax(1))
        """)
    )
    module = nn.Sequential(resnet18(), nn.Softmax(1))
    save(folder, module)
    declare(
        folder,
        """
        [soft]
        architecture = "my_network:with_softmax"
        checkpoint = "weights.pth"
        classes = ["a", "b", "c"]
        size = 64
        mean = [0.5, 0.5, 0.5]
        std = [0.5, 0.5, 0.5]
        output = "probabilities"
        """,
    )
    classifier = core.load_classifier("soft")
    assert classifier.output == "probabilities"
    frames = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3), dtype=np.uint8)
    with torch.no_grad():
        expected = module(classifier.engine.inputs(frames))[0].numpy()
    frame = core.frame_photo(core.Photo(frames[0], ""), classifier, "squash")
    np.testing.assert_allclose(core.classify(classifier, frame).probabilities, expected, rtol=1e-4)


@pytest.mark.parametrize("name", ["vit_b_16", "swin_t"])
def test_transformers_of_torchvision_work(folder: Path, name: str) -> None:
    torch.manual_seed(0)
    module = torchvision.models.get_model(name, num_classes=3)
    for parameter in (*getattr(module, "heads", module).parameters(), *getattr(module, "head", module).parameters()):
        parameter.data = torch.randn_like(parameter) * 0.05  # ViT's head begins with zeros, so without a gradient
    save(folder, module)
    declare(folder, MINE.replace("resnet18", name).replace("    size = 64\n", ""))
    classifier = core.load_classifier("mine")
    assert classifier.preset.crop == 224
    assert len(ask(classifier).logits) == 3


def test_a_network_of_timm_brings_its_settings(folder: Path) -> None:
    timm = pytest.importorskip("timm")
    torch.manual_seed(0)
    save(folder, timm.create_model("resnet10t", num_classes=3))
    declare(
        folder,
        """
        [mine]
        architecture = "timm:resnet10t.c3_in1k"
        checkpoint = "weights.pth"
        classes = "classes.txt"
        """,
    )
    classifier = core.load_classifier("mine")
    config = timm.data.resolve_data_config(pretrained_cfg=timm.get_pretrained_cfg("resnet10t.c3_in1k").to_dict())
    preset = classifier.preset
    assert (preset.crop, preset.mean, preset.std) == (config["input_size"][1], config["mean"], config["std"])
    assert preset.resize == int(preset.crop / config["crop_pct"])
    assert preset.resampling.name.lower() == config["interpolation"]
    assert len(ask(classifier).logits) == 3


@pytest.fixture(scope="session")
def transformer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny image classifier saved as the transformers library saves one."""
    transformers = pytest.importorskip("transformers")
    folder = tmp_path_factory.mktemp("transformer")
    torch.manual_seed(0)
    config = transformers.ViTConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        image_size=64,
        patch_size=16,
        id2label={0: "circle", 1: "square", 2: "triangle"},
        label2id={"circle": 0, "square": 1, "triangle": 2},
    )
    transformers.ViTForImageClassification(config).save_pretrained(folder)
    settings = {
        "do_normalize": True,
        "do_rescale": True,
        "do_resize": True,
        "image_mean": [0.4, 0.5, 0.6],
        "image_std": [0.2, 0.3, 0.1],
        "image_processor_type": "ViTImageProcessor",
        "resample": 3,
        "rescale_factor": 1 / 255,
        "size": {"height": 64, "width": 64},
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    return folder


def test_a_folder_of_the_transformers_library_brings_everything(folder: Path, transformer: Path) -> None:
    import transformers

    declare(folder, f'[mine]\narchitecture = "transformers:{transformer}"\n')
    classifier = core.load_classifier("mine")
    preset = classifier.preset
    assert (preset.crop, preset.resize, preset.crop_mode) == (64, 64, "squash")
    assert (preset.mean, preset.std) == ((0.4, 0.5, 0.6), (0.2, 0.3, 0.1))
    assert preset.resampling == Image.Resampling.BICUBIC
    assert classifier.categories == ("circle", "square", "triangle")
    network = transformers.AutoModelForImageClassification.from_pretrained(transformer, local_files_only=True).eval()
    frames = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3), dtype=np.uint8)
    with torch.no_grad():
        expected = network(pixel_values=classifier.engine.inputs(frames)).logits.numpy()
    np.testing.assert_allclose(classifier.engine.logits(frames), expected, atol=1e-5)
    ask(classifier)


def test_python_code_in_a_folder_is_not_run(folder: Path, transformer: Path) -> None:
    copy = folder / "mine"
    shutil.copytree(transformer, copy)
    config = json.loads((copy / "config.json").read_text())
    config["auto_map"] = {"AutoModelForImageClassification": "code.Network"}
    (copy / "config.json").write_text(json.dumps(config))
    (copy / "code.py").write_text(f"open({str(folder / 'ran')!r}, 'w')")
    declare(folder, '[mine]\narchitecture = "transformers:mine"\n')
    assert "Python code of its own, which is not run" in problem(all_models()["mine"])
    assert not (folder / "ran").exists()


def test_weights_that_torchvision_publishes_come_from_its_hub(folder: Path) -> None:
    declare(folder, '[mine]\narchitecture = "torchvision:mobilenet_v3_small"\ncheckpoint = "hub"\n')
    model = all_models()["mine"]
    weights = torchvision.models.MobileNet_V3_Small_Weights.DEFAULT
    assert isinstance(model, Model)
    assert getattr(model.source, "url", "") == weights.url
    assert list(model.categories()) == weights.meta["categories"]


def test_class_names_in_the_checkpoint_are_taken(folder: Path) -> None:
    torch.save(
        {"state_dict": resnet18().state_dict(), "class_to_idx": {"c": 2, "a": 0, "b": 1}}, folder / "weights.pth"
    )
    declare(folder, MINE.replace('    classes = "classes.txt"\n', ""))
    assert core.load_classifier("mine").categories == ("a", "b", "c")


WRONG: dict[str, tuple[str, str]] = {
    "no architecture": ("checkpoint = 'weights.pth'", "architecture is missing"),
    "an architecture of no kind": ("architecture = 'resnet18'", "names no architecture"),
    "an unknown network": ("architecture = 'torchvision:resnet81'", "Did you mean resnet18"),
    "an unknown network of timm": ("architecture = 'timm:resnet10tt'", "Did you mean resnet10t"),
    "a tag that timm does not know": ("architecture = 'timm:resnet10t.mine'", "Leave out the tag"),
    "no folder": ("architecture = 'transformers:nowhere'", "has no config.json"),
    "a key that is none": ("architecture = 'torchvision:resnet18'\ncheckpiont = 'x'", "Did you mean checkpoint?"),
    "no checkpoint": ("architecture = 'torchvision:resnet18'", "checkpoint is missing"),
    "no such file": (
        "architecture = 'torchvision:resnet18'\ncheckpoint = 'none.pth'",
        "checkpoint: there is no file 'none.pth'",
    ),
    "hub for somebody's own": (
        "architecture = 'a:b'\ncheckpoint = 'hub'\nsize = 8\nmean = [0,0,0]\nstd = [1,1,1]",
        "hub",
    ),
    "a function without input settings": ("architecture = 'a:b'\ncheckpoint = 'weights.pth'", "size is missing"),
    "no class names": ("architecture = 'torchvision:resnet18'\ncheckpoint = 'weights.pth'", "classes is missing"),
    "a name that is none": (MINE.replace("[mine]", "") + "\nclasses_ = 3", "Did you mean classes?"),
    "a size in words": (MINE.replace("[mine]", "").replace("64", "'64'"), "size must be a whole number"),
    "a size of nothing": (MINE.replace("[mine]", "").replace("64", "0"), "from 8 to 4096"),
    "a resize below the size": (MINE.replace("[mine]", "") + "    resize = 32\n", "smaller than size = 64"),
    "a mean up to 255": (MINE.replace("[mine]", "") + "    mean = [123.7, 116.3, 103.5]\n", "divide it by 255"),
    "a mean of one number": (MINE.replace("[mine]", "") + "    mean = 0.5\n", "three numbers"),
    "a deviation of zero": (MINE.replace("[mine]", "") + "    std = [0.0, 0.2, 0.2]\n", "std = [0.0, 0.2, 0.2]"),
    "an unknown crop": (MINE.replace("[mine]", "") + "    crop_mode = 'centre'\n", "center, squash, border"),
    "an unknown order": (MINE.replace("[mine]", "") + "    channels = 'gbr'\n", "rgb, bgr"),
    "an unknown output": (MINE.replace("[mine]", "") + "    output = 'scores'\n", "logits, probabilities"),
    "an unknown interpolation": (MINE.replace("[mine]", "") + "    interpolation = 'cubic'\n", "bicubic"),
    "options that are none": (MINE.replace("[mine]", "") + "    options = 3\n", "options must be a table"),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_entry_says_what_is_wrong_and_harms_no_other(folder: Path, mistake: str) -> None:
    text, words = WRONG[mistake]
    save(folder, resnet18())
    declare(folder, f"{dedent(MINE)}\n[wrong]\n{dedent(text)}")
    models = all_models()
    told = problem(models["wrong"])
    assert told.startswith("models.toml, [wrong]: ")
    assert words in told
    assert "\n" not in told
    with pytest.raises(core.SaliencyError, match=r"models\.toml"):
        core.load_classifier("wrong")
    assert isinstance(models["mine"], Model)
    assert core.load_classifier("mine").title == "mine"


LOADED_WRONG: dict[str, tuple[str, str]] = {
    "no module": ("architecture = 'nowhere_at_all:build'", "There is no nowhere_at_all:build"),
    "no function": ("architecture = 'networks:nothing'", "There is no networks:nothing"),
    "no network": ("architecture = 'networks:text'", "gives a str"),
    "a function that fails": ("architecture = 'networks:failing'", "cannot be built: no wheels."),
    "a network of pairs": ("architecture = 'networks:pairs'", "answers with a tuple"),
    "a network of another size": ("architecture = 'networks:flat'", "cannot take a frame of 64 x 64 pixels"),
    "a network of maps": ("architecture = 'networks:maps'", "answers with [1, 3, 62, 62]"),
    "options it does not take": (
        "architecture = 'networks:pairs'\noptions = { depth = 3 }",
        "cannot be built",
    ),
}
NETWORKS = """
from torch import nn


def text():
    return "network"


def failing():
    raise OSError("no wheels")


class Pairs(nn.Conv2d):
    def forward(self, inputs):
        return super().forward(inputs), 1


def pairs():
    return Pairs(3, 3, 3)


def maps():
    return nn.Conv2d(3, 3, 3)


def flat():
    return nn.Sequential(nn.Flatten(), nn.Linear(12, 3))
"""


@pytest.mark.parametrize("mistake", LOADED_WRONG)
def test_a_function_that_gives_something_else_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, mistake: str
) -> None:
    text, words = LOADED_WRONG[mistake]
    (folder / "networks.py").write_text(NETWORKS)
    monkeypatch.delitem(sys.modules, "networks", raising=False)
    monkeypatch.setattr(sys, "path", list(sys.path))
    states: dict[str, nn.Module] = {"flat": nn.Sequential(nn.Flatten(), nn.Linear(12, 3))}
    kind = text.split("'")[1].rpartition(":")[2]
    save(folder, states.get(kind, nn.Conv2d(3, 3, 3)))
    settings = "size = 64\nmean = [0.5, 0.5, 0.5]\nstd = [0.5, 0.5, 0.5]"
    declare(folder, f"[wrong]\n{text}\ncheckpoint = 'weights.pth'\nclasses = 'classes.txt'\n{settings}")
    with pytest.raises(core.SaliencyError) as caught:
        core.load_classifier("wrong")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    monkeypatch.delitem(sys.modules, "networks", raising=False)


@pytest.mark.parametrize("text", ["[mine\n", "\x00", "[a]\nb = "])
def test_a_file_that_is_no_toml_is_told(folder: Path, text: str) -> None:
    (folder / "models.toml").write_text(text)
    assert "is no TOML" in problem(all_models()["models.toml"])
    assert "efficientnet_lite0" in all_models()


def test_what_stands_outside_of_a_table_is_told(folder: Path) -> None:
    save(folder, resnet18())
    declare(folder, 'size = 3\n["a b"]\narchitecture = "torchvision:resnet18"\n' + MINE)
    models = all_models()
    assert "size stands outside of a table" in problem(models["size"])
    assert "letters, digits" in problem(models["a b"])
    assert isinstance(models["mine"], Model)


def test_names_are_taken_once(folder: Path) -> None:
    save(folder, resnet18())
    declare(folder, MINE.replace("[mine]", "[resnet50]"))
    assert "another model called “resnet50”" in problem(all_models()["resnet50 (again)"])
    assert all_models()["resnet50"] is core.MODELS["resnet50"]


@pytest.mark.usefixtures("folder")
def test_a_file_that_is_named_and_not_there_is_told() -> None:
    assert "There is no models.toml" in problem(all_models()["models.toml"])


def test_no_file_is_no_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SALIENCY_MODELS", raising=False)
    monkeypatch.setenv("SALIENCY_KEPT_MODELS", str(tmp_path / "kept"))
    assert all_models() == core.MODELS
    assert read_models(tmp_path / "models.toml").keys() == {"models.toml"}


NAMES: dict[str, bytes] = {
    "lines": b"circle\r\nbig square \n\n triangle",
    "a list": b'["circle", "big square", "triangle"]',
    "indices": b'{"2": "triangle", "0": "circle", "1": "big square"}',
    "names": b'{"triangle": 2, "circle": 0, "big square": 1}',
    "identifiers": b'{"0": ["n1", "circle"], "1": ["n2", "big square"], "2": ["n3", "triangle"]}',
    "a mark": b"\xef\xbb\xbfcircle\nbig square\ntriangle",
}


@pytest.mark.parametrize("kind", NAMES)
def test_class_names_are_read_as_people_keep_them(kind: str) -> None:
    assert parse_class_names(NAMES[kind], "names.txt") == ("circle", "big square", "triangle")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"one",
        b"\xff\xfe\x00",
        b"[1, 2]",
        b'{"0": "a", "2": "b"}',
        b'{"a": 0, "b": 0}',
        b'{"a": "b"}',
        b"[",
        b'["a", " "]',
    ],
)
def test_other_lists_of_classes_are_refused(content: bytes) -> None:
    with pytest.raises(core.SaliencyError, match=r"names\.txt") as caught:
        parse_class_names(content, "names.txt")
    assert "\n" not in str(caught.value)


def test_a_classifier_of_a_declared_model_pickles(folder: Path) -> None:
    save(folder, resnet18())
    declare(folder, MINE)
    classifier = core.load_classifier("mine")
    again: core.Classifier = pickle.loads(pickle.dumps(classifier))
    assert again.loading == classifier.loading
    frames = np.zeros((1, 64, 64, 3), np.uint8)
    np.testing.assert_array_equal(again.engine.logits(frames), classifier.engine.logits(frames))
