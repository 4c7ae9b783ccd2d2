"""Between a table and a fitted pipeline: what goes in, what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import Pipeline

from mlcore.algorithms.labels import names_of
from mlcore.algorithms.propagation import UNREACHED
from mlcore.algorithms.weights import Weights
from mlcore.data.dataset import Dataset
from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError
from mlcore.evaluation.evaluation import PROBABILITY
from mlcore.evaluation.metrics import score_all
from mlcore.experiment import Experiment
from mlcore.splitting import FewLabelsConfig
from mlcore.tasks import Task
from mlcore.workflow.given_labels import GivenLabels, given_labels


def label_of(dataset: Dataset, target: str, task: Task) -> pd.Series:
    """Return the label column as the algorithms take it.

    Classes are text whatever the column's kind, so that 1 and "1" are one class; numbers stay
    ``float64``.
    """
    label = dataset.frame[target]
    kind = dataset.schema[target].kind
    if task is Task.REGRESSION or kind is not ColumnKind.NUMBER:
        return label
    return label.map(lambda value: f"{value:.15g}", na_action="ignore").astype("str")


def weights_of(dataset: Dataset, column: str | None) -> Weights | None:
    """Return how much each row of a table counts; a row without a weight counts 0.

    Parameters
    ----------
    dataset : Dataset
        The table.
    column : str, optional
        A number column; ``None`` where all rows count the same.

    Returns
    -------
    array of shape (n_rows,), optional
        ``None`` without a column.

    Raises
    ------
    UserError
        A weight is negative or infinite.
    """
    if column is None:
        return None
    weights = dataset.frame[column].fillna(0.0).to_numpy(dtype=np.float64)
    wrong = ~np.isfinite(weights) | (weights < 0)
    if wrong.any():
        got, rows = f"{weights[wrong][0]:g}", int(wrong.sum())
        raise UserError("setup.weight_value", name=column, got=got, rows=rows)
    return weights


def known_labels(dataset: Dataset, target: str, config: FewLabelsConfig) -> pd.Series:
    """Return the labels that count, as text: of the column and typed in on the page."""
    return labels_given(dataset, target, config).labels


def labels_given(dataset: Dataset, target: str, config: FewLabelsConfig) -> GivenLabels:
    """Return the labels that count, those of the table alone, and what was decided about them."""
    return given_labels(label_of(dataset, target, Task.SEMI_SUPERVISED), config)


def labels_of(dataset: Dataset, experiment: Experiment) -> pd.Series:
    """Return the labels that count in an experiment that has some."""
    if isinstance(experiment.split, FewLabelsConfig):
        return known_labels(dataset, experiment.label, experiment.split)
    return label_of(dataset, experiment.label, experiment.task)


def features_of(dataset: Dataset, features: Sequence[str]) -> pd.DataFrame:
    """Return the raw feature columns, in the experiment's order."""
    return dataset.frame[list(features)]


def predict_frame(pipeline: Pipeline, features: pd.DataFrame, task: Task) -> pd.DataFrame:
    """Predict rows: ``predicted`` and, where the model has them, ``p:<class>`` columns.

    For clusters ``predicted`` is the cluster's name, and probabilities are only there where the
    model is a mixture: elsewhere they would be shares of neighbours.

    Raises
    ------
    UserError
        The model gives numbers that are not finite (it diverged while it was fitted).
    """
    # To prepare rows takes longer than most models need to answer; hence once for both answers.
    inputs, model = pipeline[:-1].transform(features), pipeline[-1]
    frame = pd.DataFrame({"predicted": model.predict(inputs)})
    if task is Task.REGRESSION:
        if not np.isfinite(frame["predicted"]).all():
            raise UserError("training.diverged")
        return frame
    if task is Task.CLUSTERING:
        frame["predicted"] = names_of(frame["predicted"].to_numpy())
        components = range(model.n_components) if isinstance(model, GaussianMixture) else ()
        return _with_probabilities(frame, model, inputs, components)
    frame["predicted"] = frame["predicted"].astype("str")
    classes = model.classes_ if hasattr(model, "predict_proba") else ()
    return _with_probabilities(frame, model, inputs, classes)


def _with_probabilities(
    frame: pd.DataFrame, model: Any, inputs: Any, classes: Sequence[object]
) -> pd.DataFrame:
    if not len(classes):
        return frame
    probabilities = model.predict_proba(inputs)
    if not np.isfinite(probabilities).all():
        raise UserError("training.diverged")
    names = [f"{PROBABILITY}{name}" for name in classes]
    return pd.concat([frame, pd.DataFrame(probabilities, columns=names)], axis=1)


def score_frame(task: Task, predictions: pd.DataFrame) -> dict[str, float]:
    """Score a predictions frame with every metric of the task."""
    columns = [name for name in predictions.columns if name.startswith(PROBABILITY)]
    probabilities = (
        predictions[columns].rename(columns=lambda name: name.removeprefix(PROBABILITY))
        if columns
        else None
    )
    return score_all(task.scored_as, predictions["actual"], predictions["predicted"], probabilities)


def without_unreached(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return predictions in which a row that no label reached has no favourite among the classes.

    Parameters
    ----------
    predictions : DataFrame
        With columns ``p:<class>``, one of which may be that of unreached rows.
    """
    name = f"{PROBABILITY}{UNREACHED}"
    if name not in predictions:
        return predictions
    classes = [c for c in map(str, predictions) if c.startswith(PROBABILITY) and c != name]
    shares = predictions[classes].add(predictions[name] / len(classes), axis=0)
    return predictions.drop(columns=name).assign(**shares)
