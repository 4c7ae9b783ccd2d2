"""Formats of the numbers in Excel workbooks: what they mean, where their reader does not know."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from mlcore.data.reading.silent_cells import Known

#: Day 0 of a workbook, which its first years count a day later; or where it says so.
FIRST_DAY, FIRST_DAY_1904 = dt.date(1899, 12, 30), dt.date(1904, 1, 1)

#: Zeros alone, behind a language; what follows is for negative numbers and texts.
_ZEROS = re.compile(r"(?:\[\$[^\]]*\])?(0{2,15})(?:;.*)?", re.DOTALL)
#: What says nothing of dates: texts, single letters, colours and languages.
_APART = re.compile(r'"[^"]*"?|[\\_*].|\[(?!(?:h+|m+|s+)\])[^\]]*\]', re.DOTALL | re.IGNORECASE)

#: Formats without a code: dates and times everywhere; dates and times in Chinese, Japanese and
#: Korean; hours that go on behind 24.
_DATES = frozenset({*range(14, 23), 45, 47})
_EASTERN_DATES = frozenset({*range(27, 37), *range(50, 59)})
_HOURS = 46


def told_by_format(number: int, code: str | None, first_day: dt.date) -> Known | None:
    """Return what a format tells of numbers, and the reader of workbooks does not.

    Parameters
    ----------
    number : int
        The number of the format.
    code : str, optional
        How it is written; none for those that every program knows.
    first_day : datetime.date
        Day 0 of the workbook.

    Examples
    --------
    >>> told_by_format(164, "00000", FIRST_DAY)
    5
    """
    if code is None:
        return first_day if number in _EASTERN_DATES else None
    zeros = _ZEROS.fullmatch(code)
    return len(zeros[1]) if zeros else None


def told_of_dates(number: int, code: str | None, first_day: dt.date) -> Known | None:
    """Return the same where the reader does not know dates: of whole numbers of an xlsb file."""
    if code is None and number in _DATES:
        return first_day
    shown = _APART.sub("", code or "").split(";")[0].lower()
    if number == _HOURS or "[" in shown:
        return dt.timedelta(days=1)
    return first_day if set(shown) & set("dmyhs") else told_by_format(number, code, first_day)


class Styles:
    """The styles of cells, as they are listed in a workbook."""

    def __init__(self) -> None:
        #: By number of a format: how it is written.
        self.codes: dict[int, str] = {}
        #: The format of each style.
        self.formats: list[int] = []
        self.first_day = FIRST_DAY

    def told(
        self, tell: Callable[[int, str | None, dt.date], Known | None] = told_by_format
    ) -> dict[int, Known]:
        """Return what styles tell of numbers, by the place of the style."""
        told = {
            place: tell(number, self.codes.get(number), self.first_day)
            for place, number in enumerate(self.formats)
        }
        return {place: known for place, known in told.items() if known is not None}
