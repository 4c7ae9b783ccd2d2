"""Which columns lack values, and which of them lack values in the same rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlcore.data.dataset import Dataset

#: Patterns that are told one by one; the others are put together.
MOST_PATTERNS = 20


def missing_frame(dataset: Dataset) -> pd.DataFrame:
    """Return how many values each column lacks.

    Parameters
    ----------
    dataset : Dataset
        Frame and schema.

    Returns
    -------
    DataFrame
        One line for each column that lacks any, most first: ``column``, ``rows`` (without a
        value), ``share`` (of all rows).
    """
    n_rows = max(len(dataset.frame), 1)
    lines = [
        {"column": column.name, "rows": column.missing, "share": column.missing / n_rows}
        for column in dataset.schema.columns
        if column.missing
    ]
    frame = pd.DataFrame(lines, columns=["column", "rows", "share"])
    return frame.sort_values("rows", ascending=False, kind="stable", ignore_index=True)


def pattern_frame(dataset: Dataset, most: int = MOST_PATTERNS) -> pd.DataFrame:
    """Return which columns lack values together: all rows, put together by what they lack.

    Parameters
    ----------
    dataset : Dataset
        Frame and schema.
    most : int, default 20
        Patterns told one by one, the most frequent ones.

    Returns
    -------
    DataFrame
        One line for each pattern, most rows first: ``columns`` (list of those that lack a value;
        empty for complete rows), ``rows``, ``share`` (of all rows). What is beyond ``most`` is
        left out; the shares then add up to less than 1.
    """
    names = [column.name for column in dataset.schema.columns if column.missing]
    gaps = np.column_stack([np.zeros((len(dataset.frame), 0), np.bool_)] + [
        dataset.frame[name].isna().to_numpy() for name in names
    ])  # fmt: skip
    patterns, counts = _counted(gaps)
    order = np.argsort(-counts, kind="stable")[:most]
    lines = [
        {
            "columns": [names[place] for place in np.flatnonzero(patterns[line])],
            "rows": int(counts[line]),
            "share": counts[line] / len(gaps),
        }
        for line in order
    ]
    return pd.DataFrame(lines, columns=["columns", "rows", "share"])


def _counted(gaps: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.bool_], npt.NDArray[Any]]:
    """Return the different lines and how often each occurs."""
    if gaps.shape[1] == 0:
        return gaps[:1], np.array([len(gaps)] if len(gaps) else [], dtype=np.int64)
    packed = np.packbits(gaps, axis=1)
    as_one = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, counts = np.unique(as_one, return_index=True, return_counts=True)
    return gaps[first], counts


def together_frame(dataset: Dataset, most: int = 30) -> pd.DataFrame:
    """Return for each two columns how often both lack a value where one of them does.

    Parameters
    ----------
    dataset : Dataset
        Frame and schema.
    most : int, default 30
        Columns that are compared, those that lack most.

    Returns
    -------
    DataFrame
        One line for each pair, most alike first: ``first``, ``second``, ``both`` (rows),
        ``either`` (rows), ``share`` (``both / either``: 1 where the two always go together).
    """
    names = missing_frame(dataset)["column"].head(most)
    gaps = {name: dataset.frame[name].isna().to_numpy() for name in names}
    lines = []
    for place, first in enumerate(gaps):
        for second in list(gaps)[place + 1 :]:
            both = int((gaps[first] & gaps[second]).sum())
            either = int(gaps[first].sum() + gaps[second].sum()) - both
            lines.append((first, second, both, either, both / either))
    frame = pd.DataFrame(lines, columns=["first", "second", "both", "either", "share"])
    return frame.sort_values("share", ascending=False, kind="stable", ignore_index=True)
