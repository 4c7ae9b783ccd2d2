"""Numbers written as text: decimal marks, thousands, units, codes that only look like numbers.

What a single number means, once that is known, stands in ``cells.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mlcore.data.cells import (
    AMOUNT,
    BARE,
    GAPS,
    LETTERS,
    LONGEST_AMOUNT,
    NARROW,
    OTHER_MARK,
    SIGN,
    Beside,
    beside,
    clear_number,
    marked_number,
    may_be_marked,
    may_be_spaced,
    plain_number,
    spaced_number,
)
from mlcore.data.levels import Levels, as_numbers, cast_all
from mlcore.data.units import SHY, is_currency, may_stand_before, spellings, unit_of_word

_WIDE = "".join(map(chr, NARROW))
_DIGITS = "".join(sign for sign in _WIDE if sign.isdigit())

#: Whole numbers from here on lose digits as floating-point numbers.
_EXACT = 2.0**53

#: So many digits a floating-point number keeps in any case.
_KEPT_DIGITS = 15

#: Whole numbers that are written as no amount is.
LEADING_ZEROS = rf"{SIGN}0\d+"

#: One unit must stand in so large a share of the values that have any.
_ONE_UNIT = 0.95

#: Signs that say which one rather than how many, as 1月 is January.
_WHICH = frozenset("月日号號级級班期章节節页頁层層楼樓阶階组組월일호급반") | {"Uhr"}

#: Years with an s are ten years, not seconds.
_DECADE = r"(?:1\d|20)\d0['’]?s"

#: With fewer different values, a word that is not known cannot be called a unit.
_FEWEST_WITH_UNKNOWN = 3


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
    three_decimals : bool
        Whether the decimal mark may as well stand between thousands ("1.234" throughout).
    shows_decimal : bool
        Whether some value leaves no doubt about the decimal mark.
    leading_zeros, telephone, addresses, too_long, lettered : bool
        Whether some are written like codes: ``007``, ``+4917…``, ``10.20.30.40``, with more
        digits than a number can keep, or all as ``1E4`` and some as ``0E1``.
    powers : bool
        Whether all are whole, some as ``1E5``, which may mean a code as well.
    merged : int
        How many different values became a number that others became too, because they have more
        digits than a number can keep.
    whole : bool
        Whether none has a fraction.
    unit : str, optional
        What stands beside the numbers, as in ``12 kg``.
    without_unit : int
        In how many rows it does not.
    negative, behind : int
        In how many rows parentheses stand for a minus, and in how many it stands behind.
    units : tuple of str
        Different units, the most frequent first, where there is no saying which one is meant.
    powers_of_ten : tuple of str
        Letters and words after the numbers that were read as such, as M in 80.6M.
    """

    numbers: npt.NDArray[np.float64]
    decimal: str
    grouped: bool = False
    ambiguous: bool = False
    three_decimals: bool = False
    shows_decimal: bool = False
    leading_zeros: bool = False
    telephone: bool = False
    addresses: bool = False
    too_long: bool = False
    lettered: bool = False
    powers: bool = False
    merged: int = 0
    whole: bool = True
    unit: str | None = None
    without_unit: int = 0
    negative: int = 0
    behind: int = 0
    units: tuple[str, ...] = ()
    powers_of_ten: tuple[str, ...] = ()

    @property
    def readable(self) -> npt.NDArray[np.bool_]:
        """For each value whether it is a number."""
        return ~np.isnan(self.numbers)

    @property
    def codes(self) -> bool:
        """Whether the values are written as no amount is."""
        written = self.leading_zeros or self.telephone or self.addresses or self.lettered
        return written or self.too_long


def read_numbers(levels: Levels, decimal: str, thousands: str | None = None) -> Numerals:
    """Read the values of a column as numbers.

    Parameters
    ----------
    levels : Levels
        The column.
    decimal : str
        The file's decimal mark. A column whose values fit the other mark only is read with that.
    thousands : str, optional
        The mark between thousands, where it is known; empty for none.
    """
    if thousands == decimal:
        decimal = OTHER_MARK[decimal]
    none = Numerals(np.full(len(levels.values), np.nan), decimal)
    if not _has_digits(levels):
        return none
    bare = levels if levels.are_numbers else replace(levels, values=narrow(levels.values))
    amounts = _as_they_stand(bare, decimal) or _take_apart(bare)
    if amounts.digits.null_count == len(amounts.digits):
        return replace(none, units=amounts.units)
    read = _read_with(bare, amounts, decimal, thousands)
    if levels.rows_where(~read.readable) and thousands is None:
        other = _read_with(bare, amounts, OTHER_MARK[decimal], thousands)
        unread, unread_other = (levels.rows_where(~one.readable) for one in (read, other))
        read = other if unread_other < unread and not other.ambiguous else read
    return read


def _has_digits(levels: Levels) -> bool:
    digit = f"[0-9{_DIGITS}]"
    return levels.may_match(f".*{digit}.*") or bool(
        pc.any(pc.match_substring_regex(levels.values, digit)).as_py()
    )


def narrow(values: Any) -> Any:
    """Return texts with digits and marks of full width or other scripts replaced by the usual."""
    if pc.all(pc.string_is_ascii(values)).as_py():
        return values
    if not pc.any(pc.match_substring_regex(values, f"[{_WIDE}]")).as_py():
        return values
    return pa.array([str(value).translate(NARROW) for value in values.to_pylist()], values.type)


# What stands beside the digits


@dataclass(frozen=True, eq=False)
class _Amounts:
    """The values of a column without what stands beside their digits.

    ``digits`` (null where there is no number), and for each value ``sign`` (1 or -1), ``exponent``
    (of ten), whether there are ``parentheses`` or the minus is ``behind``, and whether it stands
    ``with_unit``; whether what stands beside digits ``may_be_units``; ``numbers`` where all values
    are numbers as they stand, with the ``decimal`` mark.
    """

    digits: Any
    sign: npt.NDArray[np.float64]
    exponent: npt.NDArray[np.int64]
    parentheses: npt.NDArray[np.bool_]
    behind: npt.NDArray[np.bool_]
    with_unit: npt.NDArray[np.bool_]
    unit: str | None = None
    units: tuple[str, ...] = ()
    powers: tuple[str, ...] = ()
    may_be_units: bool = False
    numbers: npt.NDArray[np.float64] | None = None
    decimal: str = "."

    @classmethod
    def of(
        cls, digits: Any, numbers: npt.NDArray[np.float64] | None = None, decimal: str = "."
    ) -> _Amounts:
        """Return values that have nothing beside their digits."""
        count = len(digits)
        return cls(
            digits=digits,
            sign=np.ones(count),
            exponent=np.zeros(count, dtype=np.int64),
            parentheses=np.zeros(count, dtype=np.bool_),
            behind=np.zeros(count, dtype=np.bool_),
            with_unit=np.zeros(count, dtype=np.bool_),
            numbers=numbers,
            decimal=decimal,
        )


def _as_they_stand(levels: Levels, decimal: str) -> _Amounts | None:
    """Return values that are all digits with the decimal mark, as most are, in one go."""
    known = levels.are_numbers and decimal == "."
    numbers = levels.numbers if known else plain_numbers(levels.values, decimal)
    return None if numbers is None else _Amounts.of(levels.values, numbers, decimal)


def plain_numbers(text: Any, decimal: str, words: Any = None) -> npt.NDArray[np.float64] | None:
    """Return texts as numbers, and words as NaN, if all others are digits with the decimal mark."""
    if decimal == ",":
        if pc.any(pc.match_substring(text, ".")).as_py():
            return None
        text = pc.replace_substring(text, ",", ".")
    return as_numbers(text, words)


def _take_apart(levels: Levels) -> _Amounts:
    """Return the digits of each value and what the column's unit is."""
    values = levels.values
    plain = levels.matching(BARE)
    nothing = pa.scalar(None, pa.large_string())
    amounts = _Amounts.of(pc.if_else(pa.array(plain), values, nothing))
    if plain.all():
        return amounts
    if levels.probe is not levels and not _take_apart(levels.probe).may_be_units:
        return amounts
    short = pc.less_equal(pc.utf8_length(values), LONGEST_AMOUNT).to_numpy(zero_copy_only=False)
    # To tell whether a value fits takes a tenth of the time to take one apart that does not.
    fits = short & ~plain & levels.matching(AMOUNT)
    if levels.may_match(_DECADE) and levels.matching(_DECADE)[fits].all():
        return amounts
    if not fits.any():
        return amounts
    parts = pc.extract_regex(pc.if_else(pa.array(fits), values, nothing), f"^(?:{AMOUNT})$")
    return _with_units(levels, amounts, parts)


def _with_units(levels: Levels, amounts: _Amounts, parts: Any) -> _Amounts:
    both = pc.binary_join_element_wise(
        pc.struct_field(parts, "before"),
        pc.struct_field(parts, "after"),
        pa.scalar("\0", pa.large_string()),
    )
    pairs = pa.array(both).dictionary_encode()
    codes = pairs.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    found = [beside(*str(pair).split("\0", 1)) for pair in pairs.dictionary.to_pylist()]
    rows = np.bincount(codes[codes >= 0], levels.counts[codes >= 0].astype(np.float64), len(found))
    powers = _powers(levels, parts, found)
    found = [one.scaled if one and powers else one for one in found]
    units = _Units(found, rows)
    bare = levels.rows_where(amounts.digits.is_valid().to_numpy(zero_copy_only=False))
    n_numbers = len(levels.values) - parts.null_count
    unit, several = units.choice(levels.n_present, bare, n_numbers)
    words = {"", *(spellings(unit) if unit else ())}
    fits = [one if one and one.word in words else None for one in found]
    none = Beside()
    for name in ("sign", "exponent", "parentheses", "behind"):
        given = np.array([getattr(one or none, name) for one in (*fits, none)])
        getattr(amounts, name)[:] = given[codes]
    amounts.with_unit[:] = np.array([bool(one and one.word) for one in (*fits, none)])[codes]
    is_number = np.array([one is not None for one in (*fits, None)])[codes]
    digits = pc.if_else(pa.array(is_number), pc.struct_field(parts, "digits"), amounts.digits)
    # A minus stands behind amounts only; 2- is a mark at school, or open to one side.
    whole = pc.invert(pc.match_substring_regex(digits, "[.,]"))
    digits = pc.if_else(pc.and_(pa.array(amounts.behind), whole), None, digits)
    may_be_units = any(
        not one.word or not one.is_before or one.power or unit_of_word(one.word)
        for one in found
        if one
    )
    amounts = replace(amounts, unit=unit, units=several, powers=powers)
    return replace(amounts, digits=digits, may_be_units=may_be_units)


#: Letters that mean something else as well: metres, tonnes, the second part of something.
_SHY_LETTERS = frozenset("mbT")


def _powers(levels: Levels, parts: Any, found: list[Beside | None]) -> tuple[str, ...]:
    """Return letters and words that stand for powers of ten, as in 80.6M, 565K and €1.5 bn.

    They do where every amount of the column has one or a currency, only 0 may stand alone. Letters
    need something more that speaks for an amount: a fraction or a currency.
    """
    told = [one for one in found if one is not None]
    powers = {one.power for one in told if one.power}
    units = {one.unit if one.power else one.word for one in told} - {""}
    if not powers or not all(map(is_currency, units)) or not all(one.word for one in told):
        return ()
    if (levels.matching(BARE) & ~levels.matching(r"0+(?:[.,]0+)?")).any():
        return ()
    has_fraction = pc.any(pc.match_substring_regex(parts.field("digits"), "[.,]")).as_py()
    sure = powers - _SHY_LETTERS if has_fraction else powers - LETTERS.keys()
    return tuple(sorted(powers)) if units or sure else ()


@dataclass(frozen=True)
class _Units:
    """What stands beside the numbers of a column, with the rows that have it."""

    found: list[Beside | None]
    rows: npt.NDArray[Any]

    def choice(self, n_rows: int, bare: int, n_numbers: int) -> tuple[str | None, tuple[str, ...]]:
        """Return the one unit of a column, or the different ones that make it none."""
        counts: dict[str, float] = {}
        spaced: set[str] = set()
        unknown: dict[str, float] = {}
        for one, rows in zip(self.found, self.rows, strict=True):
            if one is None or not one.word:
                bare += int(rows) if one else 0
                continue
            unit = unit_of_word(one.word)
            if unit is None and not one.is_before:
                unknown[one.word] = unknown.get(one.word, 0) + rows if one.is_spaced else -np.inf
            elif unit and (not one.is_before or may_stand_before(one.word)):
                counts[unit] = counts.get(unit, 0) + rows
                spaced |= {unit} if one.is_spaced or one.word not in SHY else set()
        counts = {unit: rows for unit, rows in counts.items() if unit in spaced}
        if not counts:
            return _unknown_unit(unknown, n_rows, n_numbers), ()
        ranked = sorted(counts, key=lambda unit: -counts[unit])
        total = sum(counts.values())
        if counts[ranked[0]] < _ONE_UNIT * total:
            return None, tuple(ranked) if total + bare >= _ONE_UNIT * n_rows else ()
        return ranked[0], ()


def _unknown_unit(words: dict[str, float], n_rows: int, n_numbers: int) -> str | None:
    """Return a word that stands after every number of a column, as in "3 rooms"."""
    if len(words) != 1 or n_numbers < _FEWEST_WITH_UNKNOWN:
        return None
    ((word, rows),) = words.items()
    is_word = word.isalpha() and (len(word) > 1 or not word.isascii())
    return word if rows == n_rows and is_word and word not in _WHICH else None


# Digits


def _read_with(levels: Levels, amounts: _Amounts, decimal: str, thousands: str | None) -> Numerals:
    point, grouping = re.escape(decimal), re.escape(OTHER_MARK[decimal])
    bare = replace(levels, values=pc.fill_null(amounts.digits, ""))
    numbers = amounts.numbers if decimal == amounts.decimal else None
    if numbers is None:
        plain = bare.matching(plain_number(decimal))
    else:
        plain = np.ones(len(numbers), dtype=np.bool_)
    spaced = marked = np.zeros_like(plain)
    if not plain.all():
        spaced = bare.matching(spaced_number(decimal)) & may_be_spaced(thousands)
        marked = bare.matching(marked_number(decimal)) & ~plain & may_be_marked(decimal, thousands)
    readable = plain | spaced | marked
    if numbers is None:
        numbers = _convert(bare.values, readable, decimal, amounts)
    whole_text = cache(lambda: _are_whole(bare, amounts.numbers is not None))
    present = numbers[~np.isnan(numbers)]
    whole = bool((present == np.floor(present)).all())
    is_whole = whole and bool(whole_text()[readable].all())
    bare_whole = whole_text() & ~amounts.with_unit if is_whole else np.zeros_like(plain)
    has_powers = whole and not is_whole and _has_powers(bare, readable)
    thirds = rf"{SIGN}[1-9]\d{{0,2}}{point}\d{{3}}"
    return Numerals(
        numbers=numbers,
        decimal=decimal,
        grouped=bool(marked.any() or spaced.any()),
        ambiguous=thousands is None
        and bool(marked.any())
        and _is_ambiguous(bare, marked, plain, whole_text(), numbers, point, grouping),
        three_decimals=thousands is None
        and bare.may_match(thirds)
        and not bare.may_match(r"\d{4,}")
        and _all(bare.matching(thirds), plain & ~whole_text()),
        shows_decimal=bare.may_match(clear_number(decimal)),
        leading_zeros=is_whole and bool((bare_whole & _have_leading_zeros(bare)).any()),
        telephone=is_whole and _are_telephone_numbers(bare, readable),
        addresses=bool(marked.any()) and _all(bare.matching(r"\d{1,3}(?:\.\d{1,3}){3}"), readable),
        too_long=bool((np.abs(present) >= _EXACT).any())
        and bool((np.abs(numbers[whole_text()]) >= _EXACT).any()),
        lettered=has_powers and _are_lettered(bare, readable),
        powers=has_powers,
        merged=0 if is_whole or numbers is bare.numbers else _merged(bare.values, numbers),
        whole=whole,
        unit=amounts.unit,
        without_unit=levels.rows_where(readable & ~amounts.with_unit) if amounts.unit else 0,
        negative=levels.rows_where(readable & amounts.parentheses),
        behind=levels.rows_where(readable & amounts.behind),
        units=amounts.units,
        powers_of_ten=amounts.powers,
    )


def _are_whole(levels: Levels, are_numbers: bool) -> npt.NDArray[np.bool_]:
    """Return for each value whether it is digits alone, a sign before them."""
    if are_numbers and cast_all(levels.values, pa.int64()) is not None:
        return np.ones(len(levels.values), dtype=np.bool_)
    return levels.matching(rf"{SIGN}\d+")


def _have_leading_zeros(levels: Levels) -> npt.NDArray[np.bool_]:
    # To look at the beginnings takes a fifth of the time, and mostly tells.
    if any(pc.any(pc.starts_with(levels.values, f"{sign}0")).as_py() for sign in ("", *"+-−–")):
        return levels.matching(LEADING_ZEROS)
    return np.zeros(len(levels.values), dtype=np.bool_)


def _are_telephone_numbers(levels: Levels, readable: npt.NDArray[np.bool_]) -> bool:
    begins = pc.starts_with(levels.values, "+"), pc.starts_with(levels.values, "00")
    if not _all(pc.or_(*begins).to_numpy(zero_copy_only=False), readable):
        return False
    return _all(levels.matching(r"\+\d{8,}|00[1-9]\d{8,}"), readable)


#: Two whole numbers with an E between them, without mark and sign.
_POWER = r"\d+[eE]\d+"


def _has_powers(levels: Levels, readable: npt.NDArray[np.bool_]) -> bool:
    """Return whether all are digits, some with an E between them."""
    powers = levels.matching(_POWER) & readable
    return bool(powers.any() and (powers | levels.matching(r"\d+"))[readable].all())


def _are_lettered(levels: Levels, readable: npt.NDArray[np.bool_]) -> bool:
    """Return whether all have an E, and some as nobody writes a measurement: 0E1 or 01E4."""
    odd = levels.matching(r"0\d+[eE]\d+|0[eE]0*[1-9]\d*")
    return bool(odd.any() and levels.matching(_POWER)[readable].all())


def _merged(values: Any, numbers: npt.NDArray[np.float64]) -> int:
    """Return how many values with more digits than a number keeps are no longer different."""
    long = pc.greater(pc.binary_length(values), _KEPT_DIGITS).to_numpy(zero_copy_only=False)
    if not long.any():
        return 0
    long &= ~np.isnan(numbers)
    again = pd.Series(numbers[long]).duplicated(keep=False).to_numpy()
    if not again.any():
        return 0
    long[long] = again
    digits = pc.replace_substring_regex(values.filter(pa.array(long)), r"\.?0*$", "")
    n_digits = pc.utf8_length(pc.replace_substring_regex(digits, r"^[^1-9]*|[^\d]", ""))
    many = pc.greater(n_digits, _KEPT_DIGITS).to_numpy(zero_copy_only=False)
    _, counts = np.unique(numbers[long][many], return_counts=True)
    return int(counts[counts > 1].sum())


def _all(mask: npt.NDArray[np.bool_], among: npt.NDArray[np.bool_]) -> bool:
    return bool(among.any() and mask[among].all())


def _convert(
    values: Any, readable: npt.NDArray[np.bool_], decimal: str, amounts: _Amounts
) -> npt.NDArray[np.float64]:
    kept = pc.if_else(pa.array(readable), values, pa.scalar(None, pa.large_string()))
    for mark in (OTHER_MARK[decimal], *GAPS):
        kept = pc.replace_substring(kept, mark, "")
    kept = pc.replace_substring_regex(kept, "^[−–]", "-")
    kept = pc.replace_substring(pc.replace_substring_regex(kept, r"^\+", ""), decimal, ".")
    if amounts.exponent.any():
        powers = pa.array([f"e{power}" if power else "" for power in amounts.exponent])
        powers = pc.if_else(pc.match_substring(kept, "e", ignore_case=True), "", powers)
        kept = pc.binary_join_element_wise(
            kept, powers.cast(pa.large_string()), pa.scalar("", pa.large_string())
        )
    numbers = pc.cast(kept, pa.float64()).fill_null(float("nan"))
    numbers = np.array(numbers.to_numpy(zero_copy_only=False), dtype=np.float64) * amounts.sign
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
    both = levels.matching(rf".*{grouping}\d{{2,3}}(?:{grouping}\d{{3}}|{point}).*")
    if (marked & both).any() or (plain & ~whole).any():
        return False
    small = np.abs(numbers[plain & whole])
    return not (small.size > 0 and bool((small < 1000).all()))


def unit_words(units: Iterable[str | None]) -> tuple[str, ...]:
    """Return all the words for some units, for those that read single cells."""
    return tuple(word for unit in units if unit for word in spellings(unit))
