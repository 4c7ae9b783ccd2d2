"""Chance does what the world's rules say, and rounding never does what they exclude."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from gridworld.worlds import random_world

from mlcore.gridworld.model import model_of
from mlcore.gridworld.sampling import Sampler, cumulative, drawn, start_states

#: Evenly over [0, 1), so that frequencies are chances up to 1 / EVEN for each outcome.
EVEN = 4000
LUCK = (np.arange(EVEN) + 0.5) / EVEN


@pytest.mark.parametrize("number", range(12))
def test_steps_come_out_as_often_as_the_rules_say(number: int) -> None:
    model = model_of(random_world(number))
    sampler = Sampler(model)
    for state, action, outcomes in list(model.all_outcomes())[:: max(1, model.n_states // 6)]:
        same = np.full(EVEN, state), np.full(EVEN, action)
        counts: dict[tuple, float] = defaultdict(float)
        for landed in zip(*(part.tolist() for part in sampler.step(*same, LUCK)), strict=True):
            counts[landed] += 1 / EVEN
        expected = {(o.state, o.reward, o.ends): o.probability for o in outcomes}
        assert set(counts) == set(expected)
        for outcome, chance in expected.items():
            assert counts[outcome] == pytest.approx(chance, abs=model.n_actions / EVEN)


def test_small_numbers_make_the_move_that_was_asked_for() -> None:
    model = model_of(random_world(8))
    states = np.flatnonzero(model.slip < 0.9)
    landed, *_ = Sampler(model).step(states, np.zeros_like(states), np.full(len(states), 0.05))
    np.testing.assert_array_equal(landed, model.landing[0, states])


def test_what_is_impossible_is_never_drawn() -> None:
    chances = np.array([[0.0, 0.1, 0.2, 0.7, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0]])
    # The sum of the first row is a little less than 1, and the luck is larger still.
    highest = np.nextafter(1.0, 0.0)
    assert drawn(cumulative(chances * (1 - 1e-12)), np.full(2, highest)).tolist() == [3, 0]
    assert drawn(cumulative(chances), np.zeros(2)).tolist() == [1, 0]


def test_starts_are_drawn_as_often_as_they_should_be() -> None:
    starts = np.array([0.0, 0.5, 0.0, 0.3, 0.2, 0.0])
    counts = np.bincount(start_states(starts, LUCK), minlength=6) / EVEN
    np.testing.assert_allclose(counts, starts, atol=1 / EVEN)
    assert start_states(starts, np.array([[0.0, np.nextafter(1.0, 0.0)]])).tolist() == [[1, 4]]
