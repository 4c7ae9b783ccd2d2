"""A shallow decision tree that describes the clusters, and how far it can be trusted.

The tree is a stand-in (a surrogate): it learns to name each row's cluster from the raw columns, so
that its few questions say in the columns' own units where one cluster ends and the next begins.
Its fidelity, measured on rows it had not seen, says how much of the clusters such rules catch.

References
----------
Craven and Shavlik (1996), "Extracting Tree-Structured Representations of Trained Networks",
Advances in Neural Information Processing Systems 8.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, clone
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from mlcore.algorithms.labels import NOISE_NAME
from mlcore.data.schema import ColumnKind
from mlcore.evaluation.profiles import cluster_names
from mlcore.evaluation.shown import shown_share
from mlcore.messages import Message, listing, message
from mlcore.pipelines.describe import feature_table

Floats: TypeAlias = npt.NDArray[np.float64]

#: Rows the tree learns from at most; the questions of a shallow tree hardly move beyond.
MOST_ROWS = 20_000
#: Categories of a column that the tree can ask for: the most frequent ones.
MOST_CATEGORIES = 20
#: Parts of a date that the tree can ask for; clusters are found from such parts, too.
DATE_PARTS = ("year", "month", "day_of_week", "hour")
#: Folds in which fidelity is measured.
FOLDS = 5
#: From which balanced accuracy on the rules are said to describe the clusters well, and roughly.
WELL, ROUGHLY = 0.9, 0.7

_RULE_COLUMNS = ["cluster", "rule", "rows", "share_right", "share_of_cluster"]
#: Trees add up values in single precision; beyond this, numbers count as this.
_LARGEST = 1e30


@dataclass(frozen=True, kw_only=True)
class Fidelity:
    """How often the tree names the right cluster, on rows that it did not learn from.

    Parameters
    ----------
    accuracy : float
        Share of rows, 0 to 1.
    balanced_accuracy : float
        The mean of this share over the clusters, so that a small one counts as much as a large
        one. Clusters with fewer rows than folds are left out of it where others exist: of one row
        nothing can be learnt that names this very row.
    folds : int
        Number of parts; each was named by a tree that had learnt from the others.
    """

    accuracy: float
    balanced_accuracy: float
    folds: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Surrogate:
    """A tree that describes clusters.

    Parameters
    ----------
    pipeline : Pipeline or None
        Fitted steps ``prepare`` and ``model`` of scikit-learn's own objects; ``None`` where no
        column can be asked for, or there are no rows.
    names : DataFrame
        ``position``, ``name``, ``column`` of the tree's inputs, as ``tree_frame`` needs them.
    fidelity : Fidelity or None
        ``None`` where there are fewer than two clusters.
    baseline : float
        Share of the largest cluster: the accuracy of always naming it. NaN without rows.
    rows : int
        Rows it learnt from.
    rules : DataFrame
        ``cluster``, ``rule`` (text; thresholds in the units of the raw columns), ``rows`` (those
        the rule holds for), ``share_right`` (of these rows, the share that is in the cluster),
        ``share_of_cluster`` (of the cluster's rows, the share that the rule finds). In the order
        of the clusters, the rule for the most rows first. A cluster without a rule is too small
        or too mixed for a tree of this depth.
    verdict : Message
        What to think of it.
    """

    pipeline: Pipeline | None
    names: pd.DataFrame
    fidelity: Fidelity | None
    baseline: float
    rows: int
    rules: pd.DataFrame
    verdict: Message


def surrogate_tree(
    features: pd.DataFrame,
    kinds: Mapping[str, ColumnKind],
    clusters: pd.Series,
    max_depth: int = 3,
    seed: int = 0,
) -> Surrogate:
    """Return a shallow decision tree that names the clusters from the raw columns.

    Numbers are taken as they are, so that thresholds are in their units (beyond ±1e30 they count
    as that); missing ones count as the median. Of a category column the tree can ask for the 20
    most frequent categories; missing ones count as the most frequent. Dates are asked by year,
    month, weekday (Monday is 0) and hour. Text is left out: a rule on single words would read as
    an explanation and rarely is one. Noise is a class of its own, because a rule that names a
    cluster must keep noise out.

    Parameters
    ----------
    features : DataFrame of shape (n_rows, n_columns)
        Raw typed columns.
    kinds : mapping of str to ColumnKind
        Kind of each column to ask for.
    clusters : Series of shape (n_rows,)
        Name of each row's cluster, in the order of ``features``.
    max_depth : int, default 3
        Questions in a row at most. Three give at most eight rules, which a reader can keep in
        mind; more than eight clusters need more.
    seed : int, default 0
        Of the folds, and of the 20,000 rows that stand for a longer table.
    """
    chosen = _chosen(len(features), seed)
    X = _readable(features.iloc[chosen], kinds)
    y = clusters.astype(object).map(str).to_numpy()[chosen]
    branches = _branches(X, kinds)
    baseline = float(pd.Series(y).value_counts(normalize=True).max()) if len(y) else np.nan
    if not branches or not len(y):
        return _nothing_to_ask(baseline, len(y))
    prepare = ColumnTransformer(branches, sparse_threshold=0.0)
    inputs = np.asarray(prepare.fit_transform(X), dtype=np.float64)
    model = DecisionTreeClassifier(max_depth=max_depth, random_state=seed).fit(inputs, y)
    pipeline = Pipeline([("prepare", prepare), ("model", model)])
    names = feature_table(pipeline)
    rules = _rules(model, names, inputs)
    fidelity = _fidelity(model, inputs, y, seed)
    return Surrogate(
        pipeline=pipeline,
        names=names,
        fidelity=fidelity,
        baseline=baseline,
        rows=len(y),
        rules=rules,
        verdict=_verdict(fidelity, baseline, cluster_names(pd.Series(y)), rules),
    )


def _nothing_to_ask(baseline: float, rows: int) -> Surrogate:
    return Surrogate(
        pipeline=None,
        names=pd.DataFrame(columns=["position", "name", "column"]),
        fidelity=None,
        baseline=baseline,
        rows=rows,
        rules=pd.DataFrame(columns=_RULE_COLUMNS),
        verdict=message("clustering.surrogate.no_columns"),
    )


def _chosen(n_rows: int, seed: int) -> npt.NDArray[np.intp]:
    if n_rows <= MOST_ROWS:
        return np.arange(n_rows)
    random = np.random.default_rng(seed)
    return np.sort(random.choice(n_rows, MOST_ROWS, replace=False)).astype(np.intp)


# --- preparation -------------------------------------------------------------------------------


def _readable(features: pd.DataFrame, kinds: Mapping[str, ColumnKind]) -> pd.DataFrame:
    """Return the columns a tree can ask for and that hold something, as a tree can read them."""
    kept = {}
    for name in features.columns:
        kind = kinds.get(name)
        values = features[name]
        if kind is ColumnKind.NUMBER:
            numbers = values.astype(float)
            values = numbers.where(np.isfinite(numbers)).clip(-_LARGEST, _LARGEST)
        elif kind in (ColumnKind.CATEGORY, ColumnKind.YES_NO):
            values = values.map(str, na_action="ignore").astype("str")
        elif kind is not ColumnKind.DATETIME:
            continue
        if values.notna().any():
            kept[name] = values
    return pd.DataFrame(kept)


def _branches(
    X: pd.DataFrame, kinds: Mapping[str, ColumnKind]
) -> list[tuple[str, BaseEstimator, Any]]:
    """Return the branches of the preparation, named as ``feature_table`` reads them."""
    numbers = [name for name in X.columns if kinds[name] is ColumnKind.NUMBER]
    dates = [name for name in X.columns if kinds[name] is ColumnKind.DATETIME]
    others = [name for name in X.columns if name not in {*numbers, *dates}]
    branches: list[tuple[str, BaseEstimator, Any]] = []
    if numbers:
        imputer = SimpleImputer(strategy="median", keep_empty_features=True)
        branches.append(("numbers", make_pipeline(imputer), numbers))
    if others:
        branches.append(("onehot", _one_hot(X[others]), others))
    for position, name in enumerate(dates):
        for part in DATE_PARTS:
            branches.append((f"date{position}_{part}", _date_part(part), name))
    return branches


def _one_hot(categories: pd.DataFrame) -> BaseEstimator:
    frequent = [
        np.array(sorted(categories[name].value_counts().index[:MOST_CATEGORIES]), dtype=object)
        for name in categories.columns
    ]
    return make_pipeline(
        SimpleImputer(strategy="most_frequent", keep_empty_features=True),
        OneHotEncoder(categories=frequent, handle_unknown="ignore", sparse_output=False),
    )


def _date_part(part: str) -> BaseEstimator:
    return make_pipeline(
        FunctionTransformer(operator.attrgetter(f"dt.{part}")),
        FunctionTransformer(pd.DataFrame),
        SimpleImputer(strategy="median", keep_empty_features=True),
    )


# --- fidelity ----------------------------------------------------------------------------------


def _fidelity(
    model: BaseEstimator, inputs: Floats, y: npt.NDArray[Any], seed: int
) -> Fidelity | None:
    # What missing cells count as is taken from all rows, as it was when the clusters were found.
    if len(set(y)) < 2:
        return None
    fold = _folds(y, seed)
    named = np.empty(len(y), dtype=object)
    for number in range(fold.max() + 1):
        tested = fold == number
        fitted = clone(model).fit(inputs[~tested], y[~tested])
        named[tested] = fitted.predict(inputs[tested])
    return Fidelity(
        accuracy=float((named == y).mean()),
        balanced_accuracy=_balanced(pd.Series(named == y), pd.Series(y)),
        folds=int(fold.max()) + 1,
    )


def _balanced(is_right: pd.Series, y: pd.Series) -> float:
    shares = is_right.groupby(y).mean()
    firm = y.value_counts()[shares.index] >= FOLDS
    return float(shares[firm if firm.any() else slice(None)].mean())


def _folds(y: npt.NDArray[Any], seed: int) -> npt.NDArray[np.intp]:
    """Return a fold for each row; every cluster is dealt out evenly, however small it is."""
    random = np.random.default_rng(seed)
    codes, _ = pd.factorize(y, sort=True)
    order = np.lexsort((random.random(len(y)), codes))
    fold = np.empty(len(y), dtype=np.intp)
    fold[order] = np.arange(len(y)) % min(FOLDS, len(y))
    return fold


def _verdict(
    fidelity: Fidelity | None, baseline: float, clusters: list[str], rules: pd.DataFrame
) -> Message:
    if fidelity is None:
        alone = "only_noise" if clusters == [NOISE_NAME] else "one_cluster"
        return message(f"clustering.surrogate.{alone}")
    balanced = fidelity.balanced_accuracy
    degree = "well" if balanced >= WELL else "roughly" if balanced >= ROUGHLY else "poorly"
    silent = [name for name in clusters if name not in set(rules["cluster"])]
    return message(
        f"clustering.surrogate.{degree}",
        accuracy=shown_share(fidelity.accuracy),
        balanced=shown_share(balanced),
        baseline=shown_share(baseline),
        missing=str(message("clustering.surrogate.silent", names=listing(silent)))
        if silent
        else "",
    )


# --- rules -------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, kw_only=True)
class _Region:
    """A part of the table that gets one answer.

    ``steps`` are (input, threshold, whether the value lies above it) from the root on; ``counts``
    the rows of each cluster.
    """

    steps: tuple[tuple[int, float, bool], ...]
    counts: Floats

    @property
    def answer(self) -> int:
        return int(self.counts.argmax())


def _rules(model: BaseEstimator, names: pd.DataFrame, inputs: Floats) -> pd.DataFrame:
    regions = list(_regions(model.tree_, 0, ()))
    totals = np.sum([region.counts for region in regions], axis=0)
    rows = [
        {
            "cluster": str(model.classes_[region.answer]),
            "rule": _rule(region, names, inputs),
            "rows": round(region.counts.sum()),
            "share_right": region.counts[region.answer] / region.counts.sum(),
            "share_of_cluster": region.counts[region.answer] / totals[region.answer],
        }
        for region in regions
    ]
    table = pd.DataFrame(rows, columns=_RULE_COLUMNS)
    place = {name: number for number, name in enumerate(cluster_names(table["cluster"]))}
    order = pd.DataFrame({"cluster": table["cluster"].map(place), "rows": -table["rows"]})
    return table.loc[order.sort_values(["cluster", "rows"], kind="stable").index].reset_index(
        drop=True
    )


def _regions(tree: Any, node: int, steps: tuple[tuple[int, float, bool], ...]) -> Iterator[_Region]:
    """Yield the regions below a node; two halves that answer alike are one region."""
    here = _Region(steps=steps, counts=_counts(tree, node))
    left, right = int(tree.children_left[node]), int(tree.children_right[node])
    if left == right:  # a leaf
        yield here
        return
    asked = int(tree.feature[node]), float(tree.threshold[node])
    found = [
        *_regions(tree, left, (*steps, (*asked, False))),
        *_regions(tree, right, (*steps, (*asked, True))),
    ]
    alike = len({region.answer for region in found}) == 1
    yield from [here] if alike else found


def _counts(tree: Any, node: int) -> Floats:
    # scikit-learn keeps shares since 1.3.
    shares = np.asarray(tree.value[node].ravel(), dtype=np.float64)
    return np.asarray(np.rint(shares * tree.n_node_samples[node]), dtype=np.float64)


def _rule(region: _Region, names: pd.DataFrame, inputs: Floats) -> str:
    if not region.steps:
        return str(message("clustering.surrogate.every_row"))
    parts = [
        _condition(feature, region, names.iloc[feature], inputs[:, feature])
        for feature in _asked(region, names)
    ]
    return reduce(
        lambda first, second: str(message("clustering.surrogate.and", first=first, second=second)),
        parts,
    )


def _asked(region: _Region, names: pd.DataFrame) -> list[int]:
    """Return the inputs a region depends on; a row in one category is in no other of its column."""
    asked = list(dict.fromkeys(feature for feature, _, _ in region.steps))
    indicators = {feature for feature in asked if _is_indicator(names.iloc[feature])}
    held = {feature for feature, _, above in region.steps if above} & indicators
    columns = {names["column"].iloc[feature] for feature in held}
    needless = {f for f in indicators - held if names["column"].iloc[f] in columns}
    return [feature for feature in asked if feature not in needless]


def _is_indicator(name: pd.Series) -> bool:
    return str(name["name"]).startswith(f"{name['column']} = ")


def _condition(feature: int, region: _Region, name: pd.Series, values: Floats) -> str:
    """Return what a region asks of one input, such as: 3 < “age” ≤ 30."""
    above = [cut for asked, cut, is_above in region.steps if asked == feature and is_above]
    below = [cut for asked, cut, is_above in region.steps if asked == feature and not is_above]
    if _is_indicator(name):
        value = str(name["name"]).removeprefix(f"{name['column']} = ")
        code = "is" if above else "is_not"
        return str(message(f"clustering.surrogate.{code}", column=name["column"], value=value))
    low = shown_threshold(max(above), values) if above else ""
    high = shown_threshold(min(below), values) if below else ""
    code = "between" if low and high else "above" if low else "below"
    return str(message(f"clustering.surrogate.{code}", column=name["name"], low=low, high=high))


def shown_threshold(threshold: float, values: Floats) -> str:
    """Return a threshold with the fewest digits that divide the values as it does.

    Parameters
    ----------
    threshold : float
        A row goes to one side if its value, in single precision, is at most this.
    values : array of shape (n_rows,)
        The values it was found among.

    >>> shown_threshold(206.4999, np.array([180.0, 206.0, 207.0]))
    '206'
    """
    is_below = values.astype(np.float32) <= threshold
    if is_below.all() or not is_below.any():
        return f"{threshold:.6g}"
    low, high = float(values[is_below].max()), float(values[~is_below].min())
    for digits in range(1, 18):
        for number in (threshold, low):
            text = f"{number:.{digits}g}"
            if low <= float(text) < high:
                return text if "e" not in text or abs(number) >= 1e15 else f"{float(text):.15g}"
    return repr(threshold)
