"""Where a regressor misses, as tidy tables.

All functions read ``Evaluation.predictions``. A residual is the actual value minus the predicted
one, in the label's unit: above zero the model said too little.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.evaluation.classification import with_raw_columns

#: A histogram has no more bars than this; more than an eye can tell apart add nothing.
MOST_BARS = 60


def predicted_actual_frame(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return actual and predicted values side by side.

    Returns
    -------
    DataFrame
        ``row``, ``fold``, ``actual``, ``predicted``, ``residual``, all in the label's unit.
    """
    found = predictions[["row", "fold", "actual", "predicted"]].reset_index(drop=True)
    return found.assign(residual=found["actual"] - found["predicted"])


def residual_frame(predictions: pd.DataFrame, column: pd.Series | None = None) -> pd.DataFrame:
    """Return residuals beside the predicted value or beside any column of the raw table.

    Parameters
    ----------
    predictions : DataFrame
        ``Evaluation.predictions``.
    column : Series of shape (n_rows,), optional
        A column of the raw table; the predicted value by default.

    Returns
    -------
    DataFrame
        ``row``, ``residual``, ``value`` (of the column, or the predicted value).
    """
    found = predicted_actual_frame(predictions)
    value = found["predicted"] if column is None else column.iloc[found["row"].to_numpy()]
    return pd.DataFrame(
        {"row": found["row"], "residual": found["residual"], "value": value.to_numpy()}
    )


def residual_histogram_frame(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return how often residuals of each size occur.

    Returns
    -------
    DataFrame
        ``low`` and ``high`` (edges of the bar, label's unit), ``count``, ``share``. Bars have
        equal width by the rule of Freedman and Diaconis, at most :data:`MOST_BARS`.
    """
    residual = predicted_actual_frame(predictions)["residual"].to_numpy(dtype=np.float64)
    count, edges = np.histogram(residual, bins=_bars(residual))
    return pd.DataFrame(
        {
            "low": edges[:-1],
            "high": edges[1:],
            "count": count,
            "share": count / max(1, len(residual)),
        }
    )


def _bars(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> int:
    """Return a number of bars; the width is twice the middle half's spread over the cube root."""
    if len(values) == 0 or values.max() == values.min():
        return 1
    quarter, three_quarters = np.quantile(values, [0.25, 0.75])
    width = 2 * (three_quarters - quarter) / np.cbrt(len(values))
    wanted = (values.max() - values.min()) / width if width > 0 else MOST_BARS
    return int(np.clip(np.ceil(wanted), 1, MOST_BARS))


def worst_rows_frame(
    predictions: pd.DataFrame, table: pd.DataFrame | None = None, most: int = 20
) -> pd.DataFrame:
    """Return the rows with the largest misses, largest first.

    Parameters
    ----------
    predictions : DataFrame
        ``Evaluation.predictions``.
    table : DataFrame, optional
        The raw table; its columns are put beside each row.
    most : int, default 20
        How many rows.

    Returns
    -------
    DataFrame
        ``row``, ``fold``, ``actual``, ``predicted``, ``residual``, then the columns of ``table``.
    """
    found = predicted_actual_frame(predictions)
    order = found["residual"].abs().sort_values(ascending=False, kind="stable").index[:most]
    return with_raw_columns(found.loc[order].reset_index(drop=True), table)
