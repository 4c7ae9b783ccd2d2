"""Intervals for scores: how far the truth may lie from the number on the screen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtri, stdtrit

from mlcore.evaluation.answers import Floats

#: Level of every interval unless it says otherwise.
LEVEL = 0.95


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A mean over folds and the interval around it; NaN where the folds do not allow one.

    Parameters
    ----------
    mean, low, high : float
        In the unit of the scores.
    folds : int
        How many folds had a value.
    """

    mean: float
    low: float
    high: float
    folds: int


def corrected_interval(
    values: npt.ArrayLike,
    test_train_ratio: float,
    level: float = LEVEL,
    least_error: float = 0.0,
) -> Interval:
    """Return the corrected resampled t interval of Nadeau and Bengio.

    Models of different folds share most of their training rows, so their scores are not
    independent, and the usual standard error s/√k is too small. The correction replaces 1/k by
    1/k + n_validation/n_train.

    It is a rule of thumb with a good record, not an exact interval: it is about the mean score of
    models trained on so many rows of this source, it assumes roughly normal scores, and with two
    or three folds it is very wide.

    Parameters
    ----------
    values : array-like of shape (n_folds,)
        One score, or one difference of two scores, for each fold; NaN is left out.
    test_train_ratio : float
        Validation rows divided by training rows; the mean over folds where they differ.
    level : float, default 0.95
        How often such an interval should hold the truth.
    least_error : float, default 0
        Standard error that the mean is known to have at least, whatever the scores look like.

    References
    ----------
    Nadeau, Bengio (2003), "Inference for the generalization error", Machine Learning 52, 239-281.
    """
    scores = np.asarray(values, dtype=np.float64)
    scores = scores[np.isfinite(scores)]
    folds = len(scores)
    if folds < 2:
        mean = float(scores[0]) if folds else np.nan
        return Interval(mean=mean, low=np.nan, high=np.nan, folds=folds)
    error = max(np.sqrt((1 / folds + test_train_ratio) * scores.var(ddof=1)), least_error)
    reach = float(stdtrit(folds - 1, (1 + level) / 2) * error)
    mean = float(scores.mean())
    return Interval(mean=mean, low=mean - reach, high=mean + reach, folds=folds)


def fold_ratio(timing: pd.DataFrame) -> float:
    """Return validation rows divided by training rows, the mean over the folds of a run.

    Parameters
    ----------
    timing : DataFrame
        ``Evaluation.timing``; fold 0, the final fit, is left out.
    """
    is_fold = timing["fold"].to_numpy() > 0
    validation, train = timing["n_validation"].to_numpy(), timing["n_train"].to_numpy()
    return float((validation[is_fold] / train[is_fold]).mean())


def wilson_interval(
    hits: npt.ArrayLike, total: npt.ArrayLike, level: float = LEVEL
) -> tuple[Floats, Floats]:
    """Return the interval of a share, such as 7 of 10; bounds stay inside 0 and 1.

    Parameters
    ----------
    hits, total : array-like of the same shape
        Counts; where ``total`` is 0 the interval is all of 0 to 1.

    References
    ----------
    Wilson (1927), "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22, 209-212.
    """
    count, n = np.asarray(hits, dtype=np.float64), np.asarray(total, dtype=np.float64)
    z = ndtri((1 + level) / 2)
    centre = (count + z**2 / 2) / (n + z**2)
    share = np.divide(count, n, out=np.zeros_like(count), where=n > 0)
    reach = z / (n + z**2) * np.sqrt(n * share * (1 - share) + z**2 / 4)
    # Exact where nothing or everything was hit; rounding would put the share outside.
    return np.where(count == 0, 0.0, centre - reach), np.where(count == n, 1.0, centre + reach)
