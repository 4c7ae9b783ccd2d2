"""Cells of a workbook of which its reader tells too little, of whatever kind the workbook is.

``#N/A`` and its like are words that somebody should see, where the reader gives an empty cell. A
formula without a result is no empty cell either: programs that write workbooks leave the computing
to the one that opens them. And the number 42, shown as 00042, is a code.
"""

from __future__ import annotations

import datetime as dt
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

#: What is known of a cell: the word of an error; to how many digits its number is filled up with
#: zeros; the day from which its number counts days; or how long what it counts is.
Known: TypeAlias = str | int | dt.date | dt.timedelta

#: A mark is one byte. Workbooks know a dozen errors; where one has more, the last share a mark.
_MOST_KINDS = 255


@dataclass
class Counted:
    """How many cells are of some kind, and row and column of the first of them, from 0."""

    count: int = 0
    first: tuple[int, int] = (0, 0)

    def add(self, row: int, column: int, times: int = 1) -> None:
        """Take a cell, or several that are alike."""
        if not self.count:
            self.first = row, column
        self.count += times


@dataclass(frozen=True)
class SilentCells:
    """What the reader of workbooks does not tell of a sheet.

    Parameters
    ----------
    marks : mapping of int to numpy.ndarray of uint8
        By place of the column, from 0: a number for each row, from 0 to the last row of which
        something is known: its place in ``known``, from 1, or 0.
    known : tuple of str, int or datetime.date
        What is known of cells: see :data:`Known`.
    unsaved, blank : Counted
        Formulas without a result; formulas with an empty text for a result, if all have it.
    n_zeros : int
        How many formulas have the result 0, if all have it.
    """

    marks: Mapping[int, npt.NDArray[np.uint8]] = field(default_factory=dict)
    known: tuple[Known, ...] = ()
    unsaved: Counted = field(default_factory=Counted)
    blank: Counted = field(default_factory=Counted)
    n_zeros: int = 0

    def errors_reach(self) -> tuple[int, int]:
        """Return the row and the column, from 1, that the last errors stand in."""
        words = [mark for mark, known in enumerate(self.known, start=1) if isinstance(known, str)]
        row = last = 0
        for column, marks in self.marks.items():
            if len(places := np.flatnonzero(np.isin(marks, words))):
                row, last = max(row, int(places[-1]) + 1), max(last, column + 1)
        return row, last


class FoundCells:
    """Takes down what is found out about the cells of a sheet."""

    def __init__(self) -> None:
        #: Formulas, and those with the result 0.
        self.formulas = self.zeros = 0
        self.unsaved, self.blank = Counted(), Counted()
        self._known: dict[Known, int] = {}
        #: By column and mark.
        self._rows: dict[tuple[int, int], array[int]] = defaultdict(lambda: array("I"))

    def add(self, known: Known, row: int, column: int) -> None:
        """Take what is known of a cell."""
        self._rows[column, self._mark(known)].append(row)

    def add_rows(self, known: Known, rows: Iterable[int], column: int) -> None:
        """Take what is known of some cells of a column."""
        self._rows[column, self._mark(known)].extend(rows)

    def _mark(self, known: Known) -> int:
        return self._known.setdefault(known, min(len(self._known) + 1, _MOST_KINDS))

    def cells(self) -> SilentCells:
        """Return what was found."""
        marks: dict[int, npt.NDArray[np.uint8]] = {}
        for (column, mark), rows in self._rows.items():
            places = np.asarray(rows)
            before = marks.get(column, np.zeros(0, np.uint8))
            marks[column] = np.pad(before, (0, max(0, int(places.max()) + 1 - len(before))))
            marks[column][places] = mark
        return SilentCells(
            marks=marks,
            known=tuple(self._known)[:_MOST_KINDS],
            unsaved=self.unsaved,
            # What programs write for formulas that they do not compute.
            blank=self.blank if self.blank.count == self.formulas else Counted(),
            n_zeros=self.zeros if self.zeros == self.formulas else 0,
        )
