"""Models that weigh their inputs and compare scores, as ONNX graphs in double precision."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.calibration import CalibratedClassifierCV
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.mixture import GaussianMixture
from sklearn.svm import SVC, SVR

from mlcore.registry.onnx_graph import Outcome, Term


def linear_classes(matrix: Term, model: LogisticRegression | LinearDiscriminantAnalysis) -> Outcome:
    """Return the classes of a linear model whose scores are log-odds."""
    scores = matrix @ model.coef_.T + model.intercept_
    if len(model.classes_) == 2:
        return two_classes(scores, model.classes_)
    return Outcome.by_score(scores, model.classes_, scores.softmax())


def one_against_rest(matrix: Term, model: SGDClassifier) -> Outcome:
    """Return the classes of one linear model a class."""
    scores = matrix @ model.coef_.T + model.intercept_
    has_probabilities = hasattr(model, "predict_proba")
    if len(model.classes_) == 2:
        shown = two_classes(scores, model.classes_)
        return shown if has_probabilities else Outcome(answer=shown.answer)
    shares = _shared_out(scores.logistic()) if has_probabilities else None
    return Outcome.by_score(scores, model.classes_, shares)


def two_classes(score: Term, classes: npt.ArrayLike) -> Outcome:
    """Return the second class where its log-odds, of shape (n_rows, 1), are positive."""
    # Half a column for the first class: the second one only wins if it is strictly larger.
    both = score.graph.join([score * 0.0, score])
    second = score.logistic()
    return Outcome.by_score(both, classes, score.graph.join([1.0 - second, second]))


def _shared_out(shares: Term) -> Term:
    """Return shares that sum to 1, equal ones where all are 0."""
    total = shares.total(1)
    is_nothing = total.equals(0.0)
    return is_nothing.where(1.0, shares) / is_nothing.where(shares.columns(), total)


def mixture(matrix: Term, model: GaussianMixture) -> Outcome:
    """Return the likeliest component."""
    n_columns, graph = model.n_features_in_, matrix.graph
    scores = []
    for number, (mean, weight) in enumerate(zip(model.means_, model.weights_, strict=True)):
        root = _root_of_precision(model, number)
        deviation = matrix @ root - (mean @ root)[None, :]
        constant = np.log(np.diag(root)).sum() - 0.5 * n_columns * np.log(2 * np.pi)
        scores.append((deviation * deviation).total(1) * -0.5 + (constant + np.log(weight)))
    joined = graph.join(scores)
    return Outcome.by_score(joined, np.arange(len(scores)), joined.softmax())


def _root_of_precision(model: GaussianMixture, number: int) -> npt.NDArray[np.float64]:
    roots, n_columns = model.precisions_cholesky_, model.n_features_in_
    if model.covariance_type == "tied":
        return np.asarray(roots)
    root = np.asarray(roots[number])
    if model.covariance_type == "full":
        return root
    return np.diag(np.broadcast_to(root, n_columns))


# Support vectors


def support_number(matrix: Term, model: SVR) -> Outcome:
    """Return the number that support vectors say."""
    return Outcome(answer=_kernel(matrix, model) @ _dense(model.dual_coef_).T + model.intercept_)


def support_classes(matrix: Term, model: SVC) -> Outcome:
    """Return the class that wins most duels."""
    scores = support_scores(matrix, model)
    if len(model.classes_) == 2:
        return Outcome(answer=two_classes(scores, model.classes_).answer)
    return Outcome.by_score(_duels_won(_duels(matrix, model), model), model.classes_)


def support_scores(matrix: Term, model: SVC) -> Term:
    """Return what ``decision_function`` returns: one column, or with more classes one each."""
    if len(model.classes_) == 2:
        weights = _dense(model.dual_coef_).T
        return _kernel(matrix, model) @ weights + _dense(model.intercept_)
    duels = _duels(matrix, model)
    sides = _sides(len(model.classes_))
    sums = duels @ sides
    size = sums.graph.add("Abs", sums)
    return _duels_won(duels, model) + sums / ((size + 1.0) * 3.0)


def _sides(n_classes: int) -> npt.NDArray[np.float64]:
    """Return for each duel which class gains (1) and which loses (-1)."""
    first, second = np.triu_indices(n_classes, 1)
    return np.eye(n_classes)[first] - np.eye(n_classes)[second]


def _duels(matrix: Term, model: SVC) -> Term:
    """Return the score of each pair of classes; where positive the first one wins."""
    coefficients, counts = _dense(model.dual_coef_), model.n_support_
    owner = np.repeat(np.arange(len(counts)), counts)
    weights = []
    for one, other in zip(*np.triu_indices(len(counts), 1), strict=True):
        # A class keeps its coefficients against the others one row each, itself left out.
        weights.append(
            np.where(owner == one, coefficients[other - 1], 0.0)
            + np.where(owner == other, coefficients[one], 0.0)
        )
    return _kernel(matrix, model) @ np.array(weights).T + _dense(model.intercept_)


def _duels_won(duels: Term, model: SVC) -> Term:
    sides = _sides(len(model.classes_))
    first_wins = (duels.graph.constant(np.zeros((1, 1))) < duels).number()
    lost = np.maximum(-sides, 0.0)
    return first_wins @ np.maximum(sides, 0.0) + (1.0 - first_wins) @ lost


def _kernel(matrix: Term, model: SVC | SVR) -> Term:
    vectors = _dense(model.support_vectors_)
    products = matrix @ vectors.T
    if model.kernel == "linear":
        return products
    gamma = float(model._gamma)
    if model.kernel == "poly":
        base = products * gamma + float(model.coef0)
        return base.graph.add("Pow", base, base.graph.constant(np.array(float(model.degree))))
    ours, theirs = (matrix * matrix).total(1), np.asarray((vectors**2).sum(axis=1)[None, :])
    return products.graph.add("Exp", (ours - products * 2.0 + theirs) * -gamma)


def _dense(values: Any) -> npt.NDArray[np.float64]:
    return np.asarray(values.toarray() if hasattr(values, "toarray") else values, dtype=float)


# Calibration


def calibrated(matrix: Term, model: CalibratedClassifierCV) -> Outcome:
    """Return the mean of the calibrated probabilities."""
    each = [_calibrated(matrix, inner) for inner in model.calibrated_classifiers_]
    total = matrix.graph.add("Sum", *each)
    return Outcome.by_probability(total / float(len(each)), model.classes_)


def _calibrated(matrix: Term, inner: Any) -> Term:
    graph, scores = matrix.graph, support_scores(matrix, inner.estimator)
    n_classes, ways = len(inner.classes), inner.calibrators
    if n_classes == 2:
        second = _curve(scores, ways[0])
        return graph.join([1.0 - second, second])
    columns = [
        _curve(graph.add("Gather", scores, graph.constant(np.array([number])), axis=1), way)
        for number, way in enumerate(ways)
    ]
    return _shared_out(graph.join(columns))


def _curve(score: Term, way: Any) -> Term:
    """Return the probability at a score, of shape (n_rows, 1)."""
    if not isinstance(way, IsotonicRegression):
        return (0.0 - (score * float(way.a_) + float(way.b_))).logistic()
    at, values = _dense(way.X_thresholds_), _dense(way.y_thresholds_)
    if len(at) == 1:
        return score * 0.0 + float(values[0])
    # The piece in which the score lies, and the straight line over it.
    low = (score < float(at[0])).where(at[0], score)
    inside = (low.graph.constant(np.array(at[-1])) < low).where(at[-1], low)
    piece = (inside.graph.constant(at[None, 1:-1]) < inside).number().total(1)
    place = piece.graph.add("Cast", piece, to=7).shaped(-1)
    tables = (at[:-1], values[:-1], np.diff(values) / np.diff(at))
    start, height, slope = (place.entries_of(table.reshape(-1, 1)) for table in tables)
    return (inside - start) * slope + height
