"""Boxes from CSV files: a row a box, with a header that says which column is what."""

from collections.abc import Iterator, Sequence

from saliency_core.audit.boxes import Drawn, Edges, LeftOut, Size
from saliency_core.audit.listing import Listing, miss
from saliency_core.audit.reading import as_number, find_column, read_table
from saliency_core.errors import RequestError
from saliency_core.text import cut

FILE = (
    "file", "filename", "filepath", "path", "image", "imagename", "imagefile", "imagepath", "imageid", "photo", "img",
    "id",
)  # fmt: skip
LABEL = ("label", "labels", "labelname", "class", "classname", "category", "categoryname", "target", "object", "name")
_EDGES = (
    ("left", "xmin", "x1", "minx", "bboxx1", "bboxxmin"),
    ("top", "ymin", "y1", "miny", "bboxy1", "bboxymin"),
    ("right", "xmax", "x2", "maxx", "bboxx2", "bboxxmax"),
    ("bottom", "ymax", "y2", "maxy", "bboxy2", "bboxymax"),
)
_CORNER = (("x", "bboxx", "boxx", *_EDGES[0]), ("y", "bboxy", "boxy", *_EDGES[1]))
_SPAN = (("bboxwidth", "boxwidth", "bboxw", "width", "w"), ("bboxheight", "boxheight", "bboxh", "height", "h"))
_PHOTO_SIZE = (("imagewidth", "imgwidth", "imagew"), ("imageheight", "imgheight", "imageh"))
ENDINGS = (".csv", ".tsv")


def find_files(listing: Listing) -> tuple[str, ...]:
    """The folder's tables with a column for files and four for a box."""
    return tuple(name for name in listing.others if name.lower().endswith(ENDINGS) and _has_boxes(listing, name))


def read_files(listing: Listing, files: Sequence[str]) -> Iterator[Drawn | LeftOut]:
    """The boxes in tables, and what of them cannot be used.

    Edges are pixels, but shares in a table in which none is above 1 and some are fractions.
    """
    for file in files:
        try:
            header, *rows = read_table(listing.folder / file)
        except RequestError as error:
            yield LeftOut(file, str(error))
            continue
        columns = _Columns(header)
        read = [(row, columns.edges(row)) for row in rows]
        numbers = [edge for _, edges in read for edge in edges or ()]
        shares = max(numbers, default=2) <= 1 and any(edge % 1 for edge in numbers)
        found: dict[str, tuple[str, ...]] = {}
        for row, edges in read:
            written = _cell(row, columns.file)
            if written not in found:
                found[written] = listing.find_near(file, written)
            photos = found[written]
            what = cut(_cell(row, columns.label), 200) or "object"
            if len(photos) != 1:
                yield miss(file, written, photos)
            elif edges is None:
                yield LeftOut(photos[0], f"A box of “{cut(what)}” lacks an edge, or one is not a number.")
            elif any(edges):  # a row of zeros says that the photo has no box
                yield Drawn(photos[0], what, edges, columns.size(row), shares)


class _Columns:
    """Which column of a table is what; None where there is none."""

    def __init__(self, header: Sequence[str]) -> None:
        self.file, self.label = find_column(header, FILE), find_column(header, LABEL)
        self._edges = [find_column(header, names) for names in _EDGES]
        self._corner = [find_column(header, names) for names in _CORNER]
        self._span = [find_column(header, names) for names in _SPAN]
        self._size = [find_column(header, names) for names in _PHOTO_SIZE]
        if None in self._size and None not in self._edges:  # beside four edges, width and height are the photo's
            self._size = self._span

    @property
    def complete(self) -> bool:
        return self.file is not None and (None not in self._edges or None not in (*self._corner, *self._span))

    def edges(self, row: Sequence[str]) -> Edges | None:
        if None not in self._edges:
            left, top, right, bottom = (as_number(_cell(row, column)) for column in self._edges)
        else:
            left, top, width, height = (as_number(_cell(row, column)) for column in (*self._corner, *self._span))
            right = None if left is None or width is None else left + width
            bottom = None if top is None or height is None else top + height
        return None if left is None or top is None or right is None or bottom is None else (left, top, right, bottom)

    def size(self, row: Sequence[str]) -> Size | None:
        width, height = (as_number(_cell(row, column)) for column in self._size)
        return (width, height) if width and height else None


def _has_boxes(listing: Listing, name: str) -> bool:
    try:
        rows = read_table(listing.folder / name, most=1)
    except RequestError:
        return False
    return bool(rows) and _Columns(rows[0]).complete


def _cell(row: Sequence[str], column: int | None) -> str:
    return row[column] if column is not None and column < len(row) else ""
