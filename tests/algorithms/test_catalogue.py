"""Every algorithm keeps what its declaration promises."""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Iterator

import numpy as np
import pytest
import scipy.sparse
from sklearn.base import BaseEstimator, clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_diabetes, load_iris, make_regression
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from threadpoolctl import threadpool_limits

from mlcore.algorithms.catalogue import SUPERVISED, baseline, find, for_task
from mlcore.algorithms.linear import polynomial_terms
from mlcore.algorithms.progress import innermost
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.errors import UserError
from mlcore.params import Param, ParamValue, defaults
from mlcore.tasks import SUPERVISED_TASKS, Task

#: What the issue asks for, so that an entry cannot be lost unnoticed.
PROMISED = {
    Task.CLASSIFICATION: {
        "logistic_regression",
        "svm_linear",
        "svm_polynomial",
        "svm_rbf",
        "k_nearest_neighbors",
        "decision_tree",
        "random_forest",
        "mlp",
        "naive_bayes",
        "hist_gradient_boosting",
        "extra_trees",
        "linear_discriminant",
        "sgd",
        "baseline",
    },
    Task.REGRESSION: {
        "linear_regression",
        "polynomial_regression",
        "decision_tree",
        "random_forest",
        "ridge",
        "lasso",
        "elastic_net",
        "svr",
        "k_nearest_neighbors",
        "hist_gradient_boosting",
        "mlp",
        "sgd",
        "baseline",
    },
}
#: Cheap values for knobs that are not being tested, so that hundreds of fits stay quick.
CHEAP: dict[str, dict[str, ParamValue]] = {
    "random_forest": {"n_estimators": 3, "max_depth": 3},
    "extra_trees": {"n_estimators": 3, "max_depth": 3},
    "hist_gradient_boosting": {"max_iter": 3, "max_leaf_nodes": 4},
    "mlp": {"hidden_layer_sizes": (8,), "max_iter": 5},
    "sgd": {"max_iter": 20},
    "logistic_regression": {"max_iter": 50},
}
#: Knobs of a part that is not the declared estimator: what the algorithm is built from.
ELSEWHERE: dict[str, tuple[type[BaseEstimator], ...]] = {
    "polynomial_regression": (PolynomialFeatures, Ridge),
    "svm_linear": (CalibratedClassifierCV,),
    "svm_polynomial": (CalibratedClassifierCV,),
    "svm_rbf": (CalibratedClassifierCV,),
}


def name_of(spec: AlgorithmSpec) -> str:
    return f"{spec.id}-{spec.task.value}"


every_spec = pytest.mark.parametrize("spec", SUPERVISED, ids=name_of)


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """Boosting on a hundred rows spends its time on starting threads."""
    with threadpool_limits(1):
        yield


@pytest.fixture(autouse=True)
def _may_not_converge() -> Iterator[None]:
    """Extreme values may stop early; every other warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ConvergenceWarning)
        # The batch size is bounded without knowing the table; scikit-learn clips it and says so.
        warnings.filterwarnings("ignore", message="Got `batch_size` less than 1 or larger")
        yield


def rows_for(task: Task) -> tuple[np.ndarray, np.ndarray]:
    """Return scaled rows: iris, or the first 150 of diabetes with its label in its own units."""
    X, y = (load_iris if task is Task.CLASSIFICATION else load_diabetes)(return_X_y=True)
    X, y = X[:150, :4], y[:150]  # as many as the most neighbours, and all three kinds of iris
    return StandardScaler().fit_transform(X), y.astype(str) if task is Task.CLASSIFICATION else y


def opened(spec: AlgorithmSpec, param: Param, value: ParamValue) -> dict[str, ParamValue]:
    """Return values in which ``param`` has ``value`` and matters."""
    cheap = CHEAP.get(spec.id, {})
    values = {name: cheap[name] for name in cheap if name != param.name} | {param.name: value}
    by_name = {each.name: each for each in spec.params}
    while param.only_if is not None:
        values.setdefault(param.only_if[0], param.only_if[1][0])
        param = by_name[param.only_if[0]]
    return values


# --- The list -----------------------------------------------------------------------------------


@pytest.mark.parametrize("task", SUPERVISED_TASKS)
def test_everything_promised_is_there_once(task: Task) -> None:
    ids = [spec.id for spec in for_task(task)]
    assert len(ids) == len(set(ids))
    assert set(ids) == PROMISED[task]


@pytest.mark.parametrize("task", SUPERVISED_TASKS)
def test_the_one_baseline_is_last(task: Task) -> None:
    assert [spec.is_baseline for spec in for_task(task)].count(True) == 1
    assert for_task(task)[-1] is baseline(task)


def test_names_are_not_confused_in_a_menu() -> None:
    for task in SUPERVISED_TASKS:
        names = [spec.name for spec in for_task(task)]
        assert len(names) == len(set(names))


def test_find_returns_the_entry_of_the_task() -> None:
    assert find("mlp", Task.REGRESSION).task is Task.REGRESSION
    assert find("mlp", Task.CLASSIFICATION).task is Task.CLASSIFICATION


def test_find_offers_the_nearest_id() -> None:
    with pytest.raises(UserError, match="random_forest") as caught:
        find("random_forrest", Task.REGRESSION)
    assert caught.value.code == "setup.unknown_algorithm"


# --- The knobs ----------------------------------------------------------------------------------


@every_spec
def test_knobs_are_constructor_parameters(spec: AlgorithmSpec) -> None:
    classes = (spec.estimator, *ELSEWHERE.get(spec.id, ()))
    accepted = {name for cls in classes for name in inspect.signature(cls).parameters}
    declared = {param.name for param in spec.params}
    assert declared | set(spec.fixed) <= accepted
    assert not declared & set(spec.fixed)
    assert len(declared) == len(spec.params)
    assert set(spec.none_means) <= declared
    assert spec.steps is None or spec.steps in declared
    assert set(spec.rows_at_least) <= set(declared)


@every_spec
def test_knobs_refer_to_knobs(spec: AlgorithmSpec) -> None:
    by_name = {param.name: param for param in spec.params}
    for param in spec.params:
        if param.only_if is not None:
            other, wanted = param.only_if
            assert [by_name[other].check(value) for value in wanted] == list(wanted)


@every_spec
def test_basic_knobs_come_first_and_are_few(spec: AlgorithmSpec) -> None:
    unconditional = [param.basic for param in spec.params if param.only_if is None]
    assert unconditional == sorted(unconditional, reverse=True)
    assert sum(param.basic for param in spec.params) <= 6
    if spec.params and spec.id != "linear_regression":
        assert unconditional[0]


@every_spec
def test_defaults_fit_quietly_and_answer_the_task(spec: AlgorithmSpec) -> None:
    X, y = rows_for(spec.task)
    model = spec.build({}, seed=0).fit(X, y)
    assert is_classifier(model) == (spec.task is Task.CLASSIFICATION)
    assert is_regressor(model) == (spec.task is Task.REGRESSION)
    assert model.predict(X).shape == y.shape
    if spec.task is Task.CLASSIFICATION:
        assert hasattr(model, "predict_proba") == spec.probabilities
        assert hasattr(model, "predict_proba") or hasattr(model, "decision_function")
        assert set(model.predict(X)) <= set(y)


CASES = [
    pytest.param(spec, param, id=f"{name_of(spec)}-{param.name}")
    for spec in SUPERVISED
    for param in spec.params
]


@pytest.mark.parametrize(("spec", "param"), CASES)
def test_extremes_are_accepted_and_fit(spec: AlgorithmSpec, param: Param) -> None:
    X, y = rows_for(spec.task)
    for value in param.extremes():
        values = opened(spec, param, value)
        assert param in spec.shown(spec.check(values))
        model = spec.build(values, seed=0).fit(X, y)
        assert np.isfinite(_numbers(model.predict(X))).all(), value


def _numbers(predictions: np.ndarray) -> np.ndarray:
    return predictions.astype(float)


@every_spec
def test_values_reach_the_estimator(spec: AlgorithmSpec) -> None:
    values = spec.check({})
    built = innermost(spec.build(values, seed=3))
    given = built.get_params()
    for param in spec.shown(values):
        if param.name in given and spec.id != "polynomial_regression":
            expected = spec.none_means.get(param.name, None)
            value = values[param.name]
            assert given[param.name] == (expected if value is None else value)
    if spec.seeded and "random_state" in given:
        assert given["random_state"] == 3


def test_values_of_hidden_knobs_change_nothing() -> None:
    mlp = find("mlp", Task.REGRESSION)
    hidden = {"solver": "lbfgs", "early_stopping": True, "validation_fraction": 0.5}
    complete = mlp.check(hidden)
    assert {"early_stopping", "validation_fraction"}.isdisjoint(
        param.name for param in mlp.shown(complete)
    )
    assert innermost(mlp.build(hidden, 0)).early_stopping is False


@every_spec
def test_same_seed_same_predictions(spec: AlgorithmSpec) -> None:
    X, y = rows_for(spec.task)
    values = CHEAP.get(spec.id, {})
    first, second = (spec.build(values, seed=7).fit(X, y) for _ in range(2))
    np.testing.assert_array_equal(first.predict(X), second.predict(X))
    if hasattr(first, "predict_proba"):
        np.testing.assert_array_equal(first.predict_proba(X), second.predict_proba(X))
    assert spec.build(values, 7).get_params().keys() == clone(first).get_params().keys()


@every_spec
def test_dense_says_whether_sparse_input_is_refused(spec: AlgorithmSpec) -> None:
    X, y = rows_for(spec.task)
    model = spec.build(CHEAP.get(spec.id, {}), seed=0)
    if spec.dense:
        with pytest.raises((TypeError, ValueError), match=r"[Ss]parse"):
            model.fit(scipy.sparse.csr_matrix(X), y)
    else:
        model.fit(scipy.sparse.csr_matrix(X), y).predict(scipy.sparse.csr_matrix(X[:3]))


NOT_SCALED = [spec for spec in SUPERVISED if not spec.scaling and spec.id != "naive_bayes"]


@pytest.mark.parametrize("spec", NOT_SCALED, ids=name_of)
def test_without_scaling_units_do_not_matter(spec: AlgorithmSpec) -> None:
    # Powers of two change no digit, so trees cut at the same places.
    X, y = rows_for(spec.task)
    units = np.array([1.0, 1024.0, 0.125, 8.0])
    values = CHEAP.get(spec.id, {})
    plain = spec.build(values, 0).fit(X, y).predict(X)
    scaled = spec.build(values, 0).fit(X * units, y).predict(X * units)
    if spec.task is Task.CLASSIFICATION:
        np.testing.assert_array_equal(plain, scaled)
    else:
        np.testing.assert_allclose(plain, scaled, rtol=1e-8)


# --- Defaults that serve a beginner -------------------------------------------------------------


@pytest.mark.parametrize("spec", for_task(Task.REGRESSION)[:-1], ids=name_of)
@pytest.mark.parametrize("unit", [1e-4, 1e4], ids=["shares", "prices"])
def test_defaults_do_not_depend_on_the_units_of_the_label(spec: AlgorithmSpec, unit: float) -> None:
    X, y = load_diabetes(return_X_y=True)
    folds = KFold(3, shuffle=True, random_state=0)
    fewer: dict[str, dict[str, ParamValue]] = {
        "random_forest": {"n_estimators": 10},
        "mlp": {"max_iter": 100},
    }
    values = fewer.get(spec.id, {})
    model = make_pipeline(StandardScaler(), spec.build(values, seed=0))
    score = cross_val_score(model, X, y * unit, cv=folds).mean()
    assert score > 0.1


def test_gradient_descent_survives_hundreds_of_columns() -> None:
    """A step on n scaled columns explodes where the learning rate is above 2/n."""
    X, y = make_regression(200, 500, n_informative=10, random_state=0)
    X = StandardScaler().fit_transform(X)
    assert find("sgd", Task.REGRESSION).build({}, seed=0).fit(X, y).score(X, y) > 0.9


def test_lasso_removes_every_column_at_the_top_of_its_penalty() -> None:
    X, y = rows_for(Task.REGRESSION)
    model = innermost(find("lasso", Task.REGRESSION).build({"alpha": 1.0}, 0).fit(X, y * 1e6))
    assert not model.coef_.any()


# --- Algorithms made of several parts -----------------------------------------------------------


def test_polynomial_without_penalty_is_least_squares_on_powers() -> None:
    x = np.linspace(-2, 3, 40)
    y = 1 - 2 * x + 0.5 * x**3
    spec = find("polynomial_regression", Task.REGRESSION)
    model = spec.build({"degree": 3, "alpha": 0}, 0).fit(x[:, None], y)
    new = np.array([-1.5, 0.0, 4.0])
    np.testing.assert_allclose(model.predict(new[:, None]), np.polyval([0.5, 0, -2, 1], new))
    assert isinstance(model[-1], LinearRegression)


def test_polynomial_penalty_is_ridge_on_scaled_powers() -> None:
    X, y = rows_for(Task.REGRESSION)
    spec = find("polynomial_regression", Task.REGRESSION)
    by_hand = make_pipeline(PolynomialFeatures(2, include_bias=False), StandardScaler(), Ridge(5.0))
    np.testing.assert_allclose(
        spec.build({"alpha": 5.0}, 0).fit(X, y).predict(X), by_hand.fit(X, y).predict(X), rtol=1e-12
    )


@pytest.mark.parametrize("only", [False, True])
@pytest.mark.parametrize(("columns", "degree"), [(1, 5), (4, 3), (3, 6), (10, 2)])
def test_polynomial_terms_are_counted_right(columns: int, degree: int, only: bool) -> None:
    terms = PolynomialFeatures(degree, interaction_only=only, include_bias=False)
    made = terms.fit(np.zeros((1, columns))).n_output_features_
    assert polynomial_terms(columns, degree, only) == made


def test_a_polynomial_that_does_not_fit_into_memory_is_refused() -> None:
    spec = find("polynomial_regression", Task.REGRESSION)
    spec.check_table(spec.check({}), rows=10_000, columns=50)
    with pytest.raises(UserError, match="316,250 columns from 50 for 10,000 rows"):
        spec.check_table(spec.check({"degree": 4}), rows=10_000, columns=50)


def test_more_neighbours_than_rows_are_refused() -> None:
    spec = find("k_nearest_neighbors", Task.CLASSIFICATION)
    spec.check_table(spec.check({"n_neighbors": 40}), rows=40, columns=3)
    with pytest.raises(UserError, match="is 41, but there are only 40 rows to learn from"):
        spec.check_table(spec.check({"n_neighbors": 41}), rows=40, columns=3)


@pytest.mark.parametrize("kernel", ["linear", "polynomial", "rbf"])
def test_support_vector_machines_give_probabilities_only_when_asked(kernel: str) -> None:
    X, y = rows_for(Task.CLASSIFICATION)
    spec = find(f"svm_{kernel}", Task.CLASSIFICATION)
    assert not hasattr(spec.build({}, 0).fit(X, y), "predict_proba")
    calibrated = spec.build({"method": "sigmoid"}, 0).fit(X, y)
    np.testing.assert_allclose(calibrated.predict_proba(X).sum(axis=1), 1)
    assert len(calibrated.calibrated_classifiers_) == 1


def test_hinge_loss_gives_scores_only() -> None:
    X, y = rows_for(Task.CLASSIFICATION)
    model = find("sgd", Task.CLASSIFICATION).build({"loss": "hinge"}, 0).fit(X, y)
    assert not hasattr(model, "predict_proba")
    assert model.decision_function(X).shape == (len(y), 3)


# --- The words ----------------------------------------------------------------------------------

WORDS = ("name", "growth", "summary", "use_when", "avoid_when", "reference")
BANNED = {
    "k_nearest_neighbors": r"unsupervised",
    "decision_tree-classification": r"squared",
    "logistic_regression": r"squared error|least squares",
    "random_forest": r"\bvot",
    "extra_trees": r"\bvot",
    "polynomial_regression": r"non-?linear (estimation|in its weights|in the weights)",
}


@every_spec
def test_words_are_plain_sentences(spec: AlgorithmSpec) -> None:
    for field in WORDS:
        text = getattr(spec, field)
        assert text and text == text.strip() and "  " not in text, field
    for field in ("growth", "summary", "use_when", "avoid_when"):
        assert getattr(spec, field).endswith("."), field
    assert re.search(r"\(\d{4}\)", spec.reference), "a reference has a year"


@every_spec
def test_every_knob_explains_itself(spec: AlgorithmSpec) -> None:
    for param in spec.params:
        assert param.label and param.label[0].isupper()
        assert param.help.endswith(".") and "  " not in param.help
        assert len(param.help) > 40, param.name


@every_spec
def test_nothing_false_is_said(spec: AlgorithmSpec) -> None:
    said = " ".join(getattr(spec, field) for field in WORDS).lower()
    for owner in (spec.id, name_of(spec)):
        if owner in BANNED:
            assert not re.search(BANNED[owner], said)
    if spec.id.startswith("svm") and "probabilit" in said:
        assert "calibrat" in said


@every_spec
def test_formulas_are_balanced(spec: AlgorithmSpec) -> None:
    maths = spec.maths
    assert maths and "$" not in maths
    assert maths.count("{") == maths.count("}")
    assert len(re.findall(r"\\left\b", maths)) == len(re.findall(r"\\right\b", maths))
    assert re.findall(r"\\begin\{(\w+)\}", maths) == re.findall(r"\\end\{(\w+)\}", maths)


def test_what_the_words_promise_about_boosting_holds() -> None:
    """With fewer than 40 rows and leaves of 20, no row is told from another."""
    X, y = rows_for(Task.REGRESSION)
    spec = find("hist_gradient_boosting", Task.REGRESSION)
    assert np.ptp(spec.build({}, 0).fit(X[:39], y[:39]).predict(X)) == 0
    assert np.ptp(spec.build({}, 0).fit(X[:41], y[:41]).predict(X)) > 0


def test_defaults_are_complete() -> None:
    for spec in SUPERVISED:
        assert spec.check({}) == defaults(spec.params)
