"""Leading zeros that a workbook only shows: the number 42 in a cell of the format 00000.

Such numbers are codes, and readers of workbooks give the number alone. What the cells are shown as
stands in the styles of the workbook, which are looked at first: mostly there is no such format.
"""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import IO, TypeAlias
from xml.parsers import expat

import numpy as np
import numpy.typing as npt

from mlcore.data.reading.opendocument_walk import SheetWalk
from mlcore.data.reading.packed import open_archive
from mlcore.data.reading.workbook_checks import column_number, sheet_parts, whole_tags

#: By place of the column, from 0: to how many digits the number in each row is filled up with
#: zeros, or 0. Rows count from 0, to the last one with such a cell.
ShownDigits: TypeAlias = Mapping[int, npt.NDArray[np.uint8]]

#: A format of zeros alone, behind a language; what follows is for negative numbers and texts.
_ZEROS = re.compile(r"(?:\[\$[^\]]*\])?(0{2,15})(?:;.*)?", re.DOTALL)

_STYLES = "xl/styles.xml"
_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*>")
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']\s*\$?([A-Za-z]{1,3})\$?(\d{1,7})\s*["']""")

#: More digits than a number of a workbook can have.
_LONGEST_NUMBER = 20

#: A number of an OpenDocument cell that is shown with a leading zero.
_SHOWN = re.compile(rb'value-type="float"[^>]*>\s*<text:p>0\d')


def excel_digits(content: bytes, sheet: str) -> ShownDigits:
    """Return which numbers of a sheet (xlsx, xlsm) are shown with leading zeros.

    Parameters
    ----------
    content : bytes
        The workbook, which :mod:`~mlcore.data.reading.workbook_checks` found harmless.
    sheet : str
        Its name.

    Raises
    ------
    zipfile.BadZipFile, KeyError, xml.parsers.expat.ExpatError
        The workbook is damaged.
    """
    with open_archive(content) as archive:
        widths = _zero_styles(archive)
        part = sheet_parts(archive).get(sheet) if widths else None
        if part is None:
            return {}
        with archive.open(part) as stream:
            return _styled_cells(stream, widths)


def _zero_styles(archive: zipfile.ZipFile) -> dict[bytes, int]:
    """Return the styles of cells that fill up with zeros, by number, with the digits shown."""
    if _STYLES not in archive.namelist():
        return {}
    walk = _Styles()
    parser = expat.ParserCreate()
    parser.StartElementHandler = walk.start
    with archive.open(_STYLES) as stream:
        parser.ParseFile(stream)
    found = {str(place): walk.digits.get(name, 0) for place, name in enumerate(walk.styles)}
    return {place.encode(): digits for place, digits in found.items() if digits}


class _Styles:
    """Takes formats and the styles of cells out of the styles of a workbook."""

    def __init__(self) -> None:
        #: By name of a format: the digits that it fills up to.
        self.digits: dict[str, int] = {}
        #: The format of each style of a cell.
        self.styles: list[str] = []
        self._list = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "numFmt":
            if zeros := _ZEROS.fullmatch(attributes.get("formatCode", "")):
                self.digits[attributes.get("numFmtId", "")] = len(zeros[1])
        elif tag == "xf" and self._list == "cellXfs":
            self.styles.append(attributes.get("numFmtId", ""))
        elif tag.endswith("Xfs"):
            self._list = tag


def _styled_cells(stream: IO[bytes], widths: Mapping[bytes, int]) -> ShownDigits:
    """Return the digits of the cells that have one of some styles."""
    names = b"|".join(widths)
    usual = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})" s="(%b)"' % names)
    styled = re.compile(rb"""\ss\s*=\s*["'](%b)["']""" % names)
    found: dict[tuple[bytes, bytes], list[int]] = defaultdict(list)
    for text in whole_tags(stream):
        cells = usual.findall(text)
        if len(cells) != len(styled.findall(text)):
            # Rows have styles, too, and cells can be written in other ways.
            cells = list(_unusual_cells(text, styled))
        for letters, row, style in cells:
            found[letters, style].append(int(row) - 1)
    shown = _Shown()
    for (letters, style), rows in found.items():
        shown.add(column_number(letters) - 1, np.array(rows), widths[style])
    return shown.digits


def _unusual_cells(text: bytes, styled: re.Pattern[bytes]) -> Iterator[tuple[bytes, bytes, bytes]]:
    for cell in _CELL.findall(text):
        style, place = styled.search(cell), _REFERENCE.search(cell)
        if style and place and int(place[2]):
            yield place[1], place[2], style[1]


class _Shown:
    """Takes down to how many digits cells are filled up."""

    def __init__(self) -> None:
        self.digits: dict[int, npt.NDArray[np.uint8]] = {}

    def add(self, column: int, rows: npt.NDArray[np.intp], digits: int) -> None:
        """Take some rows of a column; there is at least one."""
        known = self.digits.get(column, np.zeros(0, np.uint8))
        more = max(0, int(rows.max()) + 1 - len(known))
        self.digits[column] = np.pad(known, (0, more))
        self.digits[column][rows] = digits


# OpenDocument


def opendocument_digits(content: bytes, sheet: str) -> ShownDigits:
    """Return which numbers of a sheet (ods) are shown with leading zeros (:func:`excel_digits`).

    Beside each number such a file has the text that is shown.
    """
    with open_archive(content) as archive:
        text = archive.read("content.xml")
    if not _SHOWN.search(text):
        return {}
    walk = _ShownTexts(sheet)
    walk.through(text)
    shown = _Shown()
    for (column, digits), rows in walk.found.items():
        shown.add(column, np.concatenate(rows), digits)
    return shown.digits


class _ShownTexts(SheetWalk):
    """Takes numbers that are shown with leading zeros out of one sheet of an ods file."""

    def __init__(self, sheet: str) -> None:
        super().__init__(sheet)
        #: By column and number of digits.
        self.found: dict[tuple[int, int], list[npt.NDArray[np.intp]]] = defaultdict(list)
        self._value, self._text = "", ""

    def begin(self, attributes: dict[str, str]) -> None:
        is_number = attributes.get("office:value-type") == "float"
        self._value, self._text = attributes.get("office:value", "") if is_number else "", ""

    def take(self, text: str) -> None:
        if self._value and len(self._text) < _LONGEST_NUMBER:
            self._text += text

    def end(self) -> None:
        if self._has_zeros():
            rows = np.arange(self.rows.start, self.rows.stop)
            for column in self.columns:
                self.found[column, len(self._text)].append(rows)
        self._value = ""

    def _has_zeros(self) -> bool:
        """Return whether the text of a cell is its number behind zeros; notes are text, too."""
        return (
            self._text.startswith("0")
            and len(self._text) > 1
            and self._text.isascii()
            and self._text.isdigit()
            and self._text.lstrip("0") == self._value.lstrip("0")
        )
