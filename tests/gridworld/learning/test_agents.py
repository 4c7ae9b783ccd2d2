"""What is true of the agents whatever the world: which are the same, and what they tend to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from gridworld.learning.runs import (
    corridor,
    learn,
    preset,
    standard_error,
    trained,
)
from gridworld.worlds import random_world

from mlcore.gridworld.learning.choosing import softmax
from mlcore.gridworld.model import Model, astray, model_of
from mlcore.gridworld.planning.exact import evaluate, optimal
from mlcore.gridworld.policies import policy_frame
from mlcore.gridworld.world import GridWorld, SlipTo


@pytest.mark.parametrize(
    ("agent", "params", "same"),
    [
        ("sarsa_lambda", {"lambda": 0.0}, "sarsa"),
        ("sarsa_lambda", {"lambda": 0.0, "traces": "accumulating"}, "sarsa"),
        ("n_step_sarsa", {"n": 1}, "sarsa"),
        ("dyna_q", {"planning_steps": 0}, "q_learning"),
    ],
    ids=str,
)
@pytest.mark.parametrize("world", ["windy", "frozen_lake_4x4"])
def test_agents_that_are_the_same_by_definition(
    agent: str, params: dict, same: str, world: str
) -> None:
    size = {"episodes": 60, "seeds": 5, "most_steps": 80}
    one, other = learn(preset(world), agent, params, **size), learn(preset(world), same, **size)
    for name in ("episodes", "policy", "errors", "replay"):
        pd.testing.assert_frame_equal(one.frames[name], other.frames[name], check_exact=True)


def test_agents_with_the_same_seed_begin_alike() -> None:
    world = preset("sutton_barto_4x4")  # many starts
    replays = [
        learn(world, agent, episodes=9, seeds=1).frames["replay"]
        for agent in ("q_learning", "sarsa", "reinforce", "monte_carlo", "dyna_q")
    ]
    starts = {tuple(replay.loc[replay["step"] == 0, "state"]) for replay in replays}
    assert len(starts) == 1


# Terminated and truncated


@pytest.mark.parametrize("agent", ["q_learning", "sarsa", "expected_sarsa", "td0", "monte_carlo"])
def test_an_episode_that_is_broken_off_is_no_end(agent: str) -> None:
    # One free cell, a step costs 1, and nothing ends: its value is -1 / (1 - 0.5) = -2. An agent
    # that took breaking off for an end would hold it for worth -1.
    world = replace(corridor(1, discount=0.5), step_reward=-1.0)
    world.terminals[:] = False
    world.rewards[:] = np.nan
    world.walls[0, [0, 2]] = True
    result = learn(world, agent, {"alpha": 0.5}, episodes=600, seeds=2, most_steps=1)
    assert not result.frames["episodes"]["terminated"].any()
    assert result.figures["start_value"] == pytest.approx(-2, abs=1e-6)
    assert [note.code for note in result.notes] == ["gridworld.learning.broken_off"]


@pytest.mark.parametrize("agent", ["reinforce", "actor_critic"])
def test_critics_go_on_where_an_episode_is_broken_off(agent: str) -> None:
    world = replace(corridor(1, discount=0.5), step_reward=-1.0)
    world.terminals[:] = False
    world.rewards[:] = np.nan
    world.walls[0, [0, 2]] = True
    result = learn(world, agent, {"alpha_value": 0.5}, episodes=200, seeds=2, most_steps=1)
    assert result.figures["start_value"] == pytest.approx(-2, abs=1e-6)


def test_the_last_step_that_is_allowed_may_end_an_episode() -> None:
    # Three moves to the right end it, and three steps are allowed: that is an end.
    params = {"epsilon": 1.0, "alpha": 1.0}
    result = learn(corridor(left=-1.0), "q_learning", params, episodes=600, seeds=1, most_steps=3)
    episodes = result.frames["episodes"]
    assert (episodes["terminated"] == (episodes["return"] != 0)).all()
    assert episodes["length"].eq(3).all() and episodes["terminated"].sum() > 5
    policy = result.frames["policy"]
    assert policy["q:right"][5] == 1.0 and policy["q:left"][1] == -1.0


def test_nothing_is_learnt_beyond_an_end() -> None:
    # A terminal's own guess must not leak into what leads there.
    params = {"initial_value": 100.0, "alpha": 1.0, "epsilon": 1.0}
    policy = learn(corridor(1), "q_learning", params, episodes=40, seeds=1).frames["policy"]
    assert policy["q:right"][1] == 1.0 and policy["q:left"][1] == 0.0


# What they tend to


@pytest.mark.parametrize(
    ("agent", "epsilon"), [("monte_carlo", 1.0), ("sarsa", 1.0), ("q_learning", 1.0)]
)
def test_errors_fall_as_one_over_the_square_root_of_the_episodes(
    agent: str, epsilon: float
) -> None:
    # Sample averages; with so low a discount guesses for the next state do not slow it down. All
    # actions are by chance, so SARSA and Monte Carlo have the values of the random policy.
    world = replace(corridor(3, discount=0.3, slip=0.3, left=-1.0), step_reward=-0.5)
    world.starts[0, 1:-1] = True
    model = model_of(world)
    params = {"epsilon": epsilon, "step_size": "average"}
    policy = np.full((model.n_states, 4), 0.25)
    values = evaluate(model, policy)
    if agent == "q_learning":
        values = np.zeros(model.n_states)
        for _ in range(100):
            values = model.action_values(values).max(axis=1)
    exact = model.action_values(values)
    rms = []
    for episodes in (100, 1000):
        learnt, _ = trained(model, agent, params, seeds=20, episodes=episodes)
        off = (learnt.by_seed() - exact)[:, ~model.terminal]
        rms.append(float(np.sqrt(np.square(off).mean())))
    assert np.log10(rms[1] / rms[0]) == pytest.approx(-0.5, abs=0.08)
    assert rms[-1] < 0.03, rms


def test_sample_averages_find_the_optimum_of_a_slippery_world() -> None:
    world = replace(preset("russell_norvig_4x3"), discount=0.5)
    params = {"epsilon": 0.5, "step_size": "average"}
    result = learn(world, "q_learning", params, episodes=800, seeds=8)
    rms = result.frames["errors"].groupby("episode")["rms"].mean()
    assert rms.iloc[-1] < 0.02 < rms.iloc[0] / 5
    assert result.figures["start_value"] == pytest.approx(result.figures["optimum"], abs=0.006)


@pytest.mark.parametrize(
    ("agent", "params"),
    [
        ("monte_carlo", {"exploring_starts": True, "epsilon": 0.0, "alpha": 0.3}),
        ("q_learning", {"alpha": 0.3}),
        ("sarsa_lambda", {"epsilon_decay": "linear"}),
        ("double_q_learning", {"alpha": 0.5, "epsilon_decay": "linear"}),
        ("dyna_q", {"epsilon_decay": "linear"}),
    ],
    ids=str,
)
def test_control_finds_the_shortest_way(agent: str, params: dict) -> None:
    world = preset("sutton_barto_4x4")
    result = learn(world, agent, params, episodes=800, seeds=4, most_steps=200)
    policy = result.frames["policy"]
    best = policy_frame(model_of(world), optimal(model_of(world))[1])
    for found, allowed in zip(policy["actions"], best["actions"], strict=True):
        assert set(found.split(", ")) <= set(allowed.split(", "))


@pytest.mark.parametrize("agent", ["reinforce", "actor_critic"])
def test_policy_gradients_come_near_the_optimum(agent: str) -> None:
    result = learn(preset("sutton_barto_4x4"), agent, episodes=500, seeds=8)
    assert result.figures["last_mean"] > result.figures["optimum"] - 0.2
    early = result.frames["episodes"].query("episode <= 5")["return"].mean()
    assert early < result.figures["last_mean"] - 1
    assert "soft_optimum" not in result.figures


@pytest.mark.parametrize("baseline", [False, True])
def test_reinforce_follows_the_gradient_of_the_return(baseline: bool) -> None:
    # Steps so small that the policy stays what it is: what adds up is the gradient at chance.
    model = model_of(random_world(29, rows=3, columns=4, discount=0.7))
    params = {"alpha": 1e-6, "baseline": baseline, "most_change": None, "from_start": True}
    learnt, _ = trained(model, "reinforce", params, seeds=40, episodes=120)
    steps = learnt.preferences.reshape(40, model.n_states, -1) / (1e-6 * 120)
    width = 1e-5
    expected = np.zeros(steps.shape[1:])
    for place in np.ndindex(*expected.shape):
        moved = np.zeros_like(expected)
        moved[place] = width
        up, down = (model.starts @ evaluate(model, softmax(s * moved)) for s in (1, -1))
        expected[place] = (up - down) / (2 * width)
    error = np.maximum(steps.std(axis=0, ddof=1) / np.sqrt(40), 1e-4)
    assert np.abs(expected).max() > 8 * error.max()
    assert (np.abs(steps.mean(axis=0) - expected) / error).max() < 5


# Overrating what was lucky


def lottery() -> Model:
    """A choice between an end and a cell in which all actions pay 0.9 or -1.1, by chance alone.

    States: start, lottery, end. Action 0 ends at once for nothing; the others lead to the lottery,
    whose mean is -0.1. Any action there may turn out as any other.
    """
    n = 8
    landing = np.full((n, 3), 2, dtype=np.int32)
    landing[1:, 0] = 1
    reward = np.zeros((n, 3))
    reward[:, 1] = np.where(np.arange(n) % 2, 0.9, -1.1)
    ends = np.ones((n, 3), dtype=bool)
    ends[1:, 0] = False
    return Model(
        landing=landing,
        reward=reward,
        ends=ends,
        slip=np.array([0.0, 1.0, 0.0]),
        astray=astray(8, SlipTo.ANYWHERE),
        starts=np.array([1.0, 0.0, 0.0]),
        discount=1.0,
        terminal=np.array([False, False, True]),
        terminal_values=np.zeros(3),
        rows=1,
        columns=3,
        cell=np.arange(3),
        layer=np.zeros(3, dtype=int),
        actions=tuple("abcdefgh"),
        arrows=tuple("abcdefgh"),
    )


def test_double_q_learning_does_not_overrate_what_was_lucky() -> None:
    worth, tempted = {}, {}
    for agent in ("q_learning", "double_q_learning"):
        learnt, _ = trained(lottery(), agent, {"epsilon": 1.0}, seeds=60, episodes=500)
        worth[agent] = learnt.by_seed()[:, 0, 1:].mean(axis=1)
        _, record = trained(lottery(), agent, seeds=60, episodes=200)
        tempted[agent] = (record.length == 2).mean()
    # To go to the lottery is worth -0.1, which is less than to end at once.
    assert worth["q_learning"].mean() > 0.1
    off = worth["double_q_learning"] + 0.1
    assert abs(off.mean()) < 4 * standard_error(off)
    assert tempted["q_learning"] > tempted["double_q_learning"] + 0.1


# Worlds that are the same but for how they lie


def permuted(model: Model, order: np.ndarray) -> Model:
    """The same states under other numbers: state ``order[i]`` becomes state i."""
    number = np.argsort(order).astype(np.int32)
    return replace(
        model,
        landing=number[model.landing[:, order]],
        **{name: getattr(model, name)[:, order] for name in ("reward", "ends")},
        **{
            name: getattr(model, name)[order]
            for name in ("slip", "starts", "terminal", "terminal_values", "cell", "layer")
        },
    )


@pytest.mark.parametrize(
    "agent", ["q_learning", "sarsa", "double_q_learning", "n_step_sarsa", "sarsa_lambda",
              "dyna_q", "monte_carlo", "expected_sarsa"]
)  # fmt: skip
def test_numbering_the_states_otherwise_changes_nothing(agent: str) -> None:
    model = model_of(preset("frozen_lake_4x4"))
    order = np.random.default_rng(0).permutation(model.n_states)
    one, kept = trained(model, agent, seeds=4, episodes=60)
    other, again = trained(permuted(model, order), agent, seeds=4, episodes=60)
    np.testing.assert_array_equal(one.by_seed()[:, order], other.by_seed())
    np.testing.assert_array_equal(kept.length, again.length)


def mirrored(world: GridWorld) -> GridWorld:
    """The same world with left and right exchanged."""
    flipped = {
        name: getattr(world, name)[:, ::-1].copy()
        for name in ("walls", "terminals", "starts", "rewards", "slips")
    }
    wind = world.wind[:, ::-1].copy()
    wind[..., 1] *= -1
    return replace(world, wind=wind, **flipped)


@pytest.mark.parametrize("agent", ["q_learning", "actor_critic"])
def test_mirroring_the_world_mirrors_what_is_learnt(agent: str) -> None:
    world = random_world(9, teleports=0, moves=4, discount=0.8)
    values = []
    for seed, drawn in ((0, world), (1, mirrored(world))):
        model = model_of(drawn)
        learnt, record = trained(model, agent, seeds=60, episodes=30, most_steps=100, seed=seed)
        grid = np.full((60, model.rows * model.columns), np.nan)
        grid[:, model.cell] = learnt.values(np.arange(60))
        grid = grid.reshape(60, model.rows, model.columns)
        values.append(grid if seed == 0 else grid[:, :, ::-1])
    one, other = values
    free = ~world.walls
    error = np.hypot(one.std(axis=0), other.std(axis=0))[free] / np.sqrt(60)
    off = (one.mean(axis=0) - other.mean(axis=0))[free]
    assert (error > 0).sum() > 10
    assert (np.abs(off) <= 4.5 * error + 1e-12).all()
