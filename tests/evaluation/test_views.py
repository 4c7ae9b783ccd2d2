"""Models opened: coefficients, importances and trees against the estimators' own numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from mlcore.errors import UserError
from mlcore.evaluation.views import coefficient_frame, importance_frame, model_views, tree_frame

RANDOM = np.random.default_rng(1)
X = pd.DataFrame({"age": RANDOM.normal(40, 10, 150), "size": RANDOM.normal(2, 0.5, 150)})
X["colour"] = pd.Series(RANDOM.choice(["blue", "red"], 150), dtype="str")
THREE = pd.Series(np.select([X["age"] < 35, X["age"] < 45], ["low", "mid"], "top"), dtype="str")
TWO = THREE.replace("top", "mid")
VALUE = 2 * X["age"] + 10 * X["size"] + 5 * (X["colour"] == "red")
NAMES = pd.DataFrame(
    {
        "position": range(4),
        "name": ["age", "size", "colour = blue", "colour = red"],
        "column": ["age", "size", "colour", "colour"],
    }
)


def fitted(model, y, scaled=True):
    numbers = make_pipeline(StandardScaler()) if scaled else "passthrough"
    prepare = ColumnTransformer(
        [
            ("numbers", numbers, ["age", "size"]),
            ("onehot", make_pipeline(OneHotEncoder(sparse_output=False)), ["colour"]),
        ]
    )
    return Pipeline([("prepare", prepare), ("model", model)]).fit(X, y)


@pytest.mark.parametrize(
    ("model", "y", "views"),
    [
        (LogisticRegression(), TWO, ("coefficients",)),
        (SVC(kernel="linear"), TWO, ("coefficients",)),
        (SVC(), TWO, ()),
        (GaussianNB(), TWO, ()),
        (RandomForestClassifier(3), TWO, ("importances",)),
        (DecisionTreeClassifier(), TWO, ("importances", "tree")),
        (CalibratedClassifierCV(LinearSVC(), cv=2), TWO, ("coefficients",)),
        (TransformedTargetRegressor(Ridge()), VALUE, ("coefficients",)),
        (make_pipeline(PolynomialFeatures(2), LinearRegression()), VALUE, ("coefficients",)),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "fit") else "",
)
def test_views_of_a_model(model, y, views):
    pipeline = fitted(model, y)
    assert model_views(pipeline) == views
    for view, function in (
        ("coefficients", coefficient_frame),
        ("importances", importance_frame),
        ("tree", tree_frame),
    ):
        if view not in views:
            with pytest.raises(UserError, match=view):
                function(pipeline, NAMES)
        else:
            assert len(function(pipeline, NAMES))


def test_coefficients_of_a_known_line():
    frame = coefficient_frame(fitted(LinearRegression(), VALUE), NAMES).set_index("feature")
    deviation = X[["age", "size"]].std(ddof=0)
    assert frame.loc["age", "coefficient"] == pytest.approx(2 * deviation["age"])
    assert frame.loc["size", "coefficient"] == pytest.approx(10 * deviation["size"])
    red, blue = (frame.loc[f"colour = {name}", "coefficient"] for name in ("red", "blue"))
    assert red - blue == pytest.approx(5)
    assert frame["scale"].to_dict() == {
        "age": "standard",
        "size": "standard",
        "colour = red": "raw",
        "colour = blue": "raw",
        "(intercept)": "intercept",
    }
    assert frame.index[0] == "age" and frame.index[-1] == "(intercept)"
    raw = coefficient_frame(fitted(LinearRegression(), VALUE, scaled=False), NAMES)
    assert raw.set_index("feature").loc["age", ["coefficient", "scale"]].tolist() == [
        pytest.approx(2),
        "raw",
    ]


def test_coefficients_by_class():
    pipeline = fitted(LogisticRegression(), THREE)
    frame = coefficient_frame(pipeline, NAMES)
    assert frame["class"].unique().tolist() == ["low", "mid", "top"]
    table = frame.pivot(index="class", columns="feature", values="coefficient")
    np.testing.assert_allclose(table[NAMES["name"]], pipeline.named_steps["model"].coef_)
    np.testing.assert_allclose(table["(intercept)"], pipeline.named_steps["model"].intercept_)
    assert coefficient_frame(fitted(LogisticRegression(), TWO), NAMES)["class"].unique() == ["mid"]


def test_coefficients_of_pairs_push_towards_the_first():
    pipeline = fitted(SVC(kernel="linear", decision_function_shape="ovo"), THREE)
    frame = coefficient_frame(pipeline, NAMES)
    assert frame["class"].unique().tolist() == [
        "low against mid", "low against top", "mid against top"
    ]  # fmt: skip
    # younger rows are "low", so age must push away from "low"
    low_top = frame[frame["class"] == "low against top"].set_index("feature")
    assert low_top.loc["age", "coefficient"] < 0


def test_coefficients_of_a_calibrated_model_are_the_mean():
    pipeline = fitted(CalibratedClassifierCV(LinearSVC(), cv=3), TWO)
    parts = [
        part.estimator.coef_[0] for part in pipeline.named_steps["model"].calibrated_classifiers_
    ]
    frame = coefficient_frame(pipeline, NAMES).set_index("feature")
    np.testing.assert_allclose(
        frame.loc[NAMES["name"], "coefficient"].astype(float), np.mean(parts, axis=0)
    )


def test_polynomial_terms_have_names():
    model = make_pipeline(PolynomialFeatures(2, include_bias=False), LinearRegression())
    frame = coefficient_frame(fitted(model, VALUE), NAMES).set_index("feature")
    assert {"age", "age²", "age × size", "size × colour = red"} <= set(frame.index)
    assert frame.loc["age", "scale"] == "standard"
    assert frame.loc["age²", ["scale", "column"]].tolist() == ["product", "age"]
    assert frame.loc["age × colour = red", "column"] == "age × colour"


@pytest.mark.parametrize(
    "model", [RandomForestClassifier(5), GradientBoostingClassifier(n_estimators=3)]
)
def test_importances_are_the_estimators_own(model):
    pipeline = fitted(model.set_params(random_state=0), THREE)
    frame = importance_frame(pipeline, NAMES).set_index("feature")
    own = pipeline.named_steps["model"].feature_importances_
    np.testing.assert_allclose(frame.loc[NAMES["name"], "importance"].astype(float), own)
    assert frame["importance"].is_monotonic_decreasing and frame["std"].notna().all()


def test_tree_predicts_what_its_nodes_say():
    pipeline = fitted(DecisionTreeClassifier(max_depth=3, random_state=0), THREE, scaled=False)
    frame = tree_frame(pipeline, NAMES, max_depth=9)
    assert len(frame) == pipeline.named_steps["model"].tree_.node_count
    root = frame.iloc[0]
    name, threshold = root["rule"].split(" ≤ ")
    goes_left = X[name] <= float(threshold)
    children = frame[frame["parent"] == root["node"]].set_index("branch")
    assert children.loc["yes", "samples"] == goes_left.sum()
    common = THREE[goes_left].value_counts(normalize=True)
    assert children.loc["yes", "class"] == common.index[0]
    assert children.loc["yes", "value"] == pytest.approx(common.iloc[0])


def test_tree_places_nodes_without_crossing():
    frame = tree_frame(fitted(DecisionTreeClassifier(random_state=0), THREE), NAMES)
    leaves = frame[~frame["node"].isin(frame["parent"])]
    assert sorted(leaves["x"]) == list(range(len(leaves)))
    for parent, children in frame[frame["parent"] >= 0].groupby("parent"):
        assert frame.set_index("node").loc[parent, "x"] == pytest.approx(children["x"].mean())
        by_branch = children.set_index("branch")["x"]
        assert by_branch["yes"] < by_branch["no"]


def test_tree_is_cut_where_asked():
    pipeline = fitted(DecisionTreeRegressor(random_state=0), VALUE)
    frame = tree_frame(pipeline, NAMES, max_depth=2)
    assert frame["depth"].max() == 2 and len(frame) == 7
    assert frame[frame["depth"] == 2]["cut"].all() and not frame[frame["depth"] < 2]["cut"].any()
    assert frame.iloc[0]["value"] == pytest.approx(VALUE.mean()) and set(frame["class"]) == {""}


def test_tree_asks_about_categories_in_words():
    label = X["colour"].map({"blue": "b", "red": "r"})
    frame = tree_frame(fitted(DecisionTreeClassifier(random_state=0), label), NAMES)
    rule, yes = frame.iloc[0]["rule"], frame[frame["branch"] == "yes"].iloc[0]["class"]
    assert (rule, yes) in {("not colour = red", "b"), ("not colour = blue", "r")}
