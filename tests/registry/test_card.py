"""The card says what the model is, how good, from what, and never runs what a user typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import pandas as pd
import pytest
from registry_runs import MODELS, Train, facts_of, find, name_of
from sklearn.base import BaseEstimator
from sklearn.calibration import CalibratedClassifierCV
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC

from mlcore.algorithms.catalogue import CATALOGUE, CLUSTERERS
from mlcore.data.dataset import Dataset
from mlcore.evaluation.sealed import final_scores
from mlcore.messages import SENTENCES, message
from mlcore.registry.card import model_card
from mlcore.registry.card_findings import findings_of
from mlcore.registry.card_tables import score_table
from mlcore.registry.contents import HOLDS_ROWS, rows_in_model, what_it_holds
from mlcore.registry.markdown import markdown_text
from mlcore.registry.schema import run_schema
from mlcore.tasks import Task
from mlcore.workflow import RunResult


def test_it_tells_the_essentials(mixed_dataset: Dataset, forest: RunResult) -> None:
    card = model_card(facts_of(mixed_dataset, forest))
    for part in (
        "# Forest",
        "The class “species” from 7 columns. Classes: ant, bee, cat.",
        f"| Fingerprint | {mixed_dataset.fingerprint} |",
        "| Rows | 120 |",
        "| Rows of the test set | 24 |",
        "| colour | category |",
        "**Random forest** (`RandomForestClassifier`)",
        "| Trees | `n_estimators` | 10 |",
        "| Missing numbers | Median of the column |",
        "24 rows are set aside as a test set and were not opened",
        "- scikit-learn 1.9.1",
    ):
        assert part in card


def test_what_stood_out_in_training_and_in_the_table_stays_with_the_model(
    mixed_dataset: Dataset, forest: RunResult, train: Train
) -> None:
    """A baseline that is compared with a forest is worse, and the table has gaps."""
    worse = facts_of(mixed_dataset, train(find("baseline")), baseline=forest.evaluation)
    section = model_card(worse).split("## What to look at")[1].split("\n## ")[0]
    assert f"- {SENTENCES['finding.MODEL001.title']}: " in section
    assert f"- {SENTENCES['finding.DATA001.title']}: " in section
    found = findings_of(worse)
    assert {one.code for one in found} >= {"MODEL001", "MODEL006", "DATA001", "DATA009"}
    told = section.count("\n- ")
    assert f"{len(found) - told} more checks found nothing" in section


def test_it_names_the_column_of_weights(mixed_dataset: Dataset, forest: RunResult) -> None:
    line = "| Column of weights (how much a row counted while learning) | weight |"
    weighed = replace(forest, experiment=replace(forest.experiment, weight="weight"))
    assert line in model_card(facts_of(mixed_dataset, weighed))
    assert "Column of weights" not in model_card(facts_of(mixed_dataset, forest))


def test_scores_stand_beside_the_baseline(
    mixed_dataset: Dataset, forest: RunResult, train: Train
) -> None:
    baseline = train(find("baseline")).evaluation
    table = score_table(Task.CLASSIFICATION, forest.evaluation, baseline).set_index("metric")
    scores = forest.evaluation.scores.groupby("metric")["value"].mean()
    assert table.loc["accuracy", "mean"] == scores["accuracy"]
    expected = baseline.scores.groupby("metric")["value"].mean()
    assert table.loc["accuracy", "baseline"] == expected["accuracy"]
    card = model_card(facts_of(mixed_dataset, forest, baseline=baseline))
    line = next(line for line in card.splitlines() if line.startswith("| Accuracy |"))
    assert line == f"| Accuracy | {scores['accuracy']:.4g} | – | {expected['accuracy']:.4g} |"


def test_test_scores_appear_only_once_opened_and_say_how_often(
    mixed_dataset: Dataset, forest: RunResult
) -> None:
    scores = final_scores(["ant", "bee"] * 5, ["ant", "bee"] * 4 + ["ant"] * 2, None,
                          Task.CLASSIFICATION)  # fmt: skip
    card = model_card(facts_of(mixed_dataset, forest, test_scores=scores, test_openings=3))
    assert "was opened 3 times" in card
    section = card.split("## Test set")[1].split("## ")[0]
    line = next(line for line in section.splitlines() if line.startswith("| Accuracy |"))
    assert line.startswith("| Accuracy | 0.9 | ")


def test_notes_of_the_run_are_kept(mixed_dataset: Dataset, forest: RunResult) -> None:
    note = message("split.rows_without_label", rows=3, total=120, target="species")
    card = model_card(facts_of(mixed_dataset, replace(forest, notes=(note,))))
    assert "- 3 of 120 rows have no label" in card


@pytest.mark.parametrize("spec", CATALOGUE, ids=name_of)
def test_every_algorithm_has_a_card(spec: Any, train: Train, mixed_dataset: Dataset) -> None:
    card = model_card(facts_of(mixed_dataset, train(spec)))
    assert spec.name in card
    assert "nan" not in card.split()
    for param in spec.params:
        assert f"| `{param.name}` |" in card


@pytest.mark.parametrize(
    "text",
    [
        "![x](http://127.0.0.1/beacon)",
        "[click](javascript:alert(1))",
        "<script>alert(1)</script>",
        "a | b",
        "line\n\n# Heading",
        "https://example.org www.example.org",
        "`code` **bold** $x$",
    ],
)
def test_what_a_user_typed_is_shown_and_not_run(
    text: str, mixed_dataset: Dataset, forest: RunResult
) -> None:
    escaped = markdown_text(text)
    card = model_card(facts_of(mixed_dataset, forest, name=text))
    assert card.startswith(f"# {escaped}\n")
    assert not re.search(r"(?<!\\)[<>\[\]()|`*$:.#!]", escaped)
    assert "\n" not in escaped
    plain = " ".join(text.split())
    assert escaped.replace("\\", "") == plain


def test_what_holds_training_rows_is_said(train: Train) -> None:
    neighbours, forest = train(find("k_nearest_neighbors")), train(find("random_forest"))
    assert str(rows_in_model(neighbours.pipeline)).startswith("This model holds every training row")
    assert rows_in_model(forest.pipeline) is None
    codes = [said.code for said in what_it_holds(forest.pipeline, forest.experiment)]
    assert codes == [
        f"registry.holds_rows.{what}"
        for what in ("none", "measured", "categories", "text", "gaps", "golden")
    ]


#: Where the card says what of the training rows stands in a column of the schema.
SAID = {
    "measured": ("low", "high", "edges", "counts", "typical", "whole"),
    "categories": ("categories", "n_categories", "counts", "typical"),
    "gaps": ("missing_in_training", "missing_tokens", "example"),
}

#: What of a column says nothing about rows: its name, and how its cells are written.
FORM = (
    *("name", "kind", "missing_allowed", "decimal", "thousands", "date_form", "day_first"),
    "unit",
)


def test_everything_that_a_column_of_the_schema_keeps_is_said(
    mixed_dataset: Dataset, forest: RunResult
) -> None:
    """Whatever is added to the schema must be told on the card, or be no part of any row."""
    told = {name for names in SAID.values() for name in names}
    features = run_schema(mixed_dataset, forest).features
    kept = {field.name for feature in features for field in fields(feature)}
    assert kept - told == {*FORM, "unit_words"}
    card = model_card(facts_of(mixed_dataset, forest))
    for what in SAID:
        assert SENTENCES[f"registry.holds_rows.{what}"] in card


PREDICTING = [spec for spec in MODELS if spec.task is not Task.CLUSTERING]


@pytest.mark.parametrize("spec", PREDICTING, ids=name_of)
def test_no_algorithm_keeps_rows_unsaid(spec: Any, train: Train) -> None:
    """Whatever keeps an array with a line for each training row, or some of them, is declared."""
    pipeline = train(spec).pipeline
    model = pipeline.named_steps["model"]
    kept = any(hasattr(part, name) for part in parts_of(model) for name in KEPT_ROWS)
    assert (rows_in_model(pipeline) is not None) == kept


@pytest.mark.parametrize("spec", CLUSTERERS, ids=name_of)
def test_no_clusterer_keeps_rows_unsaid(spec: Any, train: Train) -> None:
    result = train(spec)
    model = result.pipeline.named_steps["model"]
    said, profile, *_ = what_it_holds(result.pipeline, result.experiment)
    kept = ("core_points", "nearest_neighbors", "nearest_summary")
    tells_of_rows = said.code.removeprefix("registry.holds_rows.") in kept
    assert tells_of_rows == any(hasattr(model, name) for name in KEPT_ROWS)
    assert profile.code == "registry.holds_rows.profile"


#: Where scikit-learn's estimators keep training rows.
KEPT_ROWS = ("X_", "_fit_X", "support_vectors_", "X_train_", "X_fit_")


def parts_of(model: Any) -> Iterator[Any]:
    """Yield an estimator and every estimator it holds, however deep."""
    yield model
    for value in vars(model).values():
        for part in value if isinstance(value, list | tuple) else [value]:
            if isinstance(part, BaseEstimator):
                yield from parts_of(part)


def test_a_wrapped_support_vector_machine_is_found() -> None:
    wrapped = Pipeline([("model", CalibratedClassifierCV(SVC()))])
    assert rows_in_model(wrapped) is not None
    assert SVC in HOLDS_ROWS


def test_numbers_missing_in_all_folds_are_left_out(forest: RunResult) -> None:
    scores = forest.evaluation.scores.copy()
    scores.loc[scores["metric"] == "roc_auc", "value"] = float("nan")
    evaluation = replace(forest.evaluation, scores=scores)
    table: pd.DataFrame = score_table(Task.CLASSIFICATION, evaluation)
    assert "roc_auc" not in set(table["metric"])
    assert table["baseline"].isna().all()
