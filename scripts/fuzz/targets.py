"""What is fuzzed: each reader of a file or a link as a function of bytes, which answers or raises one of our errors."""

import itertools
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from PIL import Image

from saliency_core.errors import SaliencyError

Reader = Callable[[bytes], object]
Make = Callable[[Path], Reader]
"""Makes a reader, given an empty folder to work in. What it needs is imported there."""

CORPUS = Path(__file__).parents[2] / "tests" / "corpus"
"""A folder for each target: small files of ours to begin with, and inputs that found something."""
_PHOTOS = Path(__file__).parents[2] / "assets" / "photos"


def seeds(target: str) -> tuple[Path, ...]:
    """The inputs that a target begins with."""
    own = sorted(path for path in (CORPUS / target).glob("*") if path.is_file())
    return (*own, *sorted(_PHOTOS.glob("*.jpg"))) if target == "photo" else tuple(own)


def answer(reader: Reader, data: bytes) -> str:
    """The sentence with which a reader refuses its input; empty if it takes it.

    Raises AssertionError for a refusal that is no sentence; whatever else the reader raises is a finding, too.
    """
    try:
        reader(data)
    except SaliencyError as error:
        said = str(error)
        assert 0 < len(said.strip()) < 3000, f"no sentence: {said[:200]!r}"
        return said
    return ""


def _photo(_folder: Path) -> Reader:
    from saliency_core.photos.photo import decode_photo

    return decode_photo


def _saved(_folder: Path) -> Reader:
    from saliency_core.presentation.saved import read_saved

    return read_saved


def _record(_folder: Path) -> Reader:
    """A record's JSON, done again with a model of three classes on frames of 16 pixels."""
    import json

    from saliency_core.photos.frame import Box, Frame
    from saliency_core.presentation.record import replay_experiment, replay_saliency
    from scripts.fuzz.made import SIDE, linear_classifier, made_pixels

    classifier = linear_classifier()
    frame = Frame(made_pixels(), Box(0, 0, SIDE, SIDE), (SIDE, SIDE))

    def read(data: bytes) -> None:
        record = None
        with suppress(ValueError, RecursionError):
            record = json.loads(data)
        if isinstance(record, dict):
            for replay in (replay_experiment, replay_saliency):
                with suppress(SaliencyError):
                    replay(record, classifier, frame)

    return read


def _file(name: str, make: Callable[[], Callable[[Path], object]]) -> Make:
    """A reader of one file."""

    def prepare(folder: Path) -> Reader:
        read, path = make(), folder / name

        def write_and_read(data: bytes) -> object:
            path.write_bytes(data)
            return read(path)

        return write_and_read

    return prepare


def _models(folder: Path) -> Reader:
    from saliency_core.models.declared import read_models
    from saliency_core.models.model import BrokenModel

    numbers = itertools.count()

    def read(data: bytes) -> None:
        path = folder / f"{next(numbers)}.toml"  # one of the same name, size and moment would not be read again
        path.write_bytes(data)
        for model in read_models(path).values():
            assert not isinstance(model, BrokenModel) or model.problem.strip()
        path.unlink()

    return read


def _classes(_folder: Path) -> Reader:
    from saliency_core.models.class_names import parse_class_names

    return lambda data: parse_class_names(data, "classes.txt")


def _checkpoint() -> Callable[[Path], object]:
    from saliency_core.models.fitting import fill_from_checkpoint
    from scripts.fuzz.made import small_network

    module = small_network()
    return lambda path: fill_from_checkpoint(module, path, "Small")


def _pickle(folder: Path) -> Reader:
    """The pickle within a checkpoint, which says what its tensors are: checksums keep changed ones from being read."""
    import io
    import zipfile

    import torch

    from scripts.fuzz.made import small_network

    buffer = io.BytesIO()
    torch.save(small_network().state_dict(), buffer)
    whole = zipfile.ZipFile(buffer)
    read, path = _checkpoint(), folder / "weights.pth"

    def rewrite_and_read(data: bytes) -> object:
        with zipfile.ZipFile(path, "w") as archive:
            for name in whole.namelist():
                archive.writestr(name, data if name.endswith("/data.pkl") else whole.read(name))
        return read(path)

    return rewrite_and_read


def _transformers() -> Callable[[Path], object]:
    from saliency_core.models.architectures import find_architecture

    def read(path: Path) -> object:
        # both settings files are the same bytes: what one does not read, the other does
        (path.parent / "preprocessor_config.json").write_bytes(path.read_bytes())
        (path.parent / "model.safetensors").touch()
        return find_architecture(f"transformers:{path.parent.name}", path.parent.parent)

    return read


def _passport(_folder: Path) -> Reader:
    from saliency_core.passport.words import from_json, to_json, to_text

    def read(data: bytes) -> None:
        passport = from_json(data)
        to_text(passport)
        from_json(to_json(passport))

    return read


def _annotations(name: str, kind: str | None, labels: bool = False) -> Make:
    """A folder with a photo and a file of boxes or labels."""

    def prepare(folder: Path) -> Reader:
        from saliency_core.audit.folder import read_folder

        for photo in ("photo.jpg", "images/other.jpg"):
            (folder / photo).parent.mkdir(exist_ok=True)
            Image.new("RGB", (64, 48)).save(folder / photo)
        (folder / "photo.txt").write_text("0 0.5 0.5 0.5 0.5\n")

        def read(data: bytes) -> object:
            (folder / name).write_bytes(data)
            return read_folder(folder, folder / name if labels else None, kind)

        return read

    return prepare


def _matches() -> Callable[[Path], object]:
    from saliency_core.audit.matching import read_given

    return read_given


def _audit(name: str) -> Make:
    """A finished audit of which one file is another."""

    def prepare(folder: Path) -> Reader:
        from saliency_core.audit.findings import read_findings
        from saliency_core.audit.home import list_audits
        from saliency_core.audit.plan_file import read_heading, read_plan
        from saliency_core.audit.process import count_done
        from saliency_core.audit.store import read_audit
        from saliency_core.audit.summary_file import read_summary
        from saliency_core.audit.tables import open_table
        from saliency_core.audit.trials import read_self_test
        from scripts.fuzz.made import write_small_audit

        write_small_audit(folder)
        if name.startswith("shards/"):
            (folder / "rows.parquet").unlink()

        def open_all(out: Path) -> None:
            with open_table(out) as table:
                table.counts()
                table.photos()
                table.so_far()
                table.find("00001.jpg")

        readers: dict[str, tuple[Callable[[Path], object], ...]] = {
            "plan.json": (read_plan, lambda out: count_done(out, read_heading(out)), open_all),
            "summary.json": (read_summary,),
            "findings/index.json": (read_findings,),
            "findings/00001.json": (read_findings,),
            "self_test.json": (read_self_test,),
            "rows.parquet": (open_all,),
            "shards/00000.parquet": (read_audit, open_all),
        }

        def read(data: bytes) -> None:
            (folder / name).write_bytes(data)
            list_audits()
            refusals = []
            for each in readers[name]:
                try:
                    each(folder)
                except SaliencyError as error:
                    refusals.append(error)
            if refusals:
                raise refusals[0]

        return read

    return prepare


def _journal() -> Callable[[Path], object]:
    from saliency_core.audit.journal import Done, count_done, open_journal

    names = [f"{place:05}.jpg" for place in range(4)]

    def read(path: Path) -> None:
        count_done(path)
        with open_journal(path, "digest", names) as journal:
            found = [each.photo for each in journal.done]
            assert found == names[: len(found)]
            for name in names[len(found) :]:
                journal.add(Done(name, (), "It is not measured."))
        with open_journal(path, "digest", names) as journal:
            assert [each.photo for each in journal.done] == names

    return read


def _link(_folder: Path) -> Reader:
    """The first byte chooses a parameter, the rest is its text."""
    import streamlit

    from pages.ui.parameters import PARAMETERS

    state: dict[str, object] = {}
    streamlit.session_state = state  # type: ignore[assignment]

    def read(data: bytes) -> None:
        state.clear()
        if data:
            PARAMETERS[data[0] % len(PARAMETERS)].read(data[1:].decode("utf-8", "replace"))

    return read


TARGETS: Mapping[str, Make] = {
    "photo": _photo,
    "saved": _saved,
    "record": _record,
    "models": _models,
    "classes": _classes,
    "checkpoint": _file("weights.pth", _checkpoint),
    "pickle": _pickle,
    "safetensors": _file("weights.safetensors", _checkpoint),
    "transformers": _file("config.json", _transformers),
    "passport": _passport,
    "voc": _annotations("photo.xml", "voc"),
    "coco": _annotations("boxes.json", "coco"),
    "yolo": _annotations("photo.txt", "yolo"),
    "yolo-names": _annotations("data.yaml", "yolo"),
    "table": _annotations("boxes.csv", "csv"),
    "labels": _annotations("labels.csv", None, labels=True),
    "matches": _file("matches.csv", _matches),
    "plan": _audit("plan.json"),
    "summary": _audit("summary.json"),
    "findings-index": _audit("findings/index.json"),
    "findings": _audit("findings/00001.json"),
    "self-test": _audit("self_test.json"),
    "rows": _audit("rows.parquet"),
    "shard": _audit("shards/00000.parquet"),
    "journal": _file("00000.jsonl", _journal),
    "link": _link,
}
