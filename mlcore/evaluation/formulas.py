"""The formula of each metric, over weighted rows.

Every function takes the answers of some rows and returns one number for each set of weights,
shape ``(n_resamples,)``. Where a set of weights leaves a formula without meaning (no row of a
class, no spread), its number is NaN. Values agree with scikit-learn's functions of the same name.
"""

from __future__ import annotations

import numpy as np

from mlcore.evaluation.answers import ClassAnswers, Floats, Ranking, ValueAnswers


def _ratio(part: Floats, whole: Floats, otherwise: float = np.nan) -> Floats:
    filled: Floats = np.full(np.broadcast_shapes(part.shape, whole.shape), otherwise)
    np.divide(part, whole, out=filled, where=whole != 0)
    return filled


def _hits(confusion: Floats) -> Floats:
    return np.diagonal(confusion, axis1=-2, axis2=-1)


def _macro(per_class: Floats, answers: ClassAnswers) -> Floats:
    """Mean over the classes that occur, as actual or as predicted, in each resample."""
    confusion = answers.confusion
    occurs = (confusion.sum(axis=-1) + confusion.sum(axis=-2)) > 0
    return _ratio((per_class * occurs).sum(axis=-1), occurs.sum(axis=-1).astype(float))


def _weighted(per_class: Floats, answers: ClassAnswers) -> Floats:
    """Mean over the actual classes, each counted by its rows."""
    support = answers.confusion.sum(axis=-1)
    return _ratio((per_class * support).sum(axis=-1), support.sum(axis=-1))


def _precision(answers: ClassAnswers) -> Floats:
    return _ratio(_hits(answers.confusion), answers.confusion.sum(axis=-2), otherwise=0.0)


def _recall(answers: ClassAnswers) -> Floats:
    return _ratio(_hits(answers.confusion), answers.confusion.sum(axis=-1), otherwise=0.0)


def _f1(answers: ClassAnswers) -> Floats:
    confusion = answers.confusion
    both = confusion.sum(axis=-1) + confusion.sum(axis=-2)
    return _ratio(2 * _hits(confusion), both, otherwise=0.0)


def accuracy(answers: ClassAnswers) -> Floats:
    """Share of rows predicted right."""
    return _ratio(_hits(answers.confusion).sum(axis=-1), answers.confusion.sum(axis=(-2, -1)))


def balanced_accuracy(answers: ClassAnswers) -> Floats:
    """Mean recall over the classes that have actual rows."""
    present = answers.confusion.sum(axis=-1) > 0
    recall = _recall(answers) * present
    return _ratio(recall.sum(axis=-1), present.sum(axis=-1).astype(float))


def precision_macro(answers: ClassAnswers) -> Floats:
    """Mean precision over classes."""
    return _macro(_precision(answers), answers)


def precision_weighted(answers: ClassAnswers) -> Floats:
    """Precision averaged by the number of actual rows."""
    return _weighted(_precision(answers), answers)


def recall_macro(answers: ClassAnswers) -> Floats:
    """Mean recall over classes."""
    return _macro(_recall(answers), answers)


def recall_weighted(answers: ClassAnswers) -> Floats:
    """Recall averaged by the number of actual rows."""
    return _weighted(_recall(answers), answers)


def f1_macro(answers: ClassAnswers) -> Floats:
    """Mean F1 over classes."""
    return _macro(_f1(answers), answers)


def f1_weighted(answers: ClassAnswers) -> Floats:
    """F1 averaged by the number of actual rows."""
    return _weighted(_f1(answers), answers)


def mcc(answers: ClassAnswers) -> Floats:
    """Matthews correlation of actual and predicted classes; 0 when either never varies.

    Gorodkin (2004), "Comparing two K-category assignments by a K-category correlation coefficient".
    """
    confusion = answers.confusion
    actual, predicted = confusion.sum(axis=-1), confusion.sum(axis=-2)
    total = actual.sum(axis=-1)
    covariance = _hits(confusion).sum(axis=-1) * total - (actual * predicted).sum(axis=-1)
    spread = (total**2 - (actual**2).sum(axis=-1)) * (total**2 - (predicted**2).sum(axis=-1))
    return _ratio(covariance, np.sqrt(spread), otherwise=0.0)


def _roc_auc_of(ranking: Ranking) -> Floats:
    """Share of pairs (row of the class, other row) in which the former scores higher."""
    above = np.cumsum(ranking.positive, axis=1) - ranking.positive / 2
    won = (ranking.negative * above).sum(axis=1)
    return _ratio(won, ranking.positive.sum(axis=1) * ranking.negative.sum(axis=1))


def _average_precision_of(ranking: Ranking) -> Floats:
    hits = np.cumsum(ranking.positive, axis=1)
    taken = hits + np.cumsum(ranking.negative, axis=1)
    summed = (_ratio(hits, taken, otherwise=0.0) * ranking.positive).sum(axis=1)
    return _ratio(summed, ranking.positive.sum(axis=1))


def _mean(per_class: list[Floats]) -> Floats:
    return np.asarray(np.mean(per_class, axis=0), dtype=np.float64)


def roc_auc(answers: ClassAnswers) -> Floats:
    """Area under the ROC curve: of the second class, or the mean of each class against the rest."""
    return _mean([_roc_auc_of(ranking) for ranking in answers.rankings])


def average_precision(answers: ClassAnswers) -> Floats:
    """Average precision of the second class, or the mean over all classes."""
    return _mean([_average_precision_of(ranking) for ranking in answers.rankings])


def log_loss(answers: ClassAnswers) -> Floats:
    """Mean of minus the logarithm of the probability given to the actual class."""
    assert answers.probabilities is not None
    column = np.searchsorted(answers.known, answers.actual)
    given = answers.probabilities[np.arange(len(column)), column]
    smallest = np.finfo(np.float64).eps  # one certain miss would otherwise cost infinitely much
    return _mean_over_rows(-np.log(np.clip(given, smallest, 1 - smallest)), answers.weights)


def brier(answers: ClassAnswers) -> Floats:
    """Mean squared distance of the probabilities to what happened; halved for two classes."""
    assert answers.probabilities is not None
    happened = answers.actual[:, None] == answers.known[None, :]
    distance = ((answers.probabilities - happened) ** 2).sum(axis=1)
    return _mean_over_rows(distance / (2 if answers.is_binary else 1), answers.weights)


def _mean_over_rows(per_row: Floats, weights: Floats) -> Floats:
    return _ratio(weights @ per_row, weights.sum(axis=1))


def rmse(answers: ValueAnswers) -> Floats:
    """Root of the mean squared error."""
    return np.sqrt(_mean_over_rows(answers.error**2, answers.weights))


def mae(answers: ValueAnswers) -> Floats:
    """Mean absolute error."""
    return _mean_over_rows(np.abs(answers.error), answers.weights)


def mape(answers: ValueAnswers) -> Floats:
    """Mean absolute error as a share of the actual value."""
    return _mean_over_rows(np.abs(answers.error / answers.actual), answers.weights)


def median_absolute_error(answers: ValueAnswers) -> Floats:
    """Median of the absolute errors, each row counted by its weight."""
    error = np.abs(answers.error)
    order = np.argsort(error, kind="stable")
    reached = np.cumsum(answers.weights[:, order], axis=1)
    half = reached[:, -1:] / 2
    low = error[order][np.argmax(reached >= half, axis=1)]
    high = error[order][np.argmax(reached > half, axis=1)]
    return np.asarray((low + high) / 2, dtype=np.float64)


def r2(answers: ValueAnswers) -> Floats:
    """Share of the label's variance that the predictions explain."""
    centred = answers.actual - answers.actual.mean()  # keeps the difference of squares exact
    offset = _mean_over_rows(centred, answers.weights)
    spread = _mean_over_rows(centred**2, answers.weights) - offset**2
    spread = np.where(spread > 1e-14 * np.mean(centred**2), spread, 0.0)
    return 1 - _ratio(_mean_over_rows(answers.error**2, answers.weights), spread)


def max_error(answers: ValueAnswers) -> Floats:
    """Largest absolute error among the rows that count."""
    sizes = np.abs(answers.error) * (answers.weights > 0)
    return np.asarray(sizes.max(axis=1), dtype=np.float64)
