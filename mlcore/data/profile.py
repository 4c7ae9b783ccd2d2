"""What the columns of a table look like: tidy frames for the overview and for one column."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlcore.data.dataset import Dataset
from mlcore.data.schema import Column, ColumnKind

#: Bars in the small figure of the overview, and in a full figure.
OVERVIEW_BINS, FIGURE_BINS = 20, 40

#: Levels that are drawn one by one, and classes that are compared; the others are put together.
MOST_LEVELS, MOST_GROUPS = 30, 10

#: The word for all levels beyond these.
OTHERS = "(others)"

#: The word for missing values in a comparison.
ABSENT = "(missing)"

#: A day in microseconds, the width of the only bar when all dates are the same.
_DAY = 86_400e6

_MEASURED = (ColumnKind.NUMBER, ColumnKind.DATETIME)


def overview_frame(dataset: Dataset) -> pd.DataFrame:
    """Return one line for each column of a table.

    Parameters
    ----------
    dataset : Dataset
        Frame and schema.

    Returns
    -------
    DataFrame
        ``column``, ``kind``, ``reason`` (a sentence), ``role``, ``missing`` (rows),
        ``missing_share`` (0 … 1), ``unreadable`` (rows), ``distinct``, ``typical`` (text: the
        median, or the most frequent value with its share), ``minimum``, ``median``, ``maximum``
        (NaN unless the column holds numbers), ``most_frequent`` (text; missing for numbers and
        dates), ``distribution`` (at most 20 bar heights in rows: of equal intervals for numbers
        and dates, of the most frequent values for all others).
    """
    lines = [_overview_line(dataset.frame[c.name], c) for c in dataset.schema.columns]
    return pd.DataFrame(lines)


def _overview_line(values: pd.Series, column: Column) -> dict[str, Any]:
    n_rows = max(len(values), 1)
    line: dict[str, Any] = {
        "column": column.name,
        "kind": column.kind.value,
        "reason": str(column.reason),
        "role": column.role.value,
        "missing": column.missing,
        "missing_share": column.missing / n_rows,
        "unreadable": column.unreadable,
        "distinct": column.distinct,
        "typical": "",
        "minimum": np.nan,
        "median": np.nan,
        "maximum": np.nan,
        "most_frequent": None,
        "distribution": [],
    }
    present = values.dropna()
    if present.empty:
        return line
    return line | (_measured(present) if column.kind in _MEASURED else _named(present))


def _measured(present: pd.Series) -> dict[str, Any]:
    numbers = as_numbers(present)
    heights, _ = np.histogram(numbers, bins=bin_edges(present, OVERVIEW_BINS))
    described: dict[str, Any] = {"distribution": heights.tolist()}
    if present.dtype.kind == "M":
        return described | {"typical": f"{_day(present.min())} to {_day(present.max())}"}
    # The mean of the middle two is taken of their halves, so that the largest do not overflow.
    scale = 2.0 if float(np.abs(numbers).max()) > 1e300 else 1.0
    median = scale * float(np.median(numbers / scale))
    return described | {
        "typical": f"{median:.6g}",
        "minimum": float(numbers.min()),
        "median": median,
        "maximum": float(numbers.max()),
    }


def _day(moment: Any) -> str:
    return str(pd.Timestamp(moment).date())


def _named(present: pd.Series) -> dict[str, Any]:
    counts = present.value_counts()
    first, rows = str(counts.index[0]), int(counts.iloc[0])
    share = 1.0 if rows == len(present) else min(rows / len(present), 0.99)
    return {
        "typical": f"{_shortened(first)} ({share:.0%})",
        "most_frequent": first,
        "distribution": counts.iloc[:OVERVIEW_BINS].astype(int).tolist(),
    }


def _shortened(text: str, most: int = 40) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def as_numbers(present: pd.Series) -> npt.NDArray[np.float64]:
    """Return numbers as they are and dates as microseconds since 1970, without gaps."""
    if present.dtype.kind == "M":
        present = present.astype("datetime64[us]").astype("int64")
    return np.asarray(present.to_numpy(), dtype=np.float64)


def _are_whole(numbers: npt.NDArray[np.float64]) -> bool:
    return bool((numbers == np.floor(numbers)).all())


def bin_edges(present: pd.Series, most: int) -> npt.NDArray[np.float64]:
    """Return bin borders: whole numbers get bins of equally many numbers, others equal widths."""
    numbers, dates = as_numbers(present), present.dtype.kind == "M"
    low, high = float(numbers.min()), float(numbers.max())
    if low == high and dates:
        return np.array([low, low + _DAY])
    if low == high:
        return np.array([low - 0.5, high + 0.5]) if abs(low) < 2**50 else np.sort([low, low / 2])
    if not dates and high - low < 2**50 and _are_whole(numbers):
        width = max(1, int(np.ceil((high - low + 1) / most)))
        n_bins = int(np.ceil((high - low + 1) / width))
        return np.asarray(low - 0.5 + width * np.arange(n_bins + 1), dtype=np.float64)
    # Halved and doubled, so that the widest range there is does not overflow; borders fall
    # together when numbers are too close to be told apart.
    edges: npt.NDArray[np.float64] = np.unique(2 * np.linspace(low / 2, high / 2, most + 1))
    return edges if len(edges) > 1 else np.array([low, high])


def distribution_frame(dataset: Dataset, column: str, by: str | None = None) -> pd.DataFrame:
    """Return how the values of a column are distributed, for a figure.

    Parameters
    ----------
    dataset : Dataset
        Frame and schema.
    column : str
        The column.
    by : str, optional
        A column to compare by, usually the label. Its ten most frequent values are told apart;
        numbers with more than ten different values are cut into quarters.

    Returns
    -------
    DataFrame
        One line for each bar and group, empty bars included: ``position`` (0 …, the order of the
        bars), ``level`` (text), ``start`` and ``end`` (borders of an interval; for dates
        ``datetime64``; missing for named values), ``group`` (text; empty without ``by``),
        ``count`` (rows) and ``share`` (of the group's rows that have a value).

    Raises
    ------
    UserError
        A column does not exist.
    """
    described = dataset.schema[column]
    values = dataset.frame[column]
    groups = _groups(dataset, by)
    present = values.notna().to_numpy()
    if described.kind in _MEASURED and present.any():
        bars, places = _intervals(values[present])
    else:
        bars, places = _levels(values[present])
    return _counted(bars, places, groups[present])


def _groups(dataset: Dataset, by: str | None) -> pd.Series:
    if by is None:
        return pd.Series("", index=dataset.frame.index, dtype="str")
    column, values = dataset.schema[by], dataset.frame[by]
    if column.kind is ColumnKind.NUMBER and column.distinct > MOST_GROUPS:
        quarters = pd.qcut(values, 4, duplicates="drop")
        names = {cut: f"{cut.left:.4g} to {cut.right:.4g}" for cut in quarters.cat.categories}
        return quarters.astype(object).map(names).fillna(ABSENT).astype("str")
    named = values.map(_level_name, na_action="ignore").astype("str")
    frequent = named.value_counts().index[:MOST_GROUPS]
    return named.where(named.isin(frequent) | named.isna(), OTHERS).fillna(ABSENT)


def _level_name(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)


def _intervals(present: pd.Series) -> tuple[pd.DataFrame, npt.NDArray[np.intp]]:
    numbers = as_numbers(present)
    edges = bin_edges(present, FIGURE_BINS)
    places = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, len(edges) - 2)
    if present.dtype.kind == "M":
        borders: Any = pd.Series(pd.to_datetime(edges.astype("int64"), unit="us"))
        level = [str(start.date()) for start in borders[:-1]]
    else:
        borders = pd.Series(edges)
        level = interval_names(edges, numbers)
    bars = pd.DataFrame(
        {
            "level": level,
            "start": borders.iloc[:-1].to_numpy(),
            "end": borders.iloc[1:].to_numpy(),
        }
    )
    return bars, places


def interval_names(edges: npt.NDArray[np.float64], numbers: npt.NDArray[np.float64]) -> list[str]:
    """Return the names of the intervals between borders: of whole numbers, the numbers in them."""
    name = _whole_name if _are_whole(numbers) else _interval_name
    digits = next((n for n in range(4, 17) if len({f"{e:.{n}g}" for e in edges}) == len(edges)), 17)
    return [name(a, b, digits) for a, b in zip(edges[:-1], edges[1:], strict=True)]


def _whole_name(start: float, end: float, digits: int) -> str:
    # Zero is added because of what lies just below it: -0.
    first, last = np.ceil(start) + 0.0, np.floor(end) + 0.0
    digits = max(digits, 10)
    return f"{first:.{digits}g}" if first == last else f"{first:.{digits}g} to {last:.{digits}g}"


def _interval_name(start: float, end: float, digits: int) -> str:
    return f"{start:.{digits}g} to {end:.{digits}g}"


def _levels(present: pd.Series) -> tuple[pd.DataFrame, npt.NDArray[np.intp]]:
    frequent = present.value_counts().index[:MOST_LEVELS]
    places = pd.Index(frequent).get_indexer(pd.Index(present)).astype(np.intp)
    names = [str(level) for level in frequent]
    if (places < 0).any():
        places = np.where(places < 0, len(names), places)
        names.append(OTHERS)
    return pd.DataFrame({"level": names, "start": np.nan, "end": np.nan}), places


def _counted(bars: pd.DataFrame, places: npt.NDArray[np.intp], groups: pd.Series) -> pd.DataFrame:
    codes, names = pd.factorize(groups, sort=True)
    counts = np.zeros((max(len(names), 1), len(bars)), dtype=np.int64)
    np.add.at(counts, (codes, places), 1)
    parts = []
    for row, name in zip(counts, names, strict=False):
        part = bars.copy()
        part.insert(0, "position", np.arange(len(bars)))
        part["group"] = name
        part["count"] = row
        part["share"] = row / max(int(row.sum()), 1)
        parts.append(part)
    if parts:
        return pd.concat(parts, ignore_index=True)
    columns = ["position", "level", "start", "end", "group", "count", "share"]
    return pd.DataFrame(columns=columns)
