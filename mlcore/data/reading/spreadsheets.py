"""Sheets of workbooks: Excel (xlsx, xlsm, xlsb, xls) and OpenDocument (ods)."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from functools import partial
from itertools import chain, islice, pairwise
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import python_calamine as calamine

from mlcore.data.dialect import find_header
from mlcore.data.reading.binary_workbooks import (
    FIRST_DAY,
    LookedAt,
    check_binary_excel,
    check_old_excel,
)
from mlcore.data.reading.excel_cells import excel_silent_cells
from mlcore.data.reading.grid import TEXT, Grid
from mlcore.data.reading.opendocument_cells import opendocument_silent_cells
from mlcore.data.reading.options import ReadingOptions
from mlcore.data.reading.result import TablePlace
from mlcore.data.reading.sheet_layout import HEAD_ROWS, SheetLayout, lay_out
from mlcore.data.reading.silent_cells import Known, SilentCells
from mlcore.data.reading.workbook_checks import (
    Extent,
    check_extent,
    check_opendocument,
    excel_extents,
    is_binary_excel,
)
from mlcore.errors import UserError
from mlcore.messages import Message, listing, message

_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CHUNK_ROWS = 20_000

#: So many formulas with the result 0, and none with another, were never computed, perhaps.
_FEWEST_ZEROS = 3
#: So much of a note is shown.
_LONGEST_SHOWN = 60
#: So many rows and tables are named.
_MOST_NAMED = 10

#: Above this a number of a workbook has lost digits: workbooks keep fifteen.
_EXACT = 1e15

#: A day that Excel counts and that was none: 29 February 1900.
_LEAP_DAY = 60
#: Later than that are numbers.
_MOST_DAYS = 2_900_000

_NONE = np.zeros(0, np.uint8)

_DAY = r"^\d{4}-\d{2}-\d{2}$"


def is_old_office(content: bytes) -> bool:
    """Return whether a file is of the office programs before 2007, or encrypted by a later one."""
    return content.startswith(_OLD_EXCEL)


def read_workbook(content: bytes, options: ReadingOptions) -> Grid:
    """Return one sheet of a workbook as a table of text.

    Parameters
    ----------
    content : bytes
        The workbook.
    options : ReadingOptions
        ``sheet``, ``skip`` and ``header`` count; the largest sheet is read when none is chosen.

    Raises
    ------
    UserError
        The workbook is damaged, encrypted, holds no cells, or reaches too far; there is no sheet
        of that name.

    Notes
    -----
    A sheet that names a far corner makes the reader below ask for all cells in between, so
    :mod:`~mlcore.data.reading.workbook_checks` looks through a workbook first.
    """
    names, said, sheet, silent = _opened(content, options.sheet)
    if sheet.start is None:
        raise UserError("data.sheet_empty", sheet=sheet.name, known=listing(names, most=12))
    grid = _table(sheet, silent, options)
    options = replace(grid.options, sheet=sheet.name)
    return replace(grid, options=options, sheets=names, decisions=(said, *grid.decisions))


def _opened(
    content: bytes, wanted: str | None
) -> tuple[tuple[str, ...], Message, calamine.CalamineSheet, SilentCells]:
    """Return the names of the sheets, the one to read with the reason, and more on its cells."""
    try:
        extents, silent_cells = _checked(content)
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            names = _sheet_names(book)
            chosen, said = _choose(book, names, extents, wanted)
            if chosen in extents:
                check_extent(extents[chosen], chosen)
            sheet = book.get_sheet_by_name(chosen)
        silent = silent_cells(chosen)
    except calamine.PasswordError as error:
        raise UserError("data.workbook_secret") from error
    except (
        *(calamine.CalamineError, zipfile.BadZipFile, ElementTree.ParseError, expat.ExpatError),
        *(zlib.error, KeyError, OSError, EOFError, NotImplementedError, ValueError),
    ) as error:
        raise UserError("data.workbook_damaged") from error
    except BaseException as error:
        # What the reader below has not thought of: no class of ours or of Python's.
        if type(error).__name__ != "PanicException":
            raise
        raise UserError("data.workbook_damaged") from error
    check_extent(Extent(sheet.height, sheet.width, sheet.height * sheet.width), chosen)
    return names, said, sheet, silent


def _checked(content: bytes) -> tuple[dict[str, Extent], Callable[[str], SilentCells]]:
    """Refuse what would do harm to read.

    Returns
    -------
    extents : dict of str to Extent
        How far sheets reach, where the file can be asked before it is read.
    silent : callable
        Returns what the file itself says of the cells of a sheet.
    """
    if is_old_office(content):
        _require_sheets(content)
        return _looked_at(check_old_excel(content))
    if _is_opendocument(content):
        check_opendocument(content)
        return {}, partial(opendocument_silent_cells, content)
    if is_binary_excel(content):
        return _looked_at(check_binary_excel(content))
    return excel_extents(content), partial(excel_silent_cells, content)


def _looked_at(
    sheets: dict[str, LookedAt],
) -> tuple[dict[str, Extent], Callable[[str], SilentCells]]:
    extents = {name: sheet.extent for name, sheet in sheets.items()}
    return extents, lambda name: sheets[name].found.cells() if name in sheets else SilentCells()


def _is_opendocument(content: bytes) -> bool:
    return b"opendocument.spreadsheet" in content[:4096]


def _require_sheets(content: bytes) -> None:
    """Refuse what is kept like an old workbook but is none."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise UserError("data.workbook_secret")
    if not any(name.encode("utf-16-le") in content for name in ("Workbook", "Book")):
        raise UserError("data.foreign_format", format="an old Word or PowerPoint document")


def _sheet_names(book: calamine.CalamineWorkbook) -> tuple[str, ...]:
    """Return the sheets that can hold a table, those that are shown first."""
    kinds = calamine.SheetTypeEnum
    held = [sheet for sheet in book.sheets_metadata if sheet.typ == kinds.WorkSheet]
    if not held:
        raise UserError("data.workbook_no_sheets")
    held.sort(key=lambda sheet: sheet.visible != calamine.SheetVisibleEnum.Visible)
    return tuple(sheet.name for sheet in held)


def _choose(
    book: calamine.CalamineWorkbook,
    names: tuple[str, ...],
    extents: dict[str, Extent],
    wanted: str | None,
) -> tuple[str, Message]:
    if wanted is not None:
        if wanted not in names:
            raise UserError("data.no_sheet", sheet=wanted, known=listing(names, most=12))
        return wanted, message("data.decision.sheet_chosen", sheet=wanted)
    if len(names) == 1:
        return names[0], message("data.decision.sheet_only", sheet=names[0])
    visible = {
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible == calamine.SheetVisibleEnum.Visible
    }
    candidates = [name for name in names if name in visible] or list(names)
    sizes = {name: _size(book, name, extents) for name in candidates}
    largest = max(candidates, key=lambda name: sizes[name])
    others = [name for name in names if name != largest]
    return largest, message(
        "data.decision.sheet_largest",
        sheet=largest,
        count=len(names),
        others=listing(others, most=8),
    )


def _size(book: calamine.CalamineWorkbook, name: str, extents: dict[str, Extent]) -> int:
    if name in extents:
        return extents[name].cells
    sheet = book.get_sheet_by_name(name)
    return sheet.height * sheet.width


# One sheet


def _table(sheet: calamine.CalamineSheet, silent: SilentCells, options: ReadingOptions) -> Grid:
    assert sheet.start is not None
    above = sheet.start[0]
    cells = _Cells(silent, *sheet.start)
    texts = _columns(_cell_rows(sheet, silent), cells)
    skip = None if options.skip is None else max(0, options.skip - above)
    layout = lay_out(texts, skip, options.table)
    place = layout.place
    has_header, why = _header(texts, layout, options.header)
    rows = layout.rows[1:] if has_header else layout.rows
    header = _row(texts, layout.rows[0]) if has_header and len(layout.rows) else None
    kept = _kept(texts, rows, header)
    said = [*_above(texts, layout, above, options.skip), why, *_left_out(kept, layout, len(rows))]
    codes = [
        (header and header[place]) or cells.letters(place)
        for place in kept
        if place in cells.filled
    ]
    if codes:
        said.append(message("data.decision.shown_zeros", columns=listing(codes, most=8)))
    cautions = _merged(sheet, above + place.first, above + place.last)
    if cells.inexact:
        cautions.append(message("data.caution.long_numbers", count=cells.inexact))
    cautions += [*_unsaved(silent), *_doubts(texts, layout, above), *_beside(kept, cells)]
    columns = [_with_times(column) for column in _rows(texts.select(kept), rows).columns]
    several = len(layout.tables) > 1
    return Grid(
        header=[header[place] for place in kept] if header else None,
        columns=pa.table(columns, names=[str(place) for place in kept]),
        options=ReadingOptions(
            header=has_header,
            skip=above + place.first,
            table=layout.number if several else None,
            decimal=options.decimal or ".",
        ),
        decisions=tuple(said),
        cautions=tuple(cautions),
        tables=tuple(_places(layout, above, has_header)),
        row_numbers=above + rows + 1,
    )


def _cell_rows(sheet: calamine.CalamineSheet, silent: SilentCells) -> Iterator[list[Any]]:
    """Return the rows of a sheet from the first one with a cell to the last one."""
    above, left = sheet.start or (0, 0)
    # The empty rows above the first cell come along.
    rows: Iterator[list[Any]] = islice(sheet.iter_rows(), above, None)
    height, width = silent.errors_reach()
    wider: list[Any] = [""] * (width - left - sheet.width)
    below = [[""] * sheet.width] * (height - above - sheet.height)
    if not wider and not below:
        return rows
    # The reader leaves out errors of formulas of an xlsb file, and the rows that have no more.
    return (row + wider for row in chain(rows, below))


def _columns(rows: Iterator[list[Any]], cells: _Cells) -> pa.Table:
    """Return rows as columns of text."""
    parts = []
    while chunk := list(islice(rows, _CHUNK_ROWS)):
        columns = [pa.array(column, TEXT) for column in cells.columns(chunk)]
        parts.append(pa.table(columns, names=list(map(str, range(len(columns))))))
    return pa.concat_tables(parts)


def _row(texts: pa.Table, row: int) -> list[str]:
    return [column[row].as_py() for column in texts.columns]


def _rows(texts: pa.Table, rows: npt.NDArray[np.intp]) -> pa.Table:
    """Return some rows, which are in order."""
    if len(rows) and rows[-1] - rows[0] + 1 == len(rows):
        return texts.slice(rows[0], len(rows))
    return texts.take(pa.array(rows))


def _header(texts: pa.Table, layout: SheetLayout, chosen: bool | None) -> tuple[bool, Message]:
    """Return whether the first row of the table names the columns, and why."""
    head = _rows(texts, layout.rows[:HEAD_ROWS])
    filled = [cells for column in head.columns if any(cells := column.to_pylist())]
    return find_header(list(map(list, zip(*filled, strict=True))), chosen)


def _kept(texts: pa.Table, rows: npt.NDArray[np.intp], header: list[str] | None) -> list[int]:
    """Return the places of the columns that have a name or a cell."""
    body = _rows(texts, rows)
    return [
        place
        for place, column in enumerate(body.columns)
        if (header and header[place].strip()) or not pc.all(pc.equal(column, "")).as_py()
    ]


def _above(texts: pa.Table, layout: SheetLayout, above: int, skip: int | None) -> list[Message]:
    first = layout.place.first
    if skip is not None:
        return [message("data.decision.skip_chosen", lines=skip)]
    if layout.number or not any(
        any(column.slice(0, first).to_pylist()) for column in texts.columns
    ):
        return []
    return [message("data.decision.titles", lines=above + first)]


def _left_out(kept: list[int], layout: SheetLayout, n_rows: int) -> list[Message]:
    said = []
    if kept and (dropped := kept[-1] - kept[0] + 1 - len(kept)):
        said.append(message("data.decision.empty_columns", count=dropped))
    if layout.n_empty:
        said.append(message("data.decision.empty_rows", count=layout.n_empty, rows=n_rows))
    return said


def _doubts(texts: pa.Table, layout: SheetLayout, above: int) -> list[Message]:
    """Return what is doubtful about where the table begins and ends."""
    said = []
    if len(layout.tables) > 1:
        others = [
            f"row {above + place.first + 1} ({place.n_records} × {place.width})"
            for place in layout.tables
            if place is not layout.place
        ]
        first, count = above + layout.place.first + 1, len(layout.tables)
        shown = ", ".join(others[:_MOST_NAMED])
        said.append(message("data.caution.sheet_tables", count=count, row=first, others=shown))
    if layout.notes:
        first = layout.notes[0]
        facts = {"count": len(layout.notes), "row": above + first + 1}
        text = next(filter(None, _row(texts, first)))
        said.append(message("data.caution.sheet_notes", **facts, text=text[:_LONGEST_SHOWN]))
    if layout.doubtful:
        shown = ", ".join(f"{above + row + 1:,}" for row in layout.doubtful[:_MOST_NAMED])
        said.append(message("data.caution.sheet_doubtful", rows=shown))
    return said


def _beside(kept: list[int], cells: _Cells) -> list[Message]:
    """Return that two tables may stand side by side, with columns without any cell between."""
    for place, (left, right) in enumerate(pairwise(kept), start=1):
        if right - left > 1 and min(place, len(kept) - place) > 1:
            facts = {"left": cells.letters(left), "right": cells.letters(right)}
            return [message("data.caution.side_by_side", **facts)]
    return []


def _places(layout: SheetLayout, above: int, has_header: bool) -> Iterator[TablePlace]:
    for number, place in enumerate(layout.tables):
        # Of the one that is read it is known which rows are notes.
        n_records = len(layout.rows) if number == layout.number else place.n_records
        yield TablePlace(
            first_line=above + place.first + 1,
            n_rows=n_records - has_header,
            n_columns=place.width,
        )


def _with_times(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write midnights as the other times of a column: workbooks leave them out."""
    sample = column.slice(0, HEAD_ROWS)
    days = pc.match_substring_regex(sample, _DAY)
    if not pc.any(days).as_py():
        return column
    days = pc.match_substring_regex(column, _DAY)
    times = pc.match_substring_regex(column, _DAY[:-1] + r" \d{2}:\d{2}:\d{2}")
    if not pc.any(times).as_py():
        return column
    return pc.if_else(days, _at_midnight(column), column)


def _at_midnight(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(column, pa.scalar("00:00:00", TEXT), pa.scalar(" ", TEXT))


def _merged(sheet: calamine.CalamineSheet, first: int, last: int) -> list[Message]:
    ranges = [
        (start, end)
        for start, end in sheet.merged_cell_ranges or ()
        if end[0] >= first and start[0] < last
    ]
    if not ranges:
        return []
    (row, column), _ = min(ranges)
    return [message("data.caution.merged", count=len(ranges), cell=_place(row, column))]


def _unsaved(silent: SilentCells) -> list[Message]:
    """Return which formulas of a sheet nobody computed, or so it seems."""
    if silent.n_zeros >= _FEWEST_ZEROS:
        return [message("data.caution.formulas_zero", count=silent.n_zeros)]
    return [
        message(code, count=cells.count, cell=_place(*cells.first))
        for code, cells in (
            ("data.caution.unsaved_formulas", silent.unsaved),
            ("data.caution.formulas_blank", silent.blank),
        )
        if cells.count
    ]


def _place(row: int, column: int) -> str:
    return f"{_letters(column)}{row + 1}"


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


# One cell


class _Cells:
    """Writes cells down as the characters that stand for them.

    Parameters
    ----------
    silent : SilentCells
        What is known of them beside their values.
    row, column : int
        Where the first cell stands, from 0.
    """

    def __init__(self, silent: SilentCells, row: int, column: int) -> None:
        self.inexact = 0
        #: Places of the columns in which numbers were filled up with zeros.
        self.filled: set[int] = set()
        self._silent = silent
        self._row, self._left = row, column

    def letters(self, place: int) -> str:
        """Return what a column is called in the workbook."""
        return _letters(self._left + place)

    def columns(self, rows: list[list[Any]]) -> list[Iterable[str]]:
        """Return the next rows as columns of text."""
        texts = [self._column(place, cells) for place, cells in enumerate(zip(*rows, strict=True))]
        self._row += len(rows)
        return texts

    def _column(self, place: int, cells: tuple[Any, ...]) -> Iterable[str]:
        marks = self._silent.marks.get(self._left + place, _NONE)
        marks = marks[self._row : self._row + len(cells)]
        if not marks.any():
            return map(self.text, cells)
        texts = list(map(self.text, cells))
        for row in np.flatnonzero(marks).tolist():
            known = self._silent.known[marks[row] - 1]
            told = _told(known, cells[row])
            if told is not cells[row]:
                texts[row] = self.text(told)
                if isinstance(known, int):
                    self.filled.add(place)
        return texts

    def text(self, value: Any) -> str:
        """Return the characters of one cell."""
        if isinstance(value, str):
            return value
        if isinstance(value, float):
            self.inexact += abs(value) >= _EXACT
            return number_text(value)
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, dt.datetime):
            return value.isoformat(sep=" ")
        if isinstance(value, dt.timedelta):
            return _duration_text(value)
        return "" if value is None else str(value)


def _told(known: Known, value: Any) -> Any:
    """Return what a cell is of which more is known than its value."""
    if isinstance(known, str):
        return known if value == "" else value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    if isinstance(known, int):
        text = number_text(float(value))
        return text.zfill(known) if text.isdigit() and len(text) < known else value
    # Other numbers than whole ones the reader itself knows for dates.
    if isinstance(value, float) or not 0 <= value < _MOST_DAYS:
        return value
    return known * value if isinstance(known, dt.timedelta) else _day(value, known)


def _day(days: int, first_day: dt.date) -> dt.date | dt.time:
    """Return the day that is so many days after the first one; before it there are only times."""
    is_early = first_day == FIRST_DAY and days < _LEAP_DAY
    return first_day + dt.timedelta(days=days + is_early) if days else dt.time()


def number_text(value: float) -> str:
    """Return a number as a person would write it: no ".0", no exponent where digits do.

    >>> number_text(3.0), number_text(0.1), number_text(1.5e17)
    ('3', '0.1', '150000000000000000')
    """
    if value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    if _EXACT <= abs(value) < 1e22:
        return format(Decimal(repr(value)), "f").removesuffix(".0")
    return repr(value)


def _duration_text(value: dt.timedelta) -> str:
    seconds = int(value.total_seconds())
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
