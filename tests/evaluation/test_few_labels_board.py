"""Runs on few labels side by side: what is read, how far a score may be off, what is left empty."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.few_labels_board import (
    FewLabelsRunScores,
    few_labels_board,
    hidden_accuracy,
)
from mlcore.evaluation.intervals import corrected_interval, wilson_interval
from mlcore.evaluation.label_draws import COLUMNS

#: Labels that are never hidden: the only ones of their class.
KEPT = 4
NO_DRAWS = pd.DataFrame(columns=COLUMNS)


def evaluation_of(*folds: list[bool]) -> Evaluation:
    """Return what a run leaves whose hidden labels were found (or not) fold by fold."""
    hits = [(fold, hit) for fold, each in enumerate(folds, start=1) for hit in each]
    predictions = pd.DataFrame(
        {
            "row": range(len(hits)),
            "fold": [fold for fold, _ in hits],
            "actual": ["a"] * len(hits),
            "predicted": ["a" if hit else "b" for _, hit in hits],
        }
    )
    scores = [
        (fold, metric, float(np.mean(each)))
        for fold, each in enumerate(folds, start=1)
        for metric in ("accuracy", "balanced_accuracy")
    ]
    n = len(hits) + KEPT
    timing = pd.DataFrame(
        {
            "fold": range(len(folds) + 1),
            "n_train": [n, *(n - len(each) for each in folds)],
            "n_validation": [0, *map(len, folds)],
            "fit_seconds": [2.5, *([1.0] * len(folds))],
        }
    )
    scores_frame = pd.DataFrame(scores, columns=["fold", "metric", "value"])
    return Evaluation(scores_frame, predictions, timing, pd.DataFrame())


def a_run(
    name: str, evaluation: Evaluation, draws: pd.DataFrame = NO_DRAWS, unreached: int = 0
) -> FewLabelsRunScores:
    origins = ["given"] * 4 + ["propagated"] * 3 + ["unlabelled"] * unreached
    return FewLabelsRunScores(
        id=name,
        name=name,
        algorithm="Label propagation",
        target="kind",
        evaluation=evaluation,
        rows=pd.DataFrame({"origin": origins}),
        draws=draws,
    )


def draws_of(gain: float) -> pd.DataFrame:
    """Return ten draws in which the unlabelled rows add about so much."""
    lines = []
    for repeat in range(1, 11):
        base = 0.5 + 0.01 * (repeat % 2)
        lines.append((20, repeat, "alone", base, 20, 20))
        lines.append((20, repeat, "with_unlabelled", base + gain, 20, 20))
    return pd.DataFrame(lines, columns=COLUMNS)


def test_what_is_read_of_a_run() -> None:
    run = a_run("one", evaluation_of([True, True], [True, False]), draws_of(0.2), unreached=5)
    (line,) = few_labels_board([run]).to_dict("records")
    assert line["labels"] == 4 and line["unreached"] == 5
    assert line["accuracy"] == line["balanced_accuracy"] == 0.75
    assert line["fit_seconds"] == 2.5
    assert line["verdict"] == "helps"
    assert line["gain"] == pytest.approx(0.2)


@pytest.mark.parametrize(("gain", "verdict"), [(-0.2, "hurts"), (0.0, "not_told")])
def test_the_verdict_is_that_of_the_draws(gain: float, verdict: str) -> None:
    board = few_labels_board([a_run("one", evaluation_of([True], [True]), draws_of(gain))])
    assert board["verdict"].tolist() == [verdict]


def test_folds_without_a_difference_are_not_taken_for_certainty() -> None:
    found = hidden_accuracy(evaluation_of(*[[True] * 4] * 5))
    low, high = wilson_interval([20], [20])
    assert (found.mean, found.low, found.high) == (1.0, low[0], 1.0)
    assert found.low == pytest.approx(0.8389, abs=5e-5)  # 20 / (20 + 1.96²)


def test_each_end_is_the_wider_of_the_two_intervals() -> None:
    folds = [[True] * 4, [True, True, False, False], [True] * 4]
    found = hidden_accuracy(evaluation_of(*folds))
    over_folds = corrected_interval([1.0, 0.5, 1.0], 4 / (8 + KEPT))
    low, high = wilson_interval([10], [12])
    assert found.mean == pytest.approx(5 / 6)
    assert found.low == max(0.0, min(over_folds.low, low[0]))
    assert found.high == min(1.0, max(over_folds.high, high[0]))


def test_a_single_fold_has_the_interval_of_a_share() -> None:
    found = hidden_accuracy(evaluation_of([True, True, False]))
    low, high = wilson_interval([2], [3])
    assert (found.low, found.high) == (low[0], high[0])


def test_without_hidden_labels_there_are_no_scores_and_the_run_comes_last() -> None:
    empty = evaluation_of()
    bare = a_run("bare", empty)
    good, bad = a_run("good", evaluation_of([True] * 4)), a_run("bad", evaluation_of([False] * 4))
    board = few_labels_board([bare, bad, good])
    assert board["name"].tolist() == ["good", "bad", "bare"]
    assert board.iloc[2][["accuracy", "accuracy_low", "accuracy_high"]].isna().all()
    assert board["verdict"].tolist() == ["not_measured"] * 3
    assert np.isnan(board["gain"]).all()
