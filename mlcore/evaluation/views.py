"""A fitted model opened: its coefficients, its importances, its tree.

A pipeline here has the steps ``prepare`` and ``model``. The model may itself be a pipeline
(polynomial terms), transform the label, or be calibrated; these wrappings are taken off first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    RobustScaler,
    StandardScaler,
)
from sklearn.tree import BaseDecisionTree

from mlcore.errors import UserError
from mlcore.evaluation.answers import Floats

#: Every view a model can have.
VIEWS = ("coefficients", "importances", "tree")

#: What one unit of a scaled feature is, by the scaler's class.
_SCALES: dict[type, str] = {
    StandardScaler: "standard",
    MinMaxScaler: "minmax",
    RobustScaler: "robust",
    Normalizer: "unit_length",
    MaxAbsScaler: "max_abs",
}


@dataclass(frozen=True, eq=False, kw_only=True)
class _Opened:
    """The estimators without wrappings, and what stands at each of their inputs.

    A calibrated classifier holds one estimator for each of its own folds, hence several.
    """

    estimators: tuple[Any, ...]
    names: tuple[str, ...]
    columns: tuple[str, ...]
    scales: tuple[str, ...]


def model_views(pipeline: Pipeline) -> tuple[str, ...]:
    """Return which of :data:`VIEWS` a fitted pipeline's model has."""
    model = _unwrapped(pipeline.named_steps["model"])[0][0]
    has = {
        "coefficients": _has_coefficients(model),
        "importances": hasattr(model, "feature_importances_"),
        "tree": isinstance(model, BaseDecisionTree),
    }
    return tuple(view for view in VIEWS if has[view])


def _has_coefficients(model: Any) -> bool:
    # A kernel machine has the attribute only with a linear kernel; others raise AttributeError.
    return hasattr(model, "coef_")


def _unwrapped(model: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Return (estimators, the transformers in front of them)."""
    if isinstance(model, Pipeline):
        estimators, inner = _unwrapped(model.steps[-1][1])
        return estimators, (*(step for _, step in model.steps[:-1]), *inner)
    if isinstance(model, TransformedTargetRegressor):
        return _unwrapped(model.regressor_)
    if isinstance(model, CalibratedClassifierCV):
        opened = [_unwrapped(part.estimator) for part in model.calibrated_classifiers_]
        return tuple(e for estimators, _ in opened for e in estimators), opened[0][1]
    return (model,), ()


def _opened(pipeline: Pipeline, names: pd.DataFrame, view: str) -> _Opened:
    if view not in model_views(pipeline):
        raise UserError("explain.no_view", view=view)
    estimators, transformers = _unwrapped(pipeline.named_steps["model"])
    ordered = names.sort_values("position")
    inputs = np.array(ordered["name"].map(str), dtype=object)
    columns = np.array(ordered["column"].map(str), dtype=object)
    scales = _scales(pipeline.named_steps["prepare"], len(inputs))
    for step in transformers:
        inputs, columns, scales = _through(step, inputs, columns, scales)
    return _Opened(
        estimators=estimators, names=tuple(inputs), columns=tuple(columns), scales=tuple(scales)
    )


def _scales(prepare: Any, n_features: int) -> npt.NDArray[np.object_]:
    """Return for each input of the model on which scale the preparation put it."""
    found = np.full(n_features, "raw", dtype=object)
    for name, transformer, _ in getattr(prepare, "transformers_", []):
        last = transformer.steps[-1][1] if isinstance(transformer, Pipeline) else transformer
        found[prepare.output_indices_.get(name, slice(0, 0))] = _SCALES.get(type(last), "raw")
    return found


def _through(
    step: Any, inputs: npt.NDArray[np.object_], columns: npt.NDArray[np.object_], scales: Any
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """Follow names through a transformer between the preparation and the estimator."""
    if type(step) in _SCALES:
        return inputs, columns, np.full(len(inputs), _SCALES[type(step)], dtype=object)
    if hasattr(step, "powers_"):  # polynomial terms
        powers = step.powers_
        terms = [_term(inputs, row) for row in powers]
        shared = [" × ".join(dict.fromkeys(columns[row > 0])) for row in powers]
        kept = [scales[row > 0][0] if row.sum() == 1 else "product" for row in powers]
        return np.array(terms, object), np.array(shared, object), np.array(kept, object)
    out = np.array(step.get_feature_names_out(inputs), dtype=object)
    same = len(out) == len(inputs)
    return out, columns if same else out, scales if same else np.full(len(out), "raw", object)


def _term(names: npt.NDArray[np.object_], powers: npt.NDArray[np.int_]) -> str:
    """Return a product in words, such as ``"age² × height"``."""
    factors = [
        f"{name}{str(power).translate(_RAISED) if power > 1 else ''}"
        for name, power in zip(names, powers, strict=True)
        if power
    ]
    return " × ".join(factors) or "1"


_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def coefficient_frame(pipeline: Pipeline, names: pd.DataFrame) -> pd.DataFrame:
    """Return the coefficients of a linear model.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted.
    names : DataFrame
        ``position``, ``name``, ``column`` of the model's inputs.

    Returns
    -------
    DataFrame
        ``feature``, ``column``, ``class`` (towards which a positive coefficient pushes; empty for
        a number; "a against b" for a support vector machine with several classes),
        ``coefficient``, ``scale``: what one unit of the feature is. ``"raw"`` is the feature's
        own unit; ``"standard"`` one standard deviation, ``"minmax"`` its whole range,
        ``"robust"`` the width of its middle half, ``"unit_length"`` a share of the row's length,
        ``"product"`` a polynomial term. Only coefficients of one scale can be compared in size.
        Largest absolute value first within a class; the intercept has ``feature`` "(intercept)",
        ``scale`` "intercept" and comes last. A calibrated model shows the mean of its parts. Where
        the label was transformed, the unit is that of the transformed label.

    Raises
    ------
    UserError
        The model has no coefficients.
    """
    opened = _opened(pipeline, names, "coefficients")
    weights = np.mean([_dense(model.coef_) for model in opened.estimators], axis=0)
    rows = weights.reshape(-1, len(opened.names))
    intercepts = _intercepts(opened, len(rows))
    parts = [
        _coefficients_of(name, row, intercept, opened)
        for name, row, intercept in zip(
            _outputs(opened.estimators[0], len(rows)), rows, intercepts, strict=True
        )
    ]
    return pd.concat(parts, ignore_index=True)


def _dense(values: Any) -> Floats:
    dense = values.toarray() if hasattr(values, "toarray") else values
    return np.atleast_2d(np.asarray(dense, dtype=np.float64))


def _intercepts(opened: _Opened, n_outputs: int) -> Floats:
    given = [np.ravel(getattr(model, "intercept_", 0.0)) for model in opened.estimators]
    return np.resize(np.mean(given, axis=0), n_outputs)


def _outputs(model: Any, n_outputs: int) -> list[str]:
    """Return what each row of coefficients decides."""
    if not is_classifier(model):
        return [""] * n_outputs
    classes = [str(name) for name in model.classes_]
    if n_outputs == 1:
        return [classes[1]]
    if n_outputs == len(classes) and not hasattr(model, "dual_coef_"):
        return classes
    pairs = [(a, b) for i, a in enumerate(classes) for b in classes[i + 1 :]]
    return [f"{a} against {b}" for a, b in pairs]


def _coefficients_of(
    name: str, coefficients: Floats, intercept: float, opened: _Opened
) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "feature": opened.names,
            "column": opened.columns,
            "class": name,
            "coefficient": coefficients,
            "scale": opened.scales,
        }
    )
    order = table["coefficient"].abs().sort_values(ascending=False, kind="stable").index
    last = pd.DataFrame(
        {
            "feature": ["(intercept)"],
            "column": [""],
            "class": [name],
            "coefficient": [float(intercept)],
            "scale": ["intercept"],
        }
    )
    return pd.concat([table.loc[order], last], ignore_index=True)


def importance_frame(pipeline: Pipeline, names: pd.DataFrame) -> pd.DataFrame:
    """Return the importances a tree or forest computes while it grows.

    They are shares of the impurity that splits on a feature remove, on training rows, and favour
    features with many different values; permutation importance on held-out rows does not.

    Returns
    -------
    DataFrame
        ``feature``, ``column``, ``importance`` (shares that sum to 1), ``std`` over the trees of a
        forest (NaN for a single tree); largest first.

    Raises
    ------
    UserError
        The model has no importances.
    """
    opened = _opened(pipeline, names, "importances")
    importance = np.mean([model.feature_importances_ for model in opened.estimators], axis=0)
    trees = [
        tree.feature_importances_
        for model in opened.estimators
        for tree in np.ravel(getattr(model, "estimators_", []))
        if hasattr(tree, "feature_importances_")
    ]
    table = pd.DataFrame(
        {
            "feature": opened.names,
            "column": opened.columns,
            "importance": importance,
            "std": np.std(trees, axis=0) if trees else np.nan,
        }
    )
    return table.sort_values("importance", ascending=False, kind="stable", ignore_index=True)


def tree_frame(pipeline: Pipeline, names: pd.DataFrame, max_depth: int = 4) -> pd.DataFrame:
    """Return the nodes of a decision tree, placed for drawing.

    Parameters
    ----------
    pipeline, names
        As for :func:`coefficient_frame`.
    max_depth : int, default 4
        Levels below the root; deeper ones are cut off, because a tree with more than about thirty
        leaves cannot be read.

    Returns
    -------
    DataFrame
        One row a node, parents before children: ``node``, ``parent`` (-1 for the root), ``branch``
        (``"yes"`` where the parent's rule holds, ``"no"``, empty for the root), ``depth``, ``x``
        (place from left to right; leaves lie at 0, 1 …), ``rule`` (such as "age ≤ 30"; empty at a
        leaf), ``cut`` (whether the tree goes on below), ``samples`` (training rows),
        ``value`` (share of the most common class, or mean of the label), ``class`` (the most
        common one; empty for a number), ``impurity``. Thresholds are in the unit that the
        preparation gave the feature.

    Raises
    ------
    UserError
        The model is not a single tree.
    """
    opened = _opened(pipeline, names, "tree")
    model = opened.estimators[0]
    rows = [
        _node_row(model, opened, node, parent, branch, depth, max_depth)
        for node, parent, branch, depth in _walk(model.tree_, max_depth)
    ]
    table = pd.DataFrame(rows)
    table.insert(4, "x", _places(table))
    return table


def _walk(tree: Any, max_depth: int) -> Iterator[tuple[int, int, str, int]]:
    """Yield (node, parent, branch, depth), each parent before its children, left before right."""
    waiting = [(0, -1, "", 0)]
    while waiting:
        node, parent, branch, depth = waiting.pop()
        yield node, parent, branch, depth
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        if left != right and depth < max_depth:
            waiting += [(right, node, "no", depth + 1), (left, node, "yes", depth + 1)]


def _node_row(
    model: Any, opened: _Opened, node: int, parent: int, branch: str, depth: int, max_depth: int
) -> dict[str, object]:
    tree = model.tree_
    is_leaf = tree.children_left[node] == tree.children_right[node]
    cut = bool(not is_leaf and depth == max_depth)
    splits = not is_leaf and not cut
    name, value = _node_value(model, node)
    return {
        "node": node,
        "parent": parent,
        "branch": branch,
        "depth": depth,
        "rule": _rule(opened, int(tree.feature[node]), tree.threshold[node]) if splits else "",
        "cut": cut,
        "samples": int(tree.n_node_samples[node]),
        "value": value,
        "class": name,
        "impurity": float(tree.impurity[node]),
    }


def _rule(opened: _Opened, feature: int, threshold: float) -> str:
    name, column = opened.names[feature], opened.columns[feature]
    if name.startswith(f"{column} = ") and threshold == 0.5:  # an indicator, 1 where it holds
        return f"not {name}"
    return f"{name} ≤ {threshold:.6g}"


def _node_value(model: Any, node: int) -> tuple[str, float]:
    value = model.tree_.value[node].ravel()
    if not is_classifier(model):
        return "", float(value[0])
    best = int(value.argmax())
    return str(model.classes_[best]), float(value[best] / value.sum())


def _places(table: pd.DataFrame) -> list[float]:
    """Return x for each node: leaves side by side, a parent midway above its children."""
    place: dict[int, float] = {}
    inner = set(table["parent"])
    leaves = [int(node) for node in table["node"] if node not in inner]
    place.update({node: float(position) for position, node in enumerate(leaves)})
    children = table.groupby("parent")["node"].agg(list).to_dict()
    for node in reversed(table["node"].tolist()):
        if node not in place:
            place[node] = float(np.mean([place[child] for child in children[node]]))
    return [place[node] for node in table["node"]]
