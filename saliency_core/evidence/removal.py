"""Whether removing what a map points at matters more than removing what maps without knowledge point at."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from saliency_core.evidence.controls import Control, Values
from saliency_core.evidence.curves import STEPS, Curves, Remover, ranking
from saliency_core.masking.controls import Ask, do_at_once
from saliency_core.models.classifier import Classifier
from saliency_core.photos.fills import FILLS, Fill
from saliency_core.photos.frame import Frame

ByFill = Mapping[Fill, Curves]


@dataclass(frozen=True, slots=True, eq=False)
class ControlCurves:
    """A control and its curves, by fill."""

    control: Control
    curves: ByFill


@dataclass(frozen=True, slots=True)
class Beaten:
    """How a map does against its controls.

    count: how many of them it beats, by the mean gain over all fills; of: how many there are.
    fills: those under which it beats them all; of_fills: how many fills there are.
    """

    count: int
    of: int
    fills: tuple[Fill, ...]
    of_fills: int

    @property
    def all(self) -> bool:
        """Whether it beats every control, by the mean over all fills."""
        return self.count == self.of > 0


@dataclass(frozen=True, slots=True, eq=False)
class RemovalEvidence:
    """What removing pixels by maps does, beside their controls.

    fills: what removed pixels become, in turn.
    maps: for each map's name, its curves by fill, as far as they are done.
    controls: for each map's name, its controls' curves, as far as they are done.
    share: how much of the work is done, in (0, 1].
    """

    fills: tuple[Fill, ...]
    maps: Mapping[str, ByFill] = field(repr=False)
    controls: Mapping[str, tuple[ControlCurves, ...]] = field(repr=False)
    share: float = 1.0

    def srg(self, name: str) -> float:
        """A map's symmetric relevance gain, the mean over the fills; not a number before they are done."""
        return self._mean(self.maps[name])

    def control_srgs(self, name: str) -> tuple[float, ...]:
        """The same of each of a map's controls."""
        return tuple(self._mean(each.curves) for each in self.controls[name])

    def band(self, name: str, fill: Fill) -> NDArray[np.float64]:
        """Where the curves of a map's controls lie: f64 [2, 2, steps + 1], the lowest and the highest, each of
        `most_first` and of `least_first`."""
        curves = [each.curves[fill] for each in self.controls[name] if fill in each.curves]
        both = np.array([[each.most_first, each.least_first] for each in curves])
        return np.stack([both.min(axis=0), both.max(axis=0)])

    def beats(self, name: str) -> Beaten:
        """How many of its controls a map beats, and under which fills all of them. Of equal ones none is beaten.

        Only of evidence that is done.
        """
        own, controls = self.maps[name], self.controls[name]
        count = sum(self._mean(each.curves) < self.srg(name) for each in controls)
        everywhere = tuple(
            fill for fill in self.fills if controls and all(each.curves[fill].srg < own[fill].srg for each in controls)
        )
        return Beaten(count, len(controls), everywhere, len(self.fills))

    def _mean(self, curves: ByFill) -> float:
        done = all(fill in curves for fill in self.fills)
        return float(np.mean([curves[fill].srg for fill in self.fills])) if done else float("nan")


def removal_stages(
    classifier: Classifier,
    frame: Frame,
    target: int,
    maps: Mapping[str, Values],
    controls: Mapping[str, Sequence[Control]],
    fills: Sequence[Fill] = FILLS,
    steps: int = STEPS,
    seed: int = 0,
    ask: Ask = do_at_once,  # type: ignore[type-arg]
) -> Iterator[RemovalEvidence]:
    """Removes a frame's pixels by maps and by their controls, under each fill: yields what there is so far, with
    `share`, after each batch of frames, and at last the whole. The maps come first, then their controls.

    target: index of the class whose probability is followed.
    maps: by their names, f32 [side, side], smoothed; signs count.
    controls: for each map's name what it is compared with. A control that several maps have is asked about once.
    seed: of the noise fill, and of the order of pixels of the same value.
    ask: how a step that runs the model is done; its name holds the map's digest, fill, steps and place.

    Raises RequestError for a frame or map of another size, or an impossible fill, target, seed or number of steps.
    """
    fills = tuple(fills)
    removers = {fill: Remover(classifier, frame, target, fill, seed, ask) for fill in fills}
    digests = {name: _digest(values) for name, values in maps.items()}
    beside = {name: [(each, _digest(each.values)) for each in controls.get(name, ())] for name in maps}
    queue = {digests[name]: values for name, values in maps.items()}
    queue |= {digest: each.values for pairs in beside.values() for each, digest in pairs if digest not in queue}
    found: dict[str, dict[Fill, Curves]] = {digest: {} for digest in queue}

    def collect(share: float) -> RemovalEvidence:
        done = {name: dict(found[digest]) for name, digest in digests.items()}
        compared = {
            name: tuple(ControlCurves(each, dict(found[digest])) for each, digest in pairs)
            for name, pairs in beside.items()
        }
        return RemovalEvidence(fills, done, compared, share)

    done, count = 0, sum(remover.batches(steps) for remover in removers.values()) * len(queue)
    for digest, values in queue.items():
        ranked = ranking(values, seed)
        for fill, remover in removers.items():
            parts: list[NDArray[np.float32]] = []
            for place in range(remover.batches(steps)):
                parts.append(remover.batch(ranked, steps, place, (digest, seed)))
                done += 1
                if len(parts) == remover.batches(steps):
                    found[digest][fill] = remover.join(parts, steps)
                yield collect(done / count)


def _digest(values: Values) -> str:
    return hashlib.sha256(values.tobytes()).hexdigest()
