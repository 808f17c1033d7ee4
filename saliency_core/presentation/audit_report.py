"""A report of an audit: one self-contained HTML file, for people who did not run it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from saliency_core.audit.plan_file import read_heading
from saliency_core.audit.rates import Rate
from saliency_core.audit.store import Measured
from saliency_core.audit.summary import LEAST_PHOTOS
from saliency_core.audit.summary_file import Overview, Told, read_summary
from saliency_core.audit.tables import ClassSoFar, Table, open_table
from saliency_core.audit.thumbnails import thumbnail
from saliency_core.audit.words import Word, tell_share
from saliency_core.errors import PhotoError
from saliency_core.masking.placements import Edges
from saliency_core.methods.registry import find_method
from saliency_core.presentation.captions import FILL_NAMES
from saliency_core.presentation.intervals import interval_drawing, svg_url
from saliency_core.presentation.pictures import jpeg_url
from saliency_core.presentation.pieces import render
from saliency_core.text import cut, join_words, percent

MOST_TOLD = 20
"""Of so many classes there are sentences and photos: the ranked ones with the least need."""
_FEWEST_TOLD = 5
"""Of so many, where none is ranked."""
_MOST_SMALL = 20
"""Of so many classes that are not ranked there is a row."""
_SIDE = 3
"""So many photos of a class with the least need, and as many with the most."""
_MOST_LINES = 20
_PARTS = (
    ("findings", "What else the answers may go by"),
    ("self_test", "Would this audit have noticed? Marks planted on purpose"),
)
"""Parts of a summary that have sentences of their own."""
_NOT_TRIED = "This was not tried."
_MEANING = (
    "The object on each photo was hidden, and the model asked again; so were random places of its shape. The need of a "
    "photo is the share of these places whose hiding takes less of the answer than hiding the object does: 50% is "
    "chance."
)
_NUMBERS = (
    "Need and answers with the object hidden in {}. Right: of the labelled photos, those that the model answers with "
    "the label. Still named: of the photos that it names so as they are, with the object hidden, with a random place "
    "of its shape hidden, and shown a part of the photo without the object."
)
LIMITS = (
    "Not why. An object may be needed for itself, for what lies right around it, or since it lies in the middle, where "
    "random places lie less often.",
    "Nothing of photos unlike these: other places, cameras and times may give other numbers.",
    "The model has never learnt from photos with patches on them: part of any change is due to the patch.",
    f"Of a class with fewer than {LEAST_PHOTOS} photos on which something was hidden, nothing but numbers.",
    "A class that is not told apart from chance may still need its object: few photos show large differences alone.",
)
"""What an audit does not tell."""


@dataclass(frozen=True, slots=True)
class _Row:
    label: str
    photos: int
    right: str
    judged: int
    need: str
    drawing: str
    told: str
    stays: str
    random: str
    cropped: str
    word: str


@dataclass(frozen=True, slots=True)
class _Tile:
    """A photo: its title, caption and alternative text; source: empty where it cannot be shown; boxes: as CSS."""

    title: str
    caption: str
    alt: str
    source: str
    boxes: tuple[str, ...]


def audit_report(out: Path | str, made_on: date) -> str:
    """What a finished audit found, as an HTML document that works offline and prints.

    Photos are small and embedded: at most six each of MOST_TOLD classes. One that is gone or damaged is told so.

    Raises AuditError where read_summary() and open_table() do.
    """
    out = Path(out)
    overview, heading = read_summary(out), read_heading(out)
    ranked = [each for each in overview.classes if each.summary.ranked]
    small = [each for each in overview.classes if not each.summary.ranked]
    judged = [each for each in overview.classes if each.summary.fills]
    told = ranked[:MOST_TOLD] or judged[:_FEWEST_TOLD]
    with open_table(out) as table:
        so_far = table.so_far()
        classes = [(cut(each.summary.label), each.sentence, _tiles(table, out, each)) for each in told]
    fill = overview.settings.fills[0]
    return render(
        "audit_report.html",
        script="",
        title=f"Audit of {overview.title}",
        made_on=made_on.isoformat(),
        overview=overview,
        lead=_lead(overview, so_far),
        meaning=_MEANING,
        words=_count_words(ranked),
        rows=[_row(each) for each in (*ranked, *small[:_MOST_SMALL])],
        more_rows=_more(len(small) - _MOST_SMALL, "class with few photos", "classes with few photos"),
        numbers_of=_NUMBERS.format(FILL_NAMES[fill]) if judged else "",
        classes=classes,
        parts=[(title, _sentences(overview.more.get(key))) for key, title in _PARTS],
        listings=_listings(overview),
        limits=LIMITS,
        settings=_settings(overview, Path(heading.folder).name),
    )


def _lead(overview: Overview, so_far: Sequence[ClassSoFar]) -> str:
    hidden, labelled, right = (sum(getattr(each, name) for each in so_far) for name in ("judged", "labelled", "right"))
    told = [f"{overview.title} was asked about {overview.done:,} photos; an object was hidden {hidden:,} times."]
    if labelled:
        told.append(f"Its best guess is the label {right:,} times of {labelled:,}.")
    if not hidden:
        told.append("Without hiding an object, nothing can be said of what its answers need.")
    return " ".join(told)


def _count_words(ranked: Sequence[Told]) -> list[tuple[str, int]]:
    counted = Counter(each.word for each in ranked)
    return [(word.value, counted[word]) for word in Word if counted[word]]


def _row(told: Told) -> _Row:
    summary = told.summary
    right = tell_share(summary.accuracy.share) if summary.accuracy else "–"
    about = cut(summary.label, 30), summary.photos, right, summary.judged
    fill, crop = next(iter(summary.fills.values()), None), summary.cropped
    if fill is None:
        return _Row(*about, "–", "", "", "–", "–", "–", "nothing was hidden")
    need, low, high = (tell_share(share) for share in (fill.need.share, fill.need.low, fill.need.high))
    return _Row(
        *about,
        need,
        svg_url(interval_drawing(fill.need)),
        f"95% interval {low} to {high}",
        _count(fill.stays, summary.named),
        "–" if fill.random_stays is None else tell_share(fill.random_stays),
        _count(crop.named, crop.photos) if crop else "–",
        told.word.value,
    )


def _count(rate: Rate | None, of: int) -> str:
    return f"{rate.count(of)} of {of}" if rate else "–"


def _tiles(table: Table, out: Path, told: Told) -> list[_Tile]:
    target = told.summary.target
    first = [row for row in table.photos(target, count=_SIDE) if row.row.hidings]
    last = [row for row in table.photos(target, descending=True, count=_SIDE) if row.row.hidings]
    return [_tile(table, out, row) for row in (*first, *(row for row in reversed(last) if row not in first))]


def _tile(table: Table, out: Path, measured: Measured) -> _Tile:
    hiding = measured.row.hidings[0][1]
    answer = table.heading.categories[measured.row.predicted]
    said = "" if measured.row.named else f"; the model says “{cut(answer, 24)}”"
    try:
        source = jpeg_url(thumbnail(out, table.heading.folder, measured.photo))
    except PhotoError:
        source = ""
    return _Tile(
        f"Need {tell_share(hiding.need)}",
        f"“{cut(measured.category, 24)}” {percent(measured.row.target_probability)}, with the object hidden "
        f"{percent(hiding.hidden)}{said}",
        f"The photo {cut(measured.photo, 60)}",
        source,
        tuple(_css(box) for box in measured.boxes),
    )


def _css(box: Edges) -> str:
    left, top, right, bottom = (100 * edge for edge in box)
    return f"left:{left:.2f}%;top:{top:.2f}%;width:{right - left:.2f}%;height:{bottom - top:.2f}%"


def _sentences(part: object) -> list[str]:
    """A part's sentences; that it was not tried, where it has none."""
    given = part.get("sentences") if isinstance(part, Mapping) else None
    found = [str(each) for each in given] if isinstance(given, list) else []
    more = _more(len(found) - _MOST_LINES, "more", "more")
    return [*found[:_MOST_LINES], *([more] if more else [])] or [_NOT_TRIED]


def _listings(overview: Overview) -> list[tuple[str, list[str], str]]:
    counted = (
        ("On these photos nothing was hidden", overview.not_hidden),
        ("Not measured just as in the file", overview.noted),
        ("Left out, and why", overview.left_out_by_reason),
    )
    found = [
        (title, [f"{count:,} x {cut(reason, 200)}" for reason, count in reasons.items()]) for title, reasons in counted
    ]
    found.append(("Names that are no class", [cut(line, 200) for line in overview.unmatched]))
    return [
        (title, lines[:_MOST_LINES], _more(len(lines) - _MOST_LINES, "more", "more")) for title, lines in found if lines
    ]


def _more(count: int, one: str, several: str) -> str:
    return f"And {count:,} {one if count == 1 else several}, in the audit’s summary.json." if count > 0 else ""


def _settings(overview: Overview, folder: str) -> list[tuple[str, str]]:
    settings = overview.settings
    some = f" of {overview.found:,}" if overview.found > overview.planned else ""
    versions = [f"{name} {version}" for name, version in overview.packages.items()]
    return [
        ("Photos", f"{overview.done:,}{some} from the folder “{cut(folder)}”"),
        ("Model", f"{overview.title} ({overview.model}) on {overview.device}"),
        ("Weights’ sha256", overview.weights),
        ("Crop mode", settings.crop_mode),
        ("Fills", join_words([FILL_NAMES[fill] for fill in settings.fills])),
        ("Chance", f"{settings.n_controls} random places of each object’s shape; seed {overview.seed}"),
        ("Maps", f"{find_method(settings.method).title}, smoothed by sigma {settings.sigma:g}"),
        ("Library", f"{overview.version}, with {join_words(versions)}"),
        ("Plan’s sha256", overview.plan),
    ]
