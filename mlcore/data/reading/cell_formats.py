"""Formats of the numbers in Excel workbooks: what they mean, where their reader does not know."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from mlcore.data.reading.silent_cells import Known

#: Zeros alone, behind a language; what follows is for negative numbers and texts.
_ZEROS = re.compile(r"(?:\[\$[^\]]*\])?(0{2,15})(?:;.*)?", re.DOTALL)
#: What says nothing of dates: texts, single letters, colours and languages.
_APART = re.compile(r'"[^"]*"?|[\\_*].|\[(?!(?:h+|m+|s+)\])[^\]]*\]', re.DOTALL)
#: Hours, minutes or seconds that go on.
_GOING_ON = re.compile(r"\[(?:h+|m+|s+)\]")
#: Programs write no more of a format.
_LONGEST_CODE = 255

#: Formats that need no code: dates and times everywhere; those in Chinese, Japanese and Korean; and
#: hours that go on behind 24.
_DATES = frozenset({*range(14, 23), 45, 47, *range(27, 37), *range(50, 59)})
_HOURS = 46


def told_by_zeros(number: int, code: str) -> Known | None:
    """Return to how many digits a format fills up with zeros.

    Parameters
    ----------
    number : int
        The number of the format.
    code : str
        How it is written; empty for those that every program knows.

    Examples
    --------
    >>> told_by_zeros(164, "00000")
    5
    """
    zeros = _ZEROS.fullmatch(code)
    return len(zeros[1]) if zeros else None


def told_by_dates(number: int, code: str, first_day: dt.date) -> Known | None:
    """Return the same, or that a format is one of dates, which count from a day, or of hours."""
    shown = _APART.sub("", code.lower()).split(";")[0]
    if number == _HOURS or _GOING_ON.search(shown):
        return dt.timedelta(days=1)
    is_date = set(shown) & set("dmyhs") if code else number in _DATES
    return first_day if is_date else told_by_zeros(number, code)


class Styles:
    """The styles of cells, as they are listed in a workbook."""

    def __init__(self) -> None:
        #: By number of a format: how it is written.
        self.codes: dict[int, str] = {}
        #: The format of each style.
        self.formats: list[int] = []

    def told(self, tell: Callable[[int, str], Known | None] = told_by_zeros) -> dict[int, Known]:
        """Return what styles tell of numbers, by the place of the style."""
        told = {
            number: tell(number, self.codes.get(number, "")[:_LONGEST_CODE])
            for number in set(self.formats)
        }
        return {
            place: known
            for place, number in enumerate(self.formats)
            if (known := told[number]) is not None
        }
