"""What leaves as a file predicts as before; what a file may contain is a fixed list."""

from __future__ import annotations

import io
import operator
import os
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from registry_runs import PREPARATIONS, Train, few, find, mixed_experiment, name_of
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from skops.io.exceptions import UntrustedTypesFoundException

from mlcore.algorithms.catalogue import SUPERVISED
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.dataset import Dataset
from mlcore.errors import UserError
from mlcore.params import BoolParam, ChoiceParam
from mlcore.registry.formats import (
    FORMATS,
    JOBLIB,
    MODEL_FORMATS,
    SKOPS,
    TRUSTED_TYPES,
    dump_skops,
    find_format,
    verify,
)
from mlcore.registry.probe import UNSEEN, probe_rows
from mlcore.tasks import Task
from mlcore.workflow import RunResult, features_of, run_experiment


def sample_of(dataset: Dataset, run: RunResult) -> pd.DataFrame:
    return probe_rows(features_of(dataset, run.experiment.features), run.experiment.kinds)


@pytest.mark.parametrize("format", MODEL_FORMATS, ids=lambda format: format.id)
def test_every_algorithm_survives_every_format(
    trained_run: RunResult, mixed_dataset: Dataset, format: Any
) -> None:
    content = format.dump(trained_run.pipeline)
    verify(trained_run.pipeline, content, format, sample_of(mixed_dataset, trained_run))


@pytest.mark.parametrize("preparation", PREPARATIONS, ids=str)
@pytest.mark.parametrize("algorithm", ["logistic_regression", "random_forest"])
def test_every_preparation_survives(
    train: Train, mixed_dataset: Dataset, algorithm: str, preparation: dict[str, Any]
) -> None:
    run = train(find(algorithm), preparation)
    for format in MODEL_FORMATS:
        content = format.dump(run.pipeline)
        verify(run.pipeline, content, format, sample_of(mixed_dataset, run))


def test_no_downloaded_model_talks(trained_run: RunResult) -> None:
    """What makes an estimator report while it is trained must not stay in the file."""
    params = trained_run.pipeline.get_params()
    assert not [name for name, value in params.items() if name.endswith("verbose") and value]


def settings_of(spec: AlgorithmSpec) -> Iterator[dict[str, Any]]:
    """Yield the defaults, and each choice of each knob, with few trees and iterations."""
    yield few(spec)
    for param in spec.params:
        if isinstance(param, ChoiceParam | BoolParam):
            for value in param.extremes():
                yield {**few(spec), param.name: value}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("spec", SUPERVISED, ids=name_of)
def test_no_setting_of_an_algorithm_needs_a_type_outside_the_list(spec: AlgorithmSpec) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 3))
    label = np.resize(["a", "b"], 90) if spec.task is Task.CLASSIFICATION else X[:, 0] ** 2
    for values in settings_of(spec):
        content = dump_skops(spec.build(values, 0).fit(X, label))
        assert set(skops.io.get_untrusted_types(data=content)) <= set(TRUSTED_TYPES), values


@pytest.mark.parametrize(
    "harm",
    [os.system, eval, exec, operator.methodcaller("system", "true"), pd.read_pickle],
    ids=lambda harm: getattr(harm, "__name__", "methodcaller"),
)
def test_a_function_that_could_do_harm_is_refused(harm: Any) -> None:
    content = skops.io.dumps(Pipeline([("prepare", FunctionTransformer(harm))]))
    with pytest.raises(UntrustedTypesFoundException):
        SKOPS.load(content)


def test_a_pickle_is_no_skops_file(forest: RunResult) -> None:
    with pytest.raises(zipfile.BadZipFile):
        SKOPS.load(JOBLIB.dump(forest.pipeline))


def test_the_same_experiment_gives_the_same_skops_bytes(mixed_dataset: Dataset) -> None:
    first, again = (
        run_experiment(mixed_dataset, mixed_experiment(mixed_dataset, find("random_forest")))
        for _ in range(2)
    )
    assert dump_skops(first.pipeline) == dump_skops(again.pipeline)


def test_skops_files_are_compressed(forest: RunResult) -> None:
    with zipfile.ZipFile(io.BytesIO(dump_skops(forest.pipeline))) as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_DEFLATED}


def test_a_column_may_be_called_like_a_field_of_the_format() -> None:
    frame = pd.DataFrame({"file": [1.0, 2.0], "__id__": [3.0, 4.0]})
    pipeline = Pipeline([("model", FunctionTransformer(kw_args={"file": "a.npy", "__id__": 7}))])
    copy = SKOPS.load(dump_skops(pipeline.fit(frame)))
    assert copy.named_steps["model"].kw_args == {"file": "a.npy", "__id__": 7}


@pytest.mark.parametrize("task", Task)
def test_a_file_that_predicts_otherwise_is_withheld(
    train: Train, mixed_dataset: Dataset, task: Task
) -> None:
    run, other = (train(find(name, task)) for name in ("random_forest", "decision_tree"))
    with pytest.raises(UserError) as caught:
        verify(run.pipeline, SKOPS.dump(other.pipeline), SKOPS, sample_of(mixed_dataset, run))
    assert caught.value.code == "registry.not_identical"
    assert "is withheld" in str(caught.value)


def test_probabilities_count_too(train: Train, mixed_dataset: Dataset) -> None:
    """One leaf a little different, with every class as before, is noticed."""
    run = train(find("random_forest"), params={"n_estimators": 10})
    sample = sample_of(mixed_dataset, run)
    copy = SKOPS.load(SKOPS.dump(run.pipeline))
    values = copy.named_steps["model"].estimators_[0].tree_.value
    values[:] = 0.999 * values + 0.001 / values.shape[2]
    assert np.array_equal(copy.predict(sample), run.pipeline.predict(sample))
    with pytest.raises(UserError, match="withheld"):
        verify(run.pipeline, SKOPS.dump(copy), SKOPS, sample)


def test_the_probe_has_gaps_unseen_values_and_extremes(
    mixed_dataset: Dataset, forest: RunResult
) -> None:
    features = features_of(mixed_dataset, forest.experiment.features)
    probe = probe_rows(features, forest.experiment.kinds, 50)
    assert list(probe.dtypes) == list(features.dtypes)
    assert len(probe) == 50 + features.shape[1] + 4
    assert probe.isna().all(axis=1).any()
    alone = probe.iloc[50 : 50 + features.shape[1]]
    assert alone.isna().to_numpy().diagonal().all()
    assert (probe["colour"] == UNSEEN).any()
    assert probe["size"].min() < features["size"].min() - 10
    assert probe["seen"].max() > features["seen"].max()


def test_formats_are_found_by_id() -> None:
    assert [find_format(format.id) for format in FORMATS] == list(FORMATS)
    assert [format.id for format in FORMATS] == ["joblib", "skops", "bundle", "predictions"]
    with pytest.raises(UserError, match="Did you mean “skops”"):
        find_format("skop")


def test_the_help_says_what_a_pickle_can_do() -> None:
    assert "can run any program" in JOBLIB.help


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Random forest, 1", "Random_forest_1.skops"),
        ("../../etc/passwd", "etc_passwd.skops"),
        ("Wälder – größer", "Walder_groer.skops"),
        ("模型", "model.skops"),
        ("a\0b\n" + "x" * 500, "a_b_" + "x" * 56 + ".skops"),
    ],
)
def test_file_names_are_plain(name: str, file: str) -> None:
    assert SKOPS.file_name(name) == file
