"""Columns of dates as programs write them are read as the single dates are."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from mlcore.data.cells import read_date
from mlcore.data.dates import read_dates
from mlcore.data.levels import levels_of

#: Some are no dates; each stands among others that are.
CELLS = (
    *("2021-01-01", "2021-01-01 10:30", "2021-01-01T10:30:59", "0001-01-01", "9999-12-31 23:59:59"),
    *("2021-02-30", "0000-01-01", "2021-01-01 24:00", "2021-01-01 10:60", "2021-1-1 10:30:0"),
    *("2021-01-01 1030", "2021-01-01 10", "2021-01-01 10:30Z00", "2021/01/01", "20210101 1"),
    *("2021-W01-1", "-021-01-01", "+2021-01-1", "2021-01-01 10:30:60", "2021-13-01"),
    *("2021-01-01 10:30:00.25", "2021-01-01T10:30:00Z", "2021-01-01 10:30+02:00"),
)


@pytest.mark.parametrize("cell", CELLS)
def test_a_date_means_in_a_column_what_it_means_alone(cell: str) -> None:
    cells = ["2020-02-29", cell, "1970-01-01 00:00:01"]
    dates = read_dates(levels_of(pa.chunked_array([pa.array(cells, pa.large_string())])))
    assert dates is not None and dates.form == "iso"
    alone = [read_date(one, "iso", day_first=False) for one in cells]
    assert dates.moments.tolist() == alone
    assert dates.moments.dtype == np.dtype("datetime64[us]")
