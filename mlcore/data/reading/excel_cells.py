"""What the sheets of an Excel workbook (xlsx, xlsm) tell of cells beside their values."""

from __future__ import annotations

import html
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import IO
from xml.parsers import expat

from mlcore.data.reading.cell_formats import Styles
from mlcore.data.reading.packed import open_archive
from mlcore.data.reading.silent_cells import FoundCells, Known, SilentCells
from mlcore.data.reading.workbook_checks import column_number, sheet_parts, whole_tags

_STYLES = "xl/styles.xml"

_CELL = re.compile(rb"<(?:\w+:)?c(?=\s)")
_END = re.compile(rb"</(?:\w+:)?c>")
#: Beginnings of formulas and marks of errors, as they may be written, and usual results.
_BEGINNINGS = (b"<f", b":f", b'"e"', b"'e'")
_RESULT = re.compile(rb"(?:</f>|<f [^<>]*/>)<v>([^<]+)")
_IS_ERROR = re.compile(rb"""\st\s*=\s*["']e["']""")
_IS_TEXT = re.compile(rb"""\st\s*=\s*["'](?:str|inlineStr)["']""")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?(?<!/)>([^<]+)<")
_PLACE = re.compile(rb"""\sr\s*=\s*["']\s*\$?([A-Za-z]{1,3})\$?(\d{1,7})\s*["']""")
_TAG = re.compile(rb"<(?:\w+:)?c\s[^>]*>")

#: A longer cell is looked at no more.
_LONGEST_CELL = 2**24
#: More of a word is not kept.
_LONGEST_WORD = 30


def excel_silent_cells(content: bytes, sheet: str) -> SilentCells:
    """Return what the reader of workbooks does not tell of a sheet (xlsx, xlsm).

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
    found = FoundCells()
    with open_archive(content) as archive:
        part = sheet_parts(archive).get(sheet)
        if part is None:
            return SilentCells()
        styled = _StyledCells(_told_styles(archive), found)
        with archive.open(part) as stream:
            for text in _whole_cells(stream):
                _add_formulas(text, found)
                styled.add(text)
    return found.cells()


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


# Errors and formulas


def _add_formulas(text: bytes, found: FoundCells) -> None:
    formulas, *others = map(text.count, _BEGINNINGS)
    results = _RESULT.findall(text) if formulas else []
    found.formulas += len(results)
    found.zeros += results.count(b"0")
    if any(others) or formulas != len(results):
        _add_cells(text, found)


def _add_cells(text: bytes, found: FoundCells) -> None:
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
            found.unsaved.add(row, column)
        elif is_error and place and row >= 0:
            word = html.unescape(value[1][:_LONGEST_WORD].decode("utf-8", "replace"))
            found.add(word, row, column)


# Numbers whose format tells what they are


def _told_styles(archive: zipfile.ZipFile) -> dict[bytes, Known]:
    """Return what styles tell of numbers, by the number of the style."""
    if _STYLES not in archive.namelist():
        return {}
    walk = _StylesWalk()
    parser = expat.ParserCreate()
    parser.StartElementHandler = walk.start
    with archive.open(_STYLES) as stream:
        parser.ParseFile(stream)
    return {str(place).encode(): known for place, known in walk.styles.told().items()}


class _StylesWalk:
    """Takes formats and the styles of cells out of the styles of a workbook."""

    def __init__(self) -> None:
        self.styles = Styles()
        self._list = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag, said = tag.rpartition(":")[2], attributes.get("numFmtId", "")
        number = int(said) if said.isdecimal() else 0
        if tag == "numFmt":
            self.styles.codes[number] = attributes.get("formatCode", "")
        elif tag == "xf" and self._list == "cellXfs":
            self.styles.formats.append(number)
        elif tag.endswith("Xfs"):
            self._list = tag


class _StyledCells:
    """Takes down which cells have one of some styles.

    Parameters
    ----------
    told : mapping of bytes to str, int, datetime.date or datetime.timedelta
        What each of the styles tells.
    found : FoundCells
        Where they are taken down.
    """

    def __init__(self, told: Mapping[bytes, Known], found: FoundCells) -> None:
        self._told, self._found = told, found
        names = b"|".join(told)
        self._usual = re.compile(rb'r="([A-Z]{1,3})(\d{1,7})" s="(%b)"' % names)
        self._style = re.compile(rb"""s\s*=\s*["'](%b)["']""" % names)

    def add(self, text: bytes) -> None:
        """Take a piece of a sheet that breaks no cell."""
        if not self._told:
            return
        cells = self._usual.findall(text)
        if len(cells) != len(self._style.findall(text)):
            # Rows have styles, too, and cells can be written in other ways.
            cells = list(self._unusual(text))
        rows: dict[tuple[bytes, bytes], list[int]] = defaultdict(list)
        for letters, row, style in cells:
            rows[letters, style].append(int(row) - 1)
        for (letters, style), places in rows.items():
            self._found.add_rows(self._told[style], places, column_number(letters) - 1)

    def _unusual(self, text: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
        for cell in _TAG.findall(text):
            style, place = self._style.search(cell), _PLACE.search(cell)
            if style and place and int(place[2]):
                yield place[1], place[2], style[1]
