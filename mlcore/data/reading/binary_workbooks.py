"""What binary workbooks (xls, xlsb) say of their size before they are read.

Their sheets are records: a number for what it is, a length, and data. As for other workbooks
(:mod:`~mlcore.data.reading.workbook_checks`), what would take room for a far corner, or for counts
that cannot be, is refused before anything makes that room.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mlcore.data.reading.grid import MOST_CELLS
from mlcore.data.reading.packed import open_archive
from mlcore.data.reading.workbook_checks import Extent, check_extent, check_parts, part_targets
from mlcore.errors import UserError

_Record = tuple[int, bytes]


@dataclass
class _Reach:
    """How far the cells of a sheet reach so far."""

    rows: int = 0
    columns: int = 0
    cells: int = 0

    def add(self, row: int, column: int, count: int = 1) -> None:
        """Take cells that stand side by side."""
        self.rows, self.columns = max(self.rows, row + 1), max(self.columns, column + count)
        self.cells += count

    def extent(self) -> Extent:
        """Return what was found."""
        return Extent(self.rows, self.columns, self.cells)


# Excel 97 to 2003 (xls): records in a stream of a compound file

_NAMES = ("Workbook", "Book")
_TABLE_OF_SECTORS, _FIRST_SECTORS, _ENTRY = 76, 109, 128
#: Version and size of sectors (as a power of two); that of small ones, and how long a stream must
#: be not to lie in these: all as every program writes them.
_SECTORS, _SMALL, _LARGE = ((3, 9), (4, 12)), b"\6\0", b"\0\x10\0\0"
#: Numbers of sectors from here on mean something else.
_LAST_SECTOR = 0xFFFFFFFA

_DIMENSIONS, _SHEET, _BEGIN, _END, _SECRET = 0x200, 0x85, 0x809, 0x0A, 0x2F
_MANY_NUMBERS = 0xBD
#: Formulas, numbers, texts and truth values; all begin with row and column.
_CELLS = frozenset({2, 3, 4, 5, 6, 0xD6, 0xFD, 0x203, 0x204, 0x205, 0x206, 0x27E, 0x406})
_MOST_ROWS, _MOST_COLUMNS = 65_536, 256


def check_old_excel(content: bytes) -> dict[str, Extent]:
    """Return how far each sheet of an Excel workbook before 2007 (xls) reaches, by its name.

    Raises
    ------
    UserError
        The workbook is encrypted, is none, or says of itself what cannot be; one of its sheets
        reaches too far. All of them are read when one is.
    ValueError
        It is damaged.
    """
    stream = _workbook_stream(content)
    begins: dict[int, str] = {}
    for kind, data in _records(stream, 0):
        if kind == _SECRET:
            raise UserError("data.workbook_secret")
        if kind == _SHEET:
            place, name = _number(data, 0), _sheet_name(data)
            if place in begins or name in begins.values():
                raise UserError("data.workbook_unusual")
            begins[place] = name
    extents = {name: _old_extent(stream, place) for place, name in begins.items()}
    for name, extent in extents.items():
        check_extent(extent, name)
    if sum(extent.rows * extent.columns for extent in extents.values()) > MOST_CELLS:
        raise UserError("data.workbook_unusual")
    return extents


def _sheet_name(data: bytes) -> str:
    """Return the name of a sheet; texts have a byte of flags from Excel 97 on."""
    if data[6:7] == bytes([max(len(data) - 7, 0) % 256]):
        return data[7:].decode("latin-1")
    return data[8:].decode("latin-1" if data[7:8] == b"\0" else "utf-16-le", errors="replace")


def _old_extent(stream: bytes, place: int) -> Extent:
    reach = _Reach()
    for kind, data in _records(stream, place):
        if kind in _CELLS:
            reach.add(_number(data, 0, 2), _number(data, 2, 2))
        elif kind == _MANY_NUMBERS:
            reach.add(_number(data, 0, 2), _number(data, 2, 2), max(1, (len(data) - 6) // 6))
        elif kind == _DIMENSIONS:
            _require_possible(data)
    return reach.extent()


def _require_possible(dimensions: bytes) -> None:
    """Refuse a sheet that says it is larger than sheets can be: room is made for what it says."""
    size = 4 if len(dimensions) >= 14 else 2
    rows, columns = _number(dimensions, size, size), _number(dimensions, 2 * size + 2, 2)
    if rows > _MOST_ROWS or columns > _MOST_COLUMNS:
        raise UserError("data.workbook_unusual")


def _records(stream: bytes, place: int) -> Iterator[_Record]:
    """Yield the records from a place to the end of the sheet that begins there."""
    depth = 0
    while place + 4 <= len(stream):
        kind, size = _number(stream, place, 2), _number(stream, place + 2, 2)
        yield kind, stream[place + 4 : place + 4 + size]
        place += 4 + size
        depth += (kind == _BEGIN) - (kind == _END)
        if kind == _END and depth <= 0:
            return


def _workbook_stream(content: bytes) -> bytes:
    """Return the stream of a compound file that holds the workbook."""
    version, shift = _number(content, 26, 2), _number(content, 30, 2)
    if (version, shift) not in _SECTORS or content[32:34] != _SMALL or content[56:60] != _LARGE:
        raise UserError("data.workbook_unusual")
    sector = 1 << shift
    table = _sector_table(content, sector)
    folder = _chained(content[sector:], _number(content, 48), table, sector)
    entries = [folder[place : place + _ENTRY] for place in range(0, len(folder), _ENTRY)]
    named = {name: [one for one in entries if _name(one) == name] for name in _NAMES}
    found = named["Workbook"] or named["Book"]
    if not found:
        raise UserError("data.foreign_format", format="an old Word or PowerPoint document")
    if len(found) > 1:
        raise UserError("data.workbook_unusual")
    start, size = _number(found[0], 116), _number(found[0], 120)
    if size >= 4096:
        return _chained(content[sector:], start, table, sector)[:size]
    # Small streams lie in one that the first entry of the folder names.
    small = _chained(content[sector:], _number(entries[0], 116), table, sector)
    links = _chained(content[sector:], _number(content, 60), table, sector)
    return _chained(small, start, np.frombuffer(links, "<u4"), 64)[:size]


def _name(entry: bytes) -> str:
    return entry[:64].decode("utf-16-le", errors="replace").split("\0")[0]


def _number(data: bytes, place: int, size: int = 4) -> int:
    return int.from_bytes(data[place : place + size], "little")


def _sector_table(content: bytes, sector: int) -> npt.NDArray[np.uint32]:
    """Return which sector follows which."""
    end = _TABLE_OF_SECTORS + 4 * _FIRST_SECTORS
    parts = [np.frombuffer(content[_TABLE_OF_SECTORS:end], "<u4")]
    # More than the first are listed in sectors of their own, of which each names the next.
    following, seen = _number(content, 68), set[int]()
    while following < _LAST_SECTOR:
        if following in seen:
            raise UserError("data.workbook_unusual")
        seen.add(following)
        begin = (following + 1) * sector
        listed = np.frombuffer(content[begin : begin + sector], "<u4")
        if not len(listed):
            break
        parts.append(listed[:-1])
        following = int(listed[-1])
    used = np.concatenate(parts)
    blocks = [
        content[(one + 1) * sector : (one + 2) * sector]
        for one in used[used < _LAST_SECTOR].tolist()
    ]
    return np.frombuffer(b"".join(blocks), "<u4")


def _chained(sectors: bytes, start: int, table: npt.NDArray[np.uint32], size: int) -> bytes:
    """Return the sectors that follow one another from one on."""
    parts: list[bytes] = []
    place = start
    while place < min(len(table), _LAST_SECTOR):
        if len(parts) > len(table):
            raise UserError("data.workbook_unusual")
        if place * size >= len(sectors):
            raise ValueError("the file ends before its last sector")
        parts.append(sectors[place * size : (place + 1) * size])
        place = int(table[place])
    return b"".join(parts)


# Excel Binary (xlsb): a ZIP archive whose parts are records

_ROW, _BUNDLED_SHEET, _TEXTS = 0, 156, 159
_CELLS_12 = frozenset({*range(2, 12), 62})


def binary_excel_extents(content: bytes) -> dict[str, Extent]:
    """Return how far each sheet of a binary Excel workbook (xlsb) reaches, by its name.

    Raises
    ------
    UserError
        A part is larger than a file of its size may unpack to, or says what cannot be.
    zipfile.BadZipFile, KeyError, ValueError, xml.etree.ElementTree.ParseError
        The workbook is damaged.
    """
    with open_archive(content) as archive:
        check_parts(archive, content)
        for name in archive.namelist():
            if name.lower().endswith("sharedstrings.bin"):
                _require_texts(archive.read(name))
        return {
            name: _binary_extent(archive.read(part))
            for name, part in _binary_parts(archive).items()
        }


def _require_texts(part: bytes) -> None:
    """Refuse a list of texts that says it is longer than it can be: room is made for it."""
    for kind, data in _records_12(part):
        if kind == _TEXTS and _number(data, 4) > len(part):
            raise UserError("data.workbook_unusual")


def _binary_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of each sheet by the sheet's name."""
    targets = part_targets(archive, "xl/_rels/workbook.bin.rels")
    parts: dict[str, str] = {}
    for kind, data in _records_12(archive.read("xl/workbook.bin")):
        if kind == _BUNDLED_SHEET:
            mark, end = _wide_text(data, 8)
            name, _ = _wide_text(data, end)
            if name in parts:
                raise UserError("data.workbook_unusual")
            if mark in targets:
                parts[name] = targets[mark]
    return parts


def _wide_text(data: bytes, place: int) -> tuple[str, int]:
    """Return a text, and where it ends."""
    end = place + 4 + 2 * _number(data, place)
    return data[place + 4 : end].decode("utf-16-le", errors="replace"), end


def _binary_extent(part: bytes) -> Extent:
    reach, row = _Reach(), 0
    for kind, data in _records_12(part):
        if kind == _ROW:
            row = _number(data, 0)
        elif kind in _CELLS_12:
            reach.add(row, _number(data, 0))
    return reach.extent()


def _records_12(part: bytes) -> Iterator[_Record]:
    """Yield the records of a part; kinds and lengths are numbers of seven bits a byte."""
    place, end = 0, len(part)
    while place < end:
        kind = part[place]
        place += 1
        if kind & 128 and place < end:
            kind = kind & 127 | (part[place] & 127) << 7
            place += 1
        size = shift = 0
        while place < end and shift < 28:
            size |= (part[place] & 127) << shift
            place, shift = place + 1, shift + 7
            if part[place - 1] < 128:
                break
        yield kind, part[place : place + size]
        place += size
