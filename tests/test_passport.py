"""The passport finds what is wrong with models made wrong on purpose, and nothing where nothing is."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy.stats import binomtest
from torch import nn

import saliency_core as core
from saliency_core.commands import main
from saliency_core.errors import WeightsError
from saliency_core.models.class_names import imagenet_categories
from saliency_core.models.fitting import Loading
from saliency_core.models.model import Model
from saliency_core.models.weights import Progress, Weights
from saliency_core.passport.answers import check_unit
from saliency_core.passport.examine import CHECKS, Step, examination, examine, refuse
from saliency_core.passport.finding import Finding, Outcome, Passport
from saliency_core.passport.labelled import LabelledPhoto, choose, read_labelled
from saliency_core.passport.photos import examine_photos, judge
from saliency_core.passport.probe import make_probe
from saliency_core.passport.rule import LEVEL, above_chance, adjust, find_better, sign_test
from saliency_core.passport.settings import declared_setting, usual_mistakes
from saliency_core.passport.words import from_json, to_json, to_text
from saliency_core.photos.frame import Preset
from scripts.shapes import CLASSES, PRESET, Pictures, shapes_classifier, train_shapes

SIDE = 16
NAMES = ("cat", "dog", "bird")
LOADING = Loading("state_dict_ema", "module.", 2)


class Small(nn.Module):
    """A convolution and a linear layer, with what a test wants done before, between and after."""

    def __init__(
        self,
        before: Callable[[torch.Tensor], torch.Tensor] = lambda values: values,
        between: Callable[[torch.Tensor], torch.Tensor] = torch.relu,
        after: Callable[[torch.Tensor], torch.Tensor] = lambda values: values,
    ) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.convolution = nn.Conv2d(3, 4, 3, stride=2)
        self.head = nn.Linear(4 * 7 * 7, len(NAMES))
        for parameter in self.parameters():
            parameter.data = torch.randn(parameter.shape, generator=generator) / parameter[0].numel() ** 0.5
        self.before, self.between, self.after = before, between, after

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """f32 [n, 3, 16, 16] -> f32 [n, 3]."""
        return self.after(self.head(self.between(self.convolution(self.before(inputs))).flatten(1)))


def classifier_of(module: nn.Module, names: Sequence[str] = NAMES, preset: Preset | None = None) -> core.Classifier:
    half = (0.5, 0.5, 0.5)
    preset = preset or Preset(SIDE, SIDE, Image.Resampling.BILINEAR, half, half)
    module.eval().requires_grad_(False)
    return core.Classifier("small", "Small", module, preset, names, Weights("made here", "0" * 64))


def find(passport: Passport, key: str) -> Finding:
    finding = passport.find(key)
    assert finding is not None
    return finding


def wrong(passport: Passport) -> dict[str, str]:
    """What warns or fails."""
    return {
        finding.key: finding.status for finding in passport.findings if finding.status not in ("passed", "not tried")
    }


def test_nothing_warns_of_a_right_model() -> None:
    told: list[tuple[float, str]] = []
    passport = examine(
        replace(classifier_of(Small()), loading=LOADING), progress=lambda share, doing: told.append((share, doing))
    )
    assert wrong(passport) == {}
    assert passport.status == "passed"
    assert passport.result == f"{len(CHECKS)} checks passed and 1 not tried."
    assert "state_dict_ema" in find(passport, "keys").sentence
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[0] >= 0
    assert shares[-1] < 1
    assert len({doing for _, doing in told}) == len(CHECKS) + 1


def test_the_examination_comes_step_by_step_and_leaves_the_model_as_it_is() -> None:
    classifier = classifier_of(Small())
    before = {name: values.clone() for name, values in classifier.module.state_dict().items()}
    stages = list(examination(replace(classifier, loading=LOADING)))
    assert all(isinstance(stage, Step) for stage in stages[:-1])
    assert isinstance(stages[-1], Passport)
    assert all(torch.equal(values, before[name]) for name, values in classifier.module.state_dict().items())
    assert not any(layer._backward_hooks or layer._forward_hooks for layer in classifier.module.modules())


def test_softmax_inside() -> None:
    finding = find(examine(classifier_of(Small(after=lambda logits: logits.softmax(1)))), "output")
    assert finding.status == "warning"
    assert 'output = "probabilities"' in finding.sentence


@pytest.mark.parametrize(
    ("sums_to_one", "status"),
    [(True, "passed"), (False, "failed")],
)
def test_what_is_declared_as_probabilities_must_be_such(sums_to_one: bool, status: str) -> None:
    """The module of such a classifier gives their logarithm."""
    module = Small(after=lambda logits: logits.log_softmax(1) if sums_to_one else logits.sigmoid().log())
    probe = make_probe(classifier_of(module))
    declared = SimpleNamespace(output="probabilities", engine=probe.classifier.engine)
    assert check_unit(replace(probe, classifier=cast("Any", declared))).status == status


@pytest.mark.parametrize("names", [NAMES[:2], (*NAMES, "fish")])
def test_a_head_of_another_size(names: tuple[str, ...]) -> None:
    passport = examine(classifier_of(Small(), names), photos=Path())
    finding = find(passport, "classes")
    assert finding.status == "failed"
    assert f"3 numbers, but there are {len(names)} class names" in finding.sentence
    assert find(passport, "photos").status == "not tried"


@pytest.mark.parametrize("names", [("LABEL_0", "LABEL_1", "LABEL_2"), ("0", "1", "2"), ("cat", "dog", "class 2")])
def test_names_that_say_nothing(names: tuple[str, ...]) -> None:
    finding = find(examine(classifier_of(Small(), names)), "classes")
    assert finding.status == "warning"
    assert names[2] in finding.sentence


def test_a_detached_graph() -> None:
    passport = examine(classifier_of(Small(between=lambda values: values.detach().relu())))
    assert find(passport, "gradient").status == "failed"
    assert "detach()" in find(passport, "gradient").sentence
    methods = find(passport, "methods")  # those that need nothing but answers are left
    assert methods.status == "warning"
    assert "2 of 9 methods work: Occlusion and RISE." in methods.sentence
    assert find(passport, "answers").status == "passed"


def test_an_argmax_for_an_answer() -> None:
    passport = examine(classifier_of(Small(after=lambda logits: logits.argmax(1, keepdim=True).expand(-1, 3))))
    assert "argmax" in find(passport, "answers").sentence
    assert find(passport, "gradient").status == "not tried"


@pytest.mark.parametrize(
    ("before", "told"),
    [(torch.round, "zero everywhere"), (lambda values: values + values.sub(values).sqrt(), "not finite")],
)
def test_a_gradient_without_use(before: Callable[[torch.Tensor], torch.Tensor], told: str) -> None:
    finding = find(examine(classifier_of(Small(before))), "gradient")
    assert finding.status == "failed"
    assert told in finding.sentence


def test_dropout_left_on() -> None:
    passport = examine(classifier_of(Small(between=lambda values: nn.functional.dropout(values, 0.1))))
    assert find(passport, "repeats").status == "failed"
    assert "between “convolution” and “head”" in find(passport, "repeats").sentence
    assert find(passport, "company").status == "not tried"


def test_an_answer_that_depends_on_its_company() -> None:
    module = Small()
    module.convolution = nn.Sequential(module.convolution, nn.BatchNorm2d(4, track_running_stats=False))  # type: ignore[assignment]
    passport = examine(classifier_of(module))
    assert find(passport, "repeats").status == "passed"
    assert find(passport, "company").status == "failed"
    assert "convolution.1" in find(passport, "company").sentence


def test_weights_that_are_not_finite() -> None:
    module = Small()
    module.head.weight.data[1, :5] = torch.nan
    passport = examine(classifier_of(module))
    assert find(passport, "weights").status == "failed"
    assert "5 of the weights" in find(passport, "weights").sentence
    assert "head.weight" in find(passport, "weights").sentence
    assert find(passport, "answers").status == "failed"
    assert "2 failed (Numbers in the weights; Answers)" in passport.result


@pytest.mark.parametrize(
    ("module", "told"),
    [
        (nn.Sequential(nn.Conv2d(1, 3, 1), nn.Flatten()), "cannot take a picture"),
        (nn.Conv2d(3, 3, 1), "one row of numbers"),
    ],
)
def test_a_model_that_does_not_answer(module: nn.Module, told: str) -> None:
    passport = examine(classifier_of(module))
    assert told in find(passport, "answers").sentence
    assert {finding.status for finding in passport.findings[3:]} == {"not tried"}


@pytest.mark.parametrize(
    ("loading", "status", "told"),
    [
        (replace(LOADING, unexpected=("a", "b", "c", "d")), "warning", "4 keys more, such as “a”, “b” and “c”"),
        (replace(LOADING, missing=("head.weight",)), "failed", "“head.weight”"),
    ],
)
def test_keys_that_found_no_place(loading: Loading, status: str, told: str) -> None:
    finding = find(examine(replace(classifier_of(Small()), loading=loading)), "keys")
    assert finding.status == status
    assert told in finding.sentence


def test_a_model_that_looks_at_nothing() -> None:
    passport = examine(classifier_of(Small(before=torch.zeros_like)))
    assert find(passport, "answers").status == "warning"
    assert "every made-up picture the very same numbers" in find(passport, "answers").sentence
    assert find(passport, "classes").status == "passed"


class Adding(nn.Module):
    """Two convolutions with a shortcut, added in place, and activations in place or not."""

    def __init__(self, in_place: bool) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)
        self.relu, self.last = nn.ReLU(inplace=in_place), nn.ReLU(inplace=in_place)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """f32 [n, 3, side, side] -> f32 [n, 3]."""
        values = self.relu(self.first(inputs))
        changed = self.second(values)
        changed += values
        averages: torch.Tensor = self.last(changed).mean(dim=(2, 3))
        return averages


@pytest.mark.parametrize("in_place", [True, False])
def test_layers_that_cannot_be_watched_are_named(in_place: bool) -> None:
    finding = find(examine(classifier_of(Adding(in_place))), "hooks")
    assert finding.status == "passed"
    assert ("inplace=False" in finding.sentence) == in_place
    assert "on the way back: second. The other 3 can." in finding.sentence


def test_in_place_activations_alone_are_cured_by_a_copy() -> None:
    chain = nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    finding = find(examine(classifier_of(chain)), "hooks")
    assert "Then backward hooks work on all 4 layers." in finding.sentence


def test_methods_are_tried_and_their_own_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse_all(*_: object) -> Iterator[core.Explanation]:
        raise core.SaliencyError("There is no convolution to watch.")

    def fail(*_: object) -> Iterator[core.Explanation]:
        raise IndexError("tuple index out of range")

    gradient = core.methods()[0]
    refusing = replace(gradient, key="cam", title="CAM", explain=refuse_all)
    failing = replace(gradient, key="odd", title="odd", needs="luck", explain=fail)
    for rows, status, told in (
        ((gradient, refusing), "passed", "1 of 2 methods work: gradient. “CAM” does not: There is no convolution"),
        ((gradient, failing), "warning", "needs luck, and fails with IndexError"),
        ((refusing,), "failed", "No method works"),
    ):
        monkeypatch.setattr(sys.modules["saliency_core.methods.registry"], "_METHODS", {row.key: row for row in rows})
        finding = find(examine(classifier_of(Small())), "methods")
        assert finding.status == status
        assert told in finding.sentence


def save_photos(folder: Path, pictures: NDArray[np.uint8], names: Sequence[str]) -> Path:
    """A folder of PNGs, one subfolder a name."""
    for place, (pixels, name) in enumerate(zip(pictures, names, strict=True)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / name / f"{place}.png")
    return folder


@pytest.fixture
def folder(tmp_path: Path, shape_pictures: Pictures) -> Path:
    """Pictures of shapes in folders called Circle, Square and Triangle."""
    names = [CLASSES[label].capitalize() for label in shape_pictures.labels]
    return save_photos(tmp_path / "shapes", shape_pictures.pixels, names)


class Swapped(nn.Module):
    """A module that was trained on blue, green and red."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """As the module, f32 [n, 3, side, side]."""
        logits: torch.Tensor = self.module(inputs.flip(1))
        return logits


def ask_about(classifier: core.Classifier, folder: Path) -> Outcome:
    *_, outcome = examine_photos(classifier, folder)
    assert isinstance(outcome, Outcome)
    return outcome


def test_a_trained_model_under_its_own_settings(shapes: core.Classifier, folder: Path) -> None:
    (folder / "Circle" / "damaged.png").write_bytes(b"no picture")
    (folder / "hexagon").mkdir()
    (folder / "hexagon" / "one.png").write_bytes(b"not opened")
    passport = examine(replace(shapes, loading=LOADING), folder)
    assert wrong(passport) == {}
    finding = find(passport, "photos")
    assert finding.status == "passed"
    assert "1 photo could not be read" in finding.sentence
    assert "“hexagon”" in finding.sentence
    details = dict(finding.details)
    assert details["photos asked about"] == 30
    right = str(details["right, as declared"])
    assert int(right.split()[0]) >= 28


@pytest.mark.usefixtures("shapes")
def test_swapped_channels(folder: Path) -> None:
    finding = ask_about(classifier_of(Swapped(train_shapes()), CLASSES, PRESET), folder)
    assert finding.status == "warning"
    assert 'Declare channels = "bgr"' in finding.sentence


@pytest.mark.parametrize(("mean", "std"), [((0.0,) * 3, (1.0,) * 3), ((0.0,) * 3, (1 / 255,) * 3)])
@pytest.mark.usefixtures("shapes")
def test_forgotten_normalisation(folder: Path, mean: tuple[float, ...], std: tuple[float, ...]) -> None:
    finding = ask_about(shapes_classifier(replace(PRESET, mean=cast("Any", mean), std=cast("Any", std))), folder)
    assert finding.status == "warning"
    assert "Declare mean = [0.485, 0.456, 0.406] and std = [0.229, 0.224, 0.225]" in finding.sentence


@pytest.mark.usefixtures("shapes")
def test_class_names_in_another_order(folder: Path) -> None:
    finding = ask_about(classifier_of(train_shapes(), ("square", "triangle", "circle"), PRESET), folder)
    assert finding.status == "warning"
    assert "another order" in finding.sentence


def test_a_folder_of_no_classes(shapes: core.Classifier, tmp_path: Path) -> None:
    finding = ask_about(shapes, tmp_path)
    assert finding.status == "warning"
    assert "No subfolder" in finding.sentence


def test_a_map_falls_on_the_shape_and_hiding_it_breaks_the_answer(
    shapes: core.Classifier, shape_pictures: Pictures
) -> None:
    """Of circles and triangles: squares are partly what is neither."""
    frames, ratios = shape_pictures.frames(), []
    predictions = [core.classify(shapes, frame) for frame in frames]
    best = [prediction.top(1)[0].index for prediction in predictions]
    assert np.mean(best == shape_pictures.labels) >= 0.95
    for frame, label, region in zip(frames, shape_pictures.labels, shape_pictures.regions, strict=True):
        hidden = core.classify(shapes, core.hide(frame, [region], "grey"))
        assert hidden.probabilities[label] < 0.75
        assert max(region.height, region.width) < frame.side / 2
        if CLASSES[label] != "square":
            values = core.attribute(shapes, frame, int(label)).values
            inside = values[region.top : region.top + region.height, region.left : region.left + region.width]
            ratios.append(float(inside.mean() / values.mean()))
    assert min(ratios) > 1
    assert np.mean(ratios) > 1.5


SETTINGS = (declared_setting(PRESET), *usual_mistakes(declared_setting(PRESET)))


def answers(photos: int, right: Sequence[int]) -> NDArray[np.bool_]:
    """bool [photos, settings]: under each setting, the first so many are right."""
    return np.arange(photos)[:, None] < np.array(right)


def test_the_settings_tried_are_those_that_differ_from_the_declared_one() -> None:
    titles = [setting.title for setting in SETTINGS]
    assert titles[1] == "channels BGR"
    assert len(titles) == len(set(titles)) == 6
    assert not any("ImageNet" in title for title in titles)
    half = replace(PRESET, mean=(127 / 255,) * 3, std=(128 / 255,) * 3)
    assert not any("0.5" in setting.title for setting in usual_mistakes(declared_setting(half)))
    assert [setting.preset.channels for setting in SETTINGS[:3]] == ["rgb", "bgr", "rgb"]


@pytest.mark.parametrize(
    ("photos", "declared", "other", "status"),
    [
        (10, 2, 9, "warning"),  # 7 gained, none lost: 2 ** -7, times the settings tried, is below 5%
        (10, 3, 9, "passed"),
        (9, 1, 8, "warning"),
        (9, 8, 9, "not tried"),
        (100, 90, 91, "passed"),
        (100, 20, 20, "warning"),  # no more than guessing
    ],
)
def test_when_the_photos_warn(photos: int, declared: int, other: int, status: str) -> None:
    right = answers(photos, [declared, other, 0, 0, 0, 0])
    chance = 1 / 3 if declared == other else 1 / 1000
    assert judge(SETTINGS, right, chance).status == status


@pytest.mark.parametrize(("gained", "lost"), [(0, 0), (7, 0), (5, 2), (0, 3), (60, 40)])
def test_the_sign_test_is_scipys(gained: int, lost: int) -> None:
    expected = binomtest(gained, gained + lost, alternative="greater").pvalue if gained + lost else 1.0
    assert sign_test(gained, lost) == pytest.approx(expected)
    assert above_chance(gained, 100, 0.3) == pytest.approx(binomtest(gained, 100, 0.3, alternative="greater").pvalue)


def test_holms_correction() -> None:
    """The example of Holm 1979: the least times the number, the next times one less, never falling."""
    assert adjust([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert adjust([0.6, 0.9]) == (1.0, 1.0)
    assert adjust([]) == ()


def test_a_small_gain_on_many_photos_is_no_mistake() -> None:
    right = answers(1000, [800, 840])
    assert find_better(right[:, 0], [right[:, 1]], 0.001)[0] == ()
    right = answers(1000, [800, 860])
    assert find_better(right[:, 0], [right[:, 1]], 0.001)[0] == (0,)


def test_settings_that_are_no_better_rarely_seem_so() -> None:
    """Six settings as good as the declared one, which is the worst case for the rule."""
    random = np.random.default_rng(0)
    warned = [
        bool(find_better(right[:, 0], list(right[:, 1:].T), 0.001)[0]) for right in random.random((400, 50, 7)) < 0.8
    ]
    assert np.mean(warned) <= LEVEL


def test_labelled_photos_are_found_however_their_folder_is_called(tmp_path: Path) -> None:
    for name in ("Great_White-shark", "tench, Tinca tinca", "2", "n01440764", "nothing", ".hidden"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.JPG").touch()
    found = read_labelled(tmp_path, ("great white shark", "tench, Tinca tinca", "goldfish"))
    assert {photo.path.parent.name: photo.targets for photo in found.photos} == {
        "Great_White-shark": (0,),
        "tench, Tinca tinca": (1,),
        "2": (2,),
    }
    assert found.unknown == ("n01440764", "nothing")


def test_imagenets_photos_are_found_by_synset_and_a_name_may_mean_two_classes(tmp_path: Path) -> None:
    names = imagenet_categories()
    for name in ("n01440764", "n15075141", "crane"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.png").touch()
    found = {photo.path.parent.name: photo.targets for photo in read_labelled(tmp_path, names).photos}
    assert [names[index] for index in (*found["n01440764"], *found["n15075141"])] == ["tench", "toilet tissue"]
    assert all(names[index] == "crane" for index in found["crane"])


def test_few_photos_of_many_come_from_all_classes() -> None:
    photos = [LabelledPhoto(Path(f"{index}.png"), (0 if index < 90 else 1,)) for index in range(100)]
    chosen = choose(photos, 20)
    assert len(set(chosen)) == 20
    assert sum(photo.targets == (1,) for photo in chosen) == 10
    assert choose(photos, 20) == chosen
    assert len(choose(photos, 1000)) == 100


def test_a_passport_goes_through_json_and_reads_as_text() -> None:
    passport = examine(replace(classifier_of(Small(), ("LABEL_0", "a\nb", "c")), loading=LOADING))
    assert from_json(to_json(passport)) == passport
    assert json.loads(to_json(passport))["status"] == "warning"
    text = to_text(passport)
    assert passport.result in text
    assert "(Classes)" in passport.result
    assert all(finding.sentence in text for finding in passport.findings)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema_version": 9}', b"\xff", '{"schema_version": 1}'])
def test_what_is_no_passport_is_refused(text: str | bytes) -> None:
    with pytest.raises(core.RequestError, match="Examine the model again"):
        from_json(text)


class Given:
    """Weights that are a file at hand, or are not."""

    missing = False

    def __init__(self, path: Path | None) -> None:
        self.path = path

    def fetch(self, _progress: Progress | None = None) -> tuple[Path, Weights]:
        if self.path is None:
            raise WeightsError("The weights file is damaged.")
        return self.path, Weights("made here", "0" * 64)


@pytest.fixture
def add_small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Adds a small model to the registry."""

    def add(name: str, names: Sequence[str] = NAMES, broken: bool = False) -> None:
        torch.save(Small().state_dict(), tmp_path / name)
        preset = Preset(SIDE, SIDE, Image.Resampling.BILINEAR, (0.5,) * 3, (0.5,) * 3)
        source: Any = Given(None if broken else tmp_path / name)
        monkeypatch.setitem(core.MODELS, name, Model("Small", "Made here.", Small, preset, source, lambda: names))

    return add


def test_check_from_a_shell(add_small: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    add_small("small")
    assert main(["models", "check", "small", "--json", "--device", "cpu"]) == 0
    said = capsys.readouterr()
    assert from_json(said.out).status == "passed"
    assert said.err == ""
    add_small("warning", ("0", "1", "2"))
    assert main(["models", "check", "warning", "--device", "cpu"]) == 0
    assert "WARNING    Classes" in capsys.readouterr().out
    add_small("failed", NAMES[:2])
    assert main(["models", "check", "failed", "--device", "cpu"]) == 1
    assert "FAILED     Classes" in capsys.readouterr().out


def test_a_model_that_cannot_be_loaded(add_small: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    add_small("small", broken=True)
    assert main(["models", "check", "small"]) == 1
    assert "The weights file is damaged." in capsys.readouterr().out
    assert main(["models", "check", "nothing", "--json"]) == 1
    passport = from_json(capsys.readouterr().out)
    assert passport == refuse("nothing", "nothing", core.RequestError(passport.findings[0].sentence))
    assert "There is no model called 'nothing'" in passport.findings[0].sentence


def test_other_commands(
    add_small: Callable[..., None], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_small("small")
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["models", "list"]) == 0
    assert "small               Small. Made here." in capsys.readouterr().out
    assert main(["models", "list", "--json"]) == 0
    assert {"name": "small", "title": "Small", "about": "Made here.", "downloaded": True} in json.loads(
        capsys.readouterr().out
    )
    assert main(["models", "check", "small", "--photos", "no such folder"]) == 2
    assert "no folder" in capsys.readouterr().err
    with pytest.raises(SystemExit) as left:
        main(["models", "check", "--help"])
    assert left.value.code == 0
    assert "exit code: 0 if nothing failed" in capsys.readouterr().out
    with pytest.raises(SystemExit) as left:
        main(["models"])
    assert left.value.code == 2
    capsys.readouterr()
