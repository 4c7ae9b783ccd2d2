"""What binary workbooks (xls, xlsb) say of their size and their cells before they are read.

Their sheets are records: a number for what it is, a length, and data. As for other workbooks
(:mod:`~mlcore.data.reading.workbook_checks`), what would take room for a far corner, or for counts
that cannot be, is refused before anything makes that room. The same look finds what the reader of
workbooks does not tell (:mod:`~mlcore.data.reading.silent_cells`).
"""

from __future__ import annotations

import codecs
import datetime as dt
import struct
import zipfile
from collections.abc import Iterator, Mapping
from functools import partial
from typing import NamedTuple

from mlcore.data.reading.cell_formats import Styles, told_by_dates
from mlcore.data.reading.compound_files import number_at, workbook_stream
from mlcore.data.reading.grid import MOST_CELLS
from mlcore.data.reading.packed import open_archive
from mlcore.data.reading.silent_cells import FoundCells, Known
from mlcore.data.reading.workbook_checks import Extent, check_extent, check_parts, part_targets
from mlcore.errors import UserError

_Record = tuple[int, bytes]

#: Errors by their numbers, which are the same in both kinds.
_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}


class LookedAt(NamedTuple):
    """How far a sheet reaches, and what was found in it, which takes no room yet."""

    extent: Extent
    found: FoundCells


class _Sheet:
    """What was found in a sheet so far.

    Parameters
    ----------
    told : mapping of int to str, int, datetime.date or datetime.timedelta
        What the styles of cells tell of their numbers, by the place of the style.
    """

    def __init__(self, told: Mapping[int, Known]) -> None:
        self.found = FoundCells()
        self._told = told
        self._rows = self._columns = self._cells = 0

    def reach(self, row: int, column: int, count: int = 1) -> None:
        """Take cells that stand side by side."""
        if row >= self._rows:
            self._rows = row + 1
        if column + count > self._columns:
            self._columns = column + count
        self._cells += count

    def add_number(self, row: int, column: int, style: int) -> None:
        """Take a number for what its style tells of it."""
        if (known := self._told.get(style)) is not None:
            self.found.add(known, row, column)

    def add_error(self, row: int, column: int, error: int) -> None:
        """Take an error by its number."""
        if error in _ERRORS:
            self.found.add(_ERRORS[error], row, column)

    def add_result(self, result: bytes) -> None:
        """Take the number that a formula has for a result."""
        self.found.formulas += 1
        self.found.zeros += not any(result)

    def looked_at(self) -> LookedAt:
        """Return what was found."""
        return LookedAt(Extent(self._rows, self._columns, self._cells), self.found)


# Excel 97 to 2003 (xls)

_DIMENSIONS, _SHEET, _BEGIN, _END, _SECRET = 0x200, 0x85, 0x809, 0x0A, 0x2F
_FORMAT, _STYLE, _CODE_PAGE = 0x41E, 0xE0, 0x42
_FORMULA, _NUMBER, _SHORT_NUMBER, _MANY_NUMBERS, _TRUTH = 6, 0x203, 0x27E, 0xBD, 0x205
#: Formulas, numbers, texts and truth values; all begin with row, column and style.
_CELLS = frozenset({2, 3, 4, 5, 6, 0xD6, 0xFD, 0x203, 0x204, 0x205, 0x206, 0x27E, 0x406})
_HEAD = struct.Struct("<HHH")
_MOST_ROWS, _MOST_COLUMNS = 65_536, 256
#: What the result of a formula ends with that is no number, and what is an error or empty then.
_NO_NUMBER, _ERROR, _BLANK = b"\xff\xff", 2, 3


def check_old_excel(content: bytes) -> dict[str, LookedAt]:
    """Return what is known of each sheet of an Excel workbook before 2007 (xls), by its name.

    Raises
    ------
    UserError
        The workbook is encrypted, is none, or says of itself what cannot be; one of its sheets
        reaches too far. All of them are read when one is.
    ValueError
        It is damaged.
    """
    stream = workbook_stream(content)
    begins: dict[int, str] = {}
    styles, page = Styles(), "latin-1"
    for kind, data in _records(stream, 0):
        if kind == _SECRET:
            raise UserError("data.workbook_secret")
        if kind == _SHEET:
            place, name = number_at(data, 0), _text(data, 6, 1, page)
            if place in begins or name in begins.values():
                raise UserError("data.workbook_unusual")
            begins[place] = name
        elif kind == _FORMAT:
            styles.codes[number_at(data, 0, 2)] = _text(data, 2, 2, page)
        elif kind == _STYLE:
            styles.formats.append(number_at(data, 2, 2))
        elif kind == _CODE_PAGE:
            page = _code_page(data)
    told = styles.told()
    sheets = {name: _old_sheet(stream, place, told) for place, name in begins.items()}
    for name, sheet in sheets.items():
        check_extent(sheet.extent, name)
    if sum(sheet.extent.rows * sheet.extent.columns for sheet in sheets.values()) > MOST_CELLS:
        raise UserError("data.workbook_unusual")
    return sheets


def _text(data: bytes, place: int, size: int, page: str) -> str:
    """Return the text whose length stands at a place.

    Before Excel 97 the length is one byte; since then it has a size of its own, and a byte that
    tells wide letters follows.
    """
    if data[place : place + 1] == bytes([max(len(data) - place - 1, 0) % 256]):
        return data[place + 1 :].decode(page, errors="replace")
    begin = place + size + 1
    is_wide = number_at(data, begin - 1, 1)
    return data[begin:].decode("utf-16-le" if is_wide else "latin-1", errors="replace")


def _code_page(data: bytes) -> str:
    name = f"cp{number_at(data, 0, 2)}"
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "latin-1"


def _old_sheet(stream: bytes, place: int, told: Mapping[int, Known]) -> LookedAt:
    sheet, depth = _Sheet(told), 0
    for kind, data in _records(stream, place):
        if kind in _CELLS and len(data) >= _HEAD.size:
            row, column, style = _HEAD.unpack_from(data)
            sheet.reach(row, column)
            # What lies deeper is of a chart.
            if depth == 1:
                _add_old_cell(sheet, kind, data, row, column, style)
        elif kind == _MANY_NUMBERS:
            _add_numbers(sheet, data, depth)
        elif kind == _DIMENSIONS:
            _require_possible(data)
        else:
            depth += (kind == _BEGIN) - (kind == _END)
    return sheet.looked_at()


def _add_old_cell(sheet: _Sheet, kind: int, data: bytes, row: int, column: int, style: int) -> None:
    if kind in (_NUMBER, _SHORT_NUMBER):
        sheet.add_number(row, column, style)
    elif kind == _TRUTH and data[7:8] == b"\1":
        sheet.add_error(row, column, data[6])
    elif kind == _FORMULA:
        _add_result(sheet, data[6:14], row, column, style)


def _add_result(sheet: _Sheet, result: bytes, row: int, column: int, style: int) -> None:
    if result[6:] != _NO_NUMBER:
        sheet.add_number(row, column, style)
        sheet.add_result(result)
        return
    sheet.found.formulas += 1
    if result[0] == _ERROR:
        sheet.add_error(row, column, result[2])
    elif result[0] == _BLANK:
        sheet.found.blank.add(row, column)


def _add_numbers(sheet: _Sheet, data: bytes, depth: int) -> None:
    """Take numbers that stand side by side."""
    row, first, count = number_at(data, 0, 2), number_at(data, 2, 2), max(1, (len(data) - 6) // 6)
    sheet.reach(row, first, count)
    if depth == 1:
        for place in range(count):
            sheet.add_number(row, first + place, number_at(data, 4 + 6 * place, 2))


def _require_possible(dimensions: bytes) -> None:
    """Refuse a sheet that says it is larger than sheets can be: room is made for what it says."""
    size = 4 if len(dimensions) >= 14 else 2
    rows, columns = number_at(dimensions, size, size), number_at(dimensions, 2 * size + 2, 2)
    if rows > _MOST_ROWS or columns > _MOST_COLUMNS:
        raise UserError("data.workbook_unusual")


_RECORD = struct.Struct("<HH")


def _records(stream: bytes, place: int) -> Iterator[_Record]:
    """Yield the records from a place to the end of the sheet that begins there."""
    depth, last = 0, len(stream) - _RECORD.size
    while place <= last:
        kind, size = _RECORD.unpack_from(stream, place)
        place += 4
        yield kind, stream[place : place + size]
        place += size
        if kind in (_BEGIN, _END):
            depth += 1 if kind == _BEGIN else -1
            if kind == _END and depth <= 0:
                return


# Excel Binary (xlsb): a ZIP archive whose parts are records

#: Day 0 of a workbook, which its first days count a day later; or where the workbook says so.
FIRST_DAY, _FIRST_DAY_1904 = dt.date(1899, 12, 30), dt.date(1904, 1, 1)

_MOST_ROWS_12, _MOST_COLUMNS_12 = 1_048_576, 16_384
_STYLES_PART = "xl/styles.bin"
_ROW, _BUNDLED_SHEET, _TEXTS, _PROPERTIES = 0, 156, 159, 153
_FORMAT_12, _STYLE_12, _STYLES_BEGIN, _STYLES_END = 44, 47, 617, 618
_CELLS_12 = frozenset({*range(2, 12), 62})
#: Numbers and errors, as values and as results of formulas, of which only a number is told apart.
_NUMBERS_12, _ERRORS_12, _FORMULAS_12, _RESULT_12 = {2, 5, 9}, {3, 11}, range(8, 12), 9
#: Column and style of a cell; of the last byte only one bit is used, for something else.
_HEAD_12 = struct.Struct("<II")
_STYLE_BITS = 0xFFFFFF


def check_binary_excel(content: bytes) -> dict[str, LookedAt]:
    """Return what is known of each sheet of a binary Excel workbook (xlsb), by its name.

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
        book = archive.read("xl/workbook.bin")
        told = _told_12(archive, book)
        sheets = {
            name: _binary_sheet(archive.read(part), told)
            for name, part in _binary_parts(archive, book).items()
        }
    for extent, _ in sheets.values():
        if extent.rows > _MOST_ROWS_12 or extent.columns > _MOST_COLUMNS_12:
            raise UserError("data.workbook_unusual")
    return sheets


def _told_12(archive: zipfile.ZipFile, book: bytes) -> dict[int, Known]:
    """Return what styles tell of numbers: the reader does not know whole ones for dates."""
    styles, is_inside, first_day = Styles(), False, FIRST_DAY
    for kind, data in _records_12(book):
        if kind == _PROPERTIES and number_at(data, 0) & 1:
            first_day = _FIRST_DAY_1904
    part = archive.read(_STYLES_PART) if _STYLES_PART in archive.namelist() else b""
    for kind, data in _records_12(part):
        if kind == _FORMAT_12:
            styles.codes[number_at(data, 0, 2)], _ = _wide_text(data, 2)
        elif kind == _STYLE_12 and is_inside:
            styles.formats.append(number_at(data, 2, 2))
        else:
            is_inside = kind == _STYLES_BEGIN or (is_inside and kind != _STYLES_END)
    return styles.told(partial(told_by_dates, first_day=first_day))


def _require_texts(part: bytes) -> None:
    """Refuse a list of texts that says it is longer than it can be: room is made for it."""
    for kind, data in _records_12(part):
        if kind == _TEXTS and number_at(data, 4) > len(part):
            raise UserError("data.workbook_unusual")


def _binary_parts(archive: zipfile.ZipFile, book: bytes) -> dict[str, str]:
    """Return the part of each sheet by the sheet's name."""
    targets = part_targets(archive, "xl/_rels/workbook.bin.rels")
    parts: dict[str, str] = {}
    for kind, data in _records_12(book):
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
    end = place + 4 + 2 * number_at(data, place)
    return data[place + 4 : end].decode("utf-16-le", errors="replace"), end


def _binary_sheet(part: bytes, told: Mapping[int, Known]) -> LookedAt:
    sheet, row = _Sheet(told), 0
    for kind, data in _records_12(part):
        if kind in _CELLS_12 and len(data) >= _HEAD_12.size:
            column, style = _HEAD_12.unpack_from(data)
            sheet.reach(row, column)
            if kind in _NUMBERS_12:
                sheet.add_number(row, column, style & _STYLE_BITS)
            elif kind in _ERRORS_12:
                sheet.add_error(row, column, number_at(data, 8, 1))
            if kind == _RESULT_12:
                sheet.add_result(data[8:16])
            elif kind in _FORMULAS_12:
                sheet.found.formulas += 1
        elif kind == _ROW:
            row = number_at(data, 0)
    return sheet.looked_at()


def _records_12(part: bytes) -> Iterator[_Record]:
    """Yield the records of a part; kinds and lengths are numbers of seven bits a byte."""
    place, end = 0, len(part)
    while place < end:
        kind = part[place]
        place += 1
        if kind & 128 and place < end:
            kind = kind & 127 | (part[place] & 127) << 7
            place += 1
        size = part[place] if place < end else 0
        place += 1
        if size & 128:
            size, place = _long_size(part, place - 1)
        yield kind, part[place : place + size]
        place += size


def _long_size(part: bytes, place: int) -> tuple[int, int]:
    """Return a length of several bytes, and where it ends."""
    size = shift = 0
    for byte in part[place : place + 4]:
        size |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            break
    return size, place
