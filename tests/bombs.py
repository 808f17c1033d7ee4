"""Inputs that are small and would have a reader take much: nested, repeated, packed, or declaring what they are not.

python -m tests.bombs gives each to its reader, one after the other in one process, and prints what came of it, as JSON;
python -m tests.bombs TARGET ... those of some.
"""

import io
import json
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow
import pyarrow.parquet
import torch

from saliency_core.presentation.archive import RECORD
from scripts.fuzz.limits import try_files

DEEP = 100_000


def bombs() -> Iterator[tuple[str, str, Callable[[], bytes]]]:
    """Targets, what is thrown at them, and what makes its bytes."""
    for target in ("saved", "record", "classes", "transformers", "passport", "coco", "matches", "plan", "summary"):
        yield target, "lists within lists", lambda: DEEP * b"["
        yield target, "objects within objects", lambda: DEEP * b'{"a":' + b"1" + DEEP * b"}"
    for target in ("findings-index", "findings", "self-test", "journal"):
        yield target, "lists within lists", lambda: DEEP * b"["
    yield (
        "record",
        "many sigmas",
        lambda: _record("saliency", maps=[{"sigma": 1 + place / 1e4} for place in range(50_000)]),
    )
    yield "record", "many places", lambda: _record("experiment", n_controls=100_000)
    yield (
        "record",
        "regions in every place",
        lambda: _record("experiment", regions=[_region(place) for place in range(5_000)]),
    )
    yield (
        "saved",
        "a record of eight megabytes",
        lambda: _saved(json.dumps({"a": [{}] * 2_000_000}).encode()[: 8 * 2**20]),
    )
    yield "saved", "a record that unpacks to a gigabyte", lambda: _saved(_zeros(5 * 2**28))
    yield (
        "saved",
        "a ZIP file of 60,000 files",
        lambda: b"PK\x03\x04" + 60_000 * (b"PK\x01\x02" + bytes(42)) + bytes(22),
    )
    yield "models", "50,000 tables", lambda: b"".join(b"[a%d]\na=1\n" % place for place in range(50_000))
    yield "models", "a key of 100,000 parts", lambda: b".".join(100_000 * [b"a"]) + b"=1"
    yield "models", "arrays within arrays", lambda: b"a=" + DEEP * b"["
    yield (
        "models",
        "a name that no file has",
        lambda: b'[a]\narchitecture="torchvision:resnet18"\nclasses="a\\u0000b"\n',
    )
    yield (
        "models",
        "a name longer than any",
        lambda: b'[a]\narchitecture="torchvision:resnet18"\ncheckpoint="%s"\nclasses=["a","b"]\n' % (5000 * b"a"),
    )
    yield "classes", "a million lines", lambda: 1_000_000 * b"a\n"
    yield "checkpoint", "tensors that unpack to gigabytes", lambda: _packed_checkpoint(5 * 2**28)
    yield "checkpoint", "one tensor in thousands of entries", lambda: _shared_entries()

    yield "checkpoint", "tuples within tuples in an old file", lambda: _doubled_tuples(60, as_key=True)
    yield "pickle", "tuples within tuples", lambda: _doubled_tuples(60)
    yield "pickle", "tuples within tuples as a key", lambda: _doubled_tuples(60, as_key=True)
    yield "checkpoint", "an old file that declares a terabyte", lambda: _old_checkpoint()
    yield "safetensors", "a header of 100 MB that is not there", lambda: struct.pack("<Q", 100_000_000) + b"{}"
    yield "safetensors", "a tensor larger than the file", lambda: _safetensors([2**20, 2**20], [0, 4 * 2**40])
    yield "safetensors", "a shape that overflows", lambda: _safetensors([2**40, 2**40], [0, 4])
    yield "safetensors", "a header nested deep", lambda: struct.pack("<Q", DEEP) + DEEP * b"["
    yield "voc", "entities that double", lambda: _entities()
    yield "voc", "elements within elements", lambda: b"<annotation>" + DEEP * b"<a>" + DEEP * b"</a>" + b"</annotation>"
    yield "voc", "100,000 boxes without a size", lambda: b"<annotation>" + 100_000 * b"<object/>" + b"</annotation>"
    yield "voc", "an attribute of megabytes", lambda: b'<annotation a="' + 4_000_000 * b"a" + b'"/>'
    yield "yolo", "200,000 boxes", lambda: 200_000 * b"0 .5 .5 .1 .1\n"
    yield "yolo", "a line of megabytes", lambda: b"0 " + 4_000_000 * b"1 "
    yield "yolo-names", "quotes without an end", lambda: b"names: [" + 100_000 * b"\"'"
    yield "yolo-names", "spaces without an end", lambda: b"names:" + 1_000_000 * b" " + b"\n" + 1_000_000 * b" "
    yield "yolo-names", "blanks and signs", lambda: b"names:\n" + 200_000 * b" \t#\n"
    yield "table", "a header of 300,000 columns", lambda: b"file,label,left,top,right,bottom" + 300_000 * b",a" + b"\n"
    yield "table", "one cell of megabytes", lambda: b"file,label,left,top,right,bottom\n" + 4_000_000 * b"a"
    yield "table", "200,000 rows", lambda: b"file,label,left,top,right,bottom\n" + 200_000 * b"photo.jpg,a,1,2,3,4\n"
    yield (
        "labels",
        "100,000 rows of no photo",
        lambda: b"file,label\n" + b"".join(b"%d.jpg,a\n" % n for n in range(100_000)),
    )
    yield "coco", "100,000 boxes of one photo", lambda: _coco(100_000)
    yield "plan", "more photos than any", lambda: _plan(planned=10**15)
    yield "plan", "a billion photos, one a file", lambda: _plan(planned=10**9, per_shard=1)
    yield "plan", "no photo in a file", lambda: _plan(per_shard=0)
    yield "plan", "a number of 4,000 digits", lambda: _plan(planned=10**4000)
    yield "rows", "a hundred million rows", lambda: _rows(100_000_000)
    yield "shard", "a hundred million rows", lambda: _rows(100_000_000)
    yield "shard", "a text of a gigabyte", lambda: _rows(1, "x" * 2**30)
    yield "journal", "a line of megabytes", lambda: b'{"plan": "digest"}\n{"photo": "' + 8_000_000 * b"a" + b'"}\n'


CORPUS = Path(__file__).parent / "corpus"


def _region(place: int) -> dict[str, int]:
    return {"top": place % 16, "left": 0, "height": 1, "width": 1}


def _record(kind: str, **values: Any) -> bytes:
    return json.dumps(json.loads((CORPUS / "record" / f"{kind}.json").read_bytes()) | values).encode()


def _plan(planned: int | None = None, per_shard: int | None = None) -> bytes:
    lines = (CORPUS / "plan" / "plan.json").read_text().splitlines()
    for place, line in enumerate(lines):
        if planned is not None and line.startswith('"planned"'):
            lines[place] = f'"planned": {planned if planned < 10**1000 else "9" * 4000},'
        if per_shard is not None and line.startswith('"asked"'):
            lines[place] = line.replace('"per_shard": 2', f'"per_shard": {per_shard}')
    return "\n".join(lines).encode()


def _zeros(count: int) -> bytes:
    return bytes(count)


def _saved(record: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(RECORD, record)
    return buffer.getvalue()


def _checkpoint(entries: dict[str, bytes], numbers: int) -> bytes:
    """A checkpoint whose tensors lie in a ZIP file that is packed, which torch's own are not."""
    small = io.BytesIO()
    torch.save({"weight": torch.zeros(4)}, small)
    with zipfile.ZipFile(small) as whole:
        names = {name.partition("/")[2]: whole.read(name) for name in whole.namelist()}
    names["data.pkl"] = names["data.pkl"].replace(b"K\x04tq", b"\x8a\x05" + struct.pack("<Q", numbers)[:5] + b"tq", 1)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in (names | entries).items():
            archive.writestr(f"archive/{name}", data)
    return buffer.getvalue()


def _packed_checkpoint(size: int) -> bytes:
    """Written piece by piece: so many zeros are never in memory here."""
    plain = _checkpoint({}, size // 4)
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in old.namelist():
            with (
                archive.open(zipfile.ZipInfo(name), "w", force_zip64=True)
                if not name.endswith("data/0")
                else (archive.open(_packed(name), "w", force_zip64=True)) as file
            ):
                if name.endswith("data/0"):
                    for _ in range(size // 2**24):
                        file.write(bytes(2**24))
                else:
                    file.write(old.read(name))
    return buffer.getvalue()


def _packed(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _shared_entries() -> bytes:
    return _checkpoint({f"data/{place}": zlib.compress(bytes(10)) for place in range(20_000)}, 4)


def _doubled_tuples(times: int, as_key: bool = False) -> bytes:
    """((x, x), (x, x)) and so on: a few bytes whose hash takes two to the power of `times` steps."""
    doubled = b"".join(b"q%ch%c\x86" % (place, place) for place in range(times))  # BINPUT, BINGET, TUPLE2
    tuples = b")" + doubled
    if as_key:
        return b"\x80\x02}" + tuples + b"K\x01s."
    return b"\x80\x02}" + b"X\x01\x00\x00\x00a" + tuples + b"s."


def _old_checkpoint() -> bytes:
    buffer = io.BytesIO()
    torch.save({"weight": torch.zeros(4)}, buffer, _use_new_zipfile_serialization=False)
    return buffer.getvalue().replace(b"K\x04Ntq", b"\x8a\x06" + struct.pack("<Q", 2**38)[:6] + b"Ntq", 1)


def _safetensors(shape: list[int], offsets: list[int]) -> bytes:
    header = json.dumps({"weight": {"dtype": "F32", "shape": shape, "data_offsets": offsets}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(16)


def _entities() -> bytes:
    lines = [f'<!ENTITY a{place + 1} "{10 * f"&a{place};"}">' for place in range(12)]
    return f'<!DOCTYPE x [<!ENTITY a0 "a">{"".join(lines)}]><annotation>&a12;</annotation>'.encode()


def _coco(boxes: int) -> bytes:
    box = {"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4]}
    images = [{"id": 1, "file_name": "photo.jpg", "width": 64, "height": 48}]
    return json.dumps({"images": images, "annotations": boxes * [box], "categories": []}).encode()


def _rows(count: int, text: str = "x") -> bytes:
    """A Parquet file of so many equal rows, which are a few bytes."""
    before = pyarrow.parquet.read_table(CORPUS / "shard" / "00000.parquet")
    step = min(count, 10_000_000)
    columns = {
        name: pyarrow.repeat(pyarrow.scalar(text), step)
        if pyarrow.types.is_string(before.schema.field(name).type) and name == "photo"
        else pyarrow.nulls(step, before.schema.field(name).type)
        for name in ("photo", "target", "grey_need", "case")
    }
    some = pyarrow.table(columns).replace_schema_metadata(before.schema.metadata)
    buffer = io.BytesIO()
    with pyarrow.parquet.ParquetWriter(buffer, some.schema, compression="zstd") as writer:
        for _ in range(count // step):
            writer.write_table(some, row_group_size=step)
    return buffer.getvalue()


def main() -> None:
    """Try each of those of the targets named, or of all."""
    with TemporaryDirectory() as folder:
        files: dict[str, list[Path]] = {}
        for number, (target, what, make) in enumerate(bombs()):
            if len(sys.argv) < 2 or target in sys.argv[1:]:
                path = Path(folder) / f"{number:03} {target}, {what}"
                path.write_bytes(make())
                files.setdefault(target, []).append(path)
        for path, tried in try_files(files):
            print(json.dumps({"what": path.name[4:], "bytes": path.stat().st_size} | asdict(tried)), flush=True)


if __name__ == "__main__":
    main()
