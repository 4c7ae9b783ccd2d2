"""Fitted estimators as ONNX graphs: from a matrix of inputs to answers.

What skl2onnx converts faithfully in double precision is left to it: regressions on a straight
line, naive Bayes, networks, k-means. The rest is written here: it rounds the thresholds of trees,
fails on boosting with today's protobuf, gives other answers for weighted neighbours, the isotonic
calibration and a discriminant of two classes, and has no way to put a label back in its units.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import DoubleTensorType
from sklearn.base import is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans, MeanShift, MiniBatchKMeans
from sklearn.compose import TransformedTargetRegressor
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import (
    KNeighborsClassifier,
    KNeighborsRegressor,
    NearestCentroid,
    RadiusNeighborsClassifier,
)
from sklearn.semi_supervised import LabelPropagation, LabelSpreading
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from mlcore.registry import onnx_distances as distances
from mlcore.registry import onnx_scores as scores
from mlcore.registry.onnx_graph import OPSETS, Outcome, Term
from mlcore.registry.onnx_trees import flat_predictor, flat_tree, sum_of_trees


def answered(matrix: Term, model: Any) -> Outcome:
    """Return what a fitted estimator answers to prepared rows.

    Parameters
    ----------
    matrix : Term
        Prepared rows of shape (n_rows, n_inputs).
    model : estimator
        Fitted.
    """
    own = _OWN.get(type(model))
    return own(matrix, model) if own is not None else _converted(matrix, model)


def _converted(matrix: Term, model: Any) -> Outcome:
    """Leave it to skl2onnx."""
    options = {id(model): {"zipmap": False}} if is_classifier(model) else None
    made = convert_sklearn(
        model,
        initial_types=[("matrix", DoubleTensorType([None, model.n_features_in_]))],
        options=options,
        target_opset={"": OPSETS[""], "ai.onnx.ml": 3},
    )
    outputs = matrix.graph.take_over(made.graph, {"matrix": matrix})
    terms = list(outputs.values())
    if not is_classifier(model):
        is_number = not isinstance(model, (KMeans, MiniBatchKMeans))
        return Outcome(answer=terms[0].number().shaped(-1, 1) if is_number else terms[0])
    shown = terms[1].number() if hasattr(model, "predict_proba") else None
    return Outcome(answer=terms[0], probabilities=shown)


# Trees


def _tree_input(matrix: Term) -> Term:
    # scikit-learn compares single-precision values with double-precision thresholds.
    return matrix.single().number()


def _trees(model: Any) -> list[Any]:
    return [tree.tree_ for tree in getattr(model, "estimators_", [model])]


def _forest(matrix: Term, model: Any) -> Term:
    trees = _trees(model)
    return sum_of_trees(_tree_input(matrix), list(map(flat_tree, trees))) / float(len(trees))


def _forest_classes(matrix: Term, model: Any) -> Outcome:
    return Outcome.by_probability(_forest(matrix, model), model.classes_)


def _forest_numbers(matrix: Term, model: Any) -> Outcome:
    return Outcome(answer=_forest(matrix, model))


def _boosted(matrix: Term, model: Any) -> Term:
    rounds = model._predictors
    n_outputs = len(rounds[0])
    trees = [
        flat_predictor(predictor.nodes, number, n_outputs)
        for each in rounds
        for number, predictor in enumerate(each)
    ]
    return sum_of_trees(matrix, trees) + np.asarray(model._baseline_prediction).reshape(1, -1)


def _boosted_classes(matrix: Term, model: Any) -> Outcome:
    raw = _boosted(matrix, model)
    if len(model.classes_) > 2:
        return Outcome.by_probability(raw.softmax(), model.classes_)
    second = raw.logistic()
    return Outcome.by_probability(raw.graph.join([1.0 - second, second]), model.classes_)


def _boosted_numbers(matrix: Term, model: Any) -> Outcome:
    raw = _boosted(matrix, model)
    has_log_link = model.loss in ("poisson", "gamma")
    return Outcome(answer=raw.graph.add("Exp", raw) if has_log_link else raw)


# Around other estimators


def _back_in_units(matrix: Term, model: TransformedTargetRegressor) -> Outcome:
    inner = answered(matrix, model.regressor_).answer
    scaler = model.transformer_
    return Outcome(answer=inner * scaler.scale_ + scaler.mean_)


# Baselines


def _constant(matrix: Term, row: npt.NDArray[np.float64]) -> Term:
    graph = matrix.graph
    rows = graph.add("Shape", matrix, start=0, end=1)
    shape = graph.join_rows([rows, graph.constant(np.array([row.size]))])
    return graph.add("Expand", graph.constant(row.reshape(1, -1)), shape)


def _baseline_classes(matrix: Term, model: DummyClassifier) -> Outcome:
    nothing = np.zeros((1, 1))
    return Outcome.by_probability(_constant(matrix, model.predict_proba(nothing)), model.classes_)


def _baseline_numbers(matrix: Term, model: DummyRegressor) -> Outcome:
    return Outcome(answer=_constant(matrix, np.asarray(model.constant_, dtype=float)))


_OWN: dict[type, Callable[[Term, Any], Outcome]] = {
    **dict.fromkeys(
        (DecisionTreeClassifier, RandomForestClassifier, ExtraTreesClassifier), _forest_classes
    ),
    **dict.fromkeys(
        (DecisionTreeRegressor, RandomForestRegressor, ExtraTreesRegressor), _forest_numbers
    ),
    HistGradientBoostingClassifier: _boosted_classes,
    HistGradientBoostingRegressor: _boosted_numbers,
    TransformedTargetRegressor: _back_in_units,
    DummyClassifier: _baseline_classes,
    DummyRegressor: _baseline_numbers,
    LogisticRegression: scores.linear_classes,
    LinearDiscriminantAnalysis: scores.linear_classes,
    SGDClassifier: scores.one_against_rest,
    SVC: scores.support_classes,
    SVR: scores.support_number,
    CalibratedClassifierCV: scores.calibrated,
    GaussianMixture: scores.mixture,
    KNeighborsClassifier: distances.neighbor_classes,
    KNeighborsRegressor: distances.neighbor_numbers,
    NearestCentroid: distances.nearest_mean,
    MeanShift: distances.nearest_mode,
    RadiusNeighborsClassifier: distances.within_reach,
    LabelPropagation: distances.near_labels,
    LabelSpreading: distances.near_labels,
}
