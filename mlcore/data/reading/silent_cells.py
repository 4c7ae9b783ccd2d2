"""Cells of a workbook that its reader takes to be empty: errors, and formulas never computed.

``#N/A`` and its like are words that somebody should see, and a formula without a result is no
empty cell: programs that write workbooks leave the computing to the one that opens them.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice, product
from typing import IO

from mlcore.data.reading.opendocument_walk import SheetWalk
from mlcore.data.reading.packed import open_archive
from mlcore.data.reading.workbook_checks import column_number, sheet_parts, whole_tags

_CELL = re.compile(rb"<(?:\w+:)?c(?=\s)")
_END = re.compile(rb"</(?:\w+:)?c>")
#: Beginnings of formulas and marks of errors, as they may be written, and formulas with a result.
_BEGINNINGS = (b"<f", b":f", b'"e"', b"'e'")
_ZERO = b"</f><v>0</v>"
_USUAL_FORMULA = re.compile(rb"(?:</f>|<f [^<>]*/>)<v>[^<]")
_IS_ERROR = re.compile(rb"""\st\s*=\s*["']e["']""")
_IS_TEXT = re.compile(rb"""\st\s*=\s*["'](?:str|inlineStr)["']""")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?(?<!/)>([^<]+)<")
_PLACE = re.compile(rb"""\sr\s*=\s*["']\s*\$?([A-Za-z]{1,3})\$?(\d{1,7})\s*["']""")

#: A longer cell is looked at no more.
_LONGEST_CELL = 2**24
#: Further errors are left as empty cells.
_MOST_ERRORS = 1_000_000
#: A longer word is no error.
_LONGEST_WORD = 30

#: An error of an OpenDocument cell, or a formula whose cell has no value.
_ODS_MARKS = re.compile(rb'value-type="error"|table:formula=')


@dataclass(frozen=True)
class SilentCells:
    """What the reader of workbooks does not tell of a sheet.

    Parameters
    ----------
    errors : mapping of int to mapping of int to str
        By place of the column and by row, both from 0: the word of an error.
    n_unsaved : int
        How many cells hold a formula without a result.
    first_unsaved : tuple of int, optional
        Row and column of the first of them.
    n_zeros : int
        How many formulas have the result 0, if all have it.
    """

    errors: Mapping[int, Mapping[int, str]] = field(default_factory=dict)
    n_unsaved: int = 0
    first_unsaved: tuple[int, int] | None = None
    n_zeros: int = 0


@dataclass
class _Found:
    errors: dict[int, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    n_errors: int = 0
    unsaved: int = 0
    first: tuple[int, int] | None = None

    def add_error(self, row: int, column: int, word: str) -> None:
        if self.n_errors < _MOST_ERRORS:
            self.errors[column][row] = word
            self.n_errors += 1

    def add_unsaved(self, row: int, column: int, times: int = 1) -> None:
        self.unsaved += times
        self.first = self.first or (row, column)

    def cells(self) -> SilentCells:
        return SilentCells(self.errors, self.unsaved, self.first)


def excel_silent_cells(content: bytes, sheet: str) -> SilentCells:
    """Return the errors and formulas without a result of a sheet (xlsx, xlsm).

    Parameters
    ----------
    content : bytes
        The workbook, which :mod:`~mlcore.data.reading.workbook_checks` found harmless.
    sheet : str
        Its name.

    Raises
    ------
    zipfile.BadZipFile, KeyError
        The workbook is damaged.
    """
    with open_archive(content) as archive:
        part = sheet_parts(archive).get(sheet)
        if part is None:
            return SilentCells()
        found, formulas, zeros = _Found(), 0, 0
        with archive.open(part) as stream:
            for text in _whole_cells(stream):
                formulas, zeros = formulas + text.count(b"</f>"), zeros + text.count(_ZERO)
                if not _is_all_told(text):
                    _add_cells(text, found)
    # What some programs write for every formula.
    return replace(found.cells(), n_zeros=zeros if zeros == formulas else 0)


def _whole_cells(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the text of a sheet in pieces that break no cell."""
    rest = b""
    for piece in whole_tags(stream):
        text = rest + piece
        end = max(text.rfind(b"c>"), text.rfind(b"row>"))
        cut = text.find(b">", end) + 1 if end >= 0 else 0
        cut = len(text) if not cut and len(text) > _LONGEST_CELL else cut
        yield text[:cut]
        rest = text[cut:]
    yield rest


def _is_all_told(text: bytes) -> bool:
    """Return whether cells are no errors, and their formulas have results, at a quick look."""
    formulas, *others = map(text.count, _BEGINNINGS)
    return not any(others) and (not formulas or formulas == len(_USUAL_FORMULA.findall(text)))


def _add_cells(text: bytes, found: _Found) -> None:
    for cell in _CELL.split(text)[1:]:
        marks, _, behind = cell.partition(b">")
        inside = _END.split(behind, maxsplit=1)[0]
        is_error = _IS_ERROR.search(marks)
        is_empty = marks.endswith(b"/")
        if is_empty or not (is_error or _FORMULA.search(inside)) or _IS_TEXT.search(marks):
            continue
        value, place = _VALUE.search(inside), _PLACE.search(marks)
        row, column = (int(place[2]) - 1, column_number(place[1]) - 1) if place else (0, 0)
        if value is None:
            found.add_unsaved(row, column)
        elif is_error and place:
            found.add_error(row, column, html.unescape(value[1].decode("utf-8", "replace")))


# OpenDocument


def opendocument_silent_cells(content: bytes, sheet: str) -> SilentCells:
    """Return what :func:`excel_silent_cells` does, for a sheet of an ods file."""
    with open_archive(content) as archive:
        text = archive.read("content.xml")
    if not _ODS_MARKS.search(text):
        return SilentCells()
    walk = _Walk(sheet)
    walk.through(text)
    return walk.found.cells()


class _Walk(SheetWalk):
    """Takes errors and formulas without a value out of one sheet of an ods file."""

    def __init__(self, sheet: str) -> None:
        super().__init__(sheet)
        self.found = _Found()
        self._is_error, self._word = False, ""

    def begin(self, attributes: dict[str, str]) -> None:
        self._is_error, self._word = attributes.get("calcext:value-type") == "error", ""
        if "table:formula" in attributes and "office:value-type" not in attributes:
            times = len(self.rows) * len(self.columns)
            self.found.add_unsaved(self.rows.start, self.columns.start, times)

    def take(self, text: str) -> None:
        if self._is_error and len(self._word) < _LONGEST_WORD:
            self._word += text

    def end(self) -> None:
        if self._is_error and (word := self._word.strip()):
            for row, column in islice(product(self.rows, self.columns), _MOST_ERRORS):
                self.found.add_error(row, column, word)
        self._is_error = False
