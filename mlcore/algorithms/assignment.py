"""How new rows are given to the clusters that were found.

Some clusterers are models of the whole space (a centre, a distribution) and can place any row.
Others only describe the rows they saw; for these a named approximation is fitted on what they
found. Either way the result is one stock scikit-learn estimator whose ``predict`` gives the same
cluster numbers as the screen: 0 for the largest, -1 for noise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid, RadiusNeighborsClassifier

from mlcore.algorithms.labels import NOISE, Labels, Matrix
from mlcore.params import ParamValue

#: Neighbours that are asked where the found labels are handed on; scikit-learn's own default.
N_NEIGHBORS = 5


@dataclass(frozen=True)
class Found:
    """What a fitted clusterer left behind.

    Parameters
    ----------
    estimator : BaseEstimator
        Fitted.
    matrix : array of shape (n_rows, n_inputs)
        The prepared rows it was fitted on.
    labels : array of shape (n_rows,)
        Their clusters, numbered by size; noise is -1.
    order : array of shape (n_clusters,)
        The estimator's own numbers of these clusters, in the order of ``labels``.
    values : mapping
        Complete values of the algorithm's parameters.
    """

    estimator: Any
    matrix: Matrix
    labels: Labels
    order: Labels
    values: Mapping[str, ParamValue]


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """One way to give new rows to clusters.

    Parameters
    ----------
    id : str
        Stable name; ``clustering.assignment.<id>`` is its sentence.
    is_exact : bool
        Whether it is the algorithm's own rule. An approximation is shown as one wherever the
        model is.
    build : callable
        What was found → the fitted estimator that predicts cluster numbers.
    """

    id: str
    is_exact: bool
    build: Callable[[Found], BaseEstimator]


#: Fitted attributes that have one entry a cluster, by which an estimator is renumbered.
_PER_CLUSTER = (
    "cluster_centers_",
    "weights_",
    "means_",
    "covariances_",
    "precisions_",
    "precisions_cholesky_",
)


def _own(found: Found) -> BaseEstimator:
    """Return the estimator itself, its clusters renumbered by size."""
    estimator: BaseEstimator = found.estimator
    # A mixture may hold a component that is the likeliest for no row; it keeps a number too.
    centres = getattr(estimator, "cluster_centers_", getattr(estimator, "means_", None))
    numbers = np.arange(len(np.asarray(centres)))
    order = np.concatenate([found.order, np.setdiff1d(numbers, found.order)])
    for name in _PER_CLUSTER:
        # All components of a "tied" mixture share one matrix.
        shared = found.values.get("covariance_type") == "tied" and name not in (
            "weights_",
            "means_",
        )
        if hasattr(estimator, name) and not shared:
            setattr(estimator, name, getattr(estimator, name)[order])
    if hasattr(estimator, "labels_"):
        estimator.labels_ = found.labels.astype(estimator.labels_.dtype)
    return estimator


def _nearest_summary(found: Found) -> BaseEstimator:
    """Return BIRCH's own rule without its tree, which holds types no safe file may contain."""
    new_number = np.argsort(found.order)
    return KNeighborsClassifier(n_neighbors=1).fit(
        found.estimator.subcluster_centers_, new_number[found.estimator.subcluster_labels_]
    )


def _nearest_centroid(found: Found) -> BaseEstimator:
    return NearestCentroid().fit(found.matrix, found.labels)


def _nearest_neighbors(found: Found) -> BaseEstimator:
    n_neighbors = min(N_NEIGHBORS, len(found.labels))
    return KNeighborsClassifier(n_neighbors=n_neighbors).fit(found.matrix, found.labels)


def _core_points(found: Found) -> BaseEstimator:
    """Return what asks the core points within eps; a row with none of them is noise.

    No estimator of scikit-learn asks the single nearest within a radius. Votes by the inverse
    distance differ from it only where core points of two clusters are within eps.
    """
    core: npt.NDArray[np.intp] = found.estimator.core_sample_indices_
    radius = float(str(found.values["eps"]))
    # The classifier warns at each prediction unless the label of outliers is one of its classes,
    # so noise has one point, out of reach of everything.
    far = np.full((1, found.matrix.shape[1]), np.abs(found.matrix).max() + 1e6 * radius)
    return RadiusNeighborsClassifier(radius=radius, weights="distance", outlier_label=NOISE).fit(
        np.vstack([found.matrix[core], far]), np.append(found.labels[core], NOISE)
    )


OWN = Assignment(id="own", is_exact=True, build=_own)
NEAREST_SUMMARY = Assignment(id="nearest_summary", is_exact=True, build=_nearest_summary)
CORE_POINTS = Assignment(id="core_points", is_exact=False, build=_core_points)
NEAREST_CENTROID = Assignment(id="nearest_centroid", is_exact=False, build=_nearest_centroid)
NEAREST_NEIGHBORS = Assignment(id="nearest_neighbors", is_exact=False, build=_nearest_neighbors)

#: Every way there is.
ASSIGNMENTS: tuple[Assignment, ...] = (
    OWN,
    NEAREST_SUMMARY,
    CORE_POINTS,
    NEAREST_CENTROID,
    NEAREST_NEIGHBORS,
)
