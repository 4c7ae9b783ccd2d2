"""Dates and times written as text.

No calendar library guesses here: a column must fit one written form, and the order of day and
month is decided for the whole column, never value by value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from mlcore.data.levels import Levels
from mlcore.messages import Message, message

Moments = npt.NDArray[np.datetime64]

_TIME = (
    r"(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
    r"(?: ?(?P<p>[AaPp])\.?[Mm]\.?)?"
)
_MAYBE_TIME = rf"(?:(?:T|,? +){_TIME}(?P<z> ?(?:Z|UTC|GMT|[+-]\d{{2}}:?\d{{2}}))?)?"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAY = r"(?:(?:[Mm]on|[Tt]ue|[Ww]ed|[Tt]hu|[Ff]ri|[Ss]at|[Ss]un)[a-z]*\.?,? )?"
_MONTH = r"(?P<n>(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)\.?"

#: Written forms by code of their sentence; groups: y m d n(ame of month) a b (day and month in
#: unknown order) H M S f p(m) z(one).
_FORMS: dict[str, str] = {
    "iso": rf"(?P<y>\d{{4}})[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}}){_MAYBE_TIME}",
    "day_month": rf"(?P<a>\d{{1,2}})[-/.](?P<b>\d{{1,2}})[-/.](?P<y>\d{{4}}|\d{{2}}){_MAYBE_TIME}",
    "day_name": (
        rf"{_WEEKDAY}(?P<d>\d{{1,2}})[- ./]*{_MONTH}[- ,./]*(?P<y>\d{{4}}|\d{{2}}){_MAYBE_TIME}"
    ),
    "name_day": (
        rf"{_WEEKDAY}{_MONTH} (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}}){_MAYBE_TIME}"
    ),
    "month": r"(?P<y>\d{4})[-/](?P<m>\d{1,2})",
    "time": _TIME,
    "compact": (
        r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:T?(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})Z?)?"
    ),
}

#: Share of the rows that must be readable to take a column as dates.
MOSTLY = 0.95


@dataclass(frozen=True, eq=False)
class Dates:
    """What the values of a column are as points in time.

    Parameters
    ----------
    moments : array of shape (n_distinct,)
        ``datetime64[us]``; NaT where a value is no date. With a time zone, in UTC; a time alone
        stands on 1 January 1900.
    reason : Message
        The written form, and how day and month were told apart.
    """

    moments: Moments
    reason: Message


def read_dates(levels: Levels, compact: bool) -> Dates | None:
    """Read the values of a column as dates, or return ``None`` when no form fits any of them.

    Parameters
    ----------
    levels : Levels
        The column.
    compact : bool
        Whether eight digits without marks (20240131) may be dates.
    """
    best: Dates | None = None
    most = 0
    for name, pattern in _FORMS.items():
        if name == "compact" and not compact:
            continue
        dates = _read_form(levels, name, pattern)
        read = levels.rows_where(~np.isnat(dates.moments)) if dates else 0
        if read > most:
            best, most = dates, read
    return best


def _read_form(levels: Levels, name: str, pattern: str) -> Dates | None:
    parts = pc.extract_regex(levels.values, f"^{pattern}$")
    if parts.null_count == len(parts):
        return None
    if name == "day_month":
        return _read_day_month(levels, parts)
    zoned = "z" in _names(parts) and bool(pc.any(pc.not_equal(parts.field("z"), "")).as_py())
    code = "data.kind.date_zone" if zoned else f"data.kind.date_{name}"
    return Dates(_moments(parts), message(code))


def _names(parts: Any) -> list[str]:
    return [parts.type.field(place).name for place in range(parts.type.num_fields)]


def _read_day_month(levels: Levels, parts: Any) -> Dates:
    first, second = _integers(parts, "a"), _integers(parts, "b")
    day_first, month_first = _moments(parts, "a", "b"), _moments(parts, "b", "a")
    firsts = levels.rows_where((first > 12) & (second <= 12))
    seconds = levels.rows_where((second > 12) & (first <= 12))
    if firsts or seconds:
        if firsts >= seconds:
            return Dates(day_first, message("data.kind.date_day_first", count=firsts))
        return Dates(month_first, message("data.kind.date_month_first", count=seconds))
    ordered = [
        _is_ordered(levels.spread(m, np.datetime64("NaT"))) for m in (day_first, month_first)
    ]
    if ordered[0] != ordered[1]:
        code = (
            "data.kind.date_day_first_order" if ordered[0] else "data.kind.date_month_first_order"
        )
        return Dates(day_first if ordered[0] else month_first, message(code))
    if bool(pc.any(pc.not_equal(parts.field("p"), "")).as_py()):
        return Dates(month_first, message("data.kind.date_month_first_noon"))
    return Dates(day_first, message("data.kind.date_order_unknown"))


def _is_ordered(moments: Moments) -> bool:
    known = moments[~np.isnat(moments)]
    steps = np.diff(known).astype(np.int64)
    return bool(steps.size > 1 and ((steps >= 0).all() or (steps <= 0).all()))


def _integers(parts: Any, name: str, default: int = 0) -> npt.NDArray[np.int64]:
    """Return a group as whole numbers; ``default`` where it is empty or the form does not fit."""
    if name not in _names(parts):
        return np.full(len(parts), default, dtype=np.int64)
    text = pc.fill_null(pc.struct_field(parts, name), "")
    filled = pc.if_else(pc.equal(text, ""), str(default), text)
    return _whole(filled)


def _whole(digits: Any) -> npt.NDArray[np.int64]:
    return np.asarray(pc.cast(digits, "int64").to_numpy(zero_copy_only=False), dtype=np.int64)


def _moments(parts: Any, day: str = "d", month: str = "m") -> Moments:
    years = _years(parts)
    months = _month_names(parts) if "n" in _names(parts) else _integers(parts, month, 1)
    days = _integers(parts, day, 1)
    hours = _hours(parts)
    minutes, seconds = _integers(parts, "M"), _integers(parts, "S")
    fits = parts.is_valid().to_numpy(zero_copy_only=False) & (years >= 1)
    fits &= (months >= 1) & (months <= 12) & (days >= 1) & (days <= 31)
    fits &= (hours >= 0) & (hours < 24) & (minutes < 60) & (seconds < 60)
    month_start = ((years - 1970) * 12 + months - 1).astype("datetime64[M]")
    dates = month_start.astype("datetime64[D]") + (days - 1)
    fits &= dates.astype("datetime64[M]") == month_start
    clock = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + _microseconds(parts)
    moments: Moments = dates.astype("datetime64[us]") + (clock - _offset(parts))
    moments[~fits] = np.datetime64("NaT")
    return moments


def _years(parts: Any) -> npt.NDArray[np.int64]:
    if "y" not in _names(parts):
        return np.full(len(parts), 1900, dtype=np.int64)
    years = _integers(parts, "y")
    text = pc.fill_null(pc.struct_field(parts, "y"), "")
    short = pc.equal(pc.utf8_length(text), 2).to_numpy(zero_copy_only=False)
    # The usual rule for two digits: 69 … 99 are 19xx, 00 … 68 are 20xx.
    return np.where(short, np.where(years < 69, 2000, 1900) + years, years)


def _month_names(parts: Any) -> npt.NDArray[np.int64]:
    names = pc.fill_null(pc.struct_field(parts, "n"), "").to_pylist()
    return np.array([_MONTHS.index(n[:3].lower()) + 1 if n else 0 for n in names], dtype=np.int64)


def _hours(parts: Any) -> npt.NDArray[np.int64]:
    hours = _integers(parts, "H")
    if "p" not in _names(parts):
        return hours
    half = pc.utf8_lower(pc.fill_null(pc.struct_field(parts, "p"), "")).to_numpy(
        zero_copy_only=False
    )
    named = half != ""
    noon = np.where(half == "p", 12, 0)
    fits = (hours >= 1) & (hours <= 12)
    return np.asarray(np.where(named, np.where(fits, hours % 12 + noon, -1), hours))


def _microseconds(parts: Any) -> npt.NDArray[np.int64]:
    if "f" not in _names(parts):
        return np.zeros(len(parts), dtype=np.int64)
    text = pc.fill_null(pc.struct_field(parts, "f"), "")
    padded = pc.utf8_slice_codeunits(pc.utf8_rpad(text, 6, "0"), 0, 6)
    return _whole(padded)


def _offset(parts: Any) -> npt.NDArray[np.int64]:
    """Return the distance to UTC in microseconds."""
    if "z" not in _names(parts):
        return np.zeros(len(parts), dtype=np.int64)
    text = pc.fill_null(pc.struct_field(parts, "z"), "")
    found = pc.extract_regex(text, r"(?P<s>[+-])(?P<h>\d{2}):?(?P<m>\d{2})")
    sign = pc.fill_null(pc.struct_field(found, "s"), "").to_numpy(zero_copy_only=False)
    minutes = _integers(found, "h") * 60 + _integers(found, "m")
    return np.asarray(np.where(sign == "-", -1, 1) * minutes * 60_000_000, dtype=np.int64)
