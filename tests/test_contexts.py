"""A classifier answers the same wherever it is copied to, and whatever torch's settings are around it."""

import copy
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch

import saliency_core as core
from saliency_core.photos.frame import Box
from tests.conftest import Linear, small_classifier

REGION = core.Region(52, 78, 49, 103)
KOALA = 105

Answers = tuple[np.ndarray, ...]
OpenSample = Callable[[str], core.Photo]


@contextmanager
def _double_by_default() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


CONTEXTS: dict[str, Callable[[], AbstractContextManager[object]]] = {
    "inference_mode": torch.inference_mode,
    "no_grad": torch.no_grad,
    "autocast": lambda: torch.autocast("cpu", torch.bfloat16),
    "float64": _double_by_default,
}


def _answers(classifier: core.Classifier, frame: core.Frame) -> Answers:
    """Logits, a map, and what an experiment finds."""
    experiment = core.run_experiment(classifier, frame, [REGION], n_controls=3, seed=1)
    views = experiment.views
    return (
        core.classify(classifier, frame).logits,
        core.attribute(classifier, frame, KOALA).values,
        views.hidden.prediction.logits,
        views.kept.attribution.values,
        experiment.controls.hidden,
    )


def _assert_same(found: Answers, expected: Answers) -> None:
    for each, wanted in zip(found, expected, strict=True):
        assert each.dtype == wanted.dtype == np.float32
        np.testing.assert_array_equal(each, wanted)


@pytest.fixture(scope="module")
def frame(classifier: core.Classifier, sample_photo: OpenSample) -> core.Frame:
    return core.frame_photo(sample_photo("koala"), classifier, "squash")


@pytest.fixture(scope="module")
def expected(classifier: core.Classifier, frame: core.Frame) -> Answers:
    return _answers(classifier, frame)


@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS)
def test_answers_do_not_depend_on_torchs_settings(
    classifier: core.Classifier,
    frame: core.Frame,
    expected: Answers,
    context: Callable[[], AbstractContextManager[object]],
) -> None:
    with context():
        found = _answers(classifier, frame)
    _assert_same(found, expected)


@contextmanager
def _all_contexts() -> Iterator[None]:
    with ExitStack() as stack:
        for context in CONTEXTS.values():
            stack.enter_context(context())
        yield


def test_a_classifier_does_not_depend_on_torchs_settings_while_it_is_loaded(
    frame: core.Frame, expected: Answers
) -> None:
    with _all_contexts():
        loaded = core.load_classifier("efficientnet_lite0")
    assert {each.dtype for each in loaded.module.parameters()} == {torch.float32}
    assert not any(each.is_inference() for each in loaded.module.parameters())
    _assert_same(_answers(loaded, frame), expected)


def test_torchs_settings_are_left_as_they_were(classifier: core.Classifier, frame: core.Frame) -> None:
    with _all_contexts():
        core.attribute(classifier, frame, KOALA)
        assert torch.is_inference_mode_enabled()
        assert not torch.is_grad_enabled()
        assert torch.is_autocast_enabled("cpu")
        assert torch.get_default_dtype() == torch.float64
    core.attribute(classifier, frame, KOALA)
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("make", [copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])
def test_a_copy_answers_the_same(
    classifier: core.Classifier,
    frame: core.Frame,
    expected: Answers,
    make: Callable[[core.Classifier], core.Classifier],
) -> None:
    again = make(classifier)
    assert (again.name, again.title, again.weights, again.preset) == (
        classifier.name,
        classifier.title,
        classifier.weights,
        classifier.preset,
    )
    _assert_same(_answers(again, frame), expected)


def test_a_deep_copy_shares_no_module_and_is_copied_once(classifier: core.Classifier) -> None:
    first, second = copy.deepcopy([classifier, classifier])
    assert first is second
    assert first.module is not classifier.module


def test_a_built_in_classifier_pickles_without_its_weights(classifier: core.Classifier) -> None:
    assert len(pickle.dumps(classifier)) < 10_000


def test_a_pickle_of_other_weights_is_refused(classifier: core.Classifier) -> None:
    data = pickle.dumps(classifier).replace(classifier.weights.sha256.encode(), b"0" * 64)
    with pytest.raises(core.WeightsError, match="are not those that the classifier was saved with"):
        pickle.loads(data)


def test_another_classifier_pickles_with_its_module() -> None:
    weights = torch.randn(3, 3, 16, 16, generator=torch.Generator().manual_seed(2))
    classifier = small_classifier(Linear(weights), 16, 3)
    pixels = np.random.default_rng(1).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    frame = core.Frame(pixels, Box(0, 0, 16, 16), (16, 16))
    for again in (copy.deepcopy(classifier), pickle.loads(pickle.dumps(classifier))):
        np.testing.assert_array_equal(core.classify(again, frame).logits, core.classify(classifier, frame).logits)
        np.testing.assert_array_equal(
            core.attribute(again, frame, 2).values, core.attribute(classifier, frame, 2).values
        )


def test_what_is_found_pickles(classifier: core.Classifier, frame: core.Frame) -> None:
    experiment = core.run_experiment(classifier, frame, [REGION], n_controls=3)
    again = pickle.loads(pickle.dumps(experiment))
    assert (again.regions, again.placements, again.verdict) == (
        experiment.regions,
        experiment.placements,
        experiment.verdict,
    )
    assert core.record_experiment(again, classifier) == core.record_experiment(experiment, classifier)


def _run(code: str, *arguments: object) -> str:
    """What a fresh Python says to code."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *map(str, arguments)],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=Path(__file__).parents[1],
    )
    return done.stdout.strip()


def test_a_classifier_answers_the_same_in_another_process(
    classifier: core.Classifier, frame: core.Frame, expected: Answers, tmp_path: Path
) -> None:
    (tmp_path / "pickled").write_bytes(pickle.dumps((classifier, frame)))
    code = (
        "import pages.ui, pickle, sys, pathlib, numpy as np, torch\n"
        f"torch.set_num_threads({torch.get_num_threads()})\n"
        "import saliency_core as core\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "classifier, frame = pickle.loads((folder / 'pickled').read_bytes())\n"
        "np.save(folder / 'logits.npy', core.classify(classifier, frame).logits)\n"
        f"np.save(folder / 'map.npy', core.attribute(classifier, frame, {KOALA}).values)\n"
    )
    _run(code, tmp_path)
    for name, wanted in zip(("logits", "map"), expected, strict=False):
        np.testing.assert_array_equal(np.load(tmp_path / f"{name}.npy"), wanted)


_FORKED = """
import multiprocessing
from tests.conftest import Linear, small_classifier
import numpy as np, torch
import saliency_core as core
from saliency_core.methods.smoothing import smooth_all
from saliency_core.photos.frame import Box

classifier = small_classifier(Linear(torch.ones(2, 3, 224, 224)), 224, 2)
pixels = np.random.default_rng(1).integers(0, 256, (224, 224, 3), dtype=np.uint8)
frame = core.Frame(pixels, Box(0, 0, 224, 224), (224, 224))
raw = core.attribute(classifier, frame, 0)

def work(_):
    maps = smooth_all(raw, [2, 5])
    logits, values = core.classify(classifier, frame).logits, core.attribute(classifier, frame, 0).values
    return [maps[0].values, maps[1].values, logits, values]

expected = work(0)  # threads are at work before the fork
with multiprocessing.get_context("fork").Pool(2) as pool:
    found = pool.map_async(work, [0, 1]).get(timeout=20)
for each in found:
    for array, wanted in zip(each, expected, strict=True):
        np.testing.assert_allclose(array, wanted, rtol=1e-5)
print("the same", end="")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_worker_answers_as_its_parent_does() -> None:
    assert _run(_FORKED) == "the same"
