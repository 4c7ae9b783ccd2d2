"""Parts of a date as arithmetic on seconds, for graphs that know no calendar.

The calendar is counted in years that begin in March, so that the leap day is the last one
(Howard Hinnant, "chrono-compatible low-level date algorithms", 2013).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mlcore.registry.onnx_graph import Term

#: Days from 1 March of the year 0 to 1 January 1970.
_TO_1970 = 719468
#: Days in 400 years.
_ERA = 146097


def date_part(seconds: Term, part: str) -> Term:
    """Return a part of a date, by pandas' name for it.

    Parameters
    ----------
    seconds : Term
        Since 1970-01-01 00:00, before it negative; NaN gives NaN.
    part : str
        Such as ``"day_of_week"`` (Monday is 0).
    """
    days = (seconds / 86400.0).floor()
    return _PARTS[part](days) if part in _PARTS else _time(seconds - days * 86400.0, part)


def _time(second_of_day: Term, part: str) -> Term:
    hour = (second_of_day / 3600.0).floor()
    if part == "hour":
        return hour
    return ((second_of_day - hour * 3600.0) / 60.0).floor()


def _march_year(days: Term) -> tuple[Term, Term]:
    """Return the year and the day in it (from 0), both of years that begin in March."""
    shifted = days + _TO_1970
    era = (shifted / _ERA).floor()
    day = shifted - era * _ERA
    leap_days = (day / 1460.0).floor() - (day / 36524.0).floor() + (day / 146096.0).floor()
    year = ((day - leap_days) / 365.0).floor()
    begin = year * 365.0 + (year / 4.0).floor() - (year / 100.0).floor()
    return year + era * 400.0, day - begin


def _month(days: Term) -> Term:
    day = _march_year(days)[1]
    month = ((day * 5.0 + 2.0) / 153.0).floor()
    return month + (month < 10.0).where(3.0, -9.0)


def _year(days: Term) -> Term:
    year, day = _march_year(days)
    return year + (day < 306.0).where(0.0, 1.0)


def _day(days: Term) -> Term:
    day = _march_year(days)[1]
    month = ((day * 5.0 + 2.0) / 153.0).floor()
    return day - ((month * 153.0 + 2.0) / 5.0).floor() + 1.0


def _day_of_year(days: Term) -> Term:
    year, day = _march_year(days)
    by_4, by_100, by_400 = (
        (year - (year / every).floor() * every).equals(0.0).number()
        for every in (4.0, 100.0, 400.0)
    )
    leap = by_4 - by_100 + by_400
    return (day < 306.0).where(day + leap + 60.0, day - 305.0)


def _day_of_week(days: Term) -> Term:
    # 1 January 1970 was a Thursday.
    shifted = days + 3.0
    return shifted - (shifted / 7.0).floor() * 7.0


_PARTS: Mapping[str, Callable[[Term], Term]] = {
    "year": _year,
    "quarter": lambda days: ((_month(days) + 2.0) / 3.0).floor(),
    "month": _month,
    "day": _day,
    "day_of_year": _day_of_year,
    "day_of_week": _day_of_week,
}
