"""What a workbook says of its size before it is read.

A workbook of a few kilobytes can name a cell in the last row of the last column, or hold one cell
of hundreds of megabytes. Such a file must be refused before anything makes room for it. What is
looked at here is only the text of its parts, piece by piece.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO
from xml.etree import ElementTree
from xml.parsers import expat

from mlcore import settings
from mlcore.data.reading.grid import MOST_CELLS
from mlcore.data.reading.packed import HARMLESS, MOST_RATIO, limited, open_archive
from mlcore.errors import UserError

#: A sheet with fewer cells than this may be as empty as it likes.
_SMALL_SHEET = 2_000_000

#: A larger one needs a share of so many cells to be a table.
_LEAST_FILLED = 0.01

_MOST_PARTS = 10_000
#: Of these a workbook has one, by its kind.
_MAIN_PARTS = frozenset({"xl/workbook.xml", "xl/workbook.bin", "content.xml"})
_LONGEST_LIST = 2**24
_PIECE = 2**20

#: Bytes before the name in what stands before a part.
_LOCAL_HEADER = 30

_USUAL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"')
_REFERENCE = re.compile(rb"""[\s"']r\s*=\s*["']\s*\$?([A-Za-z]{1,4})\$?(\d{1,9})""")
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ROW_OR_CELL = re.compile(rb"<(?:\w+:)?(row|c)[\s/>]")
_ESCAPED_CELL = re.compile(rb"<(?:\w+:)?(?:c|row)\s[^>]*&")


@dataclass(frozen=True)
class Extent:
    """How far a sheet reaches, and how many cells are written in its part of the file."""

    rows: int
    columns: int
    cells: int


def excel_extents(content: bytes) -> dict[str, Extent]:
    """Return how far each sheet of an Excel workbook (xlsx, xlsm) reaches, by its name.

    Raises
    ------
    UserError
        A part is larger than a file of its size may unpack to, or is no plain XML.
    zipfile.BadZipFile, KeyError, xml.etree.ElementTree.ParseError
        The workbook is damaged.
    """
    with open_archive(content) as archive:
        check_parts(archive, content)
        return {name: _excel_extent(archive, part) for name, part in sheet_parts(archive).items()}


def is_binary_excel(content: bytes) -> bool:
    """Return whether a workbook keeps its sheets as binary records (xlsb)."""
    return b"xl/workbook.bin" in content[-(2**20) :]


def check_parts(archive: zipfile.ZipFile, content: bytes) -> None:
    """Refuse a workbook whose parts unpack to more than they may.

    Raises
    ------
    UserError
        They do.
    """
    parts = archive.infolist()
    names = {part.filename.lower() for part in parts}
    if len(parts) > _MOST_PARTS or len(names) < len(parts):
        raise UserError("data.packed_crowded")
    if len(names & _MAIN_PARTS) > 1:
        # The reader behind this might take it for another kind than the one that was looked at.
        raise UserError("data.workbook_unusual")
    largest = settings.UPLOAD_MB.read()
    if sum(part.file_size for part in parts) > largest * 2**20:
        raise UserError("data.packed_large", most=largest)
    for part in parts:
        if part.file_size > max(MOST_RATIO * part.compress_size, HARMLESS):
            raise UserError("data.packed_bomb", most=MOST_RATIO)
        if part.flag_bits & 1:
            raise UserError("data.workbook_secret")
        if not _is_as_large_as_said(part, content):
            raise UserError("data.workbook_unusual")


def _is_as_large_as_said(part: zipfile.ZipInfo, content: bytes) -> bool:
    """Return whether a part unpacks to the size that the list of contents gives, and no more.

    The reader behind this takes what comes, whatever the list says.
    """
    if part.compress_type == zipfile.ZIP_STORED:
        return part.file_size == part.compress_size
    if part.compress_type != zipfile.ZIP_DEFLATED:
        return False
    begin = part.header_offset + _LOCAL_HEADER
    lengths = content[begin - 4 : begin]
    begin += int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
    rest: bytes | memoryview = memoryview(content)[begin : begin + part.compress_size]
    stream, size = zlib.decompressobj(-zlib.MAX_WBITS), 0
    while rest and not stream.eof and size <= part.file_size:
        size += len(stream.decompress(rest, _PIECE))
        rest = stream.unconsumed_tail
    return size == part.file_size


def check_extent(extent: Extent, sheet: str) -> None:
    """Refuse a sheet that reaches much further than its cells fill.

    Raises
    ------
    UserError
        ``data.sheet_sparse`` or ``data.sheet_large``.
    """
    box = extent.rows * extent.columns
    facts = {"sheet": sheet, "rows": extent.rows, "columns": extent.columns}
    if box > _SMALL_SHEET and extent.cells < _LEAST_FILLED * box:
        raise UserError("data.sheet_sparse", cells=extent.cells, **facts)
    if box > MOST_CELLS:
        raise UserError("data.sheet_large", most=MOST_CELLS, **facts)


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of each sheet by the sheet's name."""
    targets = part_targets(archive, "xl/_rels/workbook.xml.rels")
    parts: dict[str, str] = {}
    for sheet in _tree(archive, "xl/workbook.xml").iterfind(".//{*}sheet"):
        marks = [value for name, value in sheet.items() if name.endswith("}id")]
        name = sheet.get("name", "")
        if name in parts:
            raise UserError("data.workbook_unusual")
        if marks and marks[0] in targets:
            parts[name] = targets[marks[0]]
    return parts


def part_targets(archive: zipfile.ZipFile, relations: str) -> dict[str, str]:
    """Return the parts that a list of relations names and that are there, by their marks."""
    known = {name.lower(): name for name in archive.namelist()}
    targets: dict[str, str] = {}
    for relation in _tree(archive, relations).iterfind("{*}Relationship"):
        target = relation.get("Target", "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if part.lower() in known:
            targets[relation.get("Id", "")] = known[part.lower()]
    return targets


def _tree(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    with archive.open(name) as stream:
        text = stream.read(_LONGEST_LIST)
    _require_plain(text)
    return ElementTree.fromstring(text)


def _require_plain(start: bytes) -> None:
    """Refuse XML that declares entities, or is written so that it cannot be looked through."""
    head = start[:4096]
    if b"\0" in head or b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise UserError("data.workbook_unusual")


def _excel_extent(archive: zipfile.ZipFile, part: str) -> Extent:
    walk = _Cells()
    with archive.open(part) as stream:
        for text in whole_tags(stream):
            if not walk.cells:
                _require_plain(text)
            walk.add(text)
    return Extent(max(walk.rows, walk.unnumbered_rows), walk.columns, walk.cells)


class _Cells:
    """Counts the cells of a sheet, and how far they reach."""

    def __init__(self) -> None:
        self.rows, self.columns, self.cells = 0, 0, 0
        self.unnumbered_rows, self._in_row = 0, 0

    def add(self, text: bytes) -> None:
        """Take the next piece of the sheet's part."""
        found = _USUAL.findall(text)
        if len(found) != text.count(b"<c") + text.count(b":c"):
            # Other tags begin so, too, and cells can be written in other ways.
            found = _REFERENCE.findall(text)
            self._add_unusual(text, len(found))
        else:
            self.cells += len(found)
        if found:
            self.rows = max(self.rows, *map(int, {number for _, number in found}))
            self.columns = max(self.columns, *map(column_number, {letters for letters, _ in found}))
        if b"&#" in text and _ESCAPED_CELL.search(text):
            raise UserError("data.workbook_unusual")

    def _add_unusual(self, text: bytes, referred: int) -> None:
        count = len(_CELL.findall(text))
        self.cells += count
        if referred >= count:
            return
        # Cells that do not say where they are stand one after the other.
        for tag in _ROW_OR_CELL.findall(text):
            self.unnumbered_rows += tag == b"row"
            self._in_row = self._in_row + 1 if tag == b"c" else 0
            self.columns = max(self.columns, self._in_row)


def whole_tags(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the text of a part in pieces that break no tag."""
    rest = b""
    while piece := stream.read(_PIECE):
        text = rest + piece
        cut = text.rfind(b"<")
        # A cell may be longer than a piece: what was looked through is not kept.
        cut = len(text) if cut <= 0 and len(text) > 4 * _PIECE else max(cut, 0)
        yield text[:cut]
        rest = text[cut:]
    yield rest


def column_number(letters: bytes) -> int:
    """Return the place of a column, from 1: that of ``AA`` is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


# OpenDocument


def check_opendocument(content: bytes) -> None:
    """Refuse an OpenDocument spreadsheet that says of few cells that they repeat without end.

    Raises
    ------
    UserError
        A sheet reaches too far, or a part is larger than it may be.
    zipfile.BadZipFile, KeyError, xml.parsers.expat.ExpatError
        The file is damaged.
    """
    with open_archive(content) as archive:
        check_parts(archive, content)
        info = archive.getinfo("content.xml")
        with archive.open(info) as stream:
            text = limited(stream.read, info.compress_size)
    _require_plain(text)
    for sheet, extent in _opendocument_extents(text):
        check_extent(extent, sheet)


def _opendocument_extents(text: bytes) -> list[tuple[str, Extent]]:
    walk = _RepeatedCells()
    parser = expat.ParserCreate()
    parser.StartElementHandler = walk.start
    parser.EndElementHandler = walk.end
    parser.Parse(text, True)
    return walk.extents


class _RepeatedCells:
    """Counts cells of an OpenDocument spreadsheet as often as they repeat."""

    def __init__(self) -> None:
        self.extents: list[tuple[str, Extent]] = []
        self._sheet, self._rows, self._columns, self._cells = "", 0, 0, 0
        self._repeats, self._place, self._filled_to, self._filled = 1, 0, 0, 0
        self._pending_rows = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "table:table":
            self._sheet, self._rows, self._columns, self._cells = (
                attributes.get("table:name", ""), 0, 0, 0,
            )  # fmt: skip
            self._pending_rows = 0
        elif tag == "table:table-row":
            self._repeats = repeats(attributes, "table:number-rows-repeated")
            self._place = self._filled_to = self._filled = 0
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            times = repeats(attributes, "table:number-columns-repeated")
            self._place += times
            if any(name.endswith("value-type") for name in attributes):
                self._filled_to, self._filled = self._place, self._filled + times

    def end(self, tag: str) -> None:
        if tag == "table:table-row":
            self._pending_rows += self._repeats
            if self._filled:
                self._rows += self._pending_rows
                self._pending_rows = 0
                self._columns = max(self._columns, self._filled_to)
                # Cells that repeat are written once: they do not make a far corner a table.
                self._cells += self._filled
        elif tag == "table:table":
            # Names may stand there twice.
            self.extents.append((self._sheet, Extent(self._rows, self._columns, self._cells)))


def repeats(attributes: dict[str, str], name: str) -> int:
    """Return how often a row or cell of an OpenDocument spreadsheet stands there."""
    value = attributes.get(name, "1")
    return max(1, int(value)) if value.isdigit() and len(value) < 10 else 1
