"""The link: it says all that a page shows, opens to the same, and stands whatever else it may say."""

import re

import numpy as np
import pytest
import streamlit
from streamlit.testing.v1 import AppTest

import saliency_core as core
from pages.ui import hand, link, parameters, session
from pages.ui.parameters import PAGES, PARAMETERS
from pages.ui.samples import samples
from pages.ui.shapes import Rectangle, on_frame, on_photo
from saliency_core.photos.frame import CropMode
from tests.test_pages import offline as offline
from tests.test_pages import open_dashboard, pictures, texts

BY_NAME = {parameter.name: parameter for parameter in PARAMETERS}
MANY = {
    "photo": "koala",
    "model": "efficientnet_lite0",
    "crop_mode": "border",
    "method": "gradient",
    "class": "106",
    "sigma": "7.5",
    "regions": "35.3-23.11-45.678-21.9_10-50-30-35",
    "declared": "part",
    "from_map": "0",
    "fill": "blur",
    "controls": "19",
    "seed": "7",
}
LOOK = {
    "sigmas": "1-5-20",
    "one_scale": "1",
    "outlined": "1",
    "opacity": "35",
    "colours": "viridis",
    "channels": "l2",
}


@pytest.fixture
def remembered(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """A session outside a page."""
    state: dict[str, object] = {}
    monkeypatch.setattr(streamlit, "session_state", state)
    return state


def shown(app: AppTest) -> tuple[str, str]:
    """What a page says and shows; how many comparisons a person has made is nothing that a link says."""
    told = re.sub(r"One of \d+ comparisons.*", "", texts(app))
    return "\n".join(line.strip() for line in told.split("\n") if line.strip()), pictures(app)


def test_each_name_and_each_key_is_there_once() -> None:
    assert len(BY_NAME) == len(PARAMETERS) == len({parameter.key for parameter in PARAMETERS})
    assert all(set(parameter.pages) <= set(PAGES) for parameter in PARAMETERS)


@pytest.mark.slow
def test_a_link_with_two_regions_opens_to_the_same_numbers() -> None:
    """The sender chooses by hand; whoever opens the link, and nobody else's session, sees the same."""
    sender = open_dashboard("masking_experiment", photo="koala", model="efficientnet_lite0")
    sender.radio(key="crop_mode").set_value("border")
    sender.selectbox(key="fill").set_value("blur")
    sender.session_state["rectangles"] = (
        Rectangle(0.353333333, 0.2311111, 0.456789123, 0.219),
        Rectangle(1 / 7, 0.5, 1 / 3, 0.35),
    )
    sender.session_state["drawing"] = 5
    sender.selectbox(key="declared").set_value("part").run()
    sender.switch_page("pages/saliency.py").run()
    sender.button_group(key="compared").set_value([1, 5, 20]).run()
    sender.toggle(key="one_scale").set_value(True).run()
    sender.selectbox(key="target_search").set_value(106).run()
    saliency = dict(sender.query_params), shown(sender)
    sender.button_group(key="target_pill").set_value(105).run()
    sender.switch_page("pages/masking_experiment.py").run()
    sender.selectbox(key="declared").set_value("part").run()
    masking = dict(sender.query_params), shown(sender)

    receiver = open_dashboard("saliency", **saliency[0])
    assert (dict(receiver.query_params), shown(receiver)) == saliency
    assert saliency[0]["sigmas"] == "1-5-20"
    receiver = open_dashboard("masking_experiment", **masking[0])
    assert (dict(receiver.query_params), shown(receiver)) == masking
    assert receiver.session_state["rectangles"] == sender.session_state["rectangles"]
    assert re.fullmatch(r"35.333-23.111-45.679-21.9_14.286-50-33.333-35", masking[0]["regions"])


@pytest.mark.parametrize(
    ("page", "link"), [("saliency", {**MANY, **LOOK}), ("masking_experiment", MANY), ("classification", MANY)]
)
def test_a_page_says_what_it_shows_and_no_more(page: str, link: dict[str, str]) -> None:
    app = open_dashboard(page, **link)
    title = page.replace("_", " ").capitalize()
    assert not app.warning
    assert dict(app.query_params) == {
        name: text for name, text in link.items() if title in BY_NAME[name].pages and name in BY_NAME
    }


def test_a_link_of_one_page_leaves_the_rest_as_it_was() -> None:
    app = open_dashboard("saliency", **MANY, **LOOK)
    app.switch_page("pages/classification.py").run()
    app.switch_page("pages/masking_experiment.py").run()
    assert dict(app.query_params) == MANY


def test_no_region_is_said_too() -> None:
    app = open_dashboard("masking_experiment", photo="koala", model="efficientnet_lite0", regions="none")
    assert "Drag on the photo" in app.info[0].value
    assert app.query_params["regions"] == "none"
    app = open_dashboard("saliency", photo="koala", model="efficientnet_lite0", sigmas="none")
    assert "at least one sigma" in app.info[0].value
    assert app.query_params["sigmas"] == "none"


def test_a_sample_without_regions_in_its_link_starts_with_its_object() -> None:
    app = open_dashboard("masking_experiment", photo="koala", model="efficientnet_lite0")
    assert app.query_params["declared"] == "object"
    assert app.session_state["rectangles"] == (
        Rectangle(*(float(each) / 100 for each in app.query_params["regions"].split("-"))),
    )


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize("crop_mode", core.CROP_MODES)
def test_a_region_is_read_as_it_was_written(crop_mode: CropMode, classifier: core.Classifier) -> None:
    """Drawn anywhere, or a region of the frame's pixels: on each frame it is the same region."""
    random = np.random.default_rng(0)
    for height, width in ((300, 451), (640, 480), (97, 1900), (1900, 97), (3000, 4000)):
        photo = core.Photo(np.zeros((height, width, 3), np.uint8), "")
        frame = core.frame_photo(photo, classifier, crop_mode)
        for _ in range(200):
            left, top = random.uniform(0, 0.98, 2)
            drawn = Rectangle(left, top, *(random.uniform(0.01, 1 - edge) for edge in (left, top)))
            corner, size = random.integers(0, 150, 2), random.integers(1, 74, 2)
            taken = on_photo(core.Region(*corner.tolist(), *size.tolist()), frame)
            for rectangle in filter(lambda each: on_frame(each, frame), (drawn, taken)):
                session.replace_rectangles((rectangle, drawn))
                assert BY_NAME["regions"].read(BY_NAME["regions"].write() or "") == (rectangle, drawn)
            if (again := on_frame(taken, frame)) is not None and crop_mode != "border":
                assert again == core.Region(*corner.tolist(), *size.tolist())


NONSENSE = (
    "",
    "-1",
    "nan",
    "inf",
    "1e3",
    "٣",
    "²",
    "0x10",
    "1_0",
    " 1",
    "none-none",
    "null",
    "<b>",
    "![](https://example.org/q.png)",
    "\u202e5",
    5000 * "9",
    "_".join(10_000 * ["1-1-1-1"]),
    "1-1-1",
    "1-1-0-1",
    "101-1-1-1",
    "1-1-1-1-1",
    "-".join(3000 * ["1"]),
    "0-1-2-4",
    "\x00",
)


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda each: each.name)
def test_any_text_is_read_or_refused(parameter: parameters.Parameter) -> None:
    for text in NONSENSE:
        value = parameter.read(text)
        assert value is None or text in ("", "0-1-2-4") or parameter.name in ("present", "sigmas", "layer"), text


def test_what_a_link_cannot_say_is_told_once_and_the_rest_shown() -> None:
    said = {
        "regions": "_".join(10_000 * ["1-1-1-1"]),
        "declared": "everything",
        "from_map": "yes",
        "fill": "pink",
        "controls": "1000000",
        "seed": "99999999999",
        "sigma": "٣",
        "sigmas": "0-4",
        "opacity": "nan",
        "colours": "jet",
        "channels": "alpha",
        "one_scale": "2",
        "method": "magic",
    }
    app = open_dashboard("guided_tour", photo="espresso", model="efficientnet_lite0", **said)
    told = app.warning[0].value
    assert all(BY_NAME[name].problem in told for name in said)
    app.switch_page("pages/masking_experiment.py").run()
    assert not app.warning
    assert not app.exception
    assert app.query_params["photo"] == "espresso"


def test_more_regions_than_may_be_drawn_are_refused_and_as_many_are_taken() -> None:
    read = BY_NAME["regions"].read
    assert len(read("_".join(hand.MOST * ["1.25-1-1-1"])) or ()) == hand.MOST  # type: ignore[arg-type]
    assert read("_".join((hand.MOST + 1) * ["1-1-1-1"])) is None
    assert read("10,20,30,40;1,2,3,4") == (Rectangle(0.1, 0.2, 0.3, 0.4), Rectangle(0.01, 0.02, 0.03, 0.04))


@pytest.fixture
def back(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Say that the browser went back by putting something into the list."""
    went: list[bool] = []
    monkeypatch.setattr(link, "went_back", lambda: bool(went))
    return went


def test_the_browsers_way_back_shows_what_was_there(back: list[bool]) -> None:
    app = open_dashboard("masking_experiment", photo="koala", model="efficientnet_lite0", crop_mode="squash")
    before = dict(app.query_params), shown(app)
    app.button(key="preset_head").click().run()
    app.selectbox(key="target_search").set_value(605).run()
    app.selectbox(key="fill").set_value("grey").run()
    assert app.query_params["class"] == "605"
    app.query_params.clear()
    for name, text in before[0].items():
        app.query_params[name] = text
    back.append(True)
    app.run()
    assert (dict(app.query_params), shown(app)) == before
    assert app.session_state["target"] is None


def test_the_way_back_to_another_photo_and_model_keeps_what_the_page_does_not_say(back: list[bool]) -> None:
    app = open_dashboard("classification", photo="koala", model="efficientnet_lite0", sigma="3")
    app.session_state["photo"] = samples()["espresso"]
    app.run()
    assert app.query_params["photo"] == "espresso"
    app.query_params["photo"] = "koala"
    back.append(True)
    app.run()
    assert "koala" in app.subheader[0].value
    back.clear()
    app.switch_page("pages/saliency.py").run()
    assert "sigma 3" in pictures(app)


def test_presenter_mode_stays_on_the_way_back(back: list[bool]) -> None:
    app = open_dashboard("guided_tour", model="efficientnet_lite0", step="2")
    next(button for button in app.button if button.label == "Presenter mode").click().run()
    app.query_params.clear()
    app.query_params["step"] = "1"
    back.append(True)
    app.run()
    assert (app.query_params["step"], app.query_params["present"]) == ("1", "1")
