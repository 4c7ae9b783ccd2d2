"""The rows to label next, as a list that people work through."""

from __future__ import annotations

import pandas as pd

from mlcore.data.dataset import Dataset


def work_list(rows: pd.DataFrame, dataset: Dataset, target: str) -> pd.DataFrame:
    """Return the rows whose labels would help most, with room for these labels.

    Parameters
    ----------
    rows : DataFrame
        Of :func:`mlcore.evaluation.next_labels.next_rows`.
    dataset : Dataset
        The table.
    target : str
        The column of labels.

    Returns
    -------
    DataFrame
        ``rank``, ``row`` (number in the table, from 0), ``reason``, ``certainty``, the column of
        labels, empty, and the other columns of the table.
    """
    front = rows[["rank", "row", "reason", "certainty"]].reset_index(drop=True)
    lines = dataset.frame.iloc[front["row"]].reset_index(drop=True)
    taken = {name: f"{name}_" for name in front if name in lines}
    empty = pd.Series([""] * len(front), dtype="str", name=target)
    others = lines.drop(columns=target)
    return pd.concat([front.rename(columns=taken), empty, others], axis=1)
