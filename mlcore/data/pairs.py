"""Two columns against each other: the frame of the right chart for their kinds.

Large tables are put together before anything is drawn: a frame has some thousand lines at most,
whatever the number of rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlcore.data.dataset import Dataset
from mlcore.data.profile import MOST_LEVELS, OTHERS, as_numbers, bin_edges, interval_names
from mlcore.data.relations import AMOUNTS, NAMES
from mlcore.data.schema import ColumnKind

#: Up to so many rows are drawn one by one; more are counted in cells.
MOST_DRAWN = 2000
#: Cells across and up.
CELLS = 40
#: Categories of the second column that are told apart where shares are shown.
MOST_SHARES = 12
#: Periods on an axis of time at most, unless even years are more.
MOST_PERIODS = 60
#: How much is left out at each end where the outermost values are not wanted.
TRIMMED = 0.005

Moments: TypeAlias = npt.NDArray[Any]


class PairKind(StrEnum):
    """Which chart suits two columns."""

    POINTS = "points"
    CELLS = "cells"
    BOXES = "boxes"
    SHARES = "shares"
    PERIODS = "periods"


@dataclass(frozen=True, kw_only=True, eq=False)
class Pair:
    """Two columns against each other, ready to be drawn.

    Parameters
    ----------
    kind : PairKind
        Which chart suits them.
    x, y : str
        The columns across and up.
    frame : DataFrame
        What is drawn. Points: ``x``, ``y``. Cells: ``x_start``, ``x_end``, ``y_start``, ``y_end``,
        ``x`` and ``y`` (text), ``rows``, empty cells included. Boxes: ``level``, ``rows``,
        ``mean``, ``p5``, ``q1``, ``median``, ``q3``, ``p95``. Shares: ``x_level``, ``y_level``,
        ``rows``, ``share`` (of the rows of ``x_level``). Periods: ``period`` (text), ``start``,
        ``rows``, ``mean``, ``q1``, ``median``, ``q3``.
    rows : int
        Rows that have both values and are drawn.
    missing : int
        Rows left out because a value is missing.
    trimmed : int
        Rows left out because a value is among the outermost.
    """

    kind: PairKind
    x: str
    y: str
    frame: pd.DataFrame
    rows: int
    missing: int
    trimmed: int


def pair_frame(dataset: Dataset, first: str, second: str, *, trim: bool = False) -> Pair:
    """Return what to draw of two columns; all rows count, none is drawn by lot.

    Parameters
    ----------
    dataset : Dataset
        Frame and schema.
    first, second : str
        Two different columns that are numbers, dates, categories or yes/no.
    trim : bool, default False
        Whether to leave out rows with a number or date beyond the 0.5 % and 99.5 % quantile.
    """
    x, y = _placed(dataset, first, second)
    both = dataset.frame[[x, y]].dropna()
    missing = len(dataset.frame) - len(both)
    kept = both[_inner(dataset, both)] if trim and len(both) else both
    kind = _kind(dataset, x, y, len(kept))
    frame = _DRAWN[kind](kept[x], kept[y])
    return Pair(
        kind=kind,
        x=x,
        y=y,
        frame=frame,
        rows=len(kept),
        missing=missing,
        trimmed=len(both) - len(kept),
    )


def _placed(dataset: Dataset, first: str, second: str) -> tuple[str, str]:
    """Return which column runs across and which one up: time and categories run across."""
    one, other = dataset.schema[first].kind, dataset.schema[second].kind
    turned = (other is ColumnKind.DATETIME and one is not ColumnKind.DATETIME) or (
        other in NAMES and one is ColumnKind.NUMBER
    )
    return (second, first) if turned else (first, second)


def _kind(dataset: Dataset, x: str, y: str, n_rows: int) -> PairKind:
    across, up = dataset.schema[x].kind, dataset.schema[y].kind
    if up in NAMES:
        return PairKind.SHARES
    if across in NAMES:
        return PairKind.BOXES
    if across is ColumnKind.DATETIME and up is ColumnKind.NUMBER:
        return PairKind.PERIODS
    return PairKind.POINTS if n_rows <= MOST_DRAWN else PairKind.CELLS


def _inner(dataset: Dataset, both: pd.DataFrame) -> npt.NDArray[np.bool_]:
    kept = np.ones(len(both), dtype=np.bool_)
    for name in both.columns:
        if dataset.schema[name].kind in AMOUNTS:
            values = as_numbers(both[name])
            low, high = np.quantile(values, [TRIMMED, 1 - TRIMMED], method="nearest")
            kept &= (values >= low) & (values <= high)
    return kept


def _points(x: pd.Series, y: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({"x": x.to_numpy(), "y": y.to_numpy()})


def _cells(x: pd.Series, y: pd.Series) -> pd.DataFrame:
    edges = [bin_edges(values, CELLS) for values in (x, y)]
    columns, lines = (
        np.clip(np.searchsorted(edge, as_numbers(values), side="right") - 1, 0, len(edge) - 2)
        for edge, values in zip(edges, (x, y), strict=True)
    )
    n_across, n_up = len(edges[0]) - 1, len(edges[1]) - 1
    counts = np.bincount(columns * n_up + lines, minlength=n_across * n_up)
    starts, ends = zip(*(_borders(e, v) for e, v in zip(edges, (x, y), strict=True)), strict=True)
    return pd.DataFrame(
        {
            "x_start": np.repeat(starts[0], n_up),
            "x_end": np.repeat(ends[0], n_up),
            "y_start": np.tile(starts[1], n_across),
            "y_end": np.tile(ends[1], n_across),
            "x": np.repeat(np.array(_names(edges[0], x), dtype=object), n_up),
            "y": np.tile(np.array(_names(edges[1], y), dtype=object), n_across),
            "rows": counts,
        }
    )


def _names(edges: npt.NDArray[np.float64], values: pd.Series) -> list[str]:
    if values.dtype.kind == "M":
        return [f"{start} to {end}" for start, end in pairwise(_days(edges))]
    return interval_names(edges, as_numbers(values))


def _days(edges: npt.NDArray[np.float64]) -> list[str]:
    return [str(day) for day in edges.astype("datetime64[us]").astype("datetime64[D]")]


def _borders(
    edges: npt.NDArray[np.float64], values: pd.Series
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return where intervals start and end, as dates where the values are dates."""
    borders: Any = pd.Series(edges)
    if values.dtype.kind == "M":
        borders = pd.Series(pd.to_datetime(edges.astype("int64"), unit="us"))
    return borders.iloc[:-1].to_numpy(), borders.iloc[1:].to_numpy()


def _levels(values: pd.Series, most: int) -> tuple[npt.NDArray[np.intp], list[str]]:
    """Return the place of each row and the names, the most frequent first, the others last."""
    frequent = values.value_counts().index[:most]
    places = pd.Index(frequent).get_indexer(pd.Index(values)).astype(np.intp)
    names = [str(level) for level in frequent]
    if (places < 0).any():
        places = np.where(places < 0, len(names), places)
        names.append(OTHERS)
    return places, names


def _boxes(x: pd.Series, y: pd.Series) -> pd.DataFrame:
    places, names = _levels(x, MOST_LEVELS)
    frame = _summaries(places, y)
    frame.insert(0, "level", [names[place] for place in frame.index])
    return frame.reset_index(drop=True)


def _summaries(places: npt.NDArray[np.intp], amounts: pd.Series) -> pd.DataFrame:
    """Return rows, mean and quantiles of numbers for each place that has any."""
    values = as_numbers(amounts)
    order = np.lexsort((values, places))
    there, first, counts = np.unique(places[order], return_index=True, return_counts=True)
    values = values[order]
    frame = pd.DataFrame({"rows": counts}, index=there)
    # Divided before they are added up, for the largest numbers there are.
    parts = values / np.repeat(counts, counts)
    frame["mean"] = np.add.reduceat(parts, first) if len(there) else parts
    for name, share in (("p5", 0.05), ("q1", 0.25), ("median", 0.5), ("q3", 0.75), ("p95", 0.95)):
        frame[name] = _quantile(values, first, counts, share)
    return frame


def _quantile(
    values: npt.NDArray[np.float64],
    first: npt.NDArray[np.int64],
    counts: npt.NDArray[np.int64],
    share: float,
) -> npt.NDArray[np.float64]:
    """Return a quantile of each stretch of sorted values, between neighbours in proportion."""
    place = share * (counts - 1)
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, counts - 1)
    weight = place - below
    return np.asarray(values[first + below] * (1 - weight) + values[first + above] * weight)


def _shares(x: pd.Series, y: pd.Series) -> pd.DataFrame:
    if x.dtype.kind == "M":
        across, starts = _periods_of(x)
        x_names = starts["period"].tolist()
    else:
        across, x_names = _levels(x, MOST_LEVELS)
    up, y_names = _levels(y, MOST_SHARES)
    counts = np.bincount(across * len(y_names) + up, minlength=len(x_names) * len(y_names))
    table = counts.reshape(len(x_names), len(y_names))
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    return pd.DataFrame(
        {
            "x_level": np.repeat(np.array(x_names, dtype=object), len(y_names)),
            "y_level": np.tile(np.array(y_names, dtype=object), len(x_names)),
            "rows": counts,
            "share": shares.ravel(),
        }
    )


def _periods(x: pd.Series, y: pd.Series) -> pd.DataFrame:
    places, starts = _periods_of(x)
    summaries = _summaries(places, y)[["rows", "mean", "q1", "median", "q3"]]
    return starts.loc[summaries.index].join(summaries).reset_index(drop=True)


def _periods_of(moments: pd.Series) -> tuple[npt.NDArray[np.intp], pd.DataFrame]:
    """Return the period of each row, and all periods in order: ``period``, ``start``.

    Hours, days, weeks, months, quarters or years: the finest of which there are at most 60
    between the first and the last moment.
    """
    stamps = moments.to_numpy().astype("datetime64[us]")
    for name in ("hour", "day", "week", "month", "quarter", "year"):
        starts = _floored(stamps, name)
        if name == "year" or not len(starts) or _steps(starts, name) < MOST_PERIODS:
            break
    different, places = np.unique(starts, return_inverse=True)
    names = [_period_name(start, name) for start in different]
    frame = pd.DataFrame({"period": names, "start": different.astype("datetime64[us]")})
    return places.astype(np.intp), frame


def _floored(stamps: Moments, period: str) -> Moments:
    if period == "week":
        # The first of January 1970 was a Thursday.
        days = stamps.astype("datetime64[D]")
        return np.asarray(days - (days.astype(np.int64) + 3) % 7)
    if period == "quarter":
        months = stamps.astype("datetime64[M]")
        return np.asarray(months - months.astype(np.int64) % 3)
    units = {"hour": "h", "day": "D", "month": "M", "year": "Y"}
    return stamps.astype(f"datetime64[{units[period]}]")


def _steps(starts: Moments, period: str) -> int:
    length = {"week": 7, "quarter": 3}.get(period, 1)
    return int((starts.max() - starts.min()).astype(np.int64)) // length


def _period_name(start: np.datetime64, period: str) -> str:
    if period == "hour":
        return str(start).replace("T", " ") + ":00"
    if period == "quarter":
        year, month = str(start).rsplit("-", 1)
        return f"{year} Q{(int(month) + 2) // 3}"
    return str(start)


_DRAWN = {
    PairKind.POINTS: _points,
    PairKind.CELLS: _cells,
    PairKind.BOXES: _boxes,
    PairKind.SHARES: _shares,
    PairKind.PERIODS: _periods,
}
