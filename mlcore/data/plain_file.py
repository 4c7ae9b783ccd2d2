"""A table as a file that every program reads alike."""

from __future__ import annotations

import pandas as pd

#: Whole numbers up to here stand as such; a float keeps all of their digits.
_EXACT = 2.0**53


def as_csv(frame: pd.DataFrame) -> bytes:
    """Return a typed table as CSV: UTF-8, commas, decimal points, dates as year-month-day.

    Missing cells are empty. What a spreadsheet would take for a formula stays as it is: the file
    is for programs, which are to find every value again.

    Parameters
    ----------
    frame : DataFrame
        Numbers, dates and text.
    """
    written = frame.assign(**{
        str(name): frame[name].astype("Int64") for name in frame.columns if _is_whole(frame[name])
    })  # fmt: skip
    text: str = written.to_csv(index=False, lineterminator="\n")
    return text.encode("utf-8")


def name_as_read(file_name: str) -> str:
    """Return what such a file is called that was made of another.

    >>> name_as_read("sales.csv.gz")
    'sales-as-read.csv'
    """
    stem = file_name.split(".", 1)[0].strip()
    return f"{stem or 'table'}-as-read.csv"


def _is_whole(column: pd.Series) -> bool:
    if column.dtype.kind != "f":
        return False
    known = column.dropna()
    return bool(len(known) and (known % 1 == 0).all() and (known.abs() < _EXACT).all())
