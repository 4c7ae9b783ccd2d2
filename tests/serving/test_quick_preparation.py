"""The quick preparation gives the bits of the fitted one, for every way to prepare."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from registry_runs import FEATURES, find, make_labelled, mixed_experiment
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from mlcore.pipelines.build import build_pipeline
from mlcore.registry.probe import probe_rows
from mlcore.registry.schema import input_schema
from mlcore.registry.served import ServedModel
from mlcore.serving import quick_preparation
from mlcore.serving.quick_preparation import QuickPreparation

DATASET = make_labelled()

#: Each way to fill, encode and scale at least once; dates and words are among the columns.
PREPARATIONS: tuple[Mapping[str, Any], ...] = (
    {},
    {"scaling": "standard", "missing_flag": True, "encoding": "target"},
    {"scaling": "robust", "encoding": "ordinal", "category_missing": "most_frequent"},
    {"scaling": "minmax", "number_missing": "zero", "onehot_limit": 2},
    {"scaling": "unit_length", "encoding": "onehot"},
)


def fitted(preparation: Mapping[str, Any], sparse_threshold: float = 0.0) -> ServedModel:
    """Return a pipeline whose preparation is fitted; what it is made for does not matter here."""
    experiment = mixed_experiment(DATASET, find("logistic_regression"), preparation)
    pipeline = build_pipeline(experiment, DATASET.schema)
    frame, prepare = DATASET.frame, pipeline.steps[0][1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of the target encoder, known
        prepare.set_params(sparse_threshold=sparse_threshold)
        prepare.fit(frame[list(FEATURES)], frame["species"])
    schema = input_schema(DATASET, experiment, range(len(frame)), None, ("ant", "bee", "cat"))
    return ServedModel(schema.to_json(), pipeline)


@pytest.mark.parametrize("preparation", PREPARATIONS, ids=str)
@pytest.mark.parametrize("sparse_threshold", [0.0, 1.0], ids=["dense", "sparse"])
def test_rows_are_prepared_to_the_last_bit(
    preparation: Mapping[str, Any], sparse_threshold: float
) -> None:
    served = fitted(preparation, sparse_threshold)
    quick = QuickPreparation.of(served.model, served.schema)
    assert quick is not None
    assert quick.is_sparse == bool(sparse_threshold)
    kinds = {name: DATASET.schema[name].kind for name in FEATURES}
    reading = served.read(probe_rows(DATASET.frame[list(FEATURES)], kinds))
    for rows in (reading, reading.only([3]), reading.only(range(16))):
        wanted = served.model.steps[0][1].transform(rows.frame)
        assert quick_preparation._is_same(quick(rows), wanted)


def test_one_that_differs_in_the_last_bit_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    served = fitted({"scaling": "standard"})
    assert QuickPreparation.of(served.model, served.schema) is not None

    def nearly(step: StandardScaler) -> Any:
        return lambda matrix: (matrix - step.mean_) * (1 / step.scale_)

    monkeypatch.setattr(
        quick_preparation, "_STEPS", {**quick_preparation._STEPS, StandardScaler: nearly}
    )
    assert QuickPreparation.of(served.model, served.schema) is None


def test_of_other_models_nothing_is_known() -> None:
    served = fitted({})
    assert QuickPreparation.of(object(), served.schema) is None
    assert QuickPreparation.of(Pipeline(served.model.steps[1:]), served.schema) is None


def test_numbers_that_become_infinite_are_left_to_the_pipeline() -> None:
    served = fitted({"scaling": "standard"})
    served.model.steps[0][1].named_transformers_["numbers"].steps[-1][1].scale_[:] = 0.5
    quick = QuickPreparation.of(served.model, served.schema)
    assert quick is not None
    row = {**dict.fromkeys(FEATURES), "size": 1.7e308}
    with np.errstate(over="ignore"):
        assert quick(served.read([row])) is None
    assert quick(served.read([{**row, "size": 1.0}])) is not None
