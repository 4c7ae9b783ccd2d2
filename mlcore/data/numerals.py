"""Numbers written as text: decimal marks, thousands, codes that only look like numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mlcore.data.levels import Levels

#: Spaces (also the narrow and the unbreakable one) and the Swiss apostrophe between thousands.
_GAPS = (" ", "\u00a0", "\u202f", "\u2009", "'", "\u2019")

#: Whole numbers from here on lose digits as floating-point numbers.
_EXACT = 2.0**53


@dataclass(frozen=True, eq=False)
class Numerals:
    """What the values of a column are as numbers.

    Parameters
    ----------
    numbers : array of shape (n_distinct,)
        The number of each value; NaN where it is none.
    decimal : str
        The decimal mark that was used; usually the file's.
    grouped : bool
        Whether some have a mark between thousands.
    ambiguous : bool
        Whether that mark may as well be a decimal mark ("1,234").
    leading_zeros, too_long : bool
        Whether some are written like codes: ``007``, or more digits than a number can keep.
    whole : bool
        Whether none has a fraction.
    """

    numbers: npt.NDArray[np.float64]
    decimal: str
    grouped: bool
    ambiguous: bool
    leading_zeros: bool
    too_long: bool
    whole: bool

    @property
    def readable(self) -> npt.NDArray[np.bool_]:
        """For each value whether it is a number."""
        return ~np.isnan(self.numbers)


def read_numbers(levels: Levels, decimal: str) -> Numerals:
    """Read the values of a column as numbers.

    Parameters
    ----------
    levels : Levels
        The column.
    decimal : str
        The file's decimal mark. A column whose values fit the other mark only is read with that.
    """
    read = _read_with(levels, decimal)
    other = _read_with(levels, "," if decimal == "." else ".")
    unread, unread_other = (levels.rows_where(~numerals.readable) for numerals in (read, other))
    return other if unread_other < unread and not other.ambiguous else read


def _read_with(levels: Levels, decimal: str) -> Numerals:
    point, grouping = (r"\.", ",") if decimal == "." else (",", r"\.")
    fraction = rf"(?:{point}\d*)?"
    plain = levels.matching(rf"[+\-−]?(?:\d+{fraction}|{point}\d+)(?:[eE][+-]?\d+)?")
    gaps = "|".join(rf"(?:{gap}\d{{3}})+" for gap in _GAPS)
    spaced = levels.matching(rf"[+\-−]?\d{{1,3}}(?:{gaps}){fraction}")
    marked = levels.matching(rf"[+\-−]?[1-9]\d{{0,2}}(?:{grouping}\d{{3}})+{fraction}")
    marked &= ~plain
    readable = plain | spaced | marked
    numbers = _convert(levels.values, readable, decimal)
    whole_text = levels.matching(r"[+\-−]?\d+")
    present = numbers[~np.isnan(numbers)]
    return Numerals(
        numbers=numbers,
        decimal=decimal,
        grouped=bool(marked.any() or spaced.any()),
        ambiguous=_is_ambiguous(levels, marked, plain, whole_text, numbers, point, grouping),
        leading_zeros=bool(levels.matching(r"0\d+").any() and whole_text[readable].all()),
        too_long=bool((np.abs(numbers[whole_text]) >= _EXACT).any()),
        whole=bool((present == np.floor(present)).all()),
    )


def _convert(values: Any, readable: npt.NDArray[np.bool_], decimal: str) -> npt.NDArray[np.float64]:
    kept = pc.if_else(pa.array(readable), values, pa.scalar(None, pa.large_string()))
    grouping = "," if decimal == "." else "."
    for mark in (grouping, *_GAPS, "+"):
        kept = pc.replace_substring(kept, mark, "")
    kept = pc.replace_substring(pc.replace_substring(kept, "−", "-"), decimal, ".")
    numbers = pc.cast(kept, pa.float64()).fill_null(float("nan"))
    numbers = np.array(numbers.to_numpy(zero_copy_only=False), dtype=np.float64)
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers


def _is_ambiguous(
    levels: Levels,
    marked: npt.NDArray[np.bool_],
    plain: npt.NDArray[np.bool_],
    whole: npt.NDArray[np.bool_],
    numbers: npt.NDArray[np.float64],
    point: str,
    grouping: str,
) -> bool:
    """Return whether "1,234" in this column may mean 1234 as well as 1.234.

    It is clear when some value has two groups ("1,234,567") or both marks ("1,234.5"), when the
    decimal mark stands elsewhere in the column, or when exactly the numbers from 1000 on have it.
    """
    if not marked.any():
        return False
    both = levels.matching(rf".*{grouping}\d{{3}}(?:{grouping}\d{{3}}|{point}).*")
    if (marked & both).any() or (plain & ~whole).any():
        return False
    small = np.abs(numbers[plain & whole])
    return not (small.size > 0 and bool((small < 1000).all()))
