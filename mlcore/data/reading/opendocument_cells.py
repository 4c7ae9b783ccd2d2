"""What a sheet of an OpenDocument spreadsheet tells of cells beside their values."""

from __future__ import annotations

import re
from xml.parsers import expat

from mlcore.data.reading.packed import open_archive
from mlcore.data.reading.silent_cells import FoundCells, Known, SilentCells
from mlcore.data.reading.workbook_checks import repeats

_CELLS = ("table:table-cell", "table:covered-table-cell")

#: An error, a formula, or a number that is shown with a leading zero.
_MARKS = re.compile(
    rb"""value-type="error"|table:formula=|value-type="float"[^>]*>\s*<text:p>0\d"""
)

#: More of what a cell shows is not kept: neither an error nor a code is longer.
_LONGEST_SHOWN = 30


def opendocument_silent_cells(content: bytes, sheet: str) -> SilentCells:
    """Return what :func:`~mlcore.data.reading.excel_cells.excel_silent_cells` does, of an ods file.

    Raises
    ------
    zipfile.BadZipFile, KeyError, xml.parsers.expat.ExpatError
        The file is damaged.
    """
    with open_archive(content) as archive:
        text = archive.read("content.xml")
    walk = _Walk(sheet)
    if _MARKS.search(text):
        parser = expat.ParserCreate()
        parser.StartElementHandler = walk.start
        parser.EndElementHandler = walk.end
        parser.CharacterDataHandler = walk.take
        parser.Parse(text, True)
    return walk.found.cells()


class _Walk:
    """Takes what is to know out of the cells of one sheet.

    Parameters
    ----------
    sheet : str
        Name of the sheet; those of other names are passed by.
    """

    def __init__(self, sheet: str) -> None:
        self.found = FoundCells()
        self._sheet, self._is_inside = sheet, False
        #: Where the cell stands, from 0; one that is repeated is written once.
        self._rows, self._columns = range(0), range(0)
        #: The number of the cell, what it shows, and whether that is an error.
        self._value, self._shown, self._is_error = "", "", False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "table:table":
            self._is_inside, self._rows = attributes.get("table:name") == self._sheet, range(0)
        elif tag == "table:table-row":
            self._rows = _next(self._rows, repeats(attributes, "table:number-rows-repeated"))
            self._columns = range(0)
        elif tag in _CELLS and self._is_inside:
            times = repeats(attributes, "table:number-columns-repeated")
            self._columns = _next(self._columns, times)
            self._begin(attributes)

    def take(self, text: str) -> None:
        if (self._value or self._is_error) and len(self._shown) < _LONGEST_SHOWN:
            self._shown += text

    def end(self, tag: str) -> None:
        if tag == "table:table":
            self._is_inside = False
        elif tag in _CELLS and self._is_inside:
            if self._is_error and (word := self._shown.strip()):
                self._add(word)
            elif self._has_zeros():
                self._add(len(self._shown))
            self._value, self._is_error = "", False

    def _begin(self, attributes: dict[str, str]) -> None:
        kind, self._shown = attributes.get("office:value-type"), ""
        self._is_error = attributes.get("calcext:value-type") == "error"
        self._value = attributes.get("office:value", "") if kind == "float" else ""
        if "table:formula" in attributes and kind is None:
            times = len(self._rows) * len(self._columns)
            self.found.unsaved.add(self._rows.start, self._columns.start, times)

    def _add(self, known: Known) -> None:
        for column in self._columns:
            self.found.add_rows(known, self._rows, column)

    def _has_zeros(self) -> bool:
        """Return whether a cell shows its number behind zeros; notes are text, too."""
        return (
            bool(self._value)
            and self._shown.startswith("0")
            and len(self._shown) > 1
            and self._shown.isascii()
            and self._shown.isdigit()
            and self._shown.lstrip("0") == self._value.lstrip("0")
        )


def _next(places: range, count: int) -> range:
    return range(places.stop, places.stop + count)
