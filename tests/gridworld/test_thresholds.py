"""Where the best policy changes with the reward of a step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlcore.errors import UserError
from mlcore.gridworld.drawing import drawn
from mlcore.gridworld.model import model_of
from mlcore.gridworld.planning.exact import optimal
from mlcore.gridworld.policies import greedy
from mlcore.gridworld.presets import find_preset
from mlcore.gridworld.thresholds import policy_stretches
from mlcore.gridworld.world import GridWorld


def preset(name: str) -> GridWorld:
    world = find_preset(name).make()
    assert isinstance(world, GridWorld)
    return world


#: Russell and Norvig's world without discounting: the step rewards at which its policy changes.
PUBLISHED = (-1.6497, -1.5643, -0.7311, -0.4526, -0.0850, -0.0448, -0.0274, -0.0221)


def test_the_policies_of_the_book_change_where_it_says() -> None:
    stretches = policy_stretches(preset("russell_norvig_4x3"))
    assert [stretch.low for stretch in stretches[1:]] == pytest.approx(PUBLISHED, abs=1e-4)


def test_inside_a_stretch_its_policy_is_the_best_one() -> None:
    world = preset("russell_norvig_4x3")
    for stretch in policy_stretches(world):
        model = model_of(replace(world, step_reward=stretch.middle))
        best = greedy(optimal(model)[1])
        assert np.array_equal(best[~model.terminal], stretch.best[~model.terminal])


def test_stretches_cover_the_range_without_gaps() -> None:
    stretches = policy_stretches(preset("frozen_lake_4x4"))
    assert [stretch.high for stretch in stretches[:-1]] == [s.low for s in stretches[1:]]
    assert all(stretch.low < stretch.middle < stretch.high for stretch in stretches)


def test_a_change_that_can_be_worked_out() -> None:
    # From the second cell: at once to an end that pays 0, or one step more to one that pays 1.
    world = drawn(["T..T"], "Line")
    rewards = world.rewards.copy()
    rewards[0, 0], rewards[0, 3] = 0.0, 1.0
    line = replace(world, rewards=rewards, discount=1.0)
    # Entering an end pays its own reward only, so the way to the far one costs a single step.
    assert [s.low for s in policy_stretches(line)[1:]] == pytest.approx([-1.0], abs=1e-4)


def test_one_policy_may_be_the_best_one_everywhere() -> None:
    (stretch,) = policy_stretches(preset("windy"))
    assert stretch.low < stretch.high < 0


def test_a_world_that_cannot_be_solved_says_so() -> None:
    world = replace(drawn(["T#."], "Cut off"), discount=1.0)
    with pytest.raises(UserError, match="no terminal"):
        policy_stretches(world)
