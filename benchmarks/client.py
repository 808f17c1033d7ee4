"""A visitor without a browser: speaks Streamlit's protocol over a websocket and presses what a person would."""

import json
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs, UploadedFileInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect

from pages.ui.session import DEFAULT_SIGMA
from saliency_core.photos.frame import CropMode

PATIENCE = 120.0
"""Seconds after which an answer no longer comes."""
_MEMORY = 2
"""For so many runs of the script a browser remembers a large message that did not come again."""

_FINISHED = {ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a visitor wants to see.

    photo: the sample's short name, or an own file's name. label: of the class; empty for the photo's best guess.
    own: an own file's content; empty for a sample.
    """

    photo: str
    crop_mode: CropMode
    label: str
    sigma: float
    own: bytes = b""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page says that it shows, and what the browser draws it of.

    photo, label, sigma: as the captions have them.
    picture: the photo as a JPEG file; map: before smoothing, as 16-bit shares of its peak.
    """

    photo: str
    label: str
    sigma: float
    picture: bytes
    map: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What an action led to.

    seconds: until the server had run the page's script, or the fragment, to its end.
    size: of all messages, in bytes.
    """

    seconds: float
    size: int
    asked: Asked
    shown: Shown


@dataclass(slots=True)
class Visitor:
    """One session on the saliency page, which it sees as a browser does.

    address: the server's.
    query, page: what the address bar says; the page is empty until the server has named it.
    slider, gallery, pills, files: the widgets' numbers, as found on the page; fragment: the slider's.
    session: the session's number, as the server has told it.
    states: of widgets that keep them; present: the widgets that the run has drawn so far.
    known: large messages by their hashes, each with the run in which it last came. maps: what the pictures with the
        slider were last given, in JSON; payloads: what they draw of, by name.
    told: errors and notices of the last run; written: all its text, also what was written over; progress: what its
        last bar says; faults: what the script did not handle.
    """

    connection: ClientConnection
    address: str
    query: str
    asked: Asked
    page: str = ""
    slider: str = ""
    fragment: str = ""
    gallery: str = ""
    pills: str = ""
    files: str = ""
    session: str = ""
    classes: list[str] = field(default_factory=list)
    states: dict[str, WidgetState] = field(default_factory=dict)
    present: set[str] = field(default_factory=set)
    runs: int = 0
    known: dict[str, tuple[int, Any]] = field(default_factory=dict)
    maps: str = ""
    payloads: dict[str, bytes] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    written: str = ""
    progress: str = ""
    faults: list[str] = field(default_factory=list)

    def open_saliency(self) -> Answer:
        """Open the page."""
        return self._ask([])

    def choose_photo(self, name: str) -> Answer:
        """Click a sample's thumbnail."""
        if name != self.asked.photo:  # the same photo once more changes nothing
            self.asked = replace(self.asked, photo=name, label="", own=b"")
        picked = json.dumps([{"event": "picked", "value": name}])
        return self._ask([WidgetState(id=_make_trigger_id(self.gallery, "events"), json_trigger_value=picked)])

    def open_photo(self, name: str, data: bytes) -> Answer:
        """Open a file of one's own: its content goes to the server first, and then the page is told of it."""
        state = WidgetState(id=self.files)
        state.file_uploader_state_value.uploaded_file_info.append(self.send_file(name, data))
        self.asked = replace(self.asked, photo=name, label="", own=data)
        return self._ask([state])

    def send_file(self, name: str, data: bytes) -> UploadedFileInfo:
        """Send a file to the address that the server gives for it, as a browser does, with the server's cookie."""
        urls = self.ask_address(name)
        put_file(self.address, urls.upload_url, name, data)
        return UploadedFileInfo(name=name, size=len(data), file_id=urls.file_id, file_urls=urls)

    def ask_address(self, name: str) -> FileURLs:
        """Where the server wants a file sent to."""
        message = BackMsg()
        message.file_urls_request.request_id = name
        message.file_urls_request.file_names.append(name)
        message.file_urls_request.session_id = self.session
        self.connection.send(message.SerializeToString())
        while (answer := self._receive(PATIENCE)[0]).WhichOneof("type") != "file_urls_response":
            self._look_at(answer)
        urls: FileURLs = answer.file_urls_response.file_urls[0]
        return urls

    def choose_class(self, place: int) -> Answer:
        """Click one of the best classes."""
        label = self.classes[place % len(self.classes)]
        self.asked = replace(self.asked, label=label)
        state = WidgetState(id=self.pills)
        state.string_array_value.data.append(label)
        return self._ask([state])

    def move_sigma(self, sigma: float) -> Answer:
        """Let go of the slider, which runs its fragment only."""
        self.asked = replace(self.asked, sigma=sigma)
        return self._ask([WidgetState(id=self.slider, json_value=json.dumps({"sigma": sigma}))], self.fragment)

    def go_to(self, page: str, query: str) -> float:
        """Open a page by a link, and wait until it has run to its end, in seconds."""
        self.page, self.query, self.states = "", query, {}
        return self._run([], page_name=page)[0]

    def _ask(self, changed: list[WidgetState], fragment: str = "") -> Answer:
        seconds, size = self._run(changed, fragment)
        return Answer(seconds, size, self.asked, self._read_maps())

    def _run(self, changed: list[WidgetState], fragment: str = "", page_name: str = "saliency") -> tuple[float, int]:
        """A run of the page's script: the seconds it took, and the bytes that came."""
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_script_hash, asked.fragment_id = self.query, self.page, fragment
        if not self.page:
            asked.page_name = page_name
        # As in a browser, a message names the states of all widgets that are there, and large messages seen before.
        fleeting = [state for state in changed if state.HasField("json_trigger_value")]
        self.states.update({state.id: state for state in changed if state not in fleeting})
        asked.widget_states.widgets.extend([*self.states.values(), *fleeting])
        self.known = {name: (run, delta) for name, (run, delta) in self.known.items() if self.runs - run < _MEMORY}
        asked.cached_message_hashes.extend(self.known)
        self.runs += 1
        self.present.clear()
        self.told.clear()
        self.written = self.progress = ""
        self.faults.clear()
        size, start = 0, time.perf_counter()
        self.connection.send(message.SerializeToString())
        while True:
            answer, length = self._receive(PATIENCE - (time.perf_counter() - start))
            size += length
            if answer.WhichOneof("type") == "script_finished" and answer.script_finished in _FINISHED:
                if self.faults:
                    raise RuntimeError("\n".join(["the page failed:", *self.faults]))
                if answer.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:  # a fragment draws some of them only
                    self.states = {name: state for name, state in self.states.items() if name in self.present}
                return time.perf_counter() - start, size
            self._look_at(answer)

    def _receive(self, seconds: float) -> tuple[Any, int]:
        """The next message, and its size in bytes."""
        data = self.connection.recv(seconds)
        return ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode()), len(data)

    def _read_maps(self) -> Shown:
        data = json.loads(self.maps)
        return Shown(
            data["alt"].removeprefix("The photo “").removesuffix("”"),
            data["caption"].partition("”")[0].removeprefix("“"),
            data["slider"]["sigma"],
            self.payloads[data["photo"]],
            self.payloads[data["map"]],
        )

    def _look_at(self, message: Any) -> None:  # noqa: ANN401
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.session = message.new_session.initialize.session_id
        elif kind == "navigation":
            self.page = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            if message.metadata.cacheable:
                self.known[message.hash] = self.runs, message.delta
            self._find_widget(message.delta)
        elif kind == "ref_hash":
            _, delta = self.known[message.ref_hash]
            self.known[message.ref_hash] = self.runs, delta
            self._find_widget(delta)

    def _find_widget(self, delta: Any) -> None:  # noqa: ANN401
        element = delta.new_element
        kind = element.WhichOneof("type")
        self.present.add(getattr(getattr(element, kind), "id", ""))
        if kind == "exception":
            self.faults += element.exception.message, *element.exception.stack_trace
        if kind == "alert":
            self.told.append(element.alert.body)
        elif kind == "markdown":
            self.written += element.markdown.body + "\n"
        elif kind == "progress":
            self.progress = element.progress.text
        elif kind == "bidi_component" and element.bidi_component.component_name.endswith("gallery"):
            self.gallery = element.bidi_component.id
        elif kind == "bidi_component" and element.bidi_component.component_name.endswith("payload"):
            name, data = _unpack(element.bidi_component.bytes)
            self.payloads[name] = data
        elif kind == "bidi_component" and '"slider"' in element.bidi_component.json:
            self.slider, self.fragment = element.bidi_component.id, delta.fragment_id
            self.maps = element.bidi_component.json
        elif kind == "file_uploader" and "photo_file" in element.file_uploader.id:
            self.files = element.file_uploader.id
        elif kind == "button_group" and element.button_group.label == "Class to explain":
            self.states.pop(self.pills, None)  # what is chosen is now what the server says
            self.pills = element.button_group.id
            self.classes = [option.content for option in element.button_group.options]


def _unpack(payload: bytes) -> tuple[str, bytes]:
    """Its name, and what follows its header."""
    start = 4 + int.from_bytes(payload[:4], "little")
    return json.loads(payload[4:start])["name"], payload[start:]


def put_file(address: str, url: str, name: str, data: bytes) -> None:
    """Send a file as a form's only part."""
    body, headers = make_form(address, name, data)
    request = urllib.request.Request(address + url, body, headers, method="PUT")  # noqa: S310
    with urllib.request.urlopen(request, timeout=PATIENCE):  # noqa: S310
        pass


def make_form(address: str, name: str, data: bytes) -> tuple[bytes, dict[str, str]]:
    """A form with a file as its only part, and the headers to send it with; the server answers only who has its
    cookie."""
    with urllib.request.urlopen(f"{address}/_stcore/health", timeout=PATIENCE) as healthy:  # noqa: S310
        cookie = healthy.headers["Set-Cookie"].partition(";")[0]
    border = uuid.uuid4().hex
    head = f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    headers = {
        "Content-Type": f"multipart/form-data; boundary={border}",
        "Cookie": cookie,
        "X-Xsrftoken": cookie.partition("=")[2].strip('"'),
    }
    return head.encode() + data + f"\r\n--{border}--\r\n".encode(), headers


@contextmanager
def visit(address: str, model: str, crop_mode: CropMode, photo: str) -> Iterator[Visitor]:
    """A session on a server at `address`, with the saliency page open, for as long as the block."""
    query = f"model={model}&crop_mode={crop_mode}&photo={photo}&sigma={DEFAULT_SIGMA:g}"
    with _connect(address) as connection:
        visitor = Visitor(connection, address, query, Asked(photo, crop_mode, "", DEFAULT_SIGMA))
        visitor.open_saliency()
        yield visitor


@contextmanager
def come_back(visitor: Visitor) -> Iterator[Visitor]:
    """What a browser does by itself once its server is there again: the page, with its address and all that its
    widgets hold, in a session that the server knows nothing of."""
    with _connect(visitor.address) as connection:
        again = replace(visitor, connection=connection)
        again.open_saliency()
        yield again


def _connect(address: str) -> ClientConnection:
    # No proxy stands between this machine and itself; and a server that is busy for long is not gone.
    url = address.replace("http://", "ws://") + "/_stcore/stream"
    return connect(url, max_size=None, proxy=None, open_timeout=PATIENCE, ping_timeout=PATIENCE)
