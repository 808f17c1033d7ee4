"""What the offline model finds on real photos: the samples, and the article's own where they lie beside."""

from collections.abc import Callable
from typing import Any

import pytest

import saliency_core as core
from tests.conftest import ARTICLE

OpenSample = Callable[[str], core.Photo]


def test_the_samples_get_the_manifests_answers(
    classifier: core.Classifier, sample_photo: OpenSample, manifest: dict[str, dict[str, Any]]
) -> None:
    for name, entry in manifest.items():
        frame = core.frame_photo(sample_photo(name), classifier, "squash")
        guesses = core.classify(classifier, frame).top(5)
        label, probability = entry["top5"][0]
        assert guesses[0].label == label, name
        assert guesses[0].probability == pytest.approx(probability, abs=0.02), name


@pytest.mark.skipif(not ARTICLE.is_dir(), reason="the article's photos are not beside the project")
@pytest.mark.parametrize(
    ("file", "label", "probability"),
    [("kitten.jpg", "tabby", 0.41), ("can_opener.png", "can opener", 0.99), ("dirk.png", "basketball", 0.45)],
)
def test_the_articles_photos_get_the_articles_answers(
    classifier: core.Classifier, file: str, label: str, probability: float
) -> None:
    photo = core.decode_photo((ARTICLE / file).read_bytes())
    best = core.classify(classifier, core.frame_photo(photo, classifier, "squash")).top(1)[0]
    assert best.label == label
    assert best.probability == pytest.approx(probability, abs=0.01)


def test_probabilities_are_a_softmax_and_guesses_are_sorted(
    classifier: core.Classifier, sample_photo: OpenSample
) -> None:
    prediction = core.classify(classifier, core.frame_photo(sample_photo("cat"), classifier))
    assert prediction.probabilities.sum() == pytest.approx(1, abs=1e-5)
    guesses = prediction.top(1000)
    assert sorted((guess.probability for guess in guesses), reverse=True) == [guess.probability for guess in guesses]
    assert prediction.rank(guesses[0].index) == 1
    assert prediction.rank(guesses[4].index) == 5
    with pytest.raises(core.RequestError):
        prediction.rank(1000)
