"""Fusions side by side: what the board holds, and what it says of the two best."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.fusion_board import (
    FusionRunScores,
    best_two_runs,
    fusion_board,
    number_board,
)
from mlcore.evaluation.fusion_scores import fusion_scores
from mlcore.evaluation.intervals import wilson_interval
from mlcore.fusion.rows import label_names, row_frame
from mlcore.fusion.rules import plurality
from mlcore.fusion.ties import resolve
from mlcore.fusion.votes import wide_votes

VOTES = wide_votes(
    pd.DataFrame(
        {
            "s": ["a: 9, b", "b", "b", "c", None, "a: 9, b"],
            "t": ["a: 9, b", "c", "b", "c", None, "b"],
            "u": ["b", "b", "b", None, None, None],
        }
    ),
    list("stu"),
)


def run(name: str, order: tuple[str, ...], truth: list[str | None]) -> FusionRunScores:
    """A run whose ties go to the first class of an order, as the workflow keeps it."""
    fused = resolve(plurality(VOTES), VOTES, "order", order=order)
    gold = VOTES.codes_of(truth)
    rows = np.flatnonzero(gold >= 0)
    predictions = pd.DataFrame(
        {
            "row": rows,
            "fold": 1,
            "actual": label_names(gold, VOTES.classes).iloc[rows].to_numpy(),
            "predicted": label_names(fused.label, VOTES.classes).fillna("-").iloc[rows].to_numpy(),
        }
    )
    timing = pd.DataFrame([{"fold": 0, "fit_seconds": 0.5, "predict_seconds": 0.0}])
    evaluation = Evaluation(
        scores=fusion_scores(fused, gold), predictions=predictions, timing=timing,
        curves=pd.DataFrame(),
    )  # fmt: skip
    return FusionRunScores(
        id=name, name=name, rule="Most votes", evaluation=evaluation,
        rows=row_frame(VOTES, fused), is_number=False,
    )  # fmt: skip


TRUTH: list[str | None] = ["a: 9, b", "b", "b", "b", None, "b"]


def test_the_most_accurate_stands_first_with_its_interval() -> None:
    worse = run("first", ("a: 9, b",), TRUTH)
    better = run("second", ("b",), TRUTH)
    board = fusion_board([worse, better]).set_index("name")
    assert list(board.index) == ["second", "first"]
    assert board.loc["second", "accuracy"] == pytest.approx(4 / 5)
    low, high = wilson_interval(4, 5)
    assert board.loc["second", ["low", "high"]].tolist() == pytest.approx([float(low), float(high)])
    assert board.loc["first", "gold_hits"] == 3 and board.loc["first", "gold_rows"] == 5
    assert board.loc["first", "ties_right"] == pytest.approx(4 / 5)


def test_a_label_may_look_like_a_count() -> None:
    """Row 0 has two votes for “a: 9, b”: nobody gave nine."""
    board = fusion_board([run("only", ("b",), TRUTH)])
    assert board["same_as_most"].tolist() == [1.0]


def test_a_label_that_others_outvote_is_noticed() -> None:
    one = run("one", ("b",), TRUTH)
    rows = one.rows.assign(share=[1 / 3, 2 / 3, 1, 1, np.nan, 0.5])
    changed = FusionRunScores(**{**vars(one), "rows": rows})
    assert fusion_board([changed])["same_as_most"].tolist() == pytest.approx([4 / 5])


def test_without_gold_the_scores_on_it_are_missing() -> None:
    board = fusion_board([run("one", ("b",), [None] * 6), run("two", ("c",), [None] * 6)])
    assert list(board["name"]) == ["one", "two"]
    assert board[["accuracy", "low", "high"]].isna().all(axis=None)
    assert board["gold_rows"].tolist() == [0, 0]


def test_the_two_best_are_compared_on_the_same_rows_only() -> None:
    best = run("second", ("b",), TRUTH)
    other = run("first", ("a: 9, b",), TRUTH)
    elsewhere = run("elsewhere", ("b",), [*TRUTH[:4], None, None])
    said = str(best_two_runs([elsewhere, other, best]))
    assert "“second”" in said and "“first”" in said and "elsewhere" not in said
    assert "1 of the 5 rows" in said
    assert best_two_runs([best]).code == "fusion.best_two.one_method"
    assert best_two_runs([]).code == "fusion.best_two.one_method"


def test_runs_of_numbers_have_their_own_board() -> None:
    def numbers(name: str, error: float) -> FusionRunScores:
        scores = pd.DataFrame(
            {"fold": 0, "metric": ["decided_share", "mean_absolute_error"], "value": [1.0, error]}
        )
        kept = run(name, ("b",), TRUTH)
        evaluation = Evaluation(
            scores=scores, predictions=kept.evaluation.predictions,
            timing=kept.evaluation.timing, curves=pd.DataFrame(),
        )  # fmt: skip
        return FusionRunScores(**{**vars(kept), "evaluation": evaluation, "is_number": True})

    runs = [numbers("far", 3.0), numbers("near", 1.0), run("classes", ("b",), TRUTH)]
    board = number_board(runs)
    assert board["name"].tolist() == ["near", "far"]
    assert board["gold_rows"].tolist() == [5, 5]
    assert fusion_board(runs)["name"].tolist() == ["classes"]
    assert fusion_board(runs[:2]).empty
