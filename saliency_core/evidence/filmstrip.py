"""A map as its network loses what it learned, from the last layer down."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from saliency_core.evidence.randomise import cascade
from saliency_core.evidence.remaking import remake
from saliency_core.evidence.similarity import Similarity, entropy, relative_rise, similarity
from saliency_core.methods.method import DEFAULT_OPTIONS, Options
from saliency_core.methods.smoothing import SaliencyMap
from saliency_core.models.classifier import Classifier
from saliency_core.photos.frame import Frame


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One picture of a filmstrip.

    title: what is shuffled, in words. parts: the names of these parts, from the top down.
    saliency: the map of what is left of the network.
    similarity: with the trained network's map. entropy: of this map, see entropy().
    """

    title: str
    parts: tuple[str, ...]
    saliency: SaliencyMap
    similarity: Similarity
    entropy: float


@dataclass(frozen=True, slots=True, eq=False)
class Filmstrip:
    """Maps as their network is shuffled from the top down.

    trained: the trained network's maps, by name; pictures: of each, one a stage, as far as they are done.
    share: how much of the work is done, in (0, 1].
    """

    trained: Mapping[str, SaliencyMap] = field(repr=False)
    pictures: Mapping[str, tuple[Picture, ...]] = field(repr=False)
    share: float = 1.0

    def rise(self, name: str) -> float:
        """The relative rise of a map's entropy up to the last picture, see relative_rise()."""
        return relative_rise(entropy(self.trained[name].values), self.pictures[name][-1].entropy)


def filmstrip_stages(
    classifier: Classifier,
    frame: Frame,
    trained: Mapping[str, SaliencyMap],
    calibration: Sequence[Frame],
    options: Options = DEFAULT_OPTIONS,
    seed: int = 0,
) -> Iterator[float | Filmstrip]:
    """Makes maps again at each stage of cascade(): yields the share done after each step that runs the model, and
    after each stage the filmstrip so far, at last the whole.

    trained: the maps by names, as the trained network gives them with `options`.
    calibration: frames of other photos, at least two.

    Raises RequestError and SaliencyError where cascade() and remake() do.
    """
    pictures: dict[str, tuple[Picture, ...]] = dict.fromkeys(trained, ())
    done = 0.0
    for stage in cascade(classifier, calibration, seed):
        span = (stage.share - done) / (len(trained) + 1)
        for name, saliency in trained.items():
            done += span
            yield done
            made = yield from remake(stage.classifier, frame, saliency, options, None, done, span)
            alike = similarity(saliency.values, made.values)
            pictures[name] += (Picture(stage.title, stage.parts, made, alike, entropy(made.values)),)
        done = stage.share
        yield Filmstrip(trained, dict(pictures), done)
