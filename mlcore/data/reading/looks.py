"""What the cells of a column look like: the evidence for mending a record."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_NUMBER = re.compile(
    r"(?:[^\d\s.,+\-−]{1,3} ?)?[+\-−]?(?:\d{1,3}(?:[.,'’ \u00a0\u202f]\d{3})+|\d+|(?=[.,]\d))"
    r"(?:[.,]\d+)?(?:[eE][+-]?\d+)?(?: ?[^\d\s.,\-]{1,4}\.?)?"
)
_WHOLE_GROUPS = re.compile(r"\D{0,4}\d{1,3}(?:,\d{3})+(?:\.\d+)?\D{0,4}")
_DECIMAL_COMMA = re.compile(r"\D{0,4}\d+,\d+\D{0,4}")
_MARK = re.compile(r"\d[.,]\d")

#: A share of cells that is "nearly all".
_MOSTLY = 0.95
#: A column with at most this many different values, and each some times, is a list of choices.
_FEW = 0.5
#: With more different values, patterns are not looked for.
_MOST_VALUES = 5000
#: From this many cells on, what stands there once is not the usual.
_ENOUGH = 8


@dataclass(frozen=True)
class Look:
    """What most cells of a column have in common.

    Parameters
    ----------
    shapes : frozenset of str
        The patterns of its cells (digits as 9, letters as a) when there are few; else empty.
    values : frozenset of str
        Its values when they repeat; else empty.
    is_number : bool
        Whether nearly all cells are numbers.
    longest : int
        Of the cells' lengths.
    marked : bool or None
        Whether numbers have a decimal mark or one between thousands; ``None`` if only some do.
    filled : bool
        Whether none of its cells is empty, or one that may be damaged.
    """

    shapes: frozenset[str]
    values: frozenset[str]
    is_number: bool
    longest: int
    marked: bool | None = None
    filled: bool = False

    def fits(self, cell: str) -> float:
        """Return how well a cell fits: 1 for surely, 0.5 for perhaps, 0 for not at all."""
        cell = cell.strip()
        if not cell:
            return 0.25 if self.filled else 0.5
        if self.is_number:
            alike = self.marked is None or self.marked == bool(_MARK.search(cell))
            return (1.0 if alike else 0.4) if _NUMBER.fullmatch(cell) else 0.0
        if self.shapes:
            return 1.0 if shape(cell) in self.shapes else 0.0
        if self.values:
            return 1.0 if cell in self.values else 0.25
        if _NUMBER.fullmatch(cell):
            return 0.25
        return 0.5 if len(cell) <= 2 * self.longest else 0.3


def shape(cell: str) -> str:
    """Return the pattern of a cell: runs of digits as 9, of letters as a.

    >>> shape("2024-01-31 Mo")
    '9-9-9 a'
    """
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", cell))


def look_of(cells: Sequence[str]) -> Look:
    """Return what the cells of a column look like."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    n = len(filled)
    if not n:
        return Look(frozenset(), frozenset(), False, 0)
    values = Counter(filled)
    numbers = sum(bool(_NUMBER.fullmatch(cell)) for cell in filled)
    is_number = numbers >= _MOSTLY * n
    marked = sum(bool(_MARK.search(cell)) for cell in filled)
    slips = n >= _ENOUGH
    repeat = len(values) <= _FEW * n and not is_number
    return Look(
        shapes=frozenset() if is_number else _shapes(values),
        values=_usual(values) if repeat else frozenset(),
        is_number=is_number,
        longest=max(map(len, filled)),
        marked=True if marked >= n - slips else False if marked <= slips else None,
        filled=len(cells) - n <= 1,
    )


def _shapes(values: Counter[str]) -> frozenset[str]:
    """Return the few patterns that nearly all cells have, if each of them has digits."""
    n = values.total()
    if len(values) > _MOST_VALUES:
        return frozenset()
    counts: Counter[str] = Counter()
    for value, count in values.items():
        counts[shape(value)] += count
    usual = _usual(counts)
    few = len(usual) <= max(1, n // 8) and all("9" in one for one in usual)
    return usual if few and sum(counts[one] for one in usual) >= _MOSTLY * n - 1 else frozenset()


def _usual(counts: Counter[str]) -> frozenset[str]:
    """Return what stands there more than once: what stands there once may be damaged."""
    if counts.total() < _ENOUGH:
        return frozenset(counts)
    return frozenset(one for one, count in counts.items() if count > 1)


@dataclass(frozen=True)
class Looks:
    """The looks of all columns."""

    columns: tuple[Look, ...]

    def fit(self, cells: Sequence[str]) -> float:
        """Return the mean fit of a whole record; 0 when a cell does not fit at all."""
        marks = [look.fits(cell) for look, cell in zip(self.columns, cells, strict=True)]
        return 0.0 if 0.0 in marks else sum(marks) / max(len(marks), 1)


def looks_of(records: Sequence[Sequence[str]]) -> Looks:
    """Return what the columns of records of one width look like."""
    return Looks(tuple(look_of(column) for column in zip(*records, strict=True)))


def is_one_number(parts: Sequence[str]) -> bool:
    """Return whether pieces between commas are one number that was not quoted."""
    joined = ",".join(parts)
    if any(part != part.strip() for part in parts[1:]):
        return False
    return bool(_WHOLE_GROUPS.fullmatch(joined) or _DECIMAL_COMMA.fullmatch(joined))
