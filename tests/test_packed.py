"""A ZIP of labelled photos becomes a folder, and nothing of it lies elsewhere."""

import io
import zipfile
from pathlib import Path

import pytest

import saliency_core as core
from saliency_core.passport import packed
from saliency_core.passport.packed import unpack_photos


def pack(**files: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def written(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_each_folder_is_a_class(tmp_path: Path) -> None:
    data = pack(**{"photos/cat/a.png": b"1", "dog/b.JPG": b"2", "dog\\c.jpg": b"3", "e.png": b"4", "cat/read.me": b"5"})
    assert unpack_photos(data, tmp_path) == 3
    assert written(tmp_path) == {"cat/0000.png", "dog/0001.jpg", "dog/0002.jpg"}


def test_nothing_is_written_outside(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    names = ("../../a.png", "../cat/a.png", "/cat/b.png", "cat/../../c.png", "C:\\cat\\d.png", "__MACOSX/cat/e.png")
    assert unpack_photos(pack(**dict.fromkeys(names, b"x")), inside) == 2
    assert written(tmp_path) == {"inside/cat/0000.png", "inside/cat/0001.png"}


def test_no_more_is_unpacked_than_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "MOST_PHOTOS", 3)
    data = pack(**{f"cat/{number}.png": bytes(1000) for number in range(5)})
    assert unpack_photos(data, tmp_path) == 3
    monkeypatch.setattr(packed, "MOST_BYTES", 1500)
    other = tmp_path / "other"
    other.mkdir()
    assert unpack_photos(data, other) == 1


@pytest.mark.parametrize("data", [b"", b"no ZIP", pack()[:-4], pack(**{"cat/a.png": b"1" * 99})[:60], pack(a=b"1")])
def test_what_holds_no_photos_is_told(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(core.RequestError, match="folder"):
        unpack_photos(data, tmp_path)
