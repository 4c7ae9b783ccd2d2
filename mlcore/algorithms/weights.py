"""Tell an estimator how much each row counts while it is fitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import has_fit_parameter

#: How much each row of a table counts, (n_rows,): numbers of 0 or more.
Weights: TypeAlias = npt.NDArray[np.float64]

#: What scikit-learn calls them.
SAMPLE_WEIGHT = "sample_weight"


def weight_argument(estimator: BaseEstimator) -> str | None:
    """Return the name under which ``fit`` takes the weights of rows.

    Parameters
    ----------
    estimator : BaseEstimator
        Any; of a Pipeline the last step is asked, of a transformed label the regressor inside.

    Returns
    -------
    str or None
        ``"sample_weight"``, for a Pipeline with the step in front (``"model__sample_weight"``), or
        ``None`` where the estimator that learns does not take weights.
    """
    if isinstance(estimator, Pipeline):
        name, last = estimator.steps[-1]
        inside = weight_argument(last)
        return None if inside is None else f"{name}__{inside}"
    if isinstance(estimator, TransformedTargetRegressor):
        return weight_argument(estimator.regressor)
    return SAMPLE_WEIGHT if has_fit_parameter(estimator, SAMPLE_WEIGHT) else None


def weight_arguments(
    estimator: BaseEstimator, weights: Weights | None, rows: npt.NDArray[np.intp]
) -> Mapping[str, Weights]:
    """Return what ``fit`` must be given beside the rows, for them to count as much as they should.

    Parameters
    ----------
    estimator : BaseEstimator
        What is fitted.
    weights : array of shape (n_rows,), optional
        Of all rows of the table; ``None`` where all count the same.
    rows : array of int
        The rows that it is fitted on.

    Returns
    -------
    mapping of str to array
        Empty without weights, and for estimators that do not take them.
    """
    name = weight_argument(estimator)
    return {} if weights is None or name is None else {name: weights[rows]}


def counted(rows: npt.NDArray[np.intp], weights: Weights | None) -> npt.NDArray[np.intp]:
    """Return the rows that count at all: those with a weight above 0.

    A row that counts 0 is left out altogether, so that neither the preparation nor an algorithm
    that does not take weights learns from it, and no model divides by a class without weight.
    """
    return rows if weights is None else rows[weights[rows] > 0]
