"""What an audit found, over all of its photos: as JSON for programs and as text for people."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from textwrap import wrap
from typing import Any

from saliency_core.audit.files import write_whole
from saliency_core.audit.finding_words import describe_findings, tell_findings
from saliency_core.audit.findings import Findings, read_findings
from saliency_core.audit.rates import Rate
from saliency_core.audit.self_test_words import describe_self_test, tell_self_test
from saliency_core.audit.store import SUMMARY, Audit, read_audit
from saliency_core.audit.summary import ClassSummary, summarize
from saliency_core.audit.trials import SelfTest, read_self_test
from saliency_core.audit.words import find_word, tell_class, tell_share
from saliency_core.text import cut

SCHEMA_VERSION = 1
_MOST = 20
"""So many classes, names and reasons are printed."""


def summarize_audit(audit: Audit) -> tuple[ClassSummary, ...]:
    """One summary a class: the ranked ones from the least mean need up, then the others by how many photos judged."""
    return tuple(sorted(summarize((each.row for each in audit.rows), audit.plan.categories), key=_order))


def _order(summary: ClassSummary) -> tuple[bool, float, int]:
    by = next(iter(summary.fills.values())).need.share if summary.ranked else -summary.judged
    return not summary.ranked, by, summary.target


def write_summary(out: Path) -> None:
    """Keep the summary of all that is in an audit's folder. Raises AuditError where there is no audit or a file is
    damaged, OSError if it cannot be written."""
    found = read_audit(out), read_findings(out), read_self_test(out)
    write_whole(out / SUMMARY, summary_json(*found).encode())


def summary_json(audit: Audit, findings: Findings | None = None, self_test: SelfTest | None = None) -> str:
    """An audit's numbers and sentences; the same text whenever and wherever its rows, findings and trials are the same.

    findings, self_test: None where they were not asked for.
    """
    plan = audit.plan
    described: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "title": plan.title,
        **{name: value for name, value in asdict(plan.asked).items() if name != "preset"},
        "plan": plan.digest,
        "photos": {"planned": len(plan.photos), "found": plan.found, "done": audit.done},
        "rows": len(audit.rows),
        "classes": [
            {"word": find_word(each).value, "sentence": tell_class(each), **asdict(each)}
            for each in summarize_audit(audit)
        ],
        "findings": describe_findings(findings, plan.categories) if findings else None,
        "self_test": describe_self_test(self_test, plan.categories) if self_test else None,
        "not_hidden": _count(each.row.reason for each in audit.rows if each.row.reason),
        "noted": _count_notes(audit),
        "unmatched": plan.unmatched,
        "left_out_by_reason": _count(each.reason for each in audit.left_out),
        "left_out": [asdict(each) for each in audit.left_out],
    }
    return json.dumps(described, ensure_ascii=False, indent=1) + "\n"


def tell_audit(audit: Audit, findings: Findings | None = None, self_test: SelfTest | None = None) -> str:
    """An audit as text: a table of its classes, a sentence for each, what else was found, and what was left out."""
    summaries = summarize_audit(audit)
    parts = [
        _tell_all(audit),
        _table(summaries[:_MOST], audit.plan.asked.settings.fills[0]),
        [tell_class(each) for each in summaries[:_MOST] if each.fills],
        [f"{len(summaries) - _MOST} more classes are in summary.json."] if len(summaries) > _MOST else [],
        tell_findings(findings, audit.plan.categories)[: _MOST + 1],
        tell_self_test(self_test, audit.plan.categories),
        _listing("Nothing was hidden", _count(each.row.reason for each in audit.rows if each.row.reason)),
        _listing("Not measured just as in the file", _count_notes(audit)),
        _listing("Names that are no class", dict.fromkeys(audit.plan.unmatched, 0)),
        _listing("Left out", _count(each.reason for each in audit.left_out)),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _count_notes(audit: Audit) -> dict[str, int]:
    """On how many photos there is each note."""
    noted = {(each.photo, each.row.notes) for each in audit.rows if each.row.notes}  # one row for each class asked
    return _count(notes for _, notes in sorted(noted))


def _tell_all(audit: Audit) -> list[str]:
    """What there is to go by, over all classes."""
    hidden = sum(bool(each.row.hidings) for each in audit.rows)
    answers = [each.row.right for each in audit.rows if each.row.right is not None]
    told = f"{audit.plan.title}: {audit.done} of {len(audit.plan.photos)} photos done, an object hidden {hidden} times."
    labelled = [f"Its best guess is the class in question {sum(answers)} times of {len(answers)}."] if answers else []
    nothing = [] if hidden else ["Without hiding an object, nothing can be said of what its answers need."]
    return [told, *labelled, *nothing]


def _table(summaries: Sequence[ClassSummary], fill: str) -> list[str]:
    """The classes with the numbers of the first fill."""
    if not summaries:
        return []
    head = ("class", "photos", "right", "judged", "need", "95% interval", "hidden", "at random", "cropped", "word")
    rows = [head, *(_cells(each) for each in summaries)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    aligned = [
        [
            cell.ljust(width) if column in (0, len(head) - 1) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        for row in rows
    ]
    about = (
        f"judged: photos on which the object was hidden, here in {fill}. need: the share of random places of its shape "
        "whose hiding takes less. hidden: on how many photos the class is still the answer with the object hidden; at "
        "random: on what share with a random place hidden. cropped: on how many with a part of the photo shown alone "
        "that holds nothing of the object."
    )
    lines = ["  ".join(row).rstrip() for row in aligned]
    return [*lines, "", *wrap(about, 110)] if any(each.fills for each in summaries) else lines


def _cells(summary: ClassSummary) -> tuple[str, ...]:
    right = _share(summary.accuracy.share if summary.accuracy else None)
    about = cut(summary.label, 28), str(summary.photos), right, str(summary.judged)
    if not summary.fills:
        return *about, "-", "-", "-", "-", "-", ""
    fill = next(iter(summary.fills.values()))
    numbers = f"{fill.need.share:.2f}", _interval(fill.need), _count_of(fill.stays, summary.named)
    crop = summary.cropped
    cropped = _count_of(crop.named, crop.photos) if crop else "-"
    return *about, *numbers, _share(fill.random_stays), cropped, find_word(summary).value


def _count_of(rate: Rate | None, of: int) -> str:
    return f"{rate.count(of)} of {of}" if rate else "-"


def _share(share: float | None) -> str:
    return "-" if share is None else tell_share(share)


def _interval(rate: Rate) -> str:
    return f"{rate.low:.2f} to {rate.high:.2f}"


def _count(reasons: Iterable[str]) -> dict[str, int]:
    """How often there is each reason, the most frequent first."""
    return dict(sorted(Counter(reasons).items(), key=lambda pair: (-pair[1], pair[0])))


def _listing(title: str, counts: dict[str, int]) -> list[str]:
    if not counts:
        return []
    total = sum(counts.values())
    told = [f"  {f'{count} x ' if count else ''}{cut(reason, 200)}" for reason, count in list(counts.items())[:_MOST]]
    more = [f"  and {len(counts) - _MOST} more, in summary.json"] if len(counts) > _MOST else []
    return [f"{title}{f' ({total})' if total else ''}:", *told, *more]
