"""Dates and times written as text.

No calendar library guesses here: a column must fit one written form (year-month-day is understood
beside any), and the order of day and month is decided for the whole column, never value by value.

What a single date means, once that is known, stands in ``cells.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mlcore.data.cells import DATE_FORMS, NO_YEAR, hour_of, month_of, year_of, zone_minutes
from mlcore.data.levels import Levels, cast_all
from mlcore.data.numerals import narrow
from mlcore.messages import Message, message

Moments = npt.NDArray[np.datetime64]

#: Forms of which a value such as 31 February can be told from something else.
WHOLE_DATES = ("iso", "day_month", "short_year", "day_name", "name_day", "characters")

#: Share of the rows that must be readable to take a column as dates.
MOSTLY = 0.95

#: Of values that are written as dates, so many at least must be in the calendar.
_REAL = 0.5

#: Where a month has that many days or more, they are seldom years of two digits as well.
_LATE_DAY = 28

#: The first and the last moment there is.
_FIRST, _LAST = np.datetime64(datetime.min), np.datetime64(datetime.max)

#: Of 2021-03-04, 2021-03-04 10:30 and 2021-03-04 10:30:00.
_PLAIN_LENGTHS = frozenset({10, 16, 19})

#: What a date such as 03/04/2021 means.
DAY_FIRST, MONTH_FIRST = "day first", "month first"


@dataclass(frozen=True, eq=False)
class Dates:
    """What the values of a column are as points in time.

    Parameters
    ----------
    moments : array of shape (n_distinct,)
        ``datetime64[us]``; NaT where a value is no date. With a time zone, in UTC; a time alone
        stands on 1 January 1900.
    written : array of shape (n_distinct,)
        Whether a value is written as a date, even if the calendar has none such.
    reason : Message
        The written form, and how day and month were told apart.
    form : str
        The written form: a key of :data:`~mlcore.data.cells.DATE_FORMS`.
    order : str, optional
        ``"day first"`` or ``"month first"``, where both are numbers and the year comes last.
    is_shown : bool
        Whether the values themselves show that order.
    is_doubtful : bool
        Whether day and month may as well be the other way round.
    is_year_doubtful : bool
        Whether the two digits of the year may as well stand at the other end.
    has_both : bool
        Whether nearly all values are such dates, some surely in one order and some in the other.
    """

    moments: Moments
    written: npt.NDArray[np.bool_]
    reason: Message
    form: str
    order: str | None = None
    is_shown: bool = False
    is_doubtful: bool = False
    is_year_doubtful: bool = False
    has_both: bool = False

    @property
    def readable(self) -> npt.NDArray[np.bool_]:
        """For each value whether it is a date."""
        return ~np.isnat(self.moments)


@dataclass(frozen=True, kw_only=True)
class DateHints:
    """What is known of the dates of a column beside its values.

    Parameters
    ----------
    compact : bool, default False
        Whether eight digits without marks (20240131) may be dates.
    codes : bool, default False
        Whether short groups of digits (1.10.12) are rather versions than dates.
    order : str, optional
        The order of day and month that the user chose.
    usual : str, optional
        The order that other columns of the file show.
    """

    compact: bool = False
    codes: bool = False
    order: str | None = None
    usual: str | None = None


def read_dates(levels: Levels, hints: DateHints | None = None) -> Dates | None:
    """Read the values of a column as dates, or return ``None`` when no form fits any of them."""
    hints = hints or DateHints()
    levels = replace(levels, values=narrow(levels.values))
    if not pc.any(pc.match_substring_regex(levels.values, r"\d")).as_py():
        return None
    if plain := _as_they_stand(levels.values):
        return plain
    best: Dates | None = None
    most = 0
    iso: Dates | None = None
    for name, pattern in DATE_FORMS.items():
        if name == "compact" and not hints.compact:
            continue
        dates = _read_form(levels, name, pattern, hints)
        if dates is None:
            continue
        is_real = levels.rows_where(dates.readable) >= _REAL * levels.rows_where(dates.written)
        if name == "iso":
            # Its dates are understood beside any form, even where most are none.
            iso = dates if is_real else replace(dates, written=dates.readable)
        if not is_real:
            continue
        if iso and name != "iso":
            dates = _with_iso(dates, iso)
        read = levels.rows_where(dates.readable)
        if read > most:
            best, most = dates, read
    return best


def _as_they_stand(values: Any) -> Dates | None:
    """Return dates that all are written as programs write them, in one go."""
    lengths = pc.unique(pc.binary_length(values)).to_pylist()
    if not _PLAIN_LENGTHS.issuperset(lengths):
        return None
    read = cast_all(values, pa.timestamp("us"))
    if read is None:
        return None
    moments = read.to_numpy(zero_copy_only=False)
    if not len(moments) or moments.min() < _FIRST:
        return None
    return Dates(moments, np.ones(len(moments), np.bool_), message("data.kind.date_iso"), "iso")


def _with_iso(dates: Dates, iso: Dates) -> Dates:
    """Return dates where year-month-day is read too, of which there is no doubt."""
    moments = np.where(dates.written, dates.moments, iso.moments)
    return replace(dates, moments=moments, written=dates.written | iso.written)


def _read_form(levels: Levels, name: str, pattern: str, hints: DateHints) -> Dates | None:
    if not levels.may_match(pattern):
        return None
    parts = pc.extract_regex(levels.values, f"^(?:{pattern})$")
    if parts.null_count == len(parts):
        return None
    written = parts.is_valid().to_numpy(zero_copy_only=False)
    if name in ("day_month", "short_year") and _is_code(levels, written, hints):
        return None
    if name == "day_month":
        return _read_day_month(levels, parts, written, hints)
    if name == "month" and _are_seasons(parts, written):
        return None
    moments = _moments(parts)
    if "n" in _names(parts):
        written &= _month_names(parts) > 0
    in_doubt = name == "short_year" and _may_end_with_year(levels, parts, written)
    if name not in WHOLE_DATES:
        written &= ~np.isnat(moments)
    zoned = "z" in _names(parts) and bool(pc.any(pc.not_equal(parts.field("z"), "")).as_py())
    code = "data.kind.date_zone" if zoned else f"data.kind.date_{name}"
    return Dates(moments, written, message(code), name, is_year_doubtful=in_doubt)


def _is_code(levels: Levels, written: npt.NDArray[np.bool_], hints: DateHints) -> bool:
    """Return whether values such as 1.10.12 are versions: points, and never a leading zero."""
    versions = levels.matching(r"\d{1,2}\.\d{1,2}\.\d{2}")
    if not versions.any() or not (versions | ~written).all():
        return False
    shows_date = levels.matching(r"0\d\..*|.*\.0\d\..*|(?:1[3-9]|[23]\d)\..*").any()
    return hints.codes or not shows_date


def _are_seasons(parts: Any, written: npt.NDArray[np.bool_]) -> bool:
    """Return whether all values are pairs of years, as 2009-10 and 2010-11."""
    years, months = _integers(parts, "y")[written], _integers(parts, "m")[written]
    return bool(((years + 1) % 100 == months).all())


def _read_day_month(
    levels: Levels, parts: Any, written: npt.NDArray[np.bool_], hints: DateHints
) -> Dates | None:
    first, second = _integers(parts, "a"), _integers(parts, "b")
    moments = {DAY_FIRST: _moments(parts, "a", "b"), MONTH_FIRST: _moments(parts, "b", "a")}
    firsts = levels.rows_where(written & (first > 12) & (second <= 12))
    seconds = levels.rows_where(written & (second > 12) & (first <= 12))
    begins_with_year, in_doubt = _begins_with_year(levels, parts, written, moments, hints)
    if begins_with_year:
        return None
    order, reason, is_shown, is_doubtful = _order(levels, parts, moments, hints, firsts, seconds)
    in_doubt |= not hints.order and _may_begin_with_year(levels, parts, written)
    is_usual = levels.rows_where(written) >= MOSTLY * levels.n_present
    if firsts and seconds:
        # Two orders in one column are no slip of the calendar.
        written = written & ~np.isnat(moments[order])
    both = bool(firsts and seconds and is_usual)
    return Dates(
        moments[order], written, reason, "day_month", order, is_shown, is_doubtful, in_doubt, both
    )


def _begins_with_year(
    levels: Levels,
    parts: Any,
    written: npt.NDArray[np.bool_],
    moments: dict[str, Moments],
    hints: DateHints,
) -> tuple[bool, bool]:
    """Return whether 24-01-31 begins with the year, and whether there is doubt that it does not.

    It looks so with few different beginnings and many ends; but so does the first of each month.
    Then the order of the rows tells, or else dashes and how late the days are.
    """
    texts = [pc.drop_null(pc.struct_field(parts, name)) for name in ("a", "y")]
    if not all(pc.all(pc.equal(pc.utf8_length(text), 2)).as_py() for text in texts):
        return False, False
    latest = max(map(int, pc.unique(texts[1]).to_pylist()))
    n_first, n_last = (int(pc.count_distinct(text).as_py()) for text in texts)
    if latest > 31 or 3 * n_first >= n_last:
        return False, False
    is_late = latest >= _LATE_DAY
    is_ordered = _in_order(levels, _moments(parts, day="y", month="b", year="a"))
    is_clear = is_ordered != any(_in_order(levels, read) for read in moments.values())
    # In order of the text, the first of each month is in order with the year first, too.
    if is_clear and (is_late or not is_ordered):
        return is_ordered, False
    if hints.order:
        return False, is_late
    return is_late or _may_begin_with_year(levels, parts, written), True


def _may_end_with_year(levels: Levels, parts: Any, written: npt.NDArray[np.bool_]) -> bool:
    """Return whether dates that were read year, month, day may as well begin with the day."""
    if (_integers(parts, "y")[written] > 31).any():
        return False
    if _integers(parts, "d")[written].max(initial=0) < _LATE_DAY:
        return True
    others = (_moments(parts, "y", "m", "d"), _moments(parts, "m", "y", "d"))
    others_ordered = any(_in_order(levels, read) for read in others)
    return others_ordered or not _in_order(levels, _moments(parts))


def _in_order(levels: Levels, moments: Moments) -> bool:
    """Return whether the rows follow each other in time, nearly all of them being dates."""
    read = levels.rows_where(~np.isnat(moments))
    is_read = read >= MOSTLY * levels.n_present
    return is_read and _is_ordered(levels.spread(moments, np.datetime64("NaT")))


def _may_begin_with_year(levels: Levels, parts: Any, written: npt.NDArray[np.bool_]) -> bool:
    """Return whether dates such as 24-01-12 may as well be written year, month, day."""
    dashed = levels.matching(r"\d{2}-\d{1,2}-\d{2}.*")
    return bool(dashed[written].all() and (_integers(parts, "y")[written] <= 31).all())


def _order(
    levels: Levels,
    parts: Any,
    moments: dict[str, Moments],
    hints: DateHints,
    firsts: int,
    seconds: int,
) -> tuple[str, Message, bool, bool]:
    """Return the order of day and month, why, whether the values show it, and whether in doubt."""
    if hints.order:
        return hints.order, _said(hints.order, "chosen"), True, False
    if firsts or seconds:
        order = DAY_FIRST if firsts >= seconds else MONTH_FIRST
        both = bool(firsts and seconds)
        return order, _said(order, count=max(firsts, seconds)), not both, both
    if hints.usual:
        return hints.usual, _said(hints.usual, "others"), False, False
    in_order = [
        order
        for order, read in moments.items()
        if _is_ordered(levels.spread(read, np.datetime64("NaT")))
    ]
    if len(in_order) == 1:
        return in_order[0], _said(in_order[0], "order"), True, False
    if bool(pc.any(pc.not_equal(parts.field("p"), "")).as_py()):
        return MONTH_FIRST, message("data.kind.date_month_first_noon"), False, False
    if _all_with_points(levels):
        return DAY_FIRST, message("data.kind.date_day_first_points"), False, False
    return DAY_FIRST, message("data.kind.date_order_unknown"), False, True


def _said(order: str, why: str = "", **facts: Any) -> Message:
    code = f"data.kind.date_{order.replace(' ', '_')}"
    return message(f"{code}_{why}" if why else code, **facts)


def _all_with_points(levels: Levels) -> bool:
    dates = levels.matching(r"\d{1,2}(?:[-/.]|\. )\d{1,2}(?:[-/.]|\. )\d{2}.*")
    return bool(levels.matching(r"\d{1,2}\. ?\d{1,2}\. ?\d{2}.*")[dates].all())


def _is_ordered(moments: Moments) -> bool:
    known = moments[~np.isnat(moments)]
    steps = np.diff(known).astype(np.int64)
    return bool(steps.size > 1 and ((steps >= 0).all() or (steps <= 0).all()))


def _names(parts: Any) -> list[str]:
    return [parts.type.field(place).name for place in range(parts.type.num_fields)]


def _integers(parts: Any, name: str, default: int = 0) -> npt.NDArray[np.int64]:
    """Return a group as whole numbers; ``default`` where it is empty or the form does not fit."""
    if name not in _names(parts):
        return np.full(len(parts), default, dtype=np.int64)
    text = pc.fill_null(pc.struct_field(parts, name), "")
    filled = pc.if_else(pc.equal(text, ""), str(default), text)
    return _whole(filled)


def _whole(digits: Any) -> npt.NDArray[np.int64]:
    return np.asarray(pc.cast(digits, "int64").to_numpy(zero_copy_only=False), dtype=np.int64)


def _moments(parts: Any, day: str = "d", month: str = "m", year: str = "y") -> Moments:
    years = _years(parts, year)
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
    # In another zone the year may be none that a calendar has.
    fits &= (moments >= _FIRST) & (moments <= _LAST)
    moments[~fits] = np.datetime64("NaT")
    return moments


def _years(parts: Any, group: str) -> npt.NDArray[np.int64]:
    if group not in _names(parts):
        return np.full(len(parts), NO_YEAR, dtype=np.int64)
    return _each(pc.fill_null(pc.struct_field(parts, group), "0"), year_of)


def _month_names(parts: Any) -> npt.NDArray[np.int64]:
    return _each(pc.fill_null(pc.struct_field(parts, "n"), ""), month_of)


def _hours(parts: Any) -> npt.NDArray[np.int64]:
    if "p" not in _names(parts) or not pc.any(pc.not_equal(parts.field("p"), "")).as_py():
        return _integers(parts, "H")
    fields = [pc.fill_null(pc.struct_field(parts, name), "") for name in ("H", "p")]
    both = pc.binary_join_element_wise(*fields, pa.scalar(" ", pa.large_string()))
    return _each(both, lambda texts: hour_of(*texts.split(" ")))


def _each(texts: Any, meaning: Callable[[str], int]) -> npt.NDArray[np.int64]:
    """Return the number that each text means; different texts are looked at once."""
    found = pa.array(texts).dictionary_encode()
    numbers = np.array([meaning(text) for text in found.dictionary.to_pylist()], dtype=np.int64)
    return np.asarray(numbers[found.indices.to_numpy(zero_copy_only=False)])


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
    return 60_000_000 * _each(pc.fill_null(pc.struct_field(parts, "z"), ""), zone_minutes)
