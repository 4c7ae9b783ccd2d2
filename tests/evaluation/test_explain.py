"""Importance and learning curves on data whose answer is known."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import KFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from mlcore.evaluation.explain import (
    MOST_ROWS,
    held_out_importance_frame,
    learning_curve_frame,
    permutation_importance_frame,
)
from mlcore.tasks import Task

RANDOM = np.random.default_rng(0)
X = pd.DataFrame(RANDOM.normal(size=(300, 3)), columns=["much", "little", "none"])
Y = 3 * X["much"] + 0.5 * X["little"]
CLASSES = pd.Series(np.where(Y > 0, "up", "down"), dtype="str")
FOLDS = tuple(KFold(3, shuffle=True, random_state=0).split(X))


def build(model):
    prepare = ColumnTransformer([("numbers", StandardScaler(), list(X.columns))])
    return Pipeline([("prepare", prepare), ("model", model)])


def test_importance_of_a_known_line():
    pipeline = build(LinearRegression()).fit(X, Y)
    frame = permutation_importance_frame(pipeline, X, Y, Task.REGRESSION, n_repeats=20)
    assert frame["column"].tolist() == ["much", "little", "none"]
    # shuffling a column adds an error of coefficient × (x − x'), whose root mean square is √2 times
    # the coefficient times the column's standard deviation; without it the error is 0
    expected = [math.sqrt(2) * 3 * X["much"].std(), math.sqrt(2) * 0.5 * X["little"].std(), 0.0]
    assert frame["mean"].tolist() == pytest.approx(expected, rel=0.05, abs=1e-9)
    assert set(frame["repeats"]) == {20}


def test_importance_agrees_with_scikit_learn_within_its_spread():
    pipeline = build(LogisticRegression()).fit(X, CLASSES)
    ours = permutation_importance_frame(pipeline, X, CLASSES, Task.CLASSIFICATION, n_repeats=30)
    theirs = permutation_importance(
        pipeline, X, CLASSES, scoring="balanced_accuracy", n_repeats=30, random_state=0
    )
    expected = dict(zip(X.columns, theirs.importances_mean, strict=True))
    for row in ours.to_dict("records"):
        assert row["mean"] == pytest.approx(expected[row["column"]], abs=0.02)


def test_importance_leaves_the_rows_alone_and_repeats_itself():
    before = X.copy()
    pipeline = build(LinearRegression()).fit(X, Y)
    first = permutation_importance_frame(pipeline, X, Y, Task.REGRESSION, seed=5)
    pd.testing.assert_frame_equal(
        first, permutation_importance_frame(pipeline, X, Y, Task.REGRESSION, seed=5)
    )
    pd.testing.assert_frame_equal(X, before)


def test_importance_of_many_rows_uses_a_part():
    rows = MOST_ROWS + 500
    many = pd.DataFrame({"x": np.arange(rows, dtype=float)})
    seen = []

    class Counting:
        def predict(self, part):
            seen.append(len(part))
            return part["x"].to_numpy()

    permutation_importance_frame(Counting(), many, many["x"], Task.REGRESSION)
    assert set(seen) == {MOST_ROWS}


def test_held_out_importance_never_fits_on_the_rows_it_judges():
    train, validation = FOLDS[0]
    fitted = []

    class Watching(LinearRegression):
        def fit(self, X, y):
            fitted.append(len(y))
            return super().fit(X, y)

    frame = held_out_importance_frame(
        lambda: build(Watching()), X, Y, (train, validation), Task.REGRESSION
    )
    assert fitted == [len(train)]
    assert frame["column"].iloc[0] == "much"


def test_learning_curve_of_all_rows_is_the_score_of_the_fold():
    reported = []
    frame = learning_curve_frame(
        lambda: build(LogisticRegression()),
        X,
        CLASSES,
        FOLDS,
        Task.CLASSIFICATION,
        (0.2, 1.0),
        lambda done, total: reported.append((done, total)),
    )
    assert reported == [(done, 6) for done in range(1, 7)]
    assert len(frame) == 3 * 2 * 2 and set(frame["n_train"]) == {40, 200}
    train, validation = FOLDS[1]
    pipeline = build(LogisticRegression()).fit(X.iloc[train], CLASSES.iloc[train])
    right = pipeline.predict(X.iloc[validation]) == CLASSES.iloc[validation]
    recall = right.groupby(CLASSES.iloc[validation]).mean().mean()
    found = frame.query("fold == 2 and part == 'validation' and n_train == 200")["value"]
    assert found.tolist() == pytest.approx([recall])


def test_weights_go_to_every_fit_and_to_no_score():
    weights = RANDOM.gamma(0.3, 2.0, len(X))
    weights[::3] = 0.0
    train, validation = FOLDS[1]
    rows = train[weights[train] > 0]
    pipeline = build(LogisticRegression())
    pipeline.fit(X.iloc[rows], CLASSES.iloc[rows], model__sample_weight=weights[rows])
    arguments = (X, CLASSES, FOLDS, Task.CLASSIFICATION, (0.5, 1.0))
    weighed, plain = (
        learning_curve_frame(lambda: build(LogisticRegression()), *arguments, weights=each)
        for each in (weights, None)
    )
    of_fold = weighed.query("fold == 2").sort_values("n_train").tail(2)
    assert of_fold["n_train"].tolist() == [len(rows)] * 2
    for part, judged in (("train", rows), ("validation", validation)):
        expected = balanced_accuracy_score(CLASSES.iloc[judged], pipeline.predict(X.iloc[judged]))
        assert of_fold.set_index("part").loc[part, "value"] == pytest.approx(expected)
    assert weighed["value"].tolist() != pytest.approx(plain["value"].tolist())


def test_importance_asks_a_model_that_was_fitted_with_weights():
    # Where it counts only "little" matters, elsewhere only "much".
    counts = X["none"] > 0
    mixed = pd.Series(np.where(counts, X["little"], 5 * X["much"]))
    arguments = (lambda: build(LinearRegression()), X, mixed, FOLDS[0], Task.REGRESSION)
    weighed = held_out_importance_frame(*arguments, weights=np.where(counts, 1.0, 1e-6))
    pipeline = build(LinearRegression())
    train, validation = FOLDS[0]
    pipeline.fit(
        X.iloc[train],
        mixed.iloc[train],
        model__sample_weight=np.where(counts, 1.0, 1e-6)[train],
    )
    expected = permutation_importance_frame(
        pipeline, X.iloc[validation], mixed.iloc[validation], Task.REGRESSION
    )
    pd.testing.assert_frame_equal(weighed, expected)
    assert held_out_importance_frame(*arguments)["column"].iloc[0] == "much"


def test_small_parts_keep_every_class():
    rare = pd.Series(np.where(np.arange(300) % 10 == 0, "rare", "common"), dtype="str")
    seen = []

    class Watching(LogisticRegression):
        def fit(self, X, y):
            seen.append(np.mean(y == "rare"))
            return super().fit(X, y)

    learning_curve_frame(
        lambda: build(Watching()), X, rare, FOLDS[:1], Task.CLASSIFICATION, (0.1, 0.5)
    )
    assert seen == pytest.approx([0.1, 0.1], abs=0.06) and min(seen) > 0


def test_too_few_rows_are_a_gap_in_the_curve():
    frame = learning_curve_frame(
        lambda: build(KNeighborsClassifier(50)),
        X,
        CLASSES,
        FOLDS[:1],
        Task.CLASSIFICATION,
        (0.1, 1),
    )
    assert frame.groupby("n_train")["value"].count().tolist() == [0, 2]
