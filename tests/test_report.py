"""Reports and archives: what they hold, that they load nothing, and that they print on two pages."""

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
from PIL import Image
from playwright.sync_api import Browser

import saliency_core as core
from saliency_core.archive import RECORD
from saliency_core.case import MOST_SIGMAS, cut
from saliency_core.report import half_share
from saliency_core.weights import Weights
from scripts.browsing import CHROMIUM, open_chromium

OpenSample = Callable[[str], core.Photo]
MakeCase = Callable[..., core.Case]

DAY = date(2025, 5, 18)
REGION = core.Region(40, 60, 80, 80)
EVIL = "<script>alert(1)</script>\"' onerror=x\u202egnp.png"
LONG_NAME = "a photo that somebody took on holiday, edited, and then exported twice (final version) (2).jpeg"


@pytest.fixture(scope="module")
def make_case(classifier: core.Classifier, sample_photo: OpenSample) -> MakeCase:
    def make(name: str, fit: core.Fit = "squash", title: str = "Koala.jpg", credit: str = "BurningWell") -> core.Case:
        photo = sample_photo(name)
        frame = core.frame_photo(photo, classifier, fit)
        return core.Case(core.display_photo(photo), title, credit, photo.digest, classifier, frame, fit)

    return make


@pytest.fixture(scope="module")
def koala(make_case: MakeCase) -> core.Case:
    return make_case("koala")


@pytest.fixture(scope="module")
def fills(koala: core.Case) -> dict[core.Fill, core.Experiment]:
    return core.compare_fills(koala.classifier, koala.frame, [REGION], controls=19)


def _saliency(case: core.Case, sigmas: list[float], label: str | None = None, **style: Any) -> str:
    prediction = core.classify(case.classifier, case.frame)
    target = prediction.top(1)[0].index if label is None else list(case.classifier.categories).index(label)
    attribution = core.attribute(case.classifier, case.frame, target)
    return core.saliency_report(case, prediction, attribution, sigmas, DAY, core.MapStyle(**style))


class _Reader(HTMLParser):
    """The tags of a document with their attributes, and its text apart from the style sheet."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(document)
        self.text = " ".join(re.sub(r"@page.*\n}", "", self.text, flags=re.DOTALL).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def find(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def _check_loads_nothing(document: str) -> None:
    for tag, attributes in _Reader(document).tags:
        assert tag not in ("script", "iframe", "object", "embed", "form", "base")
        assert not [name for name in attributes if name.startswith("on")]
        assert "srcset" not in attributes
        assert attributes.get("src", "data:").startswith("data:")
        if tag != "a":  # a link asks for nothing until somebody clicks on it
            assert attributes.get("href", "data:").startswith("data:")
    assert "url(" not in document
    assert "@import" not in document


def test_a_saliency_report_says_what_it_shows(koala: core.Case) -> None:
    document = _saliency(koala, [0, 2, 5])
    read = _Reader(document)
    prediction = core.classify(koala.classifier, koala.frame)
    best, second = prediction.top(2)
    assert core.tell_sureness(best, second) in read.text
    for guess in prediction.top(5):
        assert guess.label in read.text
        assert core.percent(guess.probability) in read.text
    pictures = read.find("img")
    assert len(pictures) == 1 + 3
    assert document.count('class="colour-bar"') == 3
    for sigma in (0, 2, 5):
        assert f"“koala” · EfficientNet-Lite0 · gradient, strongest channel · sigma {sigma}" in read.text
    for part in (
        koala.digest,
        koala.classifier.weights.sha256,
        koala.classifier.weights.origin,
        "600 x 800 pixels",
        "BurningWell",
        "squash",
        "arXiv:1312.6034",
        "torch",
        "2025-05-18",
        "share one colour scale",
    ):
        assert part in read.text, part
    _check_loads_nothing(document)


def test_a_class_that_the_model_does_not_see_is_called_so(koala: core.Case) -> None:
    text = _Reader(_saliency(koala, [5], "espresso", one_scale=False, colour_map="viridis")).text
    assert "The model does not say “espresso”" in text
    assert "It says “koala”" in text
    assert "The map alone" in text


def test_a_masking_report_says_what_was_found(koala: core.Case, fills: dict[core.Fill, core.Experiment]) -> None:
    experiment = fills["grey"]
    document = core.masking_report(koala, experiment, 5, DAY, fills)
    read = _Reader(document)
    evidence = core.evidence(experiment.views, experiment.controls)
    for part in (
        core.tell_verdict(experiment.verdict, evidence, "koala"),
        experiment.verdict.reason,
        core.tell_rarity(evidence),
        f"{core.percent(experiment.saliency_share)} of the saliency for “koala” on",
        "top 40, left 60, height 80, width 80",
        "hidden pixels become grey",
        "19 random regions of the same shapes; seed 0",
        "arXiv:1910.01279",
        *(other.verdict.finding.value.capitalize() for other in fills.values()),
    ):
        assert part in read.text, part
    assert len(read.find("img")) == 2 * 3
    assert document.count('class="colour-bar"') == 3
    dots = [one for one in read.find("circle") if one["r"] == "4.2"]
    assert len(dots) == 19 + 1  # and the one in the key
    assert len(read.find("tr")) == 1 + 4 + 3 * 5 + sum(
        experiment.target not in [guess.index for guess in view.prediction.top(5)]
        for view in (experiment.views.original, experiment.views.hidden, experiment.views.kept)
    )
    _check_loads_nothing(document)
    assert "Does it depend on how" not in core.masking_report(koala, experiment, 5, DAY)


def test_a_report_is_the_same_on_the_same_day(koala: core.Case) -> None:
    assert _saliency(koala, [5]) == _saliency(koala, [5, 5.0])


def test_text_from_outside_stays_text(koala: core.Case, fills: dict[core.Fill, core.Experiment]) -> None:
    named = tuple(f"<b onclick=x>{name}" for name in koala.classifier.categories)
    evil = replace(
        koala,
        title=EVIL,
        credit="<img src=http://example.org/a.png>",
        digest="<i>",
        classifier=replace(koala.classifier, categories=named, title="<u>", weights=Weights("<s>", "<q>")),
    )
    for document in (_saliency(evil, [5]), core.masking_report(evil, fills["black"], 5, DAY, fills)):
        _check_loads_nothing(document)
        read = _Reader(document)
        assert not [tag for tag, _ in read.tags if tag in ("u", "s", "q")]
        assert "<script>alert(1)</script>\"' onerror=x gnp.png" in read.text
        assert "<img src=http://example.org/a.png>" in read.text
        assert "\u202e" not in document


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
    attribution = core.attribute(koala.classifier, koala.frame, prediction.top(2)[1].index, "l2")
    archive = core.saliency_archive(koala, prediction, attribution, [2.5, 10], DAY)
    assert archive == core.saliency_archive(koala, prediction, attribution, [10, 2.5], DAY)
    files = _open(archive)
    stem = f"saliency-koala-{prediction.top(2)[1].label.lower().replace(' ', '-')}"
    arrays = [f"{stem}-sigma-{sigma}.npy" for sigma in ("0", "2.5", "10")]
    pictures = [f"{stem}-{what}.png" for what in ("photo", "sigma-2-5", "sigma-10")]
    assert sorted(files) == sorted([RECORD, *arrays, *pictures])
    _check_pictures(files, (600, 800))

    record = json.loads(files[RECORD])
    assert record["photo_sha256"] == koala.digest
    assert record["fit"] == "squash"
    np.testing.assert_array_equal(np.array(record["probabilities"], np.float32), prediction.probabilities)
    again = core.replay_saliency(record, koala.classifier, koala.frame)
    assert [each["file"] for each in record["maps"]] == arrays
    for each, made in zip(record["maps"], again, strict=True):
        saved = np.load(io.BytesIO(files[each["file"]]))
        assert (saved.dtype, saved.shape) == (np.float32, (224, 224))
        assert (made.sigma, made.target) == (each["sigma"], attribution.target)
        np.testing.assert_allclose(made.values, saved, rtol=1e-4, atol=1e-7)
    np.testing.assert_array_equal(np.load(io.BytesIO(files[arrays[0]])), attribution.values)


def test_a_saved_experiment_can_be_done_again(koala: core.Case, fills: dict[core.Fill, core.Experiment]) -> None:
    experiment = fills["noise"]
    files = _open(core.masking_archive(koala, experiment, 5, DAY))
    views = {part: f"masking-koala-koala-noise-{part}" for part in ("original", "hidden", "kept")}
    endings = (".png", "-map.png", "-map-sigma-0.npy")
    assert sorted(files) == sorted([RECORD, *(stem + ending for stem in views.values() for ending in endings)])
    _check_pictures(files, (600, 800))
    for part, stem in views.items():
        view: core.View = getattr(experiment.views, part)
        saved = np.load(io.BytesIO(files[f"{stem}-map-sigma-0.npy"]))
        np.testing.assert_array_equal(saved, view.attribution.values)
    again = core.replay_experiment(json.loads(files[RECORD]), koala.classifier, koala.frame)
    np.testing.assert_allclose(again.controls, experiment.controls, rtol=1e-4, atol=1e-7)
    assert again.verdict.finding is experiment.verdict.finding
    assert again.saliency_share == pytest.approx(experiment.saliency_share, rel=1e-4)


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
    record = core.record_saliency(prediction, attribution, {5.0: "m.npy"}, koala.classifier, koala.digest, koala.fit)
    assert len(core.replay_saliency(record, koala.classifier, koala.frame)) == 1
    with pytest.raises(core.RequestError):
        core.replay_saliency(record | damage, koala.classifier, koala.frame)
    with pytest.raises(core.RequestError):
        core.replay_saliency({}, koala.classifier, koala.frame)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_chromium() as browser:
        yield browser


def _write_reports(make_case: MakeCase) -> dict[str, str]:
    """Every kind of report in its longest form, with portrait, landscape and extreme photos."""
    documents = {}
    for name, fit in (("koala", "crop"), ("bison-herd", "squash")):
        case = make_case(name, fit, LONG_NAME, "Somebody with a long name, CC BY 4.0; " + "cropped and resized, " * 6)
        terrier = "American Staffordshire terrier"
        documents[f"{name}-5"] = _saliency(case, [0, 2, 5, 10, 20], terrier)
        documents[f"{name}-9"] = _saliency(case, [0, 1, 2, 3, 5, 8, 10, 15, 20], terrier, one_scale=False)
        documents[f"{name}-1"] = _saliency(case, [5])
        # All names as long as the longest: what photos of dogs come near to.
        named = tuple(f"{terrier[:26]} {index:03}" for index in range(1000))
        long = replace(case, classifier=replace(case.classifier, categories=named))
        regions = [core.Region(20 * index, 10 * index, 30, 60) for index in range(6)]
        experiment = core.run_experiment(long.classifier, long.frame, regions, controls=19)
        other = core.run_experiment(long.classifier, long.frame, regions[:1], controls=0)
        every: dict[core.Fill, core.Experiment] = dict(zip(core.FILLS, (experiment, other) * 2, strict=True))
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
