"""What in a column speaks against the way it is read, where nothing proves it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mlcore.data.levels import Levels

_Mask = npt.NDArray[np.bool_]

#: From this share of numbers or dates on it is said why a column does not count as such.
SOME = 0.4

#: With this share and more, a column counts as all that it nearly is.
_MOSTLY = 0.95

#: Fewer different values do not show how a column is written.
_FEWEST = 10

#: An amount with a fraction, and one with something beside it that is no name.
_FRACTION = r"[+\-−]?(?:\d*[.,]\d+|\d{1,3}(?:,\d{3})+\.\d+|\d{1,3}(?:\.\d{3})+,\d+)"
_BESIDE = rf"[^\p{{L}}\p{{N}}]{{0,3}}{_FRACTION}(?:[^\p{{N}}.,/:-]\P{{N}}{{0,11}})?"

#: A number with a letter such as those for thousands and millions.
_LETTERED = r"\P{N}{0,3}\d[\d.,]*[KkMmBb]"

#: A zero before other digits and a fraction, as in classes of goods; groups of three digits, as in
#: numbers of telephones and companies; and signs, which neither has.
_ZERO = r"0\d+[.,]\d+"
_GROUPS = r"\d{3}(?:[ .\x{a0}\x{202f}]\d{3}){2,}"
_SIGNED = r"[+\-−].*"

#: Eight digits that are a day, and how many values must be, so that no name need say so.
_DAY = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_ENOUGH_DAYS = 20
_DIFFERENT_DAYS = 6


def are_days(levels: Levels) -> bool:
    """Return whether all values are eight digits that are days, as 20240131, enough of them."""
    if len(levels.values) < _DIFFERENT_DAYS or levels.n_present < _ENOUGH_DAYS:
        return False
    return bool(levels.probe.matching(_DAY).all() and levels.matching(_DAY).all())


def like_codes(levels: Levels, nothing: _Mask) -> _Mask | None:
    """Return which numbers are written as codes are, such as 01.11 or, throughout, 412 658 145."""
    if levels.may_match(_ZERO):
        zeros = levels.matching(_ZERO)
        return None if levels.matching(_SIGNED).any() else zeros
    if len(levels.values) < _FEWEST or not levels.may_match(_GROUPS):
        return None
    groups = levels.matching(_GROUPS)
    return groups if (groups | nothing).all() else None


def odd_among_amounts(levels: Levels, nothing: _Mask) -> _Mask | None:
    """Return which values keep a column from being numbers, where many are amounts.

    Amounts are told from codes, versions and numbers of things by their fraction.
    """
    if not levels.may_match(_FRACTION) and not levels.may_match(_BESIDE):
        return None
    bare, beside = levels.matching(_FRACTION), levels.matching(_BESIDE)
    n_values = levels.n_present - levels.rows_where(nothing)
    whole = levels.matching(r"[+-]?\d+")
    odd = ~(bare | whole | nothing)
    if levels.rows_where(bare) < SOME * n_values:
        odd = beside & ~bare
        lettered = levels.matching(_LETTERED)
        amounts = bare | beside | (lettered | whole if (lettered & beside).any() else False)
        if levels.rows_where(amounts) < _MOSTLY * n_values:
            return None
    return odd if odd.any() else None
