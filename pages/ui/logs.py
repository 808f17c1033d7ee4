"""What the server writes down: one line for each run of a page, without a photo's name or content.

A session's own id, with which its uploads could be reached, is not written: its digest's first digits stand for it.
"""

import hashlib
import json
import logging
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

LEVEL, FORMAT = "SALIENCY_LOG_LEVEL", "SALIENCY_LOG_FORMAT"
"""Environment variables: a level of Python's (without a word, `warning`), and `json` or `plain`."""
DONE, REFUSED, LEFT, FAULT = "done", "refused", "left", "fault"
"""How a run ends: to its end, with a sentence of ours, stopped or left by the person, with a fault of ours."""
_REQUEST_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)
_FIELDS = ("page", "seconds", "outcome", "request", "session")

logger = logging.getLogger("saliency")


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's time (UTC), level, words, and fields."""
        told: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        told |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def set_up() -> None:
    """Have records written to stderr as the environment says; a second call changes nothing."""
    if logger.handlers:
        return
    handler = logging.StreamHandler()
    plain = logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    handler.setFormatter(JsonLines() if os.environ.get(FORMAT) == "json" else plain)
    logger.addHandler(handler)
    logger.propagate = False
    wanted = os.environ.get(LEVEL, "warning").upper()
    known = wanted in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
    logger.setLevel(wanted if known else "WARNING")
    if not known:
        logger.warning("%s is none of debug, info, warning, error, critical: taken as warning.", LEVEL)


@contextmanager
def recording(page: str) -> Iterator[None]:
    """Around a run of a page: its line and its count, whichever way it ends."""
    from pages.ui import metrics
    from saliency_core import SaliencyError

    begun, outcome = time.monotonic(), DONE
    try:
        yield
    except SaliencyError:
        outcome = REFUSED
        raise
    except Exception:
        outcome = FAULT
        raise
    except BaseException:  # with these Streamlit ends a run that was stopped or begins another
        outcome = LEFT
        raise
    finally:
        seconds = time.monotonic() - begun
        metrics.ran(page, outcome)
        _write(page, seconds, outcome)


def _write(page: str, seconds: float, outcome: str) -> None:
    level = logging.ERROR if outcome == FAULT else logging.INFO
    if not logger.isEnabledFor(level):
        return
    fields = {
        "page": page,
        "seconds": round(seconds, 3),
        "outcome": outcome,
        "request": request_id(),
        "session": session_digest(),
    }
    told = "page=%r seconds=%.3f outcome=%s request=%s session=%s"
    logger.log(level, told, *(fields[name] for name in _FIELDS), extra=fields)


def request_id() -> str:
    """What the proxy calls the request that this browser's connection began with (X-Request-ID); "-" for none."""
    said = st.context.headers.get("X-Request-ID") or ""
    return said if _REQUEST_ID.fullmatch(said) else "-"


def session_digest() -> str:
    """What stands for this session; "-" outside one."""
    context = get_script_run_ctx(suppress_warning=True)
    return "-" if context is None else hashlib.sha256(context.session_id.encode()).hexdigest()[:12]
