"""What follows a hand that moves a region: positions, their order, and the answer in words."""

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import saliency_core as core
from pages.ui import compute, hand, masking, session, shared
from pages.ui.compute import Subject
from pages.ui.hand import Position, read_position
from pages.ui.samples import samples
from pages.ui.shapes import Rectangle, on_frame
from pages.ui.words import tell_answer, tell_no_answer
from saliency_core.masking.experiment import Views
from saliency_core.models.prediction import make_prediction
from saliency_core.photos.fills import hide
from tests.test_pages import open_dashboard, texts

LEFT, RIGHT = (Rectangle(0.1, 0.1, 0.3, 0.3),), (Rectangle(0.6, 0.1, 0.3, 0.3),)


@pytest.fixture
def remembered(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the session remembers, without a browser."""
    state: dict[str, Any] = {"rectangles": ()}
    monkeypatch.setattr(st, "session_state", state)
    return state


def sent(**changed: object) -> dict[str, object]:
    """What a browser sends, but for what is changed."""
    region = {"left": 0.1, "top": 0.1, "width": 0.3, "height": 0.3}
    return {"version": 0, "at": 12.5, "regions": [region], "held": True} | changed


def test_what_a_browser_sends_is_read() -> None:
    assert read_position(sent()) == Position(0, 12.5, LEFT, True)
    assert read_position(sent(regions=[], held=False)) == Position(0, 12.5, (), False)


@pytest.mark.parametrize(
    "nonsense", [None, "held", [], {}, sent(version="0"), sent(at=None), sent(regions={"left": 1}), sent(regions=None)]
)
def test_what_makes_no_sense_is_no_position(nonsense: object) -> None:
    assert read_position(nonsense) is None


@pytest.mark.parametrize(
    "region",
    [
        7,
        None,
        {"left": 0, "top": 0, "width": 1},
        {"left": 0, "top": 0, "width": 0, "height": 1},
        {"left": -1, "top": 0, "width": 1, "height": 1},
        {"left": "a", "top": 0, "width": 1, "height": 1},
        {"left": float("nan"), "top": 0, "width": 1, "height": 1},
    ],
)
def test_a_region_that_makes_no_sense_is_left_out(region: object) -> None:
    position = read_position(sent(regions=[region, sent()["regions"][0]]))  # type: ignore[index]
    assert position is not None
    assert position.rectangles == LEFT


def test_not_more_regions_are_taken_than_may_be_drawn() -> None:
    position = read_position(sent(regions=20 * sent()["regions"]))  # type: ignore[operator]
    assert position is not None
    assert len(position.rectangles) == hand.MOST


@pytest.mark.usefixtures("remembered")
def test_a_region_is_drawn_once_it_is_let_go() -> None:
    hand.follow(Position(0, 1, LEFT, held=True))
    assert hand.rectangles() == LEFT
    assert session.rectangles() == ()
    hand.follow(Position(0, 2, RIGHT, held=False))
    assert hand.rectangles() == session.rectangles() == RIGHT


@pytest.mark.usefixtures("remembered")
def test_a_position_that_comes_late_counts_for_nothing() -> None:
    hand.follow(Position(0, 2, RIGHT, held=False))
    hand.follow(Position(0, 1, LEFT, held=True))
    assert hand.rectangles() == session.rectangles() == RIGHT
    assert hand.last_moment() == 2


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize("held", [True, False])
def test_a_position_of_a_drawing_that_was_replaced_counts_for_nothing(held: bool) -> None:
    hand.follow(Position(0, 1, LEFT, held=True))
    session.replace_rectangles(RIGHT)
    assert hand.rectangles() == RIGHT
    hand.follow(Position(0, 2, LEFT, held))
    assert hand.rectangles() == session.rectangles() == RIGHT
    assert hand.last_moment() == 2, "whoever asked must learn that it was answered"


@pytest.mark.usefixtures("remembered")
def test_a_run_for_the_hand_is_one_run() -> None:
    hand.follow(Position(0, 1, LEFT, held=True))
    hand.interrupt(True)
    assert hand.waits()
    assert hand.rectangles() == LEFT
    assert not hand.waits()
    assert hand.rectangles() == (), "in another run what is drawn counts"
    hand.interrupt(True)
    hand.interrupt(False)
    assert not hand.waits(), "the hand has let go meanwhile"


def test_the_answer_in_words() -> None:
    names = ("koala", "wombat", "a name of which there is much too much to stand in one line")
    original, hidden = (
        make_prediction(np.log(np.array(shares, np.float32)), names)
        for shares in ((0.92, 0.05, 0.03), (0.41, 0.3, 0.29))
    )
    answer = tell_answer(original, hidden, 0, 1, 1)
    assert answer.name + answer.told == "“koala”: 41% with this part hidden (92% as it is)"
    assert answer.best == "best guess: “koala” 41%"
    assert (round(answer.share, 2), round(answer.mark, 2)) == (0.41, 0.92)
    assert tell_answer(original, hidden, 1, 2, 3).told == ": 30% with these parts hidden (5.0% as it is)"
    assert tell_answer(original, original, 0, 0, 0).told == ": 92% with no part hidden"
    assert "does not see" in tell_answer(original, original, 0, 0, 1).told
    assert tell_answer(original, hidden, 2, 1, 1).name.endswith("…”")
    assert tell_no_answer("Too many people.").told == "Too many people."


@pytest.fixture
def koala() -> Iterator[Subject]:
    """The koala, by the offline model, with nothing kept."""
    compute.forget()
    yield Subject(samples()["koala"], compute.classifier("efficientnet_lite0"), "squash")
    compute.forget()


def test_the_answer_under_the_hand_is_right_and_is_not_kept(koala: Subject) -> None:
    regions = (core.Region(52, 78, 49, 103),)
    right = core.classify(koala.classifier, hide(compute.frame(koala), regions, "grey", 0))
    compute.prediction(koala)
    before = shared._keeper.size
    for _ in range(2):
        found = masking.hidden_prediction(koala, regions, "grey", 105, 0)
        np.testing.assert_allclose(found.probabilities, right.probabilities, atol=1e-6)
    assert shared._keeper.size == before


def test_an_experiment_that_was_interrupted_shows_what_it_had_and_goes_on_from_there(
    koala: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    regions = (core.Region(52, 78, 49, 103),)
    run = partial(masking.experiment, koala, regions, "black", 105, 0, 32)
    assert list(run(only_kept=True)) == []
    running = run()
    done = [next(running) for _ in range(3)]
    assert list(map(type, run(only_kept=True))) == list(map(type, done))
    monkeypatch.delattr(core, "classify")  # the answer is among what is kept
    assert isinstance(done[0], Views)
    assert masking.hidden_prediction(koala, regions, "black", 105, 0) is done[0].hidden.prediction
    whole = list(run())
    assert isinstance(whole[-1], core.Experiment)
    assert list(map(type, run(only_kept=True))) == list(map(type, whole))


def told(app: AppTest) -> dict[str, Any]:
    """What the answer line was given."""
    (line,) = [each for each in app.get("bidi_component") if each.proto.component_name == "answer_line"]
    given: dict[str, Any] = json.loads(line.proto.json)
    return given


def test_the_answer_line_is_right_when_nothing_moves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    app = open_dashboard("masking_experiment", model="efficientnet_lite0", photo="koala", crop_mode="squash")
    assert told(app)["told"] == ": 0.3% with this part hidden (87% as it is)"
    next(button for button in app.button if button.label == "Clear").click().run()
    assert told(app)["told"] == ": 87% with no part hidden"
    assert told(app)["share"] == told(app)["mark"]
    app.button(key="preset_head").click().run()
    assert told(app)["name"] == "“koala”"
    assert told(app)["told"] == ": 92% with this part hidden (87% as it is)"
    app.selectbox(key="fill").set_value("grey").run()
    assert told(app)["told"] == ": 91% with this part hidden (87% as it is)"
    assert told(app)["best"] == "best guess: “koala” 91%"
    app.session_state["rectangles"] = (Rectangle(0, 0, 0.05, 0.05),)
    app.radio(key="crop_mode").set_value("center").run()
    assert "the model does not see this part" in told(app)["told"]


@pytest.mark.parametrize("done", [0, 1, 3, 5])
def test_a_page_that_makes_way_for_the_hand_shows_what_there_is(
    done: int, koala: Subject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """However far the experiment had come: before, during and after the random places of the fill chosen."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    app = open_dashboard("masking_experiment", model="efficientnet_lite0", photo="koala", crop_mode="squash")
    app.session_state["control_count"] = 19
    app.session_state["rectangles"] = drawn = (Rectangle(0.35, 0.23, 0.46, 0.22),)
    region = on_frame(drawn[0], compute.frame(koala))
    assert region is not None
    stages = masking.experiment(koala, (region,), "black", 105, 0, 19, core.FILLS)
    for _ in range(done):
        next(stages)
    app.session_state["hand"] = Position(0, 5, (Rectangle(0.1, 0.5, 0.5, 0.4),), held=True)
    app.session_state["hand_waits"] = True
    app.run()
    assert not app.exception
    assert told(app)["at"] == 5
    assert re.search(r": [\d.]+% with this part hidden", told(app)["told"])
    assert ("Neither needed nor enough" in texts(app)) == (done >= 5)
    assert not app.table
    app.run()
    assert app.table, "the next run goes on with the experiment"
