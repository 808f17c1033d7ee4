"""The maps of a folder's photos before smoothing, made once and kept in a folder."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import saliency_core as core
from saliency_core.errors import SaliencyError
from saliency_core.methods.attribution import fit_reduction, reduce_channels
from scripts.calibrate.folder import Entry

Values = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A photo as the model sees it.

    target: its best guess, which all maps are of; probability: of it.
    maps: by method, f32 [side, side], before smoothing; signed where the method is.
    """

    entry: Entry
    frame: core.Frame
    target: int
    probability: float
    maps: dict[str, Values]


class Maps:
    """Makes each photo's maps, or reads them where they are kept.

    folder: where; methods: which. What a model cannot do is left out.
    """

    def __init__(self, classifier: core.Classifier, folder: Path, methods: Sequence[str]) -> None:
        self._classifier, self._methods = classifier, tuple(methods)
        self._folder = folder / "maps"
        self._folder.mkdir(parents=True, exist_ok=True)

    def photo(self, entry: Entry) -> Photo:
        """A photo with its maps."""
        frame = core.frame_photo(core.decode_photo(entry.path.read_bytes()), self._classifier)
        prediction = core.classify(self._classifier, frame)
        best = prediction.top(1)[0]
        maps = self._read(entry, best.index)
        missing = [method for method in self._methods if method not in maps]
        for method in missing:
            made = self._make(frame, best.index, method)
            if made is not None:
                maps[method] = made
        if missing:
            self._write(entry, best.index, maps)
        wanted = {method: maps[method] for method in self._methods if method in maps}
        return Photo(entry, frame, best.index, best.probability, wanted)

    def others(self, entries: Sequence[Entry], place: int, count: int) -> list[dict[str, Values]]:
        """The maps of the photos that follow one, from the first on after the last."""
        following = [entries[(place + step) % len(entries)] for step in range(1, min(count, len(entries) - 1) + 1)]
        return [self.photo(entry).maps for entry in following]

    def time_one(self, entry: Entry) -> float:
        """Seconds that making one photo's maps takes; they are kept as others are."""
        start = time.monotonic()
        self.photo(entry)
        return time.monotonic() - start

    def _make(self, frame: core.Frame, target: int, method: str) -> Values | None:
        try:
            explanation = core.explain(self._classifier, frame, target, method)
        except SaliencyError:
            return None
        return reduce_channels(explanation, fit_reduction(method)).values

    def _path(self, entry: Entry) -> Path:
        return self._folder / f"{entry.name.replace('/', '__')}.npz"

    def _read(self, entry: Entry, target: int) -> dict[str, Values]:
        path = self._path(entry)
        if not path.is_file():
            return {}
        with np.load(path) as kept:
            return {name: kept[name] for name in kept.files if name != "target"} if kept["target"] == target else {}

    def _write(self, entry: Entry, target: int, maps: dict[str, Values]) -> None:
        path = self._path(entry)
        draft = path.with_suffix(".draft.npz")
        np.savez(draft, allow_pickle=False, target=np.array(target), **maps)
        draft.replace(path)  # whole or not at all, so that a run can be stopped at any time
