"""Scores of fused labels: closed forms, hand counts, scikit-learn and SciPy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from evaluation.test_rater_agreement import random_votes, table
from evaluation.test_sources import codes
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, mean_absolute_error

from mlcore.errors import UserError
from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.fusion_scores import (
    FUSION_METRICS,
    NUMBER_METRICS,
    best_two,
    find_fusion_metric,
    fusion_scores,
    is_cross_fitted,
    label_quality,
    mcnemar,
    number_scores,
)
from mlcore.fusion.rules import Fused, plurality

#: Rows: a wins | tie of a and b | b wins | tie of a and c | no votes
VOTES = table("aaba*", "abbc*", "a*b**")


def labelled(text: str) -> Fused:
    """A result without ties."""
    label = codes(text)
    best = np.zeros((len(label), 3), dtype=bool)
    best[label >= 0, label[label >= 0]] = True
    tied = np.zeros(len(label), dtype=bool)
    return Fused(label=label, posterior=best.astype(float), tied=tied, best=best)


def value(frame: pd.DataFrame, metric: str, fold: int = 0) -> float:
    return float(frame[frame["fold"] == fold].set_index("metric")["value"][metric])


def test_by_hand():
    frame = fusion_scores(plurality(VOTES), codes("abab*"))
    found = frame.set_index("metric")["value"].to_dict()
    assert list(found) == [spec.id for spec in FUSION_METRICS]
    assert found["decided_share"] == 2 / 5 and found["tie_share"] == 2 / 5
    # right: first row; the tie of the second row holds b, that of the fourth does not
    assert found["accuracy"] == found["ties_wrong"] == 1 / 4 and found["ties_right"] == 2 / 4
    assert found["balanced_accuracy"] == pytest.approx((1 / 2 + 0) / 2)


def test_a_tie_rule_lies_between_its_bounds():
    fused = plurality(VOTES)
    for text in ("aabaa", "abbaa", "abbca", "aabca"):
        resolved = Fused(
            label=codes(text[:4] + "*"), posterior=fused.posterior, tied=fused.tied, best=fused.best
        )
        for gold in ("abab*", "aaaa*", "bbcc*"):
            frame = fusion_scores(resolved, codes(gold))
            assert value(frame, "ties_wrong") <= value(frame, "accuracy")
            assert value(frame, "accuracy") <= value(frame, "ties_right")


@pytest.mark.parametrize(
    ("accuracies", "majority"),
    [([0.8] * 3, 0.896), ([0.7] * 5, 0.83692), ([0.6] * 7, 0.710208), ([0.9, 0.6, 0.6], 0.792)],
)
def test_independent_sources_as_in_closed_form(accuracies, majority):
    n = 40_000
    rng = np.random.default_rng(0)
    lines = ["".join("ab"[int(wrong)] for wrong in rng.random(n) > p) for p in accuracies]
    frame = fusion_scores(plurality(table(*lines)), np.zeros(n, dtype=np.intp))
    error = np.sqrt(majority * (1 - majority) / n)
    assert value(frame, "accuracy") == pytest.approx(majority, abs=4 * error)
    assert value(frame, "tie_share") == 0


def test_ties_halved_as_in_closed_form():
    n = 40_000
    rng = np.random.default_rng(1)
    lines = ["".join("ab"[int(w)] for w in rng.random(n) > p) for p in (0.9, 0.8, 0.7, 0.6)]
    frame = fusion_scores(plurality(table(*lines)), np.zeros(n, dtype=np.intp))
    half = (value(frame, "ties_wrong") + value(frame, "ties_right")) / 2
    assert half == pytest.approx(0.85, abs=4 * np.sqrt(0.85 * 0.15 / n))


def test_as_scikit_learn_where_all_is_decided():
    rng = np.random.default_rng(2)
    gold, label = rng.integers(0, 3, (2, 80))
    fused = labelled("".join("abc"[code] for code in label))
    frame = fusion_scores(fused, gold)
    assert value(frame, "accuracy") == pytest.approx(accuracy_score(gold, label))
    assert value(frame, "balanced_accuracy") == pytest.approx(balanced_accuracy_score(gold, label))


def test_fold_by_fold():
    frame = fusion_scores(plurality(VOTES), codes("abab*"), np.array([1, 1, 2, 2, 0]))
    assert sorted(frame["fold"].unique()) == [0, 1, 2]
    assert value(frame, "accuracy", 1) == 0.5 and value(frame, "accuracy", 2) == 0
    judged = set(frame.loc[frame["fold"] == 1, "metric"])
    assert judged == {spec.id for spec in FUSION_METRICS if spec.gold}


def test_without_gold_only_what_is_known():
    frame = fusion_scores(plurality(VOTES))
    assert value(frame, "decided_share") == 0.4
    assert frame.loc[frame["metric"] == "accuracy", "value"].isna().all()


def test_numbers():
    fused, gold = np.array([1.3, 2, np.nan, 5, 7]), np.array([1, 2, 3, 4.5, np.nan])
    frame = number_scores(fused, gold)
    assert list(frame["metric"]) == [spec.id for spec in NUMBER_METRICS]
    assert value(frame, "decided_share") == 0.8
    known = [0, 1, 3]
    assert value(frame, "mean_absolute_error") == pytest.approx(
        mean_absolute_error(gold[known], fused[known])
    )
    assert value(frame, "exactly_right") == 0.25
    folded = number_scores(fused, gold, folds=np.array([1, 1, 2, 2, 2]))
    assert value(folded, "mean_absolute_error", 2) == 0.5
    assert value(number_scores(fused), "decided_share") == 0.8


def test_scores_are_found_by_what_was_fused():
    for numbers, declared in ((False, FUSION_METRICS), (True, NUMBER_METRICS)):
        for spec in declared:
            assert find_fusion_metric(spec.id, numbers=numbers) is spec and spec.help.endswith(".")
    assert "got a label" in find_fusion_metric("decided_share").help
    assert "got a number" in find_fusion_metric("decided_share", numbers=True).help
    with pytest.raises(UserError, match="accuracy"):
        find_fusion_metric("acuracy")
    with pytest.raises(UserError):
        find_fusion_metric("accuracy", numbers=True)


@pytest.mark.parametrize(("ahead", "behind"), [(0, 0), (5, 0), (6, 0), (10, 3), (7, 7), (40, 20)])
def test_mcnemar_is_the_binomial_test(ahead, behind):
    expected = binomtest(ahead, ahead + behind).pvalue if ahead + behind else 1
    assert mcnemar(ahead, behind) == pytest.approx(expected)


def test_best_and_second_best():
    gold = codes("a" * 40)
    perfect, poor = labelled("a" * 40), labelled("a" * 20 + "b" * 20)
    near = labelled("a" * 38 + "bb")
    said = best_two({"poor": poor, "perfect": perfect}, gold)
    assert said.code == "fusion.best_two.differ"
    assert str(said).startswith("“perfect” is right where “poor” is wrong on 20 of the 40 rows")
    assert "p < 0.001" in str(said)
    luck = best_two({"near": near, "perfect": perfect, "poor": poor}, gold)
    assert luck.code == "fusion.best_two.luck" and "p = 1.000" in str(luck)
    assert best_two({"a": near, "b": near}, gold).code == "fusion.best_two.same"
    assert best_two({"a": near}, gold).code == "fusion.best_two.one_method"
    assert best_two({"a": near, "b": poor}, codes("*" * 40)).code == "fusion.best_two.no_gold"


def test_picking_the_best_of_many_is_paid_for():
    gold = codes("a" * 40)
    two = {"best": labelled("a" * 40), "second": labelled("a" * 34 + "b" * 6)}
    more = {**two, **{f"m{n}": labelled("b" * 40) for n in range(3)}}
    assert best_two(two, gold).code == "fusion.best_two.differ"  # p = 0.031
    assert best_two(more, gold).code == "fusion.best_two.luck"  # p = 0.125


def test_order_of_rows_does_not_matter():
    votes = random_votes(3)
    fused, gold = plurality(votes), np.random.default_rng(0).integers(-1, 3, votes.n_rows)
    order = np.random.default_rng(1).permutation(votes.n_rows)
    mixed = Fused(
        label=fused.label[order],
        posterior=fused.posterior[order],
        tied=fused.tied[order],
        best=fused.best[order],
    )
    pd.testing.assert_frame_equal(fusion_scores(mixed, gold[order]), fusion_scores(fused, gold))


def evaluation_of(scores: pd.DataFrame, judging: int) -> Evaluation:
    nothing = pd.DataFrame()
    rows = pd.DataFrame({"row": range(judging), "fold": 1})
    return Evaluation(scores=scores, predictions=rows, timing=nothing, curves=nothing)


def test_it_is_said_what_scores_against_a_fused_label_mean_and_how_good_it_is():
    # The folds' own scores are not the label's.
    scores = fusion_scores(labelled("aab*"), codes("aaa*"), np.array([1, 1, 2, 0]))
    meaning, quality = map(str, label_quality(evaluation_of(scores, 3)))
    assert "how well the model repeats the fused label, not how often it is right" in meaning
    assert "3 in all, it is right in 66.7 %" in quality
    numbers = number_scores(np.array([1.0, 2, 7]), np.array([1.0, 4, np.nan]))
    _, quality = map(str, label_quality(evaluation_of(numbers, 2), numbers=True))
    assert "2 in all, it is off by 1 on average" in quality
    unjudged = fusion_scores(labelled("aab"))
    codes_said = [each.code for each in label_quality(evaluation_of(unjudged, 0))]
    assert codes_said == ["fusion.quality.scores", "fusion.quality.no_gold"]


def test_gold_rows_that_have_a_say_are_judged_in_several_folds():
    once = evaluation_of(fusion_scores(labelled("aab")), 3)
    assert not is_cross_fitted(once) and not is_cross_fitted(evaluation_of(once.scores, 0))
    assert is_cross_fitted(replace(once, predictions=once.predictions.assign(fold=[1, 2, 2])))
