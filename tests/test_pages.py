"""The pages, run by Streamlit's own test harness: every control, and what must survive what."""

import gc
import hashlib
import io
import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

import saliency_core as core
from pages.ui import compute
from pages.ui.samples import samples
from pages.ui.shapes import Rectangle, on_frame
from saliency_core.errors import WeightsUnreachableError
from saliency_core.masking.placements import CONTROL_COUNTS
from saliency_core.methods import attribution
from saliency_core.models.vision import resnet50
from saliency_core.models.weights import Hub, fetch_weights
from saliency_core.photos.frame import Box, CropMode
from saliency_core.presentation import captions
from tests.conftest import PHOTOS

DASHBOARD = str(Path(__file__).parents[1] / "dashboard.py")


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No weights in the hub cache and no way to the hub."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    compute.forget()
    yield
    compute.forget()


def open_dashboard(page: str = "classification", **link: str) -> AppTest:
    app = AppTest.from_file(DASHBOARD, default_timeout=60)
    for name, value in link.items():
        app.query_params[name] = value
    app.session_state["control_count"] = CONTROL_COUNTS[0]  # as few as a verdict takes
    app.run()
    if page != "guided_tour":
        app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    return app


def texts(app: AppTest) -> str:
    """Every word of the page's own text elements."""
    kinds = (app.title, app.subheader, app.markdown, app.caption, app.error, app.warning, app.info)
    return "\n".join(element.value for kind in kinds for element in kind)


def pictures(app: AppTest) -> str:
    """The HTML of the page's pictures and bars, and what is to be drawn in the browser."""
    drawn = [json.loads(each.proto.json) for each in app.get("bidi_component") if each.proto.component_name == "maps"]
    return "\n".join([*(str(element.proto) for element in app.get("html")), *map(tell_figures, drawn)])


def tell_figures(drawn: dict[str, Any]) -> str:
    """What pages/ui/maps.js writes below its figures."""
    told = drawn.get("caption", "")
    if "slider" in drawn:
        told += f" · sigma {drawn['slider']['sigma']:g}"
    return "\n".join([*(figure["title"] for figure in drawn["figures"]), told])


def test_a_fresh_offline_machine_shows_a_real_prediction() -> None:
    app = open_dashboard()
    assert "tiger cat" in app.subheader[0].value
    assert "EfficientNet-Lite0" in texts(app)
    assert "ResNet50 is not available" in texts(app)


def test_the_reason_is_told_and_another_try_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_dashboard()
    notice = next(each.value for each in app.markdown if "not available" in each.value)
    assert "**ResNet50 is not available**, so EfficientNet" in notice
    assert "download.pytorch.org" in notice
    assert app.selectbox(key="model").value == "efficientnet_lite0"
    tries: list[str] = []

    def fetch(url: str, _progress: Any) -> None:
        tries.append(url)
        raise WeightsUnreachableError("Still nothing.")

    monkeypatch.setattr("saliency_core.models.weights.fetch_weights", fetch)
    app.run()
    assert tries == [], "nobody should wait twice for what is known to fail"
    press(app, "Try again")
    assert [Hub(url) for url in tries] == [core.MODELS["resnet50"].source]
    assert "ResNet50 is still not available" in texts(app)
    assert "EfficientNet-Lite0" in texts(app)
    press(app, "Go on with EfficientNet-Lite0")
    assert "ResNet50" not in texts(app)


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()


def test_a_damaged_weights_file_is_named_without_the_servers_folders(tmp_path: Path) -> None:
    path = tmp_path / "hub" / "checkpoints" / "resnet50-11ad3fa6.pth"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"half a file")
    app = open_dashboard()
    reason = next(each.value for each in app.markdown if "not available" in each.value)
    assert "resnet50-11ad3fa6.pth is damaged" in reason
    assert "Delete it" in reason
    assert str(tmp_path) not in reason
    assert app.subheader


@pytest.mark.parametrize(
    ("photo", "said"),
    [
        ("koala", "**Right.** The photo shows a koala."),
        ("hedgehog", "**Wrong.** The photo shows a hedgehog. None of the model’s 1,000 classes is that"),
        ("fig-bowl", "**Wrong.** The photo shows half a fig; “fig” gets "),
    ],
)
def test_where_the_truth_is_known_the_answer_is_right_or_wrong(photo: str, said: str) -> None:
    assert said in texts(open_dashboard(photo=photo, model="efficientnet_lite0"))


def test_where_the_truth_is_not_known_nothing_is_said_of_it() -> None:
    for app in (open_dashboard(photo="kitten-yarn"), open_dashboard(photo="koala")):
        if app.query_params["photo"] == "koala":
            app.file_uploader[0].set_value(("mug.jpg", (PHOTOS / "koala.jpg").read_bytes(), "image/jpeg")).run()
        assert "**Right" not in texts(app)
        assert "**Wrong" not in texts(app)


@pytest.mark.slow
@pytest.mark.parametrize("crop_mode", core.CROP_MODES)
@pytest.mark.parametrize("page", ["classification", "saliency", "masking_experiment"])
def test_every_sample_on_every_page(page: str, crop_mode: CropMode) -> None:
    app = open_dashboard(page, crop_mode=crop_mode, model="efficientnet_lite0")
    # An experiment takes seconds, so each sample has one, and each crop mode a third of them.
    every = list(samples().values())
    chosen = every[core.CROP_MODES.index(crop_mode) :: 3] if page == "masking_experiment" else every
    for source in chosen:
        app.session_state["photo"] = source
        app.session_state["target"] = None
        app.run()
        assert not app.exception
        assert source.title in texts(app)
        assert source.credit in texts(app)
        assert not app.error


def test_a_link_brings_photo_model_fit_class_and_sigma() -> None:
    link = {
        "photo": "koala",
        "model": "efficientnet_lite0",
        "crop_mode": "squash",
        "class": "106",
        "sigma": "7.5",
    }
    app = open_dashboard("saliency", **link)
    told = r"“wombat” \((under )?[\d.]+%, place \d+ of 1,000\) · EfficientNet-Lite0 · gradient, strongest"
    assert re.search(told, pictures(app))
    assert "sigma 7.5" in pictures(app)
    assert "Koala in a tree" in texts(app)
    assert link.items() <= dict(app.query_params).items()


@pytest.mark.parametrize(("fit", "crop_mode"), [("crop", "center"), ("squash", "squash")])
def test_a_link_of_version_0_1_opens(fit: str, crop_mode: str) -> None:
    app = open_dashboard(
        "saliency", photo="koala", model="efficientnet_lite0", fit=fit, sigma="7.5", **{"class": "106"}
    )
    assert not app.warning
    assert "“wombat”" in pictures(app)
    assert "sigma 7.5" in pictures(app)
    assert app.query_params["crop_mode"] == crop_mode
    assert "fit" not in app.query_params


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ({"photo": "../../etc/passwd"}, "not among the samples"),
        ({"model": "vgg"}, "model that does not exist"),
        ({"crop_mode": "stretch"}, "unknown way to crop"),
        ({"class": "1000"}, "0 to 999"),
        ({"class": "-1"}, "class that is not a number"),
        ({"class": "<b>"}, "class that is not a number"),
        ({"sigma": "nan"}, "0 to 20"),
        ({"sigma": "1e9"}, "0 to 20"),
        ({"step": "two"}, "step of the tour"),
        ({"step": "0"}, "step of the tour"),
        ({"step": 5000 * "9"}, "step of the tour"),
        ({"class": 5000 * "9"}, "class that is not a number"),
    ],
)
def test_a_bad_link_is_told_once_and_the_rest_shown(link: dict[str, str], words: str) -> None:
    app = open_dashboard("guided_tour", **({"photo": "espresso"} | link))
    assert words in app.warning[0].value
    app.switch_page("pages/classification.py").run()
    assert not app.warning
    assert "sure" in app.subheader[0].value
    assert ("espresso" in app.subheader[0].value) is (link.keys() != {"photo"})


def test_photo_model_fit_class_and_sigma_survive_the_way_to_another_page() -> None:
    app = open_dashboard("saliency", photo="espresso")
    app.selectbox(key="model").set_value("efficientnet_lite0").run()
    app.session_state["crop_mode"] = "squash"
    app.run()
    app.selectbox(key="target_search").set_value(605).run()
    app.session_state["sigma"] = 12.0
    app.run()
    app.switch_page("pages/classification.py").run()
    assert "espresso" in app.subheader[0].value
    app.switch_page("pages/saliency.py").run()
    assert app.selectbox(key="model").value == "efficientnet_lite0"
    assert app.session_state["crop_mode"] == "squash"
    assert app.selectbox(key="target_search").value == 605
    assert "sigma 12" in pictures(app)


def test_a_page_shows_the_settings_of_the_page_before_at_once() -> None:
    """Not only in its second run: Streamlit hands a value from one page's widget to another's too late."""
    app = open_dashboard("saliency", photo="koala", model="efficientnet_lite0", crop_mode="squash", sigma="3")
    assert app.query_params["model"] == "efficientnet_lite0"
    app.radio(key="crop_mode").set_value("border").run()
    app.session_state["sigma"] = 7.5
    app.switch_page("pages/masking_experiment.py").run()
    assert (app.query_params["crop_mode"], app.query_params["sigma"]) == ("border", "7.5")
    app.session_state["rectangles"] = (Rectangle(0.1, 0.1, 0.3, 0.3),)
    app.session_state["maps_of_views"] = True
    app.run()
    assert app.slider(key="sigma").value == 7.5
    app.slider(key="sigma").set_value(2.0)
    app.radio(key="crop_mode").set_value("center").run()
    app.selectbox(key="fill").set_value("blur").run()
    app.switch_page("pages/saliency.py").run()
    assert (app.query_params["crop_mode"], app.query_params["sigma"]) == ("center", "2")
    assert "sigma 2" in pictures(app)
    app.switch_page("pages/masking_experiment.py").run()
    app.session_state["maps_of_views"] = True
    app.run()
    assert (app.selectbox(key="fill").value, app.slider(key="sigma").value) == ("blur", 2.0)


def test_a_pill_and_the_search_hold_one_choice() -> None:
    app = open_dashboard("saliency", photo="koala")
    assert "“koala”" in pictures(app)
    app.selectbox(key="target_search").set_value(605).run()
    assert "“iPod”" in pictures(app)
    assert app.session_state["target_pill"] is None
    app.button_group(key="target_pill").set_value(105).run()
    assert "“koala”" in pictures(app)
    assert "iPod" not in pictures(app)
    assert app.selectbox(key="target_search").value is None


def test_another_photo_is_explained_by_its_own_best_guess() -> None:
    app = open_dashboard("saliency", photo="koala")
    app.selectbox(key="target_search").set_value(605).run()
    app.file_uploader[0].set_value(("mine.jpg", (PHOTOS / "espresso.jpg").read_bytes(), "image/jpeg")).run()
    assert "“espresso”" in pictures(app)
    assert "iPod" not in pictures(app)


def test_moving_sigma_never_runs_the_model_again(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[int] = []
    real = attribution.explanation_stages

    def counted(classifier: core.Classifier, frame: core.Frame, target: int | None, *how: Any) -> Any:
        runs.append(0 if target is None else target)
        return real(classifier, frame, target, *how)

    monkeypatch.setattr("pages.ui.compute.explanation_stages", counted)
    app = open_dashboard("saliency", photo="koala")
    assert len(runs) == 1
    seen = {pictures(app)}
    for sigma in (0.0, 1.5, 20.0):
        app.session_state["sigma"] = sigma
        app.run()
        seen.add(pictures(app))
    app.selectbox(key="reduction").set_value("l2").run()
    app.selectbox(key="colour_map").set_value("viridis").run()
    assert len(seen) == 4
    assert len(runs) == 1


def unpack(payload: bytes) -> tuple[dict[str, Any], bytes]:
    """The header of a payload, and what follows."""
    length = int.from_bytes(payload[:4], "little")
    return json.loads(payload[4 : 4 + length]), payload[4 + length :]


@pytest.mark.parametrize(("photo", "crop_mode"), [("cat", "center"), ("koala", "border")])
def test_the_browser_is_sent_the_photo_and_the_map_that_it_draws(photo: str, crop_mode: CropMode) -> None:
    app = open_dashboard("saliency", photo=photo, crop_mode=crop_mode, model="efficientnet_lite0")
    components = app.get("bidi_component")
    sent = (
        dict(unpack(each.proto.bytes) for each in components if each.proto.component_name == "payload" for _ in "1")
        if False
        else [unpack(each.proto.bytes) for each in components if each.proto.component_name == "payload"]
    )
    (about_photo, jpeg), (about_map, levels) = (each for each in sent if each[0]["name"] != "thumbnails")
    drawn = [json.loads(each.proto.json) for each in components if each.proto.component_name == "maps"]
    assert {(each["photo"], each["map"]) for each in drawn} == {(about_photo["name"], about_map["name"])}
    subject = compute.Subject(samples()[photo], compute.classifier("efficientnet_lite0"), crop_mode)
    with Image.open(io.BytesIO(jpeg)) as picture:
        assert picture.size == (about_photo["width"], about_photo["height"])
        loss = np.asarray(picture).astype(float) - compute.picture(subject.source)
    assert np.abs(loss).mean() < 4
    target = compute.explanation(subject, None).target
    raw = compute.attribution(subject, target, "max").values
    shares = np.frombuffer(levels, "<u2").reshape(about_map["side"], about_map["side"]) / 65535
    np.testing.assert_allclose(shares * about_map["peak"], raw, atol=1e-5 * about_map["peak"])
    frame = compute.frame(subject)
    assert drawn[0]["box"][0] * frame.photo_size[0] == pytest.approx(frame.box.left)


def test_garbage_is_not_looked_for_among_what_torch_brings() -> None:
    compute.classifier("efficientnet_lite0")
    before = gc.get_count()[0] + len(gc.get_objects())
    assert gc.get_freeze_count() > before


@pytest.mark.parametrize("page", ["classification", "saliency", "masking_experiment"])
def test_elements_stand_where_they_stood_whether_or_not_the_model_was_asked(page: str) -> None:
    """Else the browser builds the page anew, pictures and all, and it flickers."""
    app = open_dashboard(page, photo="cat")
    asked = [app.main.children[place].type for place in sorted(app.main.children)]
    app.run()
    assert [app.main.children[place].type for place in sorted(app.main.children)] == asked
    assert len(asked) > 4


def test_any_set_of_sigmas_can_be_compared() -> None:
    app = open_dashboard("saliency", photo="koala")
    for chosen in ([], [3], [0, 1, 2, 3, 5, 8, 10, 15, 20]):
        app.button_group(key="compared").set_value(chosen).run()
        assert not app.exception
        assert re.findall(r"^Sigma (\d+)", pictures(app), re.MULTILINE) == [str(sigma) for sigma in chosen]
    app.toggle(key="one_scale").set_value(True).run()
    assert not app.exception


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("notes.jpg", b"these are no pixels", "not a picture"),
        ("cut.jpg", (PHOTOS / "koala.jpg").read_bytes()[:9000], "damaged or cut short"),
        ("<script>alert(1)</script>.png", b"\x89PNG", "not a picture"),
    ],
)
def test_a_bad_upload_is_told_and_the_photo_stays(name: str, data: bytes, words: str) -> None:
    app = open_dashboard(photo="koala")
    before = app.subheader[0].value
    app.file_uploader[0].set_value((name, data, "image/jpeg")).run()
    assert not app.exception
    assert words in app.error[0].value
    assert app.subheader[0].value == before
    app.run()
    assert not app.error


def test_an_upload_is_shown_and_the_link_says_that_it_is_about_one() -> None:
    app = open_dashboard(photo="koala")
    app.file_uploader[0].set_value(("mug.jpg", (PHOTOS / "espresso.jpg").read_bytes(), "image/jpeg")).run()
    assert "espresso" in app.subheader[0].value
    assert "Your photo: mug.jpg" in texts(app)
    assert re.fullmatch("own-[0-9a-f]{16}", app.query_params["photo"])


def _clear(app: AppTest) -> None:
    next(button for button in app.button if button.label == "Clear").click().run()


def test_without_a_region_the_masking_page_says_what_to_do() -> None:
    app = open_dashboard("masking_experiment", photo="koala", crop_mode="squash")
    _clear(app)
    assert "Drag on the photo" in app.info[0].value
    assert not app.exception


def test_a_sample_starts_with_its_object() -> None:
    app = open_dashboard("masking_experiment", photo="koala", crop_mode="squash")
    assert app.selectbox(key="declared").value == "object"
    words = texts(app)
    assert "**Lost, but not set apart.** Hiding the object takes the answer “koala” away, from 87% to 0.3%" in words
    assert "The object covers 47% of what the model sees" in words
    assert "Background alone (object hidden)" in pictures(app)
    app.session_state["photo"] = samples()["cat"]
    app.session_state["rectangles"] = (Rectangle(0.1, 0.1, 0.3, 0.3),)
    app.selectbox(key="declared").set_value("other").run()
    assert "object" not in texts(app).split("How this is judged")[0].split("“")[0]
    assert "Background alone" not in pictures(app)


def test_the_koalas_head_in_one_sentence() -> None:
    app = open_dashboard("masking_experiment", photo="koala", crop_mode="squash")
    app.button(key="preset_head").click().run()
    assert not app.exception
    words = texts(app)
    assert "**Neither needed nor enough.** “koala” rises to 92% without this part of the object" in words
    assert re.search(r"Of 19 random places of its shape, \d+ also neither", words)
    assert "17% of the saliency" in words
    assert "One of 2 comparisons made on this photo" in words
    assert [row["Hidden pixels become"] for row in app.table[0].value.to_dict("records")] == [
        "Black",
        "Grey",
        "Blur",
        "Noise",
    ]
    assert set(app.table[0].value["Finding"]) == {"Neither needed nor enough"}
    assert "The finding is the same with every fill" in words


def test_a_region_from_the_map_is_marked_as_such() -> None:
    app = open_dashboard("masking_experiment", photo="koala", crop_mode="squash")
    next(button for button in app.button if button.label == "From the map").click().run()
    assert "taken from a map of this photo" in texts(app)
    assert app.selectbox(key="declared").value == "other"
    app.button(key="preset_head").click().run()
    assert "taken from a map" not in texts(app)


@pytest.mark.slow
def test_nothing_is_left_after_a_change() -> None:
    """Region, fill, class, photo and model: after each change the page shows what a fresh one would."""

    def shown(app: AppTest) -> tuple[str, str]:
        return re.sub(r"One of \d+ comparisons.*", "", texts(app)), pictures(app)

    def fresh(**settings: Any) -> tuple[str, str]:
        app = open_dashboard("masking_experiment", photo=settings.pop("photo"), crop_mode="squash")
        for name, value in settings.items():
            app.session_state[name] = value
        return shown(app.run())

    small = (Rectangle(0.1, 0.1, 0.3, 0.3),)
    large = (Rectangle(0.4, 0.2, 0.4, 0.6),)
    app = open_dashboard("masking_experiment", photo="koala", crop_mode="squash")
    app.session_state["control_count"] = 19
    app.session_state["rectangles"] = small
    first = shown(app.run())
    app.session_state["rectangles"] = large
    assert shown(app.run()) == fresh(photo="koala", control_count=19, rectangles=large)
    app.selectbox(key="fill").set_value("blur")
    assert shown(app.run()) == fresh(photo="koala", control_count=19, rectangles=large, fill="blur")
    app.selectbox(key="target_search").set_value(605)
    changed = shown(app.run())
    assert changed == fresh(
        photo="koala", control_count=19, rectangles=large, fill="blur", target=605, declared="other"
    )
    app.file_uploader[0].set_value(("cup.jpg", (PHOTOS / "espresso.jpg").read_bytes(), "image/jpeg")).run()
    assert "Drag on the photo" in app.info[0].value
    assert app.session_state["rectangles"] == ()
    assert "koala" not in "".join(shown(app)).lower().replace("koala in a tree", "")
    app.session_state["photo"] = samples()["koala"]
    app.session_state["target"] = None
    app.session_state["rectangles"] = small
    app.session_state["declared"] = "object"
    app.selectbox(key="fill").set_value("black")
    assert shown(app.run()) == first


@pytest.mark.slow
def test_numbers_and_drawing_are_one_thing() -> None:
    app = open_dashboard("masking_experiment", photo="cat", crop_mode="squash")
    _clear(app)
    next(button for button in app.button if button.label == "Add a region").click().run()
    for name, value in (("top", 5), ("left", 35), ("height", 40), ("width", 40)):
        app.number_input(key=f"region_0_{name}").set_value(value).run()
    frame = core.Frame(np.zeros((224, 224, 3), np.uint8), Box(0, 0, 451, 300), (451, 300))
    assert on_frame(app.session_state["rectangles"][0], frame) == core.Region(5, 35, 40, 40)
    app.number_input(key="region_0_left").set_value(200).run()
    assert on_frame(app.session_state["rectangles"][0], frame) == core.Region(5, 200, 40, 24)
    _clear(app)
    assert app.session_state["rectangles"] == ()


def test_a_region_that_the_model_does_not_see_plays_no_part() -> None:
    app = open_dashboard("masking_experiment", photo="cat", crop_mode="center")
    app.session_state["rectangles"] = (Rectangle(0, 0, 0.05, 0.05),)
    app.run()
    assert "does not see the photo" in app.info[0].value
    assert not app.exception


@pytest.mark.slow
def test_weights_are_downloaded_with_progress_and_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """ResNet50 with seeded weights from a local host, through the real way of loading."""
    published = tmp_path_factory.mktemp("host")
    torch.manual_seed(0)
    torch.save(resnet50().state_dict(), published / "weights")
    digits = hashlib.sha256((published / "weights").read_bytes()).hexdigest()[:8]
    (published / "weights").rename(published / f"resnet50-{digits}.pth")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    shares: list[float] = []

    def watched(url: str, progress: Callable[[float], object]) -> object:
        def both(done: float) -> None:
            shares.append(done)
            progress(done)

        return fetch_weights(url, both)

    monkeypatch.setattr("saliency_core.models.weights.fetch_weights", watched)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(published))) as host:
        threading.Thread(target=host.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{host.server_port}/resnet50-{digits}.pth"
        monkeypatch.setitem(core.MODELS, "resnet50", replace(core.MODELS["resnet50"], source=Hub(url)))
        app = open_dashboard("saliency")
        host.shutdown()
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert (tmp_path / "hub" / "checkpoints" / f"resnet50-{digits}.pth").exists()
    assert "Model: **ResNet50**" in texts(app)
    assert "not available" not in texts(app)
    assert "· ResNet50 · gradient" in pictures(app)


def test_about_names_the_paper_and_every_photo_with_its_licence() -> None:
    app = open_dashboard("about")
    assert "1312.6034" in texts(app)
    rows = app.table[0].value.to_dict("records")
    assert {row["Photo"] for row in rows} == {source.title for source in samples().values()}
    assert all(row["By and licence"] for row in rows)


def test_a_fragment_tells_what_the_library_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_dashboard("saliency")

    def refuse(*_: Any) -> str:
        raise core.SaliencyError("There is no map for this photo.")

    monkeypatch.setattr(captions, "describe_maps", refuse)
    app.toggle(key="one_scale").set_value(True).run()
    assert not app.exception
    assert [each.value for each in app.error] == 2 * ["There is no map for this photo."]
