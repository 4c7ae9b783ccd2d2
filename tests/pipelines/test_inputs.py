"""The number of inputs that is told beforehand is the number that comes out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlcore.data.dataset import Dataset
from mlcore.data.schema import LEARNABLE, ColumnKind
from mlcore.pipelines.build import build_pipeline
from mlcore.pipelines.inputs import estimated_inputs
from mlcore.setups import ClusterSetup

SETTINGS = [
    {},
    {"missing_flag": True},
    {"encoding": "onehot"},
    {"encoding": "ordinal"},
    {"category_missing": "most_frequent"},
    {"encoding": "auto", "onehot_limit": 2},
    {"date_parts": ("year", "month")},
]


@pytest.mark.parametrize("preparation", SETTINGS, ids=str)
def test_it_is_the_width_of_the_prepared_table(
    mixed_dataset: Dataset, preparation: dict[str, object]
) -> None:
    kinds = [kind for kind in LEARNABLE if kind is not ColumnKind.TEXT]
    columns = tuple(c.name for c in mixed_dataset.schema.columns if c.kind in kinds)
    setup = ClusterSetup(features=columns, preparation=preparation)
    experiment = setup.experiment(mixed_dataset, "k_means")
    prepare = build_pipeline(experiment, mixed_dataset.schema).named_steps["prepare"]
    prepared = prepare.fit_transform(mixed_dataset.frame[list(columns)])
    assert estimated_inputs(experiment, mixed_dataset.schema) == prepared.shape[1]


def test_words_count_as_many_as_there_can_be(mixed_dataset: Dataset) -> None:
    text = tuple(c.name for c in mixed_dataset.schema.columns if c.kind is ColumnKind.TEXT)
    assert text
    setup = ClusterSetup(features=text[:1], preparation={"text_words": 40})
    experiment = setup.experiment(mixed_dataset, "k_means")
    assert estimated_inputs(experiment, mixed_dataset.schema) == 40
    twice = replace(setup, preparation={"text_words": 80}).experiment(mixed_dataset, "k_means")
    assert estimated_inputs(twice, mixed_dataset.schema) == 80
