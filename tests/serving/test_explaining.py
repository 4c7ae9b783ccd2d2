"""Why a row is predicted as it is, and what would have to change."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest

from mlcore.errors import UserError
from mlcore.registry.bundle_files import contract
from mlcore.registry.store import Registry
from mlcore.serving.changing import Wanted, nearest_change
from mlcore.serving.explaining import can_explain, explain, typical_record
from mlcore.serving.opened import OpenVersion, open_version
from mlcore.workspace import Workspace


@pytest.fixture(scope="module")
def opened(stocked_home) -> Mapping[str, OpenVersion]:
    workspace = Workspace.open(stocked_home)
    registry = Registry(workspace)
    asked = {"tree": ("ants", 1), "logistic": ("ants", 2), "ridge": ("price", 1)}
    return {
        key: open_version(workspace, registry.find(name, number))
        for key, (name, number) in asked.items()
    }


def ask(model: OpenVersion, record: Mapping[str, Any]) -> contract.Answers:
    return contract.answers(
        model.model, model.schema, contract.read_records([record], model.schema)
    )


def far_row(model: OpenVersion, **changes: Any) -> dict[str, Any]:
    """A row as far from the typical one as training went."""
    row = typical_record(model.schema)
    for feature in model.schema["features"]:
        if feature["kind"] == "number":
            row[feature["name"]] = feature["high"]
        elif feature["categories"]:
            row[feature["name"]] = feature["categories"][-1]
    return row | changes


@pytest.mark.parametrize("key", ["logistic", "tree", "ridge"])
@pytest.mark.parametrize("changes", [{}, {"size": None}, {"size": 99, "colour": "mauve"}])
def test_what_columns_add_sums_to_the_prediction(opened, key, changes) -> None:
    model = opened[key]
    row = far_row(model, **changes)
    told = ask(model, row)
    of_class = None if key == "ridge" else told.prediction[0]
    found = explain(model.model, model.schema, row, of_class)
    said = told.prediction[0] if of_class is None else told.probabilities[of_class][0]
    assert found.end == said
    assert found.start + found.frame["adds"].sum() == pytest.approx(said, abs=1e-9)
    typical = ask(model, typical_record(model.schema))
    usual = typical.prediction[0] if of_class is None else typical.probabilities[of_class][0]
    assert found.start == usual


def test_a_linear_model_adds_what_its_coefficients_say(opened) -> None:
    """Where nothing interplays, a column adds what it adds when it changes alone."""
    ridge = opened["ridge"]
    row, typical = far_row(ridge), typical_record(ridge.schema)
    found = explain(ridge.model, ridge.schema, row)
    alone = ask(ridge, typical | {"size": row["size"]}).prediction[0] - found.start
    assert found.frame.set_index("column")["adds"]["size"] == pytest.approx(alone)


def test_columns_as_in_a_typical_row_add_nothing(opened) -> None:
    ridge = opened["ridge"]
    found = explain(ridge.model, ridge.schema, typical_record(ridge.schema))
    assert not found.frame["adds"].any() and found.start == found.end
    assert len(found.frame) == len(ridge.schema["features"])


def test_a_row_that_cannot_be_read_is_not_explained(opened) -> None:
    ridge = opened["ridge"]
    for search in (
        lambda row: explain(ridge.model, ridge.schema, row),
        lambda row: nearest_change(ridge.model, ridge.schema, row, Wanted(at_least=0)),
    ):
        with pytest.raises(UserError) as caught:
            search(far_row(ridge, size="tall"))
        assert caught.value.code == "prediction.not_explained"


def test_only_numbers_and_probabilities_can_be_explained() -> None:
    assert can_explain(["prediction"], {"task": "regression"})
    assert can_explain(["prediction", "probability_a"], {"task": "classification"})
    assert not can_explain(["prediction"], {"task": "classification"})


@pytest.mark.parametrize("key", ["logistic", "tree"])
def test_the_nearest_change_has_another_outcome_within_the_ranges(opened, key) -> None:
    model = opened[key]
    row = far_row(model)
    now = ask(model, row).prediction[0]
    found = nearest_change(model.model, model.schema, row, Wanted(now=now))
    assert found is not None
    then = ask(model, row | dict(found.values))
    assert then.prediction[0] == found.answer["prediction"] != now
    assert not then.problems
    assert found.frame["column"].tolist() == list(found.values)


def test_no_fewer_of_the_changes_do(opened) -> None:
    tree = opened["tree"]
    row = far_row(tree)
    now = ask(tree, row).prediction[0]
    found = nearest_change(tree.model, tree.schema, row, Wanted(now=now))
    assert found is not None
    for name in found.values:
        fewer = {other: value for other, value in found.values.items() if other != name}
        assert ask(tree, row | fewer).prediction[0] == now


def test_a_named_class_is_reached(opened) -> None:
    logistic = opened["logistic"]
    row = far_row(logistic)
    now = ask(logistic, row).prediction[0]
    for name in set(logistic.schema["classes"]) - {now}:
        found = nearest_change(logistic.model, logistic.schema, row, Wanted(now=now, name=name))
        assert found is None or found.answer["prediction"] == name


def test_locked_columns_stay(opened) -> None:
    tree = opened["tree"]
    row = far_row(tree)
    now = ask(tree, row).prediction[0]
    first = nearest_change(tree.model, tree.schema, row, Wanted(now=now))
    assert first is not None
    second = nearest_change(tree.model, tree.schema, row, Wanted(now=now), list(first.values))
    assert second is None or not set(second.values) & set(first.values)
    names = [feature["name"] for feature in tree.schema["features"]]
    assert nearest_change(tree.model, tree.schema, row, Wanted(now=now), names) is None


def test_a_number_moves_no_further_than_needed(opened) -> None:
    """A line crosses the limit at one place, which the change comes close to."""
    ridge = opened["ridge"]
    row = typical_record(ridge.schema)
    now = ask(ridge, row).prediction[0]
    others = [f["name"] for f in ridge.schema["features"] if f["name"] != "size"]
    found = nearest_change(ridge.model, ridge.schema, row, Wanted(at_least=now + 1), others)
    assert found is not None
    size = found.values["size"]
    slope = (found.answer["prediction"] - now) / (size - row["size"])
    assert size - row["size"] == pytest.approx(1 / slope, rel=0.1)
    assert found.answer["prediction"] >= now + 1


def test_what_cannot_be_reached_is_not_found(opened) -> None:
    ridge = opened["ridge"]
    row = typical_record(ridge.schema)
    assert nearest_change(ridge.model, ridge.schema, row, Wanted(at_least=math.inf)) is None


def test_the_search_always_finds_the_same(opened) -> None:
    tree = opened["tree"]
    row = far_row(tree)
    wanted = Wanted(now=ask(tree, row).prediction[0])
    first, second = (nearest_change(tree.model, tree.schema, row, wanted) for _ in range(2))
    assert first is not None and second is not None
    assert first.values == second.values
