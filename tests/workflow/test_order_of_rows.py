"""What a row is called hangs neither on the order of the file nor on numbers too large."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from few_labels_tables import labelled
from tables import make_dataset

from mlcore.algorithms import affinity
from mlcore.algorithms.catalogue import for_task
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.dataset import Dataset
from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError
from mlcore.setups import FewLabelsSetup
from mlcore.splitting import FewLabelsConfig
from mlcore.tasks import Task
from mlcore.training.predictions import completed_frame
from mlcore.workflow import RunResult, predict_frame, run_experiment
from mlcore.workflow.semi_supervised import without_rounding

SPECS = for_task(Task.SEMI_SUPERVISED)
GRAPHS = [spec for spec in SPECS if "n_neighbors" in spec.check({})]

each = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.id)
each_graph = pytest.mark.parametrize("spec", GRAPHS, ids=lambda spec: spec.id)


def run(dataset: Dataset, spec: AlgorithmSpec, **changes: object) -> RunResult:
    features = tuple(name for name in dataset.frame if name != "kind")
    split = FewLabelsConfig(**{"repeats": 0, "folds": 2, **changes})
    setup = FewLabelsSetup(target="kind", features=features, split=split)
    return run_experiment(dataset, setup.experiment(dataset, spec.id))


@each_graph
@pytest.mark.parametrize("seed", range(3))
def test_a_grid_of_ratings_is_completed_alike_in_any_order(spec: AlgorithmSpec, seed: int) -> None:
    """Many rows are equal, and many others equally far: a mean's last digit must not choose."""
    random = np.random.default_rng(seed)
    marks = random.integers(1, 6, (600, 3))
    features = pd.DataFrame(marks * [0.1, 1 / 7, 1.0] + [0.0, 0.0, 1000.0], columns=list("xyz"))
    truth = np.where(marks.sum(axis=1) > 9, "high", "low")
    known, order = random.random(600) < 0.1, random.permutation(600)
    one = labelled(features, truth.tolist(), known)
    mixed = features.iloc[order].reset_index(drop=True)
    other = labelled(mixed, truth[order].tolist(), known[order])
    first, second = run(one, spec), run(other, spec)
    shares = ["p:high", "p:low"]
    before, after = (made.frames["rows"] for made in (first, second))
    assert (before["predicted"].to_numpy()[order] == after["predicted"]).all()
    np.testing.assert_allclose(before[shares].to_numpy()[order], after[shares], atol=1e-9)
    new = [predict_frame(made.pipeline, features, Task.SEMI_SUPERVISED) for made in (first, second)]
    np.testing.assert_allclose(new[0][shares], new[1][shares], atol=1e-9)


@each_graph
@pytest.mark.parametrize("seed", range(3))
def test_new_rows_are_told_alike_whatever_the_order_of_the_file(
    spec: AlgorithmSpec, seed: int
) -> None:
    """Equal rows have different labels, and many rows are equally far from a new one."""
    random = np.random.default_rng(seed)
    columns = {name: random.choice(list("pqrstu"), 240) for name in ("c", "d", "e")}
    frame = pd.DataFrame({**columns, "kind": random.choice(["a", "b"], 240)}).astype("str")
    frame.loc[random.random(240) < 0.6, "kind"] = None
    kinds = dict.fromkeys(frame, ColumnKind.CATEGORY)
    mixed = frame.iloc[random.permutation(240)].reset_index(drop=True)
    told = [
        predict_frame(
            run(make_dataset(rows, kinds, "kind"), spec).pipeline,
            frame.drop(columns="kind"),
            Task.SEMI_SUPERVISED,
        )
        for rows in (frame, mixed)
    ]
    np.testing.assert_allclose(told[0]["p:a"], told[1]["p:a"], atol=1e-9)


@each
def test_a_category_that_says_nothing_helps_no_more_in_a_sorted_file(spec: AlgorithmSpec) -> None:
    random = np.random.default_rng(0)
    truth = np.repeat(["a", "b"], 300)
    category = pd.Series(random.choice(list("uvw"), 600), dtype="str")
    known = np.zeros(600, dtype=bool)
    known[random.permutation(600)[:120]] = True
    label = pd.Series(truth, dtype="str").where(known)
    kinds = {"c": ColumnKind.CATEGORY, "kind": ColumnKind.CATEGORY}
    dataset = make_dataset(pd.DataFrame({"c": category, "kind": label}), kinds, "kind")
    result = run(dataset, spec)
    told = result.evaluation.predictions
    assert (told["actual"] == told["predicted"]).mean() < 0.6
    rows = result.frames["rows"]
    assert np.mean(rows["predicted"].to_numpy()[~known] == truth[~known]) < 0.6
    new = predict_frame(result.pipeline, dataset.frame[["c"]], Task.SEMI_SUPERVISED)
    assert (new["predicted"].groupby(category).nunique() == 1).all(), "equal rows, equal answers"


@each
def test_ties_are_told_and_marked(spec: AlgorithmSpec) -> None:
    features = pd.DataFrame({"x": [1.0] * 40, "y": [2.0] * 40})
    dataset = labelled(features, ["a", "b"] * 20, np.arange(40) < 12)
    result = run(dataset, spec)
    rows = result.frames["rows"]
    is_open = rows["origin"] != "given"
    assert rows.loc[is_open, "tie"].all() and (rows.loc[is_open, "predicted"] == "a").all()
    np.testing.assert_allclose(rows.loc[is_open, "certainty"], 0.5)
    notes = [note for note in result.notes if note.code == "few_labels.tied"]
    assert [note.parameters["count"] for note in notes] == ["28"]
    table = completed_frame(dataset, rows, result.split)
    assert table["tie"].sum() == rows["tie"].sum()


@each
def test_no_tie_is_told_where_there_is_none(spec: AlgorithmSpec) -> None:
    code = np.arange(40) % 2
    features = pd.DataFrame({"x": np.random.default_rng(0).normal(8.0 * code)})
    result = run(labelled(features, np.array(["a", "b"])[code].tolist(), np.arange(40) < 12), spec)
    assert not result.frames["rows"]["tie"].any()
    assert "few_labels.tied" not in {note.code for note in result.notes}


@each
@pytest.mark.parametrize("large", [1e200, 1.7e308])
def test_a_number_too_large_to_measure_by_is_named(spec: AlgorithmSpec, large: float) -> None:
    features = pd.DataFrame({"x": np.arange(20.0), "size": [large, -large, 1.0, 2.0] * 5})
    dataset = labelled(features, ["a", "b"] * 10, np.arange(20) < 10)
    with pytest.raises(UserError) as caught:
        run(dataset, spec)
    assert caught.value.code == "few_labels.too_large"
    assert "“size”" in str(caught.value) and f"{large:.3g}" in str(caught.value)


@each_graph
@pytest.mark.parametrize("values", [4, None])
def test_a_quick_search_is_told_only_where_there_was_one(
    spec: AlgorithmSpec, values: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What counts are the rows that differ: of four values a row, few do."""
    monkeypatch.setattr(affinity, "MOST_EXACT_ROWS", 100)
    random = np.random.default_rng(0)
    matrix = random.normal(size=(150, 8))
    if values is not None:
        matrix = matrix[random.integers(values, size=150)]
    features = pd.DataFrame(matrix, columns=list("pqrstuvw"))
    dataset = labelled(features, ["a", "b"] * 75, np.arange(150) < 20)
    codes = {note.code for note in run(dataset, spec).notes}
    assert ("few_labels.nearly_nearest" in codes) == (values is None)


def test_prepared_numbers_lose_their_last_digits_only() -> None:
    random = np.random.default_rng(0)
    matrix = random.normal(size=(50, 3)) * [1e-30, 1.0, 1e30]
    found = without_rounding(matrix)
    assert (np.abs(found - matrix) < 1e-10 * np.abs(matrix).max(axis=0)).all()
    np.testing.assert_array_equal(without_rounding(matrix * (1 + 4e-16)), found)
    whole = random.integers(-1000, 1000, (50, 2)).astype(float)
    np.testing.assert_array_equal(without_rounding(whole), whole)
    np.testing.assert_array_equal(without_rounding(np.zeros((3, 2))), np.zeros((3, 2)))
    assert without_rounding(np.zeros((3, 0))).shape == (3, 0)
