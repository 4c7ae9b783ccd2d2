"""Shapley values: closed forms, what they promise, and the drawn orders against all orders."""

from __future__ import annotations

from itertools import permutations
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcore.evaluation import shapley
from mlcore.evaluation.shapley import shapley_values

GAINS = np.array([2.0, -1.0, 0.5, 0.0, 3.0])


def sum_of_gains(members):
    return 10 + members @ GAINS


def gloves(members):
    """One left glove (player 0) and two right ones: a pair is worth 1."""
    return (members[:, 0] & (members[:, 1] | members[:, 2])).astype(float)


def by_definition(worth, n_players):
    values = np.zeros(n_players)
    for order in permutations(range(n_players)):
        members = np.zeros((1, n_players), dtype=bool)
        for player in order:
            before = worth(members)[0]
            members[0, player] = True
            values[player] += worth(members)[0] - before
    return values / factorial(n_players)


def test_without_interplay_each_adds_its_own() -> None:
    found = shapley_values(sum_of_gains, 5)
    assert found.values == pytest.approx(GAINS)
    assert (found.start, found.end) == (10, pytest.approx(14.5))
    assert found.is_exact and not found.errors.any()


def test_the_glove_game_has_its_known_solution() -> None:
    assert shapley_values(gloves, 3).values == pytest.approx([4 / 6, 1 / 6, 1 / 6])


@given(st.lists(st.floats(-5, 5), min_size=16, max_size=16))
def test_all_coalitions_weigh_as_all_orders_do(worths: list[float]) -> None:
    def worth(members):
        return np.array(worths)[members @ (2 ** np.arange(4))]

    assert shapley_values(worth, 4).values == pytest.approx(by_definition(worth, 4), abs=1e-9)


def product(members):
    return np.prod(1 + members * np.linspace(-0.5, 0.6, members.shape[1]), axis=1)


def test_drawn_orders_sum_to_the_whole_and_lie_near_the_exact_values(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exact = shapley_values(product, 8)
    monkeypatch.setattr(shapley, "MOST_EXACT", 3)
    drawn = shapley_values(product, 8)
    assert not drawn.is_exact
    assert drawn.values.sum() == pytest.approx(drawn.end - drawn.start, abs=1e-12)
    assert (drawn.start, drawn.end) == (exact.start, exact.end)
    assert (np.abs(drawn.values - exact.values) <= 4 * drawn.errors + 1e-12).all()
    assert shapley_values(product, 8).values.tolist() == drawn.values.tolist()


def test_one_without_effect_adds_nothing_in_drawn_orders() -> None:
    gains = np.arange(12.0)
    found = shapley_values(lambda members: members @ gains, 12)
    assert found.values == pytest.approx(gains) and found.errors == pytest.approx(0)


def test_nobody_adds_nothing() -> None:
    found = shapley_values(lambda members: np.full(len(members), 7.0), 0)
    assert (found.start, found.end, len(found.values)) == (7, 7, 0)
