"""From a file to a table.

Stages, each in a module of its own: bytes to text (:mod:`~mlcore.data.encoding`), the dialect
(:mod:`~mlcore.data.dialect`), the records (:mod:`~mlcore.data.reading.records`), names of columns
and words for "no value". What the columns mean is decided last, in :mod:`~mlcore.data.kinds`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlcore.data.dialect import LONGEST_LINE
from mlcore.data.encoding import decode
from mlcore.data.filetypes import require_no_other_format
from mlcore.data.reading.delimited import MOST_COLUMNS, read_delimited
from mlcore.data.reading.doubtful_rows import doubtful_rows, headers_again, taken_back
from mlcore.data.reading.formats import binary_grid, json_grid
from mlcore.data.reading.grid import Grid
from mlcore.data.reading.missing import without_missing
from mlcore.data.reading.names import distinct_names, numbered_names
from mlcore.data.reading.options import ReadingOptions
from mlcore.data.reading.packed import unpacked
from mlcore.data.reading.repairs import RepairLog
from mlcore.data.reading.result import Reading, Table, TextTable
from mlcore.errors import UserError
from mlcore.messages import Message, listing, message


@dataclass(frozen=True, eq=False)
class _Raw:
    """A table with every cell as it stands in the file; ``reading`` lacks what is missing."""

    table: pa.Table
    reading: Reading


def read(source: Path | str | bytes, options: ReadingOptions | None = None) -> Table:
    r"""Read a file as a table with typed columns.

    Parameters
    ----------
    source : Path, str or bytes
        The file, or its path.
    options : ReadingOptions, optional
        What is known of it; the rest is detected.

    Raises
    ------
    UserError
        As :func:`read_table`.

    Examples
    --------
    >>> table = read(b"name;weight\nAnn;61,5\nBob;82,25\n")
    >>> table.frame["weight"].tolist()
    [61.5, 82.25]
    >>> table.text["weight"].tolist()
    ['61,5', '82,25']
    """
    raw = _read_raw(Path(source) if isinstance(source, str) else source, options)
    text = _without_missing(raw)
    schema, frame = text.typed()
    return Table(cells=raw.table, frame=frame, schema=schema, reading=text.reading)


def read_table(source: Path | bytes, options: ReadingOptions | None = None) -> TextTable:
    """Read a file as a table of text, in which what is missing is missing.

    Parameters
    ----------
    source : Path or bytes
        The file.
    options : ReadingOptions, optional
        What the user chose; the rest is detected.

    Raises
    ------
    UserError
        The file is empty or no table, an option does not fit it, or it is beyond the limits on
        columns and line length.

    Notes
    -----
    Records with too many fields keep the first ones, records with too few are filled with missing
    values; both are listed in ``reading.repairs``.
    """
    return _without_missing(_read_raw(source, options))


def _without_missing(raw: _Raw) -> TextTable:
    found = without_missing(raw.table, raw.reading.options.marks is not False)
    decisions = (*raw.reading.decisions, *found.said)
    cautions = (*raw.reading.cautions, *found.cautions)
    reading = replace(raw.reading, missing=found.missing, decisions=decisions, cautions=cautions)
    return TextTable(reading, found.levels)


def _read_raw(source: Path | bytes, options: ReadingOptions | None) -> _Raw:
    options = options or ReadingOptions()
    options.check()
    content = source if isinstance(source, bytes) else _content(source)
    if not content:
        raise UserError("data.empty")
    packed = unpacked(content)
    grid = binary_grid(packed.content, options)
    if grid is None:
        raw = _read_text(packed.content, options)
    else:
        raw = _of_grid(grid, options, RepairLog())
    said = (*packed.decisions, *raw.reading.decisions)
    # What single columns are read with is chosen or told by the columns, never by the file.
    in_force = replace(raw.reading.options, thousands=options.thousands, dates=options.dates)
    return replace(raw, reading=replace(raw.reading, decisions=said, options=in_force))


def _content(path: Path) -> bytes:
    """Return what is in a file, unless its first line alone is too long to be one of a table."""
    with path.open("rb") as file:
        head = file.read(LONGEST_LINE + 1)
        is_one_line = len(head) > LONGEST_LINE and b"\n" not in head and b"\r" not in head
        if is_one_line and head.lstrip()[:1] not in (b"{", b"["):
            raise UserError("data.long_line", line=1, most=LONGEST_LINE // 2**20)
        file.seek(0)
        return file.read()


def _of_grid(grid: Grid, options: ReadingOptions, log: RepairLog) -> _Raw:
    """Return a table that was no delimited text."""
    if grid.columns.num_columns > MOST_COLUMNS:
        columns = grid.columns.num_columns
        raise UserError("data.too_many_columns", columns=columns, most=MOST_COLUMNS)
    grid = _without_headers_again(grid, options, log)
    table, naming = _named(grid)
    if not table.num_rows:
        raise UserError("data.no_rows", columns=listing(table.column_names))
    in_force = replace(grid.options, marks=options.marks is not False, undone=options.undone)
    doubts = doubtful_rows(
        table, replace(in_force, thousands=options.thousands), partial(_names_of_rows, grid)
    )
    reading = Reading(
        options=in_force,
        chosen=options.chosen,
        n_rows=table.num_rows,
        n_columns=table.num_columns,
        missing={},
        decisions=(*grid.decisions, *naming),
        cautions=(*grid.cautions, *headers_again(log, "row"), *taken_back(log), *doubts),
        repairs=tuple(log.listed),
        repair_counts=dict(log.counts),
        sheets=grid.sheets,
        tables=grid.tables,
    )
    return _Raw(table, reading)


def _named(grid: Grid) -> tuple[pa.Table, list[Message]]:
    """Return the cells of a grid under distinct names, and what was decided about these."""
    width = grid.columns.num_columns
    if grid.header is None:
        names, naming = numbered_names(width), [message("data.decision.numbered_names")]
    else:
        names, naming = distinct_names(grid.header, width)
    return grid.columns.rename_columns(names), naming


def _without_headers_again(grid: Grid, options: ReadingOptions, log: RepairLog) -> Grid:
    """Leave out the header of a sheet where it stands once more, as where parts were pasted."""
    if grid.header is None or grid.row_numbers is None or len(grid.header) < 2:
        return grid
    kept = np.ones(len(grid.row_numbers), np.bool_)
    for row in _rows_like(grid.header, grid.columns):
        number, text = int(grid.row_numbers[row]), "\t".join(grid.header)
        kept[row] = number in options.undone
        log.add(number, text, text if kept[row] else "", "header_again", undone=bool(kept[row]))
    if kept.all():
        return grid
    columns = grid.columns.filter(pa.array(kept))
    return replace(grid, columns=columns, row_numbers=grid.row_numbers[kept])


def _rows_like(cells: list[str], columns: pa.Table) -> list[int]:
    """Return the rows that hold some cells."""
    rows = np.arange(columns.num_rows)
    for cell, column in zip(cells, columns.columns, strict=True):
        if len(rows):
            rows = rows[pc.equal(column.take(pa.array(rows)), cell).to_numpy()]
    return [int(row) for row in rows]


def _names_of_rows(grid: Grid, rows: Sequence[int]) -> Iterator[str]:
    """Yield what to call some rows."""
    for row in rows:
        yield f"row {row + 1 if grid.row_numbers is None else grid.row_numbers[row]:,}"


def _read_text(content: bytes, options: ReadingOptions) -> _Raw:
    require_no_other_format(content)
    decoded = decode(content, options.encoding)
    del content
    text = decoded.content
    if not text or text.isspace():
        raise UserError("data.empty")
    log = RepairLog()
    if grid := json_grid(text, log):
        said = (*decoded.decisions, *grid.decisions)
        grid = replace(
            grid,
            options=replace(grid.options, encoding=decoded.encoding),
            decisions=said,
            cautions=(*decoded.cautions, *grid.cautions),
        )
        return _of_grid(grid, options, log)
    return _Raw(*read_delimited(decoded, options, log))
