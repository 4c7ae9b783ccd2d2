"""What is kept of a trained and scored run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

#: Columns of probabilities in ``predictions`` are called this plus the class.
PROBABILITY = "p:"

_FRAMES = ("scores", "predictions", "timing", "curves")


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The tables that figures draw, tests check and users download.

    Parameters
    ----------
    scores : DataFrame
        ``fold`` (1 …), ``metric`` (id), ``value``; a metric that is undefined in a fold has NaN.
    predictions : DataFrame
        One line for each row predicted by a model that had not seen it: ``row`` (its number in
        the table), ``fold``, ``actual``, ``predicted`` and, for classifiers with probabilities,
        one column ``p:<class>`` for each class.
    timing : DataFrame
        ``fold``, ``n_train``, ``n_validation``, ``fit_seconds``, ``predict_seconds``; fold 0 is
        the final fit on all development rows.
    curves : DataFrame
        ``fold`` (0 for the final fit), ``step`` (1 …), ``name`` (``"loss"``), ``value``; empty
        for algorithms that do not learn step by step.
    """

    scores: pd.DataFrame
    predictions: pd.DataFrame
    timing: pd.DataFrame
    curves: pd.DataFrame

    def save(self, folder: Path) -> None:
        """Write each table as ``<name>.parquet``."""
        for name in _FRAMES:
            getattr(self, name).to_parquet(folder / f"{name}.parquet")

    @classmethod
    def load(cls, folder: Path) -> Evaluation:
        """Read what :meth:`save` wrote."""
        return cls(**{name: pd.read_parquet(folder / f"{name}.parquet") for name in _FRAMES})

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that have a probability column, in the model's order."""
        return tuple(
            name.removeprefix(PROBABILITY)
            for name in self.predictions.columns
            if name.startswith(PROBABILITY)
        )
