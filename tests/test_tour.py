"""The guided tour: what it claims is what the library finds, and its sentences are chosen from computed values."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

import saliency_core as core
from pages.ui import compute, link, shared
from pages.ui.tour import guesses, looking, objects, tampering, trials
from pages.ui.tour.closing import LIMITS
from pages.ui.tour.scenes import Scene, Words, subject_of
from pages.ui.tour.steps import STEPS
from pages.ui.tour.trials import PARTS
from saliency_core.masking.claims import RARE, Claim
from saliency_core.masking.effects import Evidence
from saliency_core.masking.sentences import tell_hiding
from saliency_core.models.weights import Weights
from saliency_core.text import percent
from tests.claims import Claims
from tests.test_pages import open_dashboard

QUESTION = 5
"""A step that asks."""


@pytest.fixture(scope="module", autouse=True)
def offline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No way to the weights hub; what one test has computed serves the next."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TORCH_HOME", str(tmp_path_factory.mktemp("hub")))
        patch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        compute.forget()
        yield
        compute.forget()


@pytest.fixture
def tour() -> AppTest:
    return open_dashboard("guided_tour", model="efficientnet_lite0").run()  # the browser writes the first run's link


@pytest.fixture
def question() -> AppTest:
    return open_dashboard("guided_tour", model="efficientnet_lite0", step=str(QUESTION))


def words(app: AppTest) -> str:
    """Everything that the page says, without its tags."""
    pieces = [element.proto.body for element in app.get("html")]
    pieces += [element.value.replace("\\", "") for kind in (app.title, app.markdown) for element in kind]
    return html.unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", "\n".join(pieces), flags=re.DOTALL))


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label.replace("\\", "") == label).click().run()


def last_words(scene: Scene) -> Words:
    *_, last = scene.words
    return last


@pytest.mark.slow
def test_every_claim_is_what_the_library_finds(tour: AppTest, tour_claims: Claims) -> None:
    step, shown = 0, ""
    for number, claims in enumerate(tour_claims):
        assert not tour.exception
        shown = words(tour)
        step = int(re.findall(r"Step (\d+) of", shown)[0])
        for claim in claims:
            assert claim in shown, (step, claim)
        link = {"model": "efficientnet_lite0", "crop_mode": "center", "step": str(step)}
        assert dict(tour.query_params) == link
        if number < len(tour_claims) - 1:
            press(tour, "Next")
    assert step == len(STEPS)
    assert LIMITS in shown
    assert "The room" not in shown, "nobody guessed"


@pytest.mark.slow
def test_the_tour_says_what_the_masking_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "N_CONTROLS", 19)  # as many as the page takes here
    tour = open_dashboard("guided_tour", model="efficientnet_lite0", step=str(QUESTION))
    press(tour, "Next")
    told = words(tour)
    page = open_dashboard("masking_experiment", model="efficientnet_lite0", photo="koala")
    page.button(key="preset_head").click().run()
    finding, sentence = re.findall(r"\*\*(Neither needed nor enough)\.\*\* (.*)", words(page))[0]
    assert f"{finding.lower()}. {sentence}" in re.sub(r"\s+", " ", told)


def test_another_crop_mode_asks_anew(question: AppTest) -> None:
    press(question, "Something else")
    assert "The room said" in words(question)
    question.radio(key="crop_mode").set_value("squash").run()
    assert question.query_params["crop_mode"] == "squash"
    assert "guess before you see" in words(question)
    assert "The room: 0 of 1 right" in words(question)


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


@pytest.mark.parametrize("said", ["Still “koala”", "Something else"])
def test_the_room_guesses_and_then_sees(question: AppTest, said: str) -> None:
    assert "Of 59 random places" not in words(question)
    press(question, said)
    told = words(question)
    assert f"Step {QUESTION} of" in told
    right = (said == "Something else") == ("Now it says" in told)
    assert f": {'right' if right else 'wrong'}." in told
    assert f"The room: {int(right)} of 1 right" in told
    assert "Of 59 random places, hidden one at a time" in told
    question.run()
    assert f"The room: {int(right)} of 1 right" in words(question)
    press(question, "Next")
    assert f"Step {QUESTION + 1} of" in words(question)
    assert f"The room: {int(right)} of 1 right" in words(question)
    press(question, said.replace("koala", "espresso"))
    assert re.search(r"The room: \d of 2 right", words(question))
    press(question, "Start again")
    assert f"Step 1 of {len(STEPS)}" in words(question)
    assert "The room" not in words(question)


def test_going_on_without_a_guess_shows_and_scores_nothing(question: AppTest) -> None:
    press(question, "Next")
    assert f"Step {QUESTION} of" in words(question)
    assert "Nobody guessed." in words(question)
    assert "The room" not in words(question)
    press(question, "Back")
    assert "guess before you see" in words(question)
    assert "Of 59 random places" not in words(question)
    press(question, "Still “koala”")
    assert "Of 59 random places" in words(question)
    assert "The room" not in words(question), "it has been seen before it was guessed"
    press(question, "Next")
    press(question, "Back")
    assert f"Step {QUESTION} of" in words(question)
    assert "Of 59 random places" in words(question), "back to what was shown last"
    press(question, "Back")
    press(question, "Back")
    assert f"Step {QUESTION - 1} of" in words(question)


def test_a_guess_counts_once(question: AppTest) -> None:
    press(question, "Something else")
    score = re.findall(r"The room: \d of \d right", words(question))
    press(question, "Back")
    assert "The room said “Something else”." in words(question)
    press(question, "Still “koala”")
    assert re.findall(r"The room: \d of \d right", words(question)) == score
    assert "The room said “Something else”:" in words(question)


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


def test_a_presenter_can_choose_another_photo_and_crop_mode() -> None:
    app = open_dashboard("classification", model="efficientnet_lite0", present="1")
    assert not app.sidebar.button
    assert [each.proto.component_name for each in app.get("bidi_component")].count("gallery") == 1
    app.selectbox(key="model")
    app.radio(key="crop_mode").set_value("squash").run()
    assert app.query_params["crop_mode"] == "squash"
    app.switch_page("pages/guided_tour.py").run()
    app.radio(key="crop_mode").set_value("border").run()
    assert app.query_params["crop_mode"] == "border"
    assert "with bars" in words(app)


def test_a_full_queue_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    compute.forget()
    monkeypatch.setattr(shared, "_queues", {})
    monkeypatch.setattr(shared, "LONGEST_QUEUE", -1)
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


def upside_down(classifier: core.Classifier) -> core.Classifier:
    """The same numbers for other classes."""
    return replace(classifier, categories=classifier.categories[::-1], weights=Weights("upside down", "f" * 64))


@pytest.mark.parametrize("number", range(1, len(STEPS) + 1))
def test_every_step_stands_whatever_the_model_says(
    number: int, classifier: core.Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With another model nothing of the script need hold; the step still tells what is."""
    monkeypatch.setattr(trials, "N_CONTROLS", 19)
    contrary = upside_down(classifier)
    scene = STEPS[number - 1](contrary)
    if scene.question is not None:
        guesses.reveal(scene.question)
        scene = STEPS[number - 1](contrary)
    found = last_words(scene)
    guesses.start_again()
    assert found.final
    assert 1 <= len(found.sentences) <= 3
    told = " ".join((scene.headline, *found.sentences, *(note.text for note in found.notes)))
    assert "…" not in told
    assert not any(
        label in told for label in ("tiger cat", "missile", "“espresso”", "porcupine", "“koala”", "“tripod”")
    )


def test_the_closing_step_counts_what_was_set_apart(
    classifier: core.Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "N_CONTROLS", 19)
    contrary = upside_down(classifier)
    *_, found = trials.follow(contrary, PARTS)
    apart = [trial.part.name for trial in found if trial is not None and trial.claim in RARE]
    told = last_words(STEPS[-1](contrary)).sentences[0]
    assert f"Of {len(PARTS)} parts" in told
    assert f"{len(apart) or 'none'} w" in told
    assert all((part.name in told) == (part.name in apart) for part in PARTS)


@pytest.mark.parametrize("number", range(1, len(STEPS) + 1))
def test_what_is_cropped_away_is_told(
    number: int, classifier: core.Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "N_CONTROLS", 19)
    monkeypatch.setattr(trials, "on_frame", lambda *_: None)
    scene = STEPS[number - 1](upside_down(classifier))
    assert scene.question is None
    told = " ".join(last_words(scene).sentences)
    if number in (3, 4, 5, 6, 7, 8):
        assert "cropped away" in told


def test_a_planted_trick_is_told_as_it_was_found(classifier: core.Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = tampering.plant_a_mark(classifier)
    (words,) = scene.words
    found = tampering._tamper(subject_of(classifier, tampering.SAMPLE))
    clean, marked = found.pair.clean, found.pair.marked
    assert marked.prediction.best() == found.target != clean.prediction.best()
    assert marked.hidden.best() == clean.prediction.best(), "hidden, it no longer decides"
    assert [picture.title for picture in scene.pictures] == [
        "Without the pattern",
        "With the pattern",
        "Its map",
        "Pattern hidden",
    ]
    label = classifier.categories[found.target]
    assert (
        f"the answer is “{label}”, {percent(float(marked.prediction.probabilities[found.target]))}"
        in words.sentences[0]
    )
    assert f"{59 * marked.need:.0f} of 59 random places" in words.sentences[1]
    for shown in (True, False):
        told = replace(found, pair=replace(found.pair, marked=replace(marked, shown=shown)))
        monkeypatch.setattr(tampering, "_tamper", lambda _, told=told: told)
        (words,) = tampering.plant_a_mark(classifier).words
        assert ("does not show" in words.sentences[2]) == (not shown)


def test_each_claim_answers_whether_it_looks_at_the_right_thing() -> None:
    answers = {claim: objects._RIGHT_THING[claim].format(name="the cup", label="espresso") for claim in Claim}
    assert all(answers[claim].startswith(("yes", "in part")) for claim in RARE)
    assert all(answers[claim].startswith("that is open") for claim in set(Claim) - set(RARE))


@pytest.mark.parametrize(
    ("kept", "controls", "said"),
    [
        (0.2, [0.1] * 59, "does not give the answer"),
        (0.8, [0.1] * 59, "as few places are"),
        (0.8, [0.1] * 40 + [0.9] * 19, "of 59 random places of its shape, 19 are, too"),
    ],
)
def test_whether_a_thing_alone_is_enough_follows_the_numbers(kept: float, controls: list[float], said: str) -> None:
    assert said in objects._tell_alone(SimpleNamespace(evidence=Evidence(0.9, 0.5, kept, [0.5] * 59, controls)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("claim", "controls", "said"),
    [
        (Claim.NEITHER, [0.1] * 59, "not set apart from random ones"),
        (Claim.NEITHER, [0.9] * 59, "the rule does not set it apart"),
        (Claim.LOST, [0.1] * 59, "not set apart from random ones"),
        (Claim.NEEDED, [0.9] * 59, "is set apart from random ones"),
        (Claim.TOO_LITTLE, [0.1] * 59, "too little here"),
    ],
)
def test_what_the_brightest_square_tells_follows_the_claim(claim: Claim, controls: list[float], said: str) -> None:
    trial = SimpleNamespace(claim=claim, evidence=Evidence(0.9, 0.2, 0, controls, [0.5] * 59))
    assert said in looking._tell_apart(trial)  # type: ignore[arg-type]


@pytest.mark.parametrize(("shares", "said"), [((0.5, 0.44), "differ, by 6 points"), ((0.5, 0.46), "do not tell")])
def test_maps_tell_two_classes_apart_only_if_they_do(
    classifier: core.Classifier, monkeypatch: pytest.MonkeyPatch, shares: tuple[float, float], said: str
) -> None:
    given = iter(shares)
    monkeypatch.setattr(looking, "relevance_mass", lambda *_: next(given))
    subject = subject_of(classifier, "cat")
    asked = compute.prediction(subject).prediction.top(2)
    assert said in looking._tell_shares(subject, asked, core.Region(0, 0, 9, 9))
