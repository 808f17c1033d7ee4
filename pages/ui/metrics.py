"""What a server tells Prometheus; where the package prometheus-client is missing, nothing is counted.

Labels are words of ours alone, such as a page's title: never a name or a content of anybody's.
"""

from collections.abc import Callable, Hashable

try:
    from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
except ImportError:  # the extra `server` is not installed
    THERE = False
else:
    THERE = True
    _SECONDS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300)
    _answers = Histogram(
        "saliency_answer_seconds", "Seconds that models worked for an answer, by its kind.", ["kind"], buckets=_SECONDS
    )
    _runs = Counter("saliency_page_runs", "Runs of pages, by how they ended.", ["page", "outcome"])
    _turned_away = Counter("saliency_turned_away", "Requests for a turn that met a full queue.")


def answered(key: Hashable, seconds: float) -> None:
    """An answer was made, not found. key: the one it is kept under, which begins with its kind."""
    if THERE:
        kind = key[0] if isinstance(key, tuple) and key and isinstance(key[0], str) else "other"
        _answers.labels(kind).observe(seconds)


def ran(page: str, outcome: str) -> None:
    """A page was run. outcome: one of logs.py's."""
    if THERE:
        _runs.labels(page, outcome).inc()


def turned_away() -> None:
    """Somebody met a full queue."""
    if THERE:
        _turned_away.inc()


def watch(name: str, told: str, read: Callable[[], float]) -> None:
    """Tell a number that is read when Prometheus asks."""
    if THERE:
        Gauge(f"saliency_{name}", told).set_function(read)


def exposition() -> tuple[bytes, str]:
    """All numbers in Prometheus' text format, and its media type; only where the package is THERE."""
    return generate_latest(), CONTENT_TYPE_LATEST
