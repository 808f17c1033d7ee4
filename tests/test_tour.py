"""The guided tour: what it claims is what the library finds, and its sentences are chosen from computed values."""

import html
import re
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

import saliency_core as core
from pages.ui import compute, link
from pages.ui.tour import STEPS
from pages.ui.turns import Turns
from saliency_core.masking.effects import Evidence
from saliency_core.masking.sentences import tell_hiding
from saliency_core.models.weights import Weights
from tests.claims import Claims
from tests.test_pages import offline as offline
from tests.test_pages import open_dashboard


@pytest.fixture
def tour() -> AppTest:
    return open_dashboard("guided_tour", model="efficientnet_lite0").run()  # the browser writes the first run's link


def words(app: AppTest) -> str:
    """Everything that the page says, without its tags."""
    pieces = [element.proto.body for element in app.get("html")] + [element.value for element in app.title]
    return html.unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", "\n".join(pieces), flags=re.DOTALL))


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()


def test_every_claim_is_what_the_library_finds(tour: AppTest, tour_claims: Claims) -> None:
    for number, claims in enumerate(tour_claims, 1):
        assert not tour.exception
        shown = words(tour)
        assert f"Step {number} of {len(STEPS)}" in shown
        for claim in claims:
            assert claim in shown, number
        assert dict(tour.query_params) == {"model": "efficientnet_lite0", "step": str(number)}
        if number < len(STEPS):
            press(tour, "Next")


def test_the_ends_have_no_way_beyond(tour: AppTest) -> None:
    def can(label: str) -> bool:
        return not next(button for button in tour.button if button.label == label).disabled

    assert (can("Back"), can("Next")) == (False, True)
    tour.session_state["step"] = len(STEPS)
    tour.run()
    assert (can("Back"), can("Next")) == (True, False)


@pytest.mark.parametrize(("asked", "shown"), [("3", 3), ("99", len(STEPS))])
def test_a_link_opens_a_step(asked: str, shown: int) -> None:
    app = open_dashboard("guided_tour", step=asked)
    assert f"Step {shown} of {len(STEPS)}" in words(app)
    app.run()  # the first link of a session is for the browser's side to write
    assert app.query_params["step"] == str(shown)


def test_the_browsers_way_back_leads_to_the_step_before(tour: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """It changes the address alone. A click that comes before the address has followed the last one still counts."""
    press(tour, "Next")
    assert tour.query_params["step"] == "2"
    with monkeypatch.context() as going:
        going.setattr(link, "went_back", lambda: True)
        tour.query_params["step"] = "1"
        tour.run()
    assert f"Step 1 of {len(STEPS)}" in words(tour)
    press(tour, "Next")
    tour.query_params["step"] = "1"
    press(tour, "Next")
    assert f"Step 3 of {len(STEPS)}" in words(tour)
    assert tour.query_params["step"] == "3"


def test_presenter_mode_has_no_sidebar_and_can_be_left(tour: AppTest) -> None:
    assert tour.sidebar.button
    press(tour, "Presenter mode")
    assert not tour.sidebar.button
    assert tour.query_params["present"] == "1"
    tour.switch_page("pages/about.py").run()
    assert not tour.sidebar.button
    assert tour.query_params["present"] == "1"
    press(tour, "Leave presenter mode")
    assert tour.sidebar.button
    assert "present" not in tour.query_params


def test_a_full_queue_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute, "queue", lambda _: Turns(longest=-1))
    app = open_dashboard("guided_tour")
    assert "Try again in a minute" in app.error[0].value


@pytest.mark.parametrize(
    ("original", "hidden", "said"),
    [
        (0.37, 0.61, "rises from 37% to 61%"),
        (0.87, 0.91, "still at 91%"),
        (0.94, 0.95, "still at 95%"),
        (0.9, 0.8, "falls from 90% to 80%"),
        (0.9, 0.44, "falls from 90% to 44%"),
    ],
)
def test_the_words_follow_the_numbers(original: float, hidden: float, said: str) -> None:
    assert said in tell_hiding("the cup", Evidence(original, hidden, 0, (), ()), "espresso")


@pytest.mark.parametrize("number", range(1, len(STEPS) + 1))
def test_every_step_stands_whatever_the_model_says(number: int, classifier: core.Classifier) -> None:
    """With another model nothing of the script need hold; the step still tells what is."""
    contrary = replace(classifier, categories=classifier.categories[::-1], weights=Weights("upside down", "f" * 64))
    scene = STEPS[number - 1](contrary)
    assert 1 <= len(scene.sentences) <= 3
    told = " ".join(scene.sentences)
    assert not any(label in told for label in ("Egyptian cat", "drilling platform", "porcupine", "“koala”", "“tripod”"))
