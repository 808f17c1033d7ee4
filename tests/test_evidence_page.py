"""The page Evidence, the report that it gives, the published table, and what stands beside every map."""

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

import saliency_core as core
from pages.ui import compute, shared
from pages.ui.background import Background
from saliency_core.engine.engine import Engine
from saliency_core.errors import RequestError
from saliency_core.evidence.classes import ClassEvidence, class_stages
from saliency_core.evidence.controls import make_controls
from saliency_core.evidence.curves import Curves
from saliency_core.evidence.dossier import Dossier, lines_over_photos
from saliency_core.evidence.published import published
from saliency_core.evidence.removal import ControlCurves, RemovalEvidence, removal_stages
from saliency_core.methods.method import Explanation, Method, Options
from saliency_core.methods.registry import register, unregister
from saliency_core.presentation.charts import arrange_card, arrange_curves, arrange_sigmas, render_card, render_curves
from saliency_core.presentation.evidence_report import evidence_report
from tests.conftest import Linear, small_classifier
from tests.test_pages import open_dashboard, texts
from tests.test_small_model import add_model as add_model
from tests.test_small_model import only_small as only_small

pytestmark = pytest.mark.behind

PENDING = "This is being found out"
PARTS = ("part_class", "part_steady", "part_learned", "part_sigma")
SCORES = {"gradient": {"0": [0.1, 0.05, 0.15], "5.0": [0.2, 0.15, 0.25]}}
CPU = torch.device("cpu")
TABLE = {
    "model": "small",
    "weights_sha256": "0" * 64,
    "photos": 100,
    "source": "photos made here",
    "sigma": 5,
    "scores": SCORES,
    "controls": {"noise": {"5": [0.0, -0.02, 0.02]}},
    "tested_sigmas": {"gradient": 5},
    "outcomes": {"gradient": {"removal": {"passed": 80, "failed": 5, "inconclusive": 15}}},
}


def cards(app: AppTest) -> list[str]:
    """The methods' cards, as HTML."""
    return [each.proto.body for each in app.get("html") if "method-card" in each.proto.body.split("</style>")[-1]]


def count_asks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by one each time a model is asked."""
    asked: list[str] = []
    original = Engine.on_device

    def ask(self: Engine, make: Callable[[], object]) -> object:
        asked.append("once")
        return original(self, make)

    monkeypatch.setattr(Engine, "on_device", ask)
    return asked


@pytest.mark.usefixtures("only_small")
def test_each_part_is_found_out_when_it_is_wanted_and_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_dashboard("evidence", photo="koala", tested="gradient-grad_cam", sigma="3")
    said = texts(app)
    assert "On this photo" in said
    assert len(re.findall(r"maps? to compare with", said)) >= 2 or "removing pixels cannot tell" in said
    assert [card.count(">not tested<") for card in cards(app)] == [3, 3]
    for left, part in zip((2, 1, 0, 0), PARTS, strict=True):
        app.session_state[part] = True
        app.run()
        assert not app.exception
        assert [card.count(">not tested<") for card in cards(app)] == [left, left]
    said = texts(app)
    for found in ("under slight noise", "of 255", "untrained network", "eMPRT", "sigma"):
        assert found in said, found
    asked = count_asks(monkeypatch)
    app.select_slider(key="removed_step").set_value(7).run()
    app.toggle(key="least_first").set_value(True).run()
    app.session_state["part_class"] = False
    app.run()
    assert "with the 50% least relevant pixels removed" in "".join(each.proto.body for each in app.get("html"))
    assert asked == []
    app.session_state["removed_fill"] = "black"
    app.run()
    assert "with black put in place" in texts(app)
    assert asked


@pytest.mark.usefixtures("only_small")
def test_a_link_says_what_is_tested() -> None:
    link = {"photo": "koala", "tested": "grad_cam", "removed_fill": "noise", "every_fill": "1", "sigma": "2"}
    app = open_dashboard("evidence", **link)
    assert dict(app.query_params) == {"model": "small", "crop_mode": "center"} | link
    assert not app.warning
    assert len(cards(app)) == 1


@pytest.mark.usefixtures("only_small")
def test_no_method_chosen_is_told() -> None:
    assert "Choose at least one method" in texts(open_dashboard("evidence", tested="none"))


def refuse(
    classifier: core.Classifier, _frame: core.Frame, _target: int | None, _options: Options
) -> Iterator[Explanation]:
    raise RequestError(f"{classifier.title} has nothing for this method.")
    yield


@pytest.mark.usefixtures("only_small")
def test_a_method_that_the_model_cannot_do_is_left_out_and_says_why() -> None:
    register(
        Method("refused", "Refused", "Shows nothing.", "none", "nobody", "", False, 1, "nothing", refuse, options=())
    )
    try:
        app = open_dashboard("evidence", photo="koala", tested="grad_cam-refused")
        assert "Refused** is left out. Pets and more has nothing for this method" in texts(app)
        assert len(cards(app)) == 1
    finally:
        unregister("refused")


@pytest.mark.usefixtures("only_small")
def test_beside_a_map_it_is_told_what_an_untrained_network_would_give(monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_dashboard("saliency", photo="koala", sigma="1")
    deadline = time.monotonic() + 60
    while PENDING in texts(app) and time.monotonic() < deadline:
        time.sleep(0.2)
        app.run()
    first = next(each.value for each in app.markdown if "untrained network give" in each.value)
    assert re.search(r"untrained network(’s map| gives)", first)
    asked = count_asks(monkeypatch)
    app.session_state["sigma"] = 9.0
    app.run()
    assert asked == []
    assert next(each.value for each in app.markdown if "untrained network give" in each.value) != first


def test_work_behind_pages_is_done_newest_first_and_failures_are_told() -> None:
    behind, done, go = Background(most=2), list[int](), threading.Event()

    def work(number: int) -> Callable[[], Iterator[object]]:
        def steps() -> Iterator[object]:
            go.wait(20)
            if number == 4:
                raise RequestError("Four cannot be done.")
            done.append(number)
            yield None

        return steps

    behind.begin(0, work(0))
    while behind._running is None:
        time.sleep(0.01)
    for number in (1, 2, 3, 4):
        behind.begin(number, work(number))
    go.set()
    deadline = time.monotonic() + 20
    while len(done) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert done == [0, 3]
    assert behind.failure(4) == "Four cannot be done."
    assert behind.failure(3) is None
    behind.forget()
    assert behind.failure(4) is None


def test_the_published_table_is_read_for_its_own_model_alone(tmp_path: Path) -> None:
    file = tmp_path / "published.json"
    assert published("0" * 64, file) is None
    file.write_text(json.dumps(TABLE))
    assert published("1" * 64, file) is None
    table = published("0" * 64, file)
    assert table is not None
    assert table.photos == 100
    assert table.at("gradient", 5.0) == (0.2, 0.15, 0.25)
    assert table.at("gradient", 2.0) is None
    (line,) = lines_over_photos(table, "gradient").values()
    assert (line.outcome, line.number) == ("passed", "passed on 80 of 100, at sigma 5")
    assert lines_over_photos(table, "grad_cam") == {}


def curves(most: float, least: float) -> Curves:
    shares = np.linspace(0, 1, 3)
    return Curves(shares, np.array([0.8, most, 0.0]), np.array([0.8, least, 0.0]))


def evidence_of(controls: int = 2) -> RemovalEvidence:
    made = make_controls(_frame(), 0.0, (), noises=0)[:controls]
    beside = tuple(ControlCurves(each, {"grey": curves(0.2 + 0.2 * place, 0.6)}) for place, each in enumerate(made))
    return RemovalEvidence(("grey",), {"gradient": {"grey": curves(0.1, 0.7)}}, {"gradient": beside})


def _frame() -> core.Frame:
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    photo = core.Photo(pixels, "0" * 64)
    return core.frame_photo(photo, _classifier(), "squash")


def _classifier() -> core.Classifier:
    weights = torch.randn(3, 3, 16, 16, generator=torch.Generator().manual_seed(1)) / 10
    return small_classifier(Linear(weights), 16, 3)


def test_curves_are_drawn_where_they_are() -> None:
    (chart,) = arrange_curves(evidence_of(), "grey", {"gradient": "Gradient"}, "<b>koala</b>")
    assert chart.high == 0.8
    assert chart.most == "0.00,0.00 50.00,87.50 100.00,100.00"
    assert chart.least == "0.00,0.00 50.00,12.50 100.00,100.00"
    assert chart.most_band == "0.00,0.00 50.00,50.00 100.00,100.00 100.00,100.00 50.00,75.00 0.00,0.00"
    assert "Score 0.30. 2 maps to compare with: 0.10 to 0.20" in chart.told
    html = render_curves([chart], "<b>koala</b>")
    assert "<b>koala</b>" not in html
    assert html.count("--shape:url(data:image/svg+xml,") == 4
    (alone,) = arrange_curves(evidence_of(0), "grey", {"gradient": "Gradient"}, "koala")
    assert alone.most_band == ""
    assert render_curves([alone], "koala").count("--shape:url(") == 2
    assert arrange_curves(evidence_of(), "black", {"gradient": "Gradient"}, "koala") == ()


def test_scores_over_sigma_stand_beside_the_published_ones(tmp_path: Path) -> None:
    one = evidence_of()
    both = RemovalEvidence(
        ("grey",),
        {"0": one.maps["gradient"], "5": {"grey": curves(0.5, 0.5)}},
        {"0": one.controls["gradient"], "5": one.controls["gradient"]},
    )
    file = tmp_path / "published.json"
    file.write_text(json.dumps(TABLE))
    chart = arrange_sigmas(both, {"0": 0.0, "5": 5.0}, "gradient", published("0" * 64, file))
    assert [score for _, _, score in chart.dots] == ["0.30", "0.00"]
    assert chart.dots[1][1] == chart.zero
    assert [tick for _, tick in chart.ticks] == ["0", "5"]
    assert len(chart.mean) == 2
    assert "mean over 100 photos, sigma 0: 0.10; sigma 5: 0.20" in chart.told
    assert arrange_sigmas(both, {"0": 0.0, "5": 5.0}, "gradient").mean == ()


def test_a_card_says_what_was_not_tested() -> None:
    dossier = Dossier({}, removal=evidence_of())
    html = render_card(arrange_card(dossier.lines("gradient", ("a", "b")), {}))
    assert html.count(">not tested<") == 3
    assert "beats 2 of 2 controls" in html
    assert "inconclusive" in html.split("</style>")[-1]  # so few controls settle nothing


def test_the_report_holds_all_that_was_found_and_asks_nothing_of_the_network(tmp_path: Path) -> None:
    classifier, frame = _classifier(), _frame()
    raw = core.attribute(classifier, frame, 0)
    saliency = core.smooth(raw, 1.0)
    *_, removal = removal_stages(
        classifier, frame, 0, {"gradient": saliency.values}, {"gradient": make_controls(frame, 1.0, ())}, ("grey",)
    )
    *_, classes = class_stages(classifier, frame, saliency)
    assert isinstance(classes, ClassEvidence)
    dossier = Dossier({"gradient": saliency}, removal=removal, classes={"gradient": classes})
    case = core.Case(frame.pixels, "<script>photo</script>", "nobody", classifier, frame)
    file = tmp_path / "published.json"
    file.write_text(json.dumps(TABLE))
    prediction = core.classify(classifier, frame)
    html = evidence_report(case, prediction, dossier, date(2026, 1, 1), published("0" * 64, file))
    assert html.count("--shape:url(") == 4
    assert "One photo proves little" in html
    assert "passed on 80 of 100, at sigma 5" in html
    assert html.count(">not tested<") == 2
    assert "<script" not in html
    assert not re.search(r'(src|href)="(?!data:|https://(doi|arxiv)\.org)', html)
    bare = evidence_report(case, prediction, Dossier({"gradient": saliency}), date(2026, 1, 1))
    assert "has not been tested" in bare
    assert "--shape:url(" not in bare


def test_steps_that_were_left_go_on_where_they_were() -> None:
    """And the last one is kept."""
    begun = []

    def begin() -> Iterator[float | str]:
        begun.append(1)
        yield 0.5
        yield "all"

    compute.forget()
    steps = shared.steps(CPU, "key", begin)
    assert next(steps) == 0.5
    del steps  # the session leaves
    assert list(shared.steps(CPU, "key", begin)) == ["all"]
    assert list(shared.steps(CPU, "key", begin)) == ["all"]
    assert len(begun) == 1
    compute.forget()


ENDING = """
import time
import torch
from pages.ui.background import Background
began = []
def work():
    values = torch.ones(1500, 1500)
    while True:
        began.append(values @ values)
        yield
Background().begin("endless", work)
while not began:
    time.sleep(0.01)
"""


def test_a_process_ends_in_the_middle_of_work_behind_pages() -> None:
    """A thread that runs a model while the interpreter is taken down aborts the process, with a line on the server's
    log."""
    ended = subprocess.run(
        [sys.executable, "-c", ENDING], cwd=Path(__file__).parents[1], capture_output=True, text=True, timeout=120
    )
    assert (ended.returncode, ended.stderr) == (0, "")
