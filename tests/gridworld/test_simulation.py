"""A policy earns what was computed for it, and the sentence about it is true."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from gridworld.learning.runs import corridor, preset
from gridworld.worlds import random_world
from scipy import stats

from mlcore.errors import UserError
from mlcore.gridworld.model import Model, model_of
from mlcore.gridworld.planning.exact import epsilon_greedy, evaluate, optimal
from mlcore.gridworld.returns import Bernstein, start_deviation
from mlcore.gridworld.simulation import compare, simulate
from mlcore.gridworld.worlds import model_of_world


def random_policy(model: Model, seed: int) -> np.ndarray:
    chances = np.random.default_rng(seed).random((model.n_states, model.n_actions)) ** 3
    chances[:, 0] *= np.arange(model.n_states) % 2  # some actions are never taken
    return chances / chances.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("number", range(25))
def test_random_policies_earn_what_they_are_worth(number: int) -> None:
    model = model_of(random_world(number, discount=0.8))
    policy = random_policy(model, number)
    computed = float(model.starts @ evaluate(model, policy))
    frame = simulate(model, policy, 4000, seed=number, most_steps=150)
    found = compare(frame, computed, model)
    assert abs(found.z) < 4 and found.rest < 1e-8
    assert found.low < found.mean < found.high or found.low == found.mean == found.high


def test_a_wrong_value_is_told_from_a_right_one() -> None:
    model = model_of(random_world(8, discount=0.8))
    policy = random_policy(model, 0)
    frame = simulate(model, policy, 4000, most_steps=150)
    found = compare(frame, float(model.starts @ evaluate(model, policy)) + 0.3, model)
    assert not found.agrees and found.z < -5 and found.p < 1e-6
    assert found.verdict.code == "gridworld.simulated.differs"


def test_taxi_earns_what_its_optimum_says() -> None:
    model = model_of_world(preset("taxi"))
    values, action_values = optimal(model)
    frame = simulate(model, epsilon_greedy(action_values, 0.0), 3000)
    assert frame["terminated"].all()
    starts = frame["start"].to_numpy()
    np.testing.assert_allclose(frame["discounted_return"], values[starts])
    assert len(np.unique(starts)) > 250


def test_a_walk_is_written_down() -> None:
    model = model_of(corridor(discount=0.5))
    right = np.eye(4)[np.full(model.n_states, 1)]
    frame = simulate(model, right, 3)
    assert list(frame) == [
        "episode", "start", "return", "discounted_return", "length", "terminated"
    ]  # fmt: skip
    assert frame["episode"].tolist() == [1, 2, 3] and set(frame["start"]) == {3}
    assert set(frame["length"]) == {3} and frame["terminated"].all()
    assert set(frame["return"]) == {1.0} and set(frame["discounted_return"]) == {0.25}


def test_what_is_broken_off_is_no_end() -> None:
    model = model_of(corridor(discount=0.5))
    up = np.eye(4)[np.zeros(model.n_states, dtype=int)]
    frame = simulate(model, up, 5, most_steps=7)
    assert set(frame["length"]) == {7} and not frame["terminated"].any()
    # The step in which it is broken off may be the one that ends it.
    right = np.eye(4)[np.full(model.n_states, 1)]
    assert simulate(model, right, 5, most_steps=3)["terminated"].all()


def test_the_same_seed_gives_the_same_walks() -> None:
    model = model_of(random_world(8))
    policy = random_policy(model, 1)
    one, other = (simulate(model, policy, 50, seed=4) for _ in range(2))
    pd.testing.assert_frame_equal(one, other)
    assert not one.equals(simulate(model, policy, 50, seed=5))


def walks(earned: list[float], terminated: bool = True, length: int = 3) -> pd.DataFrame:
    return pd.DataFrame({"discounted_return": earned, "terminated": terminated, "length": length})


def test_the_interval_is_that_of_student() -> None:
    earned = np.random.default_rng(0).normal(3, 2, 20)
    found = compare(walks(earned.tolist()), 2.5)
    test = stats.ttest_1samp(earned, 2.5)
    interval = test.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert (found.z, found.p) == pytest.approx((test.statistic, test.pvalue))
    assert (found.n, found.truncated, found.rest) == (20, 0, 0.0)


def test_without_any_chance_rounding_decides_nothing() -> None:
    same = compare(walks([0.1 + 0.2] * 10), 0.3)
    assert same.agrees and (same.z, same.p) == (0.0, 1.0)
    assert str(same.verdict) == "All 10 episodes earned 0.3, which is the computed value of 0.3."
    other = compare(walks([0.4] * 10), 0.3)
    assert not other.agrees and other.z == math.inf and other.p == 0.0
    assert other.verdict.code == "gridworld.simulated.differs_so_far"
    known = compare(walks([0.4] * 10), 0.3, deviation=0.0)
    assert not known.agrees and known.p == 0.0
    assert known.verdict.code == "gridworld.simulated.differs_always"
    assert compare(walks([0.1 + 0.2] * 10), 0.3, deviation=0.0).agrees


def test_one_episode_tells_nothing() -> None:
    found = compare(walks([0.4]), 5.0)
    assert found.low == -math.inf and found.p == 1.0
    assert found.verdict.code == "gridworld.simulated.one"


def test_episodes_that_were_broken_off_are_bounded_by_the_discount() -> None:
    model = model_of(corridor(discount=0.5))
    frame = pd.concat([walks([0.2] * 3), walks([0.0], terminated=False, length=4)])
    # One of four lacks at most 0.5**4 * (1 + 0.5 + …) = 0.125.
    found = compare(frame, 0.15, model)
    assert found.rest == pytest.approx(0.125 / 4)
    assert str(found.notes[0]) == (
        "1 of 4 episodes were broken off. What they lack can change the mean by 0.031 at most."
    )
    constant = pd.concat([walks([0.2] * 3), walks([0.2], terminated=False, length=4)])
    assert compare(constant, 0.23, model).agrees
    assert compare(constant, 0.23, model).verdict.code == "gridworld.simulated.agrees"
    assert not compare(constant, 0.24, model).agrees


def test_episodes_that_were_broken_off_without_discount_tell_nothing() -> None:
    frame = walks([1.0, 0.0, 0.5], terminated=False)
    for model in (None, model_of(corridor())):
        found = compare(frame, 0.5, model)
        assert found.rest == math.inf and not found.agrees
        assert found.verdict.code == "gridworld.simulated.unbounded"
        assert found.notes[0].code == "gridworld.simulated.broken_off"


def test_a_policy_of_another_world_is_refused() -> None:
    model = model_of(corridor())
    with pytest.raises(UserError) as caught:
        simulate(model, np.ones((3, 4)) / 4)
    assert caught.value.code == "gridworld.policy_shape"
    half = np.full((model.n_states, 4), 0.25)
    half[2] = 0.125
    with pytest.raises(UserError) as caught:
        simulate(model, half)
    assert caught.value.message.parameters["state"] == 2
    nothing = np.full((model.n_states, 4), np.nan)
    with pytest.raises(UserError):
        simulate(model, nothing)


def test_a_world_without_reward_has_nothing_to_miss() -> None:
    world = replace(corridor(discount=0.9), rewards=np.full((1, 7), np.nan))
    frame = walks([0.0, 0.0], terminated=False)
    assert compare(frame, 0.0, model_of(world)).rest == 0.0


@pytest.mark.parametrize("slip", [1e-6, 1e-5, 1e-4, 3e-4, 1e-3, 0.02])
def test_rare_slips_off_the_cliff_raise_no_false_alarm(slip: float) -> None:
    # At most 5 % of honest checks may say "differs", however few episodes meet a slip.
    model = model_of_world(replace(preset("cliff_walking"), slip=slip))
    policy = epsilon_greedy(optimal(model)[1], 0.0)
    values = evaluate(model, policy)
    computed, deviation = float(model.starts @ values), start_deviation(model, policy, values)
    checks = 200
    found = [
        compare(simulate(model, policy, 1000, seed), computed, model, deviation)
        for seed in range(checks)
    ]
    alarms = sum(not check.agrees for check in found)
    assert alarms <= stats.binom.ppf(0.999, checks, 0.05)
    assert all((check.p < 0.05) == (not check.agrees) for check in found)
    # The test is not blind: a value that is off by a few errors is told.
    off = 8 * deviation / math.sqrt(1000) + 0.6
    assert not any(
        compare(simulate(model, policy, 1000, seed), computed + off, model, deviation).agrees
        for seed in range(5)
    )


def test_bernsteins_bound_is_its_own_inverse_and_wider_than_the_normal_one() -> None:
    for error, largest in ((1.0, 0.0), (0.1, 0.5), (0.0, 0.2)):
        bound = Bernstein(error=error, largest=largest)
        assert bound.chance(bound.reach(0.05)) == pytest.approx(0.05)
        assert bound.reach(0.05) > 1.96 * error
    assert Bernstein(error=1.0, largest=0.0).reach(0.05) == pytest.approx(
        math.sqrt(2 * math.log(40))
    )


def test_the_deviation_is_that_of_many_episodes() -> None:
    model = model_of(random_world(3, discount=0.8))
    policy = random_policy(model, 3)
    earned = simulate(model, policy, 40_000, most_steps=150)["discounted_return"]
    deviation = start_deviation(model, policy, evaluate(model, policy))
    assert deviation == pytest.approx(earned.std(), rel=0.03)
