"""How the values of a column lay in training: counts, to compare later rows with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlcore.data.schema import ColumnKind

#: Shares of the training rows that lie at or below the edges between bins.
TENTHS = tuple(round(number / 10, 1) for number in range(1, 10))

_MEASURED = (ColumnKind.NUMBER, ColumnKind.DATETIME)

Counts = npt.NDArray[np.float64]


def learnt_summary(
    present: pd.Series, kind: ColumnKind, categories: Sequence[str] | None
) -> tuple[tuple[float | str, ...] | None, tuple[int, ...]]:
    """Return the edges between the bins of a column, and how many values fell into each.

    Parameters
    ----------
    present : Series
        The values of training, without gaps.
    kind : ColumnKind
        Of the column.
    categories : sequence of str, optional
        Known values of a category.

    Returns
    -------
    edges : tuple of float or str, optional
        Of numbers and dates (ISO 8601): the distinct tenths, each a value that occurs. The n-th bin
        holds what lies above the edge before and not above its own; the last one all above.
    counts : tuple of int
        Of each bin; of each category in their order and, last, of all others; of the whole column
        where it is text.
    """
    if kind in _MEASURED:
        edges = _edges(present, kind)
        feature: dict[str, Any] = {"kind": kind.value, "edges": edges, "categories": None}
    else:
        edges = None
        feature = {"kind": kind.value, "edges": None, "categories": categories}
    counts = counted(feature, present.tolist())
    return edges, tuple(int(count) for count in counts)


def _edges(present: pd.Series, kind: ColumnKind) -> tuple[float | str, ...]:
    if present.empty:
        return ()
    found = present.quantile(list(TENTHS), interpolation="lower").drop_duplicates()
    if kind is ColumnKind.NUMBER:
        return tuple(float(edge) for edge in found)
    return tuple(pd.Timestamp(edge).isoformat().removesuffix("T00:00:00") for edge in found)


def counted(feature: Mapping[str, Any], values: Iterable[Any]) -> Counts:
    """Return how many values fall into each bin of a column.

    Parameters
    ----------
    feature : mapping
        The column, as in ``input_schema.json``: ``kind``, ``edges``, ``categories``.
    values : iterable
        Typed values without gaps: numbers, dates or text.
    """
    if feature["edges"] is not None:
        edges = edge_values(feature)
        dtype = np.float64 if feature["kind"] == ColumnKind.NUMBER.value else "datetime64[us]"
        places = np.searchsorted(np.array(edges, dtype), np.array(list(values), dtype))
        return np.bincount(places, minlength=len(edges) + 1).astype(np.float64)
    known = {name: place for place, name in enumerate(feature["categories"] or ())}
    places = np.array([known.get(value, len(known)) for value in values], dtype=np.intp)
    return np.bincount(places, minlength=len(known) + 1).astype(np.float64)


def edge_values(feature: Mapping[str, Any]) -> list[float] | list[datetime]:
    """Return the edges of a column of numbers or dates, typed."""
    if feature["kind"] == ColumnKind.NUMBER.value:
        return [float(edge) for edge in feature["edges"] or ()]
    return [datetime.fromisoformat(edge) for edge in feature["edges"] or ()]
