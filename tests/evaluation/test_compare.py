"""The leaderboard and what it says about differences."""

from __future__ import annotations

import math

import numpy as np
import pytest
from evaluation.runs import (
    class_predictions,
    evaluation_of,
    evaluation_with_scores,
    value_predictions,
)

from mlcore.errors import UserError
from mlcore.evaluation.compare import (
    RunScores,
    Verdict,
    leaderboard,
    paired_difference,
    split_key,
    verdict_message,
)
from mlcore.tasks import Task

METRIC = "balanced_accuracy"


def run(name, values, *, baseline=False, key="same", metric=METRIC, task=Task.CLASSIFICATION):
    return RunScores(
        id=name,
        name=name,
        algorithm=name.title(),
        task=task,
        evaluation=evaluation_with_scores(metric, values, 80, 20),
        baseline=baseline,
        split_key=key,
    )


BASE = run("base", [0.50, 0.50, 0.51, 0.49, 0.50], baseline=True)
GOOD = run("good", [0.90, 0.92, 0.91, 0.90, 0.93])
NEAR = run("near", [0.91, 0.89, 0.93, 0.88, 0.92])


def by_id(*runs, **options):
    return leaderboard(runs, **options).set_index("id")


def test_best_first_with_verdicts():
    table = leaderboard([BASE, NEAR, GOOD])
    assert table["id"].tolist() == ["good", "near", "base"]
    assert table["to_baseline_verdict"].tolist() == ["better", "better", "same_run"]
    assert table["to_best_verdict"].tolist() == ["same_run", "no_clear_difference", "worse"]
    assert table["fit_seconds"].tolist() == [pytest.approx(4.0)] * 3
    assert table["predict_seconds"].tolist() == [0.5] * 3


def test_difference_is_paired_and_shared_by_all_rivals():
    row = by_id(BASE, NEAR, GOOD).loc["near"]
    differences = np.array([0.41, 0.39, 0.42, 0.39, 0.42])
    reach = 3.4954059 * math.sqrt((1 / 5 + 20 / 80) * differences.var(ddof=1))  # t(4) at 97.5 %
    assert row["to_baseline"] == pytest.approx(differences.mean())
    assert row["to_baseline_high"] - row["to_baseline"] == pytest.approx(reach, rel=1e-6)


def test_two_runs_need_no_correction_for_many():
    row = by_id(BASE, GOOD).loc["good"]
    alone = paired_difference(GOOD, BASE, METRIC)
    assert (row["to_baseline_low"], row["to_baseline_high"]) == pytest.approx(
        (alone.low, alone.high)
    )


def test_lower_is_better_for_errors():
    base = run("base", [10, 11, 10.5], baseline=True, metric="rmse", task=Task.REGRESSION)
    good = run("good", [4, 4.5, 4.2], metric="rmse", task=Task.REGRESSION)
    table = by_id(base, good)
    assert table.index.tolist() == ["good", "base"]
    assert table.loc["good", "to_baseline"] < 0
    assert table.loc["good", "to_baseline_verdict"] == Verdict.BETTER
    assert table.loc["base", "to_best_verdict"] == Verdict.WORSE


def test_other_rows_are_not_compared():
    other = run("other", [0.99, 0.99, 0.98, 0.99, 0.97], key="other")
    table = by_id(BASE, GOOD, other)
    assert table.loc["other", "to_baseline_verdict"] == Verdict.NOT_COMPARABLE
    assert table.loc["other", "to_best_verdict"] == Verdict.NOT_COMPARABLE
    assert math.isnan(table.loc["other", "to_baseline"])
    assert table.loc["good", "to_best_verdict"] == Verdict.SAME_RUN
    assert table["group"].tolist() == [1, 1, 2]


def test_other_tasks_stand_beside_without_mixing():
    number = run("number", [1.0, 1.2, 1.1], metric="rmse", task=Task.REGRESSION)
    table = by_id(BASE, GOOD, number)
    assert math.isnan(table.loc["number", "accuracy"]) and math.isnan(table.loc["good", "rmse"])
    assert table.loc["number", "compared_by"] == "rmse"
    assert table.loc["number", "to_baseline_verdict"] == Verdict.NOT_COMPARABLE


def test_one_validation_set_cannot_tell():
    table = by_id(run("base", [0.5], baseline=True), run("good", [0.9]))
    assert table.loc["good", "to_baseline_verdict"] == Verdict.ONE_FOLD
    assert table.loc["good", "to_baseline"] == pytest.approx(0.4)


def test_a_single_run_is_its_own_best():
    table = by_id(GOOD)
    assert table.loc["good", "to_best_verdict"] == Verdict.SAME_RUN
    assert table.loc["good", "to_baseline_verdict"] == Verdict.NOT_COMPARABLE


def test_another_metric_can_be_compared():
    runs = [
        RunScores(
            id=str(skill),
            name=str(skill),
            algorithm="a",
            task=Task.CLASSIFICATION,
            evaluation=evaluation_of(class_predictions(skill=skill), Task.CLASSIFICATION),
            baseline=False,
            split_key="k",
        )
        for skill in (0.5, 3.0)
    ]
    table = leaderboard(runs, metric="log_loss")
    assert table["id"].tolist() == ["3.0", "0.5"]
    assert set(table["compared_by"]) == {"log_loss"}
    with pytest.raises(UserError):
        leaderboard(runs, metric="no such")


def test_pure_noise_has_no_winner():
    """Five models that guess: a winner over the baseline in at most one in twenty tables."""
    random = np.random.default_rng(5)
    winners = 0
    for _ in range(60):
        runs = [
            run(f"m{i}", random.normal(0.5, 0.05, 5).tolist(), baseline=i == 0) for i in range(6)
        ]
        winners += (leaderboard(runs)["to_baseline_verdict"] == Verdict.BETTER).any()
    assert winners <= 3


def test_no_runs_no_rows():
    assert leaderboard([]).empty


def test_split_key_sees_rows_folds_and_label_only():
    one = class_predictions()
    same = evaluation_of(
        one.assign(predicted="cat").sample(frac=1, random_state=0), Task.CLASSIFICATION
    )
    key = split_key(evaluation_of(one, Task.CLASSIFICATION))
    assert key == split_key(same)
    for changed in (
        one.assign(fold=one["fold"] % 4 + 1),
        one.assign(actual="cat"),
        one.assign(row=one["row"] + 1),
    ):
        assert key != split_key(evaluation_of(changed, Task.CLASSIFICATION))
    assert key != split_key(evaluation_of(value_predictions(), Task.REGRESSION))


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_words(verdict):
    assert "the baseline" in str(verdict_message(verdict.value, "the baseline"))
