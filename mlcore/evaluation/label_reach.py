"""How far the labels got: rows of each class before and after, and how certain they are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.evaluation.evaluation import PROBABILITY
from mlcore.evaluation.intervals import wilson_interval

#: Where a row's answer comes from, in the column ``origin`` of the rows of a run.
GIVEN, PROPAGATED, UNLABELLED = "given", "propagated", "unlabelled"
#: Bars of the histogram of certainties.
BINS = 20


def class_names(rows: pd.DataFrame) -> list[str]:
    """Return the classes of a run in order: its probability columns, or else what is named."""
    named = [str(name) for name in rows.columns if str(name).startswith(PROBABILITY)]
    if named:
        return [name.removeprefix(PROBABILITY) for name in named]
    return sorted({str(name) for name in pd.concat([rows["given"], rows["predicted"]]).dropna()})


def class_count_frame(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how many rows each class has among the given labels and among the answers.

    Parameters
    ----------
    rows : DataFrame
        Rows of a run: ``given``, ``predicted``, ``origin``.

    Returns
    -------
    DataFrame
        ``class``, ``given`` (rows labelled so), ``propagated`` (rows without a label that were
        answered so), ``given_share`` and ``propagated_share`` (0 to 1; NaN where there are no
        such rows), ``low`` and ``high`` (interval of the given share in which the shares of all
        classes lie together in 95 % of tables whose labels were given by lot).
    """
    names = class_names(rows)
    is_given = rows["origin"] == GIVEN
    answered = rows.loc[rows["origin"] == PROPAGATED, "predicted"]
    given = rows.loc[is_given, "given"].value_counts().reindex(names, fill_value=0).to_numpy()
    propagated = answered.value_counts().reindex(names, fill_value=0).to_numpy()
    total = max(1, int(given.sum()))
    low, high = wilson_interval(given, np.full(len(names), total), 1 - 0.05 / max(1, len(names)))
    return pd.DataFrame(
        {
            "class": pd.Series(names, dtype="str"),
            "given": given,
            "propagated": propagated,
            "given_share": given / given.sum() if given.sum() else np.nan,
            "propagated_share": propagated / propagated.sum() if propagated.sum() else np.nan,
            "low": low,
            "high": high,
        }
    )


def certainty_frame(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how many of the rows without a given label are how certain.

    Parameters
    ----------
    rows : DataFrame
        Rows of a run: ``certainty``, ``origin``.

    Returns
    -------
    DataFrame
        ``origin`` (``"propagated"``, and one line ``"unlabelled"`` for rows that no label
        reaches, where there are any), ``low`` and ``high`` (ends of the bar, 0 to 1; 0 and 0 for
        unreached rows), ``rows``.
    """
    certainty = rows.loc[rows["origin"] == PROPAGATED, "certainty"].to_numpy(dtype=np.float64)
    # Fractions of whole numbers, so that a certainty of 0.95 is in the bar that begins there.
    edges = np.arange(BINS + 1) / BINS
    counts = np.histogram(np.clip(certainty, 0.0, 1.0), bins=edges)[0]
    bars = pd.DataFrame(
        {"origin": PROPAGATED, "low": edges[:-1], "high": edges[1:], "rows": counts}
    )
    unreached = int((rows["origin"] == UNLABELLED).sum())
    if not unreached:
        return bars
    grey = pd.DataFrame({"origin": [UNLABELLED], "low": 0.0, "high": 0.0, "rows": unreached})
    return pd.concat([grey, bars], ignore_index=True)
