"""Rules that count: exact accuracies over all ways to vote, shares, quorums, weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vote_tables import all_patterns

from mlcore.errors import UserError
from mlcore.fusion.rules import (
    absolute_majority,
    log_odds,
    plurality,
    unanimity,
    vote_shares,
    weighted,
)
from mlcore.fusion.votes import aligned, wide_votes


def exact_accuracy(accuracies, rule) -> float:
    """The accuracy of a rule over all patterns of votes; a tie is right half of the time."""
    frame, chance = all_patterns(accuracies)
    fused = rule(wide_votes(frame, list(frame)))
    held = np.where(fused.tied[:, None], fused.best / 2, fused.label[:, None] == [0, 1])
    return float((held * chance).sum())


@pytest.mark.parametrize(
    ("accuracies", "expected"),
    [
        ([0.8] * 3, 0.896),
        ([0.7] * 5, 0.83692),
        ([0.6] * 7, 0.710208),
        ([0.9, 0.6, 0.6], 0.792),
        ([0.9, 0.8, 0.7, 0.6], 0.85),
    ],
)
def test_the_plurality_of_independent_sources_is_as_accurate_as_the_closed_form(
    accuracies, expected
):
    assert exact_accuracy(accuracies, plurality) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("accuracies", "expected"), [([0.9, 0.6, 0.6], 0.9), ([0.9, 0.8, 0.7, 0.6], 0.912)]
)
def test_log_odds_weights_are_as_accurate_as_the_closed_form(accuracies, expected):
    weights = log_odds(np.array(accuracies), 2)
    assert exact_accuracy(accuracies, lambda votes: weighted(votes, weights)) == pytest.approx(
        expected, abs=1e-12
    )


def test_no_weights_are_better_than_the_log_odds():
    accuracies = [0.9, 0.35, 0.7, 0.6, 0.55]
    best = exact_accuracy(
        accuracies, lambda votes: weighted(votes, log_odds(np.array(accuracies), 2))
    )
    generator = np.random.default_rng(0)
    for _ in range(50):
        weights = generator.normal(size=5)
        assert exact_accuracy(accuracies, lambda v, w=weights: weighted(v, w)) <= best + 1e-12


TABLE = pd.DataFrame(
    {
        "p": ["a", "a", "a", "a", None, "a"],
        "q": ["a", "b", "b", None, None, "b"],
        "r": ["b", "c", "b", None, None, "a"],
        "s": [None, "a", "b", None, None, "b"],
    }
)
VOTES = wide_votes(TABLE, list(TABLE))


def names(fused, votes=VOTES) -> list[str]:
    return [votes.classes[code] if code >= 0 else "-" for code in fused.label]


def test_each_rule_decides_what_it_may():
    assert names(plurality(VOTES)) == ["a", "a", "b", "a", "-", "-"]
    assert plurality(VOTES).tied.tolist() == [False] * 5 + [True]
    assert names(absolute_majority(VOTES)) == ["a", "-", "b", "a", "-", "-"]
    assert names(absolute_majority(VOTES, quorum=2)) == ["a", "-", "b", "-", "-", "-"]
    assert names(absolute_majority(VOTES, share=0.7)) == ["-", "-", "b", "a", "-", "-"]
    assert names(absolute_majority(VOTES, share=0.75)) == ["-", "-", "-", "a", "-", "-"]
    assert names(unanimity(VOTES)) == ["-", "-", "-", "a", "-", "-"]
    assert names(unanimity(VOTES, quorum=2)) == ["-"] * 6
    assert not absolute_majority(VOTES).tied.any()
    assert absolute_majority(VOTES, share=0.4).tied.tolist() == [False] * 5 + [True]
    assert plurality(VOTES).n_undecided == 2


def test_shares_are_shares_of_the_votes_cast():
    np.testing.assert_allclose(
        vote_shares(VOTES),
        [
            [2 / 3, 1 / 3, 0],
            [0.5, 0.25, 0.25],
            [0.25, 0.75, 0],
            [1, 0, 0],
            [0, 0, 0],
            [0.5, 0.5, 0],
        ],
    )
    assert plurality(VOTES).best.sum(axis=1).tolist() == [1, 1, 1, 1, 0, 2]


def test_a_negative_weight_speaks_for_the_other_classes_of_the_row():
    shares = vote_shares(VOTES, np.array([-2.0, 1.0, 1.0, 0.0]))
    # p votes a in row 0: two for b, and nothing for c, which has no vote; q votes a, r votes b.
    np.testing.assert_allclose(shares[0], [1 / 4, 3 / 4, 0])


@pytest.mark.parametrize(
    ("weights", "label"),
    [([-2, 1], "-"), ([-2, 3], "a"), ([-1, -1], "-"), ([-0.3, 0.1 + 0.2], "-"), ([-2, 0], "-")],
)
def test_a_class_without_a_vote_does_not_win_by_votes_against_others(weights, label):
    """Where the only label of a row has more against it than for it, nothing is decided."""
    votes = wide_votes(pd.DataFrame({"p": ["a"], "q": ["a"]}), ["p", "q"], classes=["b", "z"])
    fused = weighted(votes, np.array(weights, dtype=float))
    assert names(fused, votes) == [label]
    assert fused.posterior.sum() == pytest.approx(1)
    against = wide_votes(pd.DataFrame({"p": ["a"], "q": ["b"]}), ["p", "q"], classes=["z"])
    assert names(weighted(against, np.array([-2.0, -1.0])), against) == ["b"]


@pytest.mark.parametrize("weight", [np.nan, np.inf, -np.inf, 1e300])
def test_a_weight_is_a_number_that_can_be_added(weight):
    with pytest.raises(UserError, match="weight of “q”") as caught:
        weighted(VOTES, np.array([1.0, weight, 1.0, 1.0]))
    assert caught.value.code == "fusion.weight"


def test_votes_that_weigh_nothing_leave_a_tie_of_all_classes():
    fused = weighted(VOTES, np.zeros(4))
    np.testing.assert_allclose(fused.posterior[0], [1 / 3] * 3)
    assert fused.tied.tolist() == [True] * 4 + [False, True]


WEIGHTS = st.lists(st.floats(-5, 5), min_size=4, max_size=4).map(np.array)


@given(WEIGHTS)
def test_shares_sum_to_one_and_order_the_classes_as_the_weighted_sums_do(weights):
    shares = vote_shares(VOTES, weights)
    sums = np.where(VOTES.counts() > 0, VOTES.counts(weights), -np.inf)
    assert (shares >= 0).all()
    np.testing.assert_allclose(shares.sum(axis=1), VOTES.per_row() > 0)
    # The highest share belongs to the highest sum of a class with votes, up to rounding.
    several = [0, 1, 2, 5]
    best = sums[np.arange(6), shares.argmax(axis=1)]
    np.testing.assert_allclose(best[several], sums.max(axis=1)[several], atol=1e-9)


def test_log_odds_are_finite_and_negative_below_chance():
    weights = log_odds(np.array([0, 0.25, 0.5, 1, np.nan]), 4)
    np.testing.assert_allclose(weights[1:3], [0, np.log(3)], atol=1e-12)
    assert weights[0] < 0 < weights[3] and np.isfinite(weights).all() and weights[4] == 0
    assert log_odds(np.array([0.5]), 1).tolist() == [1]


def test_few_rows_draw_an_accuracy_towards_chance_or_another_value():
    few, many, none = log_odds(np.array([1.0, 1.0, np.nan]), 2, np.array([3.0, 300.0, 0.0]))
    assert few == pytest.approx(np.log(4)) and many == pytest.approx(np.log(301)) and none == 0
    toward = log_odds(np.array([np.nan]), 2, np.array([0.0]), toward=0.8)
    assert toward == pytest.approx(np.log(4))


CELLS = st.sampled_from(["a", "b", "c", None])
GRIDS = st.lists(st.lists(CELLS, min_size=4, max_size=4), min_size=2, max_size=8).filter(
    lambda rows: any(cell is not None for row in rows for cell in row)
)
RULES = {
    "plurality": plurality,
    "majority": lambda votes: absolute_majority(votes, quorum=2),
    "unanimity": unanimity,
    "weighted": lambda votes: weighted(
        votes, np.array([{"0": 2.0, "1": -1.0, "2": 0.5, "3": 1.0}[s] for s in votes.sources])
    ),
}


def same(one, other) -> None:
    np.testing.assert_array_equal(one.label, other.label)
    np.testing.assert_array_equal(one.best, other.best)
    np.testing.assert_allclose(one.posterior, other.posterior, atol=1e-12)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@given(GRIDS, st.permutations("0123"), st.randoms(use_true_random=False))
@settings(max_examples=25)
def test_the_order_of_rows_and_sources_does_not_matter(rule, rows, order, random):
    frame = pd.DataFrame(rows, columns=list("0123"), dtype="object")
    before = rule(wide_votes(frame, list("0123")))
    same(before, rule(wide_votes(frame, order)))
    shuffled = random.sample(range(len(frame)), len(frame))
    after = rule(wide_votes(frame.iloc[shuffled], list("0123")))
    np.testing.assert_array_equal(before.label[shuffled], after.label)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@given(GRIDS, st.permutations("abc"))
@settings(max_examples=25)
def test_other_names_of_the_classes_give_the_same_under_these_names(rule, rows, names):
    renaming = dict(zip("abc", names, strict=True))
    frame = pd.DataFrame(rows, columns=list("0123"), dtype="object")
    renamed = frame.map(lambda cell: renaming.get(cell))
    one = wide_votes(frame, list("0123"), classes="abc")
    other = wide_votes(renamed, list("0123"), classes="abc")
    place = ["abc".index(renaming[name]) for name in "abc"]
    before, after = rule(one), rule(other)
    np.testing.assert_allclose(before.posterior, after.posterior[:, place], atol=1e-12)
    np.testing.assert_array_equal(before.best, after.best[:, place])
    expected = np.where(before.label >= 0, np.array([*place, -1])[before.label], -1)
    np.testing.assert_array_equal(expected, after.label)


@pytest.mark.parametrize("rule", [plurality, absolute_majority, unanimity])
@given(GRIDS)
@settings(max_examples=25)
def test_a_source_that_always_abstains_changes_nothing(rule, rows):
    frame = pd.DataFrame(rows, columns=list("0123"), dtype="object")
    silent = frame.assign(silent="?")
    same(
        rule(wide_votes(frame, list("0123"), abstain=["?"])),
        rule(wide_votes(silent, list(silent), abstain=["?"])),
    )


def test_a_fitted_rule_ignores_sources_it_does_not_know():
    weights = np.array([1.0, 2.0])
    new = wide_votes(pd.DataFrame({"z": ["b"], "q": ["b"], "p": ["a"]}), ["z", "q", "p"])
    known = aligned(new, ("p", "q"), ("a", "b"))
    np.testing.assert_allclose(vote_shares(known, weights), [[1 / 3, 2 / 3]])
