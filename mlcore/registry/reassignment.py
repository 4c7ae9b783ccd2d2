"""How truly an approximation gives the rows of the clusters back to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlcore.data.dataset import Dataset
from mlcore.workflow import RunResult, features_of, predict_frame

#: Rows that are asked at most; a share among so many is right to about three percentage points.
MOST_ROWS = 1_000


@dataclass(frozen=True, kw_only=True)
class Reassignment:
    """What a model says of rows whose cluster was found.

    Parameters
    ----------
    rows : int
        How many were asked, at least one.
    same : int
        How many were given the cluster that was found.
    """

    rows: int
    same: int

    @property
    def share(self) -> float:
        """The part of the rows that was given the cluster that was found."""
        return self.same / self.rows


def reassign(dataset: Dataset, result: RunResult, most_rows: int = MOST_ROWS) -> Reassignment:
    """Ask a clustering's model about the rows that its clusters were found in.

    Parameters
    ----------
    dataset : Dataset
        The table.
    result : RunResult
        A run that groups rows.
    most_rows : int, default 1000
        Rows that are asked, evenly spread.
    """
    known = result.split.development
    places = np.linspace(0, len(known) - 1, min(most_rows, len(known))).round().astype(int)
    rows = known[places]
    features = features_of(dataset, result.experiment.features).iloc[rows]
    told = predict_frame(result.pipeline, features, result.experiment.task)["predicted"]
    found = result.evaluation.predictions.set_index("row")["predicted"].loc[rows]
    return Reassignment(rows=len(rows), same=int((told.to_numpy() == found.to_numpy()).sum()))
