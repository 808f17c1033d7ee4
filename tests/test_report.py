"""Reports and archives: what they hold, that they load nothing, and that they print on two pages."""

import base64
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from matplotlib.figure import Figure
from PIL import Image
from playwright.sync_api import Browser, Page, expect

import saliency_core as core
from saliency_core.masking.effects import Evidence
from saliency_core.masking.experiment import ComparedFill, View, as_compared, make_view
from saliency_core.masking.sentences import tell_hiding_by_chance, tell_keeping_by_chance
from saliency_core.methods.gradient import explain_by_gradient
from saliency_core.methods.measures import half_share
from saliency_core.methods.method import Method
from saliency_core.methods.registry import find_method, unregister
from saliency_core.methods.smoothing import Scale, normalise_values, shared_scale
from saliency_core.models.weights import Weights
from saliency_core.photos.fills import Fill
from saliency_core.photos.frame import CropMode
from saliency_core.presentation.archive import RECORD, masking_archive, saliency_archive
from saliency_core.presentation.captions import PART_TITLES, describe_map, name_sides
from saliency_core.presentation.case import MapStyle
from saliency_core.presentation.figures import display_photo
from saliency_core.presentation.panels import masking_figure, saliency_figure
from saliency_core.presentation.pieces import ranked, render_bars, render_pictures, render_strips
from saliency_core.presentation.rule import EFFECTS, LIMITS, RULE, tell_fills
from saliency_core.presentation.saliency_pictures import MOST_SIGMAS, saliency_pictures
from saliency_core.presentation.words import describe_scale, tell_marks, tell_sureness
from saliency_core.text import begin, cut, percent
from scripts.browsing import CHROMIUM, open_chromium

OpenSample = Callable[[str], core.Photo]
MakeCase = Callable[..., core.Case]

DAY = date(2025, 5, 18)
REGION = core.Region(40, 60, 80, 80)
EVIL = "<script>alert(1)</script>\"' onerror=x\u202egnp.png"
LONG_NAME = "a photo that somebody took on holiday, edited, and then exported twice (final version) (2).jpeg"


@pytest.fixture(scope="module")
def make_case(classifier: core.Classifier, sample_photo: OpenSample) -> MakeCase:
    def make(
        name: str, crop_mode: CropMode = "squash", title: str = "Koala.jpg", credit: str = "BurningWell"
    ) -> core.Case:
        photo = sample_photo(name)
        frame = core.frame_photo(photo, classifier, crop_mode)
        return core.Case(display_photo(photo), title, credit, classifier, frame)

    return make


@pytest.fixture(scope="module")
def koala(make_case: MakeCase) -> core.Case:
    return make_case("koala")


@pytest.fixture(scope="module")
def fills(koala: core.Case) -> dict[Fill, ComparedFill]:
    return core.compare_fills(koala.classifier, koala.frame, [REGION], n_controls=19)


@pytest.fixture(scope="module")
def experiment(koala: core.Case) -> core.Experiment:
    return core.run_experiment(koala.classifier, koala.frame, [REGION], "grey", n_controls=19)


def _saliency(case: core.Case, sigmas: list[float], label: str | None = None, **style: Any) -> str:
    prediction = core.classify(case.classifier, case.frame)
    target = prediction.top(1)[0].index if label is None else list(case.classifier.categories).index(label)
    attribution = core.attribute(case.classifier, case.frame, target)
    return core.saliency_report(case, prediction, attribution, sigmas, DAY, MapStyle(**style))


class _Reader(HTMLParser):
    """The tags of a document with their attributes, its text apart from the style sheet, and its scripts."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.scripts: list[str] = []
        self.feed(document)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":
            self.scripts[-1] += data
        elif not self.tags or self.tags[-1][0] != "style" or self.lasttag != "style":
            self.text += data

    def find(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def _check_loads_nothing(document: str) -> None:
    for tag, attributes in _Reader(document).tags:
        assert tag not in ("iframe", "object", "embed", "form", "base")
        assert tag != "script" or attributes in ({}, {"id": "map", "type": "application/json"})
        assert not [name for name in attributes if name.startswith("on")]
        assert "srcset" not in attributes
        assert attributes.get("src", "data:").startswith("data:")
        if tag != "a":  # a link asks for nothing until somebody clicks on it
            assert attributes.get("href", "data:").startswith("data:")
    assert "url(" not in document
    assert "@import" not in document
    _check_scripts(document)


def _check_scripts(document: str) -> None:
    """A report runs its own script, by its digest, and no other; pieces of pages have neither script nor policy."""
    read = _Reader(document)
    policies = [tag["content"] for tag in read.find("meta") if tag.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == document.count("<!doctype html>")
    assert len(read.scripts) in (0, 2)
    if read.scripts:
        data, script = read.scripts
        assert "<" not in data
        json.loads(data)
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"; script-src 'sha256-{digest}';" in policies[0]
        assert not re.search(r"fetch|XMLHttp|import|WebSocket|innerHTML|eval|https?:", script)
    for policy in policies:
        assert policy.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline'; ")
        assert policy.count("script-src") == (1 if read.scripts else 0)
        assert policy.count("unsafe") == 1


def test_a_saliency_report_says_what_it_shows(koala: core.Case) -> None:
    document = _saliency(koala, [0, 2, 5])
    read = _Reader(document)
    prediction = core.classify(koala.classifier, koala.frame)
    best, second = prediction.top(2)
    assert tell_sureness(best, second) in read.text
    for guess in prediction.top(5):
        assert guess.label in read.text
        assert percent(guess.probability) in read.text
    pictures = read.find("img")
    assert len(pictures) == 1 + 3
    assert document.count('class="colour-bar"') == 3 + 2  # the slider's two
    for sigma in (0, 2, 5):
        named = f"“koala” ({percent(best.probability)}, the best guess) · EfficientNet-Lite0"
        assert f"{named} · gradient, strongest channel · sigma {sigma}" in read.text
    for part in (
        koala.frame.photo_digest,
        koala.classifier.weights.sha256,
        koala.classifier.weights.origin,
        "600 x 800 pixels",
        "BurningWell",
        "squash",
        "arXiv:1312.6034",
        "torch",
        "2025-05-18",
        "a colour scale of its own",
        find_method("gradient").sentence,
        f"{find_method('gradient').unit}; its top leaves",
    ):
        assert part in read.text, part
    _check_loads_nothing(document)
    assert "share one colour scale" in _Reader(_saliency(koala, [0, 5], one_scale=True)).text


def _words(figure: Figure) -> str:
    return " ".join(text.get_text() for text in figure.texts)


def test_a_class_that_the_model_does_not_say_is_called_so(koala: core.Case) -> None:
    text = _Reader(_saliency(koala, [5], "espresso", one_scale=False, colour_map="viridis")).text
    prediction = core.classify(koala.classifier, koala.frame)
    target = list(koala.classifier.categories).index("espresso")
    place = f"under 0.1%, place {prediction.rank(target)} of 1,000"
    maps = [core.smooth(core.attribute(koala.classifier, koala.frame, target))]
    for told in (text, _words(saliency_figure(koala, prediction, maps))):
        assert "Pixels that the score of “espresso” reacts to" in told
        assert f"“espresso” ({place}) · EfficientNet-Lite0 · gradient, strongest channel" in told
        assert f"The model does not say “espresso”: it gives it {place}. It says “koala”" in told
        assert "it is no sign that the model sees “espresso” here" in told
        assert "Map alone" in told
        assert "looks" not in told
    for picture in saliency_pictures(koala, maps, prediction=prediction)[1:]:
        assert f"“espresso” ({place})" in picture.caption
        assert f"“espresso” ({place})" in picture.alt


def test_an_experiment_on_a_class_that_the_model_does_not_say_tells_so(koala: core.Case) -> None:
    target = list(koala.classifier.categories).index("wombat")
    experiment = core.run_experiment(koala.classifier, koala.frame, REGION, target=target, n_controls=0)
    best = experiment.views.original.prediction.top(1)[0]
    limit = f"“wombat” is not the model’s answer: of the photo as it is, it says “koala” ({percent(best.probability)})."
    report = _Reader(core.masking_report(koala, experiment, 5, DAY)).text
    for told in (report, _words(masking_figure(koala, experiment, 5))):
        assert "“wombat”, with a part hidden and from that part alone" in told
        assert limit in told
        assert f"“wombat” ({percent(experiment.evidence.original)}, place " in told


def test_a_masking_report_says_what_was_found(
    koala: core.Case, experiment: core.Experiment, fills: dict[Fill, ComparedFill]
) -> None:
    document = core.masking_report(koala, experiment, 5, DAY, fills)
    read = _Reader(document)
    verdict, evidence = experiment.verdict, experiment.evidence
    for part in (
        verdict.sentence,
        *verdict.limits,
        tell_hiding_by_chance(evidence),
        tell_keeping_by_chance(evidence),
        f"hiding p = {verdict.hide_p_value:.2g}, keeping p = {verdict.keep_p_value:.2g}, both together p = "
        f"{verdict.joint_p_value:.2g}",
        f"{percent(experiment.relevance_mass)} of the saliency for “koala” on",
        "top 40, left 60, height 80, width 80",
        "declared as something else",
        "hidden pixels become grey",
        "19 random places of the same shapes; seed 0",
        "arXiv:1910.01279",
        tell_fills({fill: other.claim for fill, other in fills.items()}),
        *(begin(other.claim.value) for other in fills.values()),
        EFFECTS,
        *(f"{begin(claim.value)}: {when}." for claim, when in RULE),
        *LIMITS,
    ):
        assert part in read.text, part
    assert len(read.find("img")) == 2 * 3
    assert document.count('class="colour-bar"') == 3
    assert len([one for one in read.find("i") if one.get("class") == "dot"]) == 2 * 19
    assert len(read.find("tr")) == 1 + 4
    assert len([one for one in read.find("div") if one.get("role") == "listitem"]) == 3 * 5 + sum(
        experiment.target not in [guess.index for guess in view.prediction.top(5)]
        for view in (experiment.views.original, experiment.views.hidden, experiment.views.kept)
    )
    _check_loads_nothing(document)
    assert "Does it depend on how" not in core.masking_report(koala, experiment, 5, DAY)
    assert "Object or background" not in read.text


def test_of_a_declared_object_a_report_tells_the_four_cells(koala: core.Case) -> None:
    experiment = core.run_experiment(koala.classifier, koala.frame, REGION, n_controls=19, declared="object")
    read = _Reader(core.masking_report(koala, experiment, 5, DAY))
    views = experiment.views
    for title, prediction in (
        ("Object and background, as it is", views.original.prediction),
        ("Background alone (object hidden)", views.hidden.prediction),
        ("Object alone", views.kept.prediction),
        ("Neither (a blank frame)", views.blank),
    ):
        assert f"{title} {percent(prediction.probabilities[experiment.target])}" in read.text
    assert "declared as the object" in read.text


def test_a_report_is_the_same_on_the_same_day(koala: core.Case) -> None:
    assert _saliency(koala, [5]) == _saliency(koala, [5, 5.0])


def test_text_from_outside_stays_text(
    koala: core.Case, experiment: core.Experiment, fills: dict[Fill, ComparedFill]
) -> None:
    named = tuple(f"<b onclick=x>{name}" for name in koala.classifier.categories)
    evil = replace(
        koala,
        title=EVIL,
        credit="<img src=http://example.org/a.png>",
        frame=replace(koala.frame, photo_digest="<em>"),
        classifier=replace(koala.classifier, categories=named, title="<u>", weights=Weights("<s>", "<q>")),
    )
    for document in (_saliency(evil, [5]), core.masking_report(evil, experiment, 5, DAY, fills)):
        _check_loads_nothing(document)
        read = _Reader(document)
        assert not [tag for tag, _ in read.tags if tag in ("u", "s", "q", "em")]
        assert "“<b onclick=x>koala”" in read.text
        assert "<em>" in read.text
        assert "<script>alert(1)</script>\"' onerror=x gnp.png" in read.text
        assert "<img src=http://example.org/a.png>" in read.text
        assert "\u202e" not in document


def test_a_method_of_ones_own_is_named_by_its_row(koala: core.Case, toy: Method) -> None:
    attribution = core.attribute(koala.classifier, koala.frame, method=toy.key)
    prediction = core.classify(koala.classifier, koala.frame)
    document = core.saliency_report(koala, prediction, attribution, [5], DAY)
    text = _Reader(document).text
    assert "· toy <method> $a$, strongest channel · sigma 5" in text
    for words in (toy.sentence, f"{toy.unit}; its top leaves", toy.reference):
        assert words in text
    assert {"href": toy.url} in _Reader(document).find("a")
    assert "gradient" not in text
    assert "in which direction" not in text  # its sign has a meaning
    slide = _words(saliency_figure(koala, prediction, [core.smooth(attribution)]))
    assert "toy <method> $a$, strongest channel" in slide

    original = make_view(koala.frame, core.explain(koala.classifier, koala.frame, method=toy.key))
    stages = core.experiment_stages(koala.classifier, koala.frame, [REGION], n_controls=0, original=original)
    experiment = next(stage for stage in stages if isinstance(stage, core.Experiment))
    text = _Reader(core.masking_report(koala, experiment, 5, DAY)).text
    assert text.count("· toy <method> $a$, sum of the channels · sigma 5") == 3
    assert "gradient" not in text
    slide = _words(masking_figure(koala, experiment, 5))
    assert "toy <method> $a$, sum of the channels, sigma 5" in slide
    assert toy.unit in slide


@pytest.fixture
def toy() -> Iterator[Method]:
    method = Method(
        key="toy",
        title="toy <method> $a$",
        sentence="Bright where a toy says so.",
        unit="toys per pixel",
        reference="Somebody 2025, arXiv:0000.00000",
        url="https://example.org/toy",
        signed=True,
        passes=1,
        needs="nothing",
        explain=lambda *asked: (replace(each, method="toy") for each in explain_by_gradient(*asked)),
    )
    core.register(method)
    yield method
    unregister(method.key)


ALLOWED = {"style", "div", "span", "i", "b", "small", "figure", "figcaption", "img"}


def test_text_from_outside_stays_text_on_pages(koala: core.Case) -> None:
    named = tuple(f"{EVIL} {name}" for name in koala.classifier.categories)
    evil = replace(koala, title=EVIL, classifier=replace(koala.classifier, categories=named, title="<u>*a*"))
    prediction = core.classify(evil.classifier, evil.frame)
    maps = [core.smooth(core.attribute(evil.classifier, evil.frame))]
    pictures = saliency_pictures(evil, maps, prediction=prediction)
    for piece in (
        render_pictures([*pictures, replace(pictures[0], title=EVIL)], 2, "40vh"),
        render_bars(prediction, 7),
        render_strips(Evidence(0.9, 0.5, 0.1, [0.2, 0.8], [0.1, 0.3]), EVIL),
    ):
        _check_loads_nothing(piece)
        read = _Reader(piece)
        assert {tag for tag, _ in read.tags} <= {
            "style",
            "div",
            "span",
            "i",
            "b",
            "small",
            "figure",
            "figcaption",
            "img",
        }
        assert "<script>alert(1)</script>\"' onerror=x" in read.text
    alternatives = [image["alt"] for image in _Reader(render_pictures(pictures, 2, "40vh")).find("img")]
    assert alternatives == [picture.alt for picture in pictures]
    assert "<u>*a*" in alternatives[1]


def test_a_target_beyond_the_best_five_is_a_sixth_row(koala: core.Case) -> None:
    prediction = core.classify(koala.classifier, koala.frame)
    (best, *_), (*_, last) = prediction.top(5), prediction.top(8)
    assert [rank for rank, _ in ranked(prediction, best.index)] == [1, 2, 3, 4, 5]
    assert ranked(prediction, last.index) == (*ranked(prediction, best.index), (8, last))
    marked = [one for one in _Reader(render_bars(prediction, last.index)).find("div") if "marked" in one["class"]]
    assert len(marked) == 1


def test_the_readme_states_the_rule() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    for claim, when in RULE:
        assert f"| {claim.value} | {when} |" in readme
    assert EFFECTS in " ".join(readme.split())


def test_long_and_invisible_text_is_cut() -> None:
    assert cut("a\n\tb\u202e c\x00\ud800d") == "a b c d"
    assert cut("x" * 41) == "x" * 39 + "…"
    assert cut("x" * 40) == "x" * 40


def test_half_of_a_map() -> None:
    assert half_share(np.ones((4, 4), np.float32)) == 0.5
    assert half_share(np.zeros((4, 4), np.float32)) == 0.5
    assert half_share(np.eye(4, dtype=np.float32)[:, :1]) == 0.25
    assert half_share(np.array([[3, 2, 2, 1]], np.float32)) == 0.5


@pytest.mark.parametrize("sigmas", [[], list(range(MOST_SIGMAS + 1)), [-1], [float("nan")]])
def test_impossible_sigmas_are_refused(koala: core.Case, sigmas: list[float]) -> None:
    with pytest.raises(core.RequestError):
        _saliency(koala, sigmas)


def _open(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def _check_pictures(files: dict[str, bytes], size: tuple[int, int]) -> None:
    for name, content in files.items():
        assert re.fullmatch(r"[a-z0-9-]+(\.5)?\.(png|npy|json)", name), name
        if name.endswith(".png"):
            with Image.open(io.BytesIO(content)) as picture:
                assert (picture.format, picture.size) == ("PNG", size)


def test_saved_maps_can_be_made_again(koala: core.Case) -> None:
    prediction = core.classify(koala.classifier, koala.frame)
    attribution = core.attribute(koala.classifier, koala.frame, prediction.top(2)[1].index, reduction="l2")
    archive = saliency_archive(koala, prediction, attribution, [2.5, 10], DAY)
    assert archive == saliency_archive(koala, prediction, attribution, [10, 2.5], DAY)
    files = _open(archive)
    stem = f"saliency-koala-{prediction.top(2)[1].label.lower().replace(' ', '-')}"
    arrays = [f"{stem}-sigma-{sigma}.npy" for sigma in ("0", "2.5", "10")]
    pictures = [f"{stem}-{what}.png" for what in ("photo", "sigma-2-5", "sigma-10")]
    assert sorted(files) == sorted([RECORD, *arrays, *pictures])
    _check_pictures(files, (600, 800))

    record = json.loads(files[RECORD])
    assert record["photo_sha256"] == koala.frame.photo_digest
    assert record["crop_mode"] == "squash"
    np.testing.assert_array_equal(np.array(record["probabilities"], np.float32), prediction.probabilities)
    again = core.replay_saliency(record, koala.classifier, koala.frame)
    assert [each["file"] for each in record["maps"]] == arrays
    for each, made in zip(record["maps"], again, strict=True):
        saved = np.load(io.BytesIO(files[each["file"]]))
        assert (saved.dtype, saved.shape) == (np.float32, (224, 224))
        assert (made.sigma, made.target) == (each["sigma"], attribution.target)
        np.testing.assert_allclose(made.values, saved, rtol=1e-4, atol=1e-7)
    np.testing.assert_array_equal(np.load(io.BytesIO(files[arrays[0]])), attribution.values)


def test_a_saved_experiment_can_be_done_again(koala: core.Case) -> None:
    experiment = core.run_experiment(koala.classifier, koala.frame, [REGION], "noise", n_controls=19)
    files = _open(masking_archive(koala, experiment, 5, DAY))
    views = {part: f"masking-koala-koala-noise-{part}" for part in ("original", "hidden", "kept")}
    endings = (".png", "-map.png", "-map-sigma-0.npy")
    assert sorted(files) == sorted([RECORD, *(stem + ending for stem in views.values() for ending in endings)])
    _check_pictures(files, (600, 800))
    for part, stem in views.items():
        view: View = getattr(experiment.views, part)
        saved = np.load(io.BytesIO(files[f"{stem}-map-sigma-0.npy"]))
        np.testing.assert_array_equal(saved, view.attribution.values)
    again = core.replay_experiment(json.loads(files[RECORD]), koala.classifier, koala.frame)
    np.testing.assert_allclose(again.controls.hidden, experiment.controls.hidden, rtol=1e-4, atol=1e-7)
    assert again.verdict.claim is experiment.verdict.claim
    assert again.relevance_mass == pytest.approx(experiment.relevance_mass, rel=1e-4)


@pytest.mark.parametrize(
    "damage",
    [
        {"model": {"weights_sha256": "0" * 64, "title": "Another"}},
        {"model": {}},
        {"target": {}},
        {"target": {"index": 1000}},
        {"target": {"index": "koala"}},
        {"target": {"index": 1.0}},
        {"target": None},
        {"reduction": "median"},
        {"reduction": ["max"]},
        {"maps": None},
        {"maps": [{"file": "map.npy"}]},
        {"maps": [{"sigma": "5"}]},
        {"maps": [{"sigma": -1}]},
    ],
)
def test_a_bad_record_is_refused(koala: core.Case, damage: dict[str, Any]) -> None:
    prediction = core.classify(koala.classifier, koala.frame)
    attribution = core.attribute(koala.classifier, koala.frame, 105)
    record = core.record_saliency(prediction, attribution, {5.0: "m.npy"}, koala.classifier, koala.frame)
    assert len(core.replay_saliency(record, koala.classifier, koala.frame)) == 1
    with pytest.raises(core.RequestError):
        core.replay_saliency(record | damage, koala.classifier, koala.frame)
    with pytest.raises(core.RequestError):
        core.replay_saliency({}, koala.classifier, koala.frame)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_chromium() as browser:
        yield browser


@pytest.fixture
def open_report(browser: Browser, tmp_path: Path) -> Iterator[Callable[[str], Page]]:
    """Opens a document from disk, without a network; it must ask for nothing and say nothing."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, offline=True)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith("data:") else said.append(request.url))

    def open_it(document: str) -> Page:
        (tmp_path / "report.html").write_text(document, encoding="utf-8")
        page.goto((tmp_path / "report.html").as_uri())
        return page

    yield open_it
    context.close()
    assert said == [(tmp_path / "report.html").as_uri()]


_DRAWN = """sigma => new Promise(done => {
  const [slider, live] = [document.querySelector("#sigma"), document.querySelector(".live")];
  slider.value = sigma;
  slider.dispatchEvent(new Event("input", {bubbles: true}));
  const wait = () => {
    if (live.drawn.sigma !== sigma) return requestAnimationFrame(wait);
    const canvas = live.querySelectorAll("canvas")[1];
    done({...live.drawn, values: [...live.drawn.values], ends: live.querySelector(".colour-bar > span").innerText,
      bar: live.querySelector(".colour-bar").getAttribute("aria-label"),
      picture: canvas.toDataURL(), told: document.querySelector("#told").textContent});
  };
  wait();
})"""


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
@pytest.mark.parametrize("kind", ["magnitudes", "signed", "contrast"])
def test_a_saved_reports_slider_draws_what_scipy_smooths(
    koala: core.Case, open_report: Callable[[str], Page], browser: Browser, kind: str
) -> None:
    prediction = core.classify(koala.classifier, koala.frame)
    attribution = core.attribute(koala.classifier, koala.frame, reduction="signed" if kind == "signed" else "max")
    if kind == "contrast":
        attribution = core.contrast(attribution, core.attribute(koala.classifier, koala.frame, 106))
    document = core.saliency_report(koala, prediction, attribution, [0, 2, 5, 10], DAY)
    page = open_report(document)
    slider = page.get_by_role("slider", name="Smoothing: sigma")
    expect(slider).to_have_value("5")
    for sigma in (0, 0.5, 3, 7.5, 20):
        drawn = page.evaluate(_DRAWN, sigma)
        smoothed = core.smooth(attribution, sigma)
        scale, told = shared_scale([smoothed]), Scale(drawn["low"], drawn["high"])
        values = normalise_values(np.array(drawn["values"], np.float32).reshape(224, 224), told)
        assert np.abs(values - normalise_values(smoothed.values, scale)).max() <= 1 / 255, sigma
        assert drawn["ends"].split() == " ".join(tell_marks(told)).split()
        assert drawn["bar"] == describe_scale(told, name_sides(koala, attribution))
        assert drawn["told"] == describe_map(koala, smoothed, prediction)
        with Image.open(io.BytesIO(base64.b64decode(drawn["picture"].partition(",")[2]))) as picture:
            pixels = np.asarray(picture.convert("RGB"))
        expected = core.draw_map(koala.photo, koala.frame, smoothed, scale)
        assert np.abs(pixels.astype(int) - expected).max() <= 6, sigma  # a step of the colour map's 256
    slider.press("ArrowLeft")
    expect(slider).to_have_value("19.5")
    expect(page.locator("#told")).to_contain_text("sigma 19.5")
    expect(page.get_by_role("img", name=re.compile("sigma 19.5, laid over the photo"))).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    page.emulate_media(media="print")
    expect(slider).to_be_hidden()
    without = browser.new_context(java_script_enabled=False).new_page()
    without.set_content(document)
    expect(without.get_by_role("slider")).to_have_count(0)
    expect(without.locator("figure:visible")).to_have_count(5)
    without.context.close()


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_a_saved_reports_switch_shows_what_it_says(
    koala: core.Case, experiment: core.Experiment, open_report: Callable[[str], Page]
) -> None:
    document = core.masking_report(koala, experiment, 5, DAY)
    assert _Reader(document).scripts == []
    page = open_report(document)
    shown = page.locator("figure:visible")
    expect(shown).to_have_count(6)
    page.get_by_role("radio", name="All three").focus()
    for part, title in PART_TITLES["other"].items():
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("radio", name=title)).to_be_checked()
        expect(shown).to_have_count(2)
        expect(shown.nth(0).locator("b")).to_have_text(title)
        expect(shown.nth(1).locator("b")).to_have_text(f"{title}: map")
        prediction = getattr(experiment.views, part).prediction
        answer = page.locator(".answer:visible")
        expect(answer).to_have_count(1)
        expect(answer.locator("b").first).to_have_text(percent(prediction.guess(experiment.target).probability))
        expect(answer.locator(".name").first).to_have_text(prediction.top(1)[0].label)
        left, right = (shown.nth(index).locator("img").bounding_box() for index in (0, 1))
        assert left is not None
        assert right is not None
        assert left["y"] == pytest.approx(right["y"], abs=1)
        assert left["width"] > 250
    assert Axe().run(page).response["violations"] == []
    page.emulate_media(media="print")
    expect(shown).to_have_count(6)
    expect(page.get_by_role("radio")).to_have_count(0)


def _write_reports(make_case: MakeCase) -> dict[str, str]:
    """Every kind of report in its longest form, with portrait, landscape and extreme photos."""
    documents = {}
    for name, crop_mode in (("koala", "center"), ("bison-herd", "squash")):
        case = make_case(
            name, crop_mode, LONG_NAME, "Somebody with a long name, CC BY 4.0; " + "cropped and resized, " * 6
        )
        terrier = "American Staffordshire terrier"
        documents[f"{name}-5"] = _saliency(case, [0, 2, 5, 10, 20], terrier)
        documents[f"{name}-9"] = _saliency(case, [0, 1, 2, 3, 5, 8, 10, 15, 20], terrier, one_scale=False)
        documents[f"{name}-1"] = _saliency(case, [5])
        # All names as long as the longest: what photos of dogs come near to.
        named = tuple(f"{terrier[:26]} {index:03}" for index in range(1000))
        long = replace(case, classifier=replace(case.classifier, categories=named))
        regions = [core.Region(20 * index, 10 * index, 30, 60) for index in range(6)]
        documents[f"{name}-long"] = _saliency(long, [0, 1, 2, 3, 5, 8, 10, 15, 20], named[7])
        experiment = core.run_experiment(long.classifier, long.frame, regions, n_controls=19)
        other = core.run_experiment(long.classifier, long.frame, regions[:1], n_controls=0)
        compared = as_compared(experiment), as_compared(other)
        every: dict[Fill, ComparedFill] = dict(zip(core.FILLS, compared * 2, strict=True))
        documents[f"{name}-masking"] = core.masking_report(long, experiment, 5, DAY, every)
    return documents


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_reports_open_from_disk_and_print_on_two_pages(make_case: MakeCase, browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 1100, "height": 900}, offline=True)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("requestfailed", lambda request: said.append(f"failed: {request.url[:80]}"))
    page.on("request", lambda request: said.append(request.url[:80]) if "file" not in request.url[:4] else None)
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for name, document in _write_reports(make_case).items():
        path = tmp_path / f"{name}.html"
        path.write_text(document, encoding="utf-8")
        page.goto(path.as_uri())
        widths = page.evaluate("[...document.images].map(image => image.naturalWidth)")
        assert len(widths) >= 3, name
        assert min(widths) > 0, name
        for font in ("Liberation Sans", "DejaVu Sans"):  # a usual font, and one of the widest
            page.add_style_tag(content=f'body, text {{font-family: "{font}", sans-serif !important}}')
            printed = page.pdf(format="A4")
            assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 2, (name, font)
        for width in (390, 1100):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(wider) <= 0, (name, width)
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 688, "height": 900})  # what the margins leave of A4
        assert page.evaluate(wider) <= 0, (name, "print")
        page.emulate_media(media="null")
        assert [line for line in said if not line.startswith("data:image/jpeg")] == [], name
    context.close()
