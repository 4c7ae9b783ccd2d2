"""Models that compare a row with points they keep, as ONNX graphs in double precision."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.cluster import MeanShift
from sklearn.neighbors import NearestCentroid, RadiusNeighborsClassifier
from sklearn.semi_supervised import LabelPropagation, LabelSpreading

from mlcore.registry.onnx_graph import Outcome, Term

Points = npt.NDArray[np.float64]

_TINY = float(np.finfo(float).tiny)
_ROUNDING = 4 * float(np.finfo(float).eps)


def nearest_mean(matrix: Term, model: NearestCentroid) -> Outcome:
    """Return the class of the nearest mean."""
    return _nearest_point(matrix, model.centroids_, model.classes_)


def nearest_mode(matrix: Term, model: MeanShift) -> Outcome:
    """Return the number of the nearest mode."""
    centres = model.cluster_centers_
    return _nearest_point(matrix, centres, np.arange(len(centres)))


def neighbor_classes(matrix: Term, model: Any) -> Outcome:
    """Return the shares of the classes among the nearest rows, by weight."""
    named = np.eye(len(model.classes_))[model._y]
    return Outcome.by_probability(_of_neighbors(matrix, model, named), model.classes_)


def neighbor_numbers(matrix: Term, model: Any) -> Outcome:
    """Return the mean of the nearest rows, by weight."""
    return Outcome(answer=_of_neighbors(matrix, model, np.asarray(model._y).reshape(-1, 1)))


def within_reach(matrix: Term, model: RadiusNeighborsClassifier) -> Outcome:
    """Return the class that most points within the radius have, each by one over its distance."""
    squared = _squared(matrix, _dense(model._fit_X))
    shares = np.eye(len(model.classes_))[model._y.ravel()]
    votes = (squared <= model.radius**2).where(1.0 / _root(squared), 0.0) @ shares
    outlier = (model.classes_ == model.outlier_label_[0]).astype(float)[None, :]
    return Outcome.by_score((votes.total(1) <= 0.0).where(outlier, votes), model.classes_)


def near_labels(matrix: Term, model: LabelPropagation | LabelSpreading) -> Outcome:
    """Return the mean of what the nearest rows have."""
    squared = _squared(matrix, _dense(model.X_))
    places = matrix.graph.nearest_places(0.0 - squared, model.n_neighbors)[1]
    sums = places.entries_of(model.label_distributions_).total(1, keep=False)
    return Outcome.by_probability(sums / sums.total(1), model.classes_)


def _nearest_point(matrix: Term, points: Points, names: npt.ArrayLike) -> Outcome:
    return Outcome.by_score(0.0 - _squared(matrix, points), names)


def _of_neighbors(matrix: Term, model: Any, table: Points) -> Term:
    """Return the mean of the table's rows that belong to the nearest points."""
    points, n_near, metric = _dense(model._fit_X), model.n_neighbors, model.effective_metric_
    nearness, places = matrix.graph.nearest_places(_nearness(matrix, metric, points), n_near)
    rows = places.entries_of(table)
    if model.weights == "uniform":
        return rows.total(1, keep=False) / float(n_near)
    distances = 0.0 - nearness if metric != "euclidean" else _root(0.0 - nearness)
    # Of points at no distance the weight is huge instead of infinite, so that nothing is 0/0.
    weights = 1.0 / (distances < 1e-150).where(1e-150, distances)
    shares = (weights / weights.total(1)).shaped(-1, n_near, 1)
    return (rows * shares).total(1, keep=False)


def _nearness(matrix: Term, metric: str, points: Points) -> Term:
    """Return minus a distance (of Euclid: squared), of shape (n_rows, n_points)."""
    if metric == "manhattan":
        return 0.0 - _sum_of_differences(matrix, points)
    if metric == "cosine":
        lengths = np.linalg.norm(points, axis=1, keepdims=True)
        directions = points / np.where(lengths == 0.0, 1.0, lengths)
        own = _root((matrix * matrix).total(1))
        return (matrix @ directions.T) / own - 1.0
    return 0.0 - _squared(matrix, points)


def _squared(matrix: Term, points: Points) -> Term:
    """Return squared distances to each point, of shape (n_rows, n_points)."""
    ours, theirs = (matrix * matrix).total(1), np.asarray((points**2).sum(axis=1)[None, :])
    squared = ours - matrix @ (2.0 * points.T) + theirs
    # What is left of equal points is rounding, and must not count as a distance.
    return (squared <= (ours + theirs) * _ROUNDING).where(0.0, squared)


def _sum_of_differences(matrix: Term, points: Points) -> Term:
    """Return the sum of differences, column by column; all at once would not fit into memory."""
    graph = matrix.graph
    total: Term | None = None
    for number, values in enumerate(points.T):
        column = graph.add("Gather", matrix, graph.constant(np.array([number])), axis=1)
        part = graph.add("Abs", column - values[None, :])
        total = part if total is None else total + part
    if total is None:
        raise ValueError("There are no columns.")
    return total


def _root(squared: Term) -> Term:
    return squared.graph.add("Sqrt", (squared < _TINY).where(_TINY, squared))


def _dense(points: Any) -> Points:
    return np.asarray(points.toarray() if hasattr(points, "toarray") else points, dtype=float)
