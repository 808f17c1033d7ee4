"""What an examination finds, and all its findings together."""

from dataclasses import dataclass
from typing import Literal, get_args

from saliency_core.text import join_words

Status = Literal["passed", "warning", "failed", "not tried"]
STATUSES: tuple[Status, ...] = get_args(Status)
Value = str | int | float | bool
Details = tuple[tuple[str, Value], ...]
"""Names, with their units, and values, for those who want the numbers."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check finds.

    sentence: the finding in plain words, and what to do about it.
    """

    status: Status
    sentence: str
    details: Details = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """An outcome with the check's name.

    key: short, the same in every passport; title: to stand above the sentence.
    """

    key: str
    title: str
    status: Status
    sentence: str
    details: Details = ()


@dataclass(frozen=True, slots=True)
class Passport:
    """All that an examination of a model found.

    name, title: the model's.
    weights_origin, weights_sha256: where its weights came from, and the digest of their file; empty if there are none.
    date: the day of the examination, as 2026-01-31.
    versions: packages that numbers may depend on, and their versions.
    """

    name: str
    title: str
    weights_origin: str
    weights_sha256: str
    date: str
    versions: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]

    @property
    def status(self) -> Status:
        """The worst of the findings: "failed", "warning" or "passed"."""
        found = {finding.status for finding in self.findings}
        order: tuple[Status, ...] = ("failed", "warning")
        return next((status for status in order if status in found), "passed")

    @property
    def result(self) -> str:
        """The passport in one sentence: "12 checks passed, 1 warning: Input settings on your photos."."""
        counted = [self._count(status) for status in ("passed", "failed", "warning", "not tried")]
        return f"{join_words([words for words in counted if words])}." if any(counted) else "Nothing was examined."

    def find(self, key: str) -> Finding | None:
        """The finding with a key."""
        return next((finding for finding in self.findings if finding.key == key), None)

    def _count(self, status: str) -> str:
        titles = [finding.title for finding in self.findings if finding.status == status]
        if not titles:
            return ""
        if status == "passed":
            return f"{len(titles)} {'check' if len(titles) == 1 else 'checks'} passed"
        if status == "not tried":
            return f"{len(titles)} not tried"
        plural = "s" if status == "warning" and len(titles) > 1 else ""
        return f"{len(titles)} {status}{plural} ({'; '.join(titles)})"
