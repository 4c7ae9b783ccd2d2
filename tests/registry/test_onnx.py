"""ONNX files answer as the pipelines they were made of, or are not handed out."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pandas as pd
import pytest
from registry_runs import FEATURES, FEW, MODELS, PREPARATIONS, few, find, mixed_experiment, name_of
from sklearn.base import BaseEstimator
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, SGDClassifier
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier

from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.dataset import Dataset
from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError
from mlcore.experiment import Experiment
from mlcore.pipelines.build import build_pipeline
from mlcore.registry.bundle_files.onnx_model import OnnxModel, onnx_session
from mlcore.registry.onnx_estimators import answered
from mlcore.registry.onnx_files import compare, export_onnx
from mlcore.registry.onnx_graph import NUMBER, TEXT, WHOLE, Graph
from mlcore.registry.onnx_support import support_markdown, support_table, withheld_reason
from mlcore.registry.probe import LEAST_ROWS, UNSEEN, hard_rows
from mlcore.registry.schema import InputSchema, input_schema
from mlcore.tasks import Task
from mlcore.workflow import RunResult, features_of, label_of

ROOT = Path(__file__).parents[2]
COLUMNS = tuple(name for name in FEATURES if name != "remark")
ALL_PARTS = (
    *("year", "quarter", "month", "day"),
    *("day_of_year", "day_of_week", "hour", "minute"),
)

Model = tuple[Pipeline, InputSchema, pd.DataFrame]
Fit = Callable[..., Model]


def without_text(experiment: Experiment) -> Experiment:
    kinds = {name: experiment.kinds[name] for name in COLUMNS}
    return replace(experiment, features=COLUMNS, kinds=kinds)


@pytest.fixture(scope="module")
def fit(mixed_dataset: Dataset) -> Fit:
    """Fit an algorithm on all rows and columns but the text: pipeline, schema, hard rows."""

    def fit(spec: AlgorithmSpec, preparation: Mapping[str, Any] = {}, **params: Any) -> Model:
        experiment = without_text(mixed_experiment(mixed_dataset, spec, preparation, params))
        features = features_of(mixed_dataset, COLUMNS)
        label = label_of(mixed_dataset, experiment.label, experiment.task)
        with warnings.catch_warnings(action="ignore"):
            pipeline = build_pipeline(experiment, mixed_dataset.schema).fit(features, label)
        schema = input_schema(mixed_dataset, experiment, range(len(features)))
        return pipeline, schema, hard_rows(features, experiment.kinds)

    return fit


# The preparation


@pytest.mark.parametrize("preparation", PREPARATIONS, ids=str)
@pytest.mark.parametrize("algorithm", ["logistic_regression", "random_forest"])
def test_every_preparation_is_in_the_file(
    fit: Fit, preparation: dict[str, Any], algorithm: str
) -> None:
    spec = find(algorithm)
    pipeline, schema, rows = fit(spec, {**preparation, "date_parts": ALL_PARTS}, **few(spec))
    model = OnnxModel(export_onnx(pipeline, schema, rows))
    assert (model.predict(rows) == pipeline.predict(rows)).all()
    assert np.allclose(model.predict_proba(rows), pipeline.predict_proba(rows), rtol=0, atol=1e-12)
    assert list(model.classes_) == list(pipeline.classes_)


def test_rare_categories_share_a_column(fit: Fit, mixed_dataset: Dataset) -> None:
    experiment = without_text(
        mixed_experiment(mixed_dataset, find("k_means", Task.CLUSTERING), {"onehot_limit": 4})
    )
    features = features_of(mixed_dataset, COLUMNS)
    pipeline = build_pipeline(experiment, mixed_dataset.schema)
    assert "frequent" in [name for name, *_ in pipeline["prepare"].transformers]
    pipeline.set_params(model=LogisticRegression()).fit(features, mixed_dataset.frame["species"])
    schema = replace(fit(find("baseline"))[1], task=Task.CLASSIFICATION)
    export_onnx(pipeline, schema, hard_rows(features, experiment.kinds))


def test_one_can_feed_the_file_without_this_project(fit: Fit) -> None:
    pipeline, schema, rows = fit(find("decision_tree"))
    session = onnxruntime.InferenceSession(export_onnx(pipeline, schema, rows))
    assert {each.name for each in session.get_inputs()} == set(COLUMNS)
    row = {
        "size": np.array([[5.9]]),
        "weight": np.array([[np.nan]]),
        "colour": np.array([[""]], dtype=object),
        "tagged": np.array([["never heard of"]], dtype=object),
        "seen": np.array([[1706745600.0]]),
        "place": np.array([["site 3"]], dtype=object),
    }
    label, probabilities = session.run(["label", "probabilities"], row)
    typed = {name: cell[0] for name, cell in row.items()}
    frame = pd.DataFrame({**typed, "colour": [None], "seen": [pd.Timestamp("2024-02-01")]})
    assert label.tolist() == pipeline.predict(frame).tolist()
    assert probabilities == pytest.approx(pipeline.predict_proba(frame))


def test_dates_before_1970_and_around_leap_days(fit: Fit) -> None:
    pipeline, schema, rows = fit(find("ridge", Task.REGRESSION), {"date_parts": ALL_PARTS})
    model = OnnxModel(export_onnx(pipeline, schema, rows))
    days = [f"{year}-{day}" for year in (1600, 1900, 1969, 2000, 2023, 2024) for day in (
        "01-01", "02-28", "03-01", "12-31 23:59:59.5"
    )]  # fmt: skip
    days += ["2000-02-29", "2024-02-29 00:00", "1969-12-31 23:59"]
    dates = pd.to_datetime(pd.Series(days), format="mixed").astype("datetime64[us]")
    frame = rows.iloc[: len(days)].reset_index(drop=True).assign(seen=dates)
    assert model.predict(frame) == pytest.approx(pipeline.predict(frame), rel=1e-12)


def test_columns_may_have_any_name(mixed_dataset: Dataset) -> None:
    frame = pd.DataFrame({"label": [1.0, 2, 3, 4], "_1": [0.0, 1, 0, 1], "größe (cm)": [2.0] * 4})
    kinds = dict.fromkeys(frame, ColumnKind.NUMBER)
    spec = find("decision_tree")
    experiment = replace(mixed_experiment(mixed_dataset, spec), features=tuple(frame), kinds=kinds)
    pipeline = build_pipeline(experiment, mixed_dataset.schema)
    pipeline.fit(frame, ["a", "a", "b", "b"])
    schema = InputSchema(
        task=Task.CLASSIFICATION,
        target="kind",
        features=tuple(
            replace(input_schema(mixed_dataset, without_text(mixed_experiment(
                mixed_dataset, spec)), [0]).features[0], name=name) for name in frame
        ),
    )  # fmt: skip
    model = OnnxModel(export_onnx(pipeline, schema, hard_rows(frame, kinds)))
    assert model.predict(frame).tolist() == pipeline.predict(frame).tolist()


# Models


def of_matrix(model: Any, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """What the ONNX form of an estimator says to prepared rows."""
    graph = Graph()
    outcome = answered(graph.input("matrix", NUMBER, matrix.shape[1]), model)
    expected = np.asarray(model.predict(matrix[:1]))
    kind = {"f": NUMBER, "i": WHOLE}.get(expected.dtype.kind, TEXT)
    graph.output(outcome.answer, "answer", kind, 1 if kind == NUMBER else None)
    if outcome.probabilities is not None:
        graph.output(outcome.probabilities, "probabilities", NUMBER, None)
    found = onnx_session(graph.model({}).SerializeToString()).run(None, {"matrix": matrix})
    return found[0].ravel(), found[1] if len(found) > 1 else None


def agree(model: Any, matrix: np.ndarray) -> None:
    answer, probabilities = of_matrix(model, matrix)
    expected = np.asarray(model.predict(matrix))
    if expected.dtype.kind == "f":
        assert answer == pytest.approx(expected, rel=1e-9)
    else:
        assert (answer == expected).all()
    if probabilities is not None:
        assert np.allclose(probabilities, model.predict_proba(matrix), rtol=0, atol=1e-7)


def test_every_algorithm_can_be_written(trained_run: RunResult, mixed_dataset: Dataset) -> None:
    features = features_of(mixed_dataset, FEATURES)
    rows = hard_rows(features, trained_run.experiment.kinds, 300)
    prepared = trained_run.pipeline[0].transform(rows)
    matrix = prepared.toarray() if hasattr(prepared, "toarray") else np.asarray(prepared)
    agree(trained_run.pipeline[-1], matrix)


RNG = np.random.default_rng(5)
MATRIX = RNG.normal(size=(90, 4))
THREE = np.array(["ant", "bee", "cat"])[np.digitize(MATRIX[:, 0] + MATRIX[:, 1] ** 2, [0.3, 1.2])]
TWO = np.where(THREE == "ant", "no", "yes")
VARIANTS: tuple[tuple[BaseEstimator, Any], ...] = (
    *((KNeighborsClassifier(weights="distance", metric=name), THREE) for name in
      ("euclidean", "manhattan", "cosine")),
    (KNeighborsRegressor(weights="distance"), MATRIX[:, 2]),
    *((CalibratedClassifierCV(SVC(), method=method, ensemble=True, cv=3), label)
      for method in ("sigmoid", "isotonic") for label in (TWO, THREE)),
    *((SVR(kernel=kernel, C=10), MATRIX[:, 2]) for kernel in ("linear", "poly", "rbf")),
    *((model, TWO) for model in (
        SVC(kernel="poly", coef0=1.0), LinearDiscriminantAnalysis(), LogisticRegression(),
        HistGradientBoostingClassifier(max_iter=20), RandomForestClassifier(20, random_state=0),
    )),
    *((SGDClassifier(loss=loss, learning_rate="optimal", random_state=0), label)
      for loss in ("log_loss", "hinge") for label in (TWO, THREE)),
    *((GaussianMixture(3, covariance_type=kind, random_state=0), None)
      for kind in ("full", "tied", "diag", "spherical")),
    (TransformedTargetRegressor(LinearRegression(), transformer=StandardScaler()), MATRIX[:, 2]),
    (DecisionTreeClassifier(max_depth=1, min_samples_leaf=80), THREE),
)  # fmt: skip


@pytest.mark.parametrize(
    "model, label", VARIANTS, ids=[f"{number}-{m}"[:50] for number, (m, _) in enumerate(VARIANTS)]
)
def test_every_variant_is_written_faithfully(model: BaseEstimator, label: Any) -> None:
    far = np.vstack([MATRIX, MATRIX * 10, np.zeros((1, 4)), MATRIX + 0.05])
    agree(model.fit(MATRIX, label), far[far.any(axis=1)])


def test_a_tree_behind_a_scaler_keeps_its_leaves() -> None:
    # Converters that scale in single precision move such rows across thresholds.
    wide = RNG.normal(1e6, 1.0, size=(2000, 2))
    label = (RNG.random(2000) < 0.5).astype(str)
    pipeline = Pipeline([("scale", StandardScaler()), ("model", DecisionTreeClassifier())])
    pipeline.fit(wide, label)
    graph = Graph()
    scaler = pipeline["scale"]
    matrix = (graph.input("matrix", NUMBER, 2) - scaler.mean_) / scaler.scale_
    graph.output(answered(matrix, pipeline["model"]).answer, "answer", TEXT, None)
    (answer,) = onnx_session(graph.model({}).SerializeToString()).run(None, {"matrix": wide})
    assert (answer == pipeline.predict(wide)).all()


# Withheld


def test_a_model_that_answers_otherwise_is_withheld(fit: Fit) -> None:
    tree, schema, rows = fit(find("decision_tree"))
    model = OnnxModel(export_onnx(tree, schema, rows))
    other = fit(find("baseline"))[0]
    with pytest.raises(UserError, match="would not be the same model") as caught:
        compare(other, model, rows)
    assert caught.value.code == "registry.onnx.labels"
    numbers, schema, rows = fit(find("ridge", Task.REGRESSION))
    model = OnnxModel(export_onnx(numbers, schema, rows))
    numbers["model"].intercept_ *= 1 + 1e-4
    with pytest.raises(UserError) as caught:
        compare(numbers, model, rows)
    assert caught.value.code == "registry.onnx.numbers"


def test_an_estimator_without_a_way_is_withheld(fit: Fit) -> None:
    class Unknown(DecisionTreeClassifier):
        pass

    pipeline, schema, rows = fit(find("decision_tree"))
    pipeline.steps[-1] = ("model", Unknown().fit([[0.0], [1.0]], ["a", "b"]))
    with pytest.raises(UserError) as caught:
        export_onnx(pipeline, schema, rows)
    assert caught.value.code == "registry.onnx.unconvertible"


def test_free_text_is_withheld_before_anything_is_tried(
    mixed_dataset: Dataset, forest: RunResult
) -> None:
    experiment = mixed_experiment(mixed_dataset, find("random_forest"))
    reason = withheld_reason(experiment)
    assert reason is not None and "remark" in str(reason)
    assert withheld_reason(without_text(experiment)) is None
    rows = hard_rows(features_of(mixed_dataset, FEATURES), experiment.kinds)
    with pytest.raises(UserError) as caught:
        export_onnx(forest.pipeline, input_schema(mixed_dataset, experiment, [0, 1]), rows)
    assert caught.value.code == "registry.onnx.text"


def test_the_rows_are_many_and_hard(mixed_dataset: Dataset) -> None:
    features = features_of(mixed_dataset, COLUMNS)
    kinds = {name: mixed_dataset.schema[name].kind for name in COLUMNS}
    rows = hard_rows(features, kinds)
    assert len(rows) >= LEAST_ROWS
    assert (rows["colour"] == UNSEEN).sum() > 10
    assert rows["size"].max() > features["size"].max() + 10
    assert (rows.isna().mean() > 0.03).all()
    assert not (rows == "").any(axis=None)
    assert rows.dtypes.equals(features.dtypes)
    pd.testing.assert_frame_equal(rows, hard_rows(features, kinds))


def test_the_same_run_gives_the_same_bytes(fit: Fit) -> None:
    spec = find("mlp")
    one, other = (export_onnx(*fit(spec, max_iter=FEW["max_iter"])) for _ in range(2))
    assert one == other


def test_the_table_in_the_docs_is_the_declaration() -> None:
    assert support_markdown() in (ROOT / "docs" / "onnx.md").read_text("utf-8")
    table = support_table()
    assert set(zip(table["task"], table["algorithm"], strict=True)) == {
        (spec.task.value, spec.id) for spec in MODELS
    }
    assert len({name_of(spec) for spec in MODELS}) == len(table)
