"""A row counts as much as its weight says while a model learns, and as any other when it judges."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import Ridge
from sklearn.metrics import balanced_accuracy_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures, StandardScaler
from sklearn.svm import SVC
from tables import make_dataset
from threadpoolctl import threadpool_limits

from mlcore.algorithms.catalogue import SUPERVISED, find
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.algorithms.weights import counted, weight_argument
from mlcore.data.dataset import Dataset
from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError
from mlcore.setups import Setup
from mlcore.splitting import SplitConfig
from mlcore.tasks import Task
from mlcore.workflow import RunResult, divide, predict_frame, run_experiment

SEED = 3
SPLIT = SplitConfig(method="random", test_share=0.2, folds=2, seed=SEED)
ALL_ROWS = replace(SPLIT, test_share=0.0)
FEATURES = ("long", "wide", "high")
TARGET = {Task.CLASSIFICATION: "kind", Task.REGRESSION: "price"}

every_spec = pytest.mark.parametrize(
    "spec", SUPERVISED, ids=lambda spec: f"{spec.id}-{spec.task.value}"
)
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    with threadpool_limits(1):
        yield


def make_frame(n_rows: int = 80) -> pd.DataFrame:
    """Numbers without gaps, so that nothing but scaling happens before the model."""
    rng = np.random.default_rng(5)
    kind = np.resize(["ant", "bee", "cat"], n_rows)
    frame = pd.DataFrame(rng.normal(size=(n_rows, 3)), columns=list(FEATURES))
    frame["long"] += np.select([kind == "ant", kind == "bee"], [0.0, 1.0], 2.0)
    frame["kind"] = pd.Series(kind, dtype="str")
    frame["price"] = frame["long"] - 2 * frame["wide"] ** 2 + rng.normal(0, 0.3, n_rows)
    return frame.assign(trust=rng.gamma(0.7, 2.0, n_rows) + 0.01)


def table(frame: pd.DataFrame) -> Dataset:
    return make_dataset(frame, {"kind": ColumnKind.CATEGORY})


FRAME = make_frame()


def few(spec: AlgorithmSpec) -> dict[str, Any]:
    return {} if spec.steps is None else {spec.steps: 10}


def run(
    spec: AlgorithmSpec,
    frame: pd.DataFrame = FRAME,
    weight: str | None = "trust",
    split: SplitConfig = SPLIT,
    **params: Any,
) -> RunResult:
    dataset = table(frame)
    setup = Setup(
        target=TARGET[spec.task], task=spec.task, features=FEATURES, split=split, weight=weight
    )
    return run_experiment(dataset, setup.experiment(dataset, spec.id, {**few(spec), **params}))


@cache
def ran(algorithm: str, task: Task, weight: str | None) -> RunResult:
    return run(find(algorithm, task), weight=weight)


def answers(pipeline: Pipeline, task: Task, rows: pd.DataFrame = FRAME) -> pd.DataFrame:
    return predict_frame(pipeline, rows[list(FEATURES)], task)


def name_by_hand(spec: AlgorithmSpec) -> str | None:
    """Return what ``fit`` calls the weights, from the signature of what learns."""
    model, front = spec.build(few(spec), SEED), ""
    if isinstance(model, TransformedTargetRegressor):
        model = model.regressor
    if isinstance(model, Pipeline):
        front, model = f"{model.steps[-1][0]}__", model[-1]
    takes = "sample_weight" in inspect.signature(model.fit).parameters
    return f"{front}sample_weight" if takes else None


def by_hand(spec: AlgorithmSpec, train: np.ndarray, weighted: bool) -> Pipeline:
    """Return scaling and model fitted by nothing but scikit-learn."""
    rows, model = FRAME.iloc[train], spec.build(few(spec), SEED)
    scale = StandardScaler() if spec.scaling else "passthrough"
    pipeline = Pipeline([("scale", scale), ("model", model)])
    name = name_by_hand(spec)
    more = {f"model__{name}": rows["trust"].to_numpy()} if weighted and name else {}
    return pipeline.fit(rows[list(FEATURES)].to_numpy(), rows[TARGET[spec.task]].to_numpy(), **more)


def on_numbers(pipeline: Pipeline) -> Pipeline:
    """Return a pipeline fitted on bare numbers so that it can be asked with a frame."""
    return Pipeline([("bare", FunctionTransformer(pd.DataFrame.to_numpy)), *pipeline.steps])


def assert_same(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(ours, theirs, check_dtype=False, rtol=1e-10, atol=1e-10)


def differ(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    numbers = one.select_dtypes("number").to_numpy() - other.select_dtypes("number").to_numpy()
    return bool(np.abs(numbers).max(initial=0) > 1e-6) or not one.equals(other)


# --- The model, and only the model --------------------------------------------------------------


@every_spec
def test_the_model_learns_what_scikit_learn_learns_with_these_weights(spec: AlgorithmSpec) -> None:
    result = ran(spec.id, spec.task, "trust")
    fits = [*(train for train, _ in result.split.folds), result.split.development]
    theirs = [answers(on_numbers(by_hand(spec, rows, True)), spec.task) for rows in fits]
    assert_same(answers(result.pipeline, spec.task), theirs[-1])
    predictions = result.evaluation.predictions
    for number, (_, validation) in enumerate(result.split.folds, start=1):
        ours = predictions[predictions["fold"] == number].reset_index(drop=True)
        expected = theirs[number - 1].iloc[validation].reset_index(drop=True)
        assert_same(ours.drop(columns=["row", "fold", "actual"]), expected)


@every_spec
def test_weights_change_the_model_or_a_note_says_that_they_cannot(spec: AlgorithmSpec) -> None:
    with_weights, without = (ran(spec.id, spec.task, weight) for weight in ("trust", None))
    codes = {note.code for note in with_weights.notes}
    changed = differ(*(answers(each.pipeline, spec.task) for each in (with_weights, without)))
    takes = name_by_hand(spec) is not None
    assert ("training.not_weighted" in codes) is not takes
    assert changed is takes
    assert "training.not_weighted" not in {note.code for note in without.notes}


def test_the_note_names_the_algorithm() -> None:
    notes = map(str, ran("k_nearest_neighbors", Task.CLASSIFICATION, "trust").notes)
    assert (
        "k nearest neighbours does not take weights, so every row with a weight above 0 counted "
        "the same." in list(notes)
    )


def test_scores_count_every_row_the_same() -> None:
    result = ran("logistic_regression", Task.CLASSIFICATION, "trust")
    predictions, scores = result.evaluation.predictions, result.evaluation.scores
    of_fold = predictions[predictions["fold"] == 1]
    found = scores.query("fold == 1 and metric == 'balanced_accuracy'")["value"].item()
    plain = balanced_accuracy_score(of_fold["actual"], of_fold["predicted"])
    weighed = balanced_accuracy_score(
        of_fold["actual"],
        of_fold["predicted"],
        sample_weight=FRAME["trust"].iloc[of_fold["row"]],
    )
    assert found == pytest.approx(plain, abs=1e-12)
    assert abs(plain - weighed) > 1e-3


# --- What a weight means ------------------------------------------------------------------------


#: The smallest leaf is counted in rows, not in weights.
SMALL_TREE = {"min_samples_leaf": 1, "max_depth": 3}


@pytest.mark.parametrize(
    ("algorithm", "task", "params"),
    [
        ("linear_regression", Task.REGRESSION, {}),
        ("decision_tree", Task.REGRESSION, SMALL_TREE),
        ("decision_tree", Task.CLASSIFICATION, SMALL_TREE),
        ("naive_bayes", Task.CLASSIFICATION, {}),
    ],
)
def test_a_weight_of_two_is_the_row_twice(
    algorithm: str, task: Task, params: dict[str, Any]
) -> None:
    spec = find(algorithm, task)
    times = np.random.default_rng(1).integers(1, 4, len(FRAME))
    weighed = run(spec, FRAME.assign(trust=times.astype(float)), split=ALL_ROWS, **params)
    repeated = FRAME.loc[FRAME.index.repeat(times)].reset_index(drop=True)
    plain = run(spec, repeated, weight=None, split=ALL_ROWS, **params)
    once = run(spec, FRAME, weight=None, split=ALL_ROWS, **params)
    assert_same(answers(weighed.pipeline, task), answers(plain.pipeline, task))
    assert differ(answers(weighed.pipeline, task), answers(once.pipeline, task))


@every_spec
def test_a_row_without_weight_is_as_good_as_absent(spec: AlgorithmSpec) -> None:
    trust = FRAME["trust"].to_numpy(copy=True)
    trust[::4], trust[2::8] = 0.0, np.nan
    frame = FRAME.assign(trust=trust)
    present = frame[frame["trust"] > 0].reset_index(drop=True)
    assert len(present) == 50
    with_zeros, absent = (run(spec, each, split=ALL_ROWS) for each in (frame, present))
    assert not differ(*(answers(each.pipeline, spec.task) for each in (with_zeros, absent)))
    assert with_zeros.evaluation.timing["n_train"].iloc[-1] == 50
    # All rows are judged, whatever their weight.
    assert len(with_zeros.evaluation.predictions) == len(FRAME)


def test_rows_without_a_weight_are_counted_in_a_note() -> None:
    trust = FRAME["trust"].copy()
    split = ran("decision_tree", Task.REGRESSION, None).split
    trust.iloc[[*split.development[:3], split.test[0]]] = np.nan
    notes = [
        str(n) for n in run(find("decision_tree", Task.REGRESSION), FRAME.assign(trust=trust)).notes
    ]
    assert notes[0].startswith("3 of 64 rows for training and comparing have no weight in “trust”.")


# --- Weights of rows that judge -----------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["logistic_regression", "random_forest"])
def test_weights_of_validation_and_test_rows_do_not_matter(algorithm: str) -> None:
    spec = find(algorithm, Task.CLASSIFICATION)
    first = ran(algorithm, Task.CLASSIFICATION, "trust")
    for number, (train, _) in enumerate(first.split.folds, start=1):
        outside = ~np.isin(np.arange(len(FRAME)), train)
        for where, same in ((outside, True), (~outside, False)):
            trust = FRAME["trust"].mask(pd.Series(where), 50.0 - 40 * FRAME["high"].rank(pct=True))
            second = run(spec, FRAME.assign(trust=trust))
            found = [
                each.evaluation.predictions[each.evaluation.predictions["fold"] == number]
                for each in (first, second)
            ]
            assert differ(*found) is not same


def test_weights_of_test_rows_do_not_reach_the_final_model() -> None:
    spec = find("linear_regression", Task.REGRESSION)
    first = ran(spec.id, spec.task, "trust")
    trust = FRAME["trust"].copy()
    trust.iloc[first.split.test] = 1000.0
    second = run(spec, FRAME.assign(trust=trust))
    assert not differ(*(answers(each.pipeline, spec.task) for each in (first, second)))


# --- What cannot be used ------------------------------------------------------------------------


def refused(frame: pd.DataFrame, weight: str = "trust", **changed: Any) -> UserError:
    setup = Setup(
        target="kind", task=Task.CLASSIFICATION, features=FEATURES, split=SPLIT, weight=weight
    )
    with pytest.raises(UserError) as caught:
        divide(table(frame), replace(setup, **changed))
    return caught.value


def test_a_column_that_cannot_weigh_is_refused() -> None:
    assert refused(FRAME, "kind").code == "setup.weight_is_target"
    assert refused(FRAME, "wide").code == "setup.weight_is_feature"
    number = {"target": "price", "task": Task.REGRESSION}
    assert refused(FRAME, "kind", **number).code == "setup.weight_kind"
    assert refused(FRAME, "trusst").code == "setup.no_column"


@pytest.mark.parametrize(("value", "words"), [(-0.5, "holds -0.5 (1 such"), (np.inf, "holds inf")])
def test_negative_and_infinite_weights_are_refused(value: float, words: str) -> None:
    trust = FRAME["trust"].copy()
    trust.iloc[4] = value
    problem = refused(FRAME.assign(trust=trust))
    assert problem.code == "setup.weight_value" and words in str(problem)


def test_a_fold_in_which_nothing_counts_gets_a_sentence() -> None:
    setup = Setup(target="kind", task=Task.CLASSIFICATION, features=FEATURES, split=SPLIT)
    (train, validation), _ = divide(table(FRAME), setup).folds
    trust = FRAME["trust"].copy()
    trust.iloc[train] = 0.0
    problem = refused(FRAME.assign(trust=trust))
    assert problem.code == "setup.weight_all_zero" and str(problem).startswith("In fold 1 no ")
    trust.iloc[train] = FRAME["trust"].iloc[train].where(FRAME["kind"].iloc[train] == "bee", 0.0)
    problem = refused(FRAME.assign(trust=trust))
    assert problem.code == "setup.weight_one_class" and "class “bee”" in str(problem)


# --- The name of the argument -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("estimator", "name"),
    [
        (Ridge(), "sample_weight"),
        (KNeighborsClassifier(), None),
        (make_pipeline(StandardScaler(), SVC()), "svc__sample_weight"),
        (make_pipeline(StandardScaler(), KNeighborsClassifier()), None),
        (TransformedTargetRegressor(regressor=Ridge()), "sample_weight"),
        (
            Pipeline(
                [
                    (
                        "model",
                        TransformedTargetRegressor(
                            regressor=make_pipeline(PolynomialFeatures(), Ridge())
                        ),
                    )
                ]
            ),
            "model__ridge__sample_weight",
        ),
    ],
    ids=str,
)
def test_the_argument_is_found_by_asking_what_learns(
    estimator: BaseEstimator, name: str | None
) -> None:
    assert weight_argument(estimator) == name
    if name is not None:
        labels = np.array([0.0, 1.0, 0.0, 1.0])
        estimator.fit(np.arange(8.0).reshape(4, 2), labels, **{name: np.ones(4)})


def test_rows_that_count() -> None:
    rows = np.array([3, 0, 2])
    assert counted(rows, np.array([0.5, 9.0, 0.0, 1.0])).tolist() == [3, 0]
    assert counted(rows, None) is rows
