"""What an audit's classes go by besides their objects, as files of its folder: findings/00104.json for each class that
was looked into, and findings/index.json, which says which are to be."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from saliency_core.audit.confirm import Finding, Hidden, confirmed
from saliency_core.audit.files import write_whole
from saliency_core.audit.suspicions import Array, Suspicion
from saliency_core.errors import AuditError
from saliency_core.photos.regions import Region
from saliency_core.plain import as_hinted, as_plain, read_json

FINDINGS, INDEX = "findings", "index.json"


@dataclass(frozen=True, slots=True, eq=False)
class LookedInto:
    """A class that was looked into.

    target: its index; photos, others: how many photos of it, and of other classes, were looked at or tested on.
    findings: one for each suspicion, confirmed or not.
    """

    target: int
    photos: int
    others: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What has been found of all classes.

    side: of the frames on which regions lie, in pixels.
    all_classes: how many the audit has; targets: those that can be looked into, see choose_photos().
    looked_into: those of them that have been, in the same order.
    """

    side: int
    all_classes: int
    targets: tuple[int, ...]
    looked_into: tuple[LookedInto, ...]

    @property
    def complete(self) -> bool:
        """Whether all classes that can be looked into have been."""
        return len(self.looked_into) == len(self.targets)

    @property
    def tried(self) -> tuple[Finding, ...]:
        """One finding for each suspicion of any class."""
        return tuple(finding for each in self.looked_into for finding in each.findings)

    @property
    def confirmed(self) -> tuple[Finding, ...]:
        """What is left of them, corrected for all together; nothing before all classes are done, since each more that
        is tried may leave less."""
        return confirmed(self.tried) if self.complete else ()


def read_findings(out: Path | str) -> Findings | None:
    """What has been found so far; None where nobody has looked. A run may write to the folder meanwhile.

    Raises AuditError where a file is damaged.
    """
    folder = Path(out) / FINDINGS
    try:
        index = _read(folder / INDEX)
        if index is None:
            return None
        targets = as_hinted(tuple[int, ...], index["targets"])
        read = [_read(class_path(out, target)) for target in targets]
        found = tuple(_as_looked_into(each) for each in read if each is not None)
        return Findings(as_hinted(int, index["side"]), as_hinted(int, index["all_classes"]), targets, found)
    except (OSError, AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise AuditError(f"{folder} is damaged. Delete it, and look for findings again.") from error


def class_path(out: Path | str, target: int) -> Path:
    """A class's file, which is there once it has been looked into."""
    return Path(out) / FINDINGS / f"{target:05}.json"


def write_index(out: Path, side: int, all_classes: int, targets: Sequence[int]) -> None:
    """Say which classes are to be looked into, on frames of a side in pixels.

    Raises OSError if it cannot be written.
    """
    (out / FINDINGS).mkdir(exist_ok=True)
    _write(out / FINDINGS / INDEX, {"side": side, "all_classes": all_classes, "targets": list(targets)})


def write_class(out: Path, found: LookedInto) -> None:
    """Keep what was found of a class; read_findings() gives it back. Raises OSError if it cannot be written."""
    findings = [
        {
            "region": asdict(each.suspicion.region),
            "pattern": None if each.suspicion.pattern is None else each.suspicion.pattern.tolist(),
            "photos": each.photos,
            "p_value": each.p_value,
            "hidden": [asdict(one) for one in each.hidden],
            "others": [asdict(one) for one in each.others],
        }
        for each in found.findings
    ]
    values = {"target": found.target, "photos": found.photos, "others": found.others, "findings": findings}
    _write(class_path(out, found.target), values)


def _write(path: Path, values: Mapping[str, Any]) -> None:
    write_whole(path, (json.dumps(values) + "\n").encode())


def _read(path: Path) -> dict[str, Any] | None:
    try:
        values: dict[str, Any] = read_json(path.read_bytes())
        return values
    except FileNotFoundError:
        return None


def _as_looked_into(values: Mapping[str, Any]) -> LookedInto:
    target, photos, others = (as_hinted(int, values[name]) for name in ("target", "photos", "others"))
    findings = (
        Finding(
            target,
            Suspicion(as_plain(Region, each["region"]), _as_pattern(each["pattern"])),
            as_hinted(int, each["photos"]),
            as_hinted(tuple[Hidden, ...], each["hidden"]),
            as_hinted(tuple[Hidden, ...], each["others"]),
            as_hinted(float, each["p_value"]),
        )
        for each in values["findings"]
    )
    return LookedInto(target, photos, others, tuple(findings))


def _as_pattern(values: Sequence[Sequence[float]] | None) -> Array | None:
    if values is None:
        return None
    found = np.array(values, np.float64)
    if found.ndim != 2 or not ((found >= -1) & (found <= 256)).all():
        raise ValueError(found.shape)
    pattern = found.astype(np.float32)
    pattern.setflags(write=False)
    return pattern
