"""A table on which every part of a pipeline has something to do, and ways to spoil its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from tables import make_dataset

from mlcore.data.dataset import Dataset, fingerprint
from mlcore.data.schema import ColumnKind

#: Kinds of the features of :func:`make_everything`, in the table's order.
KINDS = {
    "size": ColumnKind.NUMBER,
    "weight": ColumnKind.NUMBER,
    "hardly": ColumnKind.NUMBER,
    "colour": ColumnKind.CATEGORY,
    "tagged": ColumnKind.YES_NO,
    "town": ColumnKind.CATEGORY,
    "seldom": ColumnKind.CATEGORY,
    "seen": ColumnKind.DATETIME,
    "visit": ColumnKind.DATETIME,
    "remark": ColumnKind.TEXT,
}
FEATURES = tuple(KINDS)


def make_everything() -> Dataset:
    """96 rows with every kind of column, gaps in each, and labels missing here and there.

    ``town`` has too many categories for one-hot encoding; ``hardly``, ``seldom`` and ``visit``
    have a single value, so that the training rows of some fold hold none; ``remark`` has
    so many words that the model's input is sparse. Labels: ``species`` (three classes), ``grown``
    (two), ``price`` (a number).
    """
    n_rows = 96
    rng = np.random.default_rng(11)
    species = np.resize(["ant", "bee", "cat"], n_rows)
    size = rng.normal(np.select([species == "ant", species == "bee"], [1.0, 3.0], 5.0), 1.0)
    words = np.array([f"word{number:02d}" for number in range(90)])
    frame = pd.DataFrame(
        {
            "size": size,
            "weight": rng.gamma(2.0, 3.0, n_rows),
            "hardly": np.nan,
            "colour": _text(rng.choice(["red", "green", "blue"], n_rows)),
            "tagged": _text(rng.choice(["yes", "no"], n_rows)),
            "town": _text([f"town {number}" for number in rng.integers(0, 30, n_rows)]),
            "seldom": _text([None] * n_rows),
            "seen": pd.Timestamp("2023-01-30 07:15") + pd.to_timedelta(rng.permutation(n_rows), "D")
            + pd.to_timedelta(rng.integers(0, 1440, n_rows), "min"),
            "visit": pd.Series([pd.NaT] * n_rows, dtype="datetime64[us]"),
            "remark": _text([" ".join(rng.choice(words, 5)) for _ in range(n_rows)]),
            "species": _text(species),
            "grown": _text(np.where(size + rng.normal(0, 0.5, n_rows) > 3, "yes", "no")),
            "price": 10 + 2 * size + rng.normal(0, 0.5, n_rows),
        }
    )  # fmt: skip
    for position, name in enumerate(["size", "colour", "tagged", "town", "seen", "remark"]):
        frame.loc[position::13, name] = None
    frame.loc[20, "hardly"] = 1.5
    frame.loc[21, "seldom"] = "once"
    frame.loc[22, "visit"] = pd.Timestamp("2020-02-29")
    frame.loc[[5, 40, 77], ["species", "grown", "price"]] = None
    kinds = {**KINDS, "species": ColumnKind.CATEGORY, "grown": ColumnKind.YES_NO}
    return make_dataset(frame, kinds)


def _text(values: Sequence[object] | np.ndarray) -> pd.Series:
    return pd.Series(values, dtype="str")


def spoiled(dataset: Dataset, rows: Sequence[int] | np.ndarray) -> Dataset:
    """Return the table with nonsense in every cell of these rows; missing labels stay missing.

    The numbers are far off, yet not so far that a model which does learn from them breaks.
    """
    frame = dataset.frame.copy()
    place = np.zeros(len(frame), dtype=bool)
    place[rows] = True
    for name in frame.columns:
        values = frame[name]
        where = place if name in KINDS else place & values.notna().to_numpy()
        frame[name] = values.mask(where, _nonsense(values))
    return replace(dataset, frame=frame, fingerprint=fingerprint(frame))


def _nonsense(values: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(values):
        return pd.Series(pd.Timestamp("1931-07-19 13:37"), index=values.index, dtype=values.dtype)
    if pd.api.types.is_numeric_dtype(values):
        return 40.0 + 3.0 * pd.Series(np.arange(len(values)) % 5, index=values.index)
    # Values that exist, each in the wrong place, so that a label keeps its classes; and some not.
    turned = pd.Series(np.roll(values.to_numpy(), 7), index=values.index, dtype=values.dtype)
    return turned.fillna("nonsense") if values.name in KINDS else turned.fillna(values.mode()[0])


def strange_rows(dataset: Dataset) -> pd.DataFrame:
    """Return raw feature rows as they come in later: gaps, and values no training row had."""
    known = dataset.frame[list(FEATURES)].head(len(FEATURES)).copy()
    for position, name in enumerate(FEATURES):
        known.loc[position, name] = None
    empty = known.head(1).reindex([-1])
    unseen = dataset.frame[list(FEATURES)].head(1).copy()
    for name in FEATURES:
        unseen[name] = pd.Series(_unseen(unseen[name]), index=unseen.index)
    rows = pd.concat([known, empty.astype(known.dtypes), unseen.astype(known.dtypes)])
    return rows.reset_index(drop=True)


def _unseen(values: pd.Series) -> object:
    if pd.api.types.is_datetime64_any_dtype(values):
        return pd.Timestamp("2099-12-31 23:59")
    return -12.5 if pd.api.types.is_numeric_dtype(values) else "never heard of"
