"""Where the tables of a sheet stand: between titles, notes, empty rows and other tables.

The rows are written as lines of text, so that what is found in them is what would be found in a
text: see :mod:`~mlcore.data.reading.layout`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mlcore.data.dialect import header_votes, usual_width
from mlcore.data.fields import Effort, Splitter, Units, Writing
from mlcore.data.reading.grid import TEXT
from mlcore.data.reading.layout import Place, find_tables, largest_of

_MARK = "\x1f"

#: Rows that decide on titles and the header.
HEAD_ROWS = 300
#: So many rows of a sheet without gaps are searched for another table.
_MOST_ROWS = 20_000

#: With more gaps of empty rows they are how the sheet is written, and divide no tables.
_MOST_GAPS = 1000
#: So many rows below the last empty one may be notes; so many gaps are looked at.
_MOST_NOTES, _MOST_LOOKED_AT = 20, 50


@dataclass(frozen=True)
class _Rows:
    """The rows of a sheet, from 0: how many cells are filled, behind and up to which place."""

    texts: pa.Table
    filled: npt.NDArray[np.intp]
    left: npt.NDArray[np.intp]
    reach: npt.NDArray[np.intp]

    @classmethod
    def of(cls, texts: pa.Table) -> _Rows:
        filled = np.zeros(texts.num_rows, np.intp)
        reach = np.zeros(texts.num_rows, np.intp)
        left = np.full(texts.num_rows, texts.num_columns)
        for place, column in enumerate(texts.columns):
            here = pc.not_equal(column, "").to_numpy()
            left[here & (filled == 0)] = place
            filled += here
            reach[here] = place + 1
        return cls(texts, filled, left, reach)

    def cells(self, first: int, last: int, most: int = HEAD_ROWS) -> list[list[str]]:
        """Return some rows that are not empty."""
        some = self.texts.slice(first, min(last - first, most))
        return [
            list(row)
            for row in zip(*(column.to_pylist() for column in some.columns), strict=True)
            if any(row)
        ]


@dataclass(frozen=True)
class _Block:
    """Rows without an empty one between them, and the width to which each is written."""

    first: int
    last: int
    widths: npt.NDArray[np.intp]

    @property
    def width(self) -> int:
        """The width of its records."""
        return int(self.widths[-1])


@dataclass(frozen=True, kw_only=True)
class SheetLayout:
    """Which rows of a sheet are a table.

    Parameters
    ----------
    tables : list of Place
        All tables that were found; rows count from the first one that is not empty.
    number : int
        Which of them is read.
    rows : ndarray of int
        Its rows, without empty ones and notes; the header is the first, if there is one.
    n_empty : int
        Empty rows between those.
    notes : tuple of int
        Rows below the table that are no records.
    doubtful : tuple of int
        Rows that were taken and look as if they did not belong to it.
    """

    tables: list[Place]
    number: int
    rows: npt.NDArray[np.intp]
    n_empty: int
    notes: tuple[int, ...] = ()
    doubtful: tuple[int, ...] = ()

    @property
    def place(self) -> Place:
        """Where the table stands."""
        return self.tables[self.number]


def lay_out(texts: pa.Table, skip: int | None, table: int | None) -> SheetLayout:
    """Return which rows of a sheet are a table; the largest is taken when none is chosen.

    Parameters
    ----------
    texts : pyarrow.Table of large_string
        The rows of the sheet, from the first that is not empty.
    skip : int, optional
        The first row of the table, if it was chosen; tables above do not count then.
    table : int, optional
        Which of several tables was chosen, from 0.
    """
    rows = _Rows.of(texts)
    at = np.flatnonzero(rows.filled)
    if (np.diff(at) > 1).sum() > _MOST_GAPS:
        return _without_gaps(lay_out(texts.take(pa.array(at)), _place_in(at, skip), table), at)
    start = min(skip or 0, texts.num_rows)
    blocks = _blocks(rows, start)
    tables = _tables(rows, blocks, start)
    if skip is not None:
        tables[0] = replace(tables[0], first=blocks[0].first if blocks else start)
        table = 0
    number = largest_of(tables) if table is None else min(table, len(tables) - 1)
    following = tables[number + 1 :]
    last = tables[number].last if following else texts.num_rows
    return _chosen(rows, blocks, tables, number, last)


def _place_in(at: npt.NDArray[np.intp], row: int | None) -> int | None:
    return None if row is None else int(np.searchsorted(at, row))


def _without_gaps(layout: SheetLayout, at: npt.NDArray[np.intp]) -> SheetLayout:
    """Return a layout that was found without empty rows, with the rows as they are."""
    rows, most = at[layout.rows], len(at) - 1
    tables = [
        replace(place, first=int(at[min(place.first, most)]), last=int(at[place.last - 1]) + 1)
        for place in layout.tables
    ]
    return replace(
        layout,
        tables=tables,
        rows=rows,
        n_empty=int(rows[-1] - rows[0]) + 1 - len(rows) if len(rows) else 0,
        notes=tuple(at[list(layout.notes)].tolist()),
        doubtful=tuple(at[list(layout.doubtful)].tolist()),
    )


def _blocks(rows: _Rows, start: int) -> list[_Block]:
    """Return the rows between empty rows."""
    are_filled = np.concatenate([[False], rows.filled[start:] > 0, [False]])
    edges = np.flatnonzero(np.diff(are_filled.astype(np.int8))) + start
    firsts, lasts = edges[::2], edges[1::2]
    blocks: list[_Block] = []
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        block = _Block(first, last, _widths(rows, first, last))
        if blocks and _goes_on(rows, blocks[-1], block):
            block = replace(block, widths=np.full(last - first, blocks[-1].width))
        blocks.append(block)
    return blocks


def _widths(rows: _Rows, first: int, last: int) -> npt.NDArray[np.intp]:
    """Return how wide rows are: titles as they stand, from the first fuller row on all the same."""
    filled, widths = rows.filled[first:last], rows.reach[first:last].copy()
    usual = usual_width(filled[filled > 0].tolist())
    is_full = filled >= max(2, usual / 2) if usual > 1 else filled > 0
    if usual > 2:
        # Two cells may be a fact above the table, or names for all columns but the last.
        is_full &= (filled > 2) | (widths == widths.max())
    titles = int(np.argmax(is_full))
    widths[titles:] = widths[titles:].max()
    return widths


def _goes_on(rows: _Rows, before: _Block, block: _Block) -> bool:
    """Return whether narrower rows below an empty one are records without their last cells."""
    if not before.width / 2 < block.width < before.width:
        return False
    for_header, against = header_votes(_cut(rows.cells(block.first, block.last), block.width))
    return against > for_header


def _cut(records: list[list[str]], width: int) -> list[list[str]]:
    return [record[:width] for record in records]


def _tables(rows: _Rows, blocks: list[_Block], start: int) -> list[Place]:
    """Return the tables of a sheet; of one without gaps not all rows are looked at."""
    is_plain = len(blocks) < 2
    last = blocks[-1].last if blocks else start
    end = min(last, start + _MOST_ROWS) if is_plain else last
    lines = _lines(rows, blocks, start, end)
    units = Units(lines, Splitter(Writing(delimiter=_MARK, quote="")), None, Effort.for_text(lines))
    places = find_tables(units, "")
    places[-1] = replace(places[-1], last=last - start, n_records=places[-1].n_records + last - end)
    return [_in_sheet(place, rows, start) for place in places]


def _in_sheet(place: Place, rows: _Rows, start: int) -> Place:
    """Return where a table stands, its width without the columns before its first cell."""
    first, last = place.first + start, place.last + start
    left = min(place.width - 1, rows.left[first:last].min(initial=place.width))
    doubtful = tuple(row + start for row in place.doubtful)
    return replace(place, first=first, last=last, width=place.width - int(left), doubtful=doubtful)


def _lines(rows: _Rows, blocks: list[_Block], start: int, end: int) -> list[str]:
    """Return rows as lines of text; empty rows are blank lines."""
    columns = [
        pc.replace_substring_regex(column, r"[\r\n\x1f]", " ")
        for column in rows.texts.slice(start, end - start).columns
    ]
    full = len(columns)
    widths = np.zeros(end - start, np.intp)
    for block in blocks:
        held = widths[block.first - start : block.last - start]
        held[:] = block.widths[: len(held)]
    whole = pc.binary_join_element_wise(*columns, pa.scalar(_MARK, TEXT)).to_pylist()
    return [
        f"{line[: len(line) - (full - width)]}\n" if width else "\n"
        for line, width in zip(whole, widths.tolist(), strict=True)
    ]


def _chosen(
    rows: _Rows, blocks: list[_Block], tables: list[Place], number: int, last: int
) -> SheetLayout:
    place = tables[number]
    held = [block for block in blocks if block.last > place.first and block.first < last]
    notes = _notes(rows, held, _few(place))
    kept = held[: len(held) - len(notes)]
    end = min(last, kept[-1].last) if kept else place.first
    all_rows = np.arange(place.first, end)
    taken = all_rows[rows.filled[place.first : end] > 0]
    odd = {*place.doubtful, *_below_gaps(rows, kept, place), *_short_end(rows, taken, place)}
    return SheetLayout(
        tables=tables,
        number=number,
        rows=taken,
        n_empty=len(all_rows) - len(taken),
        notes=tuple(row for block in notes for row in range(block.first, block.last)),
        doubtful=tuple(sorted(odd)),
    )


def _notes(rows: _Rows, held: Sequence[_Block], few: int) -> list[_Block]:
    """Return the last blocks, below an empty row each, that hold too few cells to be records."""
    notes: list[_Block] = []
    for block in reversed(held[1:]):
        most = rows.filled[block.first : block.last].max()
        is_pair = block.width < held[0].width and most <= 2
        if block.last - block.first > _MOST_NOTES or not (is_pair or most <= few):
            break
        notes.insert(0, block)
    return notes


def _few(place: Place) -> int:
    """Return how many filled cells are too few for a record."""
    return max(1, place.width // 3) if place.width > 1 else 0


def _below_gaps(rows: _Rows, kept: Sequence[_Block], place: Place) -> list[int]:
    """Return the rows right below an empty one that are of another kind than those above it."""
    all_records = rows.cells(place.first, kept[0].last) if kept else []
    header, records = all_records[:1], all_records[1:]
    odd = []
    for before, block in islice(pairwise(kept), _MOST_LOOKED_AT):
        is_short = rows.filled[block.first] <= _few(place)
        [cells] = rows.cells(block.first, block.first + 1)
        if [cells] == header:
            continue
        for_header, against = header_votes([cells, *records])
        if is_short or block.width != before.width or for_header > against:
            odd.append(block.first)
    return odd


def _short_end(rows: _Rows, taken: npt.NDArray[np.intp], place: Place) -> list[int]:
    """Return the last rows where they, and none above, hold one cell each: notes, perhaps."""
    fuller = np.flatnonzero(rows.filled[taken] > 1)
    if place.width < 3 or len(fuller) < 2:
        return []
    end = fuller[-1] + 1
    is_usual = len(fuller) < end or len(taken) - end > _MOST_NOTES
    return [] if is_usual else taken[end:].tolist()
