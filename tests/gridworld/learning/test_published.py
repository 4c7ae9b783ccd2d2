"""Learning curves that are known: cliff, Dyna maze, random walk."""

from __future__ import annotations

from math import hypot

import numpy as np
import pytest
from gridworld.learning.runs import by_seed, corridor, learn, preset, standard_error
from gridworld.solving import solve, values_of

from mlcore.gridworld.model import model_of
from mlcore.gridworld.planning.exact import evaluate


@pytest.mark.parametrize(
    ("agent", "expected", "error"),
    [("sarsa", -27.15, 0.66), ("q_learning", -49.65, 0.58), ("expected_sarsa", -20.70, 0.21)],
)
def test_returns_on_the_cliff(agent: str, expected: float, error: float) -> None:
    # alpha .5, epsilon .1, episodes 401 to 500; the known numbers are means of 100 runs.
    result = learn(preset("cliff_walking"), agent, {"alpha": 0.5}, seeds=200, episodes=500)
    means = by_seed(result, after=400)
    assert abs(means.mean() - expected) < 2 * hypot(error, standard_error(means))
    if agent == "expected_sarsa":
        # It tends to the best of the policies that explore.
        best = result.figures["soft_optimum"]
        assert abs(means.mean() - best) < 2.5 * standard_error(means)


def test_the_lines_on_the_cliff() -> None:
    result = learn(preset("cliff_walking"), "q_learning", seeds=1, episodes=1)
    lines = result.frames["lines"].set_index("name")["value"]
    assert lines["optimum"] == pytest.approx(-13)
    assert lines["soft_optimum"] == pytest.approx(-20.7077, abs=1e-4)
    assert lines["soft_greedy"] == pytest.approx(-50.8, abs=1e-4)


@pytest.mark.parametrize(
    ("planning_steps", "expected"),
    [(0, {2: 715, 5: 259, 25: 23.1}), (5, {2: 154, 5: 22.7, 25: 16.6}),
     (50, {2: 39.8, 5: 17.1, 25: 16.6})],
)  # fmt: skip
def test_steps_in_the_dyna_maze(planning_steps: int, expected: dict[int, float]) -> None:
    # alpha .1, discount .95, epsilon .1; the known numbers are means of 300 runs.
    seeds = 12 if planning_steps == 50 else 25
    result = learn(
        preset("dyna_maze"),
        "dyna_q",
        {"planning_steps": planning_steps},
        seeds=seeds,
        episodes=25,
        most_steps=50_000,
    )
    frame = result.frames["episodes"]
    for episode, steps in expected.items():
        lengths = frame.loc[frame["episode"] == episode, "length"].to_numpy(dtype=float)
        error = standard_error(lengths) * np.sqrt(1 + seeds / 300)
        assert abs(lengths.mean() - steps) < 4 * max(error, 0.3), episode


WALK = np.arange(1, 6) / 6


@pytest.mark.parametrize("bumping", [False, True])
def test_the_values_of_the_random_walk_are_sixths(bumping: bool) -> None:
    # Left and right alike; moves into the border change nothing but the time it takes.
    model = model_of(corridor())
    directions = [0.25, 0.25, 0.25, 0.25] if bumping else [0.0, 0.5, 0.0, 0.5]
    values = evaluate(model, np.tile(directions, (model.n_states, 1)))
    np.testing.assert_allclose(values[1:-1], WALK, rtol=0, atol=1e-12)


def test_policy_evaluation_finds_the_sixths() -> None:
    result = solve(corridor(), "policy_evaluation", policy="random", how="equations")
    np.testing.assert_allclose(values_of(result)[1:-1], WALK, rtol=0, atol=1e-12)


def test_td_finds_the_values_of_the_random_walk() -> None:
    params = {"alpha": 0.02, "initial_value": 0.5}
    result = learn(corridor(), "td0", params, seeds=60, episodes=600)
    learnt = result.frames["policy"]["value"].to_numpy()[1:-1]
    np.testing.assert_allclose(learnt, WALK, atol=0.03)
    assert result.figures["policy_value"] == pytest.approx(0.5)
    rms = result.frames["errors"].groupby("episode")["rms"].mean()
    assert rms.loc[1] > 0.2 and rms.iloc[-1] < 0.08


def test_monte_carlo_finds_the_values_of_the_random_walk() -> None:
    params = {"epsilon": 1.0, "step_size": "average"}
    result = learn(corridor(), "monte_carlo", params, seeds=40, episodes=400)
    policy = result.frames["policy"]
    learnt = policy[["q:left", "q:right"]].mean(axis=1).to_numpy()[1:-1]
    np.testing.assert_allclose(learnt, WALK, atol=0.02)
    # To go left or right is worth what the neighbour is worth.
    np.testing.assert_allclose(policy["q:right"][1:-1], [*WALK[1:], 1], atol=0.03)
