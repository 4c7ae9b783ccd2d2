"""The rows of a table as points, before anything is chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from mlcore.algorithms.clustering import K_MEANS
from mlcore.algorithms.labels import Matrix
from mlcore.data.dataset import Dataset
from mlcore.errors import UserError
from mlcore.evaluation.maps import explained, map_frame, map_notes, principal_axes
from mlcore.experiment import Experiment
from mlcore.messages import Message, listing, message
from mlcore.pipelines.describe import feature_table
from mlcore.setups import default_cluster_setup
from mlcore.splitting import SampleConfig, make_sample
from mlcore.workflow.exploring import prepared_rows, structure_plan

#: The table that a job leaves behind, ``TableMap.frame``.
TABLE_MAP = "table_map"

#: Rows on a map at most, for the time of its layout, and columns that decide it at most.
MOST_ROWS, MOST_COLUMNS = 3000, 100


@dataclass(frozen=True, kw_only=True, eq=False)
class TableMap:
    """A map of rows.

    Parameters
    ----------
    frame : DataFrame
        ``row`` (number in the table), ``x``, ``y``.
    shares : tuple of float
        Of the spread, that the two principal components show.
    one_column : bool
        Whether a single input decided, so that up and down mean nothing.
    axes : DataFrame
        What the principal components are made of: ``axis`` (1 or 2), ``input`` (a column, or a
        value of one), ``column``, ``weight`` (-1 … 1), the heaviest first.
    notes : tuple of Message
        What has to be said beside it.
    """

    frame: pd.DataFrame
    shares: tuple[float, float]
    one_column: bool
    axes: pd.DataFrame
    notes: tuple[Message, ...]


def table_map_plan(dataset: Dataset, method: str, label: str | None = None) -> dict[str, Any]:
    """Return what a map of a table depends on.

    Parameters
    ----------
    dataset, method, label
        As for :func:`table_map`.

    Raises
    ------
    UserError
        No column can decide a map.
    """
    return structure_plan(_experiment(dataset, label)) | {"method": method}


def table_map(dataset: Dataset, method: str = "pca", label: str | None = None) -> TableMap:
    """Lay rows of a table out in two dimensions, by its numbers and categories.

    Columns are prepared as for finding groups; the label, text and dates have no say. Of more than
    3,000 rows, as many are drawn by lot, the same ones every time.

    Parameters
    ----------
    dataset : Dataset
        Frame and schema.
    method : str, default "pca"
        Id of one of ``mlcore.evaluation.maps.MAP_METHODS``.
    label : str, optional
        A column that has no say, though it is not marked as label: on a map that it decides, its
        values would lie apart whatever the others say.

    Raises
    ------
    UserError
        No column can decide a map, or the method needs a package that is not installed.
    """
    experiment = _experiment(dataset, label)
    assert isinstance(experiment.split, SampleConfig)
    pipeline, matrix = prepared_rows(dataset, experiment)
    rows = make_sample(experiment.split, len(dataset.frame)).development
    return TableMap(
        frame=map_frame(matrix, method, rows),
        shares=explained(matrix),
        one_column=matrix.shape[1] == 1,
        axes=_axes(pipeline, matrix),
        notes=(*_said(dataset, experiment, label), *map_notes(method, matrix)),
    )


def _axes(pipeline: Pipeline, matrix: Matrix) -> pd.DataFrame:
    weights = principal_axes(matrix)
    inputs = feature_table(pipeline)[["name", "column"]].rename(columns={"name": "input"})
    frame = pd.concat([inputs] * len(weights) or [inputs.iloc[:0]], ignore_index=True)
    frame.insert(0, "axis", np.repeat(np.arange(1, len(weights) + 1), len(inputs)))
    frame["weight"] = weights.ravel()
    order = np.lexsort((-frame["weight"].abs(), frame["axis"]))
    return frame.iloc[order].reset_index(drop=True)


def _deciding(dataset: Dataset, label: str | None) -> tuple[str, ...]:
    return tuple(name for name in default_cluster_setup(dataset).features if name != label)


def _experiment(dataset: Dataset, label: str | None) -> Experiment:
    features = _deciding(dataset, label)
    if not features:
        raise UserError("table_map.no_columns")
    n_rows = len(dataset.frame)
    setup = replace(
        default_cluster_setup(dataset),
        features=features[:MOST_COLUMNS],
        split=SampleConfig(sample=MOST_ROWS if n_rows > MOST_ROWS else None),
    )
    return setup.experiment(dataset, K_MEANS.id)


def _said(dataset: Dataset, experiment: Experiment, label: str | None) -> list[Message]:
    names = experiment.features
    total = len(_deciding(dataset, label))
    said = [message("table_map.columns", count=len(names), names=listing(names, most=12))]
    if total > len(names):
        said.append(message("table_map.some_columns", total=total, count=len(names)))
    drawn, rows = MOST_ROWS, len(dataset.frame)
    if rows > drawn:
        said.append(message("table_map.drawn", drawn=f"{drawn:,}", total=f"{rows:,}"))
    return said
