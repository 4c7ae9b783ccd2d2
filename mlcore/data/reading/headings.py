"""Names in the middle of records of one width, below which another table may begin."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from mlcore.data.dialect import find_header, header_votes, is_comment, kind_of
from mlcore.data.fields import SPACES, Units, Writing, bare
from mlcore.data.reading.missing import MISSING

#: So many lines are looked through, and so many of them closely.
_MOST_LINES, _MOST_CLOSELY = 100_000, 200
#: Where more lines have odd quotation marks there is no saying where records begin.
_MOST_ODD = 1000
#: So many records above and below tell what their columns hold, and so many are needed.
_LOOKED_AT, _FEWEST = 200, 3


@dataclass(frozen=True)
class Heading:
    """A record of names in the middle of others.

    Parameters
    ----------
    line : int
        Where it stands, from 0.
    is_sure : bool
        Whether another table begins there, rather than that being in doubt.
    """

    line: int
    is_sure: bool


def find_headings(units: Units, first: int, last: int, width: int, comment: str) -> list[Heading]:
    """Return the records of words below which columns hold something else than above.

    Where several columns hold numbers or dates above and below, it is in doubt what such a record
    is. One that repeats the first record is none.

    Parameters
    ----------
    units : Units
        The records.
    first, last : int
        The lines to look at; the header is the first, ``last`` is the one behind them.
    width : int
        How many fields the records have.
    comment : str
        How comment lines begin; empty for none.
    """
    if width < 2 or units.effort.n_odd > _MOST_ODD:
        return []
    last = min(last, first + _MOST_LINES)
    lines = _Lines(units, first, last, width, comment)
    header_at, header = lines.header()
    found: list[Heading] = []
    for place, following in pairwise([*_wordy(units, first, last)[:_MOST_CLOSELY], last]):
        names = lines.record(place)
        if names is None or names == header or not _may_be_names(names):
            continue
        above = lines.between(max(header_at + 1, place - _LOOKED_AT), place, header)
        below = lines.between(place + 1, min(following, place + 1 + _LOOKED_AT), header)
        heading = _judged(place, [*map(str.strip, names)], above, below)
        found += [] if heading is None else [heading]
        if heading is not None and heading.is_sure:
            header_at, header = place, names
    return found


@dataclass(frozen=True)
class _Lines:
    """The records of one width among some lines."""

    units: Units
    first: int
    last: int
    width: int
    comment: str

    @cached_property
    def inside(self) -> frozenset[int]:
        """The lines on which no record begins."""
        if 0 not in self.units.widths[self.first : self.last]:
            return frozenset()
        starts = (unit.line for unit in self.units.between(self.first, self.last))
        return frozenset(range(self.first, self.last)).difference(starts)

    def header(self) -> tuple[int, list[str]]:
        """Return the first record below titles, and its line."""
        for line in range(self.first, self.last):
            cells = self.record(line)
            if cells and sum(map(bool, map(str.strip, cells))) > 1:
                return line, cells
        return self.last, []

    def record(self, line: int) -> list[str] | None:
        """Return the cells of a record, if one of the width stands on a line."""
        text = self.units.lines[line]
        if text.isspace() or is_comment(text, self.comment):
            return None
        cells = self.units.splitter.split(bare(text)).cells
        return cells if len(cells) == self.width and line not in self.inside else None

    def between(self, first: int, last: int, header: list[str]) -> list[list[str]]:
        """Return the records between two lines that hold something else than the header."""
        records = map(self.record, range(first, last))
        return [[*map(str.strip, cells)] for cells in records if cells and cells != header]


def _wordy(units: Units, first: int, last: int) -> list[int]:
    """Return the lines without any value that begins with a digit, right beside one with some."""
    search = _value_in(units.splitter.writing).search
    valued = np.array([search(text) is not None for text in units.lines[first:last]], np.bool_)
    beside = ~valued[1:-1] & (valued[:-2] | valued[2:])
    places: list[int] = (np.flatnonzero(beside) + first + 1).tolist()
    return places


def _value_in(writing: Writing) -> re.Pattern[str]:
    """Return what finds a field that begins with a digit, maybe behind a sign or two."""
    mark = " " if writing.delimiter in SPACES else writing.delimiter
    return re.compile(rf"(?:^|{re.escape(mark)})[^\w{re.escape(mark)}]{{0,3}}\d")


def _may_be_names(cells: Sequence[str]) -> bool:
    """Return whether cells up to the last filled one are different words."""
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) < 2 or len({name.casefold() for name in names}) < len(names):
        return False
    return not any(name in MISSING or kind_of(name) for name in names)


def _judged(
    line: int, names: list[str], above: list[list[str]], below: list[list[str]]
) -> Heading | None:
    """Return what names between some records are, if they are none of them."""
    if len(above) < _FEWEST or len(below) < _FEWEST:
        return None
    columns = list(zip(names, zip(*above, strict=True), zip(*below, strict=True), strict=True))
    if any(name and (name in up or name in down) for name, up, down in columns):
        return None
    kinds = [(_kind(up), _kind(down)) for name, up, down in columns if name]
    changed = sum(one != other for one, other in kinds if one is not None and other is not None)
    kept = sum(one == other != "" for one, other in kinds if one is not None)
    if changed > 1 or (changed and _names_columns(names, below)):
        return Heading(line, is_sure=True)
    return Heading(line, is_sure=False) if kept > 1 else None


def _kind(cells: Sequence[str]) -> str | None:
    """Return what all cells of a column are: numbers, dates or (empty) neither; else ``None``."""
    values = [cell for cell in cells if cell not in MISSING]
    kinds = set(map(kind_of, values))
    return kinds.pop() if len(values) >= _FEWEST and len(kinds) == 1 else None


def _names_columns(names: list[str], below: list[list[str]]) -> bool:
    for_header, against = header_votes([names, *below])
    return for_header > against and find_header([names], None)[0]
