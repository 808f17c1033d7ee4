"""The guided tour: what it claims is what the library finds, and its words follow the numbers."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import saliency_core as core
from pages.ui import compute
from pages.ui.tour import CONTROLS, STEPS
from pages.ui.turns import Turns
from saliency_core.weights import Weights
from saliency_core.words import tell_hiding
from tests.conftest import PHOTOS
from tests.test_pages import offline as offline

Manifest = dict[str, dict[str, Any]]


def expected_claims(classifier: core.Classifier, manifest: Manifest) -> tuple[tuple[str, ...], ...]:
    """What each step must say, by the library alone: each text must stand on screen."""

    def frame(sample: str) -> core.Frame:
        data = (PHOTOS / manifest[sample]["file"]).read_bytes()
        return core.frame_photo(core.decode_photo(data), classifier, "squash")

    def sure(sample: str, label: str | None = None) -> str:
        prediction = core.classify(classifier, frame(sample))
        best = prediction.top(1)[0]
        guess = prediction.guess(list(classifier.categories).index(label)) if label else best
        return core.percent(guess.probability)

    def region(sample: str, what: str) -> core.Region:
        left, top, right, bottom = next(box["box"] for box in manifest[sample]["boxes"] if box["what"] == what)
        edges = [round(224 * share) for share in (top, left, bottom, right)]
        return core.Region(edges[0], edges[1], edges[2] - edges[0], edges[3] - edges[1])

    def inside(sample: str, label: str, what: str) -> str:
        raw = core.attribute(classifier, frame(sample), list(classifier.categories).index(label)).values
        part = region(sample, what)
        held = raw[part.top : part.top + part.height, part.left : part.left + part.width].sum() / raw.sum()
        return core.percent(float(held))

    def trial(sample: str, what: str) -> core.Experiment:
        return core.run_experiment(classifier, frame(sample), [region(sample, what)], controls=CONTROLS)

    def shares(experiment: core.Experiment) -> tuple[str, str, str]:
        found = core.evidence(experiment.views, experiment.controls)
        return core.percent(found.original), core.percent(found.hidden), core.percent(found.kept)

    def rarity(experiment: core.Experiment) -> str:
        hidden = shares(experiment)[1]
        return f"{hidden}. {core.tell_rarity(core.evidence(experiment.views, experiment.controls))}"

    photographer, legs = trial("cameraman", "photographer"), trial("cameraman", "tripod legs")
    rocket, head, koala = trial("rocket-pad", "rocket"), trial("koala", "head"), trial("koala", "whole koala")
    return (
        (f"“Egyptian cat”, but it is only {sure('cat')} sure", sure("cat", "tabby")),
        (f"holds {inside('cat', 'Egyptian cat', 'cat face')} of the map",),
        (
            f"“electric guitar”, {sure('guitar-drums')} sure; “drum” gets {sure('guitar-drums', 'drum')}",
            f"{inside('guitar-drums', 'electric guitar', 'guitar')} of the map for “electric guitar”",
            f"{inside('guitar-drums', 'drum', 'guitar')} of the map for “drum”",
        ),
        (
            f"“tripod” is still at {shares(photographer)[1]} (before: {shares(photographer)[0]})",
            f"“tripod” falls from {shares(legs)[0]} to {shares(legs)[1]}",
            rarity(photographer),
            rarity(legs),
        ),
        (
            f"even more sure of “drilling platform”: {shares(rocket)[1]} (before: {shares(rocket)[0]})",
            f"even more sure of “koala”: {shares(head)[1]} (before: {shares(head)[0]})",
            rarity(rocket),
            rarity(head),
        ),
        (f"From the head alone, “koala” gets {shares(head)[2]}; from the whole koala alone, {shares(koala)[2]}",),
        (f"“porcupine”, {sure('hedgehog')} sure",),
    )


@pytest.fixture
def tour() -> Iterator[AppTest]:
    app = AppTest.from_file(str(Path(__file__).parents[1] / "dashboard.py"), default_timeout=60)
    app.query_params["model"] = "efficientnet_lite0"
    yield app.run()
    compute.forget()


def words(app: AppTest) -> str:
    """Everything that the page says, without its tags."""
    pieces = [element.proto.body for element in app.get("html")] + [element.value for element in app.title]
    return html.unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", "\n".join(pieces), flags=re.DOTALL))


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()


def test_every_claim_is_what_the_library_finds(tour: AppTest, classifier: core.Classifier, manifest: Manifest) -> None:
    for number, claims in enumerate(expected_claims(classifier, manifest), 1):
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
    app = AppTest.from_file(str(Path(__file__).parents[1] / "dashboard.py"), default_timeout=60)
    app.query_params["step"] = asked
    app.run()
    assert f"Step {shown} of {len(STEPS)}" in words(app)
    assert app.query_params["step"] == str(shown)


def test_presenter_mode_has_no_sidebar_and_can_be_left(tour: AppTest) -> None:
    assert tour.sidebar.button
    press(tour, "Presenter mode")
    assert not tour.sidebar.button
    assert tour.query_params["present"] == "1"
    press(tour, "Leave presenter mode")
    assert tour.sidebar.button
    assert "present" not in tour.query_params


def test_a_full_queue_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute, "_turns", Turns(longest=-1))
    app = AppTest.from_file(str(Path(__file__).parents[1] / "dashboard.py"), default_timeout=60).run()
    assert not app.exception
    assert "Try again in a minute" in app.error[0].value


@pytest.mark.parametrize(
    ("original", "hidden", "said"),
    [
        (0.37, 0.61, "even more sure"),
        (0.87, 0.91, "still at 91%"),
        (0.94, 0.95, "still at 95%"),
        (0.9, 0.45, "still at 45%"),
        (0.9, 0.44, "falls from 90% to 44%"),
    ],
)
def test_the_words_follow_the_numbers(original: float, hidden: float, said: str) -> None:
    assert said in tell_hiding("the cup", core.Evidence(original, hidden, 0, ()), "espresso")


@pytest.mark.parametrize("number", range(1, len(STEPS) + 1))
def test_every_step_stands_whatever_the_model_says(number: int, classifier: core.Classifier) -> None:
    """With another model nothing of the script need hold; the step still tells what is."""
    contrary = replace(classifier, categories=classifier.categories[::-1], weights=Weights("upside down", "f" * 64))
    scene = STEPS[number - 1](contrary)
    assert 1 <= len(scene.sentences) <= 3
    told = " ".join(scene.sentences)
    assert not any(label in told for label in ("Egyptian cat", "drilling platform", "porcupine", "“koala”", "“tripod”"))
