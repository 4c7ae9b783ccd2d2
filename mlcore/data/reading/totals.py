"""Rows that sum up others: no cases to learn from.

A clean file pays next to nothing: words are looked for among the different values of columns of
words, and numbers only in the few rows above one that may be a total. What looks like one there is
then added up.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mlcore.data.dialect import kind_of
from mlcore.data.levels import levels_of
from mlcore.data.numerals import plain_numbers, read_numbers
from mlcore.data.reading.missing import MISSING
from mlcore.data.units import without_unit

#: How a row begins or ends that sums up others.
_SUMS = (
    "total totals sum grand_total subtotal summe gesamt gesamtsumme insgesamt ergebnis "
    "gesamtergebnis zwischensumme somme total_général sous-total suma total_general totale soma "
    "итого всего сумма разом razem ogółem celkem součet összesen toplam genel_toplam σύνολο "
    "المجموع סה״כ סך_הכל รวม 合计 总计 小计 合計 総計 小計 總計 합계 총계 totalt yhteensä iš_viso"
)
_MEANS = (
    "mean average avg durchschnitt mittelwert mittel ø moyenne promedio media média gemiddelde "
    "среднее średnia medelvärde průměr ortalama 平均 平均值 평균"
)
_MISSING = pa.array(MISSING, pa.large_string())
#: How codes begin that are no numbers.
_ZERO = r"^[+-]?0\d"
#: In a table of more columns, or a column of more different values, words are not looked for.
_MOST_COLUMNS, _MOST_VALUES = 200, 20_000
#: So many of the last rows may be sums or means of those above them.
_LAST_ROWS = 3
#: So many rows above one are looked at before all are added up.
_LOOKED_AT = 20
#: Numbers with either sign are added up in so many rows: that few of them tells nothing of the sum.
_MOST_SIGNED = 10_000
#: So few rows may add up by chance.
_FEWEST_ROWS = 4
#: One column alone proves a sum from here on.
_LARGE = 10
_EXACT = 1e-9
#: A mean says something where the numbers vary by more than its last digit so many times.
_MUCH = 20
#: In a total row at least one number in so many is a sum.
_MOST_OTHERS = 3
#: So many of many totals are added up; the others are taken to be some, too.
_MOST_ADDED = 20


def _codes(cells: Any) -> Any:
    return pa.chunked_array([part.indices for part in cells.chunks])


def _places(passed: Any) -> list[int]:
    if passed.null_count:
        passed = passed.fill_null(False)
    found: list[int] = np.flatnonzero(passed.to_numpy(zero_copy_only=False)).tolist()
    return found


def _any_of(words: str) -> str:
    return "|".join(re.escape(word.replace("_", " ")) for word in words.split())


def _pattern(words: str) -> str:
    """Return what matches a cell that is one of some words, or begins or ends with one."""
    return rf"(?i)^\s*(?:(?:{_any_of(words)})(?:[\s:：].*)?|.*\s(?:{_any_of(words)})\s*[:：]?)\s*$"


_SUM_WORD, _MEAN_WORD = re.compile(_pattern(_SUMS)), re.compile(_pattern(_MEANS))
_SUM_ALONE = re.compile(rf"(?i)\s*(?:{_any_of(_SUMS)})\s*[:：]?\s*")
_NUMBER = re.compile(r"[+\-−]?[\d.,' \u00a0\u202f’]*\d[\d.,]*")


def total_rows(table: pa.Table, decimal: str, thousands: str | None = None) -> tuple[int, ...]:
    """Return the rows that seem to sum up those above them, or to be their means.

    Parameters
    ----------
    table : pyarrow.Table of text
        The cells as they stand in the file.
    decimal : str
        The decimal mark.
    thousands : str, optional
        The mark between thousands, if it was chosen.

    Notes
    -----
    A word such as “Total” counts in the first two cells of the last row. Elsewhere, and where the
    cell that names the row is empty instead, numbers must be the sums of the rows since the last
    such row. Without either, two columns at least must add up to the last digit.
    """
    if table.num_rows < 3 or table.num_columns < 2:
        return ()
    cells = _Cells(table.select(range(min(table.num_columns, _MOST_COLUMNS))), decimal, thousands)
    found = {*_with_word(cells), *_without_name(cells)}
    if not found and _adds_up_exactly(cells):
        found.add(cells.n_rows - 1)
    return tuple(sorted(found))


@dataclass(frozen=True)
class _Sum:
    """That a number is the sum of those above it: how many of these are not zero, and the sum."""

    column: int
    addends: int
    value: float


@dataclass(frozen=True, eq=False)
class _Cells:
    """The cells of a table as words and as numbers."""

    table: pa.Table
    decimal: str
    thousands: str | None

    @property
    def n_rows(self) -> int:
        return int(self.table.num_rows)

    @property
    def columns(self) -> range:
        return range(self.table.num_columns)

    @cached_property
    def of_words(self) -> list[int]:
        """The columns whose first cells are neither numbers nor dates, for the most part."""
        return [column for column in self.columns if self._are_words(column)]

    def _are_words(self, column: int) -> bool:
        texts = map(str.strip, self.texts(column, 0, _LOOKED_AT))
        some = [text for text in texts if text not in MISSING]
        return 2 * sum(kind_of(text) == "" for text in some) >= max(len(some), 1)

    def texts(self, column: int, start: int, stop: int) -> list[str]:
        cells = self.table.column(column).slice(start, stop - start)
        return [cell or "" for cell in cells.to_pylist()]

    def n_words(self, row: int) -> int:
        """Return how many cells of a row hold a word."""
        return self._kinds(row).count("")

    def _kinds(self, row: int) -> list[str]:
        texts = (self.at(column, row).strip() for column in self.columns)
        return [kind_of(text) for text in texts if text not in MISSING]

    def n_numbers(self, row: int) -> int:
        """Return how many cells of a row hold a number."""
        return self._kinds(row).count("number")

    def at(self, column: int, row: int) -> str:
        return self.texts(column, row, row + 1)[0]

    def rows_where(self, column: int, test: Callable[[Any], Any]) -> list[int]:
        """Return the rows whose value passes a test; each different value is tested once."""
        cells = self.table.column(column)
        if not pa.types.is_dictionary(cells.type):
            return _places(test(cells))
        passed = test(cells.chunk(0).dictionary)
        if not pc.any(passed).as_py():
            return []
        return _places(pc.is_in(_codes(cells), pa.array(_places(passed), pa.int32())))

    def n_values(self, column: int) -> int:
        """Return how many different values a column has at most."""
        cells = self.table.column(column)
        return len(cells.chunk(0).dictionary) if pa.types.is_dictionary(cells.type) else len(cells)

    def numbers(self, column: int, start: int, stop: int) -> npt.NDArray[np.float64] | None:
        """Return some cells as numbers, NaN for none; ``None`` where others stand between."""
        text = self.table.column(column).slice(start, stop - start).cast(pa.large_string())
        plain = plain_numbers(text, self.decimal, _MISSING)
        if plain is not None and not pc.any(pc.match_substring_regex(text, _ZERO)).as_py():
            return plain.copy()
        levels = levels_of(text)
        read = read_numbers(levels, self.decimal, self.thousands)
        absent = pc.is_in(pc.utf8_trim_whitespace(levels.values), pa.array(MISSING)).to_numpy(
            zero_copy_only=False
        )
        if read.leading_zeros or not (read.readable | absent).all():
            return None
        return levels.spread(read.numbers, np.nan)

    # Sums

    def may_be_sums(self, start: int, row: int, leave: Sequence[int] = ()) -> list[int]:
        """Return the columns whose value in a row is large enough for the sum of those above.

        Parameters
        ----------
        start, row : int
            The first row to be added up, and the one that may hold the sum.
        leave : sequence of int
            Rows between that are not added up.
        """
        return [column for column in self.columns if self._may_be_sum(column, start, row, leave)]

    def _may_be_sum(self, column: int, start: int, row: int, leave: Sequence[int]) -> bool:
        first = max(start, row - _LOOKED_AT)
        texts = self.texts(column, first, row + 1)
        *above, value = [
            self._roughly(text) for place, text in enumerate(texts, first) if place not in leave
        ]
        numbers = [number for number in above if number is not None and not math.isnan(number)]
        if not value or math.isnan(value) or None in above or not any(numbers):
            return False
        if min(numbers) < 0:
            # Sums of numbers with either sign may be anything.
            return row - start <= _MOST_SIGNED
        return value >= 0.98 * sum(numbers)

    def _roughly(self, cell: str) -> float | None:
        """Return a cell as a number, NaN where it is empty and ``None`` where it holds a word."""
        text = cell.strip()
        if text in MISSING:
            return math.nan
        digits = without_unit(text)
        if not _NUMBER.fullmatch(digits):
            return None
        other = "." if self.decimal == "," else ","
        plain = re.sub(rf"[{other}' \u00a0\u202f’]", "", digits).replace("−", "-")
        try:
            return float(plain.replace(self.decimal, "."))
        except ValueError:
            return None

    def sums(
        self, start: int, row: int, leave: Sequence[int] = (), exact: bool = False
    ) -> list[_Sum]:
        """Return in which columns a row holds the sum of those from a row on, but for some."""
        columns = self.may_be_sums(start, row, leave)
        found = (self._sum(column, start, row, leave, exact) for column in columns)
        return [one for one in found if one is not None]

    def _sum(
        self, column: int, start: int, row: int, leave: Sequence[int], exact: bool
    ) -> _Sum | None:
        numbers = self.numbers(column, start, row + 1)
        if numbers is None:
            return None
        value, numbers[-1] = numbers[-1], np.nan
        numbers[np.array(leave, np.intp) - start] = np.nan
        addends = int((np.nan_to_num(numbers) != 0).sum())
        slack = _EXACT * float(np.nansum(np.abs(numbers)))
        if not exact:
            slack += min(self._rounding(column, start, row, addends), 0.01 * abs(value))
        is_sum = addends and abs(float(np.nansum(numbers)) - value) <= slack
        return _Sum(column, addends, float(value)) if is_sum else None

    def _rounding(self, column: int, start: int, row: int, addends: int) -> float:
        """Return by how much a sum may differ as its parts were rounded."""
        some = self.texts(column, max(start, row - _LOOKED_AT), row + 1)
        decimals = max(map(self._decimals, some))
        return 0.5 * 10.0**-decimals * (1 + math.sqrt(addends)) if decimals else 0.0

    def _decimals(self, cell: str) -> int:
        found = re.search(rf"{re.escape(self.decimal)}(\d+)", cell)
        return len(found[1]) if found else 0

    def means(self, end: int, row: int) -> int:
        """Return in how many columns a row holds the mean of all rows before one of them."""
        return sum(self._is_mean(column, end, row) for column in self.columns)

    def _is_mean(self, column: int, end: int, row: int) -> bool:
        cell = self.texts(column, row, row + 1)[0]
        if self._roughly(cell) is None or not cell.strip():
            return False
        numbers, shown = self.numbers(column, 0, end), self.numbers(column, row, row + 1)
        if numbers is None or shown is None or np.isnan(numbers).all():
            return False
        slack = 0.5 * 10.0 ** -self._decimals(cell)
        varies = np.nanmax(numbers) - np.nanmin(numbers) > _MUCH * slack
        return bool(varies and abs(np.nanmean(numbers) - shown[0]) <= slack * (1 + _EXACT))


# With a word


def _with_word(cells: _Cells) -> Iterator[int]:
    """Yield rows that say of themselves that they sum up others."""
    last = cells.n_rows - 1
    for column in cells.columns:
        rows = _rows_with(_SUM_WORD, column, cells)
        yield from _adding_up(rows, cells, has_word=True)
        is_alone = rows == [last] and column < 2 and cells.n_words(last) == 1
        is_alone = is_alone and cells.n_numbers(last) > 0
        if is_alone and _SUM_ALONE.fullmatch(cells.at(column, last)):
            yield last
        yield from _mean_rows(column, cells)


def _rows_with(word: re.Pattern[str], column: int, cells: _Cells) -> list[int]:
    if column not in cells.of_words or cells.n_values(column) > _MOST_VALUES:
        return _last_rows_with(word, column, cells)
    return cells.rows_where(column, lambda v: pc.match_substring_regex(v, word.pattern))


def _last_rows_with(word: re.Pattern[str], column: int, cells: _Cells) -> list[int]:
    start = max(0, cells.n_rows - _LAST_ROWS)
    texts = cells.texts(column, start, cells.n_rows)
    return [row for row, text in enumerate(texts, start) if word.match(text)]


def _mean_rows(column: int, cells: _Cells) -> Iterator[int]:
    """Yield a last row with a word for the mean, which stands there alone, and such numbers."""
    rows = _last_rows_with(_MEAN_WORD, column, cells)
    if len(rows) != 1 or cells.n_rows <= _FEWEST_ROWS:
        return
    [row] = rows
    end = min([row, *_last_rows_with(_SUM_WORD, column, cells)])
    is_value = cells.at(column, row) in cells.texts(column, 0, end)
    if not is_value and 2 * cells.means(end, row) >= max(cells.n_numbers(row), 1):
        yield row


# Without a word


def _without_name(cells: _Cells) -> Iterator[int]:
    """Yield rows whose name is empty and whose numbers are sums, or means of all rows."""
    last = cells.n_rows - 1
    for column in sorted({0, *cells.of_words}):
        rows = cells.rows_where(column, lambda v: pc.equal(v, ""))
        yield from _adding_up(rows, cells, has_word=False)
        if rows == [last] and last >= _FEWEST_ROWS and cells.means(last, last) > 1:
            yield last


def _adding_up(rows: list[int], cells: _Cells, has_word: bool) -> list[int]:
    """Return some rows if nearly each of the first holds the sums of those since the one before it.

    The last may be the sum of all.
    """
    if not rows or len(rows) > cells.n_rows / 2 or cells.n_rows < _FEWEST_ROWS:
        return []
    found: dict[int, list[_Sum]] = {}
    some = rows[:_MOST_ADDED]
    for nth, row in enumerate(some):
        if sums := _sums_at(nth, rows, cells, exact=not has_word):
            found[row] = sums
        if len(found) < nth / 2:
            return []
    if len(found) < 0.8 * len(some) or not _are_clear(found, cells, has_word):
        return []
    return [*found, *rows[_MOST_ADDED:]]


def _sums_at(nth: int, rows: list[int], cells: _Cells, exact: bool) -> list[_Sum]:
    row, start = rows[nth], rows[nth - 1] + 1 if nth else 0
    here = cells.sums(start, row, exact=exact) if row > start else []
    if not here and nth and row == rows[-1]:
        here = cells.sums(0, row, leave=rows[:-1], exact=exact)
    # Beside sums there may be prices and shares.
    return here if _MOST_OTHERS * len(here) >= cells.n_numbers(row) else []


def _are_clear(found: dict[int, list[_Sum]], cells: _Cells, has_word: bool) -> bool:
    """Return whether it is no chance that some rows are sums; of one number nothing follows."""
    sums = [[one for one in some if one.addends > 1] for some in found.values()]
    strong = [some for some in sums if some]
    if has_word and strong and all(cells.n_words(row) == 1 for row in found):
        return True
    long = [one for some in strong for one in some if one.addends >= _FEWEST_ROWS - 1]
    is_large = any(one.addends >= _FEWEST_ROWS and abs(one.value) >= _LARGE for one in long)
    addends = sum(one.addends for some in strong for one in some)
    return addends >= _FEWEST_ROWS and (len(strong) > 1 or len(long) > 1 or is_large)


def _adds_up_exactly(cells: _Cells) -> bool:
    """Return whether the last row holds sums, to the last digit, in two columns at least."""
    last = cells.n_rows - 1
    if last < _FEWEST_ROWS or len(cells.may_be_sums(0, last)) < 2:
        return False
    sums = [
        one
        for one in cells.sums(0, last, exact=True)
        if one.addends >= _FEWEST_ROWS and abs(one.value) >= _LARGE
    ]
    return len(sums) > 1 and 2 * len(sums) >= cells.n_numbers(last) and _are_apart(sums, cells)


def _are_apart(sums: list[_Sum], cells: _Cells) -> bool:
    """Return whether two columns at least are no multiples of each other."""
    shares = [cells.numbers(one.column, 0, cells.n_rows) for one in sums]
    first, *others = [np.nan_to_num(one / one[-1]) for one in shares if one is not None]
    return not all(np.allclose(first, other) for other in others)
