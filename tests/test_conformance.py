"""Whatever is in the catalogue gives what scikit-learn gives, from learning rows alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conformance_tables import FEATURES, make_everything, spoiled, strange_rows
from sklearn import metrics as theirs
from sklearn.base import BaseEstimator, clone
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, ShuffleSplit, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
    label_binarize,
)
from sklearn.tree import BaseDecisionTree
from threadpoolctl import threadpool_limits

from mlcore.algorithms.catalogue import SUPERVISED, find
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.dataset import Dataset
from mlcore.errors import UserError
from mlcore.evaluation.evaluation import PROBABILITY
from mlcore.evaluation.metrics import metrics_for
from mlcore.experiment import Experiment
from mlcore.params import Param, ParamValue, defaults
from mlcore.pipelines.describe import feature_table
from mlcore.pipelines.preparation import PREPARATION_PARAMS
from mlcore.setups import Setup
from mlcore.splitting import SplitConfig
from mlcore.tasks import Task
from mlcore.workflow import RunResult, predict_frame, run_experiment

SEED = 3
#: Drawn by lot, so that nonsense in the labels of test rows leaves the division as it is.
SPLIT = SplitConfig(method="random", test_share=0.25, folds=2, seed=SEED)
TARGET = {Task.CLASSIFICATION: "species", Task.REGRESSION: "price"}
#: One part of a date does what eight do, in much less time.
PREPARATION: dict[str, ParamValue] = {"date_parts": ("day",)}
EVERYTHING = make_everything()
NUMBERS = ["size", "weight", "hardly"]
CATEGORIES = ["colour", "tagged", "town", "seldom"]
DATES = ["seen", "visit"]


def name_of(spec: AlgorithmSpec) -> str:
    return f"{spec.id}-{spec.task.value}"


every_spec = pytest.mark.parametrize("spec", SUPERVISED, ids=name_of)


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """A hundred rows spend their time on starting threads."""
    with threadpool_limits(1):
        yield


# --- The workbench ------------------------------------------------------------------------------


def experiment_for(
    spec: AlgorithmSpec,
    target: str,
    preparation: Mapping[str, ParamValue] = PREPARATION,
    split: SplitConfig = SPLIT,
) -> Experiment:
    setup = Setup(
        target=target, task=spec.task, features=FEATURES, split=split, preparation=preparation
    )
    return setup.experiment(EVERYTHING, spec.id, few_steps(spec))


def few_steps(spec: AlgorithmSpec) -> dict[str, ParamValue]:
    """Return values with which trees and epochs are few: whether they are many changes nothing."""
    return {} if spec.steps is None else {spec.steps: 10}


@dataclass(frozen=True, eq=False)
class Ran:
    """A run, and the row numbers that each fit and each prediction was given."""

    result: RunResult
    fitted: list[list[int]]
    predicted: list[list[int]]


def ran(spec: AlgorithmSpec) -> Ran:
    """Run an algorithm once; the tests look at it from different sides."""
    return _ran(spec.id, spec.task)


@cache
def _ran(algorithm: str, task: Task) -> Ran:
    spec = find(algorithm, task)
    fitted: list[list[int]] = []
    predicted: list[list[int]] = []
    fit_transform, transform = ColumnTransformer.fit_transform, ColumnTransformer.transform

    def spy_fit(self: ColumnTransformer, X: pd.DataFrame, y: Any = None, **more: Any) -> Any:
        fitted.append(list(X.index))
        return fit_transform(self, X, y, **more)

    def spy_transform(self: ColumnTransformer, X: pd.DataFrame, **more: Any) -> Any:
        predicted.append(list(X.index))
        return transform(self, X, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ColumnTransformer, "fit_transform", spy_fit)
        patch.setattr(ColumnTransformer, "transform", spy_transform)
        result = run_experiment(EVERYTHING, experiment_for(spec, TARGET[spec.task]))
    return Ran(result, fitted, predicted)


def answers(result: RunResult, rows: pd.DataFrame) -> pd.DataFrame:
    return predict_frame(result.pipeline, rows[list(FEATURES)], result.experiment.task)


# --- The same by hand ---------------------------------------------------------------------------


def by_hand_table(values: Mapping[str, Any]) -> pd.DataFrame:
    """Return the features with everything done that needs no learning."""
    frame = EVERYTHING.frame[list(FEATURES)].copy()
    if values["category_missing"] == "own":
        frame[CATEGORIES] = frame[CATEGORIES].fillna("(missing)")
    frame["remark"] = frame["remark"].fillna("")
    for name in DATES:
        for part in values["date_parts"]:
            frame[f"{name} {part}"] = getattr(frame[name].dt, part).astype("float64")
    return frame.drop(columns=DATES)


def by_hand_preparation(values: Mapping[str, Any], scaling: str, task: Task) -> list[Any]:
    """Return the parts of a ColumnTransformer as a practitioner would write them."""
    scalers: dict[str, list[BaseEstimator]] = {
        "none": [],
        "standard": [StandardScaler()],
        "minmax": [MinMaxScaler()],
        "robust": [RobustScaler()],
        "unit_length": [MinMaxScaler()],
    }
    scaler = scalers[scaling]
    number_scaler = [Normalizer()] if scaling == "unit_length" else scaler
    flag = values["missing_flag"]
    fill = (
        SimpleImputer(
            strategy="constant", fill_value=0, keep_empty_features=True, add_indicator=flag
        )
        if values["number_missing"] == "zero"
        else SimpleImputer(
            strategy=values["number_missing"], keep_empty_features=True, add_indicator=flag
        )
    )
    frequent = (
        [SimpleImputer(strategy="most_frequent", keep_empty_features=True)]
        if values["category_missing"] == "most_frequent"
        else []
    )
    encodings = dict.fromkeys(CATEGORIES, values["encoding"])
    if values["encoding"] == "auto":
        distinct = EVERYTHING.frame[CATEGORIES].nunique()
        few = distinct <= values["onehot_limit"]
        encodings = {name: "onehot" if few[name] else "target" for name in CATEGORIES}
    cross_fit = KFold if task is Task.REGRESSION else StratifiedKFold
    encoders = {
        "onehot": [OneHotEncoder(handle_unknown="ignore")],
        "ordinal": [
            OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
            *scaler,
        ],
        "target": [
            TargetEncoder(cv=cross_fit(5, shuffle=True, random_state=SEED)),
            *scaler,
        ],
    }
    parts: list[Any] = [("numbers", make_pipeline(fill, *number_scaler), NUMBERS)]
    for encoding, steps in encoders.items():
        if names := [name for name in CATEGORIES if encodings[name] == encoding]:
            parts.append((encoding, make_pipeline(*frequent, *steps), names))
    if dates := [f"{name} {part}" for name in DATES for part in values["date_parts"]]:
        fill_dates = SimpleImputer(strategy="median", keep_empty_features=True)
        parts.append(("dates", make_pipeline(fill_dates, *scaler), dates))
    words = TfidfVectorizer(max_features=values["text_words"], token_pattern=r"(?u)\b\w+\b")
    parts.append(("words", words, "remark"))
    return parts


def by_hand_folds(labelled: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return (training rows, rows to predict) of each fit, the final one last."""
    kept, held_out = next(
        ShuffleSplit(1, test_size=SPLIT.test_share, random_state=SEED).split(labelled)
    )
    rows = np.sort(labelled[kept])
    folds = KFold(SPLIT.folds, shuffle=True, random_state=SEED).split(rows)
    # The final model has not seen the test rows, so they show what it has learnt.
    return [*((rows[a], rows[b]) for a, b in folds), (rows, np.sort(labelled[held_out]))]


def label_by_hand(target: str) -> tuple[np.ndarray, np.ndarray]:
    label = EVERYTHING.frame[target]
    return label.to_numpy(), np.flatnonzero(label.notna())


Prepared = list[tuple[Any, Any, np.ndarray, np.ndarray]]


def prepare_by_hand(
    preparation: Mapping[str, ParamValue], target: str, task: Task, scaling: bool, dense: bool
) -> Prepared:
    """Return for each fit: inputs to learn from and to predict, and the rows of both."""
    values: dict[str, Any] = {**defaults(PREPARATION_PARAMS), **preparation}
    chosen = values["scaling"]
    if chosen == "auto":
        chosen = "standard" if scaling else "none"
    table = by_hand_table(values)
    label, labelled = label_by_hand(target)
    made = []
    for train, predicted in by_hand_folds(labelled):
        transformer = ColumnTransformer(
            by_hand_preparation(values, chosen, task), sparse_threshold=0 if dense else 0.3
        )
        learn = transformer.fit_transform(table.iloc[train], label[train])
        made.append((learn, transformer.transform(table.iloc[predicted]), train, predicted))
    return made


@cache
def prepared_by_default(task: Task, scaling: bool, dense: bool) -> Prepared:
    return prepare_by_hand(PREPARATION, TARGET[task], task, scaling, dense)


def predictions_by_hand(spec: AlgorithmSpec, target: str, prepared: Prepared) -> list[pd.DataFrame]:
    """Return a frame for each fit: row, actual, predicted, and a column for each class."""
    label, _ = label_by_hand(target)
    frames = []
    for learn, predict, train, rows in prepared:
        model = clone(spec.build(few_steps(spec), SEED)).fit(learn, label[train])
        frame = pd.DataFrame({"row": rows, "actual": label[rows]})
        frame["predicted"] = model.predict(predict)
        if spec.task is Task.CLASSIFICATION and spec.probabilities:
            frame[[f"{PROBABILITY}{name}" for name in model.classes_]] = model.predict_proba(
                predict
            )
        frames.append(frame)
    return frames


def scores_by_hand(task: Task, frame: pd.DataFrame) -> dict[str, float]:
    """Return scikit-learn's own metrics by the workbench's ids."""
    actual, predicted = frame["actual"].to_numpy(), frame["predicted"].to_numpy()
    if task is Task.REGRESSION:
        return {
            "rmse": theirs.root_mean_squared_error(actual, predicted),
            "mae": theirs.mean_absolute_error(actual, predicted),
            "median_absolute_error": theirs.median_absolute_error(actual, predicted),
            "mape": theirs.mean_absolute_percentage_error(actual, predicted),
            "r2": theirs.r2_score(actual, predicted),
            "max_error": theirs.max_error(actual, predicted),
        }
    named: dict[str, float] = {
        "accuracy": theirs.accuracy_score(actual, predicted),
        "balanced_accuracy": theirs.balanced_accuracy_score(actual, predicted),
        "mcc": theirs.matthews_corrcoef(actual, predicted),
    }
    for average in ("macro", "weighted"):
        how = {"average": average, "zero_division": 0}
        named[f"precision_{average}"] = theirs.precision_score(actual, predicted, **how)
        named[f"recall_{average}"] = theirs.recall_score(actual, predicted, **how)
        named[f"f1_{average}"] = theirs.f1_score(actual, predicted, **how)
    return named | probability_scores_by_hand(frame, actual)


def probability_scores_by_hand(frame: pd.DataFrame, actual: np.ndarray) -> dict[str, float]:
    columns = [name for name in frame.columns if name.startswith(PROBABILITY)]
    if not columns:
        return dict.fromkeys(["roc_auc", "average_precision", "log_loss", "brier"], np.nan)
    given = frame[columns].to_numpy()
    classes = [name.removeprefix(PROBABILITY) for name in columns]
    two = len(classes) == 2
    happened = (actual == classes[1]) if two else label_binarize(actual, classes=classes)
    one = given[:, 1] if two else given
    return {
        "roc_auc": theirs.roc_auc_score(happened, one),
        "average_precision": theirs.average_precision_score(happened, one),
        "log_loss": theirs.log_loss(actual, given, labels=classes),
        "brier": theirs.brier_score_loss(
            actual, given[:, 1] if two else given, labels=classes,
            **({"pos_label": classes[1]} if two else {}),
        ),
    }  # fmt: skip


def rows_of(fold: int, table: pd.DataFrame) -> pd.DataFrame:
    return table[table["fold"] == fold]


def assert_same_predictions(ours: pd.DataFrame, expected: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(
        ours.reset_index(drop=True),
        expected.reset_index(drop=True),
        check_dtype=False,
        rtol=1e-12,
        atol=1e-12,
    )


def assert_equals_by_hand(
    spec: AlgorithmSpec, result: RunResult, prepared: Prepared
) -> list[pd.DataFrame]:
    """Compare folds, predictions and final pipeline with those made by hand; return the folds."""
    target = result.experiment.target
    *folds, final = predictions_by_hand(spec, target, prepared)
    assert len(folds) == len(result.split.folds)
    assert len(result.evaluation.predictions) == sum(map(len, folds))
    for number, expected in enumerate(folds, start=1):
        of_fold = rows_of(number, result.evaluation.predictions)
        assert_same_predictions(of_fold.drop(columns="fold"), expected)
    assert_same_predictions(
        answers(result, EVERYTHING.frame.iloc[final["row"]]),
        final.drop(columns=["row", "actual"]),
    )
    return folds


def assert_scores_by_hand(
    spec: AlgorithmSpec, result: RunResult, folds: list[pd.DataFrame]
) -> None:
    for number, expected in enumerate(folds, start=1):
        scores = rows_of(number, result.evaluation.scores).set_index("metric")["value"]
        by_hand = scores_by_hand(spec.task, expected)
        assert set(scores.index) == set(by_hand) == {each.id for each in metrics_for(spec.task)}
        for metric, value in by_hand.items():
            assert scores[metric] == pytest.approx(value, rel=1e-12, abs=1e-12, nan_ok=True), metric


# --- The whole catalogue ------------------------------------------------------------------------


@every_spec
def test_it_trains_without_a_remark_of_the_library(spec: AlgorithmSpec) -> None:
    notes = ran(spec).result.notes
    assert [note.parameters for note in notes if note.code == "training.warned"] == []


@every_spec
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_it_equals_scikit_learn_by_hand(spec: AlgorithmSpec) -> None:
    prepared = prepared_by_default(spec.task, spec.scaling, spec.dense)
    folds = assert_equals_by_hand(spec, ran(spec).result, prepared)
    assert_scores_by_hand(spec, ran(spec).result, folds)


@every_spec
def test_it_predicts_gaps_and_values_never_seen(spec: AlgorithmSpec) -> None:
    result = ran(spec).result
    found = answers(result, strange_rows(EVERYTHING))
    assert len(found) == len(strange_rows(EVERYTHING))
    if spec.task is Task.REGRESSION:
        assert np.isfinite(found["predicted"]).all()
        return
    assert set(found["predicted"]) <= set(result.classes)
    assert result.classes == ("ant", "bee", "cat")
    assert hasattr(result.pipeline, "predict_proba") == spec.probabilities
    if spec.probabilities:
        given = found[[f"{PROBABILITY}{name}" for name in result.classes]].to_numpy()
        assert ((given >= 0) & (given <= 1)).all()
        np.testing.assert_allclose(given.sum(axis=1), 1.0, rtol=0, atol=1e-9)


@every_spec
def test_each_input_of_the_model_has_a_name(spec: AlgorithmSpec) -> None:
    pipeline = ran(spec).result.pipeline
    table = feature_table(pipeline)
    n_inputs = pipeline.named_steps["prepare"].transform(EVERYTHING.frame[list(FEATURES)]).shape[1]
    model = pipeline.named_steps["model"]
    assert len(table) == n_inputs == getattr(model, "n_features_in_", n_inputs)
    assert table["position"].tolist() == list(range(n_inputs))
    assert table["name"].is_unique
    assert set(table["column"]) == set(FEATURES)


@every_spec
def test_only_the_rows_of_a_part_are_ever_touched(spec: AlgorithmSpec) -> None:
    spied = ran(spec)
    split = spied.result.split
    assert len(split.test) > 0
    assert len(split.unlabelled) == 3
    assert spied.fitted == [*(list(train) for train, _ in split.folds), list(split.development)]
    # Once for the classes and their probabilities together.
    assert spied.predicted == [list(validation) for _, validation in split.folds]
    parts = [split.test, split.unlabelled, *(validation for _, validation in split.folds)]
    assert sorted(np.concatenate(parts)) == list(range(len(EVERYTHING.frame)))


@every_spec
def test_a_repetition_from_json_with_spoiled_test_rows_changes_no_bit(spec: AlgorithmSpec) -> None:
    """It follows that a run is repeatable, that JSON holds all of it, and that test rows do not
    teach: a difference in any of the three would show."""
    first = ran(spec).result
    hidden = np.concatenate([first.split.test, first.split.unlabelled])
    table = spoiled(EVERYTHING, hidden)
    assert_spoiled_everywhere(table, first.split.test)
    plain = json.loads(json.dumps(first.experiment.to_json(), allow_nan=False))
    again = replace(Experiment.from_json(plain), fingerprint=table.fingerprint)
    second = run_experiment(table, again)
    assert_no_bit_differs(first, second)


def assert_spoiled_everywhere(table: Dataset, rows: np.ndarray) -> None:
    for name in table.frame.columns:
        before, after = EVERYTHING.frame[name].iloc[rows], table.frame[name].iloc[rows]
        assert not before.equals(after), name


def assert_no_bit_differs(first: RunResult, second: RunResult) -> None:
    for part in ("development", "test", "unlabelled"):
        np.testing.assert_array_equal(getattr(first.split, part), getattr(second.split, part))
    for name in ("scores", "predictions", "curves"):
        one, other = getattr(first.evaluation, name), getattr(second.evaluation, name)
        pd.testing.assert_frame_equal(one, other, check_exact=True, obj=name)
    rows = pd.concat(
        [EVERYTHING.frame.iloc[first.split.development], strange_rows(EVERYTHING)],
        ignore_index=True,
    )
    pd.testing.assert_frame_equal(answers(first, rows), answers(second, rows), check_exact=True)
    assert first.notes == second.notes


# --- Every choice of the preparation ------------------------------------------------------------


def linear_and_tree() -> list[AlgorithmSpec]:
    """Return the first penalised linear model and the first tree of the catalogue."""
    return [
        next(spec for spec in SUPERVISED if spec.task is task and issubclass(spec.estimator, kind))
        for task, kind in [
            (Task.CLASSIFICATION, LogisticRegression),
            (Task.REGRESSION, BaseDecisionTree),
        ]
    ]


def choices_of(param: Param) -> list[ParamValue]:
    """Return every choice, the outermost numbers, and for several choices all and none.

    The defaults are what the whole catalogue is tested with.
    """
    values = [*param.extremes(), *([()] if isinstance(param.default, tuple) else [])]
    return [value for value in values if value != param.default]


CHOICES = [(param.name, value) for param in PREPARATION_PARAMS for value in choices_of(param)]
#: Two classes here: the catalogue's tests have three.
BINARY = {Task.CLASSIFICATION: "grown", Task.REGRESSION: "price"}


@pytest.mark.parametrize("spec", linear_and_tree(), ids=name_of)
@pytest.mark.parametrize(("knob", "value"), CHOICES, ids=str)
def test_every_choice_of_the_preparation_equals_scikit_learn_by_hand(
    spec: AlgorithmSpec, knob: str, value: ParamValue
) -> None:
    preparation = {**PREPARATION, knob: value}
    target = BINARY[spec.task]
    result = run_experiment(EVERYTHING, experiment_for(spec, target, preparation))
    assert [note for note in result.notes if note.code == "training.warned"] == []
    prepared = prepare_by_hand(preparation, target, spec.task, spec.scaling, spec.dense)
    assert_equals_by_hand(spec, result, prepared)
    assert len(feature_table(result.pipeline)) == prepared[-1][0].shape[1]
    assert len(answers(result, strange_rows(EVERYTHING))) == len(strange_rows(EVERYTHING))


def test_dates_without_any_part_get_a_sentence() -> None:
    spec = find("decision_tree", Task.CLASSIFICATION)
    experiment = experiment_for(spec, TARGET[spec.task], {**PREPARATION, "date_parts": ()})
    with pytest.raises(UserError, match="no part of a date is chosen"):
        run_experiment(EVERYTHING, replace(experiment, features=("seen", "visit")))
