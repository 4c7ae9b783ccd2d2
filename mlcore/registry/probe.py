"""Rows that put a copied model to the test: ordinary ones, and everything that can go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mlcore.data.schema import ColumnKind

#: A category that no table has.
UNSEEN = "(a value that did not occur in training)"

#: Fewest rows on which a file is compared with its original.
LEAST_ROWS = 1000

#: Kinds with a range.
_MEASURED = (ColumnKind.NUMBER, ColumnKind.DATETIME)


def probe_rows(
    features: pd.DataFrame, kinds: Mapping[str, ColumnKind], n_rows: int = 200
) -> pd.DataFrame:
    """Return rows of the table and, behind them, rows with gaps, unseen and extreme values.

    Parameters
    ----------
    features : DataFrame of shape (n, n_features)
        Raw feature columns, at least one row.
    kinds : mapping of str to ColumnKind
        Kind of each column.
    n_rows : int, default 200
        How many rows of the table to take, evenly spread.

    Returns
    -------
    DataFrame
        The rows taken; one row with a gap in each single column; one with every value missing;
        three with unseen categories and numbers and dates at, far below and far above the
        range. Columns and types are those of ``features``.
    """
    places = np.unique(np.linspace(0, len(features) - 1, n_rows).round().astype(int))
    ordinary = features.iloc[places]
    # Assigning whole columns keeps their types, which appended rows would not.
    positions = np.arange(len(features.columns) + 4)
    odd = features.iloc[np.resize(places, len(positions))].reset_index(drop=True)
    columns = {
        name: _with_oddities(odd[name], features[name], kinds[name], number)
        for number, name in enumerate(features.columns)
    }
    return pd.concat([ordinary, pd.DataFrame(columns)], ignore_index=True)


def _with_oddities(odd: pd.Series, column: pd.Series, kind: ColumnKind, number: int) -> pd.Series:
    odd = odd.copy()
    last = len(odd)
    odd.iloc[number] = None
    odd.iloc[last - 4] = None
    for place, value in enumerate(_extremes(column, kind)):
        odd.iloc[last - 3 + place] = value
    return odd


def _extremes(column: pd.Series, kind: ColumnKind) -> tuple[Any, Any, Any]:
    present = column.dropna()
    if kind not in _MEASURED:
        return UNSEEN, f"{UNSEEN} 2", ""
    if present.empty:
        return None, None, None
    low, high = present.min(), present.max()
    spread = high - low
    return low, low - 10 * spread, high + 10 * spread


def hard_rows(
    features: pd.DataFrame, kinds: Mapping[str, ColumnKind], n_rows: int = 1200, seed: int = 0
) -> pd.DataFrame:
    """Return the many rows on which a file is compared with its original, half of them spoilt.

    Parameters
    ----------
    features : DataFrame of shape (n, n_features)
        Raw feature columns, at least one row.
    kinds : mapping of str to ColumnKind
        Kind of each column.
    n_rows : int, default 1200
        How many rows, besides those of :func:`probe_rows`.
    seed : int, default 0
        Decides which cells are spoilt.

    Returns
    -------
    DataFrame
        The rows of :func:`probe_rows`; rows of the table, drawn evenly; and as many rows whose
        cells come from different rows each, every fifth cell missing, unseen or extreme. Text is
        never empty: an empty cell is a missing one. Columns and types are those of ``features``.
    """
    rng = np.random.default_rng(seed)
    places = np.linspace(0, len(features) - 1, n_rows - n_rows // 2).round().astype(int)
    mixed = {
        name: _spoilt(features[name], kinds[name], n_rows // 2, rng) for name in features.columns
    }
    parts = [probe_rows(features, kinds), features.iloc[places], pd.DataFrame(mixed)]
    rows = pd.concat(parts, ignore_index=True)
    texts = [name for name in features.columns if kinds[name] not in _MEASURED]
    return rows.assign(**{name: rows[name].mask(rows[name] == "") for name in texts})


def _spoilt(
    column: pd.Series, kind: ColumnKind, n_rows: int, rng: np.random.Generator
) -> pd.Series:
    drawn = column.iloc[rng.integers(len(column), size=n_rows)].reset_index(drop=True)
    odd = (None, *_extremes(column, kind))
    spoilt = np.flatnonzero(rng.random(n_rows) < 0.2)
    which = rng.integers(len(odd), size=len(spoilt))
    for number, value in enumerate(odd):
        drawn.iloc[spoilt[which == number]] = value
    return drawn
