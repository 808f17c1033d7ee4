"""What a server of the dashboard answers besides its pages: whether it is ready, its metrics, and a closed door."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import exists, get_instance

from pages.ui import login, logs, metrics
from pages.ui.opening import started

_CLOSED = ("media/", "_stcore/upload_file/")
"""What of Streamlit's is answered without a page around it: downloads, and files on their way to a page."""


def ready(_request: Request) -> Response:
    """Whether the first model is loaded, so that whoever comes gets an answer at once."""
    if started.is_set():
        return PlainTextResponse("The first model is loaded.\n")
    return PlainTextResponse("The first model is not loaded yet; ask again in some seconds.\n", 503)


def tell_metrics(_request: Request) -> Response:
    """The metrics, in Prometheus' text format."""
    if not metrics.THERE:
        return PlainTextResponse("No metrics without prometheus-client: pip install prometheus-client.\n", 501)
    told, media = metrics.exposition()
    return Response(told, media_type=media)


ROUTES = [Route("/readyz", ready), Route("/metrics", tell_metrics)]
"""They have no base path, so that a proxy of the base path does not pass them on."""


class Door:
    """Lets nobody fetch a download or send a file without the login that is asked for."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403 to whom it is closed; pass everything else on."""
        if scope["type"] == "http" and _is_closed(scope["path"]):
            request = Request(scope)
            if not login.is_let_in(request.cookies):
                await PlainTextResponse("Log in first.\n", 403)(scope, receive, send)
                return
        await self.app(scope, receive, send)


@asynccontextmanager
async def begin(_app: object) -> AsyncIterator[None]:
    """As the server starts: load the first model, while it can already be asked whether it is ready."""
    logs.set_up()
    threading.Thread(target=_load_ahead, name="load ahead", daemon=True).start()
    yield


def _load_ahead() -> None:
    try:
        from pages.ui.readiness import load_ahead

        load_ahead()
    except Exception:
        logs.logger.exception("The first model could not be loaded; the server is not ready.")
    else:
        started.set()


def _is_closed(path: str) -> bool:
    base = st.get_option("server.baseUrlPath").strip("/")
    inner = path.lstrip("/").removeprefix(f"{base}/" if base else "")
    return inner.startswith(_CLOSED)


def _sessions() -> float:
    """Browsers that are connected; without a number where Streamlit no longer tells it so."""
    if not exists():
        return 0
    told = get_instance().stats_mgr.get_stats(["active_sessions"]).get("active_sessions", ())
    return sum(float(getattr(each, "value", "nan")) for each in told)


def _audits() -> float:
    """Audits that are being measured, whoever began them."""
    from saliency_core.audit.files import holder
    from saliency_core.audit.home import find_audit, list_audits

    return sum(holder(find_audit(name)) is not None for name in list_audits())


metrics.watch("sessions", "Browsers that are connected.", _sessions)
metrics.watch("audits_running", "Audits that are being measured.", _audits)
