"""The suite notices when a model learns from rows it is judged on: leaks are planted and found."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pytest
from conformance_tables import FEATURES, KINDS, make_everything, spoiled
from sklearn.base import BaseEstimator, clone
from sklearn.compose import ColumnTransformer
from sklearn.feature_selection import SelectKBest
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from tables import make_dataset
from threadpoolctl import threadpool_limits

from mlcore.algorithms.catalogue import SUPERVISED, for_task
from mlcore.data.dataset import Dataset
from mlcore.data.schema import ColumnKind, Schema
from mlcore.experiment import Experiment
from mlcore.setups import Setup
from mlcore.splitting import Rows, Split, SplitConfig
from mlcore.tasks import SUPERVISED_TASKS, Task
from mlcore.workflow import RunResult, run_experiment, supervised

Folds: TypeAlias = Sequence[tuple[Rows, Rows]]
#: Features and label of a whole table → the pipeline that each fold's training left behind.
Build = Callable[[pd.DataFrame, pd.Series], list[Pipeline]]
#: A pipeline before it is fitted, and all rows → the pipeline with something learnt already.
Leak = Callable[[Pipeline, pd.DataFrame, np.ndarray], Pipeline]

SPLIT = SplitConfig(method="random", test_share=0.2, folds=2, seed=1)
EVERYTHING = make_everything()
TARGET = {Task.CLASSIFICATION: "species", Task.REGRESSION: "price"}


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    with threadpool_limits(1):
        yield


# --- The check ----------------------------------------------------------------------------------


def assert_learns_from_training_rows_only(
    build: Build, X: pd.DataFrame, y: pd.Series, folds: Folds
) -> None:
    """Fail when the training of a fold learnt anything from a row outside its training rows.

    For each fold all other rows (validation, test) are filled with nonsense, features and label.
    Not a single learnt value of the fold's pipeline, and no prediction, may change.
    """
    first = build(X, y)
    assert len(first) == len(folds)
    for number, (train, _) in enumerate(folds):
        outside = np.setdiff1d(np.arange(len(X)), train)
        other = spoiled(dataset_of(X, y), outside).frame
        second = build(other[list(X.columns)], other[y.name])[number]
        before, after = learnt(first[number]), learnt(second)
        assert before.keys() == after.keys(), f"fold {number + 1} learnt other things"
        for name, value in before.items():
            np.testing.assert_array_equal(after[name], value, f"fold {number + 1}: {name}")
        for answer in ("predict", "predict_proba"):
            if hasattr(second, answer):
                one, two = (
                    getattr(each, answer)(X.iloc[train]) for each in (first[number], second)
                )
                np.testing.assert_array_equal(one, two, f"fold {number + 1}: {answer}")


def learnt(thing: Any, path: str = "prepare") -> dict[str, Any]:
    """Return every value that the preparation learnt, by the path to it.

    What is learnt ends in an underscore, as everywhere in scikit-learn.
    """
    if isinstance(thing, Pipeline) and path == "prepare":
        thing = thing.named_steps["prepare"]
    if isinstance(thing, BaseEstimator):
        inner = {f"{path}.{name}": value for name, value in vars(thing).items()}
    elif isinstance(thing, list | tuple):
        inner = {f"{path}[{position}]": value for position, value in enumerate(thing)}
    else:
        return {path: thing} if is_value(path, thing) else {}
    if isinstance(thing, list | tuple) and not any_estimator(thing):
        return {path: plain(thing)} if path.endswith("_") else {}
    return {name: kept for key, value in inner.items() for name, kept in learnt(value, key).items()}


def any_estimator(thing: Any) -> bool:
    if isinstance(thing, list | tuple):
        return any(map(any_estimator, thing))
    return isinstance(thing, BaseEstimator)


def is_value(path: str, thing: Any) -> bool:
    is_plain = isinstance(thing, np.ndarray | dict | str | int | float | np.generic)
    return path.endswith("_") and is_plain


def plain(values: Sequence[Any]) -> list[str]:
    return [repr(value.tolist() if isinstance(value, np.ndarray) else value) for value in values]


# --- What it is tried on ------------------------------------------------------------------------


def dataset_of(X: pd.DataFrame, y: pd.Series) -> Dataset:
    kinds = {name: KINDS[name] for name in X.columns}
    kind = ColumnKind.NUMBER if y.dtype.kind == "f" else ColumnKind.CATEGORY
    return make_dataset(X.assign(**{str(y.name): y}), {**kinds, str(y.name): kind})


def run(dataset: Dataset, target: str, task: Task, algorithm: str) -> RunResult:
    features = tuple(name for name in dataset.frame.columns if name != target)
    setup = Setup(
        target=target,
        task=task,
        features=features,
        split=SPLIT,
        preparation={"date_parts": ("day",)},
    )
    return run_experiment(dataset, setup.experiment(dataset, algorithm))


def building(task: Task, algorithm: str, leak: Leak | None = None) -> Build:
    """Return a build that runs the real workflow, with or without a leak planted in it."""

    def build(X: pd.DataFrame, y: pd.Series) -> list[Pipeline]:
        pipelines: list[Pipeline] = []
        predict_frame = supervised.predict_frame

        def keep(pipeline: Pipeline, *arguments: Any) -> pd.DataFrame:
            pipelines.append(pipeline)
            return predict_frame(pipeline, *arguments)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(supervised, "predict_frame", keep)
            if leak is not None:
                plant(patch, leak, X, y)
            run(dataset_of(X, y), str(y.name), task, algorithm)
        return pipelines

    return build


def plant(patch: pytest.MonkeyPatch, leak: Leak, X: pd.DataFrame, y: pd.Series) -> None:
    """Let the workflow build pipelines in which a part has seen all labelled rows."""
    build_pipeline = supervised.build_pipeline
    labelled = y.notna().to_numpy()

    def leaking(experiment: Experiment, schema: Schema) -> Pipeline:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the workflow's own fits are what is tested
            return leak(build_pipeline(experiment, schema), X[labelled], y[labelled].to_numpy())

    patch.setattr(supervised, "build_pipeline", leaking)


def fitted_on_all(step: str, branches: Sequence[str]) -> Leak:
    """Return a leak: this step of these branches is fitted once, on all rows."""

    def leak(pipeline: Pipeline, X: pd.DataFrame, y: np.ndarray) -> Pipeline:
        prepare: ColumnTransformer = pipeline.named_steps["prepare"]
        for name, branch, columns in prepare.transformers:
            if name in branches:
                seen = clone(branch).fit(X[columns], y).named_steps[step]
                branch.set_params(**{step: FrozenEstimator(seen)})
        return pipeline

    return leak


def selector_in_front(pipeline: Pipeline, X: pd.DataFrame, y: np.ndarray) -> Pipeline:
    """Plant the classic: the best number columns are chosen on all rows, before the folds."""
    branch, columns = numbers_of(pipeline)
    chosen = SelectKBest(k=best(columns)).fit(clone(branch).fit_transform(X[columns]), y)
    branch.steps.append(("select", FrozenEstimator(chosen)))
    return pipeline


def selector_in_the_fold(pipeline: Pipeline, X: pd.DataFrame, y: np.ndarray) -> Pipeline:
    """Do it right: the columns are chosen anew in each fold."""
    branch, columns = numbers_of(pipeline)
    branch.steps.append(("select", SelectKBest(k=best(columns))))
    return pipeline


def numbers_of(pipeline: Pipeline) -> tuple[Pipeline, list[str]]:
    """Return the branch of the numbers, and its columns."""
    branches = pipeline.named_steps["prepare"].transformers
    return next((branch, columns) for name, branch, columns in branches if name == "numbers")


def best(columns: Sequence[str]) -> int:
    return min(20, len(columns) - 1)


LEAKS: dict[str, Leak] = {
    "scaler": fitted_on_all("standardscaler", ["numbers"]),
    "imputer": fitted_on_all("simpleimputer", ["numbers"]),
    "onehot encoder": fitted_on_all("onehotencoder", ["onehot"]),
    "target encoder": fitted_on_all("targetencoder", ["target"]),
    "vocabulary": fitted_on_all("tfidfvectorizer", ["text0"]),
    "selector": selector_in_front,
}


def table_for(task: Task) -> tuple[pd.DataFrame, pd.Series, Folds]:
    X, y = EVERYTHING.frame[list(FEATURES)], EVERYTHING.frame[TARGET[task]]
    first = for_task(task)[-1]
    split = run(dataset_of(X, y), str(y.name), task, first.id).split
    assert all(not np.intersect1d(train, validation).size for train, validation in split.folds)
    return X, y, split.folds


# --- Ours is green, every planted leak is red ---------------------------------------------------

#: For each task the first algorithm that scales its inputs, and the first that does not.
SEVERAL = [
    next(spec for spec in SUPERVISED if spec.task is task and spec.scaling is scaling)
    for task in SUPERVISED_TASKS
    for scaling in (True, False)
]


@pytest.mark.parametrize("spec", SEVERAL, ids=lambda spec: f"{spec.id}-{spec.task.value}")
def test_our_pipelines_learn_from_training_rows_only(spec: Any) -> None:
    assert_learns_from_training_rows_only(building(spec.task, spec.id), *table_for(spec.task))


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_noticed(leak: str) -> None:
    task = Task.CLASSIFICATION
    build = building(task, SEVERAL[0].id, LEAKS[leak])
    with pytest.raises(AssertionError, match="fold 1"):
        assert_learns_from_training_rows_only(build, *table_for(task))


def test_a_selector_inside_the_fold_is_no_leak() -> None:
    task = Task.CLASSIFICATION
    build = building(task, SEVERAL[0].id, selector_in_the_fold)
    assert_learns_from_training_rows_only(build, *table_for(task))


def test_training_on_validation_rows_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    task = Task.CLASSIFICATION
    X, y, folds = table_for(task)
    make_split = supervised.make_split

    def overlapping(*arguments: Any) -> Split:
        split = make_split(*arguments)
        both = tuple((split.development, validation) for _, validation in split.folds)
        return Split(split.development, split.test, split.unlabelled, both, split.notes)

    monkeypatch.setattr(supervised, "make_split", overlapping)
    with pytest.raises(AssertionError, match="fold 1"):
        assert_learns_from_training_rows_only(building(task, SEVERAL[0].id), X, y, folds)


def test_the_check_looks_at_what_every_part_has_learnt() -> None:
    X, y, _ = table_for(Task.CLASSIFICATION)
    names = learnt(building(Task.CLASSIFICATION, SEVERAL[0].id)(X, y)[0])
    seen = {name.rpartition(".")[2].partition("[")[0] for name in names}
    assert {"mean_", "scale_", "statistics_", "categories_", "encodings_", "idf_"} <= seen


# --- What a leak is worth -----------------------------------------------------------------------


def noise(n_rows: int = 100, n_columns: int = 800) -> Dataset:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(
        rng.normal(size=(n_rows, n_columns)), columns=[f"x{i}" for i in range(n_columns)]
    )
    frame["coin"] = pd.Series(np.resize(["heads", "tails"], n_rows), dtype="str")
    return make_dataset(frame, {"coin": ColumnKind.CATEGORY})


def accuracy_on_noise(leak: Leak | None = None) -> float:
    """Return the share of coins told right among the rows that were predicted."""
    dataset = noise()
    with pytest.MonkeyPatch.context() as patch:
        if leak is not None:
            plant(patch, leak, dataset.frame.drop(columns="coin"), dataset.frame["coin"])
        result = run(dataset, "coin", Task.CLASSIFICATION, SEVERAL[0].id)
    predictions = result.evaluation.predictions
    return float((predictions["actual"] == predictions["predicted"]).mean())


def test_on_noise_only_a_leak_scores_above_chance() -> None:
    # 80 coins: three standard errors of a fair guess are 0.17.
    assert accuracy_on_noise(selector_in_front) > 0.7
    assert abs(accuracy_on_noise(selector_in_the_fold) - 0.5) < 0.17
    assert abs(accuracy_on_noise() - 0.5) < 0.17
