"""Rows of a table that may be no cases: totals, and what belongs to another table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pyarrow as pa

from mlcore.data.dialect import kind_of
from mlcore.data.levels import Levels, levels_of
from mlcore.data.reading.missing import MISSING
from mlcore.data.reading.options import ReadingOptions
from mlcore.data.reading.repairs import RepairLog
from mlcore.data.reading.totals import total_rows
from mlcore.messages import Message, listing, message

#: In so many columns, and at both their ends, it is looked for a change of what they hold.
_MOST_COLUMNS, _AT_AN_END = 200, 20
#: So many values above and below make a change.
_FEWEST_ABOVE, _FEWEST_BELOW = 4, 3
#: So many rows are named.
_MOST_NAMED = 10


def doubtful_rows(
    table: pa.Table, options: ReadingOptions, named: Callable[[Sequence[int]], Iterable[str]]
) -> list[Message]:
    """Return what is doubtful about the rows of a table.

    Parameters
    ----------
    table : pyarrow.Table of text
        The cells as they stand in the file, under their names.
    options : ReadingOptions
        Those in force.
    named : callable
        Says where in the file some rows stand.
    """
    said = []
    totals = total_rows(table, options.decimal or ".", options.thousands)
    if totals:
        facts = {"count": len(totals), "where": _where(totals, named)}
        said.append(message("data.caution.totals", **facts))
    turn, places = change_of_kind(table)
    if places:
        names = listing([table.column_names[place] for place in places], most=8)
        facts = {"where": _where([turn], named), "columns": names}
        said.append(message("data.caution.other_values", **facts))
    return said


def _where(rows: Sequence[int], named: Callable[[Sequence[int]], Iterable[str]]) -> str:
    more = ["…"] if len(rows) > _MOST_NAMED else []
    return ", ".join([*named(rows[:_MOST_NAMED]), *more])


def headers_again(log: RepairLog, place: str) -> list[Message]:
    """Return that the header stands inside the table, too, and was left out there.

    Parameters
    ----------
    log : RepairLog
        What was odd.
    place : {"line", "row"}
        What its places are.
    """
    count = log.in_force("header_again")
    code = "data.repair.header_again"
    rows = [one.line for one in log.listed if one.what.code == code and not one.undone]
    where = _where(rows, lambda some: (f"{place} {row:,}" for row in some))
    return [message("data.caution.headers_again", count=count, where=where)] if count else []


def taken_back(log: RepairLog) -> list[Message]:
    """Return how many mends were taken back."""
    count = sum(repair.undone for repair in log.listed)
    return [message("data.caution.undone", count=count)] if count else []


def change_of_kind(table: pa.Table) -> tuple[int, list[int]]:
    """Return the row from which on columns of numbers or dates hold none, and which columns.

    A column whose values are in order changes because it was sorted.
    """
    turns: dict[int, list[int]] = {}
    for place, column in enumerate(table.columns[:_MOST_COLUMNS]):
        row = _change(levels_of(column)) if _may_change(column) else 0
        if row and not _is_sorted(column.to_pylist(), row):
            turns.setdefault(row, []).append(place)
    row = max(turns, key=lambda row: len(turns[row]), default=0)
    return row, turns.get(row, [])


def _may_change(column: pa.ChunkedArray) -> bool:
    """Return whether the first cells of a column are of one kind, and the last ones are not."""
    if len(column) < _FEWEST_ABOVE + _FEWEST_BELOW:
        return False
    first = _kinds(column.slice(0, _FEWEST_ABOVE))
    if len(first) != 1 or "" in first or first & _kinds(column.slice(len(column) - 2)):
        return False
    ends = column.slice(0, _AT_AN_END), column.slice(max(0, len(column) - _AT_AN_END))
    return len(column) < 2 * _AT_AN_END or (
        _kinds(ends[0]) == first and not first & _kinds(ends[1])
    )


def _kinds(cells: pa.ChunkedArray) -> set[str]:
    texts = [cell.strip() for cell in cells.to_pylist() if cell is not None]
    return {kind_of(text) for text in texts if text not in MISSING}


def _change(levels: Levels) -> int:
    """Return the first row of those that hold nothing of the kind of all above; 0 for none."""
    texts = [str(text).strip() for text in levels.values.to_pylist()]
    kinds = np.array(["" if text in MISSING else kind_of(text) or "word" for text in texts])
    rows = levels.spread(kinds, "")
    [at] = np.nonzero(rows)
    filled = rows[at]
    others = filled != filled[0]
    turn = int(np.argmax(others))
    if turn < _FEWEST_ABOVE or len(at) - turn < _FEWEST_BELOW or not others[turn:].all():
        return 0
    return int(at[turn])


def _is_sorted(cells: list[str | None], turn: int) -> bool:
    """Return whether the cells above and below a row are in order."""
    above, below = cells[:turn], cells[turn:]
    return all(_is_in_order(list(filter(None, part))) for part in (above, below))


def _is_in_order(cells: list[str]) -> bool:
    # Of numbers the longer one is the greater one, but for their fractions.
    for key in (str.casefold, lambda cell: (len(cell), cell)):
        keys = [key(cell) for cell in cells]
        if keys in (sorted(keys), sorted(keys, reverse=True)):
            return True
    return False
