"""Rows in which classes share the lead."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from vote_tables import all_patterns

from mlcore.fusion.rules import absolute_majority, plurality
from mlcore.fusion.ties import resolve, tie_interval
from mlcore.fusion.votes import wide_votes

TABLE = pd.DataFrame(
    {
        "p": ["a", "b", "c", None, "a", "c"],
        "q": ["b", "c", "a", None, "a", "c"],
        "r": [None, None, "b", None, None, "c"],
    }
)
VOTES = wide_votes(TABLE, list(TABLE))
FUSED = plurality(VOTES)


def names(fused, votes=VOTES) -> list[str]:
    return [votes.classes[code] if code >= 0 else "-" for code in fused.label]


def test_ties_are_open_unless_a_rule_is_chosen():
    assert names(resolve(FUSED, VOTES)) == ["-", "-", "-", "-", "a", "c"]
    assert FUSED.tied.tolist() == [True, True, True, False, False, False]


def test_the_first_class_in_a_stated_order():
    assert names(resolve(FUSED, VOTES, "order", order=["C", "b"])) == list("bcc-ac")
    assert names(resolve(FUSED, VOTES, "order")) == list("aba-ac")


def test_the_class_that_is_most_frequent_elsewhere():
    # a: 4 votes, b: 3, c: 5.
    assert names(resolve(FUSED, VOTES, "prior")) == list("acc-ac")


def test_equally_frequent_classes_stay_tied():
    votes = wide_votes(pd.DataFrame({"p": ["a", "b"], "q": ["b", "a"]}), ["p", "q"])
    assert names(resolve(plurality(votes), votes, "prior"), votes) == ["-", "-"]


def test_the_most_accurate_source_among_those_that_voted():
    accuracies = np.array([0.6, 0.7, 0.9])
    assert names(resolve(FUSED, VOTES, "most_accurate", accuracies=accuracies)) == list("bcb-ac")
    unknown = np.array([0.6, np.nan, 0.6])
    resolved = resolve(FUSED, VOTES, "most_accurate", accuracies=unknown)
    assert names(resolved) == list("ab--ac")  # p and r are equally accurate and disagree
    assert names(resolve(FUSED, VOTES, "most_accurate")) == names(FUSED)


def test_lots_depend_on_the_seed_and_the_name_of_the_row_only():
    frame = pd.DataFrame({"p": ["a"] * 300, "q": ["b"] * 300})
    votes = wide_votes(frame, ["p", "q"])
    drawn = resolve(plurality(votes), votes, "random", seed=1)
    assert 110 < (drawn.label == 0).sum() < 190
    order = np.random.default_rng(0).permutation(300)
    shuffled = wide_votes(frame.iloc[order], ["q", "p"])
    again = resolve(plurality(shuffled), shuffled, "random", seed=1)
    np.testing.assert_array_equal(again.label, drawn.label[order])
    other = resolve(plurality(votes), votes, "random", seed=2)
    assert (other.label != drawn.label).any()


@pytest.mark.parametrize("rule", ["order", "prior", "most_accurate", "random"])
def test_a_rule_for_ties_touches_ties_only(rule):
    resolved = resolve(FUSED, VOTES, rule, accuracies=np.array([0.9, 0.8, 0.7]))
    np.testing.assert_array_equal(resolved.label[3:], FUSED.label[3:])
    assert all(FUSED.best[row, resolved.label[row]] for row in range(3))
    np.testing.assert_array_equal(resolved.tied, FUSED.tied)
    np.testing.assert_array_equal(resolved.best, FUSED.best)


@pytest.mark.parametrize("rule", ["order", "prior", "most_accurate", "random"])
def test_rows_without_a_majority_are_no_ties(rule):
    fused = absolute_majority(VOTES)
    resolved = resolve(fused, VOTES, rule, accuracies=np.array([0.9, 0.8, 0.7]))
    assert names(resolved) == list("----ac")
    # With 40 % enough, two classes tie in rows 0 and 1; in row 2 each has a third.
    resolved = resolve(absolute_majority(VOTES, share=0.4), VOTES, "order")
    assert names(resolved) == list("ab--ac")


def test_the_accuracy_from_all_ties_wrong_to_all_right():
    gold = VOTES.codes_of(["b", "a", "c", "a", "a", None])
    assert tie_interval(FUSED, gold) == pytest.approx((1 / 5, 3 / 5))
    assert tie_interval(resolve(FUSED, VOTES, "order"), gold) == pytest.approx((1 / 5, 3 / 5))
    assert np.isnan(tie_interval(FUSED, np.full(6, -1))).all()


def test_the_middle_of_the_interval_is_the_closed_form_with_ties_half():
    frame, chance = all_patterns([0.9, 0.8, 0.7, 0.6])
    repeats = np.rint(chance * 20_000).astype(int)  # every probability is a whole number of rows
    rows = np.concatenate([np.repeat(np.arange(16), repeats[:, truth]) for truth in (0, 1)])
    gold = np.repeat([0, 1], repeats.sum(axis=0))
    votes = wide_votes(frame.iloc[rows].reset_index(drop=True), list(frame))
    assert sum(tie_interval(plurality(votes), gold)) / 2 == pytest.approx(0.85, abs=1e-12)
